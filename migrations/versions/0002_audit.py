"""audit: entries, heads, leaves, checkpoints and the keys of persons, kept by triggers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEPT = ("audit_entry", "audit_leaf", "audit_checkpoint")
STREAM = sa.String(80, collation="C")
RECORDED_AT = (
    "make_timestamp(substr(content, 8, 4)::integer, substr(content, 13, 2)::integer,"
    " substr(content, 16, 2)::integer, substr(content, 19, 2)::integer, substr(content, 22, 2)::integer,"
    " substr(content, 25, 9)::double precision) AT TIME ZONE 'UTC'"
)


def upgrade() -> None:
    """Apply."""
    _create_chain()
    _create_checkpoints()
    _create_keys()
    _create_guards()


def downgrade() -> None:
    """Take back."""
    op.drop_table("person_key")
    op.drop_table("audit_checkpoint")
    op.drop_table("audit_leaf")
    op.drop_table("audit_head")
    op.drop_table("audit_entry")
    op.execute("DROP FUNCTION audit_refuse()")


def _create_chain() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("stream", STREAM, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            sa.Computed(RECORDED_AT, persisted=True),
            nullable=False,
        ),
        sa.Column(
            "action",
            sa.String(length=64),
            sa.Computed("(content::jsonb ->> 'action'::text)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "actor_id",
            sa.BigInteger(),
            sa.Computed("((content::jsonb ->> 'actor'::text))::bigint", persisted=True),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("stream", "seq", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_recorded_at", "audit_entry", ["recorded_at"])
    op.create_index("ix_audit_entry_actor_id_recorded_at", "audit_entry", ["actor_id", "recorded_at"])
    op.create_table(
        "audit_head",
        sa.Column("stream", STREAM, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("stream", name="pk_audit_head"),
        postgresql_with={"fillfactor": 70},
    )


def _create_checkpoints() -> None:
    op.create_table(
        "audit_leaf",
        sa.Column("stream", STREAM, nullable=False),
        sa.Column("count", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "count", name="pk_audit_leaf"),
        sa.UniqueConstraint("position", name="uq_audit_leaf_position"),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_checkpoint"),
    )


def _create_keys() -> None:
    op.create_table(
        "person_key",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(wrapped_key IS NULL) = (destroyed_at IS NOT NULL)", name=op.f("ck_person_key_destroyed")
        ),
        sa.PrimaryKeyConstraint("person_id", "number", name="pk_person_key"),
    )
    op.create_index(
        "uq_person_key_in_force",
        "person_key",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("destroyed_at IS NULL"),
    )


def _create_guards() -> None:
    """What is recorded stays; a head only moves on."""
    op.execute(
        """
        CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'The audit chain is only added to: % on % is refused.', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        )
    op.execute(
        "CREATE TRIGGER audit_head_is_kept BEFORE DELETE OR TRUNCATE ON audit_head"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
    )
    op.execute(
        "CREATE TRIGGER audit_head_moves_on BEFORE UPDATE ON audit_head FOR EACH ROW"
        " WHEN (NEW.stream <> OLD.stream OR NEW.count < OLD.count)"
        " EXECUTE FUNCTION audit_refuse()"
    )
