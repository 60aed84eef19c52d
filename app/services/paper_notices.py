"""Notices for people without e-mail: letters without a decision, in the print queue."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import force_locale
from flask_babel import gettext as _

from app import clock
from app.formats import day, in_days
from app.models import Account, Case, CaseEvent, Letter
from app.services import SERVICES, deadlines, delays, letters, people
from app.workflow import Status

TEXT, HEADING = "text", "heading"


@dataclass(frozen=True)
class Words:
    """What a notice says on paper, in the language in force; who asked signs it."""

    subject: str
    body: list[tuple[str, str]]
    signed_by: Account | None


def write(notice: str, case: Case) -> Letter | None:
    """Write the letter this notice becomes, in its job's transaction; none where it would say nothing new."""
    language = case.owner.language
    with force_locale(language):
        words = NOTICES[notice](case) if notice in NOTICES else None
        if words is None:
            return None
        sheet = _sheet(case, words, language)
        return letters.file(case, sheet, letters.PAPER, words.signed_by, notice=notice)


def _sheet(case: Case, words: Words, language: str) -> letters.Sheet:
    service, person = SERVICES[case.service], people.of_account(case.owner)
    signatory, quality = _("Guichet, the social security administration"), ""
    if words.signed_by is not None:
        signatory, quality = letters.signature(service, words.signed_by, language)
    return letters.Sheet(
        language=language,
        number="",
        code="",
        reference=case.reference or "",
        service=str(service.title),
        dated_on=clock.today(),
        recipient=str(person or case.owner.get_full_name()),
        recipient_number=person.ssn if person else "",
        subject=words.subject,
        body=[{"kind": kind, "text": text} for kind, text in words.body],
        signatory=signatory,
        quality=quality,
    )


def _information_requested(case: Case) -> Words | None:
    """What is asked, and how long there is to answer; nothing once it was answered or closed."""
    subject = _("Your request %(reference)s: we need something from you", reference=case.reference)
    return _question(case, subject, _how_to_answer(case))


def _answer_reminder(case: Case) -> Words | None:
    """The same once more, as a reminder, with the day the posting of the question gave."""
    answer_by = deadlines.answer_by(case)
    if answer_by is None:
        return None
    subject = _("Your request %(reference)s still waits for your answer", reference=case.reference)
    return _question(case, subject, _how_to_answer_by(answer_by))


def _question(case: Case, subject: str, how_to_answer: str) -> Words | None:
    asked = _asked(case)
    if asked is None or case.status is not Status.info_requested:
        return None
    body = [
        (TEXT, _("Dear Sir or Madam,")),
        (TEXT, _opening(case)),
        (HEADING, _("What we need")),
        (TEXT, asked.reason or ""),
        (HEADING, _("How to answer")),
        (TEXT, how_to_answer),
    ]
    return Words(subject, body, asked.account)


def _opening(case: Case) -> str:
    return _(
        "About your request %(reference)s (%(service)s): we need something more from you before we can"
        " decide.",
        reference=case.reference,
        service=SERVICES[case.service].title,
    )


def _how_to_answer(case: Case) -> str:
    """From the posting on, which is still to come when the letter is written."""
    delay = delays.length(case.service, delays.ANSWER)
    return _(
        "Answer within %(delay)s of the day this letter was posted; the postmark tells it. Sign in to our"
        " site and open your request, or bring this letter to one of our offices. If we have no answer within"
        " that time, your request is closed; you may send a new one.",
        delay=in_days(delay.days, delay.is_working),
    )


def _how_to_answer_by(answer_by: date) -> str:
    return _(
        "Answer by %(day)s: sign in to our site and open your request, or bring this letter to one of our"
        " offices. If we have no answer by then, your request is closed; you may send a new one.",
        day=day(answer_by),
    )


def _lapsed(case: Case) -> Words | None:
    """That the request is closed, and what can be done."""
    asked = _asked(case)
    if asked is None or case.status is not Status.lapsed:
        return None
    closed = _(
        "On %(day)s we asked you for information about your request %(reference)s (%(service)s). We had no"
        " answer in time, so this request is closed.",
        day=day(clock.day_of(asked.happened_at)),
        reference=case.reference,
        service=SERVICES[case.service].title,
    )
    body = [
        (TEXT, _("Dear Sir or Madam,")),
        (TEXT, closed),
        (TEXT, _("You may send a new request at any time, on our site or at one of our offices.")),
    ]
    subject = _("Your request %(reference)s has been closed", reference=case.reference)
    return Words(subject, body, asked.account)


def _entered_for(step: str, case: Case, subject: str, entered: str) -> Words | None:
    """What an officer entered as the person told them, and what to do if it is not so."""
    event = next((event for event in reversed(case.events) if event.step == step), None)
    if event is None or event.told is None:
        return None
    noted = _("Told us %(how)s: %(evidence)s", how=event.told.label, evidence=event.evidence)
    body = [
        (TEXT, _("Dear Sir or Madam,")),
        (TEXT, entered),
        (TEXT, event.reason or ""),
        (TEXT, noted),
        (TEXT, _("If this is not what you said, write to us or come to one of our offices at once.")),
    ]
    return Words(subject, body, event.account)


def _answered_for(case: Case) -> Words | None:
    """The answer as it was entered."""
    subject = _("Your request %(reference)s: an answer was entered for you", reference=case.reference)
    entered = _(
        "At your request, an officer entered this answer about your request %(reference)s.",
        reference=case.reference,
    )
    return _entered_for("answer_for", case, subject, entered)


def _withdrawn_for(case: Case) -> Words | None:
    """The withdrawal as it was entered."""
    subject = _("Your request %(reference)s was withdrawn for you", reference=case.reference)
    entered = _(
        "At your request, an officer withdrew your request %(reference)s. We stop dealing with it; you may"
        " send a new one later.",
        reference=case.reference,
    )
    return _entered_for("withdraw_for", case, subject, entered)


def _asked(case: Case) -> CaseEvent | None:
    """The latest request for information."""
    return next((event for event in reversed(case.events) if event.step == "request_information"), None)


NOTICES: dict[str, Callable[[Case], Words | None]] = {
    "information_requested": _information_requested,
    "answer_reminder": _answer_reminder,
    "lapsed": _lapsed,
    "answered_for": _answered_for,
    "withdrawn_for": _withdrawn_for,
}
"""The notices that ask something of the person, end something, or tell what was entered in their name."""
