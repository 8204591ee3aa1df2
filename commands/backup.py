"""`totalview export` and `import`: everything of an installation into a folder, and into an empty installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from commands.sending.progress import on_stderr
from commands.words import command, fail, print_json
from pipeline.backup import export, restore
from pipeline.backup.manifest import BackupRefused
from pipeline.storage import StorageAway

Json = Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("export")(export_all)
    app.command("import")(import_all)


@command
def export_all(
    folder: Annotated[Path, typer.Argument(help="An empty folder, or an earlier export, which is brought up to date.")],
    as_json: Json = False,
) -> None:
    """Export everything, while the rest goes on. Exit code 1 when a recording is missing or damaged."""
    with _in_words(), on_stderr() as progress:
        done = export.export(folder, progress)
    if as_json:
        print_json(asdict(done))
    else:
        typer.echo(f"Exported {done.rows:,} rows and {done.objects:,} objects ({_size(done.bytes)}) to {folder}.")
    if done.missing or done.damaged:
        words = f"{done.missing:,} recordings are missing and {done.damaged:,} damaged in this installation's storage."
        raise fail(f"{words} All else is exported.")


@command
def import_all(
    folder: Annotated[Path, typer.Argument(help="What `totalview export` filled.")],
    check: Annotated[bool, typer.Option("--check", help="Read all of it, and import nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Import an export into this empty installation; when it breaks off, begin it again."""
    with _in_words(), on_stderr() as progress:
        done = restore.check(folder, progress) if check else restore.restore(folder, progress)
    if as_json:
        print_json(asdict(done))
        return
    what = f"{done.rows:,} rows and {done.objects:,} objects ({_size(done.bytes)})"
    typer.echo(f"The archive is whole: {what}." if check else f"Imported {what}. Start TotalView now.")


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (BackupRefused, StorageAway) as error:
        raise fail(str(error)) from error
    except SQLAlchemyError as error:
        raise fail(f"The database cannot be used: {str(getattr(error, 'orig', error)).splitlines()[0]}.") from error
    except OSError as error:
        raise fail(f"{error.filename or 'A file'} cannot be used: {error.strerror or error}.") from error


def _size(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"  # noqa: PLR2004  a gigabyte
