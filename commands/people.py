"""`totalview user`: accounts, from the command line."""

import sys
from typing import Annotated

import typer

from commands.words import command, fail
from config import settings
from records import people_edits, setup
from records.access import COMMAND_LINE
from records.db import writing
from records.roles import Role

app = typer.Typer(help="People who sign in.", no_args_is_help=True)


@app.command("add")
@command
def add(
    email: Annotated[str, typer.Option(help="Signs in with it.")],
    name: Annotated[str, typer.Option(help="Is shown to others.")],
    role: Annotated[Role, typer.Option(help="What the person may do (docs/roles.md).")],
    campaign: Annotated[list[str] | None, typer.Option(help="Slug of an assigned campaign; may be repeated.")] = None,
    agent: Annotated[str, typer.Option(help="Name of the agent that this person is; made when there is none.")] = "",
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
) -> None:
    """Add a person. Without --password-stdin the password is asked for."""
    password = _password(from_stdin=password_stdin)
    with writing() as session:
        person = people_edits.add(
            session,
            COMMAND_LINE,
            people_edits.NewPerson(email, name, role, tuple(campaign or ()), agent, password),
        )
    typer.echo(f"{person.name} can sign in at {settings().address} with {person.email}.", err=True)


@app.command("setup-link")
@command
def setup_link() -> None:
    """Print a fresh one-time link at which the first Owner makes an account."""
    with writing() as session:
        link = setup.owner_link(session)
    if link is None:
        raise fail("There is an Owner already. Owners add people, or: totalview user add --role owner ...")
    typer.echo(link)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise fail("Give the password by --password-stdin.")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
