"""Employers affiliated with the administration, found by name."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Integer, Select, cast, func, literal_column, or_, select

from app.extensions import db
from app.forms.base import PortalForm
from app.forms.employer_field import LONGEST_TYPED, MOST_SHOWN, EmployerField, Listed
from app.models import PLAIN_EMPLOYER, Employer
from app.services import search

SHORTEST = 2
"""So many letters are needed before anything is suggested."""

MOST_WORDS = 6
_INDEXED = 3
"""Letters from which a part of a word is found by the index; fewer are sought where a word begins."""


def one(number: int) -> Employer | None:
    """The active employer of that number, or None."""
    found = db.session.get(Employer, number)
    return found if found is not None and found.active else None


def like(typed: str) -> list[Listed]:
    """The active employers whose name holds each word typed, accents ignored; else those that look alike.

    At most one more than are shown, so that one knows there are more. None for less than two letters.
    """
    typed = " ".join(typed[:LONGEST_TYPED].split())
    words = search.words(typed)[:MOST_WORDS]
    if sum(map(len, words)) < SHORTEST:
        return []
    found = list(db.session.scalars(_holding(words)))
    return _told_apart(found or [it for it in search.employers_of(typed) if it.active])


def offer(form: PortalForm) -> None:
    """Have a form that asks for an employer look up the one it was given."""
    field = form._fields.get("employer_id")
    if isinstance(field, EmployerField):
        field.look_up(_THE_LIST)


class _List:
    """The list as a field asks it."""

    one = staticmethod(one)
    like = staticmethod(like)


_THE_LIST = _List()


def _holding(words: Sequence[str]) -> Select[Employer]:
    name: ColumnElement[str] = literal_column(PLAIN_EMPLOYER)
    begins = [or_(name.like(f"{word}%"), name.like(f"% {word}%")) for word in words]
    holds = [
        name.like(f"%{word}%") if len(word) >= _INDEXED else begin
        for word, begin in zip(words, begins, strict=True)
    ]
    rank: ColumnElement[int] = sum((cast(begin, Integer) for begin in begins), literal_column("0"))
    first = func.starts_with(name, words[0])
    wanted = select(Employer).where(Employer.active.is_(True), *holds)
    return wanted.order_by(first.desc(), rank.desc(), name, Employer.id).limit(MOST_SHOWN + 1)


def _told_apart(found: Sequence[Employer]) -> list[Listed]:
    """With the address of those that bear one name."""
    names = Counter(one.name for one in found)
    shown = found[: MOST_SHOWN + 1]
    return [
        Listed(
            it.id,
            it.name,
            f"{it.name}, {it.address or it.registration_number}" if names[it.name] > 1 else it.name,
        )
        for it in shown
    ]
