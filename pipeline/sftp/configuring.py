"""Changing a campaign's SFTP settings, with the folder, the pattern and the columns looked through."""

from collections.abc import Mapping

from pipeline.sftp.connection import paths
from pipeline.sftp.facts import columns, names
from pipeline.sftp.facts.telling import LONGEST_HEADING
from records import sftp_folders
from records.campaigns import NotUsable
from records.db import writing
from records.identity import Identity
from records.sftp_folders import FolderChanges, SftpFolder


def configure(who: Identity, slug: str, changes: FolderChanges) -> SftpFolder:
    """Change what is named. Raises NotUsable, which knows the field, NotFound, NotAllowed; then nothing is changed."""
    wanted: dict[str, object] = {}
    if changes.folder is not None:
        wanted["folder"] = paths.folder(changes.folder)
    if changes.column_map is not None:
        wanted["column_map"] = _columns(changes.column_map)
    with writing() as session:
        folder = sftp_folders.configure(session, who, slug, changes.model_copy(update=wanted))
        names.pattern(folder.preset, folder.pattern, folder.called_at_format)
    return folder


def _columns(given: Mapping[str, str]) -> dict[str, str]:
    kept = {ours: " ".join(theirs.split()) for ours, theirs in given.items() if theirs.strip()}
    for ours, theirs in kept.items():
        if ours not in columns.COLUMNS:
            known = ", ".join(columns.COLUMNS)
            raise NotUsable(f"There is no column '{ours}'. There are: {known}.", field="column_map")
        if len(theirs) > LONGEST_HEADING:
            words = f"A heading has at most {LONGEST_HEADING} characters."
            raise NotUsable(words, field="column_map")
    return kept
