"""`totalview sftp`: set a campaign's folder up, sweep the server, list files, test the connection."""

import time
from typing import Annotated

import typer
from sqlmodel import col

from commands.words import command, fail, print_json, table
from config import settings
from jobs import enqueue
from pipeline.sftp import configuring, importing, sweep
from pipeline.sftp.connection import checking
from pipeline.sftp.sweep import LOOK_AGAIN_S, Swept
from records import access, sftp, sftp_folders
from records.access import COMMAND_LINE
from records.campaigns import Campaign
from records.db import reading
from records.roles import Permission
from records.sftp import SftpFile
from records.sftp_folders import AfterImport, CsvRule, SftpFolder

app = typer.Typer(help="Recordings from an SFTP server.", no_args_is_help=True)

CHUNK = 1000
NOT_SET = "No SFTP server is set. Set SFTP_HOST, SFTP_USERNAME, SFTP_HOST_KEY and a key or password (docs/sftp.md)."
Json = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]


@app.command("configure")
@command
def configure(
    campaign: Annotated[str, typer.Option(help="The campaign's short name.")],
    folder: Annotated[str | None, typer.Option(help="Its folder below SFTP_ROOT.")] = None,
    csv: Annotated[CsvRule | None, typer.Option(help="Whether recordings wait for a CSV.")] = None,
    window_minutes: Annotated[
        int | None, typer.Option(help="How long files that belong together are waited for.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="A file-name pattern that ships with TotalView; '' for none.")
    ] = None,
    pattern: Annotated[str | None, typer.Option(help="An own file-name pattern; '' for none.")] = None,
    called_at_format: Annotated[
        str | None, typer.Option(help="Of the own pattern's called_at, such as %Y%m%d.")
    ] = None,
    column: Annotated[list[str] | None, typer.Option(help="OURS=HEADING, again for each; '' for none.")] = None,
    subfolders: Annotated[bool | None, typer.Option("--subfolders/--no-subfolders", help="Take them in too.")] = None,
    after_import: Annotated[AfterImport | None, typer.Option(help="What becomes of a file on the server.")] = None,
    create_agents: Annotated[
        bool | None, typer.Option("--create-agents/--no-create-agents", help="Make agents of names nobody knows.")
    ] = None,
    disable: Annotated[bool, typer.Option("--disable", help="Take nothing from SFTP any more.")] = False,
    as_json: Json = False,
) -> None:
    """Set a campaign's folder up, and turn it on; what is not named stays."""
    changes = sftp_folders.folder_changes(
        enabled=not disable,
        folder=folder,
        csv=csv,
        window_minutes=window_minutes,
        preset=preset,
        pattern=pattern,
        called_at_format=called_at_format,
        column_map=_columns(column),
        subfolders=subfolders,
        after_import=after_import,
        create_agents=create_agents,
    )
    found = configuring.configure(COMMAND_LINE, campaign, changes)
    now = {name: getattr(found, name) for name in sftp_folders.FolderChanges.model_fields}
    if as_json:
        print_json({"campaign": campaign, **now})
    else:
        table(["Setting", "Value"], [[name.replace("_", " "), str(value) or "-"] for name, value in now.items()])


@app.command("sweep")
@command
def sweep_now(
    once: Annotated[bool, typer.Option("--once", help="End when nothing is left to do now.")] = False,
    as_json: Json = False,
) -> None:
    """Look at the server, and import what is due in this process; again and again, unless --once is given."""
    if not settings().has_sftp:
        raise fail(NOT_SET)
    while True:
        swept = _swept()
        if swept is not None:
            _tell(swept, as_json=as_json)
        if swept is not None and swept.trouble and once:
            raise typer.Exit(1)
        if swept is not None and not (swept.unsettled or swept.due) and once:
            return
        again_soon = swept is None or swept.unsettled or swept.due
        time.sleep(LOOK_AGAIN_S if again_soon else settings().sftp_sweep_seconds)


@app.command("files")
@command
def files(
    campaign: Annotated[str, typer.Option(help="Of this campaign alone.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file.")] = False,
) -> None:
    """List the files that were seen, each with its verdict."""
    wanted = sftp.files(COMMAND_LINE).where(col(SftpFile.superseded_at).is_(None)).order_by(col(SftpFile.id))
    if campaign:
        with reading() as session:
            number = access.campaign(session, COMMAND_LINE, campaign, Permission.SFTP_READ).id
        wanted = wanted.where(SftpFile.campaign_id == number)
    behind = 0
    while True:
        with reading() as session:
            some = session.exec(wanted.where(col(SftpFile.id) > behind).limit(CHUNK)).all()
        if not some:
            return
        for file in some:
            _print(file, as_json=as_json)
        behind = some[-1].id or behind


@app.command("test")
@command
def try_out(as_json: Json = False) -> None:
    """Try the connection step by step, up to each campaign's folder."""
    folders = access.campaigns(COMMAND_LINE, Permission.SFTP_CONFIGURE)
    folders = folders.join(SftpFolder, col(SftpFolder.campaign_id) == Campaign.id).where(col(SftpFolder.enabled))
    with reading() as session:
        named = session.execute(folders.with_only_columns(col(SftpFolder.folder), col(SftpFolder.after_import))).all()
    writing = [folder for folder, after in named if after is not AfterImport.LEAVE]
    steps = checking.check([folder for folder, _after in named], writing=writing)
    failed = False
    for step in steps:
        failed |= not step.ok
        if as_json:
            print_json({"step": step.name, "ok": step.ok, "words": step.words})
        else:
            typer.echo(f"{'ok    ' if step.ok else 'FAILED'}  {step.name}: {step.words}")
    if failed:
        raise typer.Exit(1)


def _swept() -> Swept | None:
    """One sweep, and the import of what is due."""
    swept = sweep.sweep()
    if swept is not None and swept.due:
        importing.work_all(enqueue.first)
    return swept


def _tell(swept: Swept, *, as_json: bool) -> None:
    if as_json:
        print_json({"files": swept.files, "released": swept.released, "trouble": swept.trouble})
    elif swept.trouble:
        typer.echo(swept.trouble, err=True)
    else:
        typer.echo(f"{swept.files:,} files on the server, {swept.released:,} recordings of them to be imported now.")


def _print(file: SftpFile, *, as_json: bool) -> None:
    if as_json:
        facts = {"path": file.path, "status": file.status, "code": file.code, "reason": file.reason}
        print_json({**facts, "call_id": file.call_id, "batch": file.batch_id, "size": file.size})
    else:
        shown = "".join(letter if letter.isprintable() else "?" for letter in file.path)
        typer.echo(f"{file.status.value:<11} {shown}  {file.reason}".rstrip())


def _columns(given: list[str] | None) -> dict[str, str] | None:
    if given is None:
        return None
    pairs = [each.partition("=") for each in given if each]
    if any(not sign for _ours, sign, _theirs in pairs):
        raise fail("Write a column as OURS=HEADING, such as 'agent=Agent loginId'.")
    return {ours.strip(): theirs.strip() for ours, _sign, theirs in pairs}
