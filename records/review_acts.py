"""What people do about reviews: ask for one, close one, dispute a check. Each act holds the call's row meanwhile."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, delete, select, update

from records import access, audit, review_record, transcripts
from records.calls import Call
from records.campaigns import NotUsable
from records.db import now, stored_id
from records.identity import Identity, NotFound, require
from records.lines import paragraph, unshown
from records.moves import note
from records.results import CheckResult, Version
from records.reviews import Dispute, Review, ReviewedCheck, ReviewState
from records.roles import Permission
from records.statuses import Verdict

LONGEST_WORDS = 2000  # characters of a comment or a dispute

Scored = Callable[[Sequence[CheckResult], Mapping[int, Verdict]], float | None]


class Overtaken(Exception):  # noqa: N818  what happened to whoever was second
    """Somebody else was first; the message says who did what, and how to go on."""


@dataclass(frozen=True)
class Decision:
    """What a person found of the check at a position; the AI's own verdict confirms it."""

    position: int
    verdict: Verdict
    comment: str = ""


def begin(session: Session, version: Version) -> ReviewState:
    """What a new version asks of people: a flagged one waits in the queue. The review before stays on its version.

    A rerun is no answer to an agent, so that one whose dispute nobody has answered waits on, flagged or not.
    """
    if not version.flagged and not _unanswered(session, version.call_id):
        return ReviewState.NONE
    session.add(Review(version_id=stored_id(version.id), call_id=version.call_id))
    return ReviewState.OPEN


def close(
    session: Session,
    who: Identity,
    call_id: str,
    number: int,
    decisions: Iterable[Decision],
    *,
    comment: str,
    seen: str,
    scored: Scored,
) -> Review:
    """Close the review of a version with a verdict on each of its checks, and settle what was disputed.

    `seen` is the review's stamp when the reviewer read it. Raises Overtaken when it has changed, NotUsable for
    decisions that are missing or unexplained, NotFound, NotAllowed.
    """
    require(who, Permission.CALL_REPROCESS)
    call = _held(session, who, call_id, Permission.CALL_REPROCESS)
    version = _version(session, call, number)
    review = _review(session, version)
    _not_overtaken(session, review, seen)
    checks = transcripts.checks(session, version)
    decided = _decided(checks, decisions)
    said = _said(comment, "The comment")
    at = now()
    session.exec(delete(ReviewedCheck).where(col(ReviewedCheck.review_id) == review.id))
    session.add_all(_reviewed(review, check, decided[check.position], who) for check in checks)
    review.state, review.closed_at, review.closed_by, review.comment = ReviewState.CLOSED, at, who.label, said
    review.score = scored(checks, {position: each.verdict for position, each in decided.items()})
    answered = select(Review.id).join(Version, col(Version.id) == Review.version_id)
    answered = answered.where(Review.call_id == call.id, col(Version.number) <= number)
    session.exec(
        update(Dispute)
        .where(col(Dispute.review_id).in_(answered), col(Dispute.settled_at).is_(None))
        .values(settled_at=at)
    )
    _show(call, version, ReviewState.CLOSED, review.score)
    changed = sum(decided[check.position].verdict is not check.verdict for check in checks)
    _tell(session, who, call, "review.close", _closing_words(version, len(checks), changed, review.score))
    return review


def reopen(session: Session, who: Identity, call_id: str) -> Review:
    """Ask for a review of the newest version, whether or not there was one; what was decided before is kept.

    Raises NotUsable before the first result, NotFound, NotAllowed.
    """
    require(who, Permission.CALL_REPROCESS)
    call = _held(session, who, call_id, Permission.CALL_REPROCESS)
    version = _newest(session, call)
    before = session.exec(select(Review).where(Review.version_id == version.id)).first()
    if before is not None and before.state is ReviewState.OPEN:
        return before
    review = _opened(session, call, version, before)
    _tell(session, who, call, "review.reopen", "Review opened again." if before else "Review asked for.")
    return review


def dispute(session: Session, who: Identity, call_id: str, number: int, *, position: int, words: str) -> Dispute:
    """Say that a check of the newest version was judged wrongly: its review opens, or opens again.

    Whoever may read a call may dispute it. Raises Overtaken when `number` is no longer the newest, NotUsable for empty
    words or a check that is disputed already, NotFound, NotAllowed.
    """
    require(who, Permission.CALL_READ)
    call = _held(session, who, call_id, Permission.CALL_READ)
    version = _newest(session, call)
    if version.number != number:
        raise Overtaken("A newer result of this call has come meanwhile. Look at it, and dispute that one.")
    said = _said(words, "What you say")
    if not said:
        raise NotUsable("Say in a sentence what the check overlooked or misread.")
    check = next((each for each in transcripts.checks(session, version) if each.position == position), None)
    if check is None:
        raise NotUsable("Choose the check that you dispute.")
    standing = review_record.of(session, version)
    if any(each.dispute.settled_at is None for each in standing.about(check)):
        raise NotUsable("This check is disputed already, and waits for a reviewer's answer.")
    review = standing.review
    if review is None or review.state is not ReviewState.OPEN:
        review = _opened(session, call, version, review)
    made = Dispute(review_id=stored_id(review.id), position=position, words=said, user_id=who.user_id, by=who.label)
    session.add(made)
    session.flush()
    _tell(session, who, call, "review.dispute", f"Disputed '{check.name}'. The call waits for a review.")
    return made


def _held(session: Session, who: Identity, call_id: str, permission: Permission) -> Call:
    """The call, nobody else's to change before this transaction ends; the pipeline's neither."""
    wanted = access.calls(who, permission).where(Call.id == call_id).with_for_update()
    asked = wanted.execution_options(populate_existing=True)
    found = session.exec(asked).first() if call_id.isprintable() else None
    if found is None:
        raise NotFound("There is no such call.")
    return found


def _version(session: Session, call: Call, number: int) -> Version:
    found = session.exec(select(Version).where(Version.call_id == call.id, Version.number == number)).first()
    if found is None:
        raise NotFound("This call has no such version.")
    return found


def _newest(session: Session, call: Call) -> Version:
    if not call.version_number:
        raise NotUsable("This call has no result yet. It can be reviewed once it is Completed.")
    return _version(session, call, call.version_number)


def _review(session: Session, version: Version) -> Review:
    found = session.exec(select(Review).where(Review.version_id == version.id)).first()
    if found is None:
        raise NotUsable("Nobody has asked for a review of this result. Start one first.")
    return found


def _not_overtaken(session: Session, review: Review, seen: str) -> None:
    if review.state is not ReviewState.OPEN:
        raise Overtaken(
            f"{review.closed_by} closed this review before you, and yours was not saved. What you entered is kept in "
            "this browser: open the review again to go on with it."
        )
    if review_record.stamp(session, review) != seen:
        raise Overtaken(
            "A check was disputed, or the review opened again, while you worked. What you entered is kept: look at "
            "what is new, then close the review."
        )


def _opened(session: Session, call: Call, version: Version, before: Review | None) -> Review:
    review = before or Review(version_id=stored_id(version.id), call_id=call.id)
    review.state, review.opened_at = ReviewState.OPEN, now()
    review.closed_at, review.closed_by, review.score = None, "", None
    session.add(review)
    session.flush()
    _show(call, version, ReviewState.OPEN, None)
    return review


def _show(call: Call, version: Version, state: ReviewState, score: float | None) -> None:
    """Let the call say how its newest version's review stands; that of an older one is nobody's figure."""
    if version.number != call.version_number:
        return
    closed = state is ReviewState.CLOSED
    call.review, call.reviewed_score = state, score
    call.effective_score = score if closed else version.score
    call.updated_at = now()


def _decided(checks: Sequence[CheckResult], decisions: Iterable[Decision]) -> dict[int, Decision]:
    given = {each.position: each for each in decisions}
    if given.keys() - {check.position for check in checks}:
        raise NotUsable("These are not the checks of this result. Open the review again.")
    missing = [check.name for check in checks if check.position not in given]
    if missing:
        raise NotUsable(f"Give a verdict on each check. Still without one: {', '.join(missing[:5])}.")
    return {check.position: _usable(check, given[check.position]) for check in checks}


def _usable(check: CheckResult, decision: Decision) -> Decision:
    said = _said(decision.comment, f"The comment on '{check.name}'")
    if decision.verdict is not check.verdict:
        if decision.verdict is Verdict.NOT_EVALUATED:
            raise NotUsable(f"Say of '{check.name}' whether it passed, failed or does not apply.")
        if check.verdict is not Verdict.NOT_EVALUATED and not said:  # where nobody judged, nobody is contradicted
            raise NotUsable(f"Say why the verdict on '{check.name}' is another.")
    return Decision(decision.position, decision.verdict, said)


def _reviewed(review: Review, check: CheckResult, decision: Decision, who: Identity) -> ReviewedCheck:
    return ReviewedCheck(
        review_id=stored_id(review.id),
        position=check.position,
        check_id=check.check_id,
        was=check.verdict,
        verdict=decision.verdict,
        comment=decision.comment,
        by=who.label,
    )


def _said(text: str, what: str) -> str:
    kept = paragraph(text)
    if len(kept) > LONGEST_WORDS:
        raise NotUsable(f"{what} may have at most {LONGEST_WORDS:,} characters, and this has {len(kept):,}.")
    if any(unshown(line) for line in kept.split("\n")):
        raise NotUsable(f"{what} holds characters that cannot be shown. Type it instead of pasting it.")
    return kept


def _unanswered(session: Session, call_id: str) -> bool:
    raised = select(Dispute.id).join(Review, col(Review.id) == Dispute.review_id)
    waiting = raised.where(Review.call_id == call_id, col(Dispute.settled_at).is_(None)).limit(1)
    return session.exec(waiting).first() is not None


def _closing_words(version: Version, checks: int, changed: int, score: float | None) -> str:
    found = f"{changed} of {checks} verdicts changed" if changed else "every verdict confirmed"
    came_to = "no score" if score is None else f"score {score:.1f}".removesuffix(".0")
    return f"Review of version {version.number} closed: {found}, {came_to}."


def _tell(session: Session, who: Identity, call: Call, act: str, words: str) -> None:
    """A line for the call's timeline and one for the audit log."""
    note(session, call, was=call.status, to=call.status, words=words, by=who.label)
    audit.log(session, who, act, f"call {call.id}", campaign_id=call.campaign_id, words=words)
