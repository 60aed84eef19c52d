"""`flask guichet audit …`: for auditors and for the night. Exit code 1 when something is not as written."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.extensions import db
from app.models import AuditEntry
from app.services import audit as chain
from app.services import audit_checkpoints, audit_export, audit_verification
from app.services.audit_checkpoints import Signed
from app.services.audit_verification import Report
from app.services.person_keys import KeyDestroyed

audit = AppGroup("audit", help="Verify, sign and hand over the audit chain.")


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="For tools.")
@click.option("--processes", default=min(os.cpu_count() or 1, 4), help="How many read at once.")
def verify(as_json: bool, processes: int) -> None:
    """Check everything that was ever recorded."""
    report = audit_verification.verify(max(1, processes))
    click.echo(json.dumps(report.as_dict(), indent=2) if as_json else in_words(report))
    if not report.is_sound:
        raise SystemExit(1)


@audit.command()
def checkpoint() -> None:
    """Sign how far every stream has come, and copy the checkpoint to storage."""
    signed, copied = sign()
    if signed.checkpoint is None:
        click.echo("Nothing was recorded yet.")
    else:
        click.echo(signed.checkpoint.content)
        click.echo(f"Copied to storage: {copied}.")
    _name_left_out(signed)


@audit.command()
@click.argument("entry")
def prove(entry: str) -> None:
    """Prove ENTRY (such as case:12/3): JSON for docs/verify.py."""
    stream, seq = _named(entry)
    _print_proof(lambda: audit_export.prove_entry(stream, seq))


@audit.command()
@click.argument("entry")
def show(entry: str) -> None:
    """Show what ENTRY (such as case:12/3) says, personal values included; the reading is recorded."""
    stream, seq = _named(entry)
    found = db.session.get(AuditEntry, (stream, seq))
    if found is None:
        raise click.ClickException(f"There is no entry {seq} in {stream}.")
    said = json.loads(found.content)
    try:
        said["personal"] = chain.read_personal(found)
    except KeyDestroyed:
        said["personal"] = "destroyed by law"
    db.session.commit()
    click.echo(json.dumps(said, indent=1, ensure_ascii=False))


@audit.command()
@click.argument("first", type=int)
@click.argument("second", type=int)
def consistency(first: int, second: int) -> None:
    """Prove that checkpoint SECOND only added to checkpoint FIRST: JSON for docs/verify.py."""
    _print_proof(lambda: audit_export.prove_consistency(first, second))


@audit.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Sign a checkpoint, then write the chain to FILE as far as it is signed, for docs/verify.py."""
    signed, _copied = sign()
    with file.open("w", encoding="ascii") as output:
        output.writelines(audit_export.lines())
    _name_left_out(signed)


@audit.command()
def key() -> None:
    """Show the public keys to publish, the one in force first."""
    click.echo("\n".join(audit_export.public_keys()))


def sign() -> tuple[Signed, int]:
    """A checkpoint over all that moved, committed; and how many were copied to storage."""
    signed = audit_checkpoints.checkpoint()
    db.session.commit()
    return signed, audit_checkpoints.copy_to_storage()


def _name_left_out(signed: Signed) -> None:
    if signed.left_out:
        raise click.ClickException(f"Not signed, for their heads are forged: {', '.join(signed.left_out)}.")


def _named(entry: str) -> tuple[str, int]:
    """The stream and the number of an entry as it is typed."""
    stream, _slash, seq = entry.rpartition("/")
    if not (seq.isascii() and seq.isdigit()):
        raise click.ClickException("Name the entry as stream/number, such as case:12/3.")
    return stream, int(seq)


def _print_proof(make: Callable[[], dict[str, Any]]) -> None:
    try:
        click.echo(json.dumps(make(), indent=1))
    except audit_export.NotProvable as error:
        raise click.ClickException(str(error)) from error


def in_words(report: Report) -> str:
    """What a verification found, as a person reads it."""
    lines = [
        f"Read: {report.entries} entries in {report.streams} streams, {report.checkpoints} checkpoints.",
        *(f"{finding.kind}: {finding.sentence}" for finding in report.findings),
    ]
    if report.found > len(report.findings):
        lines.append(f"And {report.found - len(report.findings)} more.")
    lines.append("Nothing differs from what was written." if report.is_sound else f"Found: {report.found}.")
    lines.append(report.bound)
    return "\n".join(lines)
