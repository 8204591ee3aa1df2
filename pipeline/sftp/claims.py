"""Which campaign a path on the server belongs to, by the folder that it lies in."""

from collections.abc import Iterable
from dataclasses import dataclass

PROCESSED = "processed"  # where files go that are moved after their import


@dataclass(frozen=True)
class Folder:
    """A campaign's folder, as far as claiming files goes."""

    campaign_id: int
    campaign: str  # slug
    folder: str
    on: bool  # SFTP is enabled, and the campaign takes calls
    subfolders: bool


@dataclass(frozen=True)
class Claim:
    """Whose a path is. `code` and `reason` say why it is left out; empty where it is taken."""

    campaign_id: int | None
    within: str = ""  # the path below the campaign's folder
    code: str = ""
    reason: str = ""


class Claims:
    """The folders of all campaigns. None lies within another, so that a path is in one at most."""

    def __init__(self, folders: Iterable[Folder]) -> None:
        self._by_path = {each.folder: each for each in folders}

    def of(self, path: str) -> Claim:
        """Whose a path below SFTP_ROOT is."""
        parts = path.split("/")
        for length in range(len(parts) - 1, 0, -1):
            folder = self._by_path.get("/".join(parts[:length]))
            if folder is not None:
                return _within(folder, "/".join(parts[length:]))
        parent = "/".join(parts[:-1])
        where = f"The folder '{parent}' is no campaign's." if parent else "It lies in no campaign's folder."
        return Claim(None, "", "unclaimed", f"{where} The SFTP tab of a campaign's settings names its folder.")


def left_alone(folders: Iterable[Folder]) -> frozenset[str]:
    """The folders that a sweep never enters: where files were moved to."""
    return frozenset(f"{each.folder}/{PROCESSED}" for each in folders)


def _within(folder: Folder, rest: str) -> Claim:
    if not folder.on:
        words = f"SFTP is turned off for the campaign '{folder.campaign}', or it is archived."
        return Claim(folder.campaign_id, rest, "off", words)
    if "/" in rest and not folder.subfolders:
        words = (
            f"The campaign '{folder.campaign}' takes nothing from subfolders. A setting of its SFTP tab changes that."
        )
        return Claim(folder.campaign_id, rest, "subfolder", words)
    return Claim(folder.campaign_id, rest)
