"""`totalview campaign`: list, create and set."""

from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import col, func, select

from commands.words import command, fail, print_json, table
from pipeline import campaign_settings, checksheet, templates
from records import access, campaigns, transcripts
from records.access import COMMAND_LINE
from records.campaigns import Campaign, ChannelMap, NotUsable
from records.checks import Check
from records.db import reading, stored_id, writing
from records.roles import Permission

app = typer.Typer(help="Campaigns: what calls belong to.", no_args_is_help=True)


@app.command("list")
@command
def list_all(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """List the campaigns."""
    counts = select(Check.campaign_id, func.count()).where(col(Check.active)).group_by(col(Check.campaign_id))
    with reading() as session:
        checks = dict(session.exec(counts).all())
        mine = session.exec(access.campaigns(COMMAND_LINE, Permission.CALL_READ).order_by(col(Campaign.slug))).all()
    rows = [
        {"slug": campaign.slug, "name": campaign.name, "id": campaign.id, "checks": checks.get(campaign.id or 0, 0)}
        for campaign in mine
    ]
    if as_json:
        for row in rows:
            print_json(row)
    elif rows:
        table(["Slug", "Name", "Checks"], [[str(row["slug"]), str(row["name"]), str(row["checks"])] for row in rows])
    else:
        typer.echo("There is no campaign yet. Make one: totalview campaign create --name 'Customer service'")


@app.command("create")
@command
def create(
    name: Annotated[str, typer.Option(help="The name that people see.")],
    slug: Annotated[str, typer.Option(help="The short name for commands and folders; made from the name.")] = "",
    checks: Annotated[Path | None, typer.Option(help="A YAML file of checks (docs/checks.md).")] = None,
    template: Annotated[str, typer.Option(help=f"Begin with checks for {', '.join(templates.TEMPLATES)}.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the campaign as JSON.")] = False,
) -> None:
    """Create a campaign, with its checks."""
    if checks and template:
        raise NotUsable("Give --checks or --template, not both.")
    specs = checksheet.read(_text(checks)) if checks else list(templates.find(template or templates.EMPTY).checks)
    with writing() as session:
        campaign = campaigns.create(session, COMMAND_LINE, name, specs, slug=slug)
    if as_json:
        print_json({"slug": campaign.slug, "name": campaign.name, "id": campaign.id, "checks": len(specs)})
    else:
        typer.echo(f"Campaign '{campaign.slug}' has {len(specs)} checks.")


@app.command("set")
@command
def change(
    slug: Annotated[str, typer.Argument(help="The campaign's short name.")],
    name: Annotated[str | None, typer.Option(help="The name that people see.")] = None,
    active: Annotated[bool | None, typer.Option("--active/--archived", help="Archived: takes no new calls.")] = None,
    transcriber: Annotated[
        str | None, typer.Option(help="assemblyai, deepgram, whisper, local, or '' for the best that the keys allow.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="The transcriber's model; '' for its default.")] = None,
    language: Annotated[str | None, typer.Option(help="Such as en, de-AT, or auto.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Of times that state none, such as Europe/Vienna.")] = None,
    day_first: Annotated[
        bool | None, typer.Option("--day-first/--month-first", help="Whether 03/04 is 3 April or 4 March.")
    ] = None,
    channel_map: Annotated[ChannelMap | None, typer.Option(help="Which channel is the agent.")] = None,
    redact: Annotated[bool | None, typer.Option(help="Leave names and numbers out of transcripts.")] = None,
    flag_threshold: Annotated[float | None, typer.Option(help="Calls that score less are flagged.")] = None,
    section_threshold: Annotated[
        list[str] | None, typer.Option(help="SECTION=NUMBER, again for each section that has one; '' for none.")
    ] = None,
    review_bound: Annotated[float | None, typer.Option(help="Calls with a less sure AI check are flagged.")] = None,
    keep_recordings_days: Annotated[int | None, typer.Option(help="Then recordings are removed; 0: for ever.")] = None,
    keep_transcripts_days: Annotated[int | None, typer.Option(help="Then the words are removed; 0: for ever.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the settings as JSON.")] = False,
) -> None:
    """Change a campaign's settings; what is not named stays. Calls that wait look anew."""
    wanted = campaigns.changes(
        name=name,
        active=active,
        transcriber=transcriber,
        transcriber_model=model,
        language=language,
        time_zone=time_zone,
        day_first=day_first,
        channel_map=channel_map,
        redact=redact,
        flag_threshold=flag_threshold,
        section_thresholds=_thresholds(section_threshold),
        review_bound=review_bound,
        keep_recordings_days=keep_recordings_days,
        keep_transcripts_days=keep_transcripts_days,
    )
    campaign = campaign_settings.change(COMMAND_LINE, slug, wanted)
    now = {name: getattr(campaign, name) for name in campaigns.Changes.model_fields}
    if as_json:
        print_json({"slug": slug, **now})
    else:
        table(["Setting", "Value"], [[name.replace("_", " "), _shown(value)] for name, value in now.items()])
    if redact:
        _say_withheld(campaign)


def _say_withheld(campaign: Campaign) -> None:
    """What redaction does to the calls that are there."""
    with reading() as session:
        number = transcripts.how_many(session, stored_id(campaign.id))
    if number:
        typer.echo(
            f"What was said in {transcripts.counted(number)} is withheld, as it was transcribed without redaction. "
            "Rerun Transcription makes redacted transcripts where the recordings are kept.",
            err=True,
        )


def _thresholds(given: list[str] | None) -> dict[str, float] | None:
    """'Opening=80' -> {'Opening': 80}; nothing given changes nothing, and '' takes all away."""
    if given is None:
        return None
    pairs = [each.rpartition("=") for each in given if each]
    try:
        return {section.strip(): float(number) for section, _, number in pairs}
    except ValueError as error:
        raise NotUsable("Write a section's threshold as SECTION=NUMBER, such as 'Opening=80'.") from error


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {bound:g}" for name, bound in value.items()) or "-"
    return str(value) or "-"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{path} cannot be read as text: {error}.") from error
