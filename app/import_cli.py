"""`flask guichet import …`: a migration brings in persons, employers and employments (docs/records.md)."""

import csv
from pathlib import Path

import click
from flask.cli import AppGroup
from flask_babel import force_locale
from flask_babel import gettext as _

from app.services import imports
from app.services.base import RuleBroken
from app.services.import_rules import KINDS

bring_in = AppGroup("import", help="Bring in what another system held, from CSV files.")


def _add(kind: str) -> None:
    @bring_in.command(kind, help=f"Bring in {kind}; the same file goes on where a run before stopped.")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="Look at every line, keep nothing.")
    @click.option(
        "--report",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Where refused lines are written (FILE.refused.csv by default).",
    )
    @click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", help="What reasons are told in.")
    def run(file: Path, dry_run: bool, report: Path | None, lang: str) -> None:
        with force_locale(lang):
            _run(kind, file, dry_run, report or file.with_suffix(".refused.csv"))


def _run(kind: str, file: Path, is_dry: bool, report: Path) -> None:
    """Bring the file in; the report is written slice by slice, and goes on where a run before stopped."""
    heading = [_("Line"), _("Column"), _("Reason")]
    if is_dry:
        report.unlink(missing_ok=True)
    is_new = not report.exists()
    with report.open("a", encoding="utf-8", newline="") as kept:
        writer = csv.writer(kept)
        if is_new:
            writer.writerow(heading)

        def tell(refused: list[imports.Refused]) -> None:
            writer.writerows((line, column, fault.label) for line, column, fault in refused)
            kept.flush()

        try:
            totals = imports.run(kind, file, is_dry, tell)
        except RuleBroken as refusal:
            raise click.ClickException(str(refusal.message)) from None
    click.echo(_("Lines read: %(number)s", number=totals.read))
    click.echo(_("Imported: %(number)s", number=totals.imported))
    click.echo(_("Refused: %(number)s (%(report)s)", number=totals.refused, report=report))
    if is_dry:
        click.echo(_("This was a dry run: nothing was kept."))


for name in KINDS:
    _add(name)
