"""The command `totalview`: assembles its subcommands; each lives in commands/."""

import sys

import typer

from commands import agents, backup, campaigns, doctor, keys, operate, people, process, sftp, upload, webhooks
from config import SettingsError, logs

CHATTY = (  # what they say at INFO helps nobody who runs this, or is a request's address with a secret in it
    *("alembic", "rq", "uvicorn.error", "botocore", "boto3", "paramiko"),
    *("httpx", "httpx2", "httpcore", "anthropic", "assemblyai", "deepgram"),
)

app = typer.Typer(
    name="totalview",
    help="Says how good each phone call was.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
operate.add_to(app)
process.add_to(app)
upload.add_to(app)
doctor.add_to(app)
backup.add_to(app)
app.add_typer(people.app, name="user")
app.add_typer(campaigns.app, name="campaign")
app.add_typer(agents.app, name="agent")
app.add_typer(keys.app, name="key")
app.add_typer(webhooks.app, name="webhook")
app.add_typer(sftp.app, name="sftp")


def main() -> None:
    """Run the command; every expected failure is a sentence on stderr and exit code 1."""
    try:
        _set_up_log()
        app()
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from error


def _set_up_log() -> None:
    """Wrong settings are a finding of the doctor's, who writes no log."""
    try:
        logs.set_up(CHATTY)
    except SettingsError:
        if sys.argv[1:2] != ["doctor"]:
            raise


if __name__ == "__main__":
    main()
