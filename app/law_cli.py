"""`flask guichet scheme replay FILE`: an old result computed again under the law of then."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from app.scheme import BadInput
from app.scheme.cli import BAD_INPUT, REFUSED, lang_option, read_file
from app.services import laws


@click.command("replay")
@click.argument("file", type=click.Path(allow_dash=True, path_type=Path))
@lang_option
@with_appcontext
def replay(file: Path, lang: str) -> None:
    """Compute a stored result again; exit 1 when it comes to something else, 2 when it is no record."""
    try:
        stored = read_file(file)
        if not isinstance(stored, dict):
            raise BadInput("(input)", "object")
        found = laws.replay_stored(stored).as_dict()
    except BadInput as error:
        _print(error.as_dict(lang))
        sys.exit(BAD_INPUT)
    _print(found)
    if found != stored.get("result"):
        click.echo("This is not the stored result.", err=True)
        sys.exit(REFUSED)


def _print(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
