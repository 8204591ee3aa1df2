"""What is never written to the log: secrets, and what people said. Pure."""

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

HIDDEN = "***"
SHORTEST = 4  # characters; whoever looked for less would find it in every other word
_CREDENTIALS = (
    re.compile(r"(?<=://)[^/\s@'\"]+(?=@)"),  # in an address
    re.compile(r"(?i)\b(?<=bearer )[\w.~+/=-]{8,}|\b(?<=basic )[\w+/=-]{8,}"),
    re.compile(r"\b(?:tv_[\w-]{20,}|whsec_[\w+/=-]{20,})"),  # our own keys, and webhooks' secrets
)
_QUOTED_INPUT = re.compile(r"(?<=\binput_value=).*?(?=, input_type=)", re.DOTALL)  # of pydantic's errors


class Hider:
    """Takes secrets out of text, wherever they stand in it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {part for secret in secrets for part in _parts(secret) if len(part) >= SHORTEST}
        longest_first = sorted(known, key=lambda part: (-len(part), part))
        self._known = re.compile("|".join(map(re.escape, longest_first))) if known else None

    def hide(self, text: str) -> str:
        """The text without them. Neither does it keep what an error quotes of data: that may be somebody's words."""
        if self._known:
            text = self._known.sub(HIDDEN, text)
        for pattern in _CREDENTIALS:
            text = pattern.sub(HIDDEN, text)
        return _QUOTED_INPUT.sub(HIDDEN, text)


def _parts(secret: str) -> Iterable[str]:
    """Itself, each line of a key, and an address's password as it is written there and as it is."""
    yield secret
    yield from (line.strip() for line in secret.splitlines() if "-----" not in line)
    try:
        password = urlsplit(secret).password
    except ValueError:  # what only looks like an address
        return
    if password:
        yield from (password, unquote(password))
