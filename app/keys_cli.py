"""`flask guichet keys …`: changing the master key of encrypted values (docs/security.md says how)."""

import click
from flask.cli import AppGroup

from app.adapters import storage
from app.extensions import db
from app.services import key_rotation
from app.services.key_rotation import Place, Progress

keys = AppGroup("keys", help="The master keys of encrypted values (ENCRYPTION_KEYS).")


@keys.command()
@click.option("--dry-run", is_flag=True, help="Say how much there is to do, and do nothing.")
def rotate(dry_run: bool) -> None:
    """Put every encrypted value under the newest key; run it again if it was stopped.

    Ends with 1 while a value is still under an older key: that key must be kept.
    """
    found = key_rotation.places()
    if dry_run:
        for place in found:
            click.echo(f"{place.name}: {key_rotation.waiting(place)} to renew.")
        return
    done = [_rotated(place) for place in found]
    files = storage.renew()
    click.echo(f"Files in storage: {files} renewed.")
    renewed = files + sum(progress.renewed for progress in done)
    if renewed:
        key_rotation.record(renewed)
        db.session.commit()
    if left := sum(map(key_rotation.waiting, found)):
        raise click.ClickException(
            f"{left} values are still under an older key: keep it, and run this again."
        )
    click.echo("Every value is under the newest key: the older ones can be removed from ENCRYPTION_KEYS.")


def _rotated(place: Place) -> Progress:
    progress = Progress()
    for _slice in key_rotation.rotate(place, progress):
        db.session.commit()
    click.echo(f"{place.name}: {progress.renewed} renewed.")
    for row in progress.unreadable:
        click.echo(f"{place.name}: row {'.'.join(map(str, row))} does not open under any of ENCRYPTION_KEYS.")
    return progress
