"""A small recording in one request."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from commands.sending.contents import Contents, Recording
from commands.sending.outcome import Sent
from commands.sending.patience import Trouble
from commands.sending.server import Server


def send(
    server: Server,
    recording: Recording,
    fields: Mapping[str, str],
    run: str,
    moved: Callable[[int], None],
) -> Sent:
    """Send it; `run` tells this run of the command from others. Raises Unsendable, Refused, NotSent, GiveUp."""
    # Of this run alone: an answer kept from an earlier run may be about a call that has been deleted since.
    key = hashlib.sha256(f"{run}\n{recording.sha256}\n{recording.name}".encode()).hexdigest()
    tries = server.tries()
    while True:
        try:
            with Contents(recording, moved) as contents:
                file: Any = (recording.name, contents, "application/octet-stream")
                answer = server.once(
                    "POST", "calls/upload", headers={"Idempotency-Key": key}, data=dict(fields), files={"file": file}
                )
        except Trouble as trouble:
            moved(0)
            tries.again(trouble)
        else:
            body = server.json(answer)
            return Sent(str(body.get("id", "")), bool(body.get("duplicate")))
