"""What waits on the officers' desks in the demonstration, so that each screen has something to show.

Possible duplicates to compare, records proposed for a merge, merged, and taken apart again, agents of
employers to approve, employers nobody knows yet, an employer's answer that differs. The same each time.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app import clock, demo
from app.demo_people import (
    EMPLOYERS,
    FAMILY,
    GIVEN,
    Applicant,
    account_of,
    answers_of,
    member,
    paper_of,
    person_at,
    write,
)
from app.employer_kinds import Reply
from app.extensions import db
from app.likeness_kinds import Judgement
from app.models import Account, Case, Employer, EmployerAgent, InsuredPerson, PersonMerge
from app.permissions import EMPLOYEE
from app.record_kinds import Sex
from app.services import (
    SERVICES,
    cases,
    employer_agents,
    employer_answers,
    judging,
    merges,
    people,
)

SEED = 1991
FIRST_PLACE = 4_000_000
"""Where in the region's range the numbers of those who stand twice begin."""

FIRST_APPLICANT = 101
SAME = "Même père, même mère, même pièce d’identité : une inscription faite deux fois."
TWO = "Les deux actes de naissance diffèrent : ce sont deux personnes."
OTHER = "La mère et le lieu de naissance diffèrent."
UNKNOWN = (
    ("Atelier Ngassa Frères", "Marché central, Bafoussam", "ngassa@ateliers.example"),
    ("Sunrise Day Care", "Mile 4, Limbé", "+237 6 70 00 00 00"),
)
AGENT, INVITED = "applicant120@demo.example", "marthe.bih@mountview.example"


def load() -> None:
    """Write all of it, once."""
    first = f"applicant{FIRST_APPLICANT}{demo.DOMAIN}"
    if db.session.scalar(select(Account.id).where(Account.email == first)) is not None:
        return
    dice = random.Random(SEED)  # noqa: S311
    role = db.session.scalars(select(Role).where(Role.name == EMPLOYEE)).one()
    twins = _twins(dice)
    with _days_ago(6):
        _load_merges(twins[:3])
    with _days_ago(4):
        _load_duplicates(role, twins[3:])
    with _days_ago(3):
        _load_unknown_employers(dice, role)
        _load_answer_that_differs(dice, role)
    with _days_ago(2):
        _load_agents(dice, role)


@contextmanager
def _days_ago(days: int) -> Iterator[None]:
    at = datetime.combine(clock.today() - timedelta(days=days), time(10), clock.now().tzinfo)
    with clock.frozen(at):
        yield
        db.session.commit()


def _twins(dice: random.Random) -> list[tuple[InsuredPerson, InsuredPerson]]:
    """Persons who stand twice in the records, the second time spelt otherwise."""
    rows: list[dict[str, Any]] = []
    for place in range(0, 10, 2):
        one = person_at(dice, FIRST_PLACE + place)
        other = one | {
            "ssn": people.number_of(FIRST_PLACE + place + 1),
            "family_name": _misspelt(one["family_name"]),
            "registered_on": max(one["registered_on"], date(2022, 3, 1)),
        }
        rows += [one, other]
    employers = db.session.scalars(select(Employer.id).order_by(Employer.id)).all()
    write(rows, employers)
    numbers = [row["ssn"] for row in rows]
    found = {
        one.ssn: one
        for one in db.session.scalars(select(InsuredPerson).where(InsuredPerson.ssn.in_(numbers))).unique()
    }
    return [(found[a["ssn"]], found[b["ssn"]]) for a, b in zip(rows[::2], rows[1::2], strict=True)]


def _misspelt(name: str) -> str:
    """As another clerk heard it: the last vowel doubled, or one added."""
    return name[:-1] + name[-1] * 2 if name[-1] in "aeio" else name + "e"


def _load_merges(pairs: list[tuple[InsuredPerson, InsuredPerson]]) -> None:
    """One proposed, one in force, one taken apart again."""
    officer, second = member("officer"), member("supervisor")
    made: list[PersonMerge] = [merges.propose(one, other, SAME, officer) for one, other in pairs]
    for merge in made[1:]:
        merges.approve(merge, second)
    merges.propose_undo(made[2], TWO, officer)
    merges.undo(made[2], second)


def _load_duplicates(role: Role, pairs: list[tuple[InsuredPerson, InsuredPerson]]) -> None:
    """Applicants who resemble somebody registered: one to be compared, one set aside, for two to decide."""
    found = [
        _filed(
            Applicant(FIRST_APPLICANT + place, one.sex or Sex.female, one.given_names, one.family_name, born),
            role,
        )
        for place, (one, _other) in enumerate(pairs)
        for born in (one.birth_date,)
    ]
    for duplicate in found[-1].duplicates:
        service = SERVICES["registration"]
        judging.judge(service, found[-1], duplicate, Judgement.other, OTHER, member("officer"))


def _load_unknown_employers(dice: random.Random, role: Role) -> None:
    for place, (name, address, contact) in enumerate(UNKNOWN):
        named = {"employer_name": name, "employer_address": address, "employer_contact": contact}
        absent: dict[str, Any] = {"employer_listed": "no", "employer_id": None}
        _filed(_applicant(dice, FIRST_APPLICANT + 5 + place), role, **absent, **named)


def _load_answer_that_differs(dice: random.Random, role: Role) -> None:
    """An employer who says another first day than the person."""
    number = next(iter(demo.ASKED_BY_EMAIL))
    employer = db.session.scalars(select(Employer).where(Employer.registration_number == number)).one()
    began = date(2026, 3, 2)
    applicant = _applicant(dice, FIRST_APPLICANT + 10)
    case = _filed(applicant, role, employer_id=employer.id, employed_from=began)
    said = {
        "employed_from": "2026-02-02",
        "occupation": str(answers_of(applicant, employer.id)["occupation"]),
        "monthly_wage": "185000",
    }
    reply = employer_answers.Answer(Reply.correct, said, None, "Rose Mbida (cheffe du personnel)")
    employer_answers.answer(case.employer_requests[0], reply, None)


def _load_agents(dice: random.Random, role: Role) -> None:
    """Somebody who asks to answer for an employer, and a colleague an agent invited; both wait."""
    asks = account_of(_applicant(dice, int(AGENT.partition("@")[0].removeprefix("applicant"))), role)
    number = f"E-{201 + EMPLOYERS.index('Savannah Cotton'):06d}"
    employer_agents.ask(asks, number, "Service administratif", paper_of(asks, "legal"))
    invited = employer_agents.Invited("Marthe", "Bih", INVITED, "en", "Payroll")
    theirs = db.session.scalars(
        select(EmployerAgent).where(EmployerAgent.account_id == member("employer").id)
    ).first()
    if theirs is not None:
        employer_agents.invite(theirs, invited)


def _applicant(dice: random.Random, number: int) -> Applicant:
    sex = dice.choice(list(Sex))
    born = date(1980, 1, 1) + timedelta(days=dice.randrange(20 * 365))
    return Applicant(number, sex, dice.choice(GIVEN[sex]), dice.choice(FAMILY), born)


def _filed(applicant: Applicant, role: Role, **changes: Any) -> Case:
    """A request for registration, as it was sent."""
    service, owner = SERVICES["registration"], account_of(applicant, role)
    employer_id = db.session.scalars(select(Employer.id).order_by(Employer.id).limit(1)).one()
    papers = [paper_of(owner, category) for category in ("identity", "civil_status")]
    answers = answers_of(applicant, employer_id) | changes
    return cases.submit(service, owner, answers, papers, f"demo-{applicant.number}", owner.language)
