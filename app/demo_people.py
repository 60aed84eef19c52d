"""The demonstration's insured persons, employers and cases: invented from a seed, the same each time.

Names, towns and trades are common in the default scheme's country, put together at random: nobody's.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from io import BytesIO
from itertools import islice
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from PIL import Image, ImageDraw
from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_new

from app import clock, demo
from app.extensions import db
from app.files.states import FileState, Verdict
from app.models import Account, Document, Employer, Employment, InsuredPerson, PersonAddress, PersonName
from app.permissions import EMPLOYEE
from app.record_kinds import EmploymentState, MaritalStatus, Sex
from app.security import passwords
from app.services import SERVICES, cases, documents, numbers, people
from app.workflow import Actor, Status

PERSONS = 200
PASSWORD = "guichet-applicant"  # noqa: S105
"""Of every applicant."""

SLICE = 5_000
FIRST_PLACE = 5_000_000
"""Where in the region's range the invented numbers begin: far beyond those that will be issued."""

SEED = 1990
GIVEN = {
    Sex.female: (
        *("Aïcha", "Brigitte", "Carine", "Delphine", "Esther", "Fatimatou", "Grace", "Hortense", "Irène"),
        *("Jeanne", "Laure", "Mispa", "Nadège", "Odile", "Patience", "Rosine", "Solange", "Thérèse"),
    ),
    Sex.male: (
        *("Alain", "Bertrand", "Célestin", "Désiré", "Emmanuel", "Félix", "Gilbert", "Hamadou", "Ibrahim"),
        *("Jean-Paul", "Lucas", "Moussa", "Norbert", "Oumarou", "Pascal", "Roland", "Serge", "Valentin"),
    ),
}
FAMILY = (
    *("Abega", "Atangana", "Ayuk", "Bello", "Biya’a", "Che", "Djomo", "Ebongué", "Essomba", "Etoundi"),
    *("Fokou", "Fon", "Hamidou", "Kamdem", "Kenfack", "Lobé", "Manga", "Mbarga", "Mbappou", "Ndongo"),
    *("N’Guessan", "Ngo-Mbock", "Ngono", "Njoya", "Nkeng", "Onana", "Oumarou", "Sanda", "Tabi", "Tchoumi"),
    *("Tanyi", "Wanji", "Yaya", "Zang", "Zoua"),
)
TOWNS = ("Douala", "Yaoundé", "Bafoussam", "Garoua", "Maroua", "Bamenda", "Limbé", "Kribi", "Édéa", "Bertoua")
STREETS = (
    "rue des Palmiers",
    "avenue de l’Indépendance",
    "rue du Marché",
    "boulevard du Port",
    "Church Street",
)
TRADES = (
    *("Accountant", "Bus driver", "Cashier", "Cook", "Electrician", "Infirmière", "Institutrice", "Maçon"),
    *("Mécanicien", "Nurse", "Secrétaire", "Tailor", "Teacher", "Vendeuse", "Welder"),
)
EMPLOYERS = (
    *("Brasserie du Wouri", "Cimenterie de Bonabéri", "Cocoa Traders of Kumba", "Hôtel des Cascades"),
    *("Imprimerie Nouvelle", "Kribi Fisheries", "Laiterie de l’Adamaoua", "Librairie du Plateau"),
    *("Menuiserie Essos", "Mount Cameroon Plantations", "Pharmacie de la Gare", "Quincaillerie Centrale"),
    *("Scierie de l’Est", "Savannah Cotton", "Sécurité Plus", "Tannerie du Nord", "Textiles de Garoua"),
    *("Transit Atlantique", "Victoria Printing Works"),
)
"""With those of `demo.EMPLOYERS`, twenty-five."""

STREAMS: dict[Status, tuple[str, ...]] = {
    Status.submitted: (),
    Status.awaiting_employer: ("ask_employer",),
    Status.under_review: ("take",),
    Status.info_requested: ("request_information",),
    Status.carried_out: ("take", "approve"),
    Status.rejected: ("take", "reject"),
    Status.withdrawn: ("withdraw",),
    Status.lapsed: ("request_information", "lapse"),
    Status.proposed: ("reject", "revise_to_approve"),
    Status.decision_withdrawn: ("reject", "propose_withdrawal", "confirm_withdrawal"),
}
"""The steps that bring a request to each state it can rest in."""

EACH, ADULT = 2, 20
REASON = "La photographie de la pièce d’identité est illisible."


@dataclass(frozen=True)
class Applicant:
    """Somebody of the demonstration who asks to be registered: their account and answers."""

    number: int
    sex: Sex
    given_names: str
    family_name: str
    birth_date: date

    @property
    def login(self) -> str:
        """The address they sign in with."""
        return f"applicant{self.number}{demo.DOMAIN}"


def load(persons: int = PERSONS) -> None:
    """Bring the insured persons to so many, and write employers and cases that are missing."""
    _load_employers()
    begun = people.number_of(FIRST_PLACE).split("-")[1][0]
    there = db.session.scalar(
        select(func.count()).where(InsuredPerson.ssn.like(f"{numbers.region()}-{begun}%"))
    )
    dice = random.Random(SEED)  # noqa: S311
    employers = db.session.scalars(select(Employer.id).order_by(Employer.id)).all()
    everyone = (person_at(dice, FIRST_PLACE + place) for place in range(persons))
    missing = islice(everyone, int(there or 0), None)
    while persons_of_slice := list(islice(missing, SLICE)):
        write(persons_of_slice, employers)
    _load_cases(employers[0])


def _load_employers() -> None:
    for place, name in enumerate(EMPLOYERS):
        row = insert_new(Employer).values(registration_number=f"E-{201 + place:06d}", name=name, active=True)
        db.session.execute(row.on_conflict_do_nothing())


def person_at(dice: random.Random, place: int) -> dict[str, Any]:
    """One person's facts, drawn in a fixed order, with the number of that place."""
    sex = dice.choice(list(Sex))
    born = date(1958, 1, 1) + timedelta(days=dice.randrange(48 * 365))
    registered = min(born + timedelta(days=dice.randrange(18 * 365, 40 * 365)), date(2026, 6, 30))
    return {
        "ssn": people.number_of(place),
        "given_names": " ".join(dice.sample(GIVEN[sex], dice.choice((1, 2)))),
        "family_name": dice.choice(FAMILY),
        "birth_date": born,
        "registered_on": registered,
        "sex": sex,
        "birth_place": dice.choice(TOWNS),
        "birth_country": "CM",
        "nationality": "CM",
        "marital_status": dice.choice(list(MaritalStatus)),
        "occupation": dice.choice(TRADES),
        "_address": {
            "line": f"{dice.randrange(1, 200)} {dice.choice(STREETS)}",
            "town": dice.choice(TOWNS),
            "country": "CM",
        },
        "_employer": dice.randrange(10_000),
    }


def write(persons: Sequence[dict[str, Any]], employers: Sequence[int]) -> None:
    """A slice of persons with their name, address and employment."""
    own = [{key: value for key, value in one.items() if not key.startswith("_")} for one in persons]
    added = insert(InsuredPerson).returning(InsuredPerson.id, sort_by_parameter_order=True)
    ids = db.session.scalars(added, own).all()
    pairs = list(zip(ids, persons, strict=True))
    since = [{"person_id": number, "valid_from": one["registered_on"]} for number, one in pairs]
    names = ("given_names", "family_name")
    db.session.execute(
        insert(PersonName),
        [row | {n: one[n] for n in names} for row, one in zip(since, persons, strict=True)],
    )
    db.session.execute(
        insert(PersonAddress), [row | one["_address"] for row, one in zip(since, persons, strict=True)]
    )
    db.session.execute(insert(Employment), list(_employments(pairs, employers)))


def _employments(
    pairs: Sequence[tuple[int, dict[str, Any]]], employers: Sequence[int]
) -> Iterator[dict[str, Any]]:
    for number, one in pairs:
        yield {
            "person_id": number,
            "employer_id": employers[one["_employer"] % len(employers)],
            "occupation": one["occupation"],
            "started_on": one["registered_on"],
            "state": EmploymentState.confirmed,
        }


def _load_cases(employer_id: int) -> None:
    """Requests for registration in every state, filed on the days before."""
    first = Applicant(1, Sex.female, "", "", date(1990, 1, 1))
    if db.session.scalar(select(Account.id).where(Account.email == first.login)) is not None:
        return
    role = db.session.scalars(select(Role).where(Role.name == EMPLOYEE)).one()
    dice = random.Random(SEED + 1)  # noqa: S311
    filed_on = date.fromordinal(clock.today().toordinal() - len(STREAMS) * EACH - 1)
    for number, status in enumerate((one for one in STREAMS for _time in range(EACH)), start=1):
        applicant = _applicant(dice, number)
        with clock.frozen(
            datetime.combine(filed_on + timedelta(days=number), time(9, 30), clock.now().tzinfo)
        ):
            _file(applicant, role, employer_id, STREAMS[status])


def _applicant(dice: random.Random, number: int) -> Applicant:
    sex = dice.choice(list(Sex))
    born = date(1975, 1, 1) + timedelta(days=dice.randrange(30 * 365))
    return Applicant(number, sex, dice.choice(GIVEN[sex]), dice.choice(FAMILY), born)


def _file(applicant: Applicant, role: Role, employer_id: int, steps: Sequence[str]) -> None:
    """One request with its documents, brought to its state; each step is its own transaction."""
    service, owner = SERVICES["registration"], account_of(applicant, role)
    papers = [paper_of(owner, category) for category in ("identity", "civil_status")]
    key = f"demo-{applicant.number}"
    case = cases.submit(service, owner, answers_of(applicant, employer_id), papers, key, owner.language)
    db.session.commit()
    by = {
        Actor.officer: cases.By(member("officer"), Actor.officer),
        Actor.approver: cases.By(member("agent"), Actor.approver),
        Actor.insured_person: cases.By(owner, Actor.insured_person),
        Actor.system: cases.MACHINERY,
    }
    known = {step.name: step for step in service.workflow.steps}
    for step in (known[name] for name in steps):
        if case.status is Status.awaiting_employer and case.status not in step.sources:
            cases.perform(service, case, "employer_silent", cases.MACHINERY)
        if case.status in step.sources:
            cases.perform(service, case, step.name, by[step.actor], REASON if step.needs_reason else None)
        db.session.commit()


def answers_of(applicant: Applicant, employer_id: int) -> dict[str, Any]:
    """What an applicant answers to every question."""
    return {
        "given_names": applicant.given_names,
        "family_name": applicant.family_name,
        "sex": applicant.sex,
        "birth_date": applicant.birth_date,
        "birth_place": TOWNS[applicant.number % len(TOWNS)],
        "birth_country": "CM",
        "nationality": "CM",
        "paper_kind": "identity_card",
        "paper_number": f"CM{applicant.number:08d}",
        "paper_expires_on": date(2034, 5, 20),
        "marital_status": MaritalStatus.single,
        "has_dependants": "no",
        "address_line": f"{applicant.number} {STREETS[applicant.number % len(STREETS)]}",
        "address_town": TOWNS[applicant.number % len(TOWNS)],
        "address_country": "CM",
        "occupation": TRADES[applicant.number % len(TRADES)],
        "employed_from": applicant.birth_date.replace(year=applicant.birth_date.year + ADULT, day=1),
        "employer_listed": "yes",
        "employer_id": employer_id,
    }


@cache
def _hash_of_all() -> str:
    """The applicants' one password, hashed once: a good hash takes long, and everybody knows this one."""
    return passwords.hashed(PASSWORD)


def account_of(applicant: Applicant, role: Role) -> Account:
    """The account of an applicant, new."""
    account = Account(
        first_name=applicant.given_names,
        last_name=applicant.family_name,
        username=applicant.login,
        email=applicant.login,
        password=_hash_of_all(),
        language=("fr", "en")[applicant.number % 2],
        active=True,
        roles=[role],
        agency_id=member("officer").agency_id,
    )
    db.session.add(account)
    db.session.flush()
    return account


def paper_of(owner: Account, category: str) -> Document:
    """A picture of a paper, already checked, and accepted by an officer."""
    picture, paper = BytesIO(), Image.new("RGB", (640, 400), (225, 232, 228))
    said = f"SPECIMEN\n{category}\n{owner.first_name} {owner.last_name}"
    ImageDraw.Draw(paper).multiline_text((40, 120), said, fill=(30, 60, 60), font_size=36)
    paper.save(picture, "PNG")
    officer = member("officer")
    document = documents.receive(owner, category, f"{category}.png", picture.getvalue())
    document.state, document.checked_at = FileState.accepted, clock.now()
    document.stored_sha256 = document.sha256
    document.previews = [document.sha256]
    document.verdict, document.verified_at = Verdict.accepted, clock.now()
    document.verified_by_id = officer.id
    db.session.flush()
    return document


def member(name: str) -> Account:
    """A member of the staff of the demonstration."""
    return db.session.scalars(select(Account).where(Account.email == f"{name}{demo.DOMAIN}")).unique().one()
