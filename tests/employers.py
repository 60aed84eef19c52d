"""Employers who are asked, and how they answer, without a browser and with one."""

import re
from datetime import date

from sqlalchemy import select

from app.employer_kinds import Reply
from app.extensions import db
from app.models import Case, Employer, EmployerRequest
from app.services import SERVICES, cases, employer_answers, mailed_links
from app.services.employer_answers import Answer
from tests.papers import accepted
from tests.services.test_cases import account

ASKED_BY_LINK, WITH_AN_AGENT, UNREACHABLE = "E-000105", "E-000106", "E-000101"
DECLARED = {"employed_from": date(2026, 3, 2), "occupation": "Cook"}
WAGE = {"fact_monthly_wage": "250 000"}
SIGNED = {"answered_by": "Rose Mbida", "answered_function": "Head of personnel"}
THREE_PARTS = {
    "fact_employed_from-day": "1",
    "fact_employed_from-month": "2",
    "fact_employed_from-year": "2026",
}
CORRECTED = {"reply": "correct", "fact_occupation": "cook"} | THREE_PARTS | WAGE
CONFIRMED = {"reply": "confirm"} | WAGE
DISPUTED = {"reply": "dispute", "reason": "She never worked here."}


def employer(number: str) -> Employer:
    return db.session.scalars(select(Employer).where(Employer.registration_number == number)).one()


def file_with(
    number: str = ASKED_BY_LINK, login: str = "joseph", key: str = "key-asked", owner=None, **changes
) -> Case:
    """A registration that names an employer, filed."""
    owner = owner or account(login)
    answers = {
        "given_names": "Joseph",
        "family_name": "Tabi",
        "birth_date": date(1990, 4, 3),
        "employer_id": employer(number).id if number else None,
        "employer_listed": "yes",
    } | DECLARED | changes  # fmt: skip
    papers = [accepted(owner), accepted(owner, "civil_status")]
    case = cases.submit(SERVICES["registration"], owner, answers, papers, key, owner.language)
    db.session.commit()
    return case


def filed(app, *args, **kwargs) -> int:
    """The number of such a case, for tests through pages."""
    with app.app_context():
        return file_with(*args, **kwargs).id


def requests_of(case_id: int) -> list[EmployerRequest]:
    """What was asked about a case, the oldest first."""
    found = select(EmployerRequest).where(EmployerRequest.case_id == case_id).order_by(EmployerRequest.id)
    return list(db.session.scalars(found))


def only_of(case_id: int) -> EmployerRequest:
    (request,) = requests_of(case_id)
    return request


def address_of(app, case_id: int, lang: str = "en", place: int = -1) -> str:
    """Where the mailed link of a case's question leads."""
    with app.test_request_context():
        return f"/{lang}/employer/answer/{mailed_links.token(requests_of(case_id)[place].link)}"


def in_counter(app, case_id: int, lang: str = "en") -> str:
    """Where the question stands in the employers' counter."""
    with app.app_context():
        return f"/{lang}/employer/requests/{only_of(case_id).public_id}"


def answer_of(reply: Reply, **facts) -> Answer:
    """An answer without a page."""
    reason = "She never worked here." if reply is Reply.dispute else None
    return Answer(reply, {"monthly_wage": "250000", **facts}, reason, "Rose Mbida (Head of personnel)")


def answered(case: Case, reply: Reply, **facts) -> EmployerRequest:
    """A case's question answered by its link, without a page."""
    request = only_of(case.id)
    employer_answers.answer(request, answer_of(reply, **facts), None)
    db.session.commit()
    return request


def link_in(mail: str) -> str:
    """The address a mail leads to."""
    text = mail.replace("=\n", "").replace("=3D", "=")
    return re.search(r"http://localhost(/\S+)", text).group(1)
