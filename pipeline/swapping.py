"""Swapping the speakers: a person says that agent and customer are the other way round, and the call is judged anew."""

from collections.abc import Mapping
from typing import TypeVar

from pipeline import reruns, speakers
from pipeline.sound.figures import Figures
from pipeline.transcribers.contract import AGENT, CUSTOMER, Transcript
from records import access, transcripts
from records.calls import Call
from records.db import reading, writing
from records.identity import Identity
from records.roles import Permission
from records.runs import Run
from records.statuses import RunReason
from records.transcripts import Said

Of = TypeVar("Of")
OTHER = {AGENT: CUSTOMER, CUSTOMER: AGENT}


class NothingToSwap(Exception):  # noqa: N818  what it is
    """The transcript names neither an agent nor a customer; the message is a sentence."""


def swap(who: Identity, call_id: str) -> tuple[Call, Run]:
    """Open a run over the newest transcript with its speakers swapped; the caller asks a worker to look at it.

    No transcriber is asked. Raises NotFound, Busy while the call is Transcribing or Analyzing, NothingToAnalyze without
    a transcript, Gone, Withheld, NothingToSwap.
    """
    with reading() as session:
        call = access.call(session, who, call_id, Permission.CALL_REPROCESS)
        source = transcripts.whole(session, reruns.newest_transcript(session, call))
    content, figures = _swapped(source)  # a long call's is megabytes: outside the transaction that writes
    with writing() as session:
        call = reruns.held(session, who, call_id, Permission.CALL_REPROCESS)
        if reruns.newest_transcript(session, call) != source.id:
            raise reruns.Busy(
                "This call has just been transcribed anew. Look at its speakers, then swap them if needed."
            )
        # The run of this number is begun in the same transaction; without it, the transcript is not there either.
        told = content.model_dump(mode="json"), figures.model_dump(mode="json")
        made = transcripts.keep(session, call.id, call.run_number + 1, *told, redacted=source.redacted)
        run = reruns.reopen(session, call, RunReason.SWAPPED_SPEAKERS, by=who.label, transcript_id=made)
        return call, run


def _swapped(source: Said) -> tuple[Transcript, Figures]:
    before = Transcript.model_validate(source.content)
    if not can_swap(before):
        raise NothingToSwap("The transcript does not say who the agent is, so that there are no roles to swap.")
    # Nothing was paid for this one: what the transcriber took stands in the version before.
    unpaid = {"cost_usd": 0.0, "audio_seconds": 0.0, "asked_again": 0}
    after = speakers.swap(before).model_copy(update=unpaid)
    return after, swapped_figures(Figures.model_validate(source.figures))


def can_swap(transcript: Transcript) -> bool:
    """Whether anybody is named agent or customer."""
    named = {said.speaker for said in transcript.utterances} | set(transcript.channels)
    return bool(named & OTHER.keys())


def swapped_figures(figures: Figures) -> Figures:
    """What was measured, told of the other one. Silences, holds and overlaps are nobody's, and stay. Pure."""
    return figures.model_copy(
        update={
            "talk_s": _of_the_other(figures.talk_s),
            "words_per_minute": _of_the_other(figures.words_per_minute),
            "agent_talk_share": figures.customer_talk_share,
            "customer_talk_share": figures.agent_talk_share,
            "agent_interruptions": figures.customer_interruptions,
            "customer_interruptions": figures.agent_interruptions,
        }
    )


def _of_the_other(by_speaker: Mapping[str, Of]) -> dict[str, Of]:
    return {OTHER.get(speaker, speaker): value for speaker, value in by_speaker.items()}
