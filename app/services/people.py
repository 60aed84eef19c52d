"""Insured persons and their social security numbers."""

import unicodedata
from datetime import date

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Account, InsuredPerson
from app.services import accounts, numbers


def of_account(account: Account) -> InsuredPerson | None:
    """The insured person an account belongs to."""
    return db.session.scalars(
        select(InsuredPerson).where(InsuredPerson.account_id == account.id)
    ).one_or_none()


def number_of(place: int) -> str:
    """The social security number at a place of the region's range."""
    return numbers.lasting_format().write(numbers.region(), place)


def plain_name(name: str) -> str:
    """A name without accents, case, hyphens or apostrophes, to compare."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalpha())


def register(
    account: Account, given_names: str, family_name: str, birth_date: date, is_temporary: bool = False
) -> InsuredPerson:
    """Create the insured person, give the number, and link the account.

    The number is a temporary one while evidence is to follow.
    """
    person = InsuredPerson(
        ssn=numbers.issue(is_temporary),
        has_temporary_number=is_temporary,
        given_names=given_names,
        family_name=family_name,
        birth_date=birth_date,
        registered_on=clock.today(),
        account=account,
        email=account.email if accounts.has_email(account) else None,
    )
    db.session.add(person)
    return person
