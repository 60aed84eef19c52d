"""A small invented administration to try Guichet with: accounts, employers. Refused in production."""

from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256

from flask import current_app
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.extensions import db
from app.models import Account, Employer
from app.permissions import (
    ADMINISTRATOR,
    AUDITOR,
    EMPLOYEE,
    REGISTRATION_OFFICER,
    SECOND_FACTOR_ROLES,
    SUPERVISOR,
)
from app.security import passwords
from app.services import second_factors


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
    db.session.flush()
    for person in ACCOUNTS:
        _give_app(person)
    for number, name in EMPLOYERS:
        row = insert(Employer).values(registration_number=number, name=name, active=True)
        db.session.execute(row.on_conflict_do_nothing())


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
