"""access: roles granted by two, invitations, linking, locks, openings, recoveries, downloads, closures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


NO_OVERLAP = """
ALTER TABLE delegation ADD CONSTRAINT ex_delegation_overlap EXCLUDE USING gist (
    account_id WITH =, (coalesce(service, '*')) WITH =, daterange(valid_from, valid_to, '[]') WITH &&
)
"""

ONLY_ADDED_TO = """
CREATE FUNCTION access_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The record of openings is only added to: % is refused.', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER access_entry_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON access_entry
    FOR EACH STATEMENT EXECUTE FUNCTION access_entry_refuse();
"""


def _check(table: str, name: str, rule: str) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "closure_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "cancelled_at IS NULL OR done_at IS NULL", name=op.f("ck_closure_request_one_end")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_closure_request_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure_request")),
    )
    with op.batch_alter_table("closure_request", schema=None) as batch_op:
        batch_op.create_index(
            "uq_closure_request_open",
            ["account_id"],
            unique=True,
            postgresql_where=sa.text("done_at IS NULL AND cancelled_at IS NULL"),
        )

    op.create_table(
        "data_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(made_at IS NULL) = (sha256 IS NULL)", name=op.f("ck_data_export_made")),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_data_export_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
        sa.UniqueConstraint("account_id", name=op.f("uq_data_export_account_id")),
    )
    op.create_table(
        "file_lock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("everything", "bank", name="lockkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lift_proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("lift_proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(lift_proposed_by_id IS NULL) = (lift_proposed_at IS NULL)",
            name=op.f("ck_file_lock_lift_proposed"),
        ),
        sa.CheckConstraint(
            "(lift_proposed_by_id IS NULL) = (lift_reason IS NULL)", name=op.f("ck_file_lock_lift_reason")
        ),
        sa.CheckConstraint("(lifted_by_id IS NULL) = (lifted_at IS NULL)", name=op.f("ck_file_lock_lifted")),
        sa.CheckConstraint("lift_proposed_by_id <> account_id", name=op.f("ck_file_lock_not_on_oneself")),
        sa.CheckConstraint(
            "lifted_by_id IS NULL OR lift_proposed_by_id IS NOT NULL", name=op.f("ck_file_lock_lift_by_two")
        ),
        sa.CheckConstraint(
            "lifted_by_id NOT IN (lift_proposed_by_id, account_id)", name=op.f("ck_file_lock_four_eyes")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_file_lock_account_id")),
        sa.ForeignKeyConstraint(
            ["lift_proposed_by_id"], ["ab_user.id"], name=op.f("fk_file_lock_lift_proposed_by_id")
        ),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["ab_user.id"], name=op.f("fk_file_lock_lifted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_lock")),
    )
    with op.batch_alter_table("file_lock", schema=None) as batch_op:
        batch_op.create_index(
            "uq_file_lock_in_force",
            ["account_id", "kind"],
            unique=True,
            postgresql_where=sa.text("lifted_at IS NULL"),
        )

    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_invitation_account_id")),
        sa.ForeignKeyConstraint(["invited_by_id"], ["ab_user.id"], name=op.f("fk_invitation_invited_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index("ix_invitation_account_id", ["account_id"], unique=False)

    op.create_table(
        "recovery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("new_email", sa.String(length=320), nullable=False),
        sa.Column(
            "paper",
            sa.Enum(
                "identity_card",
                "passport",
                "residence_permit",
                "driving_licence",
                name="paper",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("last_digits", sa.String(length=4), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_recovery_confirmed")
        ),
        sa.CheckConstraint("(confirmed_by_id IS NULL) = (due_on IS NULL)", name=op.f("ck_recovery_due")),
        sa.CheckConstraint(
            "confirmed_by_id NOT IN (requested_by_id, account_id)", name=op.f("ck_recovery_four_eyes")
        ),
        sa.CheckConstraint(
            "done_at IS NULL OR confirmed_at IS NOT NULL",
            name=op.f("ck_recovery_done"),
        ),
        sa.CheckConstraint("requested_by_id <> account_id", name=op.f("ck_recovery_not_on_oneself")),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_recovery_account_id")),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["ab_user.id"], name=op.f("fk_recovery_confirmed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["ab_user.id"], name=op.f("fk_recovery_requested_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
    )
    with op.batch_alter_table("recovery", schema=None) as batch_op:
        batch_op.create_index(
            "uq_recovery_open",
            ["account_id"],
            unique=True,
            postgresql_where=sa.text("done_at IS NULL AND frozen_at IS NULL"),
        )

    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(approved_by_id IS NULL) = (approved_at IS NULL)", name=op.f("ck_role_grant_approved")
        ),
        sa.CheckConstraint("(ended_by_id IS NULL) = (ended_at IS NULL)", name=op.f("ck_role_grant_ended")),
        sa.CheckConstraint(
            "approved_by_id NOT IN (proposed_by_id, account_id)", name=op.f("ck_role_grant_four_eyes")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_role_grant_account_id")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["ab_user.id"], name=op.f("fk_role_grant_approved_by_id")
        ),
        sa.ForeignKeyConstraint(["ended_by_id"], ["ab_user.id"], name=op.f("fk_role_grant_ended_by_id")),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["ab_user.id"], name=op.f("fk_role_grant_proposed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(
            "uq_role_grant_open",
            ["account_id", "role"],
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "access_entry",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column(
            "opened",
            sa.Enum("record", "case", "document", "letter", name="opened", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "subject_id IS NOT NULL OR person_id IS NOT NULL", name=op.f("ck_access_entry_whose")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_access_entry_account_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_access_entry_agency_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_access_entry_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["insured_person.id"], name=op.f("fk_access_entry_person_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["ab_user.id"], name=op.f("fk_access_entry_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_entry")),
    )
    with op.batch_alter_table("access_entry", schema=None) as batch_op:
        batch_op.create_index("ix_access_entry_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_access_entry_person_id", ["person_id"], unique=False)
        batch_op.create_index("ix_access_entry_subject_id_id", ["subject_id", "id"], unique=False)

    op.create_table(
        "link_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("number_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name=op.f("ck_link_attempt_tries")),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_link_attempt_account_id")),
        sa.ForeignKeyConstraint(["person_id"], ["insured_person.id"], name=op.f("fk_link_attempt_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_attempt")),
    )
    with op.batch_alter_table("link_attempt", schema=None) as batch_op:
        batch_op.create_index(
            "ix_link_attempt_account_id_started_at", ["account_id", "started_at"], unique=False
        )
        batch_op.create_index(
            "ix_link_attempt_number_hash_started_at", ["number_hash", "started_at"], unique=False
        )

    op.create_table(
        "access_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("is_justified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_access_review_account_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["access_entry.id"], name=op.f("fk_access_review_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_review")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_access_review_entry_id")),
    )
    op.create_table(
        "support_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("link", "link_paused", "recovery_frozen", name="taskkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum("done", "refused", name="taskoutcome", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by_id IS NULL)", name=op.f("ck_support_task_closed")
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name=op.f("ck_support_task_outcome")),
        sa.CheckConstraint("closed_by_id <> account_id", name=op.f("ck_support_task_not_on_oneself")),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_support_task_account_id")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["ab_user.id"], name=op.f("fk_support_task_closed_by_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_support_task_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_task")),
    )
    with op.batch_alter_table("support_task", schema=None) as batch_op:
        batch_op.create_index("ix_support_task_account_id", ["account_id"], unique=False)

    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proposed_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("approved_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_delegation_proposed_by_id"), "ab_user", ["proposed_by_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_delegation_approved_by_id"), "ab_user", ["approved_by_id"], ["id"]
        )
    op.execute("UPDATE delegation SET proposed_by_id = account_id")
    op.alter_column("delegation", "proposed_by_id", nullable=False)
    _check("delegation", "approved", "(approved_by_id IS NULL) = (approved_at IS NULL)")
    _check("delegation", "four_eyes", "approved_by_id NOT IN (proposed_by_id, account_id)")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(NO_OVERLAP)

    with op.batch_alter_table("insured_person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(length=320), nullable=True))
    op.execute(
        "UPDATE insured_person p SET email = a.email FROM ab_user a"
        " WHERE a.id = p.account_id AND a.email NOT LIKE '%@no-email.invalid'"
    )
    op.execute(ONLY_ADDED_TO)


def downgrade() -> None:
    """Take back; the extension stays, another migration may use it."""
    op.execute("ALTER TABLE delegation DROP CONSTRAINT ex_delegation_overlap")
    op.drop_constraint(op.f("ck_delegation_four_eyes"), "delegation", type_="check")
    op.drop_constraint(op.f("ck_delegation_approved"), "delegation", type_="check")
    with op.batch_alter_table("insured_person", schema=None) as batch_op:
        batch_op.drop_column("email")

    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_delegation_approved_by_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_delegation_proposed_by_id"), type_="foreignkey")
        batch_op.drop_column("approved_at")
        batch_op.drop_column("approved_by_id")
        batch_op.drop_column("proposed_by_id")

    with op.batch_alter_table("support_task", schema=None) as batch_op:
        batch_op.drop_index("ix_support_task_account_id")

    op.drop_table("support_task")
    op.drop_table("access_review")
    with op.batch_alter_table("link_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_link_attempt_number_hash_started_at")
        batch_op.drop_index("ix_link_attempt_account_id_started_at")

    op.drop_table("link_attempt")
    with op.batch_alter_table("access_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_access_entry_subject_id_id")
        batch_op.drop_index("ix_access_entry_person_id")
        batch_op.drop_index("ix_access_entry_account_id_id")

    op.drop_table("access_entry")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index("uq_role_grant_open", postgresql_where=sa.text("ended_at IS NULL"))

    op.drop_table("role_grant")
    with op.batch_alter_table("recovery", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_recovery_open", postgresql_where=sa.text("done_at IS NULL AND frozen_at IS NULL")
        )

    op.drop_table("recovery")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index("ix_invitation_account_id")

    op.drop_table("invitation")
    with op.batch_alter_table("file_lock", schema=None) as batch_op:
        batch_op.drop_index("uq_file_lock_in_force", postgresql_where=sa.text("lifted_at IS NULL"))

    op.drop_table("file_lock")
    op.drop_table("data_export")
    with op.batch_alter_table("closure_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_closure_request_open", postgresql_where=sa.text("done_at IS NULL AND cancelled_at IS NULL")
        )

    op.drop_table("closure_request")
    op.execute("DROP FUNCTION access_entry_refuse()")
