"""Recordings as sound: what a file is, decoding, where there is speech, and the figures of a call."""
