"""A recording in a form that everybody reads: FLAC, with the channels and the times of the original."""

from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame

from pipeline.sound.contract import RATE
from pipeline.sound.opening import opened
from pipeline.sound.samples import Block, Tally, blocks

MOST_CHANNELS = 8  # FLAC has no more; what has is mixed to one, as for transcription
FRAMES = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}


def render(path: Path, made: Path, name_hint: str = "") -> None:
    """Write `path` to `made`, in memory that does not grow with it. Meant to run in a child, after `listen` took it."""
    with opened(path, name_hint) as recording, av.open(str(made), "w", format="flac") as out:
        stream = None
        for block in blocks(recording, Tally()):
            voices = block if block.shape[1] <= MOST_CHANNELS else _mixed(block)
            if stream is None:
                stream = out.add_stream("flac", rate=RATE, layout=FRAMES[voices.shape[1]])
            out.mux(stream.encode(_frame(voices)))
        if stream is not None:
            out.mux(stream.encode(None))


def _frame(voices: Block) -> AudioFrame:
    packed = np.ascontiguousarray(voices).reshape(1, -1)
    frame = AudioFrame.from_ndarray(packed, format="s16", layout=FRAMES[voices.shape[1]])
    frame.sample_rate = RATE
    return frame


def _mixed(block: Block) -> Block:
    mean: Block = block.mean(axis=1, keepdims=True).astype(np.int16)
    return mean
