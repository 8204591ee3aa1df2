"""List prices in US dollars, as the vendors published them in October and November 2026: the one place for them.

A model that is not here has no known price, and its cost is shown as unknown, never as zero.
"""

from collections.abc import Mapping
from typing import NamedTuple

SECONDS_AN_HOUR = 3600
TOKENS_A_PRICE = 1_000_000
CACHE_WRITE = 2.0  # of the input's price, for a cache that is kept an hour
CACHE_WRITE_SHORT = 1.25  # ... and for one that is kept five minutes


class AudioPrice(NamedTuple):
    """Dollars an hour of audio, a channel; the additions are on top where they are asked for."""

    hour: float
    diarization: float = 0.0
    keyterms: float = 0.0
    redaction: float = 0.0


class TokenPrice(NamedTuple):
    """Dollars a million tokens. A prompt over `long_prompt` tokens costs `long_times` as much, its answer too."""

    input: float
    output: float
    cache_read: float
    long_prompt: int = 0
    long_times: float = 1.0


AUDIO: Mapping[tuple[str, str], AudioPrice] = {  # by transcriber and model
    ("assemblyai", "universal-3-5-pro"): AudioPrice(0.21, diarization=0.02, keyterms=0.05, redaction=0.08),
    ("assemblyai", "universal-3-pro"): AudioPrice(0.21, diarization=0.02, keyterms=0.05, redaction=0.08),
    ("assemblyai", "universal-2"): AudioPrice(0.15, diarization=0.02, keyterms=0.05, redaction=0.08),
    ("assemblyai", "universal"): AudioPrice(0.15, diarization=0.02, keyterms=0.05, redaction=0.08),
    ("deepgram", "nova-3"): AudioPrice(0.462, diarization=0.12, keyterms=0.078, redaction=0.12),
    ("deepgram", "nova-2"): AudioPrice(0.258, diarization=0.12, redaction=0.12),
}
TOKENS: Mapping[str, TokenPrice] = {  # by the beginning of the model's name; the longest that fits holds
    "claude-haiku-5-5": TokenPrice(0.10, 0.50, 0.01, long_prompt=100_000, long_times=5.0),
    "claude-haiku-4-5": TokenPrice(1.0, 5.0, 0.10),
    "claude-sonnet-5-5": TokenPrice(2.0, 10.0, 0.10),
    "claude-sonnet-5": TokenPrice(2.0, 10.0, 0.20),
    "claude-sonnet-4": TokenPrice(3.0, 15.0, 0.30),
    "claude-opus-5-5": TokenPrice(4.0, 20.0, 0.20),
    "claude-opus-5": TokenPrice(5.0, 25.0, 0.50),
    "claude-opus-4": TokenPrice(5.0, 25.0, 0.50),
}


def transcription(
    provider: str,
    model: str,
    seconds: float,
    *,
    channels: int = 1,
    diarized: bool = False,
    keyterms: bool = False,
    redacted: bool = False,
) -> float | None:
    """What transcribing costs; every channel that is transcribed by itself is billed. None for an unknown model."""
    price = AUDIO.get((provider, model))
    if price is None:
        return None
    hour = price.hour + diarized * price.diarization + keyterms * price.keyterms + redacted * price.redaction
    return round(hour * channels * seconds / SECONDS_AN_HOUR, 6)


def judging(
    model: str, *, fresh: int, cache_write: int, cache_read: int, output: int, cache_write_short: int = 0
) -> float | None:
    """What one request costs, by its tokens: read anew, written to and read from the cache, answered."""
    fitting = [name for name in TOKENS if model.startswith(name)]
    if not fitting:
        return None
    price = TOKENS[max(fitting, key=len)]
    written = CACHE_WRITE * cache_write + CACHE_WRITE_SHORT * cache_write_short
    asked = price.input * (fresh + written) + price.cache_read * cache_read
    prompt = fresh + cache_write + cache_write_short + cache_read
    times = price.long_times if price.long_prompt and prompt > price.long_prompt else 1.0
    return round(times * (asked + price.output * output) / TOKENS_A_PRICE, 6)
