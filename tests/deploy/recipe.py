"""The Dockerfile read as Docker reads it: its stages, and what each does in turn."""

from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from tests.house_rules import ROOT


@dataclass
class Stage:
    """One FROM, and the instructions below it: (word, the rest)."""

    image: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        return [rest for each, rest in self.steps if each == word]


def stages() -> list[Stage]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found: list[Stage] = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            found.append(Stage(rest.split()[0]))
        else:
            found[-1].steps.append((word, " ".join(rest.split())))
    return found


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps this file, or a folder that it lies in, out of the image."""
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    places = [str(place) for place in (PurePosixPath(path), *PurePosixPath(path).parents)]
    return any(fnmatch(place, pattern.removeprefix("**/")) for pattern in patterns for place in places)


def context(known: list[str]) -> list[Path]:
    """The files that `COPY . .` brings into the image."""
    return [Path(name) for name in known if not ignored(name)]
