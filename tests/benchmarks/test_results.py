"""What benchmarks make of their figures, and how they see what processes take."""

import json
import subprocess
import sys

import pytest

from benchmarks import processes, results
from benchmarks.results import BEGIN, END, Result


@pytest.fixture
def written(tmp_path, monkeypatch):
    document = tmp_path / "benchmarks.md"
    document.write_text(f"# Before\n\n{BEGIN}\nold\n{END}\n\nAfter\n")
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(results, "DOCUMENT", document)
    return tmp_path


@pytest.mark.parametrize(
    ("measured", "ratio", "met"),
    [
        ((300, 100, 2, "files/s"), 3, True),
        ((100, 300, 0.5, "files/s"), 0.333, False),
        ((2, 4, 1.5, "s"), 2, True),
        ((4, 2, 0.9, "ms"), 0.5, False),
        ((90, None, 100, "KB"), None, True),
        ((110, None, 100, "MB"), None, False),
        ((110, None, 100, "calls/min"), None, True),
    ],
)
def test_a_ratio_over_one_is_better_whatever_the_unit(measured, ratio, met):
    result = Result("it", *measured)
    assert (result.ratio, result.met) == (ratio, met)


def test_results_take_the_place_of_earlier_ones_and_leave_others_alone(written, capsys):
    results.keep(Result("first", 2, 1, 1, "s"), Result("second", 3, None, 4, "MB"))
    results.keep(Result("first", 1, 2, 1, "s"))
    kept = json.loads((written / "results.json").read_text())
    assert kept == {
        "first": {"ours": 1, "baseline": 2, "goal": 1, "unit": "s", "ratio": 2.0, "met": True},
        "second": {"ours": 3, "baseline": None, "goal": 4, "unit": "MB", "ratio": None, "met": True},
    }
    document = (written / "benchmarks.md").read_text()
    assert document.startswith("# Before\n\n")
    assert document.endswith("\n\nAfter\n")
    rows = [line for line in document.splitlines() if line.startswith(("| first", "| second"))]
    assert rows == ["| first | 1 s | 2 s | 2 | 1 times | yes |", "| second | 3 MB |  |  | 4 MB | yes |"]
    assert capsys.readouterr().out.splitlines()[-1] == rows[0]


def test_the_documents_table_is_that_of_the_results():
    text = results.DOCUMENT.read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0].strip() == results.table(results.earlier())


def test_a_process_is_seen_with_its_children():
    work = "x = bytearray(80_000_000)\nfor i in range(4_000_000): pass\nprint(flush=True)\ninput()"
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {work!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        everybody = processes.family(process.pid)
        assert len(everybody) == 2
        assert 75 < processes.memory_mb(everybody) < 200
        assert processes.memory_mb([process.pid]) < 75
        assert processes.cpu_s(process.pid) > 0.02
        process.stdin.close()
    assert processes.memory_mb(everybody) == 0
