"""What is left of a deleted call, for those who may delete: when it went, by whom, and what went."""

from typing import Any

import streamlit as st

from dashboard import words
from dashboard.components import mount
from records.deletions import DeletedCall

_COUNTED = {  # in the receipt -> one of it, several
    "versions": ("version", "versions"),
    "transcripts": ("transcript", "transcripts"),
    "check_results": ("check result", "check results"),
    "reviews": ("review", "reviews"),
    "reviewed_checks": ("reviewed check", "reviewed checks"),
    "disputes": ("dispute", "disputes"),
    "timeline": ("line of the timeline", "lines of the timeline"),
}


def show(stone: DeletedCall) -> None:
    """The receipt as a page."""
    st.title("This call was deleted", anchor=False)
    st.write("Nothing of it is left but this receipt. The audit log has it too.")
    with st.container(border=True):
        mount("facts", {"pairs": pairs(stone)}, key=f"receipt-{stone.id}")


def pairs(stone: DeletedCall) -> list[tuple[str, Any]]:
    """Names and values."""
    known = (
        ("Deleted", words.date(stone.at)),
        ("By", stone.by),
        ("Reason", stone.why),
        ("What went", what_went(stone.receipt)),
        ("Call", stone.id),
        ("SHA-256", stone.sha256),
    )
    return [pair for pair in known if pair[1]]


def what_went(receipt: dict[str, Any]) -> str:
    """'The recording (3.4 MB), 2 versions, 1 transcript'."""
    parts = [f"The recording ({words.size(int(receipt.get('bytes', 0)))})"]
    for name, (one, several) in _COUNTED.items():
        number = int(receipt.get(name, 0))
        if number:
            parts.append(f"{number:,} {one if number == 1 else several}")
    return ", ".join(parts)
