"""Change of registered data: what is approved is written to the record, with its history (service RM)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.desk_kinds import CheckState
from app.forms import record_changes as asked
from app.forms.record_changes import CHANGES, RecordChangeForm
from app.models import Account, RecordChange
from app.permissions import REGISTRATION_OFFICER, SUPERVISOR
from app.services import certificates, civil, people, records
from app.services.base import Check, DocumentNeed, Page, RuleBroken, Service
from app.services.civil import CHILD_CERTIFICATE, CIVIL_STATUS, SPOUSE
from app.workflow import Status, Step
from app.workflows import REVIEW


def _changes(what: str) -> Callable[[Mapping[str, Any]], bool]:
    """Rule of a document: the person changes this."""
    return lambda answers: what in (answers.get("changes") or ())


class RecordChangeService(Service[RecordChange]):
    """The declaration of the service, and its effect: the record says what was approved."""

    slug = "record_changes"
    letters = "RM"
    title = _l("Change of registered data")
    subtitle = _l("Correct or update what we hold on me")
    about = _l(
        "Tell us what changed in your civil status, your address or your family. Once we have read your"
        " documents your record says so; what it said before is kept with its dates."
    )
    who_may = _l("Whoever has a social security number.")
    to_have_ready = (_l("a document that proves each change, as a picture or a PDF"),)
    minutes: ClassVar[int] = 10
    officers = (REGISTRATION_OFFICER, SUPERVISOR)
    listed = ("family_name", "given_names")
    model = RecordChange
    form = RecordChangeForm
    pages = (
        Page("what", _l("What changes"), ("changes",)),
        Page("name", _l("Your name"), ("given_names", "family_name", "name_at_birth", "name_evidence")),
        Page(
            "birth",
            _l("Your birth"),
            ("birth_date", "birth_place", "birth_country", "birth_certificate"),
        ),
        Page("sex", _l("Your sex"), ("sex", "sex_evidence")),
        Page("nationality", _l("Your nationality"), ("nationality", "nationality_evidence")),
        Page("marriage", _l("Your marital status"), ("marital_status", "marriage_evidence")),
        Page("spouse", _l("Your spouse"), SPOUSE),
        Page(
            "address",
            _l("Your address"),
            ("address_line", "address_town", "address_country", "address_evidence"),
        ),
        Page(
            "paper",
            _l("Your identity document"),
            ("paper_kind", "paper_number", "paper_expires_on", "identity_document"),
        ),
        Page("dependants", _l("Those you provide for"), ("dependants",)),
    )
    workflow = REVIEW
    documents = (
        DocumentNeed("name_evidence", CIVIL_STATUS, _l("What proves the name"), _changes(asked.NAME)),
        DocumentNeed("birth_certificate", CIVIL_STATUS, _l("Birth certificate"), _changes(asked.BIRTH)),
        DocumentNeed("sex_evidence", CIVIL_STATUS, _l("What proves the sex"), _changes(asked.SEX)),
        DocumentNeed(
            "nationality_evidence",
            CIVIL_STATUS,
            _l("What proves the nationality"),
            _changes(asked.NATIONALITY),
        ),
        DocumentNeed(
            "marriage_evidence", CIVIL_STATUS, _l("What proves the marital status"), _changes(asked.MARRIAGE)
        ),
        DocumentNeed("address_evidence", "residence", _l("What proves the address"), _changes(asked.ADDRESS)),
        DocumentNeed("identity_document", "identity", _l("Identity document"), _changes(asked.PAPER)),
        CHILD_CERTIFICATE,
    )

    def check(self, owner: Account) -> None:
        """Only who is registered has a record to change."""
        if people.of_account(owner) is None:
            raise RuleBroken(_l("You have no social security number yet: ask for your registration first."))

    def fill(self, case: RecordChange, data: Mapping[str, Any]) -> None:
        """The answers, and whose record it is."""
        if case.person is None:
            person = people.of_account(case.owner)
            if person is None:
                raise RuleBroken(_l("This person has no social security number."))
            case.person = person
        super().fill(case, data)

    def correctable(self, case: RecordChange | None = None) -> tuple[str, ...]:
        """Not what changes: another change is another request."""
        return tuple(name for name in super().correctable(case) if name != "changes")

    def answers(self, case: RecordChange) -> list[tuple[LazyString | str, str]]:
        """What changes, then the new values."""
        chosen = ", ".join(str(CHANGES[code]) for code in case.changes if code in CHANGES)
        return [(_l("What changes?"), chosen), *super().answers(case)]

    def checks(self, case: RecordChange) -> Sequence[Check]:
        """What the record says today of what is to change."""
        now = (case.person.family_name, case.person.given_names)
        if asked.NAME not in case.changes:
            return []
        label = _l("Name in the record")
        if now == (case.family_name, case.given_names):
            return [Check(label, CheckState.warned, _("The record says this already."))]
        said = _("Today: %(name)s.", name=str(case.person))
        return [Check(label, CheckState.passed, said)]

    def on_step(self, case: RecordChange, step: Step) -> None:
        """An approval writes each change to the record, from the answers as they were approved."""
        if step.target is Status.approved:
            for change in case.changes:
                _WRITERS[change](self, case)
            if {asked.NAME, asked.BIRTH} & set(case.changes):
                certificates.issue(case.person, case, case.language)

    def result(self, case: RecordChange) -> list[tuple[LazyString | str, str]]:
        """What the record says since."""
        if case.status is not Status.carried_out:
            return []
        return [(_l("Changed in your record"), ", ".join(str(CHANGES[code]) for code in case.changes))]


def _facts(*names: str) -> Callable[[RecordChangeService, RecordChange], None]:
    """Writes facts of the person's own row."""

    def write(service: RecordChangeService, case: RecordChange) -> None:
        records.put_facts(case.person, {name: getattr(case, name) for name in names}, case)

    return write


def _name(service: RecordChangeService, case: RecordChange) -> None:
    records.put_name(case.person, case.given_names or "", case.family_name or "", case)
    if case.name_at_birth:
        records.put_facts(case.person, {"name_at_birth": case.name_at_birth}, case)


def _marriage(service: RecordChangeService, case: RecordChange) -> None:
    records.put_facts(case.person, {"marital_status": case.marital_status}, case)
    civil.write_spouse(case.person, case)


_WRITERS: Mapping[str, Callable[[RecordChangeService, RecordChange], None]] = {
    asked.NAME: _name,
    asked.BIRTH: _facts("birth_date", "birth_place", "birth_country"),
    asked.SEX: _facts("sex"),
    asked.NATIONALITY: _facts("nationality"),
    asked.MARRIAGE: _marriage,
    asked.ADDRESS: lambda _service, case: civil.write_address(case.person, case),
    asked.PAPER: lambda service, case: civil.write_paper(
        case.person, case, service.value_of(case, "paper_number")
    ),
    asked.DEPENDANTS: lambda _service, case: records.add_dependants(case.person, case.dependants, case),
}
