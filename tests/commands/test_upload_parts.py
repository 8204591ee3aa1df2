"""The parts of `totalview upload` by themselves: patience, notes, finding, threads, progress, memory."""

import json
import re
import threading
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.sending import batch, patience
from commands.sending.batch import Batch
from commands.sending.contents import Contents, Recording, Unsendable, look
from commands.sending.finding import SUFFIXES, Finder
from commands.sending.job import Job
from commands.sending.outcome import Status
from commands.sending.patience import Blame, GiveUp, NotSent, Patience, Stopped, Tries, Trouble, duration, wish
from commands.sending.progress import Bar, Lines, Meter
from commands.sending.server import Server
from commands.sending.spool import Item, Spool
from commands.sending.state import KEPT_S, MOST, Unfinished, folder
from commands.sending.threads import in_threads
from tests.audio import FORMATS
from tests.commands.standin import KEY
from tests.commands.uploading import made


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self, monkeypatch) -> None:
        self.now, self.slept = 1000.0, []
        monkeypatch.setattr(patience.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(Patience, "sleep", self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def said():
    return []


def exhaust(tries: Tries, trouble: Trouble, between: Callable[[], None] = lambda: None) -> Exception:
    """Have the same trouble again and again; what it ends with."""
    for _ in range(1000):
        between()
        try:
            tries.again(trouble)
        except (NotSent, GiveUp) as error:
            return error
    raise AssertionError("its patience has no end")


def test_pauses_grow_up_to_half_a_minute(clock, said):
    tries = Tries(Patience(3600, said.append))
    for _ in range(12):
        tries.again(Trouble(Blame.RATE, "Too many."))
    for number, pause in enumerate(clock.slept):
        bound = min(0.5 * 2**number, 30)
        assert bound / 2 <= pause <= bound


def test_what_the_server_wishes_is_waited_for_unless_it_is_absurd(clock, said):
    tries = Tries(Patience(300, said.append))
    tries.again(Trouble(Blame.RATE, "Too many.", 17))
    tries.again(Trouble(Blame.RATE, "Too many.", 10**9))
    assert clock.slept == [17, 600]


def test_a_rate_is_waited_for_without_end(clock, said):
    tries = Tries(Patience(10, said.append))
    for _ in range(500):
        tries.again(Trouble(Blame.RATE, "Too many."))
    assert said == []


def test_a_server_that_is_away_is_given_up_once_and_for_all(clock, said):
    shared = Patience(300, said.append)
    error = exhaust(Tries(shared), Trouble(Blame.LINE, "It cannot be reached."))
    assert isinstance(error, GiveUp)
    assert str(error) == "It cannot be reached. It was tried for 5 minutes."
    assert said == ["It cannot be reached. Trying again for 5 minutes."]
    assert 300 < sum(clock.slept) < 300 + 30 + 1
    with pytest.raises(GiveUp):
        Tries(shared).again(Trouble(Blame.LINE, "It cannot be reached."))


def test_a_server_that_is_heard_by_others_is_not_away(clock, said):
    shared = Patience(300, said.append)
    tries = Tries(shared)
    error = exhaust(tries, Trouble(Blame.LINE, "The line broke."), shared.heard)
    assert isinstance(error, NotSent)
    assert str(error) == "The line broke. It was tried for 5 minutes."
    assert said[1] == "The server answers again."


def test_progress_renews_patience(clock, said):
    shared = Patience(300, said.append)
    tries = Tries(shared)
    for _ in range(100):
        tries.again(Trouble(Blame.HELD, "Somebody else sends it."))
        tries.again(Trouble(Blame.SERVER, "Broken."))
        clock.now += 100
        tries.progress()


def test_an_error_of_the_server_s_is_tried_five_times(clock, said):
    error = exhaust(Tries(Patience(3600, said.append)), Trouble(Blame.SERVER, "Internal error."))
    assert str(error) == "Internal error. It was tried 5 times."
    assert len(clock.slept) == 4


def test_whoever_waits_stops_at_once(said):
    waiting = Patience(300, said.append)
    threading.Timer(0.05, waiting.stop).start()
    with pytest.raises(Stopped):
        waiting.sleep(60)
    with pytest.raises(Stopped):
        waiting.check()


def test_retry_after_is_seconds_or_a_date():
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert wish("7") == 7
    assert 50 < (wish(in_a_minute) or 0) <= 60
    assert wish("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert wish("-5") == 0
    assert [wish(text) for text in ("", "soon", "1.5", "Wed, 21 Oct 2015 07:28:00 -0000")] == [None] * 4


@given(st.text())
def test_no_retry_after_breaks_anything(text):
    assert (wish(text) or 0) >= 0


def test_durations_are_told_in_words():
    assert [duration(seconds) for seconds in (0, 89, 90, 300)] == ["0 seconds", "89 seconds", "2 minutes", "5 minutes"]


@pytest.fixture
def notes(tmp_path, said) -> Unfinished:
    return Unfinished(tmp_path / "cache", "http://server", "support", said.append)


def test_a_note_is_of_one_server_campaign_and_thing(notes, tmp_path, said):
    notes.note("upload7", "upload", "abc")
    assert notes.get("upload", "abc") == "upload7"
    others = [("http://other", "support", "abc"), ("http://server", "sales", "abc"), ("http://server", "support", "x")]
    for server, campaign, digest in others:
        assert Unfinished(tmp_path / "cache", server, campaign, said.append).get("upload", digest) == ""
    assert notes.get("job", "abc") == ""


def test_a_note_is_dropped_only_by_whoever_means_the_same(notes):
    notes.note("mine", "upload", "abc")
    notes.note("another's", "upload", "abc")
    notes.forget("mine", "upload", "abc")
    assert notes.get("upload", "abc") == "another's"
    notes.forget("another's", "upload", "abc")
    assert notes.get("upload", "abc") == ""


def test_many_at_once_lose_no_note(notes, tmp_path, said):
    others = [Unfinished(tmp_path / "cache", "http://server", "support", said.append) for _ in range(4)]

    def note(number: int) -> None:
        others[number % 4].note(f"u{number}", "upload", str(number))

    list(in_threads(note, range(40), 8))
    assert [notes.get("upload", str(number)) for number in range(40)] == [f"u{number}" for number in range(40)]
    assert {path.name for path in (tmp_path / "cache").iterdir()} == {"uploads.json", "uploads.lock"}


def test_old_notes_go_and_there_are_never_too_many(notes, tmp_path):
    entries = {str(number): {"is": "x", "at": time.time() - number} for number in range(MOST + 5)}
    entries["old"] = {"is": "x", "at": time.time() - KEPT_S - 1}
    entries["strange"] = {"is": "x", "at": "yesterday"}
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "uploads.json").write_text(json.dumps({"entries": entries}))
    notes.note("new", "upload", "abc")
    kept = json.loads((tmp_path / "cache" / "uploads.json").read_bytes())["entries"]
    assert len(kept) == MOST
    assert not {"old", "strange", str(MOST)} & set(kept)
    assert notes.get("upload", "abc") == "new"


def test_notes_are_for_this_user_s_eyes(notes, tmp_path):
    notes.note("upload7", "upload", "abc")
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "cache" / "uploads.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("given_", "expected"), [("/somewhere", "/somewhere"), ("not/absolute", None), ("", None)])
def test_the_cache_is_where_the_desktop_s_rules_want_it(monkeypatch, tmp_path, given_, expected):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", given_)
    assert folder() == Path(expected or tmp_path / ".cache") / "totalview"


def test_every_format_that_is_taken_in_is_looked_for_by_its_suffix():
    assert {form.suffix for form in FORMATS.values()} <= SUFFIXES
    assert all(re.fullmatch(r"\.[a-z0-9]+", suffix) for suffix in SUFFIXES)


def test_suffixes_are_known_in_every_case(tmp_path):
    for name in ("A.WAV", "b.Mp3", "c", "d.wav.part", "._e.wav", ".f.wav"):
        (tmp_path / name).touch()
    finder = Finder([tmp_path], everything=False)
    assert [path.name for path in finder] == ["A.WAV", "b.Mp3"]
    assert finder.left_out == 2


def test_a_folder_that_is_named_twice_or_linked_is_gone_through_once(tmp_path):
    made(tmp_path / "a", one=b"1")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert len(list(Finder([tmp_path, tmp_path / "a", tmp_path / "b"], everything=False))) == 1


def test_a_folder_that_cannot_be_opened_is_told(tmp_path, monkeypatch):
    closed = made(tmp_path / "closed", one=b"1")

    def refuse(path: Path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("commands.sending.finding.os.listdir", refuse)
    assert list(Finder([closed], everything=False)) == [closed]
    with pytest.raises(Unsendable, match="may not read the folder"):
        look(closed, lambda _size: None)


def test_contents_are_what_was_looked_at_or_fail_before_their_end(tmp_path):
    path = tmp_path / "call.wav"
    path.write_bytes(b"sound" * 10_000)
    recording = look(path, lambda _size: None)
    with Contents(recording, lambda _at: None) as whole:
        assert read_all(whole) == b"sound" * 10_000
    with Contents(recording, lambda _at: None) as changing:
        changing.read(7)
        path.write_bytes(b"other" * 10_000)  # as long as before
        with pytest.raises(Unsendable):
            read_all(changing)
    with pytest.raises(Unsendable):
        Contents(recording, lambda _at: None)


def read_all(contents: Contents) -> bytes:
    return b"".join(iter(lambda: contents.read(1000), b""))


def test_results_come_from_threads_and_what_breaks_there_is_raised_here():
    assert sorted(in_threads(lambda number: number * 2, range(50), 3)) == list(range(0, 100, 2))

    def breaks(number: int) -> int:
        if number == 5:
            raise GiveUp("no more")
        return number

    with pytest.raises(GiveUp):
        list(in_threads(breaks, range(50), 3))


def test_few_items_are_taken_ahead_of_the_results():
    taken = []

    def items():
        for number in range(100):
            taken.append(number)
            yield number

    results = in_threads(lambda number: number, items(), 2)
    next(results)
    assert len(taken) == 4
    results.close()


def test_a_meter_falls_back_when_bytes_have_to_go_again():
    moves = []
    meter = Meter(moves.append)
    for at in (10, 10, 4, 20):
        meter(at)
    assert moves == [10, -6, 16]


def test_lines_tell_how_much_is_left(monkeypatch, capsys):
    clock = [0.0]
    monkeypatch.setattr("commands.sending.progress.time.monotonic", lambda: clock[0])
    lines = Lines()
    lines.phase("Sending", 4, 40_000_000)
    clock[0] = 9
    lines.moved(10_000_000)
    clock[0] = 10
    lines.done()
    lines.moved(1)
    clock[0] = 20
    lines.moved(9_999_999)
    assert capsys.readouterr().err.splitlines() == [
        "Sending: 1 of 4 files, 10.0 of 40.0 MB, 30 seconds left",
        "Sending: 1 of 4 files, 20.0 of 40.0 MB, 20 seconds left",
    ]


def test_the_bar_shows_names_from_outside_as_text(capsys):
    with Bar() as bar:
        bar.phase("Sending", 2, 100)
        bar.moved(50)
        bar.done()
        bar.say("[red]no markup[/red]")
        bar.phase("Looking")
        bar.moved(5)
    assert "[red]no markup[/red]" in capsys.readouterr().err


def test_a_spool_gives_back_what_it_was_given_and_takes_no_memory():
    items = [
        Item(Recording(f"/calls/\udce9{number}.wav", number, number, "ab"), "u" * (number % 2)) for number in range(9)
    ]
    with Spool() as spool:
        for item in items:
            spool.add(item)
        assert (list(spool), spool.count, spool.size) == (items, 9, 36)


class Everything:
    """A server that knows nothing and takes all."""

    url = "http://server"

    def __init__(self) -> None:
        self.patience = Patience(1, print)

    def known(self, _sha256: str) -> None:
        return None


@pytest.mark.parametrize("files", [3000, pytest.param(100_000, marks=pytest.mark.long)])
def test_memory_hardly_grows_with_the_number_of_files(tmp_path, monkeypatch, capsys, files):
    monkeypatch.setattr(batch, "look", lambda path, _moved: Recording(str(path), 1, 1, f"{int(path.name):064x}"))
    monkeypatch.setattr(batch.form, "send", lambda *_given: batch.Sent("call", False))
    monkeypatch.setattr(Job, "make", lambda *_given: None)
    server, notes = Everything(), Unfinished(tmp_path, "", "", print)
    sending = Batch(server, notes, Job(server, notes, "command", "name"), Lines(), 4)
    paths = (tmp_path / f"{number}" for number in range(files))
    tracemalloc.start()
    try:
        sent = sum(outcome.status is Status.UPLOADED for outcome in sending.send(paths))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    with capsys.disabled():
        print(f" [{files} files within {peak / 1e6:.1f} MB]", end="")  # noqa: T201  the figure that docs state
    assert sent == files
    assert peak < 2_000_000 + 200 * files


@pytest.mark.parametrize("key", ["tv_ä", "tv_a b\x00", "tv_\ud800"])
def test_a_server_is_made_with_a_key_that_can_be_sent(key):
    with pytest.raises(ValueError, match="is no API key"):
        Server("http://server", key, Patience(1, print), most_at_once=1)
    Server("http://server", f" {KEY}\n", Patience(1, print), most_at_once=1).close()
