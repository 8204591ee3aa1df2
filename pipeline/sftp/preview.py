"""What a file-name pattern would make of the names that lie in a campaign's folder now."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.sftp.claims import PROCESSED
from pipeline.sftp.connection.listing import Kind
from pipeline.sftp.connection.server import NotReadable, SftpAway, SftpRefused, connection
from pipeline.sftp.facts import names
from pipeline.sftp.facts.told import Told
from pipeline.sftp.foreign import taken_for
from records import access, sftp_folders
from records.db import reading
from records.identity import Identity
from records.roles import Permission
from records.sftp import FileKind

MOST_READ = 2_000  # names: enough to see how they are made, and soon there
MOST_SHOWN = 200


@dataclass(frozen=True)
class Named:
    """One name, and what it tells; None where it does not match."""

    path: str  # below the campaign's folder
    told: Told | None


@dataclass(frozen=True)
class Preview:
    """The names of recordings that lie there. `words` say why there are none, where that needs saying."""

    read: int = 0
    matched: int = 0
    more: bool = False  # there are more files than were read
    names: tuple[Named, ...] = ()  # those that do not match come first
    words: str = ""


def preview(who: Identity, slug: str, preset: str, own: str, called_at_format: str, *, folder: str = "") -> Preview:
    """Hold the pattern against the folder's present listing. Raises BadPattern, NotFound; a server away is said."""
    pattern = names.pattern(preset, own, called_at_format)
    with reading() as session:
        campaign = access.campaign(session, who, slug, Permission.SFTP_CONFIGURE)
        place = folder or sftp_folders.folder_of(session, campaign).folder
    try:
        found = list(_names(place))
    except (SftpAway, SftpRefused, NotReadable) as error:
        return Preview(words=str(error))
    some = found[:MOST_READ]
    zone, day_first = campaign.time_zone, campaign.day_first
    told = [Named(path, pattern.read(path, zone=zone, day_first=day_first) if pattern else Told()) for path in some]
    told.sort(key=lambda each: each.told is not None)
    matched = sum(each.told is not None for each in told)
    words = "" if told else "There is no recording in the folder now."
    return Preview(len(told), matched, len(found) > MOST_READ, tuple(told[:MOST_SHOWN]), words)


def _names(folder: str) -> Iterator[str]:
    """At most one more than are read."""
    count = 0
    with connection() as server:
        for entry in server.walk(folder, deep=True, leave={f"{folder}/{PROCESSED}"}):
            taken = taken_for(entry.path)
            if entry.kind is Kind.FILE and taken.kind is FileKind.RECORDING and not taken.code:
                yield entry.path.removeprefix(f"{folder}/")
                count += 1
            if count > MOST_READ:
                return
