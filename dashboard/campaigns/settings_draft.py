"""The settings of a campaign while they are typed: what the inputs hold, what differs, what is wrong."""

from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.campaigns.form import Form, Typed
from pipeline import campaign_settings
from records import campaigns
from records.campaigns import Campaign, Changes, NotUsable
from records.roles import Permission

LABELS: Mapping[str, str] = {
    "name": "name",
    "active": "takes new calls",
    "flag_threshold": "flag threshold",
    "review_bound": "review bound",
    "section_thresholds": "section thresholds",
    "transcriber": "transcriber",
    "transcriber_model": "model",
    "language": "language",
    "channel_map": "channels",
    "redact": "redaction",
    "keep_recordings_days": "how long recordings are kept",
    "keep_transcripts_days": "how long transcripts are kept",
    "time_zone": "time zone",
    "day_first": "order of dates",
}
DATES: Mapping[bool, str] = {True: "3 April (day first)", False: "4 March (month first)"}
_SECTION = "section:"  # begins the name of a section's threshold
_NUMBERS = {"flag_threshold": "Give a number from 0 to 100.", "review_bound": "Give a number from 0 to 1."}


def form(slug: str) -> Form:
    """The tab's inputs."""
    return Form("general", slug, LABELS, Permission.CAMPAIGN_EDIT)


def stored(campaign: Campaign, sections: Iterable[str]) -> Typed:
    """What is stored, as the inputs hold it."""
    fields = [name for name in Changes.model_fields if name != "section_thresholds"]
    plain = {name: getattr(campaign, name) for name in fields}
    return {
        **plain,
        "channel_map": campaign.channel_map.value,
        **{f"{_SECTION}{name}": campaign.section_thresholds.get(name) for name in sections},
    }


def input_of(slug: str, name: str) -> str:
    """The key of an input."""
    return form(slug).key(name)


def typed(slug: str, name: str) -> Any:  # noqa: ANN401  whatever an input holds
    """What an input holds at this moment."""
    return form(slug).typed(name)


def wanted(slug: str, base: Typed) -> dict[str, Any]:
    """The changes that this asks for, by field of the campaign."""
    names = form(slug).changed(base)
    asked = {name: typed(slug, name) for name in names if not name.startswith(_SECTION)}
    if any(name.startswith(_SECTION) for name in names):
        bounds = {name.removeprefix(_SECTION): typed(slug, name) for name in base if name.startswith(_SECTION)}
        asked["section_thresholds"] = {name: bound for name, bound in bounds.items() if bound is not None}
    return asked


def wrong(slug: str, base: Typed) -> dict[str, str]:
    """What could not be saved, as a sentence for each field."""
    found = {}
    for name, value in wanted(slug, base).items():
        if value is None:
            found[name] = _NUMBERS.get(name, "Choose one.")
            continue
        try:
            campaigns.changes(**{name: value})
        except NotUsable as refused:
            found[name] = str(refused)
    if typed(slug, "redact") and {"redact", "transcriber"} & set(form(slug).changed(base)):
        try:
            campaign_settings.expect_redacting(typed(slug, "transcriber") or "")
        except NotUsable as refused:
            found["redact"] = str(refused)
    return found
