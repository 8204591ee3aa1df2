"""Hostile words in every text column that holds somebody's words, of every row: what a page makes of them is seen."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

from sqlalchemy import JSON, Column, String, Table, Text, TypeDecorator, select, update
from sqlmodel import Session

from records.tables import METADATA

HOST = "evil.test"
HOSTILE = (
    '<img src=x onerror="window.__xss=1">',
    "<script>window.__xss=1</script>",
    f"![x](http://{HOST}/x.png)",
    "[x](javascript:window.__xss=1)",
    "</script><svg onload=window.__xss=1>",
    f"http://{HOST}/a www.{HOST} <http://{HOST}/b>",
    ":material/delete: :red[x] $\\frac{1}{2}$ {{7*7}} &lt;b&gt; `c` **d**",
    "\u202etxet\u202c '\"><iframe src=javascript:window.__xss=1>",
)
WORDS = {  # columns whose words come from people, files, servers, models and programs outside
    "agent": "name team",
    "agent_alias": "alias",
    "api_key": "name created_by",
    "audit_entry": "by subject details",
    "bulk_item": "filename words",
    "bulk_job": "name by cancelled_by",
    "call": "filename codec external_id agent_given error held_by held_why metadata",
    "call_event": "words by",
    "campaign": "name",
    "check": "name section",
    "check_result": "name section reason evidence",
    "deleted_call": "by why",
    "dispute": "words by",
    "person": "name email",
    "provider_state": "words",
    "resumable_upload": "filename words",
    "review": "closed_by comment",
    "reviewed_check": "comment by",
    "run": "asked_by error",
    "saved_view": "name",
    "sftp_batch": "words by",
    "sftp_file": "path reason agent_note told",
    "sftp_folder": "alarm",
    "sftp_row": "name words told",
    "sftp_state": "words",
    "transcript": "content",
    "version": "flag_reasons transcriber_model analyzer_model",
    "web_session": "browser",
    "webhook": "created_by paused_why",
    "webhook_delivery": "log",
}
# Words of our own or of a fixed form: codes, hashes, names of time zones. A hostile one was refused at the door.
OURS = {
    "agent": "name_folded",
    "audit_entry": "act",
    "api_key": "shown key_hash",
    "bulk_item": "code",
    "call": "id sha256 container error_code",
    "call_event": "was became",
    "call_text": "words",
    "campaign": "slug language time_zone transcriber transcriber_model section_thresholds",
    "check": "rule",
    "check_result": "rule",
    "day_agent": "zone",
    "day_check": "zone name",  # added up from rows whose names are hostile
    "day_tally": "zone",
    "deleted_call": "id sha256 receipt",
    "kept_answer": "key fingerprint body",
    "kept_day": "zone",
    "one_time_link": "token_hash",
    "outside_account": "issuer subject",
    "person": "password_hash",
    "provider_answer": "secret_sha256",
    "provider_slot": "provider",
    "provider_state": "provider failing",
    "removal": "kept receipt",
    "resumable_upload": "id owner by held_by call_id code facts",
    "run": "stage claim waiting_for waits_at transcriber error_code memory usage stage_seconds",
    "saved_view": "address",
    "sftp_file": "path_key name_key stem_key code claim",
    "sftp_folder": "folder preset pattern called_at_format column_map",
    "sftp_row": "name_key",
    "sftp_state": "claim",
    "signing_secret": "purpose secret",
    "transcript": "figures",
    "upload_piece": "brought_by",
    "version": "transcriber analyzer prompt_version section_scores stage_seconds",
    "web_session": "token_hash",
    "webhook": "url secret old_secret events",
    "webhook_delivery": "event_id type call_id claim payload",
}
_FORM = {"speaker", "start_ms", "turn", "code", "provider", "language", "kind", "at"}  # of JSON: the pages' own words


def columns(table: Table) -> set[str]:
    """Every column of this table that can hold words."""
    return {column.name for column in table.columns if _holds_words(column) and not column.foreign_keys}


def named(columns_of: dict[str, str]) -> dict[str, set[str]]:
    return {table: set(names.split()) for table, names in columns_of.items()}


def spread(session: Session) -> None:
    """Replace them all."""
    payloads = cycle(HOSTILE)
    for table, names in named(WORDS).items():
        _poison(session, METADATA.tables[table], names, payloads)


def _poison(session: Session, table: Table, names: set[str], payloads: Iterator[str]) -> None:
    (key,) = table.primary_key.columns
    for number, row in enumerate(session.connection().execute(select(table)).all()):
        next(payloads)
        given = row._mapping
        changed = {name: _worse(given[name], table.columns[name], number, payloads) for name in names if given[name]}
        if changed:
            session.connection().execute(update(table).where(key == given[key.name]).values(changed))


def _worse(value: Any, column: Column[Any], number: int, payloads: Iterator[str]) -> Any:
    if not isinstance(value, str):
        return _deep(value, payloads)
    words = f"{next(payloads)} {number}"
    longest = getattr(column.type, "length", None) or len(words)
    return words[:longest]


def _deep(value: Any, payloads: Iterator[str], name: str = "") -> Any:
    """Words within JSON, and the names of what people name themselves."""
    match value:
        case dict():
            return {each: _deep(held, payloads, each) for each, held in value.items()}
        case list():
            return [_deep(each, payloads, name) for each in value]
        case str() if name not in _FORM:
            return next(payloads)
    return value


def _holds_words(column: Column[Any]) -> bool:
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    return isinstance(kind, JSON) or type(kind) in {String, Text}
