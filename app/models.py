"""Every mapped class. No queries and no rules: those are in `app/services/`."""

import secrets
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    false,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.access_kinds import LockKind, Opened, Paper, TaskKind, TaskOutcome
from app.columns import Encrypted, Fingerprint
from app.desk_kinds import RowOutcome
from app.employer_kinds import AgentState, RequestState
from app.files.states import FileState, Refusal, Verdict
from app.likeness_kinds import Judgement
from app.message_kinds import ConversationState, Delivery
from app.record_kinds import (
    EmploymentState,
    Kinship,
    MaritalStatus,
    PaperKind,
    PersonFact,
    ProposalState,
    Sex,
)
from app.workflow import DECIDED, WAITING, Actor, Outcome, Status, Told, goes_back

# The naming convention of `app.extensions` must stand before FAB defines its tables.
# isort: off
from app.extensions import Model
from flask_appbuilder.security.sqla.models import User
# isort: on


def public_id() -> str:
    """An identifier for URLs that nobody can guess: 128 random bits."""
    return secrets.token_urlsafe(16)


def _enum(kind: type) -> Enum:
    return Enum(kind, native_enum=False, length=32, create_constraint=False)


Model.registry.update_type_annotation_map({datetime: DateTime(timezone=True)})

_DECIDED_SQL = ", ".join(f"'{status}'" for status in sorted(DECIDED))
_WAITING_SQL = ", ".join(f"'{status}'" for status in sorted(WAITING))
IS_OVER = f'"case".status <> ALL (ARRAY[{_WAITING_SQL}])'
"""No decision is to come: what the staff's lists order by first, written as the index has it."""

PLAIN_PERSON = "plain_text((insured_person.family_name || ' ') || insured_person.given_names)"
PLAIN_NAME = "plain_text((person_name.family_name || ' ') || person_name.given_names)"
PLAIN_EMPLOYER = "plain_text(employer.name)"
PLAIN_ACCOUNT = "plain_text((ab_user.last_name || ' ') || ab_user.first_name)"
"""Names as the search compares them: without case or accents (migration 0016)."""


def _searched(table: str, plain: str) -> tuple[Index, Index]:
    """The two indexes of a name: by the letters its words begin with, and by its trigrams."""
    plain = plain.replace(f"{table}.", "")
    return (
        Index(f"ix_{table}_name_keys", text(f"name_keys({plain})"), postgresql_using="gin"),
        Index(
            f"ix_{table}_name_trigrams",
            literal_column(plain).label("plain"),
            postgresql_using="gin",
            postgresql_ops={"plain": "gin_trgm_ops"},
        ),
    )


class ReferenceData:
    """What the administration keeps by itself; `services/reference_changes.py` keeps each change of a row."""


# --- People -----------------------------------------------------------------------------------------------


class Account(User):
    """Whoever signs in: insured person, officer, auditor. What they may do follows from their roles."""

    language: Mapped[str] = mapped_column(String(2), default="fr", server_default="fr")
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    phone: Mapped[str | None] = mapped_column(String(32))
    muted_notices: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    terms_accepted_at: Mapped[datetime | None]

    def has_role(self, *names: str) -> bool:
        """Whether the account holds one of the roles."""
        return any(role.name in names for role in self.roles)


Index("uq_ab_user_lower_email", text("lower(email)"), unique=True, _table=User.__table__)
for _index in _searched("ab_user", PLAIN_ACCOUNT):
    User.__table__.append_constraint(_index)


class InsuredPerson(Model):
    """A person the administration insures, known by a social security number."""

    __tablename__ = "insured_person"
    __table_args__ = (
        *_searched("insured_person", PLAIN_PERSON),
        CheckConstraint("merged_into_id <> id", name="merged_into_another"),
        CheckConstraint("merged_into_id IS NULL OR account_id IS NULL", name="merged_has_no_account"),
        Index(
            "ix_insured_person_merged_into_id",
            "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ssn: Mapped[str] = mapped_column(String(32), unique=True)
    given_names: Mapped[str] = mapped_column(String(120))
    family_name: Mapped[str] = mapped_column(String(120))
    birth_date: Mapped[date] = mapped_column(index=True)
    registered_on: Mapped[date]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    email: Mapped[str | None] = mapped_column(String(320))
    """The address on record: codes and warnings go there, whatever an account says."""

    name_at_birth: Mapped[str | None] = mapped_column(String(120))
    sex: Mapped[Sex | None] = mapped_column(_enum(Sex))
    birth_place: Mapped[str | None] = mapped_column(String(120))
    birth_country: Mapped[str | None] = mapped_column(String(2))
    nationality: Mapped[str | None] = mapped_column(String(2))
    marital_status: Mapped[MaritalStatus | None] = mapped_column(_enum(MaritalStatus))
    mother_name: Mapped[str | None] = mapped_column(String(120))
    father_name: Mapped[str | None] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(32))
    occupation: Mapped[str | None] = mapped_column(String(120))
    has_temporary_number: Mapped[bool] = mapped_column(default=False, server_default=false())
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("insured_person.id"))
    """The person this record turned out to be: its number leads there (`services/merges.py`)."""

    account: Mapped[Account | None] = relationship(lazy="joined")

    def __repr__(self) -> str:
        return f"{self.given_names} {self.family_name}"


class FormerNumber(Model):
    """A number a person had before: it goes on leading to them, and is never given again."""

    __tablename__ = "former_number"
    __table_args__ = (Index("ix_former_number_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("insured_person.id"))
    number: Mapped[str] = mapped_column(String(32), unique=True)
    was_temporary: Mapped[bool]
    replaced_on: Mapped[date]

    def __repr__(self) -> str:
        return self.number


class PersonMerge(Model):
    """Two records of one person: `merged` becomes `survivor`, proposed by one and approved by another.

    Undone in the same way. The two accounts are noted when both persons had one.
    """

    __tablename__ = "person_merge"
    __table_args__ = (
        CheckConstraint("survivor_id <> merged_id", name="two_persons"),
        CheckConstraint("btrim(reason) <> ''", name="reason"),
        CheckConstraint("(approved_by_id IS NULL) = (approved_at IS NULL)", name="approved"),
        CheckConstraint("approved_by_id <> proposed_by_id", name="four_eyes"),
        CheckConstraint("(refused_by_id IS NULL) = (refused_at IS NULL)", name="refused"),
        CheckConstraint("approved_at IS NULL OR refused_at IS NULL", name="one_end"),
        CheckConstraint("(undo_proposed_by_id IS NULL) = (undo_reason IS NULL)", name="undo_reason"),
        CheckConstraint("undo_proposed_by_id IS NULL OR approved_at IS NOT NULL", name="undo_of_what"),
        CheckConstraint("(undone_by_id IS NULL) = (undone_at IS NULL)", name="undone"),
        CheckConstraint("undone_by_id IS NULL OR undo_proposed_by_id IS NOT NULL", name="undone_by_two"),
        CheckConstraint("undone_by_id <> undo_proposed_by_id", name="undo_four_eyes"),
        CheckConstraint("(survivor_account_id IS NULL) = (merged_account_id IS NULL)", name="both_accounts"),
        Index(
            "uq_person_merge_open",
            "merged_id",
            unique=True,
            postgresql_where=text("refused_at IS NULL AND undone_at IS NULL"),
        ),
        Index("ix_person_merge_survivor_id", "survivor_id"),
        Index("ix_person_merge_survivor_account_id", "survivor_account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survivor_id: Mapped[int] = mapped_column(ForeignKey("insured_person.id"))
    merged_id: Mapped[int] = mapped_column(ForeignKey("insured_person.id"))
    survivor_account_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    merged_account_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    proposed_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    approved_at: Mapped[datetime | None]
    refused_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    refused_at: Mapped[datetime | None]
    undo_proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    undo_reason: Mapped[str | None] = mapped_column(Text)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    undone_at: Mapped[datetime | None]

    survivor: Mapped[InsuredPerson] = relationship(foreign_keys=[survivor_id], lazy="joined")
    merged: Mapped[InsuredPerson] = relationship(foreign_keys=[merged_id], lazy="joined")
    proposed_by: Mapped[Account] = relationship(foreign_keys=[proposed_by_id], lazy="joined")
    approved_by: Mapped[Account | None] = relationship(foreign_keys=[approved_by_id])
    refused_by: Mapped[Account | None] = relationship(foreign_keys=[refused_by_id])
    undo_proposed_by: Mapped[Account | None] = relationship(foreign_keys=[undo_proposed_by_id])
    undone_by: Mapped[Account | None] = relationship(foreign_keys=[undone_by_id])
    moved: Mapped[list["MovedRow"]] = relationship(order_by="MovedRow.id")

    def __repr__(self) -> str:
        return f"{self.merged_id} → {self.survivor_id}"


class MovedRow(Model):
    """One value a merge changed, by table, row and column: what its undoing puts back. Only added to."""

    __tablename__ = "moved_row"
    __table_args__ = (Index("ix_moved_row_merge_id_id", "merge_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    merge_id: Mapped[int] = mapped_column(ForeignKey("person_merge.id"))
    table_name: Mapped[str] = mapped_column(String(64))
    row_id: Mapped[int] = mapped_column(BigInteger)
    field: Mapped[str] = mapped_column(String(64))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)

    def __repr__(self) -> str:
        return f"{self.table_name} {self.row_id}"


class Employer(ReferenceData, Model):
    """An employer affiliated with the administration; its e-mail is where confirmations are asked."""

    __tablename__ = "employer"
    __table_args__ = (*_searched("employer", PLAIN_EMPLOYER),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_number: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(2), default="fr", server_default="fr")
    address: Mapped[str | None] = mapped_column(String(300))
    contact_name: Mapped[str | None] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(320))
    phone: Mapped[str | None] = mapped_column(String(32))

    def __repr__(self) -> str:
        return self.name


class DeclaredInterest(Model):
    """A relative (an account, or a person insured with or without one) or an employer of a member of staff.

    They never decide on those.
    """

    __tablename__ = "declared_interest"
    __table_args__ = (
        CheckConstraint("num_nonnulls(relative_id, person_id, employer_id) = 1", name="one_kind"),
        Index("ix_declared_interest_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    relative_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("insured_person.id"))
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("employer.id"))

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="joined")
    relative: Mapped[Account | None] = relationship(foreign_keys=[relative_id], lazy="joined")
    person: Mapped[InsuredPerson | None] = relationship(lazy="joined")
    employer: Mapped[Employer | None] = relationship(lazy="joined")


class Delegation(Model):
    """Who may sign letters, in what quality, from when to when; in force once a second person approved it.

    The database refuses two that overlap for one account and service (migration 0008).
    """

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        CheckConstraint("(approved_by_id IS NULL) = (approved_at IS NULL)", name="approved"),
        CheckConstraint("approved_by_id NOT IN (proposed_by_id, account_id)", name="four_eyes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    service: Mapped[str | None] = mapped_column(String(32))
    quality_fr: Mapped[str] = mapped_column(String(200))
    quality_en: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    approved_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="joined")
    proposed_by: Mapped[Account] = relationship(foreign_keys=[proposed_by_id])
    approved_by: Mapped[Account | None] = relationship(foreign_keys=[approved_by_id])

    def __repr__(self) -> str:
        return f"{self.account.get_full_name()}, {self.valid_from}"


# --- Access -----------------------------------------------------------------------------------------------


class RoleGrant(Model):
    """A role proposed for an account by one administrator, given once a second approved it.

    Open while `ended_at` is empty: proposed, then in force. Ended unapproved it was refused, else revoked.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("(approved_by_id IS NULL) = (approved_at IS NULL)", name="approved"),
        CheckConstraint("approved_by_id NOT IN (proposed_by_id, account_id)", name="four_eyes"),
        CheckConstraint("(ended_by_id IS NULL) = (ended_at IS NULL)", name="ended"),
        Index(
            "uq_role_grant_open", "account_id", "role", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    role: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    proposed_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    approved_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="joined")
    proposed_by: Mapped[Account] = relationship(foreign_keys=[proposed_by_id], lazy="joined")
    approved_by: Mapped[Account | None] = relationship(foreign_keys=[approved_by_id], lazy="joined")

    def __repr__(self) -> str:
        return f"{self.account.get_full_name()}: {self.role}"


class FactorReset(Model):
    """A colleague's second factor to be ended, since they lost it: one administrator asks, another agrees.

    Open while `ended_at` is empty; ended without an approval it was refused.
    """

    __tablename__ = "factor_reset"
    __table_args__ = (
        CheckConstraint("(approved_by_id IS NULL) = (approved_at IS NULL)", name="approved"),
        CheckConstraint("approved_by_id NOT IN (proposed_by_id, account_id)", name="four_eyes"),
        CheckConstraint("proposed_by_id <> account_id", name="not_on_oneself"),
        CheckConstraint("approved_at IS NULL OR ended_at IS NOT NULL", name="ended"),
        Index("uq_factor_reset_open", "account_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    proposed_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    approved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="joined")
    proposed_by: Mapped[Account] = relationship(foreign_keys=[proposed_by_id], lazy="joined")


class Invitation(Model):
    """A link by which somebody sets the password of an account made for them; it works once, for a time."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="joined")


class LinkAttempt(Model):
    """A try to link an account to an insured person; the same row whether or not a person was found."""

    __tablename__ = "link_attempt"
    __table_args__ = (
        CheckConstraint("tries BETWEEN 0 AND 5", name="tries"),
        Index("ix_link_attempt_account_id_started_at", "account_id", "started_at"),
        Index("ix_link_attempt_number_hash_started_at", "number_hash", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("insured_person.id"))
    number_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    nonce: Mapped[str] = mapped_column(String(32), default=public_id)
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]

    account: Mapped[Account] = relationship(lazy="joined")
    person: Mapped[InsuredPerson | None] = relationship()


class SupportTask(Model):
    """What a support officer must look at for a person: their words, their document, and how it ended."""

    __tablename__ = "support_task"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closed"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="outcome"),
        CheckConstraint("closed_by_id <> account_id", name="not_on_oneself"),
        Index("ix_support_task_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[TaskKind] = mapped_column(_enum(TaskKind))
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, str]] = mapped_column(JSONB)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    outcome: Mapped[TaskOutcome | None] = mapped_column(_enum(TaskOutcome))
    answer: Mapped[str | None] = mapped_column(Text)

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="joined")
    document: Mapped["Document | None"] = relationship()
    closed_by: Mapped[Account | None] = relationship(foreign_keys=[closed_by_id])

    def __repr__(self) -> str:
        return f"{self.kind} {self.id}"


class FileLock(Model):
    """A person's own lock on their file; lifted at the counter by two officers."""

    __tablename__ = "file_lock"
    __table_args__ = (
        CheckConstraint("(lift_proposed_by_id IS NULL) = (lift_proposed_at IS NULL)", name="lift_proposed"),
        CheckConstraint("(lift_proposed_by_id IS NULL) = (lift_reason IS NULL)", name="lift_reason"),
        CheckConstraint("(lifted_by_id IS NULL) = (lifted_at IS NULL)", name="lifted"),
        CheckConstraint("lifted_by_id IS NULL OR lift_proposed_by_id IS NOT NULL", name="lift_by_two"),
        CheckConstraint("lifted_by_id NOT IN (lift_proposed_by_id, account_id)", name="four_eyes"),
        CheckConstraint("lift_proposed_by_id <> account_id", name="not_on_oneself"),
        Index(
            "uq_file_lock_in_force",
            "account_id",
            "kind",
            unique=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    kind: Mapped[LockKind] = mapped_column(_enum(LockKind))
    locked_at: Mapped[datetime]
    lift_proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    lift_proposed_at: Mapped[datetime | None]
    lift_reason: Mapped[str | None] = mapped_column(Text)
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    lifted_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="joined")
    lift_proposed_by: Mapped[Account | None] = relationship(foreign_keys=[lift_proposed_by_id])

    def __repr__(self) -> str:
        return f"{self.account.get_full_name()}: {self.kind}"


class AccessEntry(Model):
    """Somebody of the staff opened something of a person's; the table is only added to."""

    __tablename__ = "access_entry"
    __table_args__ = (
        Index("ix_access_entry_subject_id_id", "subject_id", "id"),
        Index("ix_access_entry_person_id", "person_id"),
        Index("ix_access_entry_account_id_id", "account_id", "id"),
        Index("ix_access_entry_document", "document", "id", postgresql_where=text("document IS NOT NULL")),
        CheckConstraint("subject_id IS NOT NULL OR person_id IS NOT NULL", name="whose"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    role: Mapped[str] = mapped_column(String(64))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    opened: Mapped[Opened] = mapped_column(_enum(Opened))
    name: Mapped[str] = mapped_column(String(250))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("insured_person.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    document: Mapped[str | None] = mapped_column(String(32))
    """The public id of a document: no foreign key, for the row stays when the document goes."""

    reason: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime]

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="joined")
    agency: Mapped["Agency | None"] = relationship(lazy="joined")
    case: Mapped["Case | None"] = relationship()
    review: Mapped["AccessReview | None"] = relationship(back_populates="entry", lazy="joined")

    def __repr__(self) -> str:
        return f"{self.opened} {self.id}"


class AccessReview(Model):
    """A second look at an opening that needed a reason."""

    __tablename__ = "access_review"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("access_entry.id"), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    is_justified: Mapped[bool]
    note: Mapped[str | None] = mapped_column(Text)
    reviewed_at: Mapped[datetime]

    entry: Mapped[AccessEntry] = relationship(back_populates="review")
    account: Mapped[Account] = relationship()


class Recovery(Model):
    """An account given back at the counter: one officer asks, another confirms, then everybody waits.

    Whoever holds a warning's link freezes it, without signing in.
    """

    __tablename__ = "recovery"
    __table_args__ = (
        CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
        CheckConstraint("(confirmed_by_id IS NULL) = (due_on IS NULL)", name="due"),
        CheckConstraint("confirmed_by_id NOT IN (requested_by_id, account_id)", name="four_eyes"),
        CheckConstraint("requested_by_id <> account_id", name="not_on_oneself"),
        CheckConstraint("done_at IS NULL OR confirmed_at IS NOT NULL", name="done"),
        Index(
            "uq_recovery_open",
            "account_id",
            unique=True,
            postgresql_where=text("done_at IS NULL AND frozen_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    new_email: Mapped[str] = mapped_column(String(320))
    paper: Mapped[Paper] = mapped_column(_enum(Paper))
    last_digits: Mapped[str] = mapped_column(String(4))
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    requested_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    confirmed_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    frozen_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="joined")
    requested_by: Mapped[Account] = relationship(foreign_keys=[requested_by_id], lazy="joined")
    confirmed_by: Mapped[Account | None] = relationship(foreign_keys=[confirmed_by_id])

    def __repr__(self) -> str:
        return f"{self.account.get_full_name()}, {self.requested_at:%Y-%m-%d}"


class DataExport(Model):
    """The archive of everything we hold on an account; one at a time, kept for some days."""

    __tablename__ = "data_export"
    __table_args__ = (CheckConstraint("(made_at IS NULL) = (sha256 IS NULL)", name="made"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None]
    expires_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(lazy="joined")


class ClosureRequest(Model):
    """A person's wish to close their account; carried out by a job after the cooling period."""

    __tablename__ = "closure_request"
    __table_args__ = (
        CheckConstraint("cancelled_at IS NULL OR done_at IS NULL", name="one_end"),
        Index(
            "uq_closure_request_open",
            "account_id",
            unique=True,
            postgresql_where=text("done_at IS NULL AND cancelled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    due_on: Mapped[date]
    cancelled_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(lazy="joined")


# --- Employers --------------------------------------------------------------------------------------------


class EmployerAgent(Model):
    """Somebody who may answer for an employer once an officer approved it: the first of them, or one invited.

    Who was invited has an account from the approval on.
    """

    __tablename__ = "employer_agent"
    __table_args__ = (
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by"),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name="refused"),
        CheckConstraint("account_id IS NOT NULL OR state IN ('asked', 'refused')", name="account"),
        CheckConstraint("decided_by_id NOT IN (account_id, asked_by_id)", name="four_eyes"),
        Index("ix_employer_agent_account_id", "account_id"),
        Index(
            "uq_employer_agent_open",
            "employer_id",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("state IN ('asked', 'active')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=public_id)
    employer_id: Mapped[int] = mapped_column(ForeignKey("employer.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    first_name: Mapped[str] = mapped_column(String(120))
    last_name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(320))
    language: Mapped[str] = mapped_column(String(2))
    function: Mapped[str] = mapped_column(String(120))
    is_first: Mapped[bool]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    state: Mapped[AgentState] = mapped_column(_enum(AgentState), default=AgentState.asked)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None]
    refusal: Mapped[str | None] = mapped_column(Text)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    ended_at: Mapped[datetime | None]

    employer: Mapped[Employer] = relationship(lazy="joined")
    account: Mapped[Account | None] = relationship(foreign_keys=[account_id], lazy="joined")
    asked_by: Mapped[Account] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Account | None] = relationship(foreign_keys=[decided_by_id])
    document: Mapped["Document | None"] = relationship()

    @property
    def name(self) -> str:
        """The person's full name."""
        return f"{self.first_name} {self.last_name}"

    def __repr__(self) -> str:
        return self.name


class EmployerRequest(Model):
    """What an employer was asked about a case, and what came of it; a case has one open question at most.

    `answered_as` is the name and function the answer was given under; there is no account when it came by the
    link alone.
    """

    __tablename__ = "employer_request"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        CheckConstraint(
            "(state IN ('confirmed', 'corrected', 'disputed')) = (answered_as IS NOT NULL)", name="answered"
        ),
        CheckConstraint("answered_by_id IS NULL OR answered_as IS NOT NULL", name="answered_by"),
        CheckConstraint("(state = 'disputed') = (reason IS NOT NULL)", name="reason"),
        Index("ix_employer_request_case_id_id", "case_id", "id"),
        Index("ix_employer_request_employer_id_id", "employer_id", "id"),
        Index("uq_employer_request_open", "case_id", unique=True, postgresql_where=text("state = 'open'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=public_id)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    employer_id: Mapped[int] = mapped_column(ForeignKey("employer.id"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("mailed_link.id", ondelete="SET NULL"))
    state: Mapped[RequestState] = mapped_column(_enum(RequestState), default=RequestState.open)
    employee: Mapped[str] = mapped_column(String(250))
    asked_at: Mapped[datetime]
    answer_by: Mapped[date]
    reminded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    answered_as: Mapped[str | None] = mapped_column(String(250))
    reason: Mapped[str | None] = mapped_column(Text)

    case: Mapped["Case"] = relationship()
    employer: Mapped[Employer] = relationship(lazy="joined")
    link: Mapped["MailedLink | None"] = relationship()
    answered_by: Mapped[Account | None] = relationship()
    facts: Mapped[list["EmployerFact"]] = relationship(order_by="EmployerFact.position", lazy="selectin")

    def __repr__(self) -> str:
        return f"{self.employer}: {self.state}"


class EmployerFact(Model):
    """One fact of a question to an employer, as text: what the person declared, what the employer says."""

    __tablename__ = "employer_fact"

    request_id: Mapped[int] = mapped_column(ForeignKey("employer_request.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int]
    declared: Mapped[str | None] = mapped_column(Text)
    answered: Mapped[str | None] = mapped_column(Text)

    def __repr__(self) -> str:
        return self.name


# --- The record of a person: what is held, from when, until when ------------------------------------------


def _dated(table: str, *more: Any, is_single: bool = False) -> tuple[Any, ...]:
    """The rules of a table of facts with dates; of a single one only one row is in force."""
    in_force = text("valid_to IS NULL")
    single = (Index(f"uq_{table}_in_force", "person_id", unique=True, postgresql_where=in_force),)
    return (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        Index(f"ix_{table}_person_id", "person_id"),
        *(single if is_single else ()),
        *more,
    )


class Dated:
    """A fact of a person, in force from a day, until another takes its place, and the case it comes from."""

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("insured_person.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class PersonName(Dated, Model):
    """A name a person bears or bore; the one in force is also in the person's own row."""

    __tablename__ = "person_name"
    __table_args__ = _dated("person_name", *_searched("person_name", PLAIN_NAME)[:1], is_single=True)

    given_names: Mapped[str] = mapped_column(String(120))
    family_name: Mapped[str] = mapped_column(String(120))


class PersonAddress(Dated, Model):
    """Where a person lives or lived."""

    __tablename__ = "person_address"
    __table_args__ = _dated("person_address", is_single=True)

    line: Mapped[str] = mapped_column(String(200))
    town: Mapped[str] = mapped_column(String(120))
    country: Mapped[str] = mapped_column(String(2))


class FormerFact(Dated, Model):
    """What a fact of a person's own row was, from the registration or the change before, until the change."""

    __tablename__ = "former_fact"
    __table_args__ = _dated(
        "former_fact", CheckConstraint("valid_to IS NOT NULL", name="former"), is_single=False
    )

    fact: Mapped[PersonFact] = mapped_column(_enum(PersonFact))
    value: Mapped[str | None] = mapped_column(String(200))


class IdentityPaper(Dated, Model):
    """An identity document a person showed; its number is a secret, found again by its keyed hash."""

    __tablename__ = "identity_paper"
    __table_args__ = _dated("identity_paper", Index("ix_identity_paper_number_hash", "number_hash"))

    kind: Mapped[PaperKind] = mapped_column(_enum(PaperKind))
    number: Mapped[bytes | None] = mapped_column(Encrypted("id"))
    number_hash: Mapped[bytes | None] = mapped_column(
        Fingerprint("number", name="identity paper", is_number=True)
    )
    expires_on: Mapped[date | None]


class Spouse(Dated, Model):
    """Whom a person is or was married to; in force from the marriage."""

    __tablename__ = "spouse"
    __table_args__ = _dated("spouse")

    given_names: Mapped[str] = mapped_column(String(120))
    family_name: Mapped[str] = mapped_column(String(120))
    birth_date: Mapped[date | None]


class Dependant(Dated, Model):
    """Somebody a person provides for."""

    __tablename__ = "dependant"
    __table_args__ = _dated("dependant")

    given_names: Mapped[str] = mapped_column(String(120))
    family_name: Mapped[str] = mapped_column(String(120))
    birth_date: Mapped[date]
    sex: Mapped[Sex] = mapped_column(_enum(Sex))
    kinship: Mapped[Kinship] = mapped_column(_enum(Kinship))


class ProposedEmployer(Model):
    """An employer a person named who is not in the list: staff tie it to a real one, or refuse it."""

    __tablename__ = "proposed_employer"
    __table_args__ = (
        CheckConstraint("(state = 'to_check') = (checked_at IS NULL)", name="checked"),
        CheckConstraint("(checked_at IS NULL) = (checked_by_id IS NULL)", name="checked_by"),
        CheckConstraint("(state = 'accepted') = (employer_id IS NOT NULL)", name="accepted"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(300))
    contact: Mapped[str] = mapped_column(String(320))
    state: Mapped[ProposalState] = mapped_column(_enum(ProposalState), default=ProposalState.to_check)
    proposed_at: Mapped[datetime]
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("employer.id"))
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    checked_at: Mapped[datetime | None]

    employer: Mapped[Employer | None] = relationship(lazy="joined")

    def __repr__(self) -> str:
        return self.name


class Employment(Model):
    """That a person works or worked for an employer, and what the employer said of it."""

    __tablename__ = "employment"
    __table_args__ = (
        CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name="period"),
        CheckConstraint("num_nonnulls(employer_id, proposed_employer_id) >= 1", name="whose"),
        CheckConstraint("monthly_wage IS NULL OR monthly_wage >= 0", name="wage"),
        Index("ix_employment_person_id", "person_id"),
        Index("ix_employment_employer_id", "employer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("insured_person.id"))
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("employer.id"))
    proposed_employer_id: Mapped[int | None] = mapped_column(ForeignKey("proposed_employer.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    occupation: Mapped[str | None] = mapped_column(String(120))
    monthly_wage: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    state: Mapped[EmploymentState] = mapped_column(_enum(EmploymentState), default=EmploymentState.declared)

    person: Mapped[InsuredPerson] = relationship(lazy="joined")
    employer: Mapped[Employer | None] = relationship(lazy="joined")
    proposed_employer: Mapped[ProposedEmployer | None] = relationship(lazy="joined")

    def __repr__(self) -> str:
        return f"{self.employer or self.proposed_employer}, {self.started_on}"


class RecordCorrection(Model):
    """A fact of a record, or of an employment, that an officer corrects beside any request, and why.

    `is_for_two`: it is written once a second officer approved it.
    """

    __tablename__ = "record_correction"
    __table_args__ = (
        CheckConstraint("btrim(reason) <> ''", name="reason"),
        CheckConstraint("before IS DISTINCT FROM after", name="change"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint("NOT is_refused OR decided_at IS NOT NULL", name="refused"),
        CheckConstraint("is_refused OR NOT is_for_two OR decided_by_id <> asked_by_id", name="four_eyes"),
        Index("ix_record_correction_person_id", "person_id"),
        Index("ix_record_correction_employment_id", "employment_id"),
        Index(
            "uq_record_correction_open",
            "person_id",
            text("coalesce(employment_id, 0)"),
            "field",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("insured_person.id"))
    employment_id: Mapped[int | None] = mapped_column(ForeignKey("employment.id"))
    field: Mapped[str] = mapped_column(String(32))
    before: Mapped[str | None] = mapped_column(String(320))
    after: Mapped[str | None] = mapped_column(String(320))
    reason: Mapped[str] = mapped_column(Text)
    is_for_two: Mapped[bool]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None]
    is_refused: Mapped[bool] = mapped_column(default=False, server_default=false())

    person: Mapped[InsuredPerson] = relationship(lazy="joined")
    employment: Mapped[Employment | None] = relationship()
    asked_by: Mapped[Account] = relationship(foreign_keys=[asked_by_id], lazy="joined")
    decided_by: Mapped[Account | None] = relationship(foreign_keys=[decided_by_id], lazy="joined")

    def __repr__(self) -> str:
        return f"{self.id}"


class Certificate(Model):
    """A registration certificate: what it says, frozen, and a code anybody verifies; its PDF is made once."""

    __tablename__ = "certificate"
    __table_args__ = (Index("ix_certificate_person_id_id", "person_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("insured_person.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    code: Mapped[str] = mapped_column(String(16), unique=True)
    language: Mapped[str] = mapped_column(String(2))
    ssn: Mapped[str] = mapped_column(String(32))
    given_names: Mapped[str] = mapped_column(String(120))
    family_name: Mapped[str] = mapped_column(String(120))
    birth_date: Mapped[date]
    birth_place: Mapped[str | None] = mapped_column(String(120))
    registered_on: Mapped[date]
    issued_at: Mapped[datetime]
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))

    person: Mapped[InsuredPerson] = relationship(lazy="joined")

    def __repr__(self) -> str:
        return self.number


# --- Cases ------------------------------------------------------------------------------------------------


_CASE_RULES = (
    CheckConstraint(
        "status = 'draft' OR (submitted_at IS NOT NULL AND reference IS NOT NULL)", name="submitted"
    ),
    CheckConstraint(
        f"(status IN ({_DECIDED_SQL})) = (decided_by_id IS NOT NULL AND decided_at IS NOT NULL)",
        name="decided",
    ),
    CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decider_and_instant"),
    CheckConstraint("decided_by_id IS NULL OR decided_by_id <> owner_id", name="not_on_oneself"),
    CheckConstraint("status <> 'rejected' OR decision_reason IS NOT NULL", name="reasoned_refusal"),
    CheckConstraint("(status = 'proposed') = (proposed_outcome IS NOT NULL)", name="proposal"),
    CheckConstraint(
        "(status IN ('awaiting_employer', 'info_requested')) = (clock_stopped_at IS NOT NULL)",
        name="clock_stopped",
    ),
    CheckConstraint("(channel = 'counter') = (entered_by_id IS NOT NULL)", name="entered_at_counter"),
    CheckConstraint("entered_by_id <> owner_id", name="entered_for_another"),
    UniqueConstraint("owner_id", "submission_key"),
    Index("ix_case_queue", "service", "status", "due_on", "id"),
    Index(
        "ix_case_open",
        "service",
        "due_on",
        "id",
        postgresql_where=text(f"status IN ({_WAITING_SQL})"),
    ),
    Index("ix_case_waiting_first", text(IS_OVER.replace('"case".', "(") + ")"), "due_on", "id"),
    Index("ix_case_reference_prefix", "reference", postgresql_ops={"reference": "varchar_pattern_ops"}),
    Index("ix_case_decided_at", "decided_at", postgresql_where=text("decided_at IS NOT NULL")),
    Index("ix_case_submitted_at", "submitted_at"),
    Index("ix_case_owner_id_id", "owner_id", "id"),
)


class Case(Model):
    """A request and its life; each service adds one table of its own, one level deep."""

    __tablename__ = "case"

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        """The rules of the base table; a service's own table does not repeat them."""
        return _CASE_RULES if cls.__tablename__ == "case" else ()

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=public_id)
    service: Mapped[str] = mapped_column(String(32))
    status: Mapped[Status] = mapped_column(_enum(Status), default=Status.draft)
    version: Mapped[int] = mapped_column(default=1)
    reference: Mapped[str | None] = mapped_column(String(32), unique=True)
    submission_key: Mapped[str | None] = mapped_column(String(64))
    owner_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    channel: Mapped[str] = mapped_column(String(16), default="portal", server_default="portal")
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    needs_two_pairs: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether two must decide: declared, by the service's rule, or once proposed. The database reads it."""

    clock_stopped_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("employer.id"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    proposed_outcome: Mapped[Outcome | None] = mapped_column(_enum(Outcome))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None] = mapped_column(Text)

    owner: Mapped[Account] = relationship(foreign_keys=[owner_id], lazy="joined")
    officer: Mapped[Account | None] = relationship(foreign_keys=[officer_id])
    decided_by: Mapped[Account | None] = relationship(foreign_keys=[decided_by_id])
    entered_by: Mapped[Account | None] = relationship(foreign_keys=[entered_by_id])
    agency: Mapped["Agency | None"] = relationship()
    employer: Mapped[Employer | None] = relationship()
    events: Mapped[list["CaseEvent"]] = relationship(back_populates="case", order_by="CaseEvent.id")
    documents: Mapped[list["Document"]] = relationship(
        secondary="case_document", back_populates="cases", order_by="Document.id"
    )
    filed: Mapped[list["CaseDocument"]] = relationship(viewonly=True, order_by="CaseDocument.document_id")
    decisions: Mapped[list["Decision"]] = relationship(back_populates="case", order_by="Decision.id")
    corrections: Mapped[list["CaseCorrection"]] = relationship(order_by="CaseCorrection.id")
    notes: Mapped[list["CaseNote"]] = relationship(order_by="CaseNote.id")
    letters: Mapped[list["Letter"]] = relationship(back_populates="case", order_by="Letter.id")
    receipt: Mapped["Receipt | None"] = relationship(back_populates="case")
    conversation: Mapped["Conversation | None"] = relationship(viewonly=True)
    notices: Mapped[list["Notice"]] = relationship(viewonly=True, order_by="Notice.id.desc()")
    proposed_employer: Mapped["ProposedEmployer | None"] = relationship(viewonly=True)
    employer_requests: Mapped[list[EmployerRequest]] = relationship(
        order_by=EmployerRequest.id.desc(), viewonly=True
    )
    """What employers were asked, the latest first: to be read, not while a question is being put."""
    duplicates: Mapped[list["PossibleDuplicate"]] = relationship(
        foreign_keys="PossibleDuplicate.case_id",
        order_by="PossibleDuplicate.score.desc(), PossibleDuplicate.id",
    )

    __mapper_args__: dict[str, Any] = {"polymorphic_on": service, "version_id_col": version}

    def __repr__(self) -> str:
        return self.reference or f"draft {self.id}"


class CivilAnswers:
    """What a person writes of their civil status: to be registered, or to change what is held.

    The number of the identity document is a secret, bound to the case.
    """

    name_at_birth: Mapped[str | None] = mapped_column(String(120))
    sex: Mapped[str | None] = mapped_column(String(16))
    birth_place: Mapped[str | None] = mapped_column(String(120))
    birth_country: Mapped[str | None] = mapped_column(String(2))
    nationality: Mapped[str | None] = mapped_column(String(2))
    paper_kind: Mapped[str | None] = mapped_column(String(32))
    paper_number: Mapped[bytes | None] = mapped_column(Encrypted("id"))
    paper_number_hash: Mapped[bytes | None] = mapped_column(
        Fingerprint("paper_number", name="identity paper", is_number=True), index=True
    )
    paper_expires_on: Mapped[date | None]
    marital_status: Mapped[str | None] = mapped_column(String(16))
    married_on: Mapped[date | None]
    spouse_given_names: Mapped[str | None] = mapped_column(String(120))
    spouse_family_name: Mapped[str | None] = mapped_column(String(120))
    spouse_birth_date: Mapped[date | None]
    mother_name: Mapped[str | None] = mapped_column(String(120))
    father_name: Mapped[str | None] = mapped_column(String(120))
    address_line: Mapped[str | None] = mapped_column(String(200))
    address_town: Mapped[str | None] = mapped_column(String(120))
    address_country: Mapped[str | None] = mapped_column(String(2))
    occupation: Mapped[str | None] = mapped_column(String(120))


class WorkAnswers:
    """What a person writes of an employer: one of the list (the case's own), or who it is."""

    employed_from: Mapped[date | None]
    employer_listed: Mapped[str | None] = mapped_column(String(3))
    employer_name: Mapped[str | None] = mapped_column(String(200))
    employer_address: Mapped[str | None] = mapped_column(String(300))
    employer_contact: Mapped[str | None] = mapped_column(String(320))


class CaseDependant(Model):
    """A dependant named in a request, in the order the person wrote them."""

    __tablename__ = "case_dependant"
    __table_args__ = (UniqueConstraint("case_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    position: Mapped[int]
    given_names: Mapped[str] = mapped_column(String(120))
    family_name: Mapped[str] = mapped_column(String(120))
    birth_date: Mapped[date]
    sex: Mapped[str] = mapped_column(String(16))
    kinship: Mapped[str] = mapped_column(String(16))


class Registration(CivilAnswers, WorkAnswers, Case):
    """A request to be registered and to get a social security number."""

    __tablename__ = "registration"
    __mapper_args__ = {"polymorphic_identity": "registration"}

    id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    given_names: Mapped[str] = mapped_column(String(120))
    family_name: Mapped[str] = mapped_column(String(120))
    birth_date: Mapped[date]
    phone: Mapped[str | None] = mapped_column(String(32))
    has_dependants: Mapped[str | None] = mapped_column(String(3))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("insured_person.id"))

    person: Mapped[InsuredPerson | None] = relationship(lazy="joined")
    dependants: Mapped[list[CaseDependant]] = relationship(
        order_by=CaseDependant.position,
        primaryjoin="foreign(CaseDependant.case_id) == Registration.id",
        cascade="all, delete-orphan",
    )


class RecordChange(CivilAnswers, Case):
    """A request to change what is held on a person; `changes` says what, and only that was asked."""

    __tablename__ = "record_change"
    __mapper_args__ = {"polymorphic_identity": "record_changes"}

    id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("insured_person.id"), index=True)
    changes: Mapped[list[str]] = mapped_column(JSONB)
    given_names: Mapped[str | None] = mapped_column(String(120))
    family_name: Mapped[str | None] = mapped_column(String(120))
    birth_date: Mapped[date | None]

    person: Mapped[InsuredPerson] = relationship(lazy="joined")
    dependants: Mapped[list[CaseDependant]] = relationship(
        order_by=CaseDependant.position,
        primaryjoin="foreign(CaseDependant.case_id) == RecordChange.id",
        cascade="all, delete-orphan",
        overlaps="dependants",
    )


class NewEmployment(WorkAnswers, Case):
    """A new employer of somebody registered, to be confirmed by that employer."""

    __tablename__ = "new_employment"
    __mapper_args__ = {"polymorphic_identity": "new_employments"}

    id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("insured_person.id"), index=True)
    occupation: Mapped[str | None] = mapped_column(String(120))
    employment_id: Mapped[int | None] = mapped_column(ForeignKey("employment.id"))

    person: Mapped[InsuredPerson] = relationship(lazy="joined")
    employment: Mapped[Employment | None] = relationship()


class PossibleDuplicate(Model):
    """Somebody the author of a case may be: a person registered, or the author of another open case.

    Found by the machine, compared and judged by an officer; never told to the person.
    """

    __tablename__ = "possible_duplicate"
    __table_args__ = (
        CheckConstraint("num_nonnulls(person_id, other_case_id) = 1", name="one_kind"),
        CheckConstraint("other_case_id <> case_id", name="another_case"),
        CheckConstraint("(judgement IS NULL) = (judged_by_id IS NULL)", name="judged_by"),
        CheckConstraint("(judgement IS NULL) = (judged_at IS NULL)", name="judged_at"),
        CheckConstraint("(judgement IS NULL) = (reason IS NULL)", name="reason"),
        CheckConstraint("judgement <> 'same' OR person_id IS NOT NULL", name="attached_to_a_person"),
        UniqueConstraint("case_id", "person_id"),
        UniqueConstraint("case_id", "other_case_id"),
        Index(
            "uq_possible_duplicate_same",
            "case_id",
            unique=True,
            postgresql_where=text("judgement = 'same'"),
        ),
        Index("ix_possible_duplicate_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("insured_person.id"))
    other_case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    likeness: Mapped[list[str]] = mapped_column(JSONB)
    score: Mapped[int]
    found_at: Mapped[datetime]
    judgement: Mapped[Judgement | None] = mapped_column(_enum(Judgement))
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    judged_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)

    person: Mapped[InsuredPerson | None] = relationship(lazy="joined")
    other_case: Mapped[Case | None] = relationship(foreign_keys=[other_case_id])
    judged_by: Mapped[Account | None] = relationship(foreign_keys=[judged_by_id], lazy="joined")

    def __repr__(self) -> str:
        return f"{self.case_id}: {self.person_id or self.other_case_id}"


class CaseEvent(Model):
    """One thing that happened to a case: written once with each step, and kept (migration 0010)."""

    __tablename__ = "case_event"
    __table_args__ = (
        CheckConstraint("account_id IS NOT NULL OR actor IN ('employer', 'system')", name="somebody"),
        CheckConstraint("(to_status = 'proposed') = (proposed_outcome IS NOT NULL)", name="proposal"),
        CheckConstraint(
            "(told IS NULL) = (evidence IS NULL) AND (told IS NULL OR actor = 'officer')", name="told"
        ),
        Index("ix_case_event_case_id_id", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    step: Mapped[str] = mapped_column(String(32))
    from_status: Mapped[Status] = mapped_column(_enum(Status))
    to_status: Mapped[Status] = mapped_column(_enum(Status))
    proposed_outcome: Mapped[Outcome | None] = mapped_column(_enum(Outcome))
    actor: Mapped[Actor] = mapped_column(_enum(Actor))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    told: Mapped[Told | None] = mapped_column(_enum(Told))
    """How the person told the officer what was entered for them; None where nothing was."""

    evidence: Mapped[str | None] = mapped_column(Text)
    happened_at: Mapped[datetime]

    case: Mapped[Case] = relationship(back_populates="events")
    account: Mapped[Account | None] = relationship(lazy="joined")

    @property
    def goes_back(self) -> bool:
        """Whether the case went back to an earlier stage."""
        return goes_back(self.from_status, self.to_status)

    def __repr__(self) -> str:
        return f"{self.step} ({self.from_status} → {self.to_status})"


class Receipt(Model):
    """The proof of what was filed: the hash of a document kept in storage, and a code anybody can verify."""

    __tablename__ = "receipt"
    __table_args__ = (CheckConstraint("purged_at IS NULL OR pdf_sha256 IS NULL", name="purged"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), unique=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    purged_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship(back_populates="receipt")

    def __repr__(self) -> str:
        return self.code


class Decision(Model):
    """A decision of the administration on a case; a revision adds another and changes none.

    The time to appeal runs from the day the person was notified. The database checks who decided, and lets a
    row gain its notification, once, and nothing else (migration 0010).
    """

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("(notified_at IS NULL) = (appeal_by IS NULL)", name="notified"),
        CheckConstraint("(notified_at IS NULL) = (notified_how IS NULL)", name="notified_how"),
        Index("ix_decision_case_id_id", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    outcome: Mapped[Outcome] = mapped_column(_enum(Outcome))
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text)
    notified_at: Mapped[datetime | None]
    notified_how: Mapped[str | None] = mapped_column(String(16))
    appeal_by: Mapped[date | None]

    case: Mapped[Case] = relationship(back_populates="decisions")
    decided_by: Mapped[Account] = relationship(lazy="joined")


class Letter(Model):
    """The letter of one decision, as it stood that day; the database refuses any later change of its text.

    Who has no e-mail also gets notices as letters: those say which (`notice`), have no decision, go by post.
    `body` is a list of blocks (`kind`, with `text` or an `explanation`). `html` and the PDF are made from the
    row, once, by a job.
    """

    __tablename__ = "letter"
    __table_args__ = (
        CheckConstraint("channel IN ('email', 'paper')", name="channel"),
        CheckConstraint("decision_id IS NOT NULL OR channel = 'paper'", name="notice_on_paper"),
        CheckConstraint("notice IS NULL OR decision_id IS NULL", name="notice"),
        CheckConstraint("(made_at IS NULL) = (html IS NULL)", name="made"),
        CheckConstraint("(made_at IS NULL) = (pdf_sha256 IS NULL)", name="made_pdf"),
        CheckConstraint("(printed_at IS NULL) = (posted_on IS NULL)", name="posted"),
        CheckConstraint("(printed_at IS NULL) = (printed_by_id IS NULL)", name="printed_by"),
        Index("ix_letter_case_id", "case_id"),
        Index(
            "ix_letter_to_print",
            "id",
            postgresql_where=text("channel = 'paper' AND printed_at IS NULL AND made_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), unique=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    recipient: Mapped[str] = mapped_column(String(250))
    recipient_number: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    signatory: Mapped[str] = mapped_column(String(250))
    quality: Mapped[str] = mapped_column(String(200))
    delegation_id: Mapped[int | None] = mapped_column(ForeignKey("delegation.id"))
    verification_code: Mapped[str] = mapped_column(String(16), unique=True)
    written_at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(String(16))
    notice: Mapped[str | None] = mapped_column(String(64))
    html: Mapped[str | None] = mapped_column(Text)
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    made_at: Mapped[datetime | None]
    printed_at: Mapped[datetime | None]
    printed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    posted_on: Mapped[date | None]
    opened_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship(back_populates="letters")
    decision: Mapped[Decision | None] = relationship()
    printed_by: Mapped[Account | None] = relationship(foreign_keys=[printed_by_id])

    def __repr__(self) -> str:
        return self.number


class CaseCorrection(Model):
    """An answer that staff corrected: what the person wrote stays beside it, with who and why."""

    __tablename__ = "case_correction"
    __table_args__ = (Index("ix_case_correction_case_id_id", "case_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    field: Mapped[str] = mapped_column(String(64))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    corrected_at: Mapped[datetime]

    account: Mapped[Account] = relationship(lazy="joined")


class CaseNote(Model):
    """A note on a case for staff only; the person never sees it."""

    __tablename__ = "case_note"
    __table_args__ = (Index("ix_case_note_case_id_id", "case_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]

    account: Mapped[Account] = relationship(lazy="joined")


class Draft(Model):
    """Answers of a request not yet sent, page by page, as typed; one for each person and service."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("owner_id", "service"), Index("ix_draft_expires_at", "expires_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=public_id)
    service: Mapped[str] = mapped_column(String(32))
    owner_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    submission_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]

    owner: Mapped[Account] = relationship()

    def __repr__(self) -> str:
        return f"{self.service} {self.id}"


_DOCUMENT_RULES = (
    CheckConstraint(
        "(state IN ('refused', 'quarantined')) = (refusal IS NOT NULL)",
        name="refused",
    ),
    CheckConstraint("state <> 'accepted' OR stored_sha256 IS NOT NULL", name="accepted"),
    CheckConstraint("(verdict IS NULL) = (verified_by_id IS NULL)", name="verified_by"),
    CheckConstraint("(verdict IS NULL) = (verified_at IS NULL)", name="verified_at"),
    CheckConstraint("verdict IS NULL OR state = 'accepted'", name="verified_once_checked"),
    CheckConstraint(
        "verdict IS NULL OR verdict = 'accepted' OR verdict_reason IS NOT NULL", name="verdict_reason"
    ),
    CheckConstraint("verified_by_id IS NULL OR verified_by_id <> owner_id", name="not_on_oneself"),
    CheckConstraint("replaces_id IS NULL OR replaces_id <> id", name="replaces_another"),
    Index("ix_document_owner_id", "owner_id"),
    Index("ix_document_unfiled", "created_at", postgresql_where=text("filed_at IS NULL")),
    Index("ix_document_waiting", "created_at", postgresql_where=text("state IN ('sent', 'checking')")),
    Index("ix_document_expires_on", "expires_on", postgresql_where=text("expires_on IS NOT NULL")),
)


class Document(Model):
    """A supporting document: who gave it, where its bytes are (by their hash), and what was found of it.

    `sha256` is what the person sent, `stored_sha256` what is kept and shown once the checks accept it.
    """

    __tablename__ = "document"
    __table_args__ = _DOCUMENT_RULES

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=public_id)
    owner_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    category: Mapped[str] = mapped_column(String(32))
    filename: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    filed_at: Mapped[datetime | None]
    state: Mapped[FileState] = mapped_column(_enum(FileState), default=FileState.sent)
    refusal: Mapped[Refusal | None] = mapped_column(_enum(Refusal))
    told_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    stored_sha256: Mapped[str | None] = mapped_column(String(64))
    previews: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default="[]")
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    expires_on: Mapped[date | None]
    reminded_days: Mapped[int | None]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), unique=True)
    verdict: Mapped[Verdict | None] = mapped_column(_enum(Verdict))
    verdict_reason: Mapped[str | None] = mapped_column(Text)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    verified_at: Mapped[datetime | None]

    owner: Mapped[Account] = relationship(foreign_keys=[owner_id])
    verified_by: Mapped[Account | None] = relationship(foreign_keys=[verified_by_id])
    replaces: Mapped["Document | None"] = relationship(
        remote_side=[id], foreign_keys=[replaces_id], back_populates="replaced_by"
    )
    replaced_by: Mapped["Document | None"] = relationship(
        foreign_keys=[replaces_id], back_populates="replaces", uselist=False
    )
    cases: Mapped[list[Case]] = relationship(
        secondary="case_document", back_populates="documents", order_by=Case.id
    )

    def __repr__(self) -> str:
        return self.filename


class CaseDocument(Model):
    """That a document serves a case, and the questions it answered there; one may serve several cases."""

    __tablename__ = "case_document"
    __table_args__ = (Index("ix_case_document_document_id", "document_id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    questions: Mapped[str | None] = mapped_column(Text)

    document: Mapped["Document"] = relationship(viewonly=True)


class Upload(Model):
    """A file on its way, in parts: how much has come, so that a broken transfer goes on from there."""

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("received >= 0 AND received <= size", name="received"),
        Index("ix_upload_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=public_id)
    owner_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    category: Mapped[str] = mapped_column(String(32))
    service: Mapped[str | None] = mapped_column(String(32))
    field: Mapped[str | None] = mapped_column(String(64))
    filename: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    parts: Mapped[list[int]] = mapped_column(JSONB)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    document: Mapped[Document | None] = relationship()


# --- Messages and notices ---------------------------------------------------------------------------------


class Conversation(Model):
    """What a person and the administration write to each other, about a subject or about a case of theirs.

    The database refuses to delete any of it, or to change who it belongs to (migration 0013).
    """

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint("(subject_id IS NULL) <> (case_id IS NULL)", name="one_matter"),
        CheckConstraint("(state = 'to_answer') = (due_on IS NOT NULL)", name="due"),
        CheckConstraint("officer_id <> owner_id", name="not_on_oneself"),
        Index("ix_conversation_owner_id_last_at", "owner_id", "last_at"),
        Index("ix_conversation_queue", "state", "due_on", "id"),
        Index("uq_conversation_case_id", "case_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=public_id)
    owner_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("message_subject.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    state: Mapped[ConversationState] = mapped_column(_enum(ConversationState))
    due_on: Mapped[date | None]
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    """When its owner put it away; another message brings it back."""

    owner: Mapped[Account] = relationship(foreign_keys=[owner_id], lazy="joined")
    officer: Mapped[Account | None] = relationship(foreign_keys=[officer_id], lazy="joined")
    subject: Mapped["MessageSubject | None"] = relationship(lazy="joined")
    case: Mapped[Case | None] = relationship()
    agency: Mapped["Agency | None"] = relationship()
    messages: Mapped[list["Message"]] = relationship(back_populates="conversation", order_by="Message.id")
    notes: Mapped[list["ConversationNote"]] = relationship(order_by="ConversationNote.id")

    def __repr__(self) -> str:
        return f"conversation {self.id}"


class Message(Model):
    """One message, as it was written; the first opening by the other side is noted, once."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("btrim(text) <> '' AND char_length(text) <= 10000", name="text"),
        CheckConstraint("(read_at IS NULL) = (read_by_id IS NULL)", name="read"),
        CheckConstraint("read_by_id <> author_id", name="read_by_another"),
        UniqueConstraint("author_id", "submission_key"),
        Index("ix_message_conversation_id_id", "conversation_id", "id"),
        Index("ix_message_unread", "conversation_id", "is_staff", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    is_staff: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    submission_key: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    read_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    conversation: Mapped[Conversation] = relationship(back_populates="messages")
    author: Mapped[Account] = relationship(foreign_keys=[author_id], lazy="joined")
    documents: Mapped[list[Document]] = relationship(secondary="message_document", order_by=Document.id)

    def __repr__(self) -> str:
        return f"message {self.id}"


class MessageDocument(Model):
    """That a document came with a message."""

    __tablename__ = "message_document"
    __table_args__ = (Index("ix_message_document_document_id", "document_id"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)


class ConversationNote(Model):
    """A note on a conversation for staff only; the person never sees it."""

    __tablename__ = "conversation_note"
    __table_args__ = (Index("ix_conversation_note_conversation_id_id", "conversation_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]

    account: Mapped[Account] = relationship(lazy="joined")


class Notice(Model):
    """Something the machinery told a person: a line of their inbox, and how its e-mail fared.

    `subject_fr` and `subject_en` are what was said, `page` where it leads, after the language. `event` names
    what happened, so that a person is told of it once.
    """

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("(delivery = 'queued') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(delivery = 'refused') = (refusal IS NOT NULL)", name="refused"),
        UniqueConstraint("account_id", "event"),
        Index("ix_notice_account_id_id", "account_id", "id"),
        Index("ix_notice_case_id", "case_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=public_id)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    name: Mapped[str] = mapped_column(String(32))
    event: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"))
    page: Mapped[str] = mapped_column(String(200))
    subject_fr: Mapped[str] = mapped_column(String(250))
    subject_en: Mapped[str] = mapped_column(String(250))
    is_listed: Mapped[bool]
    told_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    outbox_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    delivery: Mapped[Delivery] = mapped_column(_enum(Delivery), default=Delivery.queued)
    refusal: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]

    case: Mapped[Case | None] = relationship()
    letter: Mapped[Letter | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.name} {self.id}"


# --- Reference data ---------------------------------------------------------------------------------------


class ReferenceChange(Model):
    """A row of reference data that was added, changed or deleted: its columns before and after.

    `changes` holds `{column: [before, after]}`; `account_id` is None when no person at a screen did it.
    """

    __tablename__ = "reference_change"
    __table_args__ = (
        CheckConstraint("action IN ('added', 'changed', 'deleted')", name="action"),
        Index("ix_reference_change_row", "kind", "row_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    row_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(8))
    changes: Mapped[dict[str, list[Any]]] = mapped_column(JSONB)
    changed_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    account: Mapped[Account | None] = relationship(lazy="joined")

    def __repr__(self) -> str:
        return f"{self.kind} {self.row_id}"


class Agency(ReferenceData, Model):
    """A local office of the administration: cases and officers belong to one."""

    __tablename__ = "agency"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name_fr: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))

    def __repr__(self) -> str:
        return self.code


class Delay(ReferenceData, Model):
    """A legal or promised delay of a service from a day on: due dates, reminders and lapses use it."""

    __tablename__ = "delay"
    __table_args__ = (
        UniqueConstraint("service", "name", "valid_from"),
        CheckConstraint("days > 0", name="positive"),
        CheckConstraint("unit IN ('calendar', 'working')", name="unit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(32))
    days: Mapped[int]
    unit: Mapped[str] = mapped_column(String(16))
    valid_from: Mapped[date]
    source: Mapped[str] = mapped_column(String(200))

    def __repr__(self) -> str:
        return f"{self.service}: {self.name}"


class TwoPairsService(Model):
    """A service whose decisions need two pairs of eyes; written from its declaration, never changed."""

    __tablename__ = "two_pairs_service"

    service: Mapped[str] = mapped_column(String(32), primary_key=True)


class LetterTemplate(ReferenceData, Model):
    """The words of a decision letter from a day on, in both languages, with merge fields `%(name)s`."""

    __tablename__ = "letter_template"
    __table_args__ = (
        UniqueConstraint("service", "outcome", "valid_from"),
        CheckConstraint("btrim(subject_fr) <> '' AND btrim(body_fr) <> ''", name="french"),
        CheckConstraint("btrim(subject_en) <> '' AND btrim(body_en) <> ''", name="english"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(String(32))
    outcome: Mapped[Outcome] = mapped_column(_enum(Outcome))
    valid_from: Mapped[date]
    subject_fr: Mapped[str] = mapped_column(String(200))
    subject_en: Mapped[str] = mapped_column(String(200))
    body_fr: Mapped[str] = mapped_column(Text)
    body_en: Mapped[str] = mapped_column(Text)

    def __repr__(self) -> str:
        return f"{self.service}: {self.outcome}"


class DocumentCategory(ReferenceData, Model):
    """A kind of document, from a day to a day; `has_expiry` when it says itself until when it is valid."""

    __tablename__ = "document_category"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name_fr: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    has_expiry: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    def __repr__(self) -> str:
        return self.code


class MessageSubject(ReferenceData, Model):
    """What a person may write about, from a day to a day; its `desk` (app/permissions.py) answers."""

    __tablename__ = "message_subject"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name_fr: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    desk: Mapped[str] = mapped_column(String(32))
    service: Mapped[str | None] = mapped_column(String(32))
    position: Mapped[int] = mapped_column(default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    def __repr__(self) -> str:
        return self.code


class AnswerTemplate(ReferenceData, Model):
    """Words an officer may answer with, in both languages, with merge fields `%(name)s`."""

    __tablename__ = "answer_template"
    __table_args__ = (
        CheckConstraint("btrim(body_fr) <> '' AND btrim(body_en) <> ''", name="both_languages"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name_fr: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    body_fr: Mapped[str] = mapped_column(Text)
    body_en: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    def __repr__(self) -> str:
        return self.code


class Holiday(ReferenceData, Model):
    """A day that is no working day."""

    __tablename__ = "holiday"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(unique=True)
    name_fr: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))

    def __repr__(self) -> str:
        return self.day.isoformat()


class SchemeLaw(Model):
    """The text of a scheme's law in one version: what an old result is computed again from.

    The version holds the text's fingerprint, so that a changed text is found out when it is read.
    """

    __tablename__ = "scheme_law"

    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    scheme: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    first_seen_at: Mapped[datetime]

    def __repr__(self) -> str:
        return self.version


class NumberRange(Model):
    """Where the next social security number of a region comes from; locked while one is issued."""

    __tablename__ = "number_range"
    __table_args__ = (CheckConstraint("next_number > 0", name="positive"),)

    region: Mapped[str] = mapped_column(String(2), primary_key=True)
    next_number: Mapped[int] = mapped_column(BigInteger)


class NumberReservation(Model):
    """Places of a region's range that are never issued: numbers of before, which a migration brings in.

    The database refuses two that overlap (migration 0023).
    """

    __tablename__ = "number_reservation"
    __table_args__ = (CheckConstraint("first > 0 AND last >= first", name="places"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(ForeignKey("number_range.region"))
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(200))
    reserved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reserved_at: Mapped[datetime]

    reserved_by: Mapped[Account | None] = relationship(lazy="joined")

    def __repr__(self) -> str:
        return f"{self.region}: {self.first}–{self.last}"


class ImportRun(Model):
    """A file a migration brings in, and how far it has come: it goes on from there after an interruption."""

    __tablename__ = "import_run"
    __table_args__ = (
        UniqueConstraint("kind", "sha256"),
        CheckConstraint("lines_read = imported + refused", name="reconciled"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str] = mapped_column(String(64))
    filename: Mapped[str] = mapped_column(String(200))
    lines_read: Mapped[int] = mapped_column(default=0)
    imported: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    def __repr__(self) -> str:
        return f"{self.kind} {self.id}"


# --- Machinery --------------------------------------------------------------------------------------------


class Outbox(Model):
    """Something to do in the outside world, written with what caused it; the relay hands it to RQ."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "next_try_at",
            "id",
            postgresql_where=text("done_at IS NULL AND set_aside_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    job: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None]
    set_aside_at: Mapped[datetime | None]


class ScheduledRun(Model):
    """The mark that a scheduled job was started for its hour: two schedulers at once start it once."""

    __tablename__ = "scheduled_run"
    __table_args__ = (UniqueConstraint("job", "slot"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    job: Mapped[str] = mapped_column(String(64))
    slot: Mapped[datetime]


class WebSession(Model):
    """A browser session kept on the server; the cookie holds only a random token, this row its hash."""

    __tablename__ = "web_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16), default="employee", server_default="employee")
    network: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(300))


# --- Signing in -------------------------------------------------------------------------------------------


class MailedLink(Model):
    """A link sent by e-mail that works once: to confirm an address, choose a password, undo a change.

    The row alone opens nothing: the link carries a signature of ours. It is written the same way whether or
    not the address is known; `data` holds what a sign-up waits with (names, password hash).
    """

    __tablename__ = "mailed_link"
    __table_args__ = (
        CheckConstraint(
            "purpose IN ('sign_up', 'reset_password', 'change_email', 'undo_email', 'undo_factor',"
            " 'employer')",
            name="purpose",
        ),
        CheckConstraint(
            "account_id IS NOT NULL OR purpose IN ('sign_up', 'reset_password', 'employer')", name="whose"
        ),
        Index("ix_mailed_link_account_id", "account_id"),
        Index("ix_mailed_link_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=public_id)
    purpose: Mapped[str] = mapped_column(String(16))
    email: Mapped[str] = mapped_column(String(320))
    language: Mapped[str] = mapped_column(String(2))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    account: Mapped[Account | None] = relationship()


_FACTOR = "second factor of account"
"""What a second factor's secrets are bound to, with the account."""


class SecondFactor(Model):
    """An authenticator app: its secret, encrypted, and the last step of time a code was taken for.

    An account has at most one in force, and at most one being set up.
    """

    __tablename__ = "second_factor"
    __table_args__ = (
        Index(
            "uq_second_factor_in_force",
            "account_id",
            unique=True,
            postgresql_where=text("confirmed_at IS NOT NULL"),
        ),
        Index(
            "uq_second_factor_begun",
            "account_id",
            unique=True,
            postgresql_where=text("confirmed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    secret: Mapped[bytes] = mapped_column(Encrypted("account_id", name=_FACTOR))
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Model):
    """A code on paper that stands in for the authenticator app, once; only its hash is kept.

    `shown`, encrypted, is there until the person said that they have kept their codes.
    """

    __tablename__ = "recovery_code"

    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    letter: Mapped[str] = mapped_column(String(1), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    shown: Mapped[bytes | None] = mapped_column(Encrypted("account_id", name=_FACTOR))
    used_at: Mapped[datetime | None]


class SignIn(Model):
    """One try to sign in, as its owner may see it; a try at an unknown address belongs to nobody."""

    __tablename__ = "sign_in"
    __table_args__ = (
        CheckConstraint("outcome IN ('signed_in', 'wrong_password', 'wrong_code')", name="outcome"),
        CheckConstraint("factor IN ('app', 'recovery_code')", name="factor"),
        Index("ix_sign_in_account_id_id", "account_id", "id"),
        Index("ix_sign_in_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(16))
    factor: Mapped[str | None] = mapped_column(String(16))
    network: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(300))


# --- Audit ------------------------------------------------------------------------------------------------
# Keys begin with the stream, so that these tables can be partitioned. Streams sort by their bytes.


_STREAM = String(80, collation="C")
_RECORDED_AT = (
    "make_timestamp(substr(content, 8, 4)::integer, substr(content, 13, 2)::integer,"
    " substr(content, 16, 2)::integer, substr(content, 19, 2)::integer, substr(content, 22, 2)::integer,"
    " substr(content, 25, 9)::double precision) AT TIME ZONE 'UTC'"
)


class AuditEntry(Model):
    """One thing somebody did. `content` is what is hashed; the database reads the other facts from it."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_recorded_at", "recorded_at"),
        Index("ix_audit_entry_actor_id_recorded_at", "actor_id", "recorded_at"),
    )

    stream: Mapped[str] = mapped_column(_STREAM, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    content: Mapped[str] = mapped_column(Text)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    recorded_at: Mapped[datetime] = mapped_column(Computed(_RECORDED_AT, persisted=True))
    action: Mapped[str] = mapped_column(
        String(64), Computed("(content::jsonb ->> 'action'::text)", persisted=True)
    )
    actor_id: Mapped[int | None] = mapped_column(
        BigInteger, Computed("((content::jsonb ->> 'actor'::text))::bigint", persisted=True)
    )

    def __repr__(self) -> str:
        return f"{self.stream}/{self.seq}"


class AuditHead(Model):
    """How far a stream has come. Its row is locked last in a transaction, just before the commit."""

    __tablename__ = "audit_head"
    __table_args__ = ({"postgresql_with": {"fillfactor": 70}},)

    stream: Mapped[str] = mapped_column(_STREAM, primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))

    def __repr__(self) -> str:
        return f"{self.stream} ({self.count})"


class AuditLeaf(Model):
    """A head as a checkpoint found it: a leaf of the tree that only grows."""

    __tablename__ = "audit_leaf"

    stream: Mapped[str] = mapped_column(_STREAM, primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    position: Mapped[int] = mapped_column(BigInteger, unique=True)

    def __repr__(self) -> str:
        return f"{self.position}: {self.stream} ({self.count})"


class AuditCheckpoint(Model):
    """A signed statement over all leaves so far; `peaks` spares the next one from reading them again."""

    __tablename__ = "audit_checkpoint"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[str] = mapped_column(Text)
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    peaks: Mapped[bytes] = mapped_column(LargeBinary)

    def __repr__(self) -> str:
        return str(self.number)


class ChainCheck(Model):
    """One nightly verification of the audit chain: how much was read, and what differed (sentences)."""

    __tablename__ = "chain_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime]
    entries: Mapped[int] = mapped_column(BigInteger)
    found: Mapped[int] = mapped_column(BigInteger)
    findings: Mapped[list[str]] = mapped_column(JSONB)

    def __repr__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d}: {self.found}"


class PersonKey(Model):
    """The key of a person's values in the audit chain, under the master key; destroyed by a legal purge."""

    __tablename__ = "person_key"
    __table_args__ = (
        CheckConstraint("(wrapped_key IS NULL) = (destroyed_at IS NOT NULL)", name="destroyed"),
        Index(
            "uq_person_key_in_force",
            "person_id",
            unique=True,
            postgresql_where=text("destroyed_at IS NULL"),
        ),
    )

    person_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wrapped_key: Mapped[bytes | None] = mapped_column(Encrypted("person_id", "number", name="person_key"))
    created_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]

    def __repr__(self) -> str:
        return f"{self.person_id}.{self.number}"


# --- The staff's desk -------------------------------------------------------------------------------------


class BulkRun(Model):
    """One act on many cases: a step, or an assignment, with its reason; worked in the background."""

    __tablename__ = "bulk_run"
    __table_args__ = (
        CheckConstraint("(step IS NULL) <> (officer_id IS NULL)", name="one_act"),
        CheckConstraint("total > 0", name="total"),
        CheckConstraint("btrim(reason) <> ''", name="reason"),
        Index("ix_bulk_run_account_id_id", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    step: Mapped[str | None] = mapped_column(String(32))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[str] = mapped_column(Text)
    total: Mapped[int]
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="joined")
    officer: Mapped[Account | None] = relationship(foreign_keys=[officer_id], lazy="joined")

    def __repr__(self) -> str:
        return str(self.id)


class BulkRow(Model):
    """What became of one case of a bulk act: done, or refused with why; open until it was its turn."""

    __tablename__ = "bulk_row"
    __table_args__ = (
        CheckConstraint("(outcome IS NULL) = (done_at IS NULL)", name="done"),
        CheckConstraint("(outcome = 'refused') = (message IS NOT NULL)", name="refused"),
        UniqueConstraint("run_id", "case_id"),
        Index("ix_bulk_row_to_do", "run_id", "case_id", postgresql_where=text("outcome IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("bulk_run.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    outcome: Mapped[RowOutcome | None] = mapped_column(_enum(RowOutcome))
    message: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None]

    def __repr__(self) -> str:
        return f"{self.run_id}: {self.case_id}"


class AuditSample(Model):
    """A draw of decided cases by an auditor: seed and population say which, so that anybody can repeat it."""

    __tablename__ = "audit_sample"
    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("until >= since", name="period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    service: Mapped[str] = mapped_column(String(32))
    since: Mapped[date]
    until: Mapped[date]
    seed: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    population: Mapped[int]
    population_digest: Mapped[str] = mapped_column(String(64))
    references: Mapped[list[str]] = mapped_column(JSONB)
    drawn_at: Mapped[datetime]

    account: Mapped[Account] = relationship(lazy="joined")

    def __repr__(self) -> str:
        return str(self.id)


class ChainRun(Model):
    """A verification of the chain somebody asked for: how far it has come, and the check it ended in."""

    __tablename__ = "chain_run"
    __table_args__ = (
        CheckConstraint("(finished_at IS NULL) = (check_id IS NULL)", name="finished"),
        Index(
            "uq_chain_run_open",
            text("(true)"),
            unique=True,
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    asked_at: Mapped[datetime]
    total: Mapped[int] = mapped_column(BigInteger)
    entries_read: Mapped[int] = mapped_column(BigInteger, default=0)
    finished_at: Mapped[datetime | None]
    check_id: Mapped[int | None] = mapped_column(ForeignKey("chain_check.id"))

    account: Mapped[Account] = relationship(lazy="joined")
    check: Mapped[ChainCheck | None] = relationship(lazy="joined")

    def __repr__(self) -> str:
        return str(self.id)


class ListExport(Model):
    """A list of the staff's being made into a file in the background: for who asked alone, for some days."""

    __tablename__ = "list_export"
    __table_args__ = (
        CheckConstraint("(made_at IS NULL) = (size IS NULL)", name="made"),
        CheckConstraint("file_format IN ('csv', 'xlsx')", name="file_format"),
        Index("ix_list_export_account_id_id", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    view: Mapped[str] = mapped_column(String(64))
    file_format: Mapped[str] = mapped_column(String(4))
    rights: Mapped[str] = mapped_column(String(500))
    sheet: Mapped[bytes | None] = mapped_column(Encrypted("id"))
    total: Mapped[int] = mapped_column(BigInteger)
    written: Mapped[int] = mapped_column(BigInteger, default=0)
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    size: Mapped[int | None] = mapped_column(BigInteger)
    expires_at: Mapped[datetime]

    account: Mapped[Account] = relationship(lazy="joined")
    parts: Mapped[list["ListExportPart"]] = relationship(
        order_by="ListExportPart.number", cascade="all, delete-orphan"
    )

    def __repr__(self) -> str:
        return str(self.id)


class ListExportPart(Model):
    """A piece of such a file, in storage: the file is never whole in memory."""

    __tablename__ = "list_export_part"
    __table_args__ = (UniqueConstraint("export_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    export_id: Mapped[int] = mapped_column(ForeignKey("list_export.id"))
    number: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
