"""A batch of files: each is looked at, what the server lacks is sent, and every one has an outcome."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

from commands.sending import form
from commands.sending.contents import Recording, Unsendable, look
from commands.sending.job import Job
from commands.sending.outcome import Outcome, Sent, Status
from commands.sending.patience import NotSent
from commands.sending.pieces import Upload
from commands.sending.progress import Lines, Meter
from commands.sending.server import Refused, Server
from commands.sending.spool import Item, Spool
from commands.sending.state import Unfinished
from commands.sending.threads import in_threads

SMALL = 8 << 20  # bytes; up to here one request is less work than a resumable upload


class Batch:
    """Looks first, then sends: so that it is known how much there is, and what has come by an earlier run.

    Raises GiveUp out of its iterators when nothing more can be sent.
    """

    def __init__(self, server: Server, unfinished: Unfinished, job: Job, progress: Lines, threads: int) -> None:
        self._server, self._unfinished, self._job = server, unfinished, job
        self._progress, self._threads = progress, threads
        self._run = uuid4().hex

    def dry(self, paths: Iterable[Path]) -> Iterator[Outcome]:
        """What would be sent, and what is there; nothing is sent."""
        self._progress.phase("Looking")
        for found in in_threads(self._look, paths, self._threads):
            yield found if isinstance(found, Outcome) else _outcome(found, Status.WOULD_UPLOAD)

    def send(self, paths: Iterable[Path]) -> Iterator[Outcome]:
        """Send what the server lacks. One file's trouble is no other's."""
        with Spool() as missing, Spool() as twins:
            yield from self._sort(paths, missing, twins)
            if missing.count > 1 and not self._job.resume(missing.count):
                self._announce(missing)
            self._progress.phase("Sending", missing.count, missing.size)
            yield from in_threads(self._send, missing, self._threads)
            # The same bytes in a second file: by now the server has them, unless it did not want them.
            yield from in_threads(self._send_twin, twins, self._threads)
        self._job.over()

    def _sort(self, paths: Iterable[Path], missing: Spool, twins: Spool) -> Iterator[Outcome]:
        """Fill the spools; what is there already, or cannot be read, is an outcome at once."""
        self._progress.phase("Looking")
        seen: set[bytes] = set()
        for found in in_threads(self._look, paths, self._threads):
            if isinstance(found, Outcome):
                yield found
                continue
            digest = bytes.fromhex(found.sha256)
            if digest in seen:
                twins.add(Item(found))
            else:
                seen.add(digest)
                missing.add(Item(found, self._unfinished.get("upload", found.sha256)))

    def _announce(self, missing: Spool) -> None:
        """Make the bulk job. What an earlier run has begun to send is of that run's job, and stays so."""
        begun = sum(bool(item.resume) for item in missing)
        if missing.count - begun < 1:
            return
        try:
            self._job.make(missing.count - begun)
        except (Refused, NotSent) as error:
            self._progress.say(f"There will be no bulk job for these files: {error}")

    def _look(self, path: Path) -> Recording | Outcome:
        """A recording that the server lacks; else what became of it."""
        try:
            recording = look(path, self._read)
        except Unsendable as error:
            self._progress.done()
            return Outcome(str(path), Status.FAILED, error=str(error))
        return self._known(recording)

    def _known(self, recording: Recording) -> Recording | Outcome:
        try:
            call_id = self._server.known(recording.sha256)
        except NotSent as error:
            return _outcome(recording, Status.FAILED, error=str(error))
        finally:
            self._progress.done()
        return _outcome(recording, Status.DUPLICATE, call_id) if call_id else recording

    def _read(self, size: int) -> None:
        self._server.patience.check()
        self._progress.moved(size)

    def _send_twin(self, item: Item) -> Outcome:
        found = self._known(item.recording)
        return found if isinstance(found, Outcome) else self._send(item)

    def _send(self, item: Item) -> Outcome:
        recording, meter = item.recording, Meter(self._progress.moved)
        try:
            sent = self._bring(item, meter)
        except Refused as refused:
            outcome = _outcome(recording, Status.REFUSED, error=str(refused))
        except (Unsendable, NotSent) as error:
            outcome = _outcome(recording, Status.FAILED, error=str(error))
        else:
            outcome = _outcome(recording, Status.DUPLICATE if sent.duplicate else Status.UPLOADED, sent.call_id)
        meter(recording.size)
        self._progress.done()
        return outcome

    def _bring(self, item: Item, meter: Meter) -> Sent:
        if item.recording.size <= SMALL:
            return form.send(self._server, item.recording, self._job.fields, self._run, meter)
        upload = Upload(self._server, item.recording, self._unfinished, meter)
        return upload.send(self._job.fields, item.resume)


def _outcome(recording: Recording, status: Status, call_id: str | None = None, *, error: str | None = None) -> Outcome:
    return Outcome(recording.path, status, call_id, recording.sha256, recording.size, error)
