"""Who may do what: every act of the product and each of the roles, as data. docs/roles.md says the same in words."""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address
from typing import Any, NamedTuple

import pytest

from pipeline import announced, many
from pipeline.intake import Arrival, Facts
from pipeline.reruns import Busy, NothingToAnalyze
from records import access, db
from records.agent_edits import Profile
from records.agent_import import Line
from records.campaigns import Changes
from records.check_edits import ChangedMeanwhile
from records.checks import CheckSpec, PhraseRule
from records.identity import NotAllowed, NotFound
from records.people_edits import NewPerson
from records.review_acts import Decision, Overtaken
from records.roles import Role
from records.sftp_folders import FolderChanges
from records.statuses import RunReason, SftpFileStatus, Source, Verdict
from tests.pipeline.arriving import here, nobody, wav
from tests.security import acts
from tests.security.acted import PUBLIC, Things, name, serial
from tests.security.reading import READING

EVERYBODY = {"adam", "mia", "max", "carla", "sam", "olivia"}
MANAGERS = {"mia", "carla", "sam", "olivia"}  # Max manages another campaign
AGENTS_KEEPERS = {"mia", "sam", "olivia"}
SENIOR = {"sam", "olivia"}
HOLDERS = {"carla", "olivia"}
OWNER = {"olivia"}
SEE_THE_CALL = {"adam", *MANAGERS}
BEHIND_THE_DOOR = (Busy, ChangedMeanwhile, NothingToAnalyze, Overtaken)  # told to those who may
NO_SPEECH = "no_speech"
SPEC = CheckSpec(name="Greeting", rule=PhraseRule(any=("hello",)))


class Act(NamedTuple):
    """Who may, and what one gives the function besides oneself."""

    may: set[str]
    given: Callable[[Things], tuple[Any, ...]]
    named: Callable[[Things], Mapping[str, Any]] = lambda _: {}


def resolved(_host: str, _port: int) -> list[IPv4Address]:
    return [IPv4Address("93.184.216.34")]


def arrival() -> Arrival:
    return Arrival("support", "call.wav", [wav(next(serial))], Source.API, Facts())


RESOLVED, NOWHERE = {"resolve": resolved}, {"resolve": lambda *_: []}
ACTS = {
    "pipeline.amend.amend": Act(MANAGERS, lambda t: (t.call(), {"external_id": "B-2"})),
    "pipeline.amend.link": Act(MANAGERS, lambda t: (t.call(), t.ada.id)),
    "pipeline.bulk.cancel": Act(MANAGERS, lambda t: (t.job(),)),
    "pipeline.bulk_retry.retry": Act(MANAGERS, lambda t: (t.job(failed=NO_SPEECH), NO_SPEECH, lambda _: None)),
    "pipeline.campaign_settings.change": Act(SENIOR, lambda _: ("support", Changes(language="de"))),
    "pipeline.campaign_settings.change_checks": Act(SENIOR, lambda _: ("support", []), lambda _: {"seen": "other"}),
    "pipeline.deletion.delete_call": Act(OWNER, lambda t: (t.call(),)),
    "pipeline.intake.open_campaign": Act(MANAGERS, lambda _: ("support",)),
    "pipeline.intake.receive": Act(
        MANAGERS, lambda _: (Arrival("support", name(), [wav()], Source.API, Facts()), nobody)
    ),
    "pipeline.many.run": Act(
        MANAGERS, lambda t: (many.Act.RERUN_TRANSCRIPTION, [t.call()], lambda *_: None, lambda _: None)
    ),
    "pipeline.many.link": Act(MANAGERS, lambda t: ([t.call(agent_id=None)], t.ada.id, lambda _: None)),
    "pipeline.many.link_back": Act(MANAGERS, lambda t: ({t.call(): t.ada.id}, lambda _: None)),
    "pipeline.reruns.rerun": Act(MANAGERS, lambda t: (t.call(), RunReason.RERUN_TRANSCRIPTION)),
    "pipeline.resumable.begin": Act(
        MANAGERS, lambda _: ("somebody", "support", announced.Announced("a.wav", 9, Facts()))
    ),
    "pipeline.reviewing.close": Act(
        MANAGERS,
        lambda t: (t.reviewed(), 1, [Decision(0, Verdict.FAIL)]),
        lambda _: {"seen": "other", "comment": ""},
    ),
    "records.review_acts.close": Act(
        MANAGERS,
        lambda t: (t.reviewed(), 1, [Decision(0, Verdict.FAIL)]),
        lambda _: {"seen": "other", "comment": "", "scored": lambda *_: None},
    ),
    "records.review_acts.reopen": Act(MANAGERS, lambda t: (t.reviewed(),)),
    "records.review_acts.dispute": Act(
        SEE_THE_CALL, lambda t: (t.reviewed(), 1), lambda _: {"position": 0, "words": "I said it."}
    ),
    "pipeline.sftp.acts.retry": Act(MANAGERS, lambda t: ([t.file()],)),
    "pipeline.sftp.acts.retry_batch": Act(MANAGERS, lambda t: (t.batch,)),
    "pipeline.sftp.acts.import_as_new": Act(MANAGERS, lambda t: (t.file(SftpFileStatus.DUPLICATE, "same_path"),)),
    "pipeline.sftp.acts.take_cut_short": Act(MANAGERS, lambda t: (t.cut_short(),)),
    "pipeline.sftp.acts.process_now": Act(MANAGERS, lambda t: (t.batch,)),
    "pipeline.sftp.configuring.configure": Act(SENIOR, lambda _: ("support", FolderChanges(folder="support"))),
    "records.sftp_folders.configure": Act(SENIOR, lambda _: ("support", FolderChanges(folder="support"))),
    "records.sftp_folders.quiet": Act(SENIOR, lambda _: ("support",)),
    "pipeline.standing.try_now": Act(SENIOR, lambda _: ("local",)),
    "pipeline.swapping.swap": Act(MANAGERS, lambda t: (t.reviewed(),)),
    "pipeline.tryout.tried": Act(SENIOR, lambda t: (t.reviewed(), SPEC)),
    "pipeline.webhooks.subscription.create": Act(SENIOR, lambda _: ("support", PUBLIC), lambda _: RESOLVED),
    "pipeline.webhooks.subscription.edit": Act(SENIOR, lambda t: (t.webhook(),), lambda _: {"url": PUBLIC, **RESOLVED}),
    "pipeline.webhooks.subscription.try_out": Act(
        SENIOR, lambda t: (t.webhook(),), lambda _: {"resolve": lambda *_: []}
    ),
    "records.webhooks.create": Act(SENIOR, lambda _: ("support", PUBLIC)),
    "records.webhooks.edit": Act(SENIOR, lambda t: (t.webhook(),), lambda _: {"active": False}),
    "records.webhooks.rotate": Act(SENIOR, lambda t: (t.webhook(),)),
    "records.webhooks.pause": Act(SENIOR, lambda t: (t.webhook(),)),
    "records.deliveries.replay": Act(SENIOR, lambda t: (t.delivery(),)),
    "records.deliveries.resume": Act(SENIOR, lambda t: (t.webhook(),)),
    "records.deliveries.remove": Act(SENIOR, lambda t: (t.webhook(),)),
    "records.agent_edits.create": Act(AGENTS_KEEPERS, lambda _: (Profile(name(), campaigns=("support",)),)),
    "records.agent_edits.edit": Act(AGENTS_KEEPERS, lambda t: (t.agent(),), lambda _: {"name": name(), "team": ""}),
    "records.agent_edits.add_alias": Act(AGENTS_KEEPERS, lambda t: (t.agent(), name())),
    "records.agent_edits.remove_alias": Act(AGENTS_KEEPERS, lambda t: t.agent_with_alias()),
    "records.agent_edits.set_campaigns": Act(AGENTS_KEEPERS, lambda t: (t.agent(), ["support"])),
    "records.agent_edits.set_active": Act(AGENTS_KEEPERS, lambda t: (t.agent(),), lambda _: {"active": False}),
    "records.agent_import.bring": Act({*AGENTS_KEEPERS, "max"}, lambda _: ([Line(1, name())],)),
    "records.agent_merge.merge": Act(AGENTS_KEEPERS, lambda t: (t.agent(), t.agent())),
    "records.agent_people.link": Act(SENIOR, lambda t: (t.agent(), t.somebody())),
    "records.agent_people.unlink": Act(SENIOR, lambda t: (t.agent(), t.somebody())),
    "records.agent_unlinked.link": Act(AGENTS_KEEPERS, lambda t: ([name()], t.agent())),
    "records.api_keys.create": Act(SENIOR, lambda _: ("support",)),
    "records.api_keys.revoke": Act(SENIOR, lambda t: (t.key(),)),
    "records.bulk.create": Act(MANAGERS, lambda _: ("support",), lambda _: {"expected": 3}),
    "records.bulk.expect": Act(MANAGERS, lambda t: (t.job(), 4)),
    "records.campaigns.create": Act(SENIOR, lambda _: (name(),)),
    "records.campaigns.edit": Act(SENIOR, lambda _: ("support", Changes(language="de"))),
    "records.check_edits.replace": Act(SENIOR, lambda _: ("support", []), lambda _: {"seen": "other"}),
    "records.members.add": Act(SENIOR, lambda t: ("support", [t.somebody()])),
    "records.members.remove": Act(SENIOR, lambda t: ("support", t.member())),
    "records.people_edits.add": Act(SENIOR, lambda _: (newcomer(), "a hash")),
    "records.people_edits.invite": Act(SENIOR, lambda _: (newcomer(),)),
    "records.people_edits.new_link": Act(SENIOR, lambda t: (t.somebody(),)),
    "records.people_edits.set_password": Act(SENIOR, lambda t: (t.somebody(), "a hash")),
    "records.people_edits.set_name": Act(SENIOR, lambda t: (t.somebody(), name())),
    "records.people_edits.set_role": Act(SENIOR, lambda t: (t.somebody(), Role.AGENT)),
    "records.people_edits.set_campaigns": Act(SENIOR, lambda t: (t.somebody(), ["support"])),
    "records.people_edits.link_agent": Act(SENIOR, lambda t: (t.somebody(), t.agent())),
    "records.people_edits.deactivate": Act(SENIOR, lambda t: (t.somebody(),)),
    "records.people_edits.reactivate": Act(SENIOR, lambda t: (t.somebody(),)),
    "records.retention.hold": Act(HOLDERS, lambda t: (t.call(),)),
    "records.retention.end_hold": Act(HOLDERS, lambda t: (t.call(),)),
    "records.saved_view_edits.save": Act(EVERYBODY, lambda _: (name(), "status=failed"), lambda _: {"shared": False}),
    "records.saved_view_edits.change": Act(SENIOR, lambda t: (t.shared_view(), name()), lambda _: {"shared": True}),
    "records.saved_view_edits.delete": Act(SENIOR, lambda t: (t.shared_view(),)),
}
SHARES = range(4)  # in one world each: to make one takes longer than an act
# Done to oneself alone: there is nobody who may not, and nothing of another's that could be named.
ONES_OWN = {"records.password_choices.by_the_old_one", "records.sessions.end_one", "records.sessions.end_mine"}
# Only to an Owner may nobody but an Owner do this.
TO_AN_OWNER = ("set_name", "new_link", "deactivate")


def newcomer(role: Role = Role.MANAGER) -> NewPerson:
    return NewPerson(f"{name().replace(' ', '-')}@example.org", "New", role)


@pytest.fixture
def things(home, monkeypatch) -> Things:
    monkeypatch.setattr("pipeline.children.run", here)
    return Things()


def test_every_function_that_is_told_who_asks_is_an_act_or_reads():
    assert acts.taking_identities() == {*ACTS, *ONES_OWN, *READING}
    assert not {*ACTS, *ONES_OWN} & READING


@pytest.mark.parametrize("share", SHARES)
def test_each_act_is_open_to_those_whom_the_table_names(things: Things, share):
    names = list(ACTS)[share :: SHARES.stop]
    found = {act: {each for each in sorted(EVERYBODY) if done(things, each, act)} for act in names}
    assert found == {act: ACTS[act].may for act in names}


@pytest.mark.parametrize("act", TO_AN_OWNER)
def test_only_an_owner_changes_an_owner(things: Things, act):
    whole = f"records.people_edits.{act}"
    given = {"set_name": (name(),)}.get(act, ())
    refused = {each for each in EVERYBODY if not done(things, each, whole, (things.somebody(Role.OWNER), *given))}
    assert refused == EVERYBODY - OWNER


@pytest.mark.parametrize("made", ["add", "set_role"])
def test_only_an_owner_makes_an_owner(things: Things, made):
    def given() -> tuple[Any, ...]:
        return (newcomer(Role.OWNER), "a hash") if made == "add" else (things.somebody(), Role.OWNER)

    assert {each for each in EVERYBODY if done(things, each, f"records.people_edits.{made}", given())} == OWNER


def done(things: Things, person: str, act: str, given: tuple[Any, ...] = ()) -> bool:
    """Whether this person may; whoever comes as far as being told that the thing is not so may."""
    function, whole = acts.function(act), given or ACTS[act].given(things)
    with db.reading() as session:
        who = access.identity(session, getattr(things, person))
    named = {} if given else ACTS[act].named(things)
    try:
        if not acts.wants_session(function):
            found = function(who, *whole, **named)
        else:
            with db.writing() as session:
                found = function(session, who, *whole, **named)
    except (NotAllowed, NotFound):
        return False
    except BEHIND_THE_DOOR:
        return True
    return not isinstance(found, many.Outcome) or found.done > 0
