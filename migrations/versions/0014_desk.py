"""the staff's desk: search by names, open cases first, bulk acts, samples, verifications."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WAITING = "'awaiting_employer', 'info_requested', 'proposed', 'submitted', 'under_review'"
NAMES = {
    "insured_person": "plain_text((family_name || ' ') || given_names)",
    "employer": "plain_text(name)",
    "ab_user": "plain_text((last_name || ' ') || first_name)",
}

PLAIN_TEXT = """
CREATE FUNCTION plain_text(typed text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(public.unaccent('public.unaccent'::regdictionary, typed))
"""
NAME_KEYS = """
CREATE FUNCTION name_keys(plain text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT coalesce(array_agg(DISTINCT (
        SELECT string_agg(letter, '' ORDER BY letter COLLATE "C")
        FROM unnest(string_to_array(left(word, length), NULL)) AS letter
    )), '{}')
    FROM regexp_split_to_table(plain, '[^a-z0-9]+') AS word, generate_series(3, least(length(word), 8)) AS length
)
"""
TABLES = ("chain_run", "audit_sample", "bulk_row", "bulk_run")
CASE_INDEXES = (
    "ix_case_open",
    "ix_case_waiting_first",
    "ix_case_reference_prefix",
    "ix_case_decided_at",
    "ix_case_submitted_at",
)
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply. The two extensions are trusted: whoever may create in the database may create them."""
    _create_search()
    _create_case_indexes()
    _create_bulk()
    _create_auditing()


def downgrade() -> None:
    """Undo; the extensions stay, others may use them."""
    for table in TABLES:
        op.drop_table(table)
    for name in CASE_INDEXES:
        op.drop_index(name, "case")
    for table in NAMES:
        op.drop_index(f"ix_{table}_name_trigrams", table)
        op.drop_index(f"ix_{table}_name_keys", table)
    op.execute("DROP FUNCTION name_keys(text)")
    op.execute("DROP FUNCTION plain_text(text)")


def _create_search() -> None:
    """`unaccent` depends on a dictionary, so PostgreSQL calls it stable: the wrapper names the dictionary."""
    for extension in ("unaccent", "pg_trgm"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} SCHEMA public")
    op.execute(PLAIN_TEXT)
    op.execute(NAME_KEYS)
    for table, plain in NAMES.items():
        keys, trigrams = sa.text(f"name_keys({plain})"), sa.text(f"{plain} gin_trgm_ops")
        op.create_index(f"ix_{table}_name_keys", table, [keys], postgresql_using="gin")
        op.create_index(f"ix_{table}_name_trigrams", table, [trigrams], postgresql_using="gin")


def _create_case_indexes() -> None:
    is_open = sa.text(f"status IN ({WAITING})")
    op.create_index("ix_case_open", "case", ["service", "due_on", "id"], postgresql_where=is_open)
    is_over = sa.text(f"(status <> ALL (ARRAY[{WAITING}]))")
    op.create_index("ix_case_waiting_first", "case", [is_over, "due_on", "id"])
    op.create_index("ix_case_reference_prefix", "case", [sa.text("reference varchar_pattern_ops")])
    is_decided = sa.text("decided_at IS NOT NULL")
    op.create_index("ix_case_decided_at", "case", ["decided_at"], postgresql_where=is_decided)
    op.create_index("ix_case_submitted_at", "case", ["submitted_at"])


def _key(column: str, to: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _create_bulk() -> None:
    op.create_table(
        "bulk_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(32)),
        sa.Column("officer_id", sa.Integer()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("finished_at", AT),
        sa.CheckConstraint("(step IS NULL) <> (officer_id IS NULL)", name=op.f("ck_bulk_run_one_act")),
        sa.CheckConstraint("total > 0", name=op.f("ck_bulk_run_total")),
        sa.CheckConstraint("btrim(reason) <> ''", name=op.f("ck_bulk_run_reason")),
        _key("account_id", "ab_user", "bulk_run"),
        _key("officer_id", "ab_user", "bulk_run"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_run")),
    )
    op.create_index("ix_bulk_run_account_id_id", "bulk_run", ["account_id", "id"])
    op.create_table(
        "bulk_row",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(32)),
        sa.Column("message", sa.Text()),
        sa.Column("done_at", AT),
        sa.CheckConstraint("(outcome IS NULL) = (done_at IS NULL)", name=op.f("ck_bulk_row_done")),
        sa.CheckConstraint("(outcome = 'refused') = (message IS NOT NULL)", name=op.f("ck_bulk_row_refused")),
        _key("run_id", "bulk_run", "bulk_row"),
        _key("case_id", "case", "bulk_row"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_row")),
        sa.UniqueConstraint("run_id", "case_id", name=op.f("uq_bulk_row_run_id_case_id")),
    )
    to_do = sa.text("outcome IS NULL")
    op.create_index("ix_bulk_row_to_do", "bulk_row", ["run_id", "case_id"], postgresql_where=to_do)


def _create_auditing() -> None:
    op.create_table(
        "audit_sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("population_digest", sa.String(64), nullable=False),
        sa.Column("references", postgresql.JSONB(), nullable=False),
        sa.Column("drawn_at", AT, nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_audit_sample_size")),
        sa.CheckConstraint("until >= since", name=op.f("ck_audit_sample_period")),
        _key("account_id", "ab_user", "audit_sample"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_sample")),
    )
    op.create_table(
        "chain_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("entries_read", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", AT),
        sa.Column("check_id", sa.Integer()),
        sa.CheckConstraint("(finished_at IS NULL) = (check_id IS NULL)", name=op.f("ck_chain_run_finished")),
        _key("account_id", "ab_user", "chain_run"),
        _key("check_id", "chain_check", "chain_run"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_run")),
    )
    is_open = sa.text("finished_at IS NULL")
    op.create_index(
        "uq_chain_run_open", "chain_run", [sa.text("(true)")], unique=True, postgresql_where=is_open
    )
