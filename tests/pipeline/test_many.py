"""One act on many calls: those that cannot have it are counted, and nobody acts beyond their reach."""

import pytest
from sqlmodel import select

from pipeline import many
from pipeline.asking import first_look
from pipeline.many import Act
from records import access, db
from records.audit import AuditEntry
from records.call_filters import Filters
from records.call_order import Sort
from records.calls import Call
from records.campaigns import Campaign, NotUsable
from records.identity import COMMAND_LINE, Identity, NotAllowed, NotFound
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus
from tests.pipeline.made import conversation, transcript
from tests.pipeline.staging import Play, call_of, drive, enter, versions
from tests.records.made import agent, person, stored_call, stored_campaign


def nothing(_behind: int) -> None:
    """Nobody watches."""


def stored(campaign: Campaign, **status_by_name: CallStatus) -> dict[str, str]:
    with db.writing() as session:
        return {
            name: stored_call(session, campaign, filename=name, status=status).id
            for name, status in status_by_name.items()
        }


def call(call_id: str) -> Call:
    with db.reading() as session:
        return session.get_one(Call, call_id)


def acts() -> list[tuple[str, str, object]]:
    with db.reading() as session:
        return [
            (line.act, line.subject, line.details.get("calls"))
            for line in session.exec(select(AuditEntry))
            if line.act == "call.many"
        ]


def test_each_call_that_can_begins_a_run_and_the_others_are_counted(store: Campaign, play: Play):
    play.says = transcript(conversation(("agent", "Thank you for calling."), ("customer", "Hello.")))
    first = enter(store)
    drive(first)
    judged = call_of(first.run_id).id
    ids = stored(store, raw=CallStatus.FAILED, busy=CallStatus.ANALYZING, other=CallStatus.TRANSCRIBING)
    began: list[tuple[Call, Run]] = []
    heard: list[int] = []
    asked = [judged, *ids.values(), "f" * 32, judged]
    outcome = many.run(COMMAND_LINE, Act.RUN_ANALYSIS, asked, lambda *what: began.append(what), heard.append)
    assert (outcome.done, outcome.total) == (1, 5)
    assert outcome.passed_over == {"being processed": 2, "without a transcript": 1, "not there any more": 1}
    assert [made.id for made, _run in began] == [judged]
    assert heard == [1, 2, 3, 4, 5]
    drive(first_look(began[0][1]))
    assert len(versions(call(judged))) == 2
    assert acts() == [("call.many", "run analysis", 5)]


def test_speakers_are_swapped_where_they_are_named(store: Campaign, play: Play):
    play.says = transcript(conversation(("agent", "Thank you for calling."), ("customer", "Hello.")))
    first = enter(store)
    drive(first)
    began: list[tuple[Call, Run]] = []
    outcome = many.run(
        COMMAND_LINE, Act.SWAP_SPEAKERS, [call_of(first.run_id).id], lambda *what: began.append(what), nothing
    )
    assert outcome.done == len(began) == 1


def test_transcriptions_begin_anew(store: Campaign):
    ids = stored(store, one=CallStatus.FAILED, two=CallStatus.COMPLETED)
    outcome = many.run(COMMAND_LINE, Act.RERUN_TRANSCRIPTION, list(ids.values()), lambda *_what: None, nothing)
    assert outcome.done == 2
    assert {call(each).status for each in ids.values()} == {CallStatus.PENDING}


def test_an_agent_is_linked_and_the_way_back_leads_to_whom_it_was(store: Campaign):
    ids = stored(store, one=CallStatus.COMPLETED, two=CallStatus.COMPLETED, three=CallStatus.ANALYZING)
    with db.writing() as session:
        ada, ben = agent(session, "Ada"), agent(session, "Ben")
        for name, linked in (("one", ben), ("three", ada)):
            session.get_one(Call, ids[name]).agent_id = linked.id
    outcome = many.link(COMMAND_LINE, list(ids.values()), ada.id, nothing)
    assert (outcome.done, outcome.passed_over) == (2, {many.SAME_AGENT: 1})
    assert {call(each).agent_id for each in ids.values()} == {ada.id}
    back = many.link_back(COMMAND_LINE, outcome.before, nothing)
    assert back.done == 2
    assert [call(ids[name]).agent_id for name in ("one", "two", "three")] == [ben.id, None, ada.id]


def test_an_agent_who_is_not_there_is_refused_before_anything_is_done(store: Campaign):
    ids = stored(store, one=CallStatus.COMPLETED)
    with pytest.raises(NotFound):
        many.link(COMMAND_LINE, list(ids.values()), 77, nothing)
    assert acts() == []


@pytest.mark.parametrize("role", Role)
def test_nobody_acts_beyond_their_reach(desk: Campaign, role: Role):
    with db.writing() as session:
        other, ada = stored_campaign(session, "Elsewhere"), agent(session, "Ada")
        user = person(
            session, role, *([desk] if role is Role.MANAGER else []), agent_id=ada.id if role is Role.AGENT else None
        )
        who: Identity = access.identity(session, user)
    ids = [*stored(desk, mine=CallStatus.FAILED).values(), *stored(other, theirs=CallStatus.FAILED).values()]
    if role is Role.AGENT:
        for act in (
            lambda: many.matching(who, Filters()),
            lambda: many.run(who, Act.RERUN_TRANSCRIPTION, ids, lambda *_: None, nothing),
        ):
            with pytest.raises(NotAllowed):
                act()
        return
    reach = 1 if role is Role.MANAGER else 2
    assert len(many.matching(who, Filters())) == reach
    outcome = many.run(who, Act.RERUN_TRANSCRIPTION, ids, lambda *_: None, nothing)
    assert (outcome.done, outcome.passed_over.total()) == (reach, 2 - reach)


def test_all_that_match_are_the_first_of_the_list_in_its_order(desk: Campaign, monkeypatch):
    monkeypatch.setattr(many, "MOST", 2)
    with db.writing() as session:
        ids = [stored_call(session, desk, score=float(n), status=CallStatus.COMPLETED).id for n in range(3)]
    assert many.matching(COMMAND_LINE, Filters(), Sort.LOWEST) == ids[:2]
    assert many.matching(COMMAND_LINE, Filters(score_from=2.0)) == ids[2:]


def test_none_and_too_many_are_refused_in_words(desk: Campaign, monkeypatch):
    monkeypatch.setattr(many, "MOST", 2)
    for ids, words in (([], "Choose calls first"), (["a", "b", "c"], "At most 2 calls")):
        with pytest.raises(NotUsable, match=words):
            many.run(COMMAND_LINE, Act.RUN_ANALYSIS, ids, lambda *_: None, nothing)
