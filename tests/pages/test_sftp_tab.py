"""The tab SFTP of a campaign: its folder, what is expected there, what names say, and what becomes of files."""

import pytest

from records import db, sftp_folders
from records.access import COMMAND_LINE
from records.people import User
from records.roles import Role
from records.sftp_folders import AfterImport, CsvRule, SftpFolder
from records.statuses import SftpBatchStatus
from tests.pages.conftest import Cast, Open
from tests.pages.sftp import cells, keys, set_up
from tests.records.sftp_made import stored_batch, stored_folder
from tests.sshd import SftpServer, sshd

__all__ = ["sshd"]  # a fixture made elsewhere

SAVE, RESET, QUIET = "sftp-save-support", "sftp-reset-support", "sftp-quiet-support"
NAMES = "File names of the folder, and what each tells"
OWN = r"^(?P<customer>\d+)_(?P<agent>[a-z]+)\.wav$"


def tab(see: Open, who: User):
    return see(who, "campaign.py", id="support", tab="sftp")


def put(at, kind: str, name: str, value):
    getattr(at, kind)(key=f"sftp-support-{name}").set_value(value).run()
    return at


def get(at, kind: str, name: str):
    return getattr(at, kind)(key=f"sftp-support-{name}")


def stored() -> SftpFolder | None:
    with db.reading() as session:
        return session.get(SftpFolder, 1)


def everything(at) -> str:
    """What is said, without the signs that keep it from being Markdown."""
    said = (str(each.value) for kind in ("markdown", "caption", "error", "info", "warning") for each in at.get(kind))
    return " ".join(said).replace("\\", "")


@pytest.mark.parametrize("name", ["olivia", "sam", "carla", "mia"])
def test_only_seniors_have_the_tab(cast: Cast, see: Open, name: str):
    assert (SAVE in keys(tab(see, getattr(cast, name)))) == (name in ("olivia", "sam"))


def test_every_setting_is_saved_at_once_and_only_by_the_button(cast, see):
    at = tab(see, cast.sam)
    assert (get(at, "text_input", "folder").value, at.button(key=SAVE).disabled) == ("support", True)
    put(at, "toggle", "enabled", value=True)
    put(at, "text_input", "folder", " north/support/ ")
    put(at, "toggle", "subfolders", value=False)
    put(at, "radio", "csv", CsvRule.REQUIRED)
    put(at, "number_input", "window_minutes", 90)
    put(at, "selectbox", "names", "own")
    put(at, "text_area", "pattern", OWN)
    put(at, "text_input", "column:agent", "Dialler user")
    put(at, "radio", "after_import", AfterImport.MOVE)
    put(at, "toggle", "create_agents", value=True)
    assert stored() is None
    at.button(key=SAVE).click().run()
    assert not at.exception
    kept = stored()
    assert kept is not None
    assert (kept.enabled, kept.folder, kept.subfolders, kept.csv) == (True, "north/support", False, CsvRule.REQUIRED)
    assert (kept.window_minutes, kept.preset, kept.pattern) == (90, "", OWN)
    assert (kept.column_map, kept.after_import, kept.create_agents) == (
        {"agent": "Dialler user"}, AfterImport.MOVE, True,
    )  # fmt: skip
    assert at.toast[0].value.startswith("Saved: SFTP, folder, ")
    assert at.button(key=SAVE).disabled


def test_a_preset_shows_its_example_and_takes_the_own_patterns_place(cast, see):
    with db.writing() as session:
        stored_folder(session, cast.support, pattern=OWN)
    at = tab(see, cast.sam)
    assert get(at, "text_area", "pattern").value == OWN
    put(at, "selectbox", "names", "five9")
    assert "11_4_2025/4436170733 by cdeer @ 7_16_55 AM.wav" in [each.value for each in at.code]
    assert "Unsaved changes: file names" in everything(at)
    at.button(key=SAVE).click().run()
    kept = stored()
    assert kept is not None
    assert (kept.preset, kept.pattern) == ("five9", "")


def test_what_was_typed_as_own_pattern_is_there_after_a_look_at_a_preset(cast, see):
    at = put(tab(see, cast.sam), "selectbox", "names", "own")
    put(at, "text_area", "pattern", OWN)
    put(at, "selectbox", "names", "puzzel")
    put(at, "selectbox", "names", "own")
    assert get(at, "text_area", "pattern").value == OWN


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (("text_input", "folder", "../elsewhere"), "without '.' or '..'"),
        (("text_input", "folder", ""), "cannot be used"),
        (("number_input", "window_minutes", None), "Give a number of minutes"),
        (("selectbox", "names", "own"), "Type a pattern"),
    ],
)
def test_a_mistake_is_said_at_once_and_cannot_be_saved(cast, see, entry, words):
    at = put(tab(see, cast.sam), *entry)
    assert words in everything(at)
    assert at.button(key=SAVE).disabled


def test_a_pattern_that_is_none_is_told_why(cast, see):
    at = put(tab(see, cast.sam), "selectbox", "names", "own")
    put(at, "text_area", "pattern", "(?P<agent>[")
    assert [each.value for each in at.error] != []
    assert at.button(key=SAVE).disabled


def test_another_campaigns_folder_is_refused_with_its_name_and_nothing_typed_is_lost(cast, see):
    with db.writing() as session:
        stored_folder(session, cast.sales, folder="sales")
    at = put(tab(see, cast.sam), "text_input", "folder", "sales/support")
    at.button(key=SAVE).click().run()
    assert "is used by the campaign 'Sales'" in everything(at)
    assert (get(at, "text_input", "folder").value, stored()) == ("sales/support", None)


def test_the_whole_path_is_shown_as_it_is_typed(cast, see, monkeypatch):
    set_up(monkeypatch, SFTP_ROOT="/home/recorder")
    at = put(tab(see, cast.sam), "text_input", "folder", "north")
    assert "/home/recorder/north" in [each.value for each in at.code]


def test_deleting_warns(cast, see):
    at = tab(see, cast.sam)
    assert list(at.warning) == []
    assert "the only copy" in put(at, "radio", "after_import", AfterImport.DELETE).warning[0].value


def test_without_a_server_it_says_what_an_administrator_must_set(cast, see, monkeypatch):
    assert "must set SFTP_HOST" in everything(tab(see, cast.sam))
    assert "Your administrator provides the SFTP server credentials separately." in everything(tab(see, cast.sam))
    set_up(monkeypatch)
    assert "must set SFTP_HOST" not in everything(tab(see, cast.sam))


def test_an_alarm_about_names_can_be_taken_for_usual(cast, see):
    with db.writing() as session:
        stored_folder(session, cast.support, alarm="Only 5% of the names matched.", names_seen=40.0)
    at = tab(see, cast.sam)
    assert "Only 5% of the names matched." in everything(at)
    at.button(key=QUIET).click().run()
    kept = stored()
    assert kept is not None
    assert (kept.alarm, kept.names_seen, QUIET in keys(at)) == ("", 0.0, False)


def test_resetting_takes_every_change_back(cast, see):
    at = put(tab(see, cast.sam), "toggle", "enabled", value=True)
    at.button(key=RESET).click().run()
    assert (get(at, "toggle", "enabled").value, at.button(key=SAVE).disabled) == (False, True)


def test_what_somebody_else_saves_meanwhile_stays(cast, see):
    at = put(tab(see, cast.sam), "toggle", "enabled", value=True)
    with db.writing() as session:
        sftp_folders.configure(session, COMMAND_LINE, "support", sftp_folders.folder_changes(window_minutes=5))
    at.run()
    assert "Somebody else changed these settings" in everything(at)
    at.button(key=SAVE).click().run()
    kept = stored()
    assert kept is not None
    assert (kept.enabled, kept.window_minutes) == (True, 5)


def test_who_loses_the_role_changes_nothing(cast, see):
    at = put(tab(see, cast.sam), "toggle", "enabled", value=True)
    with db.writing() as session:
        session.get_one(User, cast.sam.id).role = Role.MANAGER
    at.button(key=SAVE).click().run()
    assert stored() is None


def test_a_pattern_is_tried_on_what_lies_in_the_folder(cast, see, sshd: SftpServer):
    for name in ("4436_ann.wav", "4437_bob.wav", "odd <b>name</b>.wav", "notes.json", "sub/4438_eve.wav"):
        sshd.put(f"support/{name}", b"x")
    at = put(tab(see, cast.sam), "selectbox", "names", "own")
    put(at, "text_area", "pattern", OWN)
    put(at, "toggle", "try-names", value=True)
    assert not at.exception
    said = cells(at, NAMES)
    assert "2 of 4 names match." in everything(at)
    assert [row[:2] for row in said if row[1] == "No match"] == [
        ["odd <b>name</b>.wav", "No match"],
        ["sub/4438_eve.wav", "No match"],
    ]
    assert ["4436_ann.wav", "Matches", "Agent: ann · customer: 4436"] in said
    put(at, "text_area", "pattern", OWN.replace("^", ""))
    assert "3 of 4 names match." in everything(at)


def test_a_server_that_does_not_answer_is_said_where_names_are_tried(cast, see, monkeypatch):
    set_up(monkeypatch, SFTP_USERNAME="tv", SFTP_PASSWORD="p", SFTP_HOST_KEY=f"SHA256:{'a' * 43}")
    at = put(tab(see, cast.sam), "selectbox", "names", "five9")
    put(at, "toggle", "try-names", value=True)
    assert not at.exception
    assert "127.0.0.1" in everything(at)
    assert cells(at, NAMES) == []


def test_the_campaigns_page_says_what_waits_from_sftp_to_those_who_may_see_it(cast, see):
    with db.writing() as session:
        stored_folder(session, cast.support, alarm="Odd.")
        stored_batch(session, cast.support, SftpBatchStatus.WAITING_FOR_CSV)
        stored_batch(session, cast.support, SftpBatchStatus.INCOMPLETE)
        stored_batch(session, cast.sales, SftpBatchStatus.INCOMPLETE)
    links = [each.proto.label for each in see(cast.mia, "campaign.py", id="support").get("page_link")]
    assert links[:3] == [
        "1 batch from SFTP waits for a CSV, or for recordings",
        "1 batch from SFTP ended incomplete in the last days",
        "File names on the SFTP server are not as usual",
    ]
