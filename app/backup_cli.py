"""`flask guichet backup …` and `restore …`: a copy of everything, and back (docs/operations.md)."""

from collections.abc import Callable
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.audit_cli import in_words
from app.services import audit_verification, backups, stored_files

FOLDER = click.argument("folder", type=click.Path(path_type=Path))


@click.command()
@FOLDER
@with_appcontext
def backup(folder: Path) -> None:
    """Copy the database and every file to a new FOLDER; Guichet may go on meanwhile. Keys are not in it."""
    manifest = _done(backups.make, folder)
    click.echo(f"Backup of {manifest.made_at}: revision {manifest.revision}, {manifest.files} files.")


@click.command()
@FOLDER
@with_appcontext
def restore(folder: Path) -> None:
    """Put the backup in FOLDER into an empty database and store, and check it; nothing else may run.

    Ends with 1 when a file is missing or the audit chain differs.
    """
    manifest = _done(backups.restore, folder)
    click.echo(f"Backup of {manifest.made_at} is back: revision {manifest.revision}, {manifest.files} files.")
    missing = stored_files.missing()
    click.echo(f"Files that rows name and the store lacks: {len(missing)}.")
    report = audit_verification.verify()
    click.echo(in_words(report))
    if missing or not report.is_sound:
        raise SystemExit(1)


def _done(work: Callable[[Path], backups.Manifest], folder: Path) -> backups.Manifest:
    try:
        return work(folder.resolve())
    except backups.CannotCopy as reason:
        raise click.ClickException(str(reason)) from reason
