"""The command group `scheme`: list, show, check, evaluate, diff. Pure click; the application mounts it."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import click

from .answers import LANGUAGES, answer, explained, explained_text
from .comparing import differences, figures
from .errors import BadLaw, Unreadable
from .law import Law
from .loading import HOME, load, load_path, scheme_names
from .questions import read_question
from .reading import kind_of
from .reference import operations_table
from .refusals import BadInput
from .schema import editor_schema
from .values import parse_date

REFUSED = 1
BAD_INPUT = 2
MOST_BYTES = 50_000_000

lang_option = click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)


class Day(click.ParamType[date]):
    """A day written 2026-07-01."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day, or a usage error."""
        day = value if isinstance(value, date) else parse_date(str(value))
        if day is None:
            self.fail(f"{value} is not a day of the calendar, such as 2026-07-01", param, ctx)
        return day


@click.group("scheme")
def scheme() -> None:
    """Benefit law: list, show, check, evaluate, compare."""


@scheme.command("list")
@lang_option
def list_schemes(lang: str) -> None:
    """The schemes at hand, with their version and benefits."""
    for name in scheme_names():
        law = load(name)
        benefits = [*law.benefits, *law.calculations, *(["contributions"] if law.contributions else [])]
        click.echo(f"{name}  {law.version}  {law.label[lang]}\n  {', '.join(benefits)}")


@scheme.command("show")
@click.argument("name")
@click.option("--on", type=Day(), help="Only the values in force on this day.")
@lang_option
def show(name: str, on: date | None, lang: str) -> None:
    """The figures of a scheme with their sources and history."""
    law = _law(name)
    click.echo(f"{law.name} {law.version}: {law.label[lang]} ({law.source})")
    for row in figures(law, lang, on):
        click.echo(f"\n{row['id']}: {row['label']} ({row['source']})")
        for value in row.get("values") or [row]:
            since = value["since"] or "…"
            until = f" – {value['until']}" if value["until"] else ""
            click.echo(f"  {since}{until}  {_shown(value['value'])}")


@scheme.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Check a law (folder, file or name); exit 1 with every problem, 2 when it cannot be read."""
    try:
        law = load_path(HOME / file if kind_of(file) is None and str(file) in scheme_names() else file)
    except BadLaw as refused:
        _refuse(refused)
    counts = f"{len(law.benefits)} benefits, {len(law.parameters)} figures, {len(law.tables)} tables"
    click.echo(f"{law.name} {law.version}: {counts}; no problem found")


@scheme.command("evaluate")
@click.argument("file", type=click.Path(allow_dash=True, path_type=Path))
@click.option("--explain", type=click.Choice(["text", "json"]))
@click.option("--law", "law_name", help="A law being written: its folder or file.")
@lang_option
def evaluate(file: Path, explain: str | None, law_name: str | None, lang: str) -> None:
    """Answer the question (or list of questions) of a JSON file, or of standard input (-)."""
    law = _law(law_name) if law_name else None
    try:
        data = read_file(file)
    except BadInput as error:
        _print_json(error.as_dict(lang))
        sys.exit(BAD_INPUT)
    several = isinstance(data, list)
    answers = [_answer(item, explain, lang, law) for item in (data if several else [data])]
    if explain == "text":
        click.echo("\n\n".join(text if isinstance(text, str) else _json(text) for text, _ in answers))
    else:
        _print_json([found for found, _ in answers] if several else answers[0][0])
    if not all(good for _, good in answers):
        sys.exit(BAD_INPUT)


@scheme.command("diff")
@click.argument("name")
@click.argument("before", type=Day())
@click.argument("after", type=Day())
@lang_option
def diff(name: str, before: date, after: date, lang: str) -> None:
    """What changed in a scheme's figures between two days."""
    rows = differences(_law(name), before, after, lang)
    for row in rows:
        click.echo(f"{row['id']}: {row['label']} ({row['source']})")
        dates = f"  [{', '.join(row['changed_on'])}]" if row["changed_on"] else ""
        click.echo(f"  {_shown(row['before'])} → {_shown(row['after'])}{dates}")
    if not rows:
        click.echo("no difference")


@scheme.command("operations")
def operations() -> None:
    """The operations that a law may use, with their arguments."""
    click.echo(operations_table())


@scheme.command("json-schema")
def json_schema() -> None:
    """The JSON Schema of a scheme's files, for editors."""
    _print_json(editor_schema())


def _answer(data: Any, explain: str | None, lang: str, law: Law | None) -> tuple[Any, bool]:
    """The answer in the form asked, and whether the question was a good one."""
    try:
        found = answer(data, law)
        if explain == "text":
            return explained_text(found, lang), True
        return (explained(found, lang) if explain == "json" else found.as_dict(lang)), True
    except BadInput as error:
        return error.as_dict(lang), False


def _law(name: str) -> Law:
    """A scheme by name, or by the path of a law being written."""
    try:
        return load_path(Path(name)) if name not in scheme_names() and _is_path(name) else load(name)
    except BadLaw as refused:
        _refuse(refused)
    except BadInput as error:
        click.echo(str(error), err=True)
        sys.exit(BAD_INPUT)


def read_file(file: Path) -> Any:
    """The JSON of a file, or of standard input."""
    try:
        text = _whole_of(sys.stdin.buffer if str(file) == "-" else file.open("rb")).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("(file)", "not_json", line=None, column=None) from None
    except OSError as error:
        raise BadInput("(file)", "unreadable", reason=error.strerror) from None
    return read_question(text)


def _whole_of(stream: BinaryIO) -> bytes:
    """All that a stream holds; one that does not end is refused."""
    with stream:
        found = stream.read(MOST_BYTES + 1)
    if len(found) > MOST_BYTES:
        raise BadInput("(file)", "too_long", most=MOST_BYTES)
    return found


def _is_path(name: str) -> bool:
    """Whether a name is that of a file or folder, or means to be one."""
    return kind_of(Path(name)) is not None or "/" in name or name.endswith(".yaml")


def _refuse(refused: BadLaw) -> NoReturn:
    """Every problem, and the exit code: of a law at fault, or of what is no law that could be read."""
    for problem in refused.problems:
        click.echo(str(problem), err=True)
    sys.exit(BAD_INPUT if isinstance(refused, Unreadable) else REFUSED)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {text}" for key, text in value.items())
    return "–" if value is None else str(value)


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)


def _print_json(data: Any) -> None:
    click.echo(_json(data))
