"""Sound: `python -m benchmarks.sound` measures looking into recordings beside ffprobe, and decoding beside ffmpeg.

Ours runs in its pooled child processes, as in the product, and finds where somebody speaks while it decodes; ffmpeg
decodes alone. Without ffmpeg on this machine there is nothing to compare with, and this says so.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks import results
from benchmarks.results import Result
from benchmarks.timing import best
from pipeline import children
from pipeline.sound.contract import RATE
from pipeline.sound.decode import listen
from pipeline.sound.probe import probe
from tests.audio import encode, speech

FILES, MINUTES, ROUNDS, PATIENCE_S = 100, 20, 3, 300.0
PROBE_GOAL, DECODE_GOAL = 1.0, 0.5


def main() -> None:
    if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        sys.exit("Nothing to compare with: install ffmpeg (`apt-get install ffmpeg`).")
    with tempfile.TemporaryDirectory(prefix="totalview-sound-") as folder:
        short, long = Path(folder) / "short.mp3", Path(folder) / "long.mp3"
        samples, rate = speech().samples, speech().rate
        short.write_bytes(encode(samples, rate, "mp3"))
        again = -(-MINUTES * 60 * rate // samples.shape[1])
        long.write_bytes(encode(np.tile(samples, again)[:, : MINUTES * 60 * rate], rate, "mp3"))
        children.run(probe, short, timeout_s=PATIENCE_S)  # a child is born once
        print(results.HEAD)
        ours, theirs = best(lambda: _probe(short), ROUNDS), best(lambda: _ffprobe(short), ROUNDS)
        results.keep(Result("looking into an MP3, beside ffprobe", FILES / ours, FILES / theirs, PROBE_GOAL, "files/s"))
        ours, theirs = best(lambda: _listen(long), ROUNDS), best(lambda: _ffmpeg(long), ROUNDS)
        name = f"decoding {MINUTES} minutes of MP3, beside ffmpeg"
        results.keep(Result(name, MINUTES * 60 / ours, MINUTES * 60 / theirs, DECODE_GOAL, "x real time"))
    children.close()


def _probe(path: Path) -> None:
    for _ in range(FILES):
        children.run(probe, path, timeout_s=PATIENCE_S)


def _ffprobe(path: Path) -> None:
    for _ in range(FILES):
        _silently("ffprobe", "-v", "error", "-show_format", "-show_streams", str(path))


def _listen(path: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        children.run(listen, path, Path(scratch), timeout_s=PATIENCE_S)


def _ffmpeg(path: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        made = str(Path(scratch) / "sound.s16")
        _silently("ffmpeg", "-v", "error", "-threads", "1", "-i", str(path), "-ar", str(RATE), "-f", "s16le", made)


def _silently(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  our own words


if __name__ == "__main__":
    main()
