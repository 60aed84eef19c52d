"""access mended: relatives without an account, a colleague's second factor, links that undo one, age of codes."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NO_INTEREST = """
CREATE FUNCTION refuse_interested_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.decided_by_id IS NOT NULL AND NEW.decided_at IS DISTINCT FROM OLD.decided_at AND EXISTS (
        SELECT FROM declared_interest i JOIN insured_person p ON p.id = i.person_id
        WHERE i.account_id = NEW.decided_by_id AND p.account_id = NEW.owner_id
    ) THEN
        RAISE EXCEPTION 'account % has a declared interest in case %', NEW.decided_by_id, NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_interest';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER no_interest AFTER INSERT OR UPDATE ON "case" DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_interested_decision();
"""
"""Beside `refuse_decision` (0003), which knows relatives by their account."""

PURPOSES = "'sign_up', 'reset_password', 'change_email', 'undo_email'"


def _check(table: str, name: str, rule: str) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def _uncheck(table: str, name: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")


def upgrade() -> None:
    """Apply."""
    op.create_index(op.f("ix_insured_person_birth_date"), "insured_person", ["birth_date"])
    op.add_column("declared_interest", sa.Column("person_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_declared_interest_person_id"), "declared_interest", "insured_person", ["person_id"], ["id"]
    )
    _uncheck("declared_interest", "one_kind")
    _check("declared_interest", "one_kind", "num_nonnulls(relative_id, person_id, employer_id) = 1")
    op.execute(NO_INTEREST)
    _uncheck("mailed_link", "purpose")
    _check("mailed_link", "purpose", f"purpose IN ({PURPOSES}, 'undo_factor')")
    op.add_column("recovery_code", sa.Column("made_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE recovery_code c SET made_at = coalesce((SELECT max(f.confirmed_at) FROM second_factor f"
        " WHERE f.account_id = c.account_id), now())"
    )
    op.alter_column("recovery_code", "made_at", nullable=False)
    op.create_table(
        "factor_reset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_factor_reset_account_id")),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["ab_user.id"], name=op.f("fk_factor_reset_proposed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["ab_user.id"], name=op.f("fk_factor_reset_approved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_reset")),
    )
    _check("factor_reset", "approved", "(approved_by_id IS NULL) = (approved_at IS NULL)")
    _check("factor_reset", "four_eyes", "approved_by_id NOT IN (proposed_by_id, account_id)")
    _check("factor_reset", "not_on_oneself", "proposed_by_id <> account_id")
    _check("factor_reset", "ended", "approved_at IS NULL OR ended_at IS NOT NULL")
    op.create_index(
        "uq_factor_reset_open",
        "factor_reset",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index(op.f("ix_insured_person_birth_date"), "insured_person")
    op.drop_table("factor_reset")
    op.drop_column("recovery_code", "made_at")
    op.execute("DELETE FROM mailed_link WHERE purpose = 'undo_factor'")
    _uncheck("mailed_link", "purpose")
    _check("mailed_link", "purpose", f"purpose IN ({PURPOSES})")
    op.execute('DROP TRIGGER no_interest ON "case"; DROP FUNCTION refuse_interested_decision();')
    op.execute("DELETE FROM declared_interest WHERE person_id IS NOT NULL")
    _uncheck("declared_interest", "one_kind")
    op.drop_constraint(op.f("fk_declared_interest_person_id"), "declared_interest", type_="foreignkey")
    op.drop_column("declared_interest", "person_id")
    _check("declared_interest", "one_kind", "(relative_id IS NULL) <> (employer_id IS NULL)")
