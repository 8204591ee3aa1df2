"""The drawer of one check: written by its kind, tried on a call, applied to the draft."""

import pytest
from sqlmodel import select

from config import settings
from dashboard.campaigns import trial
from pipeline import tryout
from pipeline.tryout import NotTried
from records import db
from records.campaigns import Campaign
from records.checks import AiRule, Check, MetricRule, PhraseRule
from records.people import User
from records.results import StoredTranscript
from records.roles import Role
from tests.conftest import CHECKS
from tests.pages.conftest import mounted, shown
from tests.pipeline.evaluators.conftest import _claude_server, claude  # noqa: F401  fixtures made elsewhere
from tests.pipeline.made import measured
from tests.records.finished import finished_call

DRAFT = "checks-draft-support"


@pytest.fixture
def support(cast) -> Campaign:
    with db.writing() as session:
        for place, spec in enumerate(CHECKS, start=1):
            session.add(Check.of(spec, campaign_id=cast.support.id or 0, position=place))
        finished_call(session, cast.support, filename="*nice* call.wav")
        finished_call(session, cast.sales, filename="sales.wav")
        for stored in session.exec(select(StoredTranscript)):
            stored.figures = measured(12, speech_s=90.0, longest_silence_s=2.5).model_dump(mode="json")
    return cast.support


@pytest.fixture
def drawer(cast, support, see):
    """`drawer(row)`: the drawer, open on a row (from 0) or on a new check."""

    def begin(row: int | None = None):
        at = see(cast.sam, "campaign.py", id="support")
        draft = at.session_state[DRAFT]
        draft.opened = "new" if row is None else draft.rows[row].key
        return at.run()

    return begin


def fill(at, **values):
    kinds = {"criterion": "text_area", "phrases": "text_area", "name": "text_input", "weight": "number_input"}
    kinds |= {"seconds": "number_input", "at_least": "number_input", "at_most": "number_input", "kind": "button_group"}
    for name, value in values.items():
        getattr(at, kinds.get(name, "selectbox"))(key=f"check-{name}").set_value(value)
        at.run()
    return at


def apply(at):
    return at.button(key="check-apply").click().run()


def kept(at):
    return at.session_state[DRAFT].kept


def errors(at) -> str:
    return " ".join(each.value for each in at.error)


def test_a_check_is_shown_as_it_is_and_cancel_leaves_it(drawer):
    at = drawer(0)
    assert at.text_input(key="check-name").value == "Greeting"
    assert at.text_area(key="check-phrases").value == "thank you for calling"
    assert at.selectbox(key="check-speaker").value == "agent"
    fill(at, name="Other")
    at.button(key="check-cancel").click().run()
    assert not at.session_state[DRAFT].changed
    assert "check-apply" not in {button.key for button in at.button}


def test_a_phrase_check_is_written_one_phrase_a_line(drawer):
    at = fill(drawer(0), phrases=" thanks  for calling \n\n good day\n", how="all", when="last", seconds=45.0)
    apply(at)
    rule = PhraseRule(all=("thanks for calling", "good day"), speaker="agent", within_last_s=45)
    assert (kept(at)[0].id, kept(at)[0].spec.rule) == (1, rule)


def test_a_metric_is_written_in_the_units_that_people_read(drawer):
    at = fill(drawer(2), metric="agent_talk_share", at_least=25.0, at_most=70.0)
    apply(at)
    assert kept(at)[2].spec.rule == MetricRule(metric="agent_talk_share", at_least=0.25, at_most=0.7)


def test_a_new_ai_check_comes_at_the_end_of_its_section(drawer):
    at = fill(drawer(), name=" Polite ", section="Opening", weight=7.5, criterion="The agent is polite.")
    apply(at)
    new = kept(at)[2]
    assert (new.id, new.spec.name, new.spec.section, new.spec.weight) == (None, "Polite", "Opening", 7.5)
    assert new.spec.rule == AiRule(criterion="The agent is polite.")


@pytest.mark.parametrize(
    ("row", "values", "said"),
    [
        (None, {"criterion": "Polite."}, "Give it a name."),
        (0, {"name": "disclosure"}, "Another check of this section has this name already."),
        (0, {"weight": None}, "Give a weight from 0 to 100."),
        (None, {"name": "A"}, "Say in words what a call that passes holds"),
        (0, {"when": "first", "seconds": None}, "Give the number of seconds"),
        (0, {"phrases": " \n "}, "Type at least one phrase."),
        (0, {"phrases": "good day\n!!"}, "Line 2: a phrase needs letters or digits"),
        (2, {"at_most": None}, "Give at least one of the two bounds."),
        (2, {"at_least": 30.0}, "The lower bound is above the upper one."),
    ],
)
def test_what_is_wrong_is_said_beside_once_it_is_applied_and_nothing_typed_is_lost(drawer, row, values, said):
    at = fill(drawer(row), **values)
    assert errors(at) == ""
    apply(at)
    assert said in errors(at)
    assert not at.session_state[DRAFT].changed
    for name, value in values.items():
        assert at.session_state[f"check-{name}"] == value


def test_a_check_is_tried_on_a_call_before_anything_is_saved(drawer):
    at = fill(drawer(0), phrases="sorry to hear that", when="any")
    assert [option.split(" · ")[0] for option in at.selectbox(key="trial-call").options] == ["*nice* call.wav"]
    at.button(key="trial-go").click().run()
    [section] = shown(at, "checks")["sections"]
    [found] = section["checks"]
    assert (found["verdict"]["label"], found["evidence"][0]["quote"]) == ("Pass", "sorry to hear that.")
    assert found["evidence"][0]["speaker"] == "0:10 Agent"
    fill(at, phrases="never said at all")
    assert "Found before you changed the check" in " ".join(each.value for each in at.caption)


def test_a_dialog_that_the_address_opens_goes_first(cast, support, see):
    at = see(cast.sam, "campaign.py", id="support", delivery="1")
    at.session_state[DRAFT].opened = "new"
    at.run()
    assert not at.exception
    assert "check-apply" not in {button.key for button in at.button}


def test_an_incomplete_check_cannot_be_tried(drawer):
    at = drawer()
    assert at.button(key="trial-go").disabled
    assert "Complete the check to try it." in [each.value for each in at.caption]


def test_a_call_is_found_by_its_name(drawer):
    at = drawer(0)
    at.text_input(key="trial-text").set_value("sales").run()
    assert at.selectbox(key="trial-call").options == []
    assert at.button(key="trial-go").disabled
    at.text_input(key="trial-text").set_value("NICE").run()
    assert len(at.selectbox(key="trial-call").options) == 1


def test_an_ai_check_is_tried_by_one_request(drawer, claude, monkeypatch):  # noqa: F811  the fixture
    monkeypatch.setenv("ANTHROPIC_BASE_URL", claude.url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", claude.key)
    settings.cache_clear()
    at = fill(drawer(), name="Sorry", criterion='The agent says "sorry".')
    assert "Costs one request to Claude; nothing is stored." in [each.value for each in at.caption]
    at.button(key="trial-go").click().run()
    [found] = shown(at, "checks")["sections"][0]["checks"]
    assert (found["verdict"]["label"], found["facts"]) == ("Pass", ["AI", "90% sure"])
    assert len(claude.paid) == 1
    claude.key = "another"
    at.button(key="trial-go").click().run()
    assert "Check ANTHROPIC" in errors(at)


def test_an_error_is_said_in_words(drawer, monkeypatch):
    def fails(*_told):
        raise NotTried("No *luck* today.")

    monkeypatch.setattr(tryout, "tried", fails)
    at = drawer(0)
    at.button(key="trial-go").click().run()
    assert errors(at) == r"No \*luck\* today\."
    assert "checks" not in mounted(at)


def test_without_completed_calls_there_is_nothing_to_try_on(cast, see):
    at = see(cast.sam, "campaign.py", id="sales")
    at.session_state["checks-draft-sales"].opened = "new"
    at.run()
    assert "no completed call yet" in " ".join(each.value for each in at.caption)


def test_who_loses_the_role_while_the_drawer_is_open_tries_nothing(cast, drawer, monkeypatch):
    at = drawer(0)
    with db.writing() as session:
        session.get_one(User, cast.sam.id).role = Role.MANAGER
    monkeypatch.setattr(trial, "_try", lambda *_told: pytest.fail("tried"))
    at.button(key="trial-go").click().run()
    assert "check-apply" not in {button.key for button in at.button}
