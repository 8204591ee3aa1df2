"""A campaign's SFTP settings while they are typed: what the inputs hold, what differs, what is wrong."""

from collections.abc import Mapping
from typing import Any

from dashboard.campaigns.form import Form, Typed
from pipeline.sftp.connection import paths
from pipeline.sftp.facts import names
from pipeline.sftp.facts.columns import COLUMNS
from pipeline.sftp.facts.presets import PRESETS
from records import sftp_folders
from records.campaigns import NotUsable
from records.roles import Permission
from records.sftp_folders import LONGEST_WINDOW, SftpFolder

NAMES = "names"  # the input that chooses between none, a preset and an own pattern
NONE, OWN = "", "own"
COLUMN = "column:"  # begins the name of a column's input
LABELS: Mapping[str, str] = {
    "enabled": "SFTP",
    "folder": "folder",
    "csv": "CSV",
    "window_minutes": "batch window",
    "preset": "file names",
    "pattern": "file names",
    "called_at_format": "file names",
    "column_map": "columns",
    "subfolders": "subfolders",
    "after_import": "after import",
    "create_agents": "new agents",
}
_NAMING = ("preset", "pattern", "called_at_format")
_PLAIN = tuple(name for name in LABELS if name not in {*_NAMING, "column_map"})
_EMPTY = {"window_minutes": f"Give a number of minutes from 1 to {LONGEST_WINDOW:,}."}


def form(slug: str) -> Form:
    """The tab's inputs."""
    return Form("sftp", slug, LABELS, Permission.SFTP_CONFIGURE)


def stored(folder: SftpFolder) -> Typed:
    """What is stored, as the inputs hold it."""
    plain = {name: getattr(folder, name) for name in _PLAIN}
    own = {"pattern": folder.pattern, "called_at_format": folder.called_at_format}
    columns = {f"{COLUMN}{name}": folder.column_map.get(name, "") for name in COLUMNS}
    return {**plain, NAMES: OWN if folder.pattern else folder.preset, **own, **columns}


def naming(inputs: Form) -> dict[str, str]:
    """The pattern that is chosen, as it is stored."""
    chosen = inputs.typed(NAMES) or NONE
    own = chosen == OWN
    return {
        "preset": chosen if chosen in PRESETS else "",
        "pattern": (inputs.typed("pattern") or "").strip() if own else "",
        "called_at_format": (inputs.typed("called_at_format") or "").strip() if own else "",
    }


def wanted(inputs: Form, base: Typed) -> dict[str, Any]:
    """The changes that this asks for, by field."""
    changed = inputs.changed(base)
    asked = {name: inputs.typed(name) for name in changed if name in _PLAIN}
    if {NAMES, "pattern", "called_at_format"} & set(changed):
        asked |= naming(inputs)
    if any(name.startswith(COLUMN) for name in changed):
        typed = {name: (inputs.typed(f"{COLUMN}{name}") or "").strip() for name in COLUMNS}
        asked["column_map"] = {name: heading for name, heading in typed.items() if heading}
    return asked


def wrong(inputs: Form, base: Typed) -> dict[str, str]:
    """What could not be saved, as a sentence for each field."""
    found = {}
    asked = wanted(inputs, base)
    for name in asked.keys() & set(_PLAIN):
        if asked[name] is None:
            found[name] = _EMPTY.get(name, "Choose one.")
            continue
        try:
            sftp_folders.folder_changes(**{name: asked[name]})
            if name == "folder":
                paths.folder(asked[name])
        except NotUsable as refused:
            found[name] = str(refused)
    if asked.keys() & set(_NAMING):
        found |= pattern_trouble(inputs)
    return found


def pattern_trouble(inputs: Form) -> dict[str, str]:
    """What is wrong with the pattern that is chosen; empty where nothing is."""
    if inputs.typed(NAMES) == OWN and not (inputs.typed("pattern") or "").strip():
        return {"pattern": "Type a pattern, or choose that file names say nothing."}
    try:
        names.pattern(*naming(inputs).values())
    except NotUsable as refused:
        return {refused.field or "pattern": str(refused)}
    return {}
