"""`totalview key`: create and revoke API keys."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from commands.words import command, fail
from records import api_keys
from records.access import COMMAND_LINE
from records.db import now, writing

app = typer.Typer(help="API keys: each of one campaign.", no_args_is_help=True)


@app.command("create")
@command
def create(
    campaign: Annotated[str, typer.Option(help="Slug of the campaign.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    expires: Annotated[str, typer.Option(help="Last moment, such as 2027-01-31 or 2027-01-31T18:00+01:00.")] = "",
) -> None:
    """Create a key and print it, once, with nothing else on stdout."""
    with writing() as session:
        _, secret = api_keys.create(session, COMMAND_LINE, campaign, name=name, expires_at=_moment(expires))
    typer.echo(secret)


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
    if len(given) == len("2027-01-31"):
        moment = moment.replace(hour=23, minute=59, second=59)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment <= now():
        raise fail(f"{given} is past, so that the key would never work.")
    return moment
