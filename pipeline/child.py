"""One child process from its own side: how it is started, what it may use, how it answers."""

import ctypes
import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from multiprocessing import popen_spawn_posix, spawn
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.process import BaseProcess
from threading import Lock

PR_SET_PDEATHSIG = 1  # linux/prctl.h

DONE, RAISED, OUT_OF_MEMORY = "done", "raised", "out of memory"


def settle(memory: int | None, parent: int) -> None:
    """Runs first in every child: bound what it may take, and tie its life to its parent's.

    `memory` is in bytes of address space; `parent` is the process that asked for this child.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a Python handler would not run while C code loops
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy comes later; the pool is the parallelism
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        if memory is not None:
            _, most = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(
                resource.RLIMIT_AS, (memory if most == resource.RLIM_INFINITY else min(memory, most),) * 2
            )
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
            raise OSError(ctypes.get_errno(), "prctl refused to tie the child to its parent")
    if os.getppid() != parent:  # the parent died before the kernel was told
        os._exit(1)


def answer(payload: bytes) -> bytes:
    """Do one pickled (function, arguments), and answer a pickled (how it went, value).

    Everything crosses as bytes: an object that will not unpickle then fails its own call, and not the pool.
    """
    try:
        function, args = pickle.loads(payload)  # noqa: S301  our own parent wrote it
        return pickle.dumps((DONE, function(*args)))
    except MemoryError:
        return pickle.dumps((OUT_OF_MEMORY, None))
    except Exception as error:  # noqa: BLE001  whatever it is, the caller gets it
        error.add_note(f"In a child process:\n{traceback.format_exc()}")
        return _pickled(error)


def _pickled(error: Exception) -> bytes:
    """The error itself where it survives the journey, else its words."""
    try:
        sent = pickle.dumps((RAISED, error))
        pickle.loads(sent)  # noqa: S301  written one line above
    except Exception:  # noqa: BLE001  classes fail here with whatever their constructors raise
        return pickle.dumps((RAISED, RuntimeError(f"{type(error).__qualname__}: {error}")))
    return sent


def _facts_without_main(facts: Callable[[str], dict[str, object]], name: str) -> dict[str, object]:
    return {key: value for key, value in facts(name).items() if not key.startswith("init_main")}


class _Launch(popen_spawn_posix.Popen):
    """Starts a fresh interpreter that does not run the parent's main program again.

    That program may be the whole web server, or a script without a guard; a child needs neither.
    """

    _one_at_a_time = Lock()

    def _launch(self, process_obj: BaseProcess) -> None:
        with self._one_at_a_time:
            facts = spawn.get_preparation_data
            spawn.get_preparation_data = lambda name: _facts_without_main(facts, name)
            try:
                super()._launch(process_obj)  # type: ignore[misc]
            finally:
                spawn.get_preparation_data = facts


class _Process(SpawnProcess):
    @staticmethod
    def _Popen(process_obj: BaseProcess) -> _Launch:  # noqa: N802  the base class names it so
        return _Launch(process_obj)


class Context(SpawnContext):
    """Fresh interpreters (never forks: our processes have threads) that import only what their work needs."""

    Process = _Process
