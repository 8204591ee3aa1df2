"""Deepgram: one request that its result answers, or a result that is brought."""

from pipeline.transcribers.deepgram.transcriber import Deepgram, configured

__all__ = ["Deepgram", "configured"]
