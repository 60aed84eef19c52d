"""What staff and the person do beside the steps stands in the chain of the case: who, what, and nothing readable."""

import json

import pytest
from sqlalchemy import select

from app import clock
from app.access_kinds import Opened
from app.extensions import db
from app.models import AccessEntry, Agency, AuditEntry, Case
from app.services import audit, audit_verification, casework, counter, letters, person_keys
from app.services.base import RuleBroken
from tests.journey import file_request
from tests.services.test_cases import REASON, SERVICE, account, file_case
from tests.services.test_letters import decided, made, on_paper

FILED = ["submit", "issue_receipt"]
WORDS = "Seen at the counter with her passport."


def entries(case_id):
    """The chain of a case after its filing."""
    stream = f"case:{case_id}"
    found = db.session.scalars(
        select(AuditEntry).where(AuditEntry.stream == stream).order_by(AuditEntry.seq)
    ).all()
    assert [entry.action for entry in found[:2]] == FILED
    return found[2:]


def facts(entry):
    return json.loads(entry.content)["subject"]


def the_one(case, action, by):
    """The single entry of that action, by that account."""
    db.session.commit()
    [entry] = [entry for entry in entries(case.id) if entry.action == action]
    assert entry.actor_id == (account(by).id if by else None)
    assert audit_verification.verify().is_sound
    return entry


@pytest.fixture
def case(context):
    return file_case()


def test_a_correction(case):
    written = casework.correct(SERVICE, case, "family_name", "Tabi-Fon", REASON, account("officer"))
    entry = the_one(case, "correct", "officer")
    assert facts(entry) == {"correction": written.id, "field": "family_name"}
    assert audit.personal_of(entry) == {"before": "Tabi", "after": "Tabi-Fon", "reason": REASON}
    assert "Tabi" not in entry.content


def test_a_note(case):
    written = casework.note(SERVICE, case, WORDS, account("officer"))
    entry = the_one(case, "note", "officer")
    assert facts(entry) == {"note": written.id}
    assert audit.personal_of(entry) == {"text": WORDS}
    assert "passport" not in entry.content


def test_what_was_written_about_a_person_is_purged_with_their_key(case):
    casework.note(SERVICE, case, WORDS, account("officer"))
    entry = the_one(case, "note", "officer")
    audit.purge_person(case.owner_id, account("administrator").id)
    db.session.commit()
    with pytest.raises(person_keys.KeyDestroyed):
        audit.personal_of(entry)
    assert audit_verification.verify().is_sound


def test_an_assignment(case):
    casework.assign(SERVICE, case, account("agent"), account("officer"))
    assert facts(the_one(case, "assign", "officer")) == {"officer": account("agent").id}


def test_a_transfer_says_from_where_to_where(case):
    first, second = (Agency(code=code, name_fr=code, name_en=code) for code in ("T1", "T2"))
    db.session.add_all([first, second])
    home = account("agent").agency_id
    casework.transfer(SERVICE, case, first, account("officer"))
    db.session.commit()
    account("agent").agency_id = first.id
    db.session.commit()
    casework.transfer(SERVICE, case, second, account("agent"))
    db.session.commit()
    told = [(entry.actor_id, facts(entry)) for entry in entries(case.id)]
    case.agency, account("agent").agency_id = None, home
    db.session.flush()
    db.session.delete(first)
    db.session.delete(second)
    db.session.commit()
    assert told == [
        (account("officer").id, {"from": "DLA", "to": "T1"}),
        (account("agent").id, {"from": "T1", "to": "T2"}),
    ]


def test_an_entry_at_the_counter_is_told_once(case):
    answers = {"given_names": "P", "family_name": "Fon", "birth_date": clock.today(), "employer_id": None}
    for _time in range(2):
        entered = counter.enter(SERVICE, account("peter"), answers, [], "key", account("officer"))
        entry = the_one(entered, "enter_at_counter", "officer")
    assert facts(entry) == {"reference": entered.reference}


@pytest.mark.parametrize(
    "work",
    [
        lambda case: casework.correct(SERVICE, case, "family_name", "X", " ", account("officer")),
        lambda case: casework.correct(SERVICE, case, "family_name", "Tabi", REASON, account("officer")),
        lambda case: casework.note(SERVICE, case, " ", account("officer")),
        lambda case: casework.assign(SERVICE, case, account("auditor"), account("officer")),
        lambda case: casework.assign(SERVICE, case, account("agent"), account("auditor")),
    ],
    ids=["no reason", "no change", "no words", "to an auditor", "by an auditor"],
)
def test_what_is_refused_or_changes_nothing_leaves_no_entry(case, work):
    try:
        work(case)
    except RuleBroken:
        db.session.rollback()
    db.session.commit()
    assert entries(case.id) == []


def test_a_letter_posted_and_the_person_notified(context):
    letter = on_paper()
    letters.mark_posted(letter, clock.today(), account("officer"))
    entry = the_one(letter.case, "post_letter", "officer")
    assert facts(entry) == {"letter": letter.number, "posted_on": clock.today().isoformat()}
    notified = facts(the_one(letter.case, "notify", None))
    assert (notified["decision"], notified["how"]) == (letter.decision_id, "paper")
    assert notified["appeal_by"] == letter.decision.appeal_by.isoformat()


def test_a_letter_opened_by_the_person_is_told_once(app, visitor):
    with app.app_context():
        letter = made(decided())
        address, number = f"/en/cases/{letter.case.public_id}/letters/{letter.number}", letter.number
    person = visitor("joseph")
    for url in (address, f"{address}.pdf", address):
        assert person.client.get(url).status_code == 200
    with app.app_context():
        case = db.session.scalars(select(Case)).one()
        assert facts(the_one(case, "open_letter", "joseph")) == {"letter": number}


@pytest.mark.parametrize("login", ["officer", "auditor"])
def test_each_reading_by_staff_is_told(app, visitor, work, login):
    file_request(visitor("joseph"))
    with app.app_context():
        case = db.session.scalars(select(Case)).one()
        case_id, document = case.id, case.documents[0].public_id
    work()
    reader = visitor(login)
    for _time in range(2):
        reader.client.get(f"/staff/registrationview/document/{case_id}/{document}").close()
    with app.app_context():
        read = [entry for entry in entries(case_id) if entry.action == "read_document"]
        told = [(entry.actor_id, facts(entry)["document"], facts(entry)["as"]) for entry in read]
        assert told == [(account(login).id, document, "file")] * 2
        opened = select(AccessEntry.name).where(AccessEntry.opened == Opened.document)
        assert list(db.session.scalars(opened)) == ["identity.png"] * 2


def test_each_reading_of_a_letter_by_staff_is_told(app, visitor):
    with app.app_context():
        letter = on_paper()
        case_id, letter_id, number = letter.case_id, letter.id, letter.number
    reader = visitor("auditor")
    pages = [
        f"/staff/registrationview/letter/{case_id}/{number}",
        f"/staff/registrationview/letter/{case_id}/{number}.pdf",
        f"/staff/printqueueview/show/{letter_id}",
        f"/staff/printqueueview/pdf/{letter_id}",
    ]
    for page in pages:
        assert reader.client.get(page).status_code == 200
    with app.app_context():
        read = [entry for entry in entries(case_id) if entry.action == "read_letter"]
        assert [audit.personal_of(entry) for entry in read] == [{"name": number}] * len(pages)
        assert {entry.actor_id for entry in read} == {account("auditor").id}


@pytest.mark.parametrize("login", ["joseph", "administrator", None])
def test_a_refused_reading_leaves_no_entry(app, visitor, login):
    file_request(visitor("joseph"))
    with app.app_context():
        case = db.session.scalars(select(Case)).one()
        case_id, document = case.id, case.documents[0].public_id
    answer = visitor(login).client.get(f"/staff/registrationview/document/{case_id}/{document}")
    assert answer.status_code in (302, 403)
    with app.app_context():
        assert entries(case_id) == []
