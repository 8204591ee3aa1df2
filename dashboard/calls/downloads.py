"""What can be saved of a call: the recording, the transcript as text and subtitles, all of it as JSON."""

import re
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from dashboard.components import mount
from records.call_record import Record, Result
from web.recordings import audible

_API = "/api/v1/calls"  # its answers come to a signed-in person's page too, narrowed to what is theirs
_ODD = re.compile(r'[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\\/:*?"<>|]+')
_ENDING = re.compile(r"\.\w{1,5}\s*$")
LONGEST_STEM = 100


def button(record: Record, result: Result | None) -> None:
    """A list of links behind a button; nothing where there is nothing to save."""
    found = links(record, result)
    if found:
        with st.popover("Download", icon=":material/download:"):
            mount("downloads", {"links": found}, key=f"downloads-{record.call.id}")


def links(record: Record, result: Result | None) -> list[dict[str, Any]]:
    """Label, icon, address and the name to save it under. Pure."""
    call, found = record.call, []
    if audible(record.campaign) and call.recording_gone_at is None:
        found.append(_link("Recording", "graphic_eq", f"/recordings/{call.id}?download=1", ""))
    if result is None or result.transcript.withheld or call.transcripts_gone_at is not None:
        return found
    number = result.version.number
    stem = f"{safe_stem(call.filename)} v{number}"
    for label, icon, kind in (("Transcript, text", "article", "txt"), ("Transcript, subtitles", "subtitles", "srt")):
        query = urlencode({"format": kind, "version": number})
        found.append(_link(label, icon, f"{_API}/{call.id}/transcript?{query}", f"{stem}.{kind}"))
    query = urlencode({"include": "transcript", "version": number})
    return [*found, _link("Everything, JSON", "data_object", f"{_API}/{call.id}?{query}", f"{stem}.json")]


def safe_stem(filename: str) -> str:
    """The file's name without its ending, and without what file systems trip over."""
    return _ODD.sub("_", _ENDING.sub("", filename)).strip(" .")[:LONGEST_STEM] or "call"


def _link(label: str, icon: str, href: str, name: str) -> dict[str, Any]:
    return {"label": label, "icon": icon, "href": href, "name": name}
