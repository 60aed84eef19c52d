"""A small invented administration to try Guichet with: accounts, employers. Refused in production."""

from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.extensions import db
from app.models import Account, Employer
from app.permissions import ADMINISTRATOR, AUDITOR, EMPLOYEE, REGISTRATION_OFFICER, SUPERVISOR
from app.security import passwords

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

    @property
    def password(self) -> str:
        """Known to everyone: a demonstration has nothing to hide, and production has no demonstration."""
        return f"guichet-{self.login.partition('@')[0]}"

    def as_dict(self) -> dict[str, str | None]:
        """The account as tools read it; the second factor is null until there are second factors."""
        return {"role": self.role, "login": self.login, "password": self.password, "totp_secret": None}


ACCOUNTS = (
    DemoAccount(EMPLOYEE, "amina@demo.example", "Amina", "Ngo-Mbock", "fr"),
    DemoAccount(EMPLOYEE, "joseph@demo.example", "Joseph", "Tabi", "en"),
    DemoAccount(EMPLOYEE, "chantal@demo.example", "Chantal", "N’Guessan", "fr"),
    DemoAccount(EMPLOYEE, "peter@demo.example", "Peter", "Fon", "en"),
    DemoAccount(REGISTRATION_OFFICER, "officer@demo.example", "Ruth", "Ebai", "en"),
    DemoAccount(REGISTRATION_OFFICER, "agent@demo.example", "Paul", "Essomba", "fr"),
    DemoAccount(SUPERVISOR, "supervisor@demo.example", "Irène", "Kamga", "fr"),
    DemoAccount(AUDITOR, "auditor@demo.example", "Samuel", "Njoya", "fr"),
    DemoAccount(ADMINISTRATOR, "administrator@demo.example", "Grace", "Lum", "en"),
)

EMPLOYERS = (
    ("E-000101", "Brasseries du Littoral"),
    ("E-000102", "Boulangerie Bonne Mie"),
    ("E-000103", "Highland Tea Estates"),
    ("E-000104", "Transports Sanaga"),
    ("E-000105", "Clinique des Palmiers"),
    ("E-000106", "Mount View Schools"),
)


def load() -> None:
    """Write the demonstration's accounts and employers; those that are there stay as they are."""
    roles = {role.name: role for role in db.session.scalars(select(Role))}
    logins = set(db.session.scalars(select(Account.email)))
    for person in ACCOUNTS:
        if person.login not in logins:
            db.session.add(_account(person, roles[person.role]))
    for number, name in EMPLOYERS:
        row = insert(Employer).values(registration_number=number, name=name, active=True)
        db.session.execute(row.on_conflict_do_nothing())


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
