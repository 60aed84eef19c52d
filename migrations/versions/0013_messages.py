"""messages: conversations, messages, notes, notices, subjects and answer templates; nothing of it is deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KIND = sa.String(32)
INSTANT = sa.DateTime(timezone=True)
KEPT = ("conversation", "message", "message_document", "conversation_note", "notice")
NEVER_CHANGES = {
    "conversation": ("id", "public_id", "owner_id", "subject_id", "case_id", "opened_at"),
    "message": ("id", "conversation_id", "author_id", "is_staff", "text", "submission_key", "sent_at"),
    "message_document": ("message_id", "document_id"),
    "conversation_note": ("id", "conversation_id", "account_id", "text", "written_at"),
    "notice": (
        "id",
        "public_id",
        "account_id",
        "name",
        "event",
        "case_id",
        "subject_fr",
        "subject_en",
        "told_at",
    ),
}
"""What was written or told stays as it was; a message is read once."""

REFUSE = """
CREATE FUNCTION messages_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was written or told is kept: % of % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def upgrade() -> None:
    """Apply."""
    _create_reference_data()
    _create_conversations()
    _create_notices()
    op.execute(REFUSE)
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION messages_refuse()"
        )
        changed = [f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in NEVER_CHANGES[table]]
        if table == "message":
            changed.append("OLD.read_at IS NOT NULL AND OLD.read_at IS DISTINCT FROM NEW.read_at")
        op.execute(
            f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE ON {table} FOR EACH ROW"
            f" WHEN ({' OR '.join(changed)}) EXECUTE FUNCTION messages_refuse()"
        )


def downgrade() -> None:
    """Take back."""
    for table in ("notice", "conversation_note", "message_document", "message", "conversation"):
        op.drop_table(table)
    op.drop_table("answer_template")
    op.drop_table("message_subject")
    op.execute("DROP FUNCTION messages_refuse()")


def _create(table, *columns, keys=("id",), uniques=(), checks=None, **foreign):
    """A table with its constraints named as the models name them."""
    op.create_table(
        table,
        *columns,
        sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
            for column, other in foreign.items()
        ),
        *(sa.UniqueConstraint(*names, name=op.f(f"uq_{table}_{'_'.join(names)}")) for names in uniques),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in (checks or {}).items()),
    )


def _create_reference_data():
    period = {"period": "valid_to IS NULL OR valid_to >= valid_from"}
    named = (
        ("code", sa.String(32)),
        ("name_fr", sa.String(100)),
        ("name_en", sa.String(100)),
    )
    _create(
        "message_subject",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in named),
        sa.Column("desk", sa.String(32), nullable=False),
        sa.Column("service", sa.String(32)),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        uniques=(("code",),),
        checks=period,
    )
    _create(
        "answer_template",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in named),
        sa.Column("body_fr", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        uniques=(("code",),),
        checks=period | {"both_languages": "btrim(body_fr) <> '' AND btrim(body_en) <> ''"},
    )


def _create_conversations():
    _create(
        "conversation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer()),
        sa.Column("case_id", sa.Integer()),
        sa.Column("agency_id", sa.Integer()),
        sa.Column("officer_id", sa.Integer()),
        sa.Column("state", KIND, nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("archived_at", INSTANT),
        uniques=(("public_id",),),
        checks={
            "one_matter": "(subject_id IS NULL) <> (case_id IS NULL)",
            "due": "(state = 'to_answer') = (due_on IS NOT NULL)",
            "not_on_oneself": "officer_id <> owner_id",
        },
        owner_id="ab_user",
        subject_id="message_subject",
        case_id="case",
        agency_id="agency",
        officer_id="ab_user",
    )
    op.create_index("ix_conversation_owner_id_last_at", "conversation", ["owner_id", "last_at"])
    op.create_index("ix_conversation_queue", "conversation", ["state", "due_on", "id"])
    op.create_index("uq_conversation_case_id", "conversation", ["case_id"], unique=True)
    _create_messages()
    _create(
        "conversation_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        conversation_id="conversation",
        account_id="ab_user",
    )
    op.create_index("ix_conversation_note_conversation_id_id", "conversation_note", ["conversation_id", "id"])


def _create_messages():
    _create(
        "message",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("is_staff", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("submission_key", sa.String(64), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT),
        sa.Column("read_by_id", sa.Integer()),
        uniques=(("author_id", "submission_key"),),
        checks={
            "text": "btrim(text) <> '' AND char_length(text) <= 10000",
            "read": "(read_at IS NULL) = (read_by_id IS NULL)",
            "read_by_another": "read_by_id <> author_id",
        },
        conversation_id="conversation",
        author_id="ab_user",
        read_by_id="ab_user",
    )
    op.create_index("ix_message_conversation_id_id", "message", ["conversation_id", "id"])
    unread = sa.text("read_at IS NULL")
    op.create_index("ix_message_unread", "message", ["conversation_id", "is_staff"], postgresql_where=unread)
    _create(
        "message_document",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        keys=("message_id", "document_id"),
        message_id="message",
        document_id="document",
    )
    op.create_index("ix_message_document_document_id", "message_document", ["document_id"])


def _create_notices():
    _create(
        "notice",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("case_id", sa.Integer()),
        sa.Column("letter_id", sa.Integer()),
        sa.Column("page", sa.String(200), nullable=False),
        sa.Column("subject_fr", sa.String(250), nullable=False),
        sa.Column("subject_en", sa.String(250), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT),
        sa.Column("archived_at", INSTANT),
        sa.Column("outbox_id", sa.BigInteger(), nullable=False),
        sa.Column("delivery", KIND, nullable=False),
        sa.Column("refusal", sa.Text()),
        sa.Column("ended_at", INSTANT),
        uniques=(("public_id",), ("account_id", "event"), ("outbox_id",)),
        checks={
            "ended": "(delivery = 'queued') = (ended_at IS NULL)",
            "refused": "(delivery = 'refused') = (refusal IS NOT NULL)",
        },
        account_id="ab_user",
        case_id="case",
        letter_id="letter",
    )
    op.create_index("ix_notice_account_id_id", "notice", ["account_id", "id"])
    op.create_index("ix_notice_case_id", "notice", ["case_id"])
