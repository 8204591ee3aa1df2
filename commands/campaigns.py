"""`totalview campaign`: list and create."""

from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import col, func, select

from commands.words import command, fail, print_json, table
from pipeline import checksheet
from records import access, campaigns
from records.access import COMMAND_LINE
from records.campaigns import Campaign
from records.checks import Check
from records.db import reading, writing
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
    as_json: Annotated[bool, typer.Option("--json", help="Print the campaign as JSON.")] = False,
) -> None:
    """Create a campaign, with its checks."""
    specs = checksheet.read(_text(checks)) if checks else []
    with writing() as session:
        campaign = campaigns.create(session, COMMAND_LINE, name, specs, slug=slug)
    if as_json:
        print_json({"slug": campaign.slug, "name": campaign.name, "id": campaign.id, "checks": len(specs)})
    else:
        typer.echo(f"Campaign '{campaign.slug}' has {len(specs)} checks.")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{path} cannot be read as text: {error}.") from error
