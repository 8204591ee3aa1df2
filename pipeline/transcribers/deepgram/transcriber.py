"""Deepgram: one request that is answered by the transcript, or a submission whose answer comes by a callback."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import BinaryIO

from config import settings
from pipeline.outcome import Done, Fault, ProviderError, Wait
from pipeline.transcribers.contract import Callback, Order, Transcript
from pipeline.transcribers.deepgram import reading
from pipeline.transcribers.deepgram.client import Reach, send
from pipeline.transcribers.deepgram.options import MODEL, Asking, asking
from pipeline.transcribers.deepgram.refusals import brought
from pipeline.transcribers.deepgram.wire import Answer, Lost, read

LEAST_PATIENCE_S, PATIENCE_SHARE = 600.0, 0.1  # Deepgram itself tries a callback for five minutes
OURS = (Fault.RECORDING, Fault.SETTINGS)
LONGEST_LOOK_S = 300.0  # a callback makes us look at once; this is for one that did not

# What became of the callback.
OPEN, OVERDUE, SPOILT, REFUSED, UNREDACTED = "open", "overdue", "spoilt", "refused", "unredacted"
NOTES = {
    OVERDUE: "Deepgram's callback did not come in time, so the recording was sent again and the answer waited for. "
    "TOTALVIEW_PUBLIC_URL must be an address that Deepgram can reach.",
    UNREDACTED: "Redaction was turned on while Deepgram was at work, so the recording was sent again.",
    SPOILT: "Deepgram's callback brought no transcript, so the recording was sent again.",
    REFUSED: "Deepgram does not call back to TOTALVIEW_PUBLIC_URL (it takes ports 80, 443, 8080 and 8443 only), so its "
    "answer was waited for instead.",
}


def configured() -> "Deepgram":
    """Deepgram with this deployment's key, address and patience."""
    ours = settings()
    return Deepgram(Reach(ours.deepgram_api_key.strip(), ours.deepgram_base_url.strip(), ours.provider_seconds))


def patience(duration_ms: int) -> timedelta:
    """How long the callback for a recording of this length is waited for."""
    return timedelta(seconds=LEAST_PATIENCE_S + PATIENCE_SHARE * duration_ms / 1000)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Deepgram:
    """Facts in the run's memory: `asked` and when, while the fate of a request is not known; `asked_again`, how many
    were lost; `callback`, what became of it, and `callback_at`, `redacted`, `request_id`, `submitted_at`.
    """

    reach: Reach
    clock: Callable[[], datetime] = _now
    name = "deepgram"

    def transcribe(self, order: Order) -> Done[Transcript] | Wait:
        """Take what a callback brought, wait for it, or ask."""
        became = order.memory.facts.get("callback", "")
        if became == OPEN and order.wishes.redact and order.memory.facts.get("redacted") != "yes":
            return self._ask(order, lost=True, callback=UNREDACTED)
        answer = order.callback.answer if order.callback else None
        if answer is not None and became not in (SPOILT, REFUSED, UNREDACTED):
            return self._brought(order, answer)
        if became == OPEN:
            left = self._left(order)
            return _waiting(left, heard=False) if left > 0 else self._overdue(order)
        if order.callback and not became:
            return self._submit(order, order.callback)
        return self._ask(order)

    def check(self) -> str:
        """Whether the account is there for us: an empty recording is refused as such, once the key has been taken."""
        try:
            send(self.reach, BytesIO(b""), {"model": MODEL})
        except ProviderError as error:
            if error.fault is not Fault.RECORDING:
                raise
        return "Deepgram answers and takes the key"

    def _overdue(self, order: Order) -> Done[Transcript]:
        if order.callback:
            order.callback.missed()
        return self._ask(order, lost=True, callback=OVERDUE)

    def _ask(self, order: Order, *, lost: bool = False, **facts: str) -> Done[Transcript]:
        """Send the recording and wait for the transcript.

        The mark stays until the answer is known to be none that is billed: a process that dies before the transcript
        is stored has had one for nothing, and so has one whose answer was cut off.
        """
        wanted = asking(order)
        with order.recording() as path, path.open("rb") as recording:
            if lost or order.memory.facts.get("asked"):
                facts["asked_again"] = str(_asked_again(order) + 1)
            order.memory.remember(asked=self.clock().isoformat(), **facts)
            return self._done(order, wanted, read(self._sent(order, recording, wanted)))

    def _sent(self, order: Order, recording: BinaryIO, wanted: Asking) -> bytes:
        try:
            return send(self.reach, recording, wanted.options)
        except Lost:
            raise
        except ProviderError:
            order.memory.remember(asked="")
            raise

    def _submit(self, order: Order, callback: Callback) -> Done[Transcript] | Wait:
        """Send the recording and an address for the answer.

        What is remembered first keeps us from paying again, should we die before the receipt is here.
        """
        wanted = asking(order)
        address = callback.open()
        options = {**wanted.options, "callback": address, "callback_method": "POST"}
        with order.recording() as path, path.open("rb") as recording:
            redacted = "yes" if wanted.redact else "no"
            order.memory.remember(callback=OPEN, callback_at=self.clock().isoformat(), redacted=redacted)
            try:
                receipt = read(send(self.reach, recording, options))
            except Lost:
                return _waiting(self._left(order), heard=False)  # it may be at work all the same
            except ProviderError as error:
                refused = error.fault in OURS and "callback" in str(error).lower()
                order.memory.remember(callback=REFUSED if refused else "")
                if not refused:
                    raise
        if order.memory.facts["callback"] == REFUSED:
            callback.missed()
            return self._ask(order)
        if receipt.results is not None:  # a server that knows no callbacks has answered at once
            return self._done(order, wanted, receipt)
        order.memory.remember(request_id=receipt.request_id, submitted_at=self.clock().isoformat())
        return _waiting(self._left(order))

    def _brought(self, order: Order, body: bytes) -> Done[Transcript]:
        """What a callback brought. Once it is of no use, the next try waits for the answer."""
        try:
            answer = read(body)
            if answer.refuses:
                raise brought(answer, hide=(self.reach.key,))
            redacted = order.memory.facts.get("redacted") == "yes"  # as it was when this was asked for
            return self._done(order, asking(order)._replace(redact=redacted), answer)
        except Lost:
            order.memory.remember(callback=SPOILT, asked=self.clock().isoformat())
            raise
        except ProviderError:
            order.memory.remember(callback=SPOILT)
            raise

    def _left(self, order: Order) -> float:
        """Seconds until the callback is overdue."""
        facts = order.memory.facts
        since = datetime.fromisoformat(facts.get("submitted_at") or facts["callback_at"])
        return (since + patience(order.sound.duration_ms) - self.clock()).total_seconds()

    def _done(self, order: Order, wanted: Asking, answer: Answer) -> Done[Transcript]:
        made = reading.transcript(answer, wanted, order.sound)
        notes = (*made.notes, *_lost_notes(order))
        return Done(made.model_copy(update={"asked_again": _asked_again(order), "notes": notes}))


def _waiting(left: float, *, heard: bool = True) -> Wait:
    return Wait(max(min(left, LONGEST_LOOK_S), 1.0), "Deepgram is at work; its callback is awaited.", heard=heard)


def _asked_again(order: Order) -> int:
    return int(order.memory.facts.get("asked_again") or 0)


def _lost_notes(order: Order) -> Iterator[str]:
    became = order.memory.facts.get("callback", "")
    if became in NOTES:
        yield NOTES[became]
    again = _asked_again(order)
    if again:
        yield (
            f"{again} earlier request(s) to Deepgram were lost before their answer was stored, so that this recording "
            f"may have been billed {again + 1} times."
        )
