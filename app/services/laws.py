"""The text of each law this installation has computed under, so that an old result can be computed again."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.extensions import db
from app.models import SchemeLaw
from app.scheme import BadInput, load, replay, scheme_names
from app.scheme.answers import Answer
from app.scheme.inputs import as_text, need
from app.scheme.loading import fingerprint


def keep() -> None:
    """Keep the text of each scheme that comes with the application; a text is kept once and never changed."""
    for name in scheme_names():
        law = load(name)
        row = insert(SchemeLaw).values(
            version=law.version, scheme=law.name, text=law.text, first_seen_at=clock.now()
        )
        db.session.execute(row.on_conflict_do_nothing())


def replay_stored(stored: Mapping[str, Any]) -> Answer:
    """What a stored result (`scheme.record`) comes to under the law of then; raises only `BadInput`.

    A kept text that was changed is refused: the version ends in its fingerprint.
    """
    version = as_text(need(stored, "version", ""), "version")
    kept = None if "\0" in version else db.session.get(SchemeLaw, version)
    if kept is not None and fingerprint(kept.text) != version.rpartition("+")[2]:
        raise BadInput("version", "text_changed")
    return replay(stored, kept.text if kept else None)
