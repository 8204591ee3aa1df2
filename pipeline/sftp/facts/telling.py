"""Makes what a source says of a recording into what the database and the pages take: clean, bounded, understood."""

import re
from collections.abc import Mapping, Sequence

from pipeline import details
from pipeline.sftp.facts import moments
from pipeline.sftp.facts.told import Told
from records.agents import LONGEST_NAME
from records.lines import unshown

LONGEST_ID = 255  # characters of an external id, as intake takes it
LONGEST_HEADING, LONGEST_VALUE = 100, 2_000  # characters
# A row and a name are put together: each gets half of what a call's metadata may be, and leaves room for what we add.
_MOST = (details.LARGEST - 4_096) // 2
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)  # how spreadsheets are told that digits are no number


def clean(text: str) -> str:
    """A text as one line: gaps for what breaks it, without what no screen shows."""
    text = text.strip()
    if text.startswith('="') and (kept := _AS_TEXT.fullmatch(text)):
        text = kept[1].strip()
    if text.isprintable():
        return text
    spaced = "".join(" " if sign.isspace() else "" if unshown(sign) else sign for sign in text)
    return " ".join(spaced.split())


def tell(
    said: Mapping[str, str],
    others: Mapping[str, str],
    *,
    dated: Sequence[str],
    clocks: Sequence[str],
    zone: str,
    day_first: bool,
    formats: Sequence[str] = (),
) -> Told:
    """What is told by our own columns (`said`), by the times (see `moments.read`) and by `others`, which are kept.

    All texts are clean. Never raises: what cannot be used becomes a note.
    """
    called_at, unclear = moments.read(dated, clocks, zone=zone, day_first=day_first, formats=formats)
    notes = [unclear] if unclear else []
    agent = said.get("agent", "") or " ".join(
        part for name in ("agent_first_name", "agent_last_name") if (part := said.get(name, ""))
    )
    if len(agent) > LONGEST_NAME:
        notes.append(f"The agent's name has more than {LONGEST_NAME} characters and was left out.")
        agent = ""
    external_id = said.get("external_id", "")
    if len(external_id) > LONGEST_ID:
        notes.append(f"The external id has more than {LONGEST_ID} characters and was left out.")
        external_id = ""
    wanted = {name: said[name] for name in ("customer", "direction") if said.get(name)}
    kept, shortened = _bounded({**wanted, **{key: text for key, text in others.items() if key not in wanted}})
    return Told(agent, called_at, external_id or None, kept, (*notes, *shortened))


def _bounded(given: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """As much as a call's metadata holds, and sentences about the rest."""
    kept: dict[str, str] = {}
    notes: list[str] = []
    room = _MOST
    for key, text in given.items():
        value = text
        if len(value) > LONGEST_VALUE:
            value = f"{value[: LONGEST_VALUE - 1]}…"
            notes.append(f"'{key}' was cut after {LONGEST_VALUE:,} characters.")
        room -= 2 * (len(key) + len(value)) + 8  # as JSON: a quotation mark takes two, and there are signs around it
        if room < 0:
            notes.append(f"From '{key}' on, the metadata was more than a call can hold, and was left out.")
            break
        kept[key] = value
    return kept, notes
