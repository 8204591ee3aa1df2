"""`totalview call`: legal hold of single calls."""

from typing import Annotated

import typer

from commands.words import command
from records import retention
from records.access import COMMAND_LINE
from records.db import writing
from records.deletions import LONGEST_REASON

app = typer.Typer(help="Calls: put under legal hold, and let out of it.", no_args_is_help=True)

CallId = Annotated[str, typer.Argument(help="The call's id, as its page's address and the API have it.")]
Reason = Annotated[str, typer.Option(help=f"For the audit log; at most {LONGEST_REASON} characters.")]


@app.command("hold")
@command
def hold(call_id: CallId, reason: Reason = "") -> None:
    """Nothing of the call is removed by retention, and nobody deletes it, until it is released."""
    with writing() as session:
        call = retention.hold(session, COMMAND_LINE, call_id, why=reason)
    why = f", for this reason: {call.held_why}" if call.held_why else ""
    typer.echo(f"The call is under legal hold, put there by {call.held_by}{why}.", err=True)


@app.command("release")
@command
def release(call_id: CallId, reason: Reason = "") -> None:
    """End a legal hold. What is over its campaign's time goes with the next sweep."""
    with writing() as session:
        retention.end_hold(session, COMMAND_LINE, call_id, why=reason)
    typer.echo("The call is under no legal hold.", err=True)
