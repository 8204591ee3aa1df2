"""Files on the server as people see them: paths are text from outside, without what no screen shows."""

from dashboard import words
from records.lines import unshown


def seen(path: str, folder: str = "") -> str:
    """A path, below a campaign's folder where that is given; what cannot be shown stands there as an escape."""
    below = path.removeprefix(f"{folder}/") if folder else path
    return "".join(_escaped(letter) if unshown(letter) else letter for letter in below)


def size(number: int) -> str:
    """How large it is; of one that changed while it was fetched, nobody knows yet."""
    return words.size(number) if number >= 0 else words.NONE


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
