"""`totalview user`: accounts, from the command line."""

import sys
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlmodel import Session

from commands.words import command, fail, print_json, table
from config import settings
from records import people_edits, people_list, setup
from records.access import COMMAND_LINE
from records.db import reading, writing
from records.people_edits import NewPerson
from records.people_list import Filters, Person, Standing
from records.roles import Role

app = typer.Typer(help="People who sign in.", no_args_is_help=True)

AT_A_TIME = 500  # people that a list reads
Email = Annotated[str, typer.Argument(help="The person's address.")]
NewEmail = Annotated[str, typer.Option("--email", help="Signs in with it.")]
NewName = Annotated[str, typer.Option("--name", help="Is shown to others.")]
NewRole = Annotated[Role, typer.Option("--role", help="What the person may do (docs/roles.md).")]
Campaigns = Annotated[
    list[str] | None, typer.Option("--campaign", help="Slug of an assigned campaign; may be repeated.")
]
AgentName = Annotated[
    str, typer.Option("--agent", help="Name of the agent that this person is; made when there is none.")
]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@app.command("add")
@command
def add(
    email: NewEmail,
    name: NewName,
    role: NewRole,
    campaign: Campaigns = None,
    agent: AgentName = "",
    *,
    password_stdin: PasswordStdin = False,
) -> None:
    """Add a person. Without --password-stdin the password is asked for."""
    secret = people_edits.secret_of(_password(from_stdin=password_stdin))
    new = NewPerson(email, name, role, tuple(campaign or ()), agent)
    with writing() as session:
        person = people_edits.add(session, COMMAND_LINE, new, secret)
    typer.echo(f"{person.name} can sign in at {settings().address} with {person.email}.", err=True)


@app.command("invite")
@command
def invite(email: NewEmail, name: NewName, role: NewRole, campaign: Campaigns = None, agent: AgentName = "") -> None:
    """Add a person, and print the one-time link at which they choose a password, with nothing else on stdout."""
    new = NewPerson(email, name, role, tuple(campaign or ()), agent)
    with writing() as session:
        person, link = people_edits.invite(session, COMMAND_LINE, new)
    typer.echo(f"Send this link to {person.email}. It works once, for 7 days.", err=True)
    typer.echo(link)


@app.command("list")
@command
def list_all(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """List everybody by name, with those who are deactivated."""
    rows = [_shown(person) for person in _everybody()]
    if as_json:
        for row in rows:
            print_json(row)
    elif rows:
        table([name.replace("_", " ").capitalize() for name in rows[0]], [_cells(row) for row in rows])
    else:
        typer.echo("Nobody has an account. Make the first: totalview user setup-link")


@app.command("set-role")
@command
def set_role(email: Email, role: Annotated[Role, typer.Argument(help="What the person may do from now on.")]) -> None:
    """Change what a person may do, and sign them out everywhere."""
    with writing() as session:
        person = people_edits.set_role(session, COMMAND_LINE, _number(session, email), role)
    typer.echo(f"{person.email} is {role.value} now.", err=True)


@app.command("set-campaigns")
@command
def set_campaigns(
    email: Email, campaign: Annotated[list[str] | None, typer.Argument(help="Slugs; none: of no campaign.")] = None
) -> None:
    """Assign a person to exactly these campaigns."""
    slugs = campaign or []
    with writing() as session:
        person = people_edits.set_campaigns(session, COMMAND_LINE, _number(session, email), slugs)
    typer.echo(f"{person.email} is assigned to {', '.join(slugs) or 'no campaign'}.", err=True)


@app.command("reset-password")
@command
def reset_password(email: Email, *, password_stdin: PasswordStdin = False) -> None:
    """Print a one-time link at which a person chooses a password; or set the password that stands on stdin."""
    if not password_stdin:
        with writing() as session:
            person, link = people_edits.new_link(session, COMMAND_LINE, _number(session, email))
        typer.echo(f"Send this link to {person.email}. It works once.", err=True)
        typer.echo(link)
        return
    secret = people_edits.secret_of(_password(from_stdin=True))
    with writing() as session:
        person = people_edits.set_password(session, COMMAND_LINE, _number(session, email), secret)
    typer.echo(f"{person.email} has another password, and is signed out everywhere.", err=True)


@app.command("deactivate")
@command
def deactivate(email: Email) -> None:
    """Let a person in no more. What they did stays."""
    with writing() as session:
        person = people_edits.deactivate(session, COMMAND_LINE, _number(session, email))
    typer.echo(f"{person.email} is deactivated, and signed out everywhere.", err=True)


@app.command("reactivate")
@command
def reactivate(email: Email) -> None:
    """Let a person in again, with role, campaigns and password as they were."""
    with writing() as session:
        person = people_edits.reactivate(session, COMMAND_LINE, _number(session, email))
    typer.echo(f"{person.email} can sign in again.", err=True)


@app.command("setup-link")
@command
def setup_link() -> None:
    """Print a fresh one-time link at which the first Owner makes an account."""
    with writing() as session:
        link = setup.owner_link(session)
    if link is None:
        raise fail("There is an Owner already. Owners add people, or: totalview user add --role owner ...")
    typer.echo(link)


def _number(session: Session, email: str) -> int:
    return people_list.by_email(session, COMMAND_LINE, email).id


def _everybody() -> list[Person]:
    found: list[Person] = []
    number = 1
    with reading() as session:
        while True:
            page = people_list.page(session, COMMAND_LINE, Filters(deactivated=True), number=number, size=AT_A_TIME)
            found += page.people
            if number >= page.pages:
                return found
            number += 1


def _shown(person: Person) -> dict[str, Any]:
    """What a list tells of a person."""
    return {
        "email": person.email,
        "name": person.name,
        "role": person.role.value,
        "campaigns": list(person.campaigns),
        "agent": person.agent,
        "state": person.standing.value,
        "link_until": _written(person.link_until) if person.standing is Standing.INVITED else None,
        "last_signed_in": _written(person.signed_in_at),
    }


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _cells(row: dict[str, Any]) -> list[str]:
    return [", ".join(value) or "-" if isinstance(value, list) else str(value or "-") for value in row.values()]


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise fail("Give the password by --password-stdin.")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
