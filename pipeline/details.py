"""Facts of a call that no column is for: a JSON object of the source's own, as far as it can be kept and answered."""

import json
from collections.abc import Mapping
from typing import Any

DEEPEST = 32  # objects and lists within one another; what answers them as JSON gives up at some 250
LARGEST = 64 << 10  # characters as JSON


def trouble(details: Mapping[str, Any]) -> str:
    """Why these cannot be kept, in a sentence; empty when they can."""
    if deeper(details, DEEPEST):
        return f"The metadata may have at most {DEEPEST} objects or lists within one another."
    try:
        text = json.dumps(details, allow_nan=False, ensure_ascii=False)
        text.encode()
    except (TypeError, ValueError) as error:
        return f"The metadata cannot be kept as JSON: {error}."
    return "" if len(text) <= LARGEST else f"The metadata may have at most {LARGEST:,} characters as JSON."


def deeper(value: object, levels: int) -> bool:
    """Whether it goes deeper than so many levels; looks no deeper than that."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list | tuple):
        return False
    return levels == 0 or any(deeper(each, levels - 1) for each in value)
