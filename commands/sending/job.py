"""The bulk job by which a batch can be followed: made before the first recording goes, and gone on with later."""

from commands.sending.patience import NotSent
from commands.sending.server import Gone, Refused, Server
from commands.sending.state import Unfinished

LONGEST_NAME = 200


class Job:
    """The bulk job of one command, as it was written: run again, it goes on with the same."""

    def __init__(self, server: Server, unfinished: Unfinished, command: str, name: str) -> None:
        self._server, self._unfinished = server, unfinished
        self._command, self._name = command, name[:LONGEST_NAME]
        self.number: int | None = None

    def resume(self, missing: int) -> bool:
        """Go on with the job of an earlier run that was broken off, if it waits for as many as are missing."""
        number = self._unfinished.get("job", self._command)
        if not number.isdecimal():
            return False
        try:
            found = self._server.json(self._server.ask("GET", f"bulk_jobs/{number}"))
        except (Gone, Refused, NotSent):
            return False
        counts = found.get("counts")
        if found.get("status") == "cancelled" or not isinstance(counts, dict):
            return False
        arrived, refused = int(counts.get("arrived", 0)), int(counts.get("refused", 0))
        left = int(found.get("expected", 0)) - arrived - refused
        # What was refused is sent again, since it may have been mended.
        if not 0 < left <= missing <= left + refused:
            return False
        self.number = int(number)
        return True

    def make(self, expected: int) -> None:
        """Make a new one."""
        said = {"expected": expected, "name": self._name}
        made = self._server.json(self._server.ask("POST", "bulk_jobs", json=said))
        self.number = int(made["id"])
        self._unfinished.note(str(self.number), "job", self._command)

    def over(self) -> None:
        """Everything was dealt with: the next run begins a new one."""
        if self.number is not None:
            self._unfinished.forget(str(self.number), "job", self._command)

    @property
    def fields(self) -> dict[str, str]:
        """What an upload says, to be part of it."""
        return {} if self.number is None else {"bulk_job_id": str(self.number)}
