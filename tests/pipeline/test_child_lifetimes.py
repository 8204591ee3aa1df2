"""Children and the programs that start them: who outlives whom."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.pipeline import child_work as work

ROOT = Path(__file__).parents[2]


def script(tmp_path: Path, text: str) -> subprocess.Popen[str]:
    """A program of its own that uses children; without the guard that multiprocessing asks for."""
    path = tmp_path / "program.py"
    path.write_text(f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom pipeline import children\n{text}")
    # Newer Pythons warn of forks beside threads, which is what one of these programs tries.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def said(program: subprocess.Popen[str]) -> Callable[[], str]:
    assert program.stdout is not None
    return program.stdout.readline


def test_a_function_of_the_main_program_is_refused_with_the_reason(tmp_path: Path) -> None:
    program = script(tmp_path, "def f(): pass\ntry: children.run(f, timeout_s=9)\nexcept ValueError as e: print(e)\n")
    assert "main program" in program.communicate(timeout=60)[0]


def test_the_main_program_is_not_run_again_in_children(tmp_path: Path) -> None:
    program = script(tmp_path, "import math\nprint('ran')\nprint(children.run(math.sqrt, 9, timeout_s=30))\n")
    assert program.communicate(timeout=60)[0].split() == ["ran", "3.0"]


def test_children_die_when_their_parent_is_killed(tmp_path: Path) -> None:
    program = script(
        tmp_path,
        "import os, time\nfor p in sorted(set(children.run_all(os.getpid, [()] * 40, timeout_s=30))): print(p)\n"
        "print('end', flush=True)\ntime.sleep(600)\n",
    )
    with program:
        pids = [int(line) for line in iter(said(program), "end\n")]
        assert pids
        assert all(work.alive(pid) for pid in pids)
        program.kill()
        assert all(work.wait_until_gone(pid) for pid in pids)


def test_a_busy_child_dies_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = script(
        tmp_path,
        "import os, threading, time\nfrom tests.pipeline import child_work as work\nchildren.configure(workers=1)\n"
        "pid = children.run(os.getpid, timeout_s=30)\n"
        "threading.Thread(target=children.run, args=(work.loop_in_c,), kwargs={'timeout_s': 600}).start()\n"
        "time.sleep(0.3)\nprint(pid, flush=True)\n",
    )
    with program:
        pid = int(said(program)())
        assert work.alive(pid)
        program.kill()
        assert work.wait_until_gone(pid)


def test_a_program_that_ends_leaves_no_children(tmp_path: Path) -> None:
    program = script(tmp_path, "import os\nprint(children.run(os.getpid, timeout_s=30))\n")
    pid = int(program.communicate(timeout=60)[0])
    assert program.returncode == 0
    assert work.wait_until_gone(pid)


def test_a_forked_process_uses_children_of_its_own_and_leaves_its_parents_alone(tmp_path: Path) -> None:
    program = script(
        tmp_path,
        "import os\nchildren.configure(workers=1)\nask = lambda: children.run(os.getpid, timeout_s=30)\n"
        "before = ask()\n"
        "if (pid := os.fork()) == 0:\n    print('fork', ask() != before, flush=True)\n    sys.exit()\n"
        "os.waitpid(pid, 0)\nprint('parent', ask() == before)\n",
    )
    assert program.communicate(timeout=60)[0].split() == ["fork", "True", "parent", "True"]
