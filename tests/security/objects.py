"""One object of each kind that an address can name: somebody's own, another's, and one no screen lists."""

from dataclasses import dataclass, field
from datetime import date
from io import BytesIO

from sqlalchemy import delete, select
from werkzeug.datastructures import FileStorage

from app import clock
from app.extensions import db
from app.models import Agency, Case, Employer, Holiday, InsuredPerson, LetterTemplate, Outbox
from app.services import cases, documents, letters
from app.workflow import Actor, Outcome
from tests.services.test_cases import REASON, SERVICE, account, file_case
from tests.services.test_letters import made, on_paper
from tests.visitor import PNG

ANYBODYS = {
    "lang": "en",
    "slug": "registration",
    "page_slug": "you",
    "name": "withdraw",
    "scheme": "demo",
    "filename": "css/guichet.css",
}
"""What an address names beside objects."""


@dataclass
class Objects:
    """The numbers and ids one person's addresses are made of; `screens` are the row numbers by staff view."""

    case: str
    document: str
    number: str
    code: str
    screens: dict[str, int] = field(default_factory=dict)
    extra: dict[str, dict[str, str]] = field(default_factory=dict)

    def values(self, endpoint: str, arguments: set[str]) -> dict[str, object]:
        """What fills in the address of an endpoint; `LookupError` names what this file does not know yet."""
        view = endpoint.partition(".")[0]
        known = ANYBODYS | {
            "public_id": self.document if "document" in endpoint else self.case,
            "number": self.number,
            "code": self.code,
            "pk": self.screens.get(view),
        }
        missing = {name for name in arguments if known.get(name) is None}
        if missing:
            raise LookupError(
                f"tests/security/objects.py has no {sorted(missing)} for {endpoint}: make such an object there."
            )
        return {name: known[name] for name in arguments}


def of_person(login: str) -> Objects:
    """A rejected request with a document, a receipt and a letter on the portal."""
    case = file_case(login, f"key-of-{login}")
    upload = FileStorage(BytesIO(PNG), filename="identity.png")
    document = documents.keep(case.owner, "identity_document", upload)
    case.documents.append(document)
    cases.perform(SERVICE, case, "reject", cases.By(account("officer"), Actor.officer), REASON)
    letter = made(case.letters[-1])
    db.session.commit()
    screens = {"RegistrationView": case.id}
    return Objects(case.public_id, document.public_id, letter.number, case.receipt.code, screens)


def listed(own: Objects) -> None:
    """Give `own` the rows the staff's screens list, made to be changed and removed."""
    employer = Employer(registration_number="E-ACCESS", name="Access")
    holiday = Holiday(day=date(2099, 1, 2), name_fr="Accès", name_en="Access")
    words = {"subject_fr": "a", "subject_en": "a", "body_fr": "a", "body_en": "a"}
    template = LetterTemplate(service="*", outcome=next(iter(Outcome)), valid_from=date(2099, 1, 1), **words)
    person = InsuredPerson(
        ssn="10-0000001-00",
        given_names="A",
        family_name="B",
        birth_date=date(1990, 1, 1),
        registered_on=date(2026, 1, 1),
    )
    agency = Agency(code="ACCESS", name_fr="Accès", name_en="Access")
    db.session.add_all([employer, holiday, template, person, agency])
    db.session.flush()
    to_print, posted = on_paper("peter"), on_paper("chantal")
    letters.mark_posted(posted, clock.today(), account("officer"))
    own.screens |= {
        "EmployerView": employer.id,
        "HolidayView": holiday.id,
        "LetterTemplateView": template.id,
        "InsuredPersonView": person.id,
        "OutboxView": db.session.scalars(select(Outbox.id).limit(1)).one(),
        "PrintQueueView": to_print.id,
        "PostedLettersView": posted.id,
    }
    own.extra = {
        "RegistrationView.assign": {"officer": str(account("agent").id)},
        "RegistrationView.transfer": {"agency": str(agency.id)},
    }
    db.session.commit()


def unlisted(own: Objects, other: Objects) -> Objects:
    """Rows that exist and no screen shows: a case never sent, a letter of the other queue."""
    case = file_case("amina", "key-never-sent")
    db.session.execute(Case.__table__.update().where(Case.id == case.id).values(status="draft"))
    db.session.commit()
    screens = {
        "RegistrationView": case.id,
        "PrintQueueView": own.screens["PostedLettersView"],
        "PostedLettersView": own.screens["PrintQueueView"],
    }
    return Objects(other.case, other.document, other.number, other.code, screens)


def forget() -> None:
    """Remove the reference data made here: a test's end leaves reference data alone."""
    db.session.rollback()
    db.session.execute(delete(Employer).where(Employer.registration_number == "E-ACCESS"))
    db.session.execute(delete(Holiday).where(Holiday.day == date(2099, 1, 2)))
    db.session.execute(delete(LetterTemplate).where(LetterTemplate.valid_from == date(2099, 1, 1)))
    db.session.execute(Case.__table__.update().values(agency_id=None))
    db.session.execute(delete(Agency).where(Agency.code == "ACCESS"))
    db.session.commit()
