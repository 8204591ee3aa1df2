"""Makes the sample calls: `python samples/make.py` (needs the program flite, once; the recordings are kept in git).

Everything in them is made up. The voices are those of flite that speech recognisers understand best, and
the words are ones that the offline recogniser's dictionary holds.
"""

import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
RATE = 16_000
BITS_PER_SECOND = 32_000  # for both channels; one of them is silent most of the time

AGENT, CUSTOMER = 0, 1  # the channels
Samples = NDArray[np.int16]


class Turn(NamedTuple):
    """Who says what, after how many seconds of silence."""

    channel: int
    voice: str
    words: str
    after_s: float = 0.5


GOOD_CALL = (
    Turn(AGENT, "slt", "Thank you for calling Maple Street Bank. My name is Susan."),
    Turn(AGENT, "slt", "This call may be recorded for quality. How can I help you today?", 0.2),
    Turn(CUSTOMER, "awb", "Hello. I lost my card last week, and I need a new one please."),
    Turn(AGENT, "slt", "Oh, I am sorry to hear that. I am happy to help."),
    Turn(AGENT, "slt", "To verify your account, may I have your date of birth?", 0.3),
    Turn(CUSTOMER, "awb", "Yes. The third of April, nineteen eighty."),
    Turn(AGENT, "slt", "Thank you. I have ordered a new card for you. It will be there on Friday."),
    Turn(CUSTOMER, "awb", "That is great. Thank you very much."),
    Turn(AGENT, "slt", "Is there anything else I can help you with?"),
    Turn(CUSTOMER, "awb", "No, that is all."),
    Turn(AGENT, "slt", "Thank you for calling, and have a great day."),
    Turn(CUSTOMER, "awb", "Thank you. You too.", 0.3),
)

FLAGGED_CALL = (
    Turn(AGENT, "kal16", "Thank you for calling Maple Street Bank. My name is Robert. How can I help you?"),
    Turn(CUSTOMER, "slt", "Hello. I was charged twice last week, and I would like my money back."),
    Turn(AGENT, "kal16", "Please hold while I look at this."),
    Turn(CUSTOMER, "slt", "Hello? Are you still there?", 15),
    Turn(AGENT, "kal16", "Yes. I can see the second charge. I will send the money back in three days."),
    Turn(CUSTOMER, "slt", "I have been waiting for a long time. This is the second time that I call."),
    Turn(AGENT, "kal16", "There is nothing I can do about that. Goodbye."),
)


def spoken(voice: str, words: str) -> Samples:
    """One turn in one of flite's 16 kHz voices."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "turn.wav"
        subprocess.run(["flite", "-voice", voice, "-t", words, "-o", wav], check=True)  # noqa: S603, S607  our own script
        with av.open(wav) as container:
            frames = [frame.to_ndarray().reshape(-1).astype(np.int16) for frame in container.decode(audio=0)]
    return np.concatenate(frames)


def conversation(turns: tuple[Turn, ...]) -> Samples:
    """Samples (2, n): the agent left, the customer right, nobody at once."""
    pieces, at = [], 0
    for turn in turns:
        at += round(turn.after_s * RATE)
        piece = spoken(turn.voice, turn.words)
        pieces.append((turn.channel, at, piece))
        at += len(piece)
    both: Samples = np.zeros((2, at + RATE // 2), np.int16)
    for channel, start, piece in pieces:
        both[channel, start : start + len(piece)] = piece
    return both


def write_opus(path: Path, both: Samples) -> None:
    with av.open(path, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="stereo")
        stream.bit_rate = BITS_PER_SECOND
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(both.T).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main() -> None:
    for name, turns in (("good_call", GOOD_CALL), ("flagged_call", FLAGGED_CALL)):
        path = HERE / f"{name}.opus"
        both = conversation(turns)
        write_opus(path, both)
        print(f"{path.name}: {both.shape[1] / RATE:.1f} s, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
