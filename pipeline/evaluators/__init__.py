"""Text and figures become verdicts: one module a kind of check, behind one contract."""
