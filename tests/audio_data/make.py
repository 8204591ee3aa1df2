"""Makes the speech beside it: `python tests/audio_data/make.py` (needs the programs flite and ffmpeg, once)."""

import subprocess
import tempfile
from pathlib import Path

import av
import numpy as np

HERE = Path(__file__).parent
RATE = 16_000
PAUSE = RATE // 2  # samples between two turns
TURNS = (  # channel, voice, words
    (0, "slt", "thank you for calling maple street bank my name is susan how can i help you"),
    (1, "awb", "hello i lost my card yesterday and i need a new one please"),
    (0, "slt", "i am sorry to hear that i can send you a new card today"),
    (1, "awb", "that is great thank you very much"),
    (0, "slt", "is there anything else i can help you with"),
)


def spoken(voice: str, words: str) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "turn.wav"
        subprocess.run(["flite", "-voice", voice, "-t", words, "-o", wav], check=True)
        with av.open(wav) as container:
            return np.concatenate([f.to_ndarray().reshape(-1) for f in container.decode(audio=0)])


def write_opus(path: Path, samples: np.ndarray) -> None:
    layout = "stereo" if len(samples) == 2 else "mono"
    with av.open(path, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout=layout)
        stream.bit_rate = 24_000 * len(samples)
        packed = np.ascontiguousarray(samples.T).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="s16", layout=layout)
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main() -> None:
    pieces, times, at = [], [], PAUSE
    for channel, voice, words in TURNS:
        piece = spoken(voice, words)
        pieces.append((channel, at, piece))
        times.append(f"{channel}\t{at * 1000 // RATE}\t{(at + len(piece)) * 1000 // RATE}\t{words}")
        at += len(piece) + PAUSE
    samples = np.zeros((2, at), dtype=np.int16)
    for channel, start, piece in pieces:
        samples[channel, start : start + len(piece)] = piece
    write_opus(HERE / "speech.opus", samples)
    (HERE / "speech.tsv").write_text("\n".join(times) + "\n")
    gsm = ["ffmpeg", "-y", "-loglevel", "error", "-i", str(HERE / "speech.opus"), "-ac", "1", "-ar", "8000"]
    subprocess.run([*gsm, "-t", "8", "-c:a", "libgsm_ms", str(HERE / "gsm.wav")], check=True)


if __name__ == "__main__":
    main()
