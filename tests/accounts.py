"""Fresh accounts for a test, and the door for them."""

import itertools

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app.extensions import db
from app.models import Account, Agency
from app.security import passwords

PASSWORD = "une phrase de passe assez longue"
_numbers = itertools.count(1)


def new_account(
    *roles: str, email: str | None = None, agency: str | None = None, active: bool = True
) -> Account:
    """An account of its own for the test, with these roles; written at once."""
    number = next(_numbers)
    address = email or f"fresh-{number}@work.example"
    account = Account(
        first_name="Fresh",
        last_name=f"Number{number}",
        username=address,
        email=address,
        password=passwords.hashed(PASSWORD),
        language="en",
        active=active,
        roles=list(db.session.scalars(select(Role).where(Role.name.in_(roles)))),
        agency_id=db.session.scalar(select(Agency.id).where(Agency.code == agency)) if agency else None,
    )
    db.session.add(account)
    db.session.commit()
    return account


def enter(browser, email: str, password: str = PASSWORD) -> None:
    """Sign in as an account that is not the demonstration's."""
    browser.open(f"/{browser.lang}/sign-in")
    browser.send(email=email, password=password)
