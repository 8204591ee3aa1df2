"""May this transcript be judged by its words, and by its speakers? Pure."""

from pipeline.evaluators.contract import Case

LEAST_POSTERIOR = 0.45  # mean word posterior under which the draft's words are mostly wrong (docs/local-recogniser.md)
LEAST_SPEECH_S = 30  # less speech than this, and estimated speakers are a guess


def words_doubt(case: Case) -> str:
    """Why the words cannot be judged; empty when they can."""
    transcript = case.transcript
    if not any(letter.isalnum() for turn in transcript.utterances for letter in turn.text):
        return "Not evaluated: the transcript is empty, so there are no words to judge."
    sure = transcript.confidence
    if transcript.draft and sure is not None and sure < LEAST_POSTERIOR:
        return (
            f"Not evaluated: the offline draft transcript is too unsure of its words ({sure:.2f}; {LEAST_POSTERIOR} is "
            "needed). Choose another transcriber in the campaign's settings, then use Rerun Transcription."
        )
    return ""


def speakers_doubt(case: Case, speaker: str) -> str:
    """Why it cannot be said what this speaker said; empty when it can. 'either' is always known."""
    if speaker == "either":
        return ""
    transcript = case.transcript
    if transcript.speakers_by == "estimate" and case.speech_s < LEAST_SPEECH_S:
        return (
            f"Not evaluated: the recording has one channel and only {case.speech_s:.0f} s of speech, too little to "
            f"tell the speakers apart ({LEAST_SPEECH_S} s are needed). A two-channel recording says who speaks."
        )
    if not any(utterance.speaker in ("agent", "customer") for utterance in transcript.utterances):
        return "Not evaluated: it is not known which speaker is the agent. Set the campaign's channel map."
    return ""
