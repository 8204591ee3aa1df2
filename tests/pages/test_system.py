"""The System page: who sees it, and what it says of each part."""

import json

import pytest
from sqlmodel import select

from config import settings
from dashboard import words
from dashboard.system import parts, queues
from jobs import enqueue
from jobs.connection import connect
from records import db, outages
from records.audit import AuditEntry
from records.outages import ProviderState
from records.sftp_state import SftpState
from tests.installation import installed, until
from tests.pages.one_call import NASTY


@pytest.fixture(autouse=True)
def _nothing_remembered():
    parts._found.clear()


@pytest.mark.parametrize("name", ["olivia", "sam"])
def test_those_who_run_the_place_see_every_part(cast, see, name):
    at = see(getattr(cast, name), "system.py")
    assert not at.exception
    assert at.title[0].value == "System"
    assert [each.value for each in at.subheader] == ["Queues", "Parts", "Providers"]


@pytest.mark.parametrize("name", ["carla", "mia", "adam"])
def test_for_the_others_there_is_no_such_page(cast, see, name):
    with pytest.raises(ValueError, match="page"):
        see(getattr(cast, name), "system.py")


def test_without_redis_the_page_says_so_and_shows_the_rest(cast, see):
    at = see(cast.olivia, "system.py")
    assert [each.value for each in at.warning] == [queues.overview.AWAY]
    assert "Nothing is stuck." not in str(at.caption), "nobody knows"
    said = {line["badge"]["label"]: (line["when"], line["words"]) for line in states(at)}
    assert said["Database"][0] == "Well"
    assert said["Queue"][0] == "Needs somebody"
    assert "Redis cannot be reached" in said["Queue"][1]
    assert "are free; the database takes" in said["Disk of this machine"][1]


def test_with_redis_alone_it_says_what_is_not_running(cast, see, home):
    with installed(home):
        enqueue.Queue("transcription", connection=connect()).enqueue("jobs.tasks.look", 1, 1)
        at = see(cast.olivia, "system.py")
        scheduler, queue = (each.value.replace("\\", "") for each in at.warning)
        assert scheduler.startswith("**No scheduler is running: what waits for its time waits on")
        assert queue.startswith("**1 job waits in the queue 'transcription', and no worker takes jobs from it.** Start")
        assert at.info[0].value.startswith("No worker is running.")
        first = at.dataframe[0].value.iloc[0]
        assert (first["Queue"], first["Waiting"], first["Failed"], first["Threads"]) == ("Transcription", 1, 0, 0)


def test_workers_and_the_scheduler_are_seen_at_work(cast, see, home):
    with installed(home) as installation:
        installation.workers()
        until(lambda: len(queues.overview.look().clocks) == 1, "the scheduler has signed in")
        until(lambda: sum(each.threads for each in queues.overview.look().queues) > 70, "all threads have signed in")
        at = see(cast.olivia, "system.py")
        assert not at.warning
        assert "Nothing is stuck." in at.caption[0].value
        table = next(each.value for each in at.dataframe if "Machine" in each.value)
        (worker,) = table.to_dict("records")
        assert worker["Busy"].endswith(" threads")
        assert (worker["Queues"], worker["Last heard of"]) == (
            "transcription, analysis, webhooks, sftp, clock",
            "just now",
        )


def test_a_paused_provider_says_why_and_can_be_tried_at_once(cast, see):
    with db.writing() as session:
        outages.pause(session, "claude", NASTY, seconds=3600)
        later = session.get_one(ProviderState, "claude").next_try_at
    at = see(cast.sam, "system.py")
    rows = {
        row["Provider"]: row
        for row in next(each.value for each in at.dataframe if "Provider" in each.value).to_dict("records")
    }
    assert rows["Claude"]["State"].startswith("Paused since ")
    assert rows["Claude"]["What to know"] == NASTY
    assert rows["Deepgram"]["What to know"] == "Not connected: set DEEPGRAM_API_KEY where TotalView is started."
    assert rows["Offline draft (English)"]["State"] == "Ready"
    at.button(key="try-claude").click().run()
    with db.reading() as session:
        assert session.get_one(ProviderState, "claude").next_try_at < later
        (entry,) = session.exec(select(AuditEntry).where(AuditEntry.act == "provider.try"))
    assert (entry.by, entry.subject) == (cast.sam.email, "Claude")


def test_a_sweep_that_broke_off_says_why_as_the_server_s_words_stand(cast, see, home, monkeypatch):
    monkeypatch.setenv("SFTP_HOST", "sftp.example.org")
    settings.cache_clear()
    with db.writing() as session:
        session.add(SftpState(began_at=db.now(), words=NASTY))
    (said,) = [each.value for each in see(cast.olivia, "system.py").warning if "SFTP" in each.value]
    assert words.plain(NASTY) in said
    assert "`totalview sftp test`" in said


def test_little_room_is_said(cast, see, monkeypatch):
    monkeypatch.setattr(
        parts.shutil, "disk_usage", lambda _: parts.shutil._ntuple_diskusage(100 * 10**9, 99 * 10**9, 10**9)
    )
    line = states(see(cast.olivia, "system.py"))[-1]
    assert (line["when"], line["words"].split(".", 1)[0]) == ("Needs somebody", "1")
    assert line["words"].endswith("Make room before recordings cannot be taken in any more.")


def test_looking_again_looks_again(cast, see, monkeypatch):
    at = see(cast.olivia, "system.py")
    monkeypatch.setitem(parts.health.CHECKS, "database", lambda: "quite another")
    at.run()
    assert "quite another" not in str(states(at))
    next(each for each in at.button if each.label == "Look again").click().run()
    assert "quite another" in str(states(at))


def states(at):
    given = [json.loads(each.proto.json) for each in at.get("bidi_component")]
    return next(each["states"] for each in given if "states" in each)
