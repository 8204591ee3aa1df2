"""`totalview key`: create, list and revoke API keys."""

from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

import typer
from sqlmodel import col, select

from commands.words import command, fail, print_json, table
from config import settings
from records import access, api_keys
from records.access import COMMAND_LINE
from records.api_keys import ApiKey
from records.campaigns import Campaign
from records.db import now, reading, writing
from records.roles import Permission

app = typer.Typer(help="API keys: each of one campaign.", no_args_is_help=True)


@app.command("create")
@command
def create(
    campaign: Annotated[str, typer.Option(help="Slug of the campaign.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    expires: Annotated[str, typer.Option(help="Last moment, such as 2027-01-31 or 2027-01-31T18:00+01:00.")] = "",
    rate: Annotated[
        int | None, typer.Option(min=1, max=1_000_000, help="Requests a minute; TOTALVIEW_API_RATE where not said.")
    ] = None,
) -> None:
    """Create a key and print it, once, with nothing else on stdout."""
    with writing() as session:
        _, secret = api_keys.create(session, COMMAND_LINE, campaign, name=name, expires_at=_moment(expires), rate=rate)
    typer.echo(secret)


@app.command("list")
@command
def list_all(
    campaign: Annotated[str, typer.Option(help="Only this campaign's.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the keys, newest first, with those that ended. The keys themselves are nowhere."""
    with reading() as session:
        slugs = dict(session.exec(select(Campaign.id, Campaign.slug)).all())
        wanted = api_keys.keys(COMMAND_LINE)
        if campaign:
            one = access.campaign(session, COMMAND_LINE, campaign, Permission.KEY_MANAGE)
            wanted = wanted.where(col(ApiKey.campaign_id) == one.id)
        rows = [_shown(key, slugs[key.campaign_id]) for key in session.exec(wanted)]
    if as_json:
        for row in rows:
            print_json(row)
    elif rows:
        table([name.replace("_", " ").capitalize() for name in rows[0]], [_cells(row) for row in rows])
    else:
        typer.echo("There is no key. Make one: totalview key create --campaign SLUG")


@app.command("revoke")
@command
def revoke(key: Annotated[str, typer.Argument(help="The key's number, its first characters, or all of it.")]) -> None:
    """Revoke a key: from now on it is refused."""
    with writing() as session:
        revoked = api_keys.revoke(session, COMMAND_LINE, key)
    typer.echo(f"Key {revoked.shown}… is revoked.", err=True)


def _moment(given: str) -> datetime | None:
    """The time meant; a date alone means its end, a time without zone is UTC."""
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise fail(f"'{given}' is no date. Write it like 2027-01-31 or 2027-01-31T18:00+01:00.") from error
    with suppress(ValueError):
        moment = datetime.combine(date.fromisoformat(given), time(23, 59, 59))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment <= now():
        raise fail(f"{given} is past, so that the key would never work.")
    return moment


def _shown(key: ApiKey, slug: str) -> dict[str, Any]:
    """What a list tells of a key."""
    return {
        "number": key.id,
        "campaign": slug,
        "name": key.name,
        "begins": key.shown,
        "made": key.created_at.isoformat(timespec="seconds"),
        "expires": key.expires_at and key.expires_at.isoformat(timespec="seconds"),
        "last_used": key.last_used_at and key.last_used_at.isoformat(timespec="seconds"),
        "rate": key.rate or settings().api_rate,
        "state": _state(key),
    }


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now() else "active"


def _cells(row: dict[str, Any]) -> list[str]:
    return ["-" if value in {None, ""} else str(value) for value in row.values()]
