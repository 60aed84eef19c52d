"""Decision letters: written with the decision, made by a job, announced only once they open.

The text is frozen with the decision. HTML is the main form, the PDF is made from the same row.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import clock, live
from app.adapters import storage
from app.extensions import db
from app.formats import day, in_days
from app.models import Account, Case, Decision, Delegation, Letter
from app.permissions import quality_of
from app.services import (
    accounts,
    audit,
    decisions,
    delays,
    explanations,
    letter_templates,
    notifications,
    outbox,
    papers,
    people,
    stored_files,
)
from app.services.base import NotAllowed, RuleBroken, Service
from app.services.references import next_letter_number
from app.workflow import OUTCOME_OF, Outcome, Step

EMAIL = "email"
PAPER = "paper"


class WrongRecipient(Exception):
    """The letter is not of this case, or not to this person: it is never announced."""


@dataclass(frozen=True)
class Sheet:
    """A letter as it is read, written or only previewed; `number` and `code` are empty in a preview."""

    language: str
    number: str
    code: str
    reference: str
    service: str
    dated_on: date
    recipient: str
    recipient_number: str
    subject: str
    body: list[dict[str, Any]]
    signatory: str
    quality: str

    @property
    def code_shown(self) -> str:
        """The code in groups of four."""
        return papers.shown(self.code)

    @property
    def address(self) -> str:
        """Where anybody verifies the letter."""
        return papers.address(self.code, self.language)


def outcomes(steps: Iterable[Step]) -> list[Outcome]:
    """The outcomes an officer who may take these steps may decide or propose, each once."""
    found = (step.outcome or OUTCOME_OF.get(step.target) for step in steps if step.decides or step.prepares)
    return list(dict.fromkeys(outcome for outcome in found if outcome))


def preview(
    service: Service[Any],
    case: Case,
    outcome: Outcome,
    reason: str | None,
    account: Account | None,
    language: str | None = None,
) -> Sheet:
    """The letter this decision would send, in the person's language; nothing is written.

    `account` is who would sign; None when that is not known yet. Raises `RuleBroken` without a template.
    """
    language = language or case.owner.language
    with force_locale(language):
        replaced = case.decisions[-1] if case.decisions else None
        values = _values(service, case, reason, clock.today(), replaced)
        if outcome is Outcome.approve and not values["result"]:
            values["result"] = _("(What the approval gives will stand here.)")
        if not values["reason"] and outcome is not Outcome.approve:
            values["reason"] = _("(The reason will stand here.)")
        return _compose(service, case, outcome, values, account, language)


def prepare(service: Service[Any], case: Case, decision: Decision) -> Letter:
    """Write a decision's letter in its transaction: text, number, signatory and delegation of the day."""
    language = case.owner.language
    earlier = [made for made in case.decisions if made is not decision]
    with force_locale(language):
        decided_on = clock.day_of(decision.decided_at)
        values = _values(service, case, decision.reason, decided_on, earlier[-1] if earlier else None)
        sheet = _compose(service, case, decision.outcome, values, decision.decided_by, language)
    channel = EMAIL if accounts.has_email(case.owner) else PAPER
    return file(case, sheet, channel, decision.decided_by, decision)


def file(
    case: Case,
    sheet: Sheet,
    channel: str,
    account: Account | None,
    decision: Decision | None = None,
    notice: str | None = None,
) -> Letter:
    """Keep a letter as composed, with its number, code and delegation of the day; a job makes it."""
    delegation = delegation_of(account, case.service) if account else None
    letter = Letter(
        number=next_letter_number(),
        case_id=case.id,
        decision_id=decision.id if decision else None,
        recipient_id=case.owner_id,
        recipient=sheet.recipient,
        recipient_number=sheet.recipient_number or None,
        language=sheet.language,
        subject=sheet.subject,
        body=sheet.body,
        signatory=sheet.signatory,
        quality=sheet.quality,
        delegation_id=delegation.id if delegation else None,
        verification_code=papers.new_code(),
        written_at=decision.decided_at if decision else clock.now(),
        channel=channel,
        notice=notice,
    )
    db.session.add(letter)
    db.session.flush()
    outbox.write("make_letter", letter_id=letter.id)
    return letter


def delegation_of(account: Account, service: str, on: date | None = None) -> Delegation | None:
    """The approved delegation an account signs under on a day (today): for the service, else for all."""
    on = on or clock.today()
    return db.session.scalars(
        select(Delegation)
        .where(
            Delegation.account_id == account.id,
            Delegation.approved_at.is_not(None),
            Delegation.service.is_(None) | (Delegation.service == service),
            Delegation.valid_from <= on,
            Delegation.valid_to.is_(None) | (Delegation.valid_to >= on),
        )
        .order_by(Delegation.service.is_(None), Delegation.valid_from.desc(), Delegation.id.desc())
        .limit(1)
    ).one_or_none()


def make(service: Service[Any], letter: Letter) -> None:
    """Make HTML and PDF, store them, see that they open; only then have the person told. Once."""
    if letter.made_at is not None:
        return
    sheet = sheet_of(service, letter)
    with force_locale(letter.language):
        html = render_template("letters/letter.html", letter=sheet)
        content = _as_pdf(sheet, letter)
    sha256 = hashlib.sha256(content).hexdigest()
    stored_files.keep(sha256, content)
    letter.html, letter.pdf_sha256, letter.made_at = html, sha256, clock.now()
    open_pdf(letter)
    db.session.flush()
    if letter.channel == EMAIL:
        page = f"/letters/{letter.number}"
        notifications.tell_of_case("decided", letter.case, f"letter:{letter.id}", letter.id, page)
    live.announce(letter.case.public_id)


def sheet_of(service: Service[Any], letter: Letter) -> Sheet:
    """A written letter, ready to be read."""
    with force_locale(letter.language):
        title = str(service.title)
    return Sheet(
        language=letter.language,
        number=letter.number,
        code=letter.verification_code,
        reference=letter.case.reference or "",
        service=title,
        dated_on=clock.day_of(letter.written_at),
        recipient=letter.recipient,
        recipient_number=letter.recipient_number or "",
        subject=letter.subject,
        body=letter.body,
        signatory=letter.signatory,
        quality=letter.quality,
    )


def open_pdf(letter: Letter) -> bytes:
    """The stored PDF, checked against its hash; `OSError` when it is missing or not what was stored."""
    content = storage.read(letter.pdf_sha256 or "")
    if hashlib.sha256(content).hexdigest() != letter.pdf_sha256:
        raise OSError(f"The stored PDF of letter {letter.number} is damaged.")
    return content


def to_announce(letter_id: int, case: Case) -> Letter:
    """The letter a notice is about, checked at sending: its case, its recipient, and that it opens."""
    letter = db.session.get_one(Letter, letter_id)
    if letter.case_id != case.id or letter.recipient_id != case.owner_id:
        raise WrongRecipient(letter.number)
    if letter.made_at is None:
        raise OSError(f"Letter {letter.number} is not made yet.")
    open_pdf(letter)
    return letter


def print_instead(letter: Letter) -> None:
    """Move a letter to the print queue: its recipient has no e-mail any more."""
    letter.channel = PAPER


def mark_opened(letter: Letter) -> None:
    """Note when the person first opened their letter."""
    if letter.opened_at is None:
        letter.opened_at = clock.now()
        _record(letter, "open_letter", letter.case.owner_id)


def mark_posted(letter: Letter, posted_on: date | None, account: Account) -> None:
    """Note the day a printed letter was posted: the person is notified, and may appeal, from that day.

    Raises `RuleBroken` for a day before the letter or in the future, or when it was posted already.
    """
    db.session.refresh(letter, with_for_update=True)
    if letter.channel != PAPER or letter.made_at is None:
        raise NotAllowed(_l("This letter is not in the print queue."))
    if letter.printed_at is not None:
        raise RuleBroken(_l("This letter was marked as posted before."))
    if posted_on is None or not clock.day_of(letter.written_at) <= posted_on <= clock.today():
        raise RuleBroken(
            _l("Enter the day of posting, not before the date of the letter and not in the future.")
        )
    letter.printed_at, letter.printed_by, letter.posted_on = clock.now(), account, posted_on
    _record(letter, "post_letter", account.id, posted_on=posted_on)
    if letter.decision is not None:
        decisions.mark_notified(letter.decision, PAPER, posted_on)
    live.announce(letter.case.public_id)


def _record(letter: Letter, action: str, actor_id: int, **facts: Any) -> None:
    audit.record(f"case:{letter.case_id}", action, actor_id, {"letter": letter.number, **facts})


def _values(
    service: Service[Any], case: Case, reason: str | None, decided_on: date, replaced: Decision | None
) -> dict[str, str]:
    """What the merge fields stand for, in the language in force."""
    person = people.of_account(case.owner)
    earlier = _letter_of(replaced)
    promise = delays.length(service.slug, delays.APPEAL)
    result = (_("%(label)s: %(value)s", label=label, value=value) for label, value in service.result(case))
    return {
        "person": str(person or case.owner.get_full_name()),
        "ssn": person.ssn if person else "",
        "reference": case.reference or "",
        "service": str(service.title),
        "submitted_on": day(clock.day_of(case.submitted_at)) if case.submitted_at else "",
        "decided_on": day(decided_on),
        "reason": reason or "",
        "result": "\n".join(result),
        "replaced_on": day(clock.day_of(earlier.written_at)) if earlier else "",
        "replaced_number": earlier.number if earlier else "",
        "appeal_delay": in_days(promise.days, promise.is_working),
    }


def _letter_of(decision: Decision | None) -> Letter | None:
    if decision is None:
        return None
    return db.session.scalars(select(Letter).where(Letter.decision_id == decision.id)).one_or_none()


def _compose(
    service: Service[Any],
    case: Case,
    outcome: Outcome,
    values: Mapping[str, str],
    account: Account | None,
    language: str,
) -> Sheet:
    """The letter in the language in force."""
    template = letter_templates.in_force(service.slug, outcome)
    stored = service.computed(case)
    parts = {letter_templates.EXPLANATION: explanations.part_of_stored(stored, language)} if stored else {}
    signatory, quality = signature(service, account, language)
    return Sheet(
        language=language,
        number="",
        code="",
        reference=values["reference"],
        service=values["service"],
        dated_on=clock.today(),
        recipient=values["person"],
        recipient_number=values["ssn"],
        subject=letter_templates.fill_line(getattr(template, f"subject_{language}"), values),
        body=letter_templates.fill(getattr(template, f"body_{language}"), values, parts),
        signatory=signatory,
        quality=quality,
    )


def signature(service: Service[Any], account: Account | None, language: str) -> tuple[str, str]:
    """Who signs, and in what quality: by delegation, else by role."""
    if account is None:
        return _("(Whoever decides)"), ""
    delegation = delegation_of(account, service.slug)
    quality = getattr(delegation, f"quality_{language}") if delegation else str(quality_of(account))
    return account.get_full_name(), quality


def _as_pdf(sheet: Sheet, letter: Letter) -> bytes:
    """The PDF in the language in force."""
    rows = {
        _("Letter"): sheet.number,
        _("Case"): sheet.reference,
        _("Date"): day(sheet.dated_on),
    }
    facts = {
        "about": [{"label": label, "value": value} for label, value in rows.items()],
        "recipient": sheet.recipient,
        "recipient_number": sheet.recipient_number,
        "body": sheet.body,
        "explanation_words": explanations.headings(),
        "signatory": sheet.signatory,
        "quality": sheet.quality,
    }
    return papers.print_pdf(
        "letter", sheet.language, sheet.subject, sheet.number, sheet.code, letter.written_at, facts
    )
