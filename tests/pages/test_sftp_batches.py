"""The page SFTP: the server in words, batches, files, and folders that are nobody's; for whom each is there."""

from datetime import timedelta

import pytest

from jobs import enqueue
from records import db
from records.people import User
from records.roles import Role
from records.statuses import SftpBatchStatus, SftpFileStatus
from tests.pages.conftest import Cast, Open, mounted, shown
from tests.pages.sftp import NASTY, cells, keys, set_up, swept, table
from tests.records.made import stored_call
from tests.records.sftp_made import stored_batch, stored_file, stored_folder

B, F = SftpBatchStatus, SftpFileStatus
PAGE = "sftp_batches.py"
BATCHES, FILES, FOLDERS = "SFTP batches", "Files", "Folders that no campaign claims"
PART = "sftp-part"


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """What workers were asked for."""
    done: list[str] = []
    monkeypatch.setattr(enqueue, "sweep_sftp", lambda: done.append("sweep"))
    monkeypatch.setattr(enqueue, "import_sftp", lambda: done.append("import"))
    return done


def notes(at) -> list[str]:
    return [note["title"] for note in shown(at, "card")["notes"]]


def test_without_a_server_it_says_what_to_set_to_those_who_may(cast: Cast, see: Open):
    at = see(cast.sam, PAGE)
    assert not at.exception
    assert shown(at, "card")["badges"][0]["label"] == "Not set up"
    assert len(shown(at, "card")["notes"][0]["lines"]) == 3
    assert "SFTP_HOST_KEY" in shown(at, "card")["notes"][0]["lines"][1]
    assert not {"sftp-sweep", "sftp-test"} & set(keys(at))
    theirs = shown(see(cast.mia, PAGE), "card")["notes"][0]["lines"]
    assert theirs == ["Recordings can come by themselves from an SFTP server. An administrator sets it up."]


def test_a_swept_server_says_when_and_what_it_saw(cast, see, monkeypatch):
    set_up(monkeypatch)
    with db.writing() as session:
        stored_folder(session, cast.support)
    ended = db.now() - timedelta(minutes=3)
    swept(began_at=db.now() - timedelta(seconds=20), ended_at=ended, files=5041)
    card = shown(see(cast.olivia, PAGE), "card")
    facts = dict(card["facts"])
    assert (card["badges"][0]["label"], card["notes"], card["code"]) == ("Well", [], "127.0.0.1")
    assert (facts["Last sweep"], facts["Files seen"]) == ("3 minutes ago", "5,041")
    assert facts["Next sweep"].startswith("In ")
    assert shown(see(cast.carla, PAGE), "card")["code"] == ""


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"refused": True, "words": "The host key is another."}, ("Needs somebody", "Somebody must set this right")),
        ({"words": "Nobody answers."}, ("Out of reach", "The last sweep broke off")),
        ({"began_at": db.now() - timedelta(days=2)}, ("Not swept yet", "Nobody has swept since")),
        ({"claim": "x", "claim_until": db.now() + timedelta(hours=9), "began_at": db.now()}, ("Sweeping", "")),
        ({}, ("Not swept yet", "")),
    ],
)
def test_trouble_with_the_server_is_said_in_words(cast, see, monkeypatch, state, said):
    set_up(monkeypatch)
    badge, title = said
    with db.writing() as session:
        stored_folder(session, cast.support)
    swept(**state)
    card = shown(see(cast.mia, PAGE), "card")
    assert card["badges"][0]["label"] == badge
    assert [note["title"][: len(title)] for note in card["notes"]] == ([title] if title else [])
    assert state.get("words", "") in str(card["notes"])


def test_where_no_campaign_takes_files_it_says_so(cast, see, monkeypatch):
    set_up(monkeypatch)
    assert notes(see(cast.olivia, PAGE)) == ["Nothing to look for"]


def test_an_alarm_about_names_is_there_for_those_whose_campaign_it_is(cast, see):
    with db.writing() as session:
        stored_folder(session, cast.sales, alarm="Only 5% matched.")
    assert notes(see(cast.carla, PAGE))[-1] == "Sales: file names are not as usual"
    assert len(notes(see(cast.mia, PAGE))) == 1


def test_a_sweep_can_be_asked_for_by_those_who_configure(cast, see, monkeypatch, asked):
    set_up(monkeypatch)
    assert "sftp-sweep" not in keys(see(cast.carla, PAGE))
    at = see(cast.sam, PAGE)
    at.button(key="sftp-sweep").click().run()
    assert (asked, at.toast[0].value) == (["sweep"], "The server is looked through in a moment.")
    with db.writing() as session:
        session.get_one(User, cast.sam.id).role = Role.MANAGER
    at.button(key="sftp-sweep").click().run()
    assert asked == ["sweep"]


def test_the_test_of_the_connection_says_each_step(cast, see, monkeypatch):
    set_up(monkeypatch, SFTP_USERNAME="tv", SFTP_PASSWORD="p", SFTP_HOST_KEY=f"SHA256:{'a' * 43}")
    at = see(cast.sam, PAGE)
    at.button(key="sftp-test").click().run()
    steps = shown(at, "facts")["states"]
    assert [(step["badge"]["label"], step["badge"]["colour"]) for step in steps] == [
        ("Settings", "green"),
        ("Address", "red"),
    ]
    assert "127.0.0.1" in steps[1]["words"]


def test_each_row_says_where_a_batch_stands(cast, see):
    with db.writing() as session:
        old = stored_batch(session, cast.support, B.COMPLETED, words="Every file was processed.")
        batch = stored_batch(session, cast.sales, B.WAITING_FOR_CSV, words="2 recordings are there, and no CSV yet.")
        for status in (F.MATCHED, F.MATCHED, F.FAILED):
            stored_file(session, cast.sales, status, batch=batch)
    at = see(cast.olivia, PAGE)
    assert [row[:6] for row in cells(at, BATCHES)] == [
        [
            "Sales",
            str(batch.id),
            "Waiting for CSV",
            "2 recordings are there, and no CSV yet. Its window ends in 4 minutes.",
            "1 of 3",
            "1",
        ],
        ["Support", str(old.id), "Completed", "Every file was processed.", "0 of 0", ""],
    ]
    assert table(at, BATCHES)[0]["href"] == f"/sftp_batches?id={batch.id}"


def test_a_manager_sees_the_own_campaigns_alone_and_no_files_of_nobody(cast, see):
    with db.writing() as session:
        stored_batch(session, cast.sales, B.COMPLETED)
        stored_file(session, cast.sales, F.FAILED, "sales/theirs.wav")
        stored_file(session, None, F.SKIPPED, "old/nobodys.wav", code="unclaimed")
    at = see(cast.mia, PAGE, campaign="sales")
    assert (cells(at, BATCHES), at.subheader[0].value) == ([], "No batches yet")
    assert "Files that no campaign claims" not in at.segmented_control(key=PART).options
    asked = see(cast.mia, PAGE, show="unclaimed")
    assert (asked.segmented_control(key=PART).value, cells(asked, FOLDERS)) == ("batches", [])
    assert cells(see(cast.mia, PAGE, show="files", campaign="-"), FILES) == []


def test_batches_are_narrowed_by_the_inputs_and_by_the_address(cast, see):
    with db.writing() as session:
        failed, _ = stored_batch(session, cast.support, B.FAILED), stored_batch(session, cast.sales, B.COMPLETED)
    at = see(cast.olivia, PAGE, status="failed")
    assert [row[1] for row in cells(at, BATCHES)] == [str(failed.id)]
    at.multiselect(key="sftp_batches-campaign").set_value(["sales"]).run()
    assert cells(at, BATCHES) == []
    at.button(key="sftp-clear").click().run()
    assert (len(cells(at, BATCHES)), dict(at.query_params)) == (2, {})


def test_pages_of_batches_are_turned(cast, see):
    with db.writing() as session:
        batches = [stored_batch(session, cast.support, B.COMPLETED) for _ in range(26)]
    at = see(cast.olivia, PAGE)
    at.button(key="sftp-older").click().run()
    assert [row[1] for row in cells(at, BATCHES)] == [str(batches[0].id)]
    at.button(key="sftp-newer").click().run()
    assert cells(at, BATCHES)[0][1] == str(batches[-1].id)


def test_every_file_stands_in_the_list_with_its_verdict_and_names_stay_text(cast, see):
    with db.writing() as session:
        call = stored_call(session, cast.support)
        stored_file(session, cast.support, F.COMPLETED, "support/a.wav", call_id=call.id, agent_note="Who is 'x'?")
        stored_file(session, cast.support, F.SKIPPED, f"support/{NASTY}", code="not_audio", reason="This is text.")
    at = see(cast.mia, PAGE, show="files")
    nasty, done = cells(at, FILES)
    assert nasty[:3] == [f"support/{NASTY}".replace("\u202e", "\\u202e"), "Skipped", "This is text."]
    assert (done[:3], done[6:]) == (["support/a.wav", "Completed", "Who is 'x'?"], ["Open", "Support"])
    assert table(at, FILES)[1]["cells"][6] == {
        "text": "Open", "href": f"/call?id={call.id}", "id": f"call:{call.id}"
    }  # fmt: skip
    assert "evil" not in "".join(each.value for kind in (at.markdown, at.caption, at.title) for each in kind)


def test_files_are_found_by_name_status_reason_and_campaign(cast, see):
    with db.writing() as session:
        for name, status, code in (("Anna.wav", F.FAILED, "denied"), ("anna.csv", F.SKIPPED, "no_csv")):
            stored_file(session, cast.support, status, f"support/{name}", code=code)
        stored_file(session, None, F.SKIPPED, "old/anna.wav", code="unclaimed")

    def found(**given: str) -> list[str]:
        return [row[0] for row in cells(see(cast.olivia, PAGE, show="files", **given), FILES)]

    assert len(found(q="ANNA")) == 3
    assert found(q="anna", campaign="support", status="failed") == ["support/Anna.wav"]
    assert found(code="no_csv") == ["support/anna.csv"]
    assert found(campaign="-") == ["old/anna.wav"]
    at = see(cast.olivia, PAGE, show="files", q="nowhere")
    assert "No file matches" in at.markdown[0].value
    at.button(key="sftp-clear").click().run()
    assert (len(cells(at, FILES)), dict(at.query_params)) == (3, {"show": "files"})


def test_another_part_begins_unnarrowed(cast, see):
    at = see(cast.olivia, PAGE, status="failed")
    at.segmented_control(key=PART).set_value("files").run()
    assert dict(at.query_params) == {"show": "files"}
    assert "No file was seen yet." in at.markdown[0].value


def test_folders_that_are_nobodys_are_counted(cast, see):
    with db.writing() as session:
        for name in ("old/a.wav", "old/b.wav", "c.wav"):
            stored_file(session, None, F.SKIPPED, name, code="unclaimed", size=2_000_000)
    at = see(cast.carla, PAGE, show="unclaimed")
    assert [row[:3] for row in cells(at, FOLDERS)] == [["old", "2", "4.0 MB"], ["SFTP_ROOT itself", "1", "2.0 MB"]]
    assert table(at, FOLDERS)[0]["href"] == "/sftp_batches?show=files&campaign=-"


def test_with_every_file_claimed_it_says_so(cast, see):
    at = see(cast.carla, PAGE, show="unclaimed")
    assert "Every file on the server lies in a campaign's folder." in at.markdown[0].value
    assert "table" not in mounted(at)
