"""documents: the states of a file, cases they serve, openings, uploads in parts, categories."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATE = sa.String(32)
CHECKS = {
    "refused": "(state IN ('refused', 'quarantined')) = (refusal IS NOT NULL)",
    "accepted": "state <> 'accepted' OR stored_sha256 IS NOT NULL",
    "verified_by": "(verdict IS NULL) = (verified_by_id IS NULL)",
    "verified_at": "(verdict IS NULL) = (verified_at IS NULL)",
    "verified_once_checked": "verdict IS NULL OR state = 'accepted'",
    "verdict_reason": "verdict IS NULL OR verdict = 'accepted' OR verdict_reason IS NOT NULL",
    "not_on_oneself": "verified_by_id IS NULL OR verified_by_id <> owner_id",
    "replaces_another": "replaces_id IS NULL OR replaces_id <> id",
}


def added():
    return (
        sa.Column("filed_at", sa.DateTime(timezone=True)),
        sa.Column("state", STATE, nullable=False, server_default="sent"),
        sa.Column("refusal", sa.String(32)),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("checked_at", sa.DateTime(timezone=True)),
        sa.Column("stored_sha256", sa.String(64)),
        sa.Column("previews", postgresql.JSONB(), nullable=False, server_default="[]"),
        sa.Column("facts", postgresql.JSONB(), nullable=False, server_default="{}"),
        sa.Column("expires_on", sa.Date()),
        sa.Column("reminded_days", sa.Integer()),
        sa.Column("replaces_id", sa.Integer()),
        sa.Column("verdict", sa.String(32)),
        sa.Column("verdict_reason", sa.Text()),
        sa.Column("verified_by_id", sa.Integer()),
        sa.Column("verified_at", sa.DateTime(timezone=True)),
    )


def upgrade() -> None:
    """Apply; what was filed before stays filed, and goes through the checks."""
    op.create_table(
        "case_document",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_document_case_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_case_document_document_id")),
        sa.PrimaryKeyConstraint("case_id", "document_id", name=op.f("pk_case_document")),
    )
    op.create_index("ix_case_document_document_id", "case_document", ["document_id"])
    op.execute(
        "INSERT INTO case_document (case_id, document_id)"
        " SELECT case_id, id FROM document WHERE case_id IS NOT NULL"
    )
    for column in added():
        op.add_column("document", column)
    op.execute("UPDATE document SET filed_at = created_at WHERE case_id IS NOT NULL")
    op.execute("UPDATE document SET category = 'other' WHERE category = 'answer'")
    op.alter_column("document", "state", server_default=None)
    op.drop_index("ix_document_case_id", "document")
    op.drop_index("ix_document_unfiled", "document")
    op.drop_constraint("fk_document_case_id", "document", type_="foreignkey")
    op.drop_column("document", "case_id")
    op.create_foreign_key(op.f("fk_document_replaces_id"), "document", "document", ["replaces_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_document_verified_by_id"), "document", "ab_user", ["verified_by_id"], ["id"]
    )
    op.create_unique_constraint(op.f("uq_document_replaces_id"), "document", ["replaces_id"])
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_document_{name}"), "document", rule)
    op.create_index("ix_document_owner_id", "document", ["owner_id"])
    _partial("ix_document_unfiled", "created_at", "filed_at IS NULL")
    _partial("ix_document_waiting", "created_at", "state IN ('sent', 'checking')")
    _partial("ix_document_expires_on", "expires_on", "expires_on IS NOT NULL")
    _create_openings()
    _create_uploads()
    _create_categories()


def downgrade() -> None:
    """Take back; a document that serves several cases stays with the first."""
    for table in ("document_category", "upload", "document_opening"):
        op.drop_table(table)
    op.add_column("document", sa.Column("case_id", sa.Integer()))
    op.execute(
        "UPDATE document SET case_id = (SELECT min(case_id) FROM case_document WHERE document_id = document.id)"
    )
    op.drop_table("case_document")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_document_{name}"), "document", type_="check")
    for name in ("unfiled", "waiting", "expires_on", "owner_id"):
        op.drop_index(f"ix_document_{name}", "document")
    for column in added():
        op.drop_column("document", column.name)
    op.create_foreign_key(op.f("fk_document_case_id"), "document", "case", ["case_id"], ["id"])
    op.create_index("ix_document_case_id", "document", ["case_id"])
    _partial("ix_document_unfiled", "created_at", "case_id IS NULL")


def _partial(name, column, rule):
    op.create_index(name, "document", [column], postgresql_where=sa.text(rule))


def _create_openings():
    op.create_table(
        "document_opening",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_document_opening_account_id")),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_document_opening_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_opening")),
    )
    op.create_index("ix_document_opening_document_id_id", "document_opening", ["document_id", "id"])


def _create_uploads():
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("service", sa.String(32)),
        sa.Column("field", sa.String(64)),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("parts", postgresql.JSONB(), nullable=False),
        sa.Column("document_id", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("received >= 0 AND received <= size", name=op.f("ck_upload_received")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_upload_document_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["ab_user.id"], name=op.f("fk_upload_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("public_id", name=op.f("uq_upload_public_id")),
    )
    op.create_index("ix_upload_expires_at", "upload", ["expires_at"])


def _create_categories():
    op.create_table(
        "document_category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("name_fr", sa.String(100), nullable=False),
        sa.Column("name_en", sa.String(100), nullable=False),
        sa.Column("has_expiry", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_document_category_period")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_category")),
        sa.UniqueConstraint("code", name=op.f("uq_document_category_code")),
    )
