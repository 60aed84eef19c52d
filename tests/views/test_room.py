"""One account fills no disk: what is kept for it has an end, said in words."""

import pytest
from sqlalchemy import func, select, update

from app.extensions import db
from app.files.limits import LARGEST_BYTES, MOST_KEPT_BYTES
from app.files.states import FileState, Refusal
from app.models import Document, Upload
from app.services import documents, uploads
from app.services.base import RuleBroken
from tests.security.objects import a_document
from tests.services.test_cases import account
from tests.visitor import PNG, a_file

FULL = "Your files take all the room there is for one account (500 MB)."


def fill(owner, size, state=FileState.accepted):
    document = a_document(owner)
    values = {"size": size, "state": state}
    if state is FileState.refused:
        verdict = {"verdict": None, "verified_by_id": None, "verified_at": None}
        values |= {"refusal": Refusal.other_type} | verdict
    db.session.execute(update(Document).where(Document.id == document.id).values(**values))
    db.session.commit()


def test_a_file_too_much_is_refused_beside_its_field_and_not_stored(app, visitor):
    with app.app_context():
        fill(account("joseph"), MOST_KEPT_BYTES - len(PNG) + 1)
    joseph = visitor("joseph")
    joseph.open("/en/registration/new/documents")
    joseph.send(identity_document=a_file())
    assert FULL in joseph.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Document)) == 1


def test_the_last_room_may_be_filled(english):
    joseph = account("joseph")
    fill(joseph, MOST_KEPT_BYTES - LARGEST_BYTES)
    assert uploads.begin(joseph, "a.png", LARGEST_BYTES, "identity", None, None).size == LARGEST_BYTES


def test_what_is_on_its_way_counts_and_arrives(english):
    joseph = account("joseph")
    fill(joseph, MOST_KEPT_BYTES - len(PNG))
    upload = uploads.begin(joseph, "a.png", len(PNG), "identity", None, None)
    with pytest.raises(RuleBroken, match="500 MB"):
        uploads.begin(joseph, "b.png", 1, "identity", None, None)
    uploads.add(joseph, upload, 0, PNG)
    assert db.session.get_one(Upload, upload.id).document is not None


def test_what_was_refused_or_is_somebody_elses_takes_no_room(english):
    joseph, amina = account("joseph"), account("amina")
    fill(joseph, MOST_KEPT_BYTES, FileState.refused)
    fill(amina, MOST_KEPT_BYTES)
    documents.check_room(joseph, LARGEST_BYTES)
    with pytest.raises(RuleBroken, match="500 MB"):
        documents.check_room(amina, 1)
