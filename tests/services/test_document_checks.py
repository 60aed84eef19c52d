"""The checks in the background: safe to run twice, to interrupt and to forget; bytes go only when nobody needs them."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select
from werkzeug.datastructures import FileStorage

from app import clock
from app.adapters import storage
from app.delays import CHECK_OVERDUE
from app.extensions import db
from app.files import inspection
from app.files.states import FileState
from app.models import Document, Outbox
from app.services import document_checks, documents, stored_files
from tests.files import good
from tests.services.test_cases import account
from tests.visitor import a_file


def give(content=None, login="joseph"):
    file = a_file("card.jpg", content or good.jpeg(exif=good.exif()))
    document = documents.keep(account(login), "identity", FileStorage(*file))
    db.session.commit()
    return document


def forget():
    """The jobs that delete bytes, as the worker runs them after the commit."""
    for row in db.session.scalars(select(Outbox).where(Outbox.job == "remove_stored_file")):
        stored_files.remove_unused(row.payload["sha256"])
        db.session.delete(row)
    db.session.commit()


def test_of_a_picture_only_what_was_drawn_again_stays(context):
    document = give()
    document_checks.check(document.id)
    db.session.commit()
    assert storage.read(document.sha256), "the bytes go only after the commit that no longer needs them"
    forget()
    with pytest.raises(FileNotFoundError):
        storage.read(document.sha256)
    assert b"Phonemaker" not in storage.read(document.stored_sha256)
    assert document.facts["maker"] == "Phonemaker"


def test_a_second_run_finds_it_done(context):
    document = give()
    document_checks.check(document.id)
    first = (document.stored_sha256, document.checked_at)
    document_checks.check(document.id)
    assert (document.stored_sha256, document.checked_at) == first
    document_checks.check(document.id + 1000)


def test_a_rollback_after_the_check_loses_nothing(context):
    document = give()
    document_checks.check(document.id)
    db.session.rollback()
    assert document.state is FileState.sent
    document_checks.check(document.id)
    assert document.state is FileState.accepted


def test_an_inspection_that_never_began_leaves_the_file_as_it_is(context, monkeypatch):
    def cannot(content):
        raise inspection.CannotInspect("no memory")

    document = give()
    monkeypatch.setattr(inspection, "inspect", cannot)
    with pytest.raises(inspection.CannotInspect):
        document_checks.check(document.id)
    db.session.rollback()
    assert document.state is FileState.sent


def test_the_same_bytes_of_another_person_are_not_forgotten_with_mine(context):
    content = good.jpeg()
    mine, theirs = give(content), give(content, "peter")
    document_checks.check(mine.id)
    db.session.commit()
    forget()
    document_checks.check(theirs.id)
    db.session.commit()
    assert mine.stored_sha256 == theirs.stored_sha256
    with clock.frozen(clock.now() + timedelta(days=3)):
        theirs.filed_at = clock.now()
        documents.purge_unfiled()
        db.session.commit()
    forget()
    assert storage.read(theirs.stored_sha256)


def test_a_file_that_waits_too_long_is_put_in_the_queue_again(context):
    document = give()
    db.session.execute(delete(Outbox))
    db.session.commit()
    assert document_checks.check_overdue() == 0
    with clock.frozen(clock.now() + CHECK_OVERDUE + timedelta(minutes=1)):
        assert document_checks.check_overdue() == 1
    assert db.session.scalars(select(Outbox.payload)).one() == {"document_id": document.id}
    assert db.session.scalars(select(Document.state)).one() is FileState.sent
