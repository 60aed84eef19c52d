"""Every step of a case leaves one entry in the chain of that case."""

import json

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Case
from app.services import audit, audit_verification
from tests.journey import answer, file_request, go_to


@pytest.fixture
def person(visitor):
    person = visitor("joseph")
    person.open("/en/registration/new")
    return person


def test_a_submission_leaves_one_entry_that_verifies(app, person):
    file_request(person)
    assert person.status == 200
    with app.app_context():
        case = db.session.scalars(select(Case)).one()
        of_steps = select(AuditEntry).where(AuditEntry.action == "submit")
        [entry] = db.session.scalars(of_steps).all()
        assert (entry.stream, entry.action, entry.actor_id) == (f"case:{case.id}", "submit", case.owner_id)
        assert json.loads(entry.content)["subject"] == {
            "as": "insured_person",
            "from": "draft",
            "reference": case.reference,
            "service": "registration",
            "to": "submitted",
        }
        assert audit.personal_of(entry) is None
        assert audit_verification.verify().is_sound


def test_a_refused_submission_leaves_none(app, person):
    go_to(person, "you")
    answer(person, "you", family_name="")
    assert person.error_of("family_name")
    with app.app_context():
        assert db.session.scalars(select(AuditEntry)).all() == []
