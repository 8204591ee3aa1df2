"""The tab General: settings as people change them."""

from datetime import timedelta

import pytest

from config import settings
from records import campaigns, db
from records.access import COMMAND_LINE
from records.campaigns import Campaign
from records.checks import Check
from records.people import User
from records.roles import Role
from records.statuses import CallStatus
from tests.conftest import CHECKS
from tests.records.made import stored_call

SAVE, RESET = "general-save-support", "general-reset-support"


@pytest.fixture
def support(cast) -> Campaign:
    with db.writing() as session:
        for place, spec in enumerate(CHECKS, start=1):
            session.add(Check.of(spec, campaign_id=cast.support.id or 0, position=place))
    return cast.support


@pytest.fixture
def deepgram(monkeypatch) -> None:
    monkeypatch.setenv("DEEPGRAM_API_KEY", "k")
    settings.cache_clear()


def stored() -> Campaign:
    with db.reading() as session:
        return session.get_one(Campaign, 1)


def elsewhere(**wanted: object) -> None:
    """Somebody else changes it."""
    with db.writing() as session:
        campaigns.edit(session, COMMAND_LINE, "support", campaigns.changes(**wanted))


def put(at, kind: str, name: str, value):
    getattr(at, kind)(key=f"general-support-{name}").set_value(value).run()
    return at


def get(at, kind: str, name: str):
    return getattr(at, kind)(key=f"general-support-{name}")


def everything(at) -> str:
    """What is said, without the signs that keep it from being Markdown."""
    said = (str(each.value) for kind in ("markdown", "caption", "error", "info") for each in at.get(kind))
    return " ".join(said).replace("\\", "")


@pytest.mark.parametrize("name", ["olivia", "sam", "carla", "mia"])
def test_only_seniors_have_the_tab(cast, support, see, name):
    at = see(getattr(cast, name), "campaign.py", id="support")
    assert (SAVE in {button.key for button in at.button}) == (name in ("olivia", "sam"))


def test_every_setting_is_saved_at_once_and_only_by_the_button(cast, support, see, deepgram):
    at = see(cast.sam, "campaign.py", id="support")
    assert at.button(key=SAVE).disabled
    put(at, "text_input", "name", "Help desk")
    put(at, "toggle", "active", value=False)
    put(at, "number_input", "flag_threshold", 65.0)
    put(at, "number_input", "review_bound", 0.6)
    put(at, "number_input", "section:Opening", 80.0)
    put(at, "selectbox", "transcriber", "deepgram")
    put(at, "selectbox", "transcriber_model", "nova-2")
    put(at, "selectbox", "language", "de")
    put(at, "selectbox", "channel_map", "agent_left")
    put(at, "toggle", "redact", value=True)
    put(at, "selectbox", "time_zone", "Europe/Vienna")
    put(at, "selectbox", "day_first", value=False)
    assert stored() == support
    at.button(key=SAVE).click().run()
    assert not at.exception
    after = stored()
    assert (after.name, after.active, after.flag_threshold, after.review_bound) == ("Help desk", False, 65, 0.6)
    assert after.section_thresholds == {"Opening": 80}
    assert (after.transcriber, after.transcriber_model, after.language) == ("deepgram", "nova-2", "de")
    assert (after.channel_map, after.redact, after.time_zone, after.day_first) == (
        "agent_left",
        True,
        "Europe/Vienna",
        False,
    )
    assert at.toast[0].value.startswith("Saved: name, takes new calls,")
    assert at.button(key=SAVE).disabled
    assert at.title[0].value == "Help desk"
    assert "Archived" in everything(at)


def test_a_mistake_is_said_beside_and_nothing_typed_is_lost(cast, support, see):
    at = put(see(cast.sam, "campaign.py", id="support"), "text_input", "name", "  ")
    put(at, "number_input", "flag_threshold", 65.0)
    at.button(key=SAVE).click().run()
    assert "A campaign needs a name" in everything(at)
    assert get(at, "number_input", "flag_threshold").value == 65
    assert stored() == support
    put(at, "text_input", "name", "Better")
    at.button(key=SAVE).click().run()
    assert (stored().name, stored().flag_threshold, "needs a name" in everything(at)) == ("Better", 65, False)


def test_redaction_without_one_who_can_is_said_at_once_and_cannot_be_saved(cast, support, see):
    at = put(see(cast.sam, "campaign.py", id="support"), "toggle", "redact", value=True)
    assert "can redact" in everything(at)
    assert at.button(key=SAVE).disabled


def test_only_who_is_set_up_can_be_chosen_and_the_others_say_what_they_need(cast, support, see, deepgram):
    at = see(cast.sam, "campaign.py", id="support")
    assert get(at, "selectbox", "transcriber").options == ["Automatic: Deepgram", "Deepgram", "Offline draft (English)"]
    assert "To use AssemblyAI, set ASSEMBLYAI" in everything(at)
    assert "To use Deepgram" not in everything(at)


def test_one_that_was_set_while_it_had_a_key_is_still_shown(cast, support, see):
    elsewhere(transcriber="assemblyai", transcriber_model="universal-9")
    at = see(cast.sam, "campaign.py", id="support")
    assert "AssemblyAI (not set up)" in get(at, "selectbox", "transcriber").options
    assert get(at, "selectbox", "transcriber_model").value == "universal-9"
    assert at.button(key=SAVE).disabled


def test_another_transcriber_begins_with_its_own_default_model(cast, support, see, deepgram):
    elsewhere(transcriber="deepgram", transcriber_model="nova-2")
    at = put(see(cast.sam, "campaign.py", id="support"), "selectbox", "transcriber", "local")
    assert (get(at, "selectbox", "transcriber_model").value, get(at, "selectbox", "transcriber_model").disabled) == (
        "",
        True,
    )


def test_a_language_that_is_none_of_the_usual_is_shown_too(cast, support, see):
    elsewhere(language="de-AT")
    at = see(cast.sam, "campaign.py", id="support")
    assert get(at, "selectbox", "language").value == "de-AT"
    put(at, "selectbox", "language", "fr")
    at.button(key=SAVE).click().run()
    assert stored().language == "fr"


def test_resetting_takes_every_change_back(cast, support, see):
    at = put(see(cast.sam, "campaign.py", id="support"), "text_input", "name", "Other")
    assert "Unsaved changes: name" in everything(at)
    at.button(key=RESET).click().run()
    assert get(at, "text_input", "name").value == "Support"
    assert at.button(key=SAVE).disabled


def test_what_somebody_else_saves_meanwhile_shows_unless_one_is_typing(cast, support, see):
    at = see(cast.sam, "campaign.py", id="support")
    elsewhere(flag_threshold=50)
    at.run()
    assert get(at, "number_input", "flag_threshold").value == 50
    put(at, "text_input", "name", "Mine")
    elsewhere(flag_threshold=40)
    at.run()
    assert "Somebody else changed these settings" in everything(at)
    at.button(key=SAVE).click().run()
    assert (stored().name, stored().flag_threshold) == ("Mine", 40)
    assert get(at, "number_input", "flag_threshold").value == 40


def test_an_emptied_number_is_no_number(cast, support, see):
    at = put(see(cast.sam, "campaign.py", id="support"), "number_input", "flag_threshold", None)
    assert "Give a number from 0 to 100." in everything(at)
    assert at.button(key=SAVE).disabled


def test_who_loses_the_role_changes_nothing(cast, support, see):
    at = put(see(cast.sam, "campaign.py", id="support"), "text_input", "name", "Mine")
    with db.writing() as session:
        session.get_one(User, cast.sam.id).role = Role.MANAGER
    at.button(key=SAVE).click().run()
    assert stored().name == "Support"


def test_a_tab_has_an_address(cast, support, see):
    at = see(cast.sam, "campaign.py", id="support", tab="general")
    assert not at.exception
    assert not see(cast.sam, "campaign.py", id="support", tab="<nonsense>").exception


# --- retention


def test_how_long_things_are_kept_is_saved_and_what_goes_at_once_is_said_before(cast, support, see):
    with db.writing() as session:
        for days in (10, 40, 100):
            call = stored_call(session, support, status=CallStatus.COMPLETED)
            call.created_at = db.now() - timedelta(days=days)
    at = see(cast.sam, "campaign.py", id="support")
    assert get(at, "selectbox", "keep_recordings_days").options[:3] == ["For ever", "30 days", "60 days"]
    put(at, "selectbox", "keep_recordings_days", 30)
    assert "Recordings of 2 calls are removed once this is saved" in at.warning[0].value
    at.button(key=SAVE).click().run()
    assert (stored().keep_recordings_days, stored().keep_transcripts_days) == (30, 0)
    assert not at.warning


def test_a_time_that_a_command_set_stays_among_the_choices(cast, support, see):
    elsewhere(keep_transcripts_days=77)
    at = see(cast.sam, "campaign.py", id="support")
    assert get(at, "selectbox", "keep_transcripts_days").value == 77
    put(at, "selectbox", "keep_transcripts_days", 0)
    at.button(key=SAVE).click().run()
    assert stored().keep_transcripts_days == 0
