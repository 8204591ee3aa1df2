"""Transcription: a stored recording becomes a transcript with speakers, and the figures of the call."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import Session, col, select, update

from config import settings
from pipeline import children, renditions, speakers
from pipeline.callbacks import RunCallback
from pipeline.line import Need
from pipeline.outcome import Done, Fault, ProviderError, Wait
from pipeline.sound.contract import Sound
from pipeline.sound.decode import listen
from pipeline.sound.figures import Figures, figures
from pipeline.storage import recording_key, storage
from pipeline.transcribers import registry
from pipeline.transcribers.contract import SOUND, Order, Transcript, Wishes
from pipeline.work import Work
from records import answers, outages, slots, transcripts
from records.calls import Call
from records.campaigns import Campaign
from records.checks import Check, PhraseRule
from records.db import reading, writing
from records.runs import Run
from records.statuses import CheckKind

TRUST_AGAIN_S = 3600.0  # after an answer that should have been brought and was not


@dataclass(frozen=True)
class Heard:
    """What transcription adds to a call."""

    sound: Sound
    transcript: Transcript
    figures: Figures


def needs(_session: Session, run: Run, campaign: Campaign) -> Need | None:
    """A place with the transcriber; none for a name that nobody bears, which the stage answers in words."""
    name = chosen(run, campaign)
    return Need(name) if name in registry.names() else None


def run(work: Work) -> Done[Callable[[Session, Run], None]] | Wait:
    """Listen to the whole recording, then let the transcriber of this run say what was said."""
    name = chosen(work.run, work.campaign)
    if work.campaign.redact and not registry.redacts(name):
        words = f"This campaign redacts, and {registry.label(name)} cannot. Choose another transcriber in its settings."
        raise ProviderError(words, fault=Fault.SETTINGS)
    asked = work.run.transcriber or work.campaign.transcriber
    _settle_on(work, name)
    rooms = scratch_folder()
    rooms.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f"run-{work.run_id}-", dir=rooms, ignore_cleanup_errors=True) as scratch:
        sound = _listen(work, Path(scratch), needs_samples=registry.needs_samples(name))
        order = Order(recording(work.call, name), sound, wishes(work), work.memory, Path(scratch), callback(work, name))
        outcome = registry.transcriber(name).transcribe(order)
    if isinstance(outcome, Wait):
        return outcome
    heard = outcome.value.model_copy(update={"notes": (*_instead(asked, name), *outcome.value.notes)})
    return Done(partial(_store, understood(heard, sound, work.campaign.channel_map)))


def scratch_folder() -> Path:
    """Where decoded samples lie while a call is worked on; what a killed worker leaves there is swept."""
    return settings().scratch


def chosen(run: Run, campaign: Campaign) -> str:
    """The transcriber of this run: the one it has begun with, else the campaign's, else the best that there is.

    One whose key is not set here is no outage: the default serves instead.
    """
    named = run.transcriber or campaign.transcriber
    if named and (named in registry.usable(settings()) or named not in registry.names()):
        return named
    return registry.default(settings(), redact=campaign.redact)


def recording(call: Call, name: str) -> Callable[[], AbstractContextManager[Path]]:
    """The original; a rendition of it for others than ourselves, where they might not read it or find it too large."""
    if registry.remote(name) and not (renditions.is_common(call) and registry.takes(name, call.size)):
        return partial(renditions.lent, call)
    return partial(storage().local, recording_key(call.id))


def callback(work: Work, name: str) -> RunCallback | None:
    """A way to bring the answer, where the provider can reach us and has not failed to lately.

    A run that has given its address away keeps it, whatever others have missed: its answer may be there.
    """
    if not settings().public_url or not registry.remote(name):
        return None
    with reading() as session:
        come = outages.callbacks_come(session, name, trust_again_s=TRUST_AGAIN_S)
        return RunCallback(work.run_id, name) if come or answers.is_open(session, work.run_id) else None


def _instead(asked: str, name: str) -> tuple[str, ...]:
    if asked in {"", name}:
        return ()
    key = registry.PROVIDERS[asked].needs_key
    return (
        f"{registry.label(name)} transcribed this call, because {registry.label(asked)} has no key here. Set {key}.",
    )


def _settle_on(work: Work, name: str) -> None:
    """From here on the run keeps its transcriber, whatever the campaign's settings become meanwhile."""
    if work.run.transcriber != name:
        kept = {fact: value for fact, value in work.run.memory.items() if fact == SOUND}  # another's job is no use
        with writing() as session:
            work.hold(session, transcriber=name, memory=kept)
            slots.release(session, work.run_id, other_than=name)
        work.run.transcriber, work.run.memory = name, kept


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


def _listen(work: Work, scratch: Path, *, needs_samples: bool) -> Sound:
    """Decode the recording whole, in a child process; once a run, unless the samples themselves are needed again."""
    remembered = work.memory.facts.get(SOUND)
    if remembered and not needs_samples:
        return Sound.model_validate_json(remembered)
    with storage().local(recording_key(work.call.id)) as path:
        seconds = renditions.decoding_s(work.call)
        room = scratch if needs_samples else None
        how = (path, room, work.call.accept_truncated, work.call.filename)  # the name helps with headerless files only
        sound: Sound = children.run(listen, *how, timeout_s=seconds)
    work.memory.remember(**{SOUND: sound.model_dump_json()})
    return sound


def _store(heard: Heard, session: Session, run: Run) -> None:
    session.exec(
        update(Call)
        .where(col(Call.id) == run.call_id)
        .values(duration_ms=heard.sound.duration_ms, transcripts_gone_at=None)
    )
    told = heard.transcript.model_dump(mode="json"), heard.figures.model_dump(mode="json")
    made = transcripts.keep(session, run.call_id, run.number, *told, redacted=heard.transcript.redacted)
    session.exec(update(Run).where(col(Run.id) == run.id).values(transcript_id=made))
