"""sign in: links by e-mail, second factors, recovery codes, history of sign-ins, what a session shows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("ab_user", sa.Column("phone", sa.String(length=32), nullable=True))
    op.add_column(
        "ab_user",
        sa.Column(
            "muted_notices",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
    )
    op.add_column("ab_user", sa.Column("terms_accepted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("uq_ab_user_lower_email", "ab_user", [sa.text("lower(email)")], unique=True)
    op.add_column(
        "web_session",
        sa.Column("kind", sa.String(length=16), server_default="employee", nullable=False),
    )
    op.add_column("web_session", sa.Column("network", sa.String(length=64), nullable=True))
    op.add_column("web_session", sa.Column("user_agent", sa.String(length=300), nullable=True))
    _mailed_link()
    _second_factor()
    _sign_in()


def downgrade() -> None:
    """Take back."""
    for table in ("sign_in", "recovery_code", "second_factor", "mailed_link"):
        op.drop_table(table)
    for column in ("user_agent", "network", "kind"):
        op.drop_column("web_session", column)
    op.drop_index("uq_ab_user_lower_email", table_name="ab_user")
    for column in ("terms_accepted_at", "muted_notices", "phone"):
        op.drop_column("ab_user", column)


def _account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["ab_user.id"], name=op.f(f"fk_{table}_account_id"), ondelete="CASCADE"
    )


def _mailed_link() -> None:
    op.create_table(
        "mailed_link",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('sign_up', 'reset_password', 'change_email', 'undo_email')",
            name=op.f("ck_mailed_link_purpose"),
        ),
        sa.CheckConstraint(
            "account_id IS NOT NULL OR purpose IN ('sign_up', 'reset_password')",
            name=op.f("ck_mailed_link_whose"),
        ),
        _account("mailed_link"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_link")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mailed_link_public_id")),
    )
    op.create_index("ix_mailed_link_account_id", "mailed_link", ["account_id"])
    op.create_index("ix_mailed_link_expires_at", "mailed_link", ["expires_at"])


def _second_factor() -> None:
    op.create_table(
        "second_factor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        _account("second_factor"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
    )
    for name, when in (("in_force", "confirmed_at IS NOT NULL"), ("begun", "confirmed_at IS NULL")):
        op.create_index(
            f"uq_second_factor_{name}",
            "second_factor",
            ["account_id"],
            unique=True,
            postgresql_where=sa.text(when),
        )
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(length=1), nullable=False),
        sa.Column("code_hash", sa.String(length=200), nullable=False),
        sa.Column("shown", sa.LargeBinary(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        _account("recovery_code"),
        sa.PrimaryKeyConstraint("account_id", "letter", name=op.f("pk_recovery_code")),
    )


def _sign_in() -> None:
    op.create_table(
        "sign_in",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("factor", sa.String(length=16), nullable=True),
        sa.Column("network", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('signed_in', 'wrong_password', 'wrong_code')", name=op.f("ck_sign_in_outcome")
        ),
        sa.CheckConstraint("factor IN ('app', 'recovery_code')", name=op.f("ck_sign_in_factor")),
        _account("sign_in"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
    )
    op.create_index("ix_sign_in_account_id_id", "sign_in", ["account_id", "id"])
    op.create_index("ix_sign_in_at", "sign_in", ["at"])
