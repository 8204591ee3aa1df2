"""Threads, progress, and the memory that a batch takes."""

import tracemalloc

import pytest

from commands.sending import batch
from commands.sending.batch import Batch
from commands.sending.contents import Recording
from commands.sending.job import Job
from commands.sending.outcome import Status
from commands.sending.patience import GiveUp, Patience
from commands.sending.progress import Bar, Lines, Meter
from commands.sending.server import Server
from commands.sending.state import Unfinished
from commands.sending.threads import in_threads
from tests.commands.sending.standin import KEY


def test_results_come_from_threads_and_what_breaks_there_is_raised_here():
    assert sorted(in_threads(lambda number: number * 2, range(50), 3)) == list(range(0, 100, 2))

    begun = []

    def breaks(number: int) -> int:
        begun.append(number)
        if number == 5:
            raise GiveUp("no more")
        return number

    with pytest.raises(GiveUp):
        list(in_threads(breaks, range(50), 1))
    assert begun == [0, 1, 2, 3, 4, 5]


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
