"""A small invented administration to try Guichet with: agencies, people, employers. Refused in production."""

from base64 import b32encode
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from flask import current_app
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.employer_kinds import AgentState
from app.extensions import db
from app.models import Account, Agency, Delegation, Employer, EmployerAgent, InsuredPerson
from app.permissions import (
    ADMINISTRATOR,
    AUDITOR,
    CLAIMS_OFFICER,
    COMPLIANCE_OFFICER,
    CONTRIBUTIONS_OFFICER,
    EMPLOYEE,
    EMPLOYER_AGENT,
    FINANCE_OFFICER,
    MEDICAL_REFEREE,
    REGISTRATION_OFFICER,
    REPRESENTATIVE_PAYEE,
    SECOND_FACTOR_ROLES,
    SUPERVISOR,
    SUPPORT_OFFICER,
)
from app.security import passwords
from app.services import people, second_factors

DOMAIN = "@demo.example"
"""The ending of every address of the demonstration, whose passwords everybody knows."""


@dataclass(frozen=True)
class DemoAccount:
    """Somebody to sign in as."""

    role: str
    login: str
    first_name: str
    last_name: str
    language: str
    agency: str | None = None

    @property
    def password(self) -> str:
        """Known to everyone: a demonstration has nothing to hide, and production has no demonstration."""
        return f"guichet-{self.login.partition('@')[0]}"

    @property
    def totp_secret(self) -> str | None:
        """The secret of the authenticator app, for who must have one: as well known as the password."""
        if self.role not in SECOND_FACTOR_ROLES:
            return None
        return b32encode(sha256(self.login.encode()).digest()[:20]).decode()

    def as_dict(self) -> dict[str, str | None]:
        """The account as tools read it; no secret for who has no second factor."""
        return {
            "role": self.role,
            "login": self.login,
            "password": self.password,
            "totp_secret": self.totp_secret,
        }


LITTORAL, CENTRE = "DLA", "YDE"

AGENCIES = ((LITTORAL, "Agence du Littoral", "Coast agency"), (CENTRE, "Agence du Centre", "Centre agency"))

ACCOUNTS = (
    DemoAccount(EMPLOYEE, "amina@demo.example", "Amina", "Ngo-Mbock", "fr", LITTORAL),
    DemoAccount(EMPLOYEE, "joseph@demo.example", "Joseph", "Tabi", "en", LITTORAL),
    DemoAccount(EMPLOYEE, "chantal@demo.example", "Chantal", "N’Guessan", "fr", LITTORAL),
    DemoAccount(EMPLOYEE, "peter@demo.example", "Peter", "Fon", "en", LITTORAL),
    DemoAccount(EMPLOYER_AGENT, "employer@demo.example", "Solange", "Mbappé", "fr"),
    DemoAccount(REPRESENTATIVE_PAYEE, "payee@demo.example", "Thomas", "Achu", "en"),
    DemoAccount(REGISTRATION_OFFICER, "officer@demo.example", "Ruth", "Ebai", "en", LITTORAL),
    DemoAccount(REGISTRATION_OFFICER, "agent@demo.example", "Paul", "Essomba", "fr", LITTORAL),
    DemoAccount(REGISTRATION_OFFICER, "centre@demo.example", "Odile", "Atangana", "fr", CENTRE),
    DemoAccount(CLAIMS_OFFICER, "claims@demo.example", "Martin", "Ngu", "en", LITTORAL),
    DemoAccount(CONTRIBUTIONS_OFFICER, "contributions@demo.example", "Pauline", "Eto", "fr", LITTORAL),
    DemoAccount(FINANCE_OFFICER, "finance@demo.example", "Denis", "Fouda", "fr"),
    DemoAccount(COMPLIANCE_OFFICER, "compliance@demo.example", "Julie", "Asongwe", "en", CENTRE),
    DemoAccount(SUPPORT_OFFICER, "support@demo.example", "Brigitte", "Manga", "fr"),
    DemoAccount(SUPPORT_OFFICER, "helpdesk@demo.example", "Emmanuel", "Ako", "en"),
    DemoAccount(MEDICAL_REFEREE, "doctor@demo.example", "Félix", "Tchoua", "fr"),
    DemoAccount(SUPERVISOR, "supervisor@demo.example", "Irène", "Kamga", "fr"),
    DemoAccount(AUDITOR, "auditor@demo.example", "Samuel", "Njoya", "fr"),
    DemoAccount(ADMINISTRATOR, "administrator@demo.example", "Grace", "Lum", "en"),
    DemoAccount(ADMINISTRATOR, "administrator2@demo.example", "Hervé", "Biloa", "fr"),
)

PERSONS = (
    (101, "Esther Marie", "Ateba", date(1985, 5, 12), "esther@demo.example"),
    (102, "Bernard", "Yossa", date(1979, 11, 3), None),
)
"""Insured persons nobody has linked an account to: the end of the number, and the e-mail on record."""

ASKED_BY_EMAIL = {"E-000105": "personnel@palmiers.example", "E-000106": "office@mountview.example"}
"""The employers with an address: they are asked to confirm; the others cannot be."""

AGENT_OF = "E-000106"
EMPLOYERS = (
    ("E-000101", "Brasseries du Littoral"),
    ("E-000102", "Boulangerie Bonne Mie"),
    ("E-000103", "Highland Tea Estates"),
    ("E-000104", "Transports Sanaga"),
    ("E-000105", "Clinique des Palmiers"),
    ("E-000106", "Mount View Schools"),
)


def load() -> None:
    """Write the demonstration's people, agencies and employers; those that are there stay as they are."""
    for code, name_fr, name_en in AGENCIES:
        row = insert(Agency).values(code=code, name_fr=name_fr, name_en=name_en)
        db.session.execute(row.on_conflict_do_nothing())
    _load_accounts()
    for number, name in EMPLOYERS:
        email = ASKED_BY_EMAIL.get(number)
        row = insert(Employer).values(registration_number=number, name=name, active=True, email=email)
        db.session.execute(row.on_conflict_do_nothing())
    for person in PERSONS:
        db.session.execute(insert(InsuredPerson).values(**_person(*person)).on_conflict_do_nothing())
    _load_delegation()
    _load_agent()


def _load_accounts() -> None:
    roles = {role.name: role for role in db.session.scalars(select(Role))}
    agencies = {agency.code: agency.id for agency in db.session.scalars(select(Agency))}
    logins = set(db.session.scalars(select(Account.email)))
    for person in ACCOUNTS:
        if person.login not in logins:
            account = _account(person, roles[person.role])
            account.agency_id = agencies.get(person.agency or "")
            db.session.add(account)
    db.session.flush()
    for person in ACCOUNTS:
        _give_app(person)


def _person(number: int, given: str, family: str, born: date, email: str | None) -> dict[str, object]:
    return {
        "ssn": people.number_of(number),
        "given_names": given,
        "family_name": family,
        "birth_date": born,
        "registered_on": date(2020, 1, 6),
        "email": email,
    }


def _load_delegation() -> None:
    """The supervisor signs under a delegation that the two administrators gave."""
    if db.session.scalar(select(Delegation.id).limit(1)) is not None:
        return
    by_login = {account.email: account.id for account in db.session.scalars(select(Account))}
    db.session.add(
        Delegation(
            account_id=by_login["supervisor@demo.example"],
            quality_fr="Cheffe de l’agence du Littoral",
            quality_en="Head of the Coast agency",
            valid_from=date(2026, 1, 1),
            proposed_by_id=by_login["administrator@demo.example"],
            approved_by_id=by_login["administrator2@demo.example"],
            approved_at=clock.now(),
        )
    )


def _load_agent() -> None:
    """The first agent of an employer, whom an officer approved."""
    by_login = {account.email: account for account in db.session.scalars(select(Account)).unique()}
    agent, officer = by_login["employer@demo.example"], by_login["contributions@demo.example"]
    if db.session.scalar(select(EmployerAgent.id).where(EmployerAgent.account_id == agent.id).limit(1)):
        return
    of_number = select(Employer.id).where(Employer.registration_number == AGENT_OF)
    db.session.add(
        EmployerAgent(
            employer_id=db.session.scalars(of_number).one(),
            account_id=agent.id,
            first_name=agent.first_name,
            last_name=agent.last_name,
            email=agent.email,
            language=agent.language,
            function="Directrice du personnel",
            is_first=True,
            state=AgentState.active,
            asked_by_id=agent.id,
            asked_at=clock.now(),
            decided_by_id=officer.id,
            decided_at=clock.now(),
        )
    )


def code_now(login: str) -> str | None:
    """The code of a demonstration's account at this instant, for the page that asks; none in production."""
    if current_app.config["SETTINGS"].is_production:
        return None
    secret = next((account.totp_secret for account in ACCOUNTS if account.login == login), None)
    return second_factors.code_now(secret) if secret else None


def _give_app(person: DemoAccount) -> None:
    """The authenticator app of who must have one, once."""
    account = db.session.scalars(select(Account).where(Account.email == person.login)).unique().one_or_none()
    if person.totp_secret is None or account is None or second_factors.in_force(account) is not None:
        return
    second_factors.begin(account, person.totp_secret).confirmed_at = clock.now()


def _account(person: DemoAccount, role: Role) -> Account:
    return Account(
        first_name=person.first_name,
        last_name=person.last_name,
        username=person.login,
        email=person.login,
        password=passwords.hashed(person.password),
        language=person.language,
        active=True,
        roles=[role],
    )
