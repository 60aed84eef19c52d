"""One object of each kind that an address can name: somebody's own, another's, and one no screen lists."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app import clock, demo
from app.access_kinds import LockKind, Opened, Paper, TaskKind
from app.delays import LIST_EXPORT_KEPT
from app.extensions import db
from app.models import (
    AccessEntry,
    Account,
    Agency,
    AnswerTemplate,
    AuditSample,
    BulkRun,
    Case,
    ChainCheck,
    ChainRun,
    Conversation,
    DeclaredInterest,
    Delay,
    Delegation,
    Document,
    DocumentCategory,
    Employer,
    Employment,
    FileLock,
    Holiday,
    InsuredPerson,
    Invitation,
    LetterTemplate,
    ListExport,
    MessageSubject,
    Notice,
    NumberReservation,
    Outbox,
    PersonMerge,
    PossibleDuplicate,
    RecordCorrection,
    Recovery,
    ReferenceChange,
    RoleGrant,
    SupportTask,
)
from app.permissions import CLAIMS_OFFICER, DESKS, EMPLOYEE, REGISTRATION_OFFICER, STAFF
from app.security import links
from app.services import (
    SERVICES,
    cases,
    certificates,
    documents,
    letters,
    list_exports,
    mailed_links,
    message_subjects,
    messages,
    uploads,
)
from app.workflow import Actor, Outcome
from tests import papers
from tests.accounts import new_account
from tests.security import employer_objects
from tests.services.test_cases import REASON, SERVICE, account, file_case
from tests.services.test_letters import made, on_paper
from tests.visitor import PNG

ANYBODYS = {
    "lang": "en",
    "slug": "registration",
    "page_slug": "you",
    "name": "withdraw",
    "scheme": "demo",
    "filename": "css/guichet.css",
}
"""What an address names beside objects."""

OF_DOCUMENTS = ("document", "verify", "categorise")
"""What is in the name of an endpoint whose `public_id` is a document's."""


@dataclass
class Objects:
    """The numbers and ids one person's addresses are made of; `screens` are the row numbers by staff view."""

    case: str
    document: str
    number: str
    code: str
    upload: str
    screens: dict[str, int] = field(default_factory=dict)
    owner: int = 0
    conversation: str = ""
    notice: str = ""
    by_role: dict[tuple[str, str], int] = field(default_factory=dict)
    extra: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    in_counter: dict[str, str] = field(default_factory=dict)
    alike: int = 1
    by_view: dict[str, dict[str, object]] = field(default_factory=dict)
    """What an address of that view names instead: a certificate, the case of another service."""

    def values(self, endpoint: str, arguments: set[str], role: str = "") -> dict[str, object]:
        """What fills in the address of an endpoint; `LookupError` names what this file does not know yet."""
        view = endpoint.partition(".")[0]
        known = ANYBODYS | {
            "public_id": self._public_id(endpoint),
            "number": 1 if "preview" in endpoint else self.number,
            "code": self.code,
            "alike": self.alike,
            "pk": self.by_role.get((role, view), self.screens.get(view)),
            "owner": self.owner,
            "draft": f"message:{self.conversation}",
            "token": self.tokens.get(view if view == "not_me" else endpoint),
        }
        if endpoint.endswith(".speak_for"):
            known["name"] = "withdraw_for"
        known |= self.by_view.get(view, {}) | ({"number": 1} if "preview" in endpoint else {})
        missing = {name for name in arguments if known.get(name) is None}
        if missing:
            raise LookupError(
                f"tests/security/objects.py has no {sorted(missing)} for {endpoint}: make such an object there."
            )
        return {name: known[name] for name in arguments}

    def _public_id(self, endpoint: str) -> str:
        if endpoint in self.in_counter:
            return self.in_counter[endpoint]
        if any(name in endpoint for name in OF_DOCUMENTS):
            return self.document
        if endpoint in ("messages.notice", "messages.archive_notice"):
            return self.notice
        if endpoint in ("messages.show", "messages.archive"):
            return self.conversation
        return self.upload if endpoint.startswith("uploads.") else self.case


def of_person(login: str) -> Objects:
    """A rejected request with a document, a receipt and a letter on the portal; and a record with a certificate."""
    case = file_case(login, f"key-of-{login}")
    document = a_document(case.owner)
    case.documents.append(document)
    upload = uploads.begin(case.owner, "card.png", len(PNG), "identity", None, None)
    cases.perform(SERVICE, case, "reject", cases.By(account("officer"), Actor.officer), REASON)
    letter = made(case.letters[-1])
    there = a_conversation(case.owner, "registration", document)
    notice = db.session.scalars(select(Notice).where(Notice.case_id == case.id).limit(1)).one()
    waiting, expiring = file_case(login, f"waiting-{login}"), a_document(case.owner)
    expiring.expires_on = clock.today()
    waiting.documents.append(expiring)
    in_counter = employer_objects.in_counter(login)
    certificate = certificates.issue(registered(f"10-{case.id:07}-01", case.owner), None, "en")
    db.session.commit()
    screens = {"RegistrationView": case.id, "ConversationView": there.id, "EvidenceView": expiring.id}
    return Objects(
        case.public_id,
        document.public_id,
        letter.number,
        case.receipt.code,
        upload.public_id,
        screens,
        case.owner_id,
        there.public_id,
        notice.public_id,
        in_counter=in_counter,
        by_view={"my_record": {"number": certificate.number}},
    )


def registered(ssn: str, owner: Account) -> InsuredPerson:
    """The record of an account."""
    person = InsuredPerson(
        ssn=ssn,
        given_names="A",
        family_name="B",
        birth_date=date(1990, 1, 1),
        registered_on=date(2026, 1, 1),
        account=owner,
    )
    db.session.add(person)
    db.session.flush()
    return person


def of_other_services() -> dict[str, dict[str, object]]:
    """A rejected request of each service for who is registered, and what its screens' addresses name; by view."""
    owner, officer = account("chantal"), cases.By(account("officer"), Actor.officer)
    person = registered("10-0000003-00", owner)
    employer = db.session.scalars(select(Employer).order_by(Employer.id).limit(1)).one()
    answers = {
        "record_changes": {"changes": ["sex"], "sex": "female"},
        "new_employments": {
            "employer_listed": "yes",
            "employer_id": employer.id,
            "employed_from": date(2026, 1, 5),
            "occupation": "Access",
        },
    }
    found: dict[str, dict[str, object]] = {}
    for slug, typed in answers.items():
        service, document = SERVICES[slug], a_document(owner)
        case = cases.submit(service, owner, typed, [document], f"key-of-{slug}", "en")
        cases.perform(service, case, "reject", officer, REASON)
        letter = made(case.letters[-1])
        alike = PossibleDuplicate(
            case_id=case.id, person_id=person.id, likeness=[], score=90, found_at=clock.now()
        )
        db.session.add(alike)
        db.session.flush()
        names = {"pk": case.id, "public_id": document.public_id, "number": letter.number, "alike": alike.id}
        found[service.staff_view] = names
    return found


def a_conversation(owner: Account, subject: str, document: Document) -> Conversation:
    """A conversation that every agency may read, with a file."""
    key = f"key-of-{owner.id}-{subject}"
    message = messages.send(owner, messages.NEW, subject, "Hello.", [document], key)
    message.conversation.agency_id = None
    db.session.flush()
    return message.conversation


def at_each_desk(own: Objects) -> dict[tuple[str, str], int]:
    """A conversation for each role that answers at another desk than that of `own`, by role and view."""
    document = db.session.scalars(select(Document).where(Document.public_id == own.document)).one()
    return {
        (role, "ConversationView"): a_conversation(document.owner, subject.code, document).id
        for subject in message_subjects.in_force()
        for role in DESKS[subject.desk]
        if role not in DESKS["registration"]
    }


def prepared_files() -> dict[tuple[str, str], int]:
    """A list each member of the staff has had made into a file, by role and view."""
    staff = {one.role: one.login.partition("@")[0] for one in reversed(demo.ACCOUNTS) if one.role in STAFF}
    return {(role, "ListExportView"): prepared(name).id for role, name in staff.items()}


def prepared(name: str) -> ListExport:
    """A list somebody has had made into a file of nothing."""
    now = clock.now()
    export = ListExport(
        account=account(name),
        view="StaffHomeView",
        file_format="csv",
        rights=list_exports.rights_of(account(name)),
        total=1,
        asked_at=now,
        made_at=now,
        size=0,
        expires_at=now + LIST_EXPORT_KEPT,
    )
    db.session.add(export)
    db.session.flush()
    return export


def a_document(owner) -> Document:
    """A document that passed its checks, with a picture of its first page."""
    document = documents.keep(owner, "identity", FileStorage(BytesIO(PNG), filename="identity.png"))
    papers.accept(document)
    document.previews = [document.sha256]
    return document


def listed(own: Objects) -> None:
    """Give `own` the rows the staff's screens list, made to be changed and removed."""
    employer = Employer(registration_number="E-ACCESS", name="Access")
    holiday = Holiday(day=date(2099, 1, 2), name_fr="Accès", name_en="Access")
    words = {"subject_fr": "a", "subject_en": "a", "body_fr": "a", "body_en": "a"}
    template = LetterTemplate(service="*", outcome=next(iter(Outcome)), valid_from=date(2099, 1, 1), **words)
    person = InsuredPerson(
        ssn="10-0000001-00",
        given_names="A",
        family_name="B",
        birth_date=date(1990, 1, 1),
        registered_on=date(2026, 1, 1),
    )
    agency = Agency(code="ACCESS", name_fr="Accès", name_en="Access")
    category = DocumentCategory(code="access", name_fr="Accès", name_en="Access", valid_from=date(2099, 1, 1))
    since = date(2099, 1, 1)
    named = {"code": "access", "name_fr": "Accès", "name_en": "Access", "valid_from": since}
    subject = MessageSubject(desk="support", **named)
    answers = AnswerTemplate(body_fr="a", body_en="a", **named)
    checked = ChainCheck(checked_at=clock.now(), entries=1, found=0, findings=[])
    delay = Delay(service="*", name="reply", days=5, unit="working", valid_from=since, source="Access")
    kept = [employer, holiday, template, agency, category, subject, answers, delay]
    db.session.add_all([*kept, person, checked])
    db.session.flush()
    to_print, posted = on_paper("peter"), on_paper("chantal")
    letters.mark_posted(posted, clock.today(), account("officer"))
    own.screens |= (
        {
            "EmployerView": employer.id,
            "HolidayView": holiday.id,
            "LetterTemplateView": template.id,
            "InsuredPersonView": person.id,
            "OutboxView": db.session.scalars(select(Outbox.id).limit(1)).one(),
            "PrintQueueView": to_print.id,
            "PostedLettersView": posted.id,
            "AgencyView": agency.id,
            "DocumentCategoryView": category.id,
            "ChainCheckView": checked.id,
            "MessageSubjectView": subject.id,
            "AnswerTemplateView": answers.id,
            "DelayView": delay.id,
            "ReferenceChangeView": db.session.scalars(select(ReferenceChange.id).limit(1)).one(),
        }
        | about_staff(employer)
        | employer_objects.on_screens(a_document(account("employer")))
        | at_the_counter(own)
    )
    own.screens |= about_records(own, person)
    own.by_role = at_each_desk(own) | prepared_files()
    own.screens["ListExportView"] = prepared("agent").id
    own.by_view |= of_other_services()
    of_a_case = {
        "assign": {"officer": str(account("agent").id)},
        "transfer": {"agency": str(agency.id)},
        "verify": {"verdict": "accepted"},
        "categorise": {"category": "legal"},
        "bulk": {"act": "step:take", "reason": "Access"},
    }
    own.extra = {
        f"{service.staff_view}.{name}": sent
        for service in SERVICES.values()
        for name, sent in of_a_case.items()
    } | {
        "ConversationView.assign": {"officer": str(account("agent").id)},
        "my_file.lock": {"kind": LockKind.bank},
    }
    db.session.commit()


def about_records(own: Objects, person: InsuredPerson) -> dict[str, int]:
    """A possible duplicate of the case, a merge that waits, numbers kept for a migration; by view."""
    now, officer = clock.now(), account("officer")
    other = InsuredPerson(
        ssn="10-0000002-00",
        given_names="A",
        family_name="B",
        birth_date=date(1990, 1, 1),
        registered_on=date(2026, 1, 1),
    )
    db.session.add(other)
    db.session.flush()
    alike = PossibleDuplicate(
        case_id=own.screens["RegistrationView"], person_id=other.id, likeness=[], score=90, found_at=now
    )
    merge = PersonMerge(
        survivor_id=person.id, merged_id=other.id, reason="Access", proposed_by_id=officer.id, proposed_at=now
    )
    kept = NumberReservation(region="10", first=9_000_000, last=9_000_001, reason="Access", reserved_at=now)
    work = Employment(
        person_id=person.id, employer_id=own.screens["EmployerView"], started_on=date(2026, 1, 1)
    )
    correction = RecordCorrection(
        person_id=person.id,
        field="birth_place",
        after="Edéa",
        reason="Access",
        is_for_two=True,
        asked_by_id=new_account(REGISTRATION_OFFICER).id,
        asked_at=now,
    )
    db.session.add_all([alike, merge, kept, work, correction])
    db.session.flush()
    own.alike = alike.id
    return {
        "MergeView": merge.id,
        "NumberReservationView": kept.id,
        "EmploymentView": work.id,
        "RecordCorrectionView": correction.id,
    }


def about_staff(employer: Employer) -> dict[str, int]:
    """The rows of the screens about the staff itself, by view."""
    now, administrator = clock.now(), account("administrator")
    colleague = new_account(REGISTRATION_OFFICER)
    grant = RoleGrant(
        account_id=colleague.id,
        role=CLAIMS_OFFICER,
        reason="Access",
        proposed_by_id=administrator.id,
        proposed_at=now,
    )
    delegation = Delegation(
        account_id=colleague.id,
        quality_fr="Chef",
        quality_en="Head",
        valid_from=date(2099, 1, 1),
        proposed_by_id=administrator.id,
    )
    interest = DeclaredInterest(account_id=colleague.id, employer_id=employer.id)
    opening = AccessEntry(
        account_id=colleague.id,
        role=REGISTRATION_OFFICER,
        opened=Opened.record,
        name="Access",
        subject_id=account("peter").id,
        reason="Access",
        opened_at=now,
        agency_id=account("supervisor").agency_id,
    )
    db.session.add_all([grant, delegation, interest, opening])
    db.session.flush()
    return at_the_desk(colleague) | {
        "ColleagueView": colleague.id,
        "GrantView": grant.id,
        "DelegationView": delegation.id,
        "InterestView": interest.id,
        "AccessView": opening.id,
    }


def at_the_desk(colleague: Account) -> dict[str, int]:
    """The rows of the screens about work on many cases and about audits, by view."""
    now, day = clock.now(), date(2026, 1, 1)
    run = BulkRun(
        service="registration",
        account_id=account("officer").id,
        step="take",
        reason="Access",
        total=1,
        asked_at=now,
    )
    sample = AuditSample(
        account_id=account("auditor").id,
        service="registration",
        since=day,
        until=day,
        seed="access",
        size=1,
        population=0,
        population_digest="",
        references=[],
        drawn_at=now,
    )
    check = ChainCheck(checked_at=now, entries=0, found=0, findings=[])
    verified = ChainRun(account_id=colleague.id, asked_at=now, total=0, finished_at=now, check=check)
    db.session.add_all([run, sample, verified])
    db.session.flush()
    return {"BulkRunView": run.id, "SampleView": sample.id, "ChainRunView": verified.id}


def at_the_counter(own: Objects) -> dict[str, int]:
    """What a person nobody here is asked for, by view; and the links that were mailed about it."""
    now, person, other = clock.now(), new_account(EMPLOYEE), new_account(EMPLOYEE)
    task = SupportTask(
        kind=TaskKind.link,
        account_id=person.id,
        reason="Access",
        facts={},
        document=a_document(person),
        opened_at=now,
    )
    lock = FileLock(account_id=new_account(EMPLOYEE).id, kind=LockKind.everything, locked_at=now)
    recovery = Recovery(
        account_id=person.id,
        new_email="access@mail.example",
        paper=next(iter(Paper)),
        last_digits="1234",
        requested_by_id=account("officer").id,
        requested_at=now,
    )
    invitation = Invitation(account_id=person.id, invited_at=now, expires_at=now + timedelta(hours=1))
    db.session.add_all([task, lock, recovery, invitation])
    db.session.flush()
    of_sign_up = {"password": "x", "first_name": "A", "last_name": "B"}
    made_links = {
        "sign_up.confirm": mailed_links.make(mailed_links.SIGN_UP, "new@mail.example", "en", data=of_sign_up),
        "passwords.choose": mailed_links.make(mailed_links.RESET_PASSWORD, person.email, "en"),
        "emails.confirm": mailed_links.make(mailed_links.CHANGE_EMAIL, "other@mail.example", "en", person),
        "emails.undo": mailed_links.make(mailed_links.UNDO_EMAIL, "former@mail.example", "en", person),
        "emails.not_my_app": mailed_links.make(mailed_links.UNDO_FACTOR, other.email, "en", other),
    }
    own.tokens = {endpoint: mailed_links.token(link) for endpoint, link in made_links.items()} | {
        "invitations.accept": links.sign(links.INVITATION, invitation.id),
        "employer_links.answer": employer_objects.token(),
        "not_me": links.sign(links.NOT_ME, recovery.id),
    }
    return {"SupportTaskView": task.id, "LockView": lock.id, "RecoveryView": recovery.id}


def unlisted(own: Objects, other: Objects) -> Objects:
    """Rows that exist and no screen shows: a case never sent, a letter of the other queue, a lock lifted, an
    opening that needed no reason, a file made for a colleague.
    """
    case = file_case("peter", "key-never-sent")
    db.session.execute(Case.__table__.update().where(Case.id == case.id).values(status="draft"))
    db.session.commit()
    now = clock.now()
    lifted = FileLock(
        account_id=account("peter").id,
        kind=LockKind.everything,
        locked_at=now,
        lift_proposed_by_id=account("support").id,
        lift_proposed_at=now,
        lift_reason="Access",
        lifted_by_id=account("helpdesk").id,
        lifted_at=now,
    )
    opening = AccessEntry(
        account_id=account("officer").id,
        role=REGISTRATION_OFFICER,
        opened=Opened.case,
        name="Access",
        subject_id=account("peter").id,
        opened_at=now,
        agency_id=account("supervisor").agency_id,
    )
    db.session.add_all([lifted, opening])
    db.session.commit()
    screens = {
        "ListExportView": own.screens["ListExportView"],
        "RegistrationView": case.id,
        "ColleagueView": case.owner_id,
        "LockView": lifted.id,
        "AccessView": opening.id,
        "PrintQueueView": own.screens["PostedLettersView"],
        "PostedLettersView": own.screens["PrintQueueView"],
    }
    return Objects(other.case, other.document, other.number, other.code, other.upload, screens)
