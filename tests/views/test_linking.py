"""Linking an account to an insured person: the same answer whatever is typed, five failures, and an officer."""

import re
import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, select

from app import clock
from app.access_kinds import TaskKind
from app.delays import LINK_CODE_KEPT, LINK_PAUSE
from app.extensions import db
from app.models import DeclaredInterest, InsuredPerson, LinkAttempt, Outbox, SupportTask
from app.services import linking, people, support
from tests.accounts import enter, new_account
from tests.services.test_cases import account
from tests.visitor import a_file

ASK, CODE, PROOF = "/en/my-file/link", "/en/my-file/link/code", "/en/my-file/link/proof"
RIGHT = {"family_name": "Ateba", "birth_date-day": "12", "birth_date-month": "5", "birth_date-year": "1985"}


def insured(number=9101, email="esther@record.example", **more):
    facts = {"given_names": "Esther", "family_name": "Atéba", "birth_date": date(1985, 5, 12)} | more
    person = InsuredPerson(ssn=people.number_of(number), registered_on=date(2020, 1, 6), email=email, **facts)
    db.session.add(person)
    db.session.commit()
    return person.id, person.ssn


@pytest.fixture
def number(app):
    with app.app_context():
        return insured()[1]


@pytest.fixture
def person(visitor):
    return visitor("joseph")


def ask(person, known, **changes):
    person.open(ASK)
    person.send(**{"number": known} | RIGHT | changes)


def code_in(mailbox):
    mails = sorted(mailbox.iterdir(), key=lambda path: path.stat().st_mtime)
    return re.search(
        r"10 minutes: (\d{6})", mails[-1].read_text().replace("=\n", "").replace("\n", " ")
    ).group(1)


def owner_of(app, number):
    with app.app_context():
        found = db.session.scalars(select(InsuredPerson).where(InsuredPerson.ssn == number)).one()
        return found.account.email if found.account else None


def test_the_code_sent_to_the_address_on_record_links(person, app, number, work, mailbox):
    ask(person, number.replace("-", " "), family_name="ATEBA")
    assert person.url == CODE
    work()
    (mail,) = mailbox.iterdir()
    assert "To: esther@record.example" in mail.read_text()
    assert "Hello Esther" in mail.read_text()
    person.send(code=code_in(mailbox))
    assert "Your account is linked" in person.text
    assert number in person.text
    assert owner_of(app, number) == "joseph@demo.example"
    work()
    told = "".join(path.read_text() for path in mailbox.iterdir())
    assert "To: joseph@demo.example" in told
    person.open(ASK)
    assert person.url == "/en/my-file/"


WRONG = [
    {"number": "10-0000999-00"},
    {"family_name": "Ngono"},
    {"birth_date-day": "13"},
    {"number": "nothing"},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_matches_nobody_gets_the_same_answer_and_no_mail(person, visitor, number, work, mailbox, wrong):
    ask(person, number)
    right = person.page.find("main").prettify().replace(person.token(), "")
    other = visitor("peter")
    ask(other, number, **wrong)
    assert other.page.find("main").prettify().replace(other.token(), "") == right
    work()
    assert len(list(mailbox.iterdir())) == 1
    other.send(code=code_in(mailbox))
    assert "This is not the code we sent" in other.error_of("code")


@pytest.mark.parametrize("case", ["unknown", "no address", "linked already"])
def test_the_same_work_whatever_the_number(app, visitor, case):
    with app.app_context():
        engine = db.engine
        known = insured(9101)[1]
        other = {
            "unknown": lambda: "10-0000777-00",
            "no address": lambda: insured(9102, email=None)[1],
            "linked already": lambda: insured(9103, account_id=account("amina").id)[1],
        }[case]()
    costs = []
    for login, number in (("joseph", known), ("peter", other)):
        browser, statements = visitor(login), []
        browser.open(ASK)

        def count(_connection, _cursor, statement, *_rest, statements=statements):
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        browser.send(number=number, **RIGHT)
        event.remove(engine, "before_cursor_execute", count)
        costs.append(statements)
    assert costs[0] == costs[1]


def test_five_wrong_codes_stop_for_a_day_and_call_support(person, app, number, work, mailbox):
    ask(person, number)
    work()
    right = code_in(mailbox)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(4):
        person.send(code=wrong)
        assert "This is not the code we sent" in person.error_of("code")
    person.send(code=wrong)
    assert "There were five failures." in person.text
    person.open(CODE)
    token = person.page.select_one("input[name=csrf_token]")["value"]
    person.post(CODE, {"csrf_token": token, "code": right})
    assert owner_of(app, number) is None
    with app.app_context():
        assert db.session.scalars(select(SupportTask.kind)).all() == ["link_paused"]
    with clock.frozen(clock.now() + LINK_PAUSE + timedelta(minutes=1)):
        person.sign_in("joseph")
        person.open(ASK)
        assert "There were five failures." not in person.text


def test_the_sixth_start_in_a_day_is_refused(person, app, number):
    for _ in range(5):
        ask(person, "10-0000999-00")
        assert "There were five failures." not in person.text
    ask(person, number)
    assert "There were five failures." in person.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(LinkAttempt)) == 5


def test_one_number_cannot_be_tried_from_many_accounts(app, visitor, number, work, mailbox):
    with app.app_context():
        emails = [new_account("employee").email for _ in range(6)]
    for email in emails:
        browser = visitor()
        enter(browser, email)
        ask(browser, number)
        assert browser.url == CODE
    work()
    assert len(list(mailbox.iterdir())) == 5


def test_a_code_is_over_after_ten_minutes(person, app, number, work, mailbox):
    ask(person, number)
    work()
    with clock.frozen(clock.now() + LINK_CODE_KEPT):
        person.send(code=code_in(mailbox))
    assert "This code is over." in person.text
    assert owner_of(app, number) is None


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "1234567890123"])
def test_what_is_no_code_costs_no_try(person, app, number, typed):
    ask(person, number)
    person.send(code=typed)
    assert person.error_of("code")
    with app.app_context():
        assert db.session.scalars(select(LinkAttempt.tries)).all() == [0]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("number", "", "Enter your social security number."),
        ("birth_date-year", "1800", "in the past, and less than 120 years ago"),
        ("family_name", "<script>", "Names are made of letters"),
    ],
)
def test_a_wrong_answer_is_refused_beside_its_field(person, app, number, field, value, message):
    ask(person, number, **{field: value})
    assert message in person.error_of(field.partition("-")[0])
    assert person.value_of("number") == ("" if field == "number" else number)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(LinkAttempt)) == 0


def test_the_language_switch_keeps_what_was_typed(person, number):
    person.open(ASK)
    person.send(button=("_switch", "fr"), to="/fr/my-file/link", number=number)
    assert person.page.html["lang"] == "fr"
    assert person.value_of("number") == number
    assert not person.page.select(".govuk-error-summary")


@pytest.mark.parametrize("login", ["officer", "auditor", "employer", "payee"])
@pytest.mark.parametrize("page", [ASK, CODE, PROOF])
def test_only_employees_link(visitor, login, page):
    other = visitor(login)
    other.open(page)
    assert other.status == 403


def test_nobody_is_sent_to_sign_in(visitor):
    nobody = visitor()
    nobody.open(ASK)
    assert "/sign-in" in nobody.url


def ask_officer(person, number):
    person.open(PROOF)
    person.send(number=number, reason="I lost that mailbox.", identity_document=a_file("card.png"), **RIGHT)


def test_an_officer_links_from_the_identity_document(person, visitor, app, number, work):
    ask_officer(person, number)
    assert "An officer will verify your identity document." in person.text
    work()
    officer = visitor("support")
    officer.open("/staff/supporttaskview/list/?language=en")
    officer.open(officer.page.select_one("td a[href*='/show/']")["href"])
    assert "I lost that mailbox." in officer.text
    assert "Atéba" in officer.text
    document = officer.client.get(officer.page.select_one("a[href*='/document/']")["href"])
    assert document.status_code == 200
    officer.open(officer.page.select_one("a[href*='/link/']")["href"])
    officer.send(form="#model_form", answer="")
    assert "Account linked." in officer.text
    assert owner_of(app, number) == "joseph@demo.example"


def test_a_refusal_has_its_reason_and_reaches_the_person(person, visitor, app, number):
    ask_officer(person, number)
    with app.app_context():
        pk = db.session.scalars(select(SupportTask.id)).one()
    officer = visitor("support")
    officer.open(f"/staff/supporttaskview/close/{pk}?language=en")
    officer.send(form="#model_form", answer="")
    assert "Give the reason: the person will read it." in officer.text
    officer.send(form="#model_form", answer="The card has expired.")
    assert "Task closed." in officer.text
    person.open(ASK)
    assert "The card has expired." in person.text
    assert owner_of(app, number) is None


def test_one_request_to_an_officer_at_a_time(person, app, number):
    ask_officer(person, number)
    ask_officer(person, number)
    assert "An officer is looking at your request already." in person.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SupportTask)) == 1


def test_a_wrong_file_keeps_the_rest(person, app, number):
    person.open(PROOF)
    person.send(number=number, reason="Lost.", identity_document=a_file("x.exe", b"MZ" + b"\0" * 50), **RIGHT)
    assert "This file is not a PDF, JPEG, PNG, HEIC or TIFF." in person.error_of("identity_document")
    assert person.value_of("reason").strip() == "Lost."
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SupportTask)) == 0


@pytest.mark.parametrize("login", ["officer", "claims", "auditor", "administrator", "joseph"])
def test_only_support_works_the_tasks(person, visitor, app, number, login):
    ask_officer(person, number)
    with app.app_context():
        pk = db.session.scalars(select(SupportTask.id)).one()
    other = visitor(login)
    other.open("/en/sign-in")
    other.post(f"/staff/supporttaskview/link/{pk}", {"csrf_token": other.token(), "number": number})
    assert other.status == 403
    assert owner_of(app, number) is None


def test_two_accounts_for_one_person_at_once_one_wins(app):
    """Threads on PostgreSQL: two accounts confirm the code of the same number at the same moment."""
    for turn in range(10):
        with app.app_context():
            person_id, number = insured(200 + turn)
            logins = ("joseph", "peter")
            for login in logins:
                linking.start(account(login), number, date(1985, 5, 12), "Ateba")
            db.session.commit()
            codes = {
                attempt.account_id: linking.code_to_send(attempt)
                for attempt in db.session.scalars(
                    select(LinkAttempt).where(LinkAttempt.person_id == person_id)
                )
            }
        answers, start = [], threading.Barrier(2)

        def confirm(login, codes=codes, answers=answers, start=start):
            with app.app_context():
                who = account(login)
                start.wait()
                answers.append(linking.confirm(who, codes[who.id]))
                db.session.commit()

        threads = [threading.Thread(target=confirm, args=(login,)) for login in logins]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answer.name for answer in answers) == ["linked", "over"]
        with app.app_context():
            db.session.execute(InsuredPerson.__table__.update().values(account_id=None))
            db.session.execute(LinkAttempt.__table__.delete())
            db.session.commit()


def test_one_account_for_two_persons_at_once_gets_one(app):
    for turn in range(5):
        with app.app_context():
            numbers = [insured(300 + 2 * turn + place)[0] for place in (0, 1)]
        outcomes, start = [], threading.Barrier(2)

        def link(person_id, outcomes=outcomes, start=start):
            with app.app_context():
                person = db.session.get(InsuredPerson, person_id, with_for_update={"of": InsuredPerson})
                who = account("joseph")
                start.wait()
                outcomes.append(linking.link(person, who, who))
                db.session.commit()

        threads = [threading.Thread(target=link, args=(person_id,)) for person_id in numbers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == [False, True]
        with app.app_context():
            db.session.execute(InsuredPerson.__table__.update().values(account_id=None))
            db.session.commit()


def test_no_table_holds_the_code(person, app, number, work, mailbox):
    ask(person, number)
    work()
    code = code_in(mailbox)
    with app.app_context():
        rows = (
            db.session.execute(select(LinkAttempt.__table__)).all()
            + db.session.execute(select(Outbox.payload)).all()
        )
    assert code not in str(rows)


def test_wrong_codes_are_counted_over_every_try_of_the_day(person, app, number, work, mailbox):
    ask(person, number)
    for _ in range(3):
        person.send(code="000000")
    ask(person, number)
    work()
    right = code_in(mailbox)
    wrong = "000000" if right != "000000" else "000001"
    person.send(code=wrong)
    assert "This is not the code we sent" in person.error_of("code")
    person.send(code=wrong)
    assert "There were five failures." in person.text
    person.open("/en/account/language")
    person.post(CODE, {"csrf_token": person.token(), "code": right})
    assert owner_of(app, number) is None


def test_a_pause_is_asked_for_also_when_the_code_is_right(person, app, number, work, mailbox):
    ask(person, number)
    for _ in range(4):
        person.send(code="000000")
    ask(person, number)
    work()
    right = code_in(mailbox)
    person.send(code="000000" if right != "000000" else "000001")
    assert "There were five failures." in person.text
    person.open("/en/account/language")
    person.post(CODE, {"csrf_token": person.token(), "code": right})
    assert owner_of(app, number) is None


def test_a_locked_file_begins_no_link(person, app, number):
    person.open("/en/my-file/lock")
    person.post("/en/my-file/lock", {"csrf_token": person.token(), "kind": "everything"})
    ask(person, number)
    assert person.status == 403
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(LinkAttempt)) == 0


def test_the_address_on_record_is_told_that_an_account_was_linked(person, app, number, work, mailbox):
    ask(person, number)
    work()
    person.send(code=code_in(mailbox))
    for message in mailbox.iterdir():
        message.unlink()
    work()
    told = [path.read_text() for path in mailbox.iterdir()]
    assert sorted(line for mail in told for line in mail.splitlines() if line.startswith("To: ")) == [
        "To: esther@record.example",
        "To: joseph@demo.example",
    ]


def test_starts_that_found_nobody_take_nothing_from_the_numbers_owner(
    app, visitor, person, number, work, mailbox
):
    thief = visitor("peter")
    for _ in range(5):
        ask(thief, number, family_name="Ngono")
    ask(person, number)
    work()
    person.send(code=code_in(mailbox))
    assert owner_of(app, number) == "joseph@demo.example"


def test_linked_meanwhile_on_another_device_is_said(app, person, number, monkeypatch):
    """Between the page's own look and the service's, another device links the account."""
    person.open(ASK)
    start = linking.start

    def linked_first(*given):
        with app.app_context():
            insured(9105, account_id=account("joseph").id)
        return start(*given)

    monkeypatch.setattr(linking, "start", linked_first)
    person.send(number=number, **RIGHT)
    assert person.status == 200
    assert "linked to your social security number already" in person.text


def test_an_officer_ends_no_task_of_a_relative(app, visitor):
    with app.app_context():
        task = support.open_task(TaskKind.link_paused, account("joseph"), "", {})
        db.session.add(DeclaredInterest(account_id=account("support").id, relative_id=account("joseph").id))
        db.session.commit()
        pk = task.id
    officer = visitor("support")
    officer.open(f"/staff/supporttaskview/close/{pk}?language=en")
    officer.send(form="#model_form", answer="Done.")
    assert "You have declared an interest in this case" in officer.text
    with app.app_context():
        assert db.session.get_one(SupportTask, pk).closed_at is None


def test_an_officer_links_nobody_to_a_relative_without_an_account(app, visitor, number):
    with app.app_context():
        relative = db.session.scalars(select(InsuredPerson.id).where(InsuredPerson.ssn == number)).one()
        task = support.open_task(TaskKind.link, account("joseph"), "Mine.", {"number": number})
        db.session.add(DeclaredInterest(account_id=account("support").id, person_id=relative))
        db.session.commit()
        pk = task.id
    officer = visitor("support")
    officer.open(f"/staff/supporttaskview/link/{pk}?language=en")
    officer.send(form="#model_form", number=number)
    assert "You have declared an interest in this case" in officer.text
    assert owner_of(app, number) is None
