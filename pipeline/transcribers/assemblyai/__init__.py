"""AssemblyAI: submitted, then looked at until it is done."""

from pipeline.transcribers.assemblyai.transcriber import AssemblyAI, configured

__all__ = ["AssemblyAI", "configured"]
