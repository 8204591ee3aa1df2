"""A call to look at on its page, and what is shown of it."""

from typing import Any

from records import db
from records.calls import Call
from records.statuses import CallStatus
from tests.records.finished import add_version, finished_call
from tests.records.made import stored_call

NASTY = '<img src=x onerror=alert(1)> **bold** :smile: $x$ "quote"'
REPROCESS = ["Rerun Transcription", "Run Analysis"]


def finished(cast, **facts) -> Call:
    with db.writing() as session:
        return finished_call(session, facts.pop("campaign", cast.support), **facts)


def with_version(cast, **facts) -> Call:
    """A call whose only version is made of these facts."""
    with db.writing() as session:
        call = stored_call(session, cast.support, status=CallStatus.COMPLETED)
        add_version(session, call, **facts)
    return call


def component(at, name: str, part: str) -> Any:
    """One part of what one of the two lists at the page's end was given."""
    for each in at.get("bidi_component"):
        if each.proto.component_name == f"tv_{name}" and part in each.proto.json:
            return each.proto.json
    raise AssertionError(part)


def buttons(at) -> list[str]:
    return [button.label for button in at.button if button.label in REPROCESS]
