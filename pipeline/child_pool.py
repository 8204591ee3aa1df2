"""One pool of children, and the thread that keeps it: nobody waits for ever for a pool that broke."""

import os
import threading
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

from pebble import ProcessPool

from pipeline import child

RECYCLE = 500  # calls after which a child is replaced, so that a codec's leaks stay small
LOOK_S = 0.5  # how often the keeper looks whether the pool broke


class Pool:
    """Pebble's pool, started and ended by a thread of its own.

    The kernel ends children with the thread that started them, so that thread must outlive every caller.
    Pebble leaves calls unanswered that were queued while a pool broke, or when it is stopped: the keeper answers them.
    Raises OSError or BrokenProcessPool where no child can be started.
    """

    def __init__(self, workers: int, memory: int | None) -> None:
        self.gone = threading.Event()  # set when all its children are dead and all its calls answered
        self.closed = False  # ended on purpose
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._unanswered: set[Future[bytes]] = set()
        self._pebble = ProcessPool(workers, RECYCLE, child.settle, (memory, os.getpid()), child.Context())
        opened: Future[None] = Future()
        threading.Thread(target=self._keep, args=(opened,), name="children", daemon=True).start()
        opened.result()

    def schedule(self, payload: bytes, timeout_s: float) -> Future[bytes]:
        """Queue one call of child.answer; raises BrokenProcessPool where the pool has ended."""
        with self._lock:
            if self._end.is_set():
                raise BrokenProcessPool("The pool has ended.")
            try:
                future = self._pebble.schedule(child.answer, (payload,), timeout=timeout_s)
            except RuntimeError as error:  # pebble's word for a pool that broke
                self._end.set()
                raise BrokenProcessPool("The pool broke.") from error
            self._unanswered.add(future)
        future.add_done_callback(self._unanswered.discard)
        return future

    @property
    def open(self) -> bool:
        return not self._end.is_set()

    def close(self) -> None:
        """End it: children are killed, and calls under way fail."""
        self.closed = True
        self._end.set()
        self.gone.wait()

    def _keep(self, opened: Future[None]) -> None:
        try:
            if not self._pebble.active:  # asking starts it
                raise BrokenProcessPool("The pool broke while it started.")
            opened.set_result(None)
            while not self._end.wait(LOOK_S) and self._pebble.active:
                pass
        except (OSError, RuntimeError) as error:
            opened.set_exception(error)
        finally:
            self._finish()

    def _finish(self) -> None:
        with self._lock:
            self._end.set()
        self._pebble.stop()  # type: ignore[no-untyped-call]
        self._pebble.join()
        for future in list(self._unanswered):
            if not future.done():
                future.set_exception(BrokenProcessPool("The pool ended before this call did."))
        self.gone.set()
