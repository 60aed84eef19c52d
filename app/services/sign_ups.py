"""Signing up: somebody asks for an account, and confirms their address by a link."""

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Account, MailedLink, public_id
from app.permissions import EMPLOYEE
from app.security import passwords
from app.services import audit, mailed_links


def ask(email: str, password: str, first_name: str, last_name: str, language: str) -> None:
    """Have the address confirmed; whether it is known is seen by the job alone, and costs nothing here."""
    data = {
        "password": passwords.hashed(password),
        "first_name": first_name,
        "last_name": last_name,
    }
    link = mailed_links.make(mailed_links.SIGN_UP, email, language, data=data)
    mailed_links.mail(link)


def confirm(link: MailedLink) -> Account:
    """The account of a confirmed address; `LinkUnusable` when somebody else confirmed it first."""
    employee = db.session.scalars(select(Role).where(Role.name == EMPLOYEE)).one()
    try:
        with db.session.begin_nested():
            account = _account(link)
            db.session.add(account)
            account.roles = [employee]
    except IntegrityError:
        raise mailed_links.LinkUnusable from None
    mailed_links.use_up(link)
    audit.record(f"person:{account.id}", "confirm_sign_up", account.id, {"account": account.id})
    return account


def _account(link: MailedLink) -> Account:
    return Account(
        username=f"account-{public_id()}",
        email=link.email,
        password=link.data["password"],
        first_name=link.data["first_name"],
        last_name=link.data["last_name"],
        language=link.language,
        active=True,
        terms_accepted_at=link.created_at,
    )
