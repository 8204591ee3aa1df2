"""Transcription: a stored recording becomes a transcript with speakers, and the figures of the call."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import Session, col, select, update

from config import settings
from pipeline import children, speakers
from pipeline.outcome import Done, Fault, ProviderError, Wait
from pipeline.sound.contract import Sound
from pipeline.sound.decode import listen
from pipeline.sound.figures import Figures, figures
from pipeline.storage import recording_key, storage
from pipeline.transcribers import registry
from pipeline.transcribers.contract import Order, Transcript, Wishes
from pipeline.work import Work
from records import slots
from records.calls import Call
from records.checks import Check, PhraseRule
from records.db import reading, writing
from records.results import StoredTranscript
from records.runs import Run
from records.statuses import CheckKind

SLOT_PAUSE_S = 2.0
# Decoding was measured at 200 to 3,500 times real time; a file that takes this long is hostile.
DECODE_LEAST_S, DECODE_BYTES_A_SECOND = 120.0, 100_000


@dataclass(frozen=True)
class Heard:
    """What transcription adds to a call."""

    sound: Sound
    transcript: Transcript
    figures: Figures


def run(work: Work) -> Done[Callable[[Session, Run], None]] | Wait:
    """Listen to the whole recording, then let the transcriber of this run say what was said."""
    name = chosen(work)
    if work.campaign.redact and not registry.redacts(name):
        words = f"This campaign redacts, and the transcriber '{name}' cannot. Choose another in its settings."
        raise ProviderError(words, fault=Fault.ACCOUNT)
    if not _take_place(work, name):
        return Wait(SLOT_PAUSE_S, f"Waiting for a place: all that '{name}' has here are taken.")
    _settle_on(work, name)
    rooms = scratch_folder()
    rooms.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f"run-{work.run_id}-", dir=rooms, ignore_cleanup_errors=True) as scratch:
        sound = _listen(work, Path(scratch), needs_samples=registry.needs_samples(name))
        recording = partial(storage().local, recording_key(work.call.id))
        order = Order(recording, sound, wishes(work), work.memory, Path(scratch))
        outcome = registry.transcriber(name).transcribe(order)
    if isinstance(outcome, Wait):
        with writing() as session:  # the provider is at work: its place is held while nobody here is
            slots.renew(session, work.run_id, seconds=outcome.seconds + settings().lease_seconds)
        return outcome
    return Done(partial(_store, understood(outcome.value, sound, work.campaign.channel_map)))


def scratch_folder() -> Path:
    """Where decoded samples lie while a call is worked on; what a killed worker leaves there is swept."""
    return settings().folder / "scratch"


def chosen(work: Work) -> str:
    """The transcriber of this run: the one it has begun with, else the campaign's, else the best that there is."""
    return (
        work.run.transcriber or work.campaign.transcriber or registry.default(settings(), redact=work.campaign.redact)
    )


def _settle_on(work: Work, name: str) -> None:
    """From here on the run keeps its transcriber, whatever the campaign's settings become meanwhile."""
    if work.run.transcriber != name:
        with writing() as session:
            work.hold(session, transcriber=name)
        work.run.transcriber = name


def understood(transcript: Transcript, sound: Sound, channel_map: str) -> Heard:
    """The transcript with agent and customer told apart, and the call's figures. Pure."""
    told = speakers.named(transcript, sound, channel_map)
    speech = speakers.speech_by_speaker(told, sound)
    own = bool(told.channels)
    return Heard(sound, told, figures(speech, told.utterances, sound.duration_ms, sound.tones, own_channels=own))


def wishes(work: Work) -> Wishes:
    """What the campaign asks of the transcriber; the phrases of its checks are what to listen for."""
    wanted = select(Check).where(
        Check.campaign_id == work.campaign.id, Check.kind == CheckKind.PHRASE, col(Check.active).is_(True)
    )
    with reading() as session:
        rules = [check.spec().rule for check in session.exec(wanted)]
    phrases = dict.fromkeys(phrase for rule in rules if isinstance(rule, PhraseRule) for phrase in rule.phrases)
    return Wishes(
        language=work.campaign.language,
        model=work.campaign.transcriber_model,
        keyterms=tuple(phrases),
        channel_map=work.campaign.channel_map,
        redact=work.campaign.redact,
    )


def _take_place(work: Work, name: str) -> bool:
    limit = registry.places(name, settings())
    with writing() as session:
        return slots.take(session, name, work.run_id, limit=limit, seconds=settings().lease_seconds)


def _listen(work: Work, scratch: Path, *, needs_samples: bool) -> Sound:
    """Decode the recording whole, in a child process; once a run, unless the samples themselves are needed again."""
    remembered = work.memory.facts.get("sound")
    if remembered and not needs_samples:
        return Sound.model_validate_json(remembered)
    with storage().local(recording_key(work.call.id)) as path:
        seconds = max(DECODE_LEAST_S, work.call.size / DECODE_BYTES_A_SECOND)
        room = scratch if needs_samples else None
        how = (path, room, work.call.accept_truncated, work.call.filename)  # the name helps with headerless files only
        sound: Sound = children.run(listen, *how, timeout_s=seconds)
    work.memory.remember(sound=sound.model_dump_json())
    return sound


def _store(heard: Heard, session: Session, run: Run) -> None:
    session.exec(update(Call).where(col(Call.id) == run.call_id).values(duration_ms=heard.sound.duration_ms))
    row = StoredTranscript(
        call_id=run.call_id,
        run_number=run.number,
        content=heard.transcript.model_dump(mode="json"),
        figures=heard.figures.model_dump(mode="json"),
    )
    session.add(row)
    session.flush()
    session.exec(update(Run).where(col(Run.id) == run.id).values(transcript_id=row.id))
    if run.id is not None:
        slots.release(session, run.id)
