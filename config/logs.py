"""The log: one line a record, as text or as JSON, with what it is about, and without secrets.

Foreign text in a message can neither begin a line nor pass for what we say ourselves.
"""

import json
import logging
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType

from config import Settings, settings
from config.hiding import Hider

FACTS = "facts"  # `extra={FACTS: {...}}`: what one record is about, beside its context
OF_AWS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")  # read by its own library, so no settings of ours
Facts = Mapping[str, object]

_about: ContextVar[Facts] = ContextVar("about", default=MappingProxyType({}))


@contextmanager
def about(**facts: object) -> Iterator[None]:
    """What is logged inside is about this (a call's id, a run's number, a stage): it stands in each line."""
    before = _about.set({**_about.get(), **facts})
    try:
        yield
    finally:
        _about.reset(before)


def set_up(quiet: Iterable[str]) -> None:
    """Write the log to stderr as the settings say; of the libraries in `quiet` only warnings, at any level of ours."""
    handler = logging.StreamHandler(sys.stderr)
    lines = JsonLines if settings().log_format == "json" else TextLines
    handler.setFormatter(lines(Hider(secrets(settings()))))
    logging.basicConfig(level=settings().log_level, handlers=[handler], force=True)
    for library in quiet:
        logging.getLogger(library).setLevel(max(logging.WARNING, logging.getLogger().level))
    logging.captureWarnings(capture=True)
    threading.excepthook = _broke


def secrets(known: Settings) -> Iterator[str]:
    """The values of every setting that is secret."""
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("secret"):
            yield str(getattr(known, name))
    yield from (os.environ.get(name, "") for name in OF_AWS)


class Lines(logging.Formatter):
    """What both forms have in common."""

    def __init__(self, hider: Hider) -> None:
        super().__init__()
        self._hide = hider.hide

    def message(self, record: logging.LogRecord) -> str:
        return self._hide(record.getMessage())

    def trouble(self, record: logging.LogRecord) -> str:
        """The error with its traceback; empty where there is none."""
        return self._hide(self.formatException(record.exc_info)) if record.exc_info else ""

    @staticmethod
    def facts(record: logging.LogRecord) -> dict[str, object]:
        """What it is about; whatever has a context is told by its thread too."""
        found = {**_about.get(), **getattr(record, FACTS, {})}
        return {**found, "thread": record.threadName} if found else {}


class TextLines(Lines):
    """For people: time, level, logger, [what it is about]: message; an error's lines are indented below it."""

    def format(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{name}={_word(value)}" for name, value in self.facts(record).items())
        where = f"{record.name} [{facts}]" if facts else record.name
        first = f"{self.formatTime(record)} {record.levelname} {where}: {visible(self.message(record))}"
        return "\n".join([first, *(f"    {visible(line)}" for line in self.trouble(record).splitlines())])


class JsonLines(Lines):
    """For programs that gather logs: one JSON object a line, in plain ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.message(record),
            **self.facts(record),
            "process": record.process,
        }
        trouble = self.trouble(record)
        return json.dumps({**line, "error": trouble} if trouble else line, default=str)


def visible(text: str) -> str:
    """On one line: what ends a line or moves a terminal's cursor is written as Python would write it."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


def _word(value: object) -> str:
    text = visible(str(value))
    return json.dumps(text, ensure_ascii=False) if set(text) & set(' "[]=') else text


def _broke(what: threading.ExceptHookArgs) -> None:
    """A thread that ends by an error says so in the log, where Python would write past it."""
    if what.exc_value is None or issubclass(what.exc_type, SystemExit):
        return
    trouble = (what.exc_type, what.exc_value, what.exc_traceback)
    logging.getLogger(__name__).error("The thread %s broke.", what.thread and what.thread.name, exc_info=trouble)
