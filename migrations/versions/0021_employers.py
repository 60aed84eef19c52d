"""employers: who answers for them, what they are asked about a case, and the link that asks."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
PURPOSES = "'sign_up', 'reset_password', 'change_email', 'undo_email', 'undo_factor'"
OF_NOBODY = "'sign_up', 'reset_password'"


def upgrade() -> None:
    """Apply."""
    op.add_column("employer", sa.Column("language", sa.String(2), server_default="fr", nullable=False))
    _link_rules(f"{PURPOSES}, 'employer'", f"{OF_NOBODY}, 'employer'")
    _create_agents()
    _create_requests()


def downgrade() -> None:
    """Undo."""
    for table in ("employer_fact", "employer_request", "employer_agent"):
        op.drop_table(table)
    op.execute("DELETE FROM mailed_link WHERE purpose = 'employer'")
    _link_rules(PURPOSES, OF_NOBODY)
    op.drop_column("employer", "language")


def _link_rules(purposes: str, of_nobody: str) -> None:
    for name, rule in (
        ("purpose", f"purpose IN ({purposes})"),
        ("whose", f"account_id IS NOT NULL OR purpose IN ({of_nobody})"),
    ):
        op.drop_constraint(op.f(f"ck_mailed_link_{name}"), "mailed_link", type_="check")
        op.create_check_constraint(op.f(f"ck_mailed_link_{name}"), "mailed_link", rule)


def _create_agents() -> None:
    op.create_table(
        "employer_agent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("employer_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("first_name", sa.String(120), nullable=False),
        sa.Column("last_name", sa.String(120), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("function", sa.String(120), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", AT, nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        *(
            sa.ForeignKeyConstraint([name], [to], name=op.f(f"fk_employer_agent_{name}"))
            for name, to in (
                ("employer_id", "employer.id"),
                ("account_id", "ab_user.id"),
                ("document_id", "document.id"),
                ("asked_by_id", "ab_user.id"),
                ("decided_by_id", "ab_user.id"),
                ("ended_by_id", "ab_user.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer_agent")),
        sa.UniqueConstraint("public_id", name=op.f("uq_employer_agent_public_id")),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_employer_agent_{name}"))
            for name, rule in (
                ("decided", "(state = 'asked') = (decided_at IS NULL)"),
                ("decided_by", "(decided_at IS NULL) = (decided_by_id IS NULL)"),
                ("ended", "(state = 'ended') = (ended_at IS NOT NULL)"),
                ("refused", "(state = 'refused') = (refusal IS NOT NULL)"),
                ("account", "account_id IS NOT NULL OR state IN ('asked', 'refused')"),
                ("four_eyes", "decided_by_id NOT IN (account_id, asked_by_id)"),
            )
        ),
    )
    op.create_index("ix_employer_agent_account_id", "employer_agent", ["account_id"])
    op.create_index(
        "uq_employer_agent_open",
        "employer_agent",
        ["employer_id", sa.text("lower(email)")],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'active')"),
    )


def _create_requests() -> None:
    op.create_table(
        "employer_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("employer_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("employee", sa.String(250), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("reminded_at", AT, nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_as", sa.String(250), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_employer_request_case_id")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_employer_request_employer_id")
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["mailed_link.id"], name=op.f("fk_employer_request_link_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["ab_user.id"], name=op.f("fk_employer_request_answered_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_employer_request_public_id")),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_employer_request_{name}"))
            for name, rule in (
                ("ended", "(state = 'open') = (ended_at IS NULL)"),
                (
                    "answered",
                    "(state IN ('confirmed', 'corrected', 'disputed')) = (answered_as IS NOT NULL)",
                ),
                ("answered_by", "answered_by_id IS NULL OR answered_as IS NOT NULL"),
                ("reason", "(state = 'disputed') = (reason IS NOT NULL)"),
            )
        ),
    )
    op.create_index("ix_employer_request_case_id_id", "employer_request", ["case_id", "id"])
    op.create_index("ix_employer_request_employer_id_id", "employer_request", ["employer_id", "id"])
    op.create_index(
        "uq_employer_request_open",
        "employer_request",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "employer_fact",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("declared", sa.Text(), nullable=True),
        sa.Column("answered", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["employer_request.id"], name=op.f("fk_employer_fact_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", "name", name=op.f("pk_employer_fact")),
    )
