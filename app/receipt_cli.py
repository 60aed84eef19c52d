"""`flask guichet audit verify-receipt FILE`: is this file, byte for byte, a receipt we issued?"""

from pathlib import Path

import click
from flask.cli import with_appcontext

from app.services import receipts
from app.services.receipts import Judgement, Verdict

LARGEST_BYTES = 10 * 1024 * 1024

_SENTENCES = {
    Verdict.genuine: "Genuine: this file is, byte for byte, the receipt that was issued.",
    Verdict.altered: "Altered: this file says it is the receipt below, but at least one byte differs.",
    Verdict.contradicted: "Contradicted: register and audit chain do not say the same of the receipt below.",
    Verdict.unknown: "Unknown: this file is no receipt that was issued here.",
}


@click.command("verify-receipt")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def verify_receipt(file: Path) -> None:
    """Say whether FILE is a receipt that was issued, unchanged. Exit code 0 only then."""
    if file.stat().st_size > LARGEST_BYTES:
        raise click.ClickException("This file is larger than any receipt.")
    judgement = receipts.judge(file.read_bytes())
    click.echo(in_words(judgement))
    if judgement.verdict is not Verdict.genuine:
        raise SystemExit(1)


def in_words(judgement: Judgement) -> str:
    """The verdict, and what an auditor needs to look further."""
    lines = [_SENTENCES[judgement.verdict], f"SHA-256 of the file: {judgement.sha256}"]
    receipt, entry = judgement.receipt, judgement.entry
    if receipt is not None:
        lines += [f"Case: {receipt.case.reference}", f"SHA-256 of the receipt: {receipt.sha256}"]
    if entry is not None:
        lines.append(f"Chain entry: {entry!r}, prove it with `flask guichet audit prove {entry!r}`.")
    elif receipt is not None:
        lines.append("Chain entry: none that holds. Run `flask guichet audit verify`.")
    return "\n".join(lines)
