"""AssemblyAI: upload, submit, look again later. A crash at any point finds the same job again."""

from dataclasses import dataclass, field
from http import HTTPStatus

from config import settings
from pipeline import refusals
from pipeline.outcome import Done, Fault, ProviderError, Wait
from pipeline.transcribers.assemblyai.answers import COMPLETED, ERROR, Answer, Why, why
from pipeline.transcribers.assemblyai.client import KEY, LABEL, MOST_UPLOAD_BYTES, Client, Gone, client
from pipeline.transcribers.assemblyai.job import Job, next_look
from pipeline.transcribers.assemblyai.reading import NAME, empty, transcript
from pipeline.transcribers.assemblyai.request import config, keyterms
from pipeline.transcribers.contract import Callback, Order, Transcript

MOST_HOURS = 10
LONGEST_JOB_S = 86_400.0  # a job that is not done after a day never will be
OFF_BY, OFF_BY_S = 0.1, 2.0  # further from our own measure than this, a length is worth a sentence
NOTHING = 0.1  # of our own measure: an answer about so little is about a recording that got lost on the way
LONGEST_STATUS = 40


def configured() -> "AssemblyAI":
    """With the account that the deployment set."""
    given = settings()
    return AssemblyAI(
        given.assemblyai_api_key,
        given.assemblyai_base_url,
        silence_s=given.provider_seconds,
        first_look_s=given.poll_seconds,
    )


@dataclass(frozen=True)
class AssemblyAI:
    """One account. An empty `base_url` is AssemblyAI's own."""

    key: str = field(repr=False)
    base_url: str = ""
    silence_s: float = 600.0
    first_look_s: float = 5.0
    name: str = NAME

    def transcribe(self, order: Order) -> Done[Transcript] | Wait:
        """The first look uploads and submits; later ones ask how the job stands, and one of them has the transcript."""
        theirs = client(self.key, self.base_url, self.silence_s)
        job = Job(order.memory)
        if job.audio_url and order.wishes.redact and not job.redacted:
            job.forget(paid=True)  # asked for before the campaign began to redact
        if not job.id and self._begin(theirs, order, job):
            return self._later(order, job)
        try:
            answer = theirs.look(job.id)
        except Gone:
            job.forget(paid=True)
            raise
        return self._outcome(order, job, answer)

    def check(self) -> str:
        """Whether the account is there for us."""
        client(self.key, self.base_url, self.silence_s).check()
        return f"{LABEL} answers and takes the key"

    def _begin(self, theirs: Client, order: Order, job: Job) -> bool:
        """Whether a job was begun now; else one was found that had been begun before."""
        fresh = not job.audio_url
        if fresh:
            self._upload(theirs, order, job)
        else:
            found, certain = theirs.find(job.audio_url, job.uploaded_s)
            if found:
                job.submitted(found)
                return False
            if not certain:
                job.again()
        webhook_url = order.callback.open() if order.callback else ""
        asked = config(order, redact=job.redacted, webhook_url=webhook_url)
        job.submitted(theirs.submit(job.audio_url, asked), told=bool(webhook_url))
        return True

    def _upload(self, theirs: Client, order: Order, job: Job) -> None:
        _check_length(order)
        with order.recording() as path:
            _check_size(path.stat().st_size)
            address = theirs.upload(path)
        job.uploaded(address, redacted=order.wishes.redact, prompted=bool(keyterms(order.wishes)))

    def _later(self, order: Order, job: Job, status: str = "queued") -> Wait:
        told = _word_to_come(order, job) is not None
        pause = next_look(job.waited_s, order.sound.duration_ms, self.first_look_s, told=told)
        return Wait(pause, f"{LABEL} is at work ({status[:LONGEST_STATUS]}).")

    def _outcome(self, order: Order, job: Job, answer: Answer) -> Done[Transcript] | Wait:
        if answer.status == ERROR:
            return _failed(order, job, answer.error or "no reason given")
        if answer.deleted:
            job.forget(paid=True)
            raise Gone(f"{LABEL} has deleted this job.")
        if answer.status == COMPLETED:
            _check_answer(order, job, answer)
            if missing := _word_to_come(order, job):
                missing.missed()  # it was found by looking: where word does not come, looks had better come more often
            made = transcript(order, job, answer)
            return Done(made.model_copy(update={"notes": (*made.notes, *_length_notes(order, answer))}))
        if job.waited_s > LONGEST_JOB_S:
            job.forget(paid=True)
            raise ProviderError(f"{LABEL} did not finish within a day; the recording is sent again.")
        return self._later(order, job, answer.status)


def _word_to_come(order: Order, job: Job) -> Callback | None:
    """The way on which AssemblyAI is to say that it is done; None where it will not, or has done so. A hint only."""
    return order.callback if order.callback and job.told and order.callback.answer is None else None


def _failed(order: Order, job: Job, error: str) -> Done[Transcript]:
    """What follows from a job that ended in an error, which is not billed."""
    about = why(error)
    if about is Why.SPEECHLESS and not any(order.sound.speech):
        return Done(empty(order, job))
    said = " ".join(error.split())[: refusals.LONGEST_SAYING].rstrip(".")
    if about in {Why.SPEECHLESS, Why.RECORDING}:
        words = f"{LABEL} cannot transcribe this recording: {said}. Convert it to WAV, or choose another transcriber."
        raise ProviderError(words, fault=Fault.RECORDING)
    job.forget(paid=False)
    if about is Why.ACCOUNT:
        raise refusals.refused(LABEL, KEY, HTTPStatus.PAYMENT_REQUIRED, said)
    raise ProviderError(f"{LABEL} failed at this recording: {said}.")


def _check_answer(order: Order, job: Job, answer: Answer) -> None:
    """A recording that got lost on the way gives a good-looking answer about nothing."""
    ours, theirs = _lengths(order, answer)
    if theirs >= NOTHING * ours or ours <= OFF_BY_S:
        return
    lengths = f"{LABEL} heard {theirs:.0f} s of this recording, which lasts {ours:.0f} s"
    if job.odd:
        words = f"{lengths}, and did so twice. Convert it to WAV, or choose another transcriber."
        raise ProviderError(words, fault=Fault.RECORDING)
    job.forget(paid=True, odd=True)
    raise ProviderError(f"{lengths}. That is not trusted, and it is sent again.")


def _length_notes(order: Order, answer: Answer) -> tuple[str, ...]:
    ours, theirs = _lengths(order, answer)
    if abs(theirs - ours) <= max(OFF_BY * ours, OFF_BY_S):
        return ()
    lengths = f"{LABEL} heard {theirs:.0f} s of this recording, which lasts {ours:.0f} s"
    return (f"{lengths}. Listen whether something is missing.",)


def _lengths(order: Order, answer: Answer) -> tuple[float, float]:
    """Seconds by our own measure, and by the answer, which may leave them out."""
    ours = order.sound.duration_ms / 1000
    return ours, ours if answer.audio_duration is None else answer.audio_duration


def _check_length(order: Order) -> None:
    hours = order.sound.duration_ms / 3_600_000
    if hours > MOST_HOURS:
        words = f"This recording lasts {hours:.1f} hours, and {LABEL} takes {MOST_HOURS}. Choose another transcriber."
        raise ProviderError(words, fault=Fault.RECORDING)


def _check_size(size: int) -> None:
    if size > MOST_UPLOAD_BYTES:
        words = (
            f"This recording has {size / 1e9:.2f} GB, and {LABEL} takes {MOST_UPLOAD_BYTES / 1e9:.1f} GB. "
            "Convert it to MP3, or choose another transcriber."
        )
        raise ProviderError(words, fault=Fault.RECORDING)
