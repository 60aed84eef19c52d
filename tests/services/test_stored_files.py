"""A file leaves storage after its row, after the commit, and only when no other row names the same bytes."""

import hashlib
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app import clock
from app.adapters import storage
from app.delays import UPLOAD_KEPT
from app.extensions import db
from app.models import AuditEntry, Case, Document, Outbox, Receipt
from app.services import audit_verification, documents, outbox, purges, receipts, stored_files, verification
from tests.journey import file_request
from tests.processes import until
from tests.services.test_cases import account, file_case
from tests.visitor import PNG

WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
LATER = UPLOAD_KEPT + timedelta(hours=1)


def is_stored(sha256):
    try:
        return bool(storage.read(sha256))
    except FileNotFoundError:
        return False


def unfiled(content, login="joseph"):
    """A document that was sent with a form and never filed."""
    sha256 = hashlib.sha256(content).hexdigest()
    document = Document(
        owner_id=account(login).id,
        category="identity",
        filename="a.png",
        content_type="image/png",
        size=len(content),
        sha256=sha256,
        created_at=clock.now(),
    )
    stored_files.keep(sha256, content)
    db.session.add(document)
    db.session.commit()
    return sha256


def orphan(content):
    """A file whose writer was killed before the commit."""
    sha256 = hashlib.sha256(content).hexdigest()
    storage.write(sha256, content)
    return sha256


def later(app, work, *jobs):
    with clock.frozen(clock.now() + LATER):
        with app.app_context():
            for job in jobs:
                outbox.write(job)
            db.session.commit()
        work()


def test_every_column_that_names_a_file_is_asked_before_one_is_removed():
    named = {
        column
        for table in db.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("sha256") and table.name != "import_run"
    }
    assert named == {column.property.columns[0] for column in stored_files.NAMED_BY}


def test_a_purge_that_is_taken_back_removes_nothing(context):
    sha256 = unfiled(b"purge taken back")
    with clock.frozen(clock.now() + LATER):
        assert documents.purge_unfiled() == 1
        db.session.rollback()
    assert is_stored(sha256)
    assert db.session.scalars(select(Document)).all()
    assert db.session.scalars(select(Outbox)).all() == []


def test_unfiled_files_go_after_the_commit(app, work):
    with app.app_context():
        sha256 = unfiled(b"never filed")
        with clock.frozen(clock.now() + LATER):
            documents.purge_unfiled()
            db.session.commit()
        assert is_stored(sha256)
    later(app, work)
    with app.app_context():
        assert not is_stored(sha256)


def test_a_file_whose_bytes_another_row_uses_stays(app, work, visitor):
    file_request(visitor("peter"))
    with app.app_context():
        sha256 = unfiled(PNG)
    later(app, work, "purge_unfiled_documents")
    with app.app_context():
        assert len(db.session.scalars(select(Document)).all()) == 2
        assert is_stored(sha256)


def test_a_file_that_is_sent_again_while_it_is_forgotten_stays(app, work):
    with app.app_context():
        sha256 = unfiled(b"sent again")
        with clock.frozen(clock.now() + LATER):
            documents.purge_unfiled()
            db.session.commit()
        unfiled(b"sent again", "peter")
    work()
    with app.app_context():
        assert is_stored(sha256)


def test_whoever_stores_the_same_bytes_is_waited_for(app):
    content = b"at the same moment"
    with app.app_context():
        sha256 = orphan(content)
        stored_files.keep(sha256, content)
        removing = threading.Thread(target=_remove, args=(app, sha256))
        removing.start()
        assert until(lambda: db.session.scalar(WAITING), seconds=20)
        document = Document(
            owner_id=account("joseph").id, category="identity", filename="a", content_type="image/png",
            size=1, sha256=sha256, created_at=clock.now(),
        )  # fmt: skip
        db.session.add(document)
        db.session.commit()
        removing.join(20)
        assert is_stored(sha256)


def _remove(app, sha256):
    with app.app_context():
        stored_files.remove_unused(sha256)
        db.session.commit()


def test_a_file_a_kill_left_without_a_row_is_swept_and_no_other(app, work, visitor):
    file_request(visitor("joseph"))
    with app.app_context():
        left = orphan(b"the receipt of a request that was never committed")
        case = db.session.scalars(select(Case)).one()
        kept = [case.receipt.sha256, case.documents[0].sha256]
    later(app, work, "sweep_storage")
    with app.app_context():
        assert not is_stored(left)
        assert all(is_stored(sha256) for sha256 in kept)


def test_a_file_just_written_is_not_swept(app, work):
    with app.app_context():
        fresh = orphan(b"its commit is on its way")
        outbox.write("sweep_storage")
        db.session.commit()
    work()
    with app.app_context():
        assert is_stored(fresh)


@pytest.fixture
def purged(app, visitor, work):
    """A request with its receipt, printed once, whose author was purged; its address, hashes and content."""
    person = visitor("joseph")
    file_request(person)
    assert person.client.get(f"{person.url}/receipt.pdf").status_code == 200
    with app.app_context():
        receipt = db.session.scalars(select(Receipt)).one()
        kept = (receipt.sha256, receipt.pdf_sha256, receipts.content_of(receipt))
        purges.purge_person(receipt.case.owner_id, account("administrator").id)
        assert all(is_stored(sha256) for sha256 in kept[:2])
        db.session.commit()
    work()
    return person, *kept


def test_a_legal_purge_removes_the_receipts_files_and_keeps_its_proof(app, purged):
    _person, sha256, pdf_sha256, content = purged
    with app.app_context():
        assert not is_stored(sha256)
        assert not is_stored(pdf_sha256)
        receipt = db.session.scalars(select(Receipt)).one()
        assert receipt.sha256 == sha256
        assert audit_verification.verify().is_sound
        assert receipts.judge(content).verdict is receipts.Verdict.genuine
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "purge_receipt")).one()
        assert (entry.stream, entry.actor_id) == (f"case:{receipt.case_id}", account("administrator").id)
        with pytest.raises(receipts.Purged):
            receipts.content_of(receipt)


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "destroyed by law"), ("fr", "détruite en application de la loi")]
)
def test_the_code_of_a_purged_receipt_says_so(app, purged, visitor, lang, words):
    with app.app_context():
        code = db.session.scalars(select(Receipt.code)).one()
        assert verification.find(code).still_valid
    nobody = visitor(lang=lang)
    nobody.open(f"/{lang}/verify/{code}")
    assert words in nobody.text
    assert purged[1] in nobody.text


def test_a_purged_receipt_is_offered_to_nobody(purged):
    person = purged[0]
    person.open(person.url)
    assert "Your receipt" not in person.text
    for kind in ("receipt", "receipt.json", "receipt.pdf"):
        assert person.client.get(f"{person.url}/{kind}").status_code == 404


def test_a_purge_concerns_one_person_and_happens_once(app, work):
    with app.app_context():
        mine, other = file_case("joseph"), file_case("peter", "another key")
        for _time in range(2):
            purges.purge_person(mine.owner_id, account("administrator").id)
            db.session.commit()
        assert other.receipt.purged_at is None
        purged = select(AuditEntry).where(AuditEntry.action == "purge_receipt")
        assert len(db.session.scalars(purged).all()) == 1
    work()
    with app.app_context():
        [kept] = db.session.scalars(select(Receipt).where(Receipt.purged_at.is_(None))).all()
        assert receipts.content_of(kept)
