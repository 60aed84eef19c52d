"""A request entered at the counter: the person received, the journey's pages in their name, the receipt on paper."""

from datetime import date

import pytest
from sqlalchemy import select

from app import clock
from app.access_kinds import LockKind, Opened
from app.delays import OWN_WORK_OPENS, UPLOAD_KEPT
from app.extensions import db
from app.models import (
    AccessEntry,
    Account,
    Agency,
    AuditEntry,
    Case,
    DeclaredInterest,
    Document,
    Draft,
    InsuredPerson,
)
from app.services import accounts, documents, drafts, locks, people
from tests.journey import PAGES, answer, child
from tests.services.test_cases import account

JOSEPH = "joseph@demo.example"
SEEN = "Identity card ending 12AB; asks to be registered."
ENTRY = "/staff/entry/"


def receive(visitor, login="officer", **changes):
    """An officer notes who stands there, and is led to the service's start page."""
    officer = visitor(login)
    officer.open(f"{ENTRY}?language=en")
    officer.send("#model_form", **{"known": JOSEPH, "service": "registration", "reason": SEEN} | changes)
    return officer


def fill_in(officer):
    """Every page of the journey, to the check."""
    officer.open(officer.page.select_one("a.govuk-button--start")["href"])
    for page in PAGES:
        answer(officer, page)
    assert officer.url.endswith("/check"), officer.text


@pytest.fixture
def entered(visitor):
    officer = receive(visitor)
    fill_in(officer)
    officer.send()
    return officer


def the_case():
    return db.session.scalars(select(Case)).unique().one()


def test_the_officer_files_it_for_the_person_and_prints_the_receipt(entered, app):
    assert "Print the receipt" in entered.text
    assert "At the counter, entered by Ruth Ebai" in entered.text
    paper = entered.client.get(entered.page.select_one("a[href*='/receipt/']")["href"])
    assert paper.content_type == "application/pdf"
    with app.app_context():
        case = the_case()
        assert (case.owner.email, case.entered_by, case.channel) == (JOSEPH, account("officer"), "counter")
        assert {document.owner_id for document in case.documents} == {case.owner_id}
        assert [event.account for event in case.events] == [account("officer")]
        told = select(AuditEntry).where(AuditEntry.stream == f"case:{case.id}").order_by(AuditEntry.seq)
        actors = {entry.action: entry.actor_id for entry in db.session.scalars(told)}
        assert actors["submit"] == actors["enter_at_counter"] == account("officer").id
        assert db.session.scalars(select(Draft)).all() == []


def test_the_person_sees_who_received_them_and_where_it_was_entered(entered, visitor):
    person = visitor("joseph")
    person.open("/en/my-file/openings")
    assert "You, at the counter: a request entered for you – Registration" in person.text
    assert SEEN in person.text
    person.open("/en/")
    person.open(person.page.select_one("a[href*='/cases/']")["href"])
    assert "the insured person, at the counter" in person.text


def test_sent_twice_it_is_one_case(visitor, count_cases):
    officer = receive(visitor)
    fill_in(officer)
    check = officer.url
    sent = {one["name"]: one["value"] for one in officer.page.select("#main-form input[name]")}
    officer.post(check, sent)
    officer.post(check, sent)
    assert count_cases() == 1
    assert "Print the receipt" in officer.text


def test_the_draft_stands_beside_the_persons_own_and_is_found_again(visitor, app):
    person = visitor("joseph")
    person.open("/en/registration/new/you")
    answer(person, "you", given_names="Mine")
    officer = receive(visitor)
    officer.open(officer.page.select_one("a.govuk-button--start")["href"])
    assert officer.value_of("given_names") == ""
    answer(officer, "you", given_names="Theirs")
    later = receive(visitor)
    assert "Resume" in later.text
    with app.app_context():
        names = {draft.service: draft.answers["given_names"] for draft in db.session.scalars(select(Draft))}
    assert names == {
        "registration": {"given_names": ["Mine"]},
        "counter:registration": {"given_names": ["Theirs"]},
    }
    person.open("/en/")
    assert person.text.count("Resume") <= 1


def test_what_is_added_to_a_group_is_in_the_counters_draft(visitor, app):
    officer = receive(visitor)
    officer.open(officer.page.select_one("a.govuk-button--start")["href"])
    for page in ("you", "origin", "paper"):
        answer(officer, page)
    answer(officer, "family", has_dependants="yes")
    officer.send(button=("_add", "dependants"), **child(0))
    assert len(officer.page.select("fieldset.g-entry")) == 2
    with app.app_context():
        kept = {draft.service: draft.answers for draft in db.session.scalars(select(Draft))}
    assert set(kept) == {"counter:registration"}
    assert kept["counter:registration"]["dependants"]["dependants-0-given_names"] == ["Paul"]


def test_its_files_are_kept_while_the_draft_names_them(visitor, app, monkeypatch):
    officer = receive(visitor)
    officer.open(officer.page.select_one("a.govuk-button--start")["href"])
    for page in PAGES:
        answer(officer, page)
    with app.app_context():
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now + 2 * UPLOAD_KEPT)
        assert documents.purge_unfiled() == 0
        assert {document.owner.email for document in db.session.scalars(select(Document))} == {JOSEPH}


def test_nobody_is_reminded_of_a_draft_of_the_counter(visitor, app, monkeypatch):
    officer = receive(visitor)
    officer.open(officer.page.select_one("a.govuk-button--start")["href"])
    answer(officer, "you")
    with app.app_context():
        saved = db.session.scalars(select(Draft)).one()
        now = saved.expires_at - (saved.expires_at - saved.saved_at) / 10
        monkeypatch.setattr(clock, "now", lambda: now)
        assert drafts.remind() == 0


def test_a_lock_online_stops_no_entry_at_the_counter(visitor, app, count_cases):
    with app.app_context():
        locks.set_lock(account("joseph"), LockKind.everything)
        db.session.commit()
    officer = receive(visitor)
    fill_in(officer)
    officer.send()
    assert count_cases() == 1


@pytest.mark.parametrize("page", ["", "new", "new/you", "check"])
def test_nobody_is_entered_for_without_being_received(visitor, app, page):
    with app.app_context():
        number = account("joseph").id
    officer = visitor("officer")
    officer.open(f"/en/counter/{number}/registration/{page}")
    assert "First note that you received this person today." in officer.text
    assert officer.url.startswith(ENTRY)
    assert "Joseph" not in officer.text


def test_a_colleague_and_another_day_need_a_reception_of_their_own(visitor, app, monkeypatch):
    officer = receive(visitor)
    there = officer.url
    colleague = visitor("agent")
    colleague.open(there)
    assert colleague.url.startswith(ENTRY)
    now = clock.now()
    with app.app_context():
        entry = db.session.scalars(select(AccessEntry).where(AccessEntry.opened == Opened.counter)).one()
        assert (entry.name, entry.reason) == ("registration", SEEN)
        late = now + OWN_WORK_OPENS
    monkeypatch.setattr(clock, "now", lambda: late)
    again = visitor("officer")
    again.open(there)
    assert again.url.startswith(ENTRY)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"known": "nobody@demo.example"}, "No account has this number"),
        ({"known": "officer@demo.example"}, "You cannot act on your own case"),
        ({"known": "auditor@demo.example"}, "This account cannot send a request"),
        ({"reason": " "}, "Give a reason"),
        ({"service": "pensions"}, "Not a valid choice"),
    ],
)
def test_who_cannot_be_received_is_refused_and_nothing_is_noted(visitor, app, changes, said):
    officer = receive(visitor, **changes)
    assert officer.status == 422
    assert said in officer.text
    with app.app_context():
        assert db.session.scalars(select(AccessEntry)).all() == []


def test_a_declared_relative_is_refused(visitor, app):
    with app.app_context():
        relatives = {"account_id": account("officer").id, "relative_id": account("joseph").id}
        db.session.add(DeclaredInterest(**relatives))
        db.session.commit()
    assert "You have declared an interest" in receive(visitor).text


def test_an_officer_enters_nothing_about_their_own_employer(visitor, app, count_cases):
    officer = receive(visitor)
    fill_in(officer)
    with app.app_context():
        chosen = db.session.scalars(select(Draft)).one().answers["employer_id"]["employer_id"][0]
        own = {"account_id": account("officer").id, "employer_id": int(chosen)}
        db.session.add(DeclaredInterest(**own))
        db.session.commit()
    officer.send()
    assert "You have declared an interest" in officer.text
    assert officer.url.endswith("/check")
    assert count_cases() == 0


def test_another_agencys_person_is_refused(visitor, app):
    with app.app_context():
        elsewhere = select(Agency.id).where(Agency.id != account("officer").agency_id)
        account("joseph").agency_id = db.session.scalars(elsewhere.limit(1)).one()
        db.session.commit()
    assert "another agency" in receive(visitor).text


def test_who_has_no_account_gets_one_without_e_mail_and_paper(visitor, app, work):
    officer = visitor("officer")
    officer.open(f"{ENTRY}new?language=en")
    officer.send(
        "#model_form",
        first_name="Rose",
        last_name="Ngono",
        language="fr",
        service="registration",
        reason=SEEN,
    )
    fill_in(officer)
    officer.send()
    assert "Print the receipt" in officer.text
    work()
    with app.app_context():
        case = the_case()
        assert not accounts.has_email(case.owner)
        assert (case.owner.get_full_name(), case.language) == ("Rose Ngono", "fr")
        assert case.agency_id == account("officer").agency_id


@pytest.fixture
def insured(app):
    with app.app_context():
        person = InsuredPerson(
            ssn=people.number_of(170),
            given_names="Rose",
            family_name="Ngono",
            birth_date=date(1980, 1, 1),
            registered_on=date(2020, 1, 1),
        )
        db.session.add(person)
        db.session.commit()
        return person.ssn


def test_an_insured_person_without_account_is_linked_by_number_and_name(visitor, app, insured):
    told = {"first_name": "Rose", "last_name": "Ngono", "language": "fr", "service": "registration"}
    with app.app_context():
        nobodys = people.number_of(171)
    for number, name in ((nobodys, "Ngono"), (insured, "Fouda")):
        officer = visitor("officer")
        officer.open(f"{ENTRY}new?language=en")
        officer.send("#model_form", **told | {"number": number, "last_name": name, "reason": SEEN})
        assert "Nobody has this number and this family name." in officer.text
    officer.open(f"{ENTRY}new")
    officer.send("#model_form", **told | {"number": insured, "reason": SEEN})
    assert "You already have a social security number." in officer.text
    officer.open(f"{ENTRY}new")
    officer.send("#model_form", **told | {"number": insured, "reason": SEEN})
    assert "has an account already" in officer.text
    with app.app_context():
        opened = select(Account).where(Account.email.endswith(accounts.NO_EMAIL))
        assert len(db.session.scalars(opened).unique().all()) == 1


def test_in_the_other_language_it_keeps_what_was_typed(visitor):
    officer = receive(visitor)
    officer.open(officer.page.select_one("a.govuk-button--start")["href"])
    officer.send(button=("_switch", "fr"), to=officer.url.replace("/en/", "/fr/"), given_names="Kept")
    assert officer.value_of("given_names") == "Kept"
    assert "Au guichet" in officer.text
