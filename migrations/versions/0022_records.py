"""records: possible duplicates, merging persons and undoing it, former and temporary numbers, reserved ranges."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
CONVERSATION = ("id", "public_id", "subject_id", "case_id", "opened_at")
NOTICE = ("id", "public_id", "name", "event", "case_id", "subject_fr", "subject_en", "told_at")
OWNED = {
    "conversation": ("owner_id", CONVERSATION, "messages_refuse"),
    "notice": ("account_id", NOTICE, "messages_refuse"),
}
"""Whose a row is may change by an approved merge alone; the other columns never (migration 0013)."""

LETTER = (
    *("number", "case_id", "decision_id", "recipient", "recipient_number", "language", "subject", "body"),
    *("signatory", "quality", "delegation_id", "verification_code", "written_at", "notice"),
)
LETTER_MADE = (
    "(OLD.html IS NOT NULL AND NEW.html IS DISTINCT FROM OLD.html)"
    " OR (OLD.pdf_sha256 IS NOT NULL AND NEW.pdf_sha256 IS DISTINCT FROM OLD.pdf_sha256)"
    " OR (OLD.made_at IS NOT NULL AND NEW.made_at IS DISTINCT FROM OLD.made_at)"
)
CASE = (
    "(NEW.id, NEW.service, NEW.entered_by_id, NEW.channel, NEW.submission_key, NEW.created_at) IS DISTINCT FROM"
    " (OLD.id, OLD.service, OLD.entered_by_id, OLD.channel, OLD.submission_key, OLD.created_at)"
    " OR (OLD.needs_two_pairs AND NOT NEW.needs_two_pairs)"
    " OR (OLD.submitted_at IS NOT NULL"
    " AND (NEW.submitted_at, NEW.reference) IS DISTINCT FROM (OLD.submitted_at, OLD.reference))"
    " OR (OLD.decided_by_id IS NOT NULL AND NEW.decided_by_id IS NOT NULL"
    " AND NEW.employer_id IS DISTINCT FROM OLD.employer_id)"
)
"""What of a case never changes (migration 0018), but whose it is."""

OTHER_OWNER = """
CREATE FUNCTION refuse_other_owner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before integer := (to_jsonb(OLD) ->> TG_ARGV[0])::integer;
    after integer := (to_jsonb(NEW) ->> TG_ARGV[0])::integer;
BEGIN
    IF NOT EXISTS (
        SELECT FROM person_merge m WHERE
        (m.merged_account_id = before AND m.survivor_account_id = after
            AND m.approved_at IS NOT NULL AND m.undone_at IS NULL)
        OR (m.survivor_account_id = before AND m.merged_account_id = after AND m.undone_at IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'whose % is changes by an approved merge alone', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
REFUSE = """
CREATE FUNCTION records_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was found, merged or numbered is kept: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER moved_row_is_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON moved_row
    FOR EACH STATEMENT EXECUTE FUNCTION records_refuse();
CREATE TRIGGER former_number_is_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON former_number
    FOR EACH STATEMENT EXECUTE FUNCTION records_refuse();
CREATE TRIGGER person_merge_is_never_deleted BEFORE DELETE OR TRUNCATE ON person_merge
    FOR EACH STATEMENT EXECUTE FUNCTION records_refuse();
CREATE TRIGGER person_merge_is_kept BEFORE UPDATE ON person_merge FOR EACH ROW WHEN (
    OLD.survivor_id <> NEW.survivor_id OR OLD.merged_id <> NEW.merged_id OR OLD.reason <> NEW.reason
    OR OLD.proposed_by_id <> NEW.proposed_by_id
    OR (OLD.approved_at IS NOT NULL AND (OLD.approved_by_id, OLD.approved_at, OLD.survivor_account_id,
        OLD.merged_account_id) IS DISTINCT FROM (NEW.approved_by_id, NEW.approved_at, NEW.survivor_account_id,
        NEW.merged_account_id))
    OR (OLD.undone_at IS NOT NULL AND (OLD.undone_at, OLD.undone_by_id) IS DISTINCT FROM
        (NEW.undone_at, NEW.undone_by_id))
) EXECUTE FUNCTION records_refuse();
CREATE TRIGGER possible_duplicate_is_judged_once BEFORE UPDATE ON possible_duplicate FOR EACH ROW WHEN (
    OLD.judgement IS NOT NULL AND (OLD.judgement, OLD.judged_by_id, OLD.reason, OLD.case_id, OLD.person_id)
    IS DISTINCT FROM (NEW.judgement, NEW.judged_by_id, NEW.reason, NEW.case_id, NEW.person_id)
) EXECUTE FUNCTION records_refuse();
CREATE TRIGGER possible_duplicate_is_never_deleted BEFORE DELETE OR TRUNCATE ON possible_duplicate
    FOR EACH STATEMENT EXECUTE FUNCTION records_refuse();
"""
OWN_JUDGEMENT = """
CREATE FUNCTION refuse_own_judgement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.decided_by_id IS NOT NULL AND EXISTS (
        SELECT FROM possible_duplicate d WHERE d.case_id = NEW.id AND d.judged_by_id = NEW.decided_by_id
    ) THEN
        RAISE EXCEPTION 'account % judged a possible duplicate of case %', NEW.decided_by_id, NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_preparer';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER four_eyes_judgement AFTER UPDATE OF status, decided_by_id ON "case"
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.needs_two_pairs AND NEW.decided_by_id IS NOT NULL)
    EXECUTE FUNCTION refuse_own_judgement();
"""
RESERVED_ONCE = """
ALTER TABLE number_reservation ADD CONSTRAINT ex_number_reservation_overlap EXCLUDE USING gist (
    region WITH =, int8range(first, last, '[]') WITH &&
)
"""


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "insured_person",
        sa.Column("has_temporary_number", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("insured_person", sa.Column("merged_into_id", sa.Integer()))
    op.create_foreign_key(
        op.f("fk_insured_person_merged_into_id"),
        "insured_person",
        "insured_person",
        ["merged_into_id"],
        ["id"],
    )
    _check("insured_person", "merged_into_another", "merged_into_id <> id")
    _check("insured_person", "merged_has_no_account", "merged_into_id IS NULL OR account_id IS NULL")
    is_merged = sa.text("merged_into_id IS NOT NULL")
    op.create_index(
        "ix_insured_person_merged_into_id", "insured_person", ["merged_into_id"], postgresql_where=is_merged
    )
    op.alter_column("number_range", "next_number", type_=sa.BigInteger())
    op.create_index(
        "ix_person_name_name_keys",
        "person_name",
        [sa.text("name_keys(plain_text((family_name || ' ') || given_names))")],
        postgresql_using="gin",
    )
    _create_numbers()
    _create_merges()
    _create_duplicates()
    _create_imports()
    _let_owners_change()
    op.execute(REFUSE)
    op.execute(OWN_JUDGEMENT)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_person_name_name_keys", "person_name")
    op.execute('DROP TRIGGER four_eyes_judgement ON "case"; DROP FUNCTION refuse_own_judgement();')
    _keep_owners()
    for table in (
        "import_run",
        "possible_duplicate",
        "moved_row",
        "person_merge",
        "number_reservation",
        "former_number",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION records_refuse(); DROP FUNCTION refuse_other_owner();")
    op.alter_column("number_range", "next_number", type_=sa.Integer())
    op.drop_index("ix_insured_person_merged_into_id", "insured_person")
    for name in ("merged_into_another", "merged_has_no_account"):
        op.drop_constraint(op.f(f"ck_insured_person_{name}"), "insured_person", type_="check")
    op.drop_constraint(op.f("fk_insured_person_merged_into_id"), "insured_person", type_="foreignkey")
    op.drop_column("insured_person", "merged_into_id")
    op.drop_column("insured_person", "has_temporary_number")


def _check(table: str, name: str, rule: str) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def _create(table: str, *columns: sa.Column, checks: dict[str, str], **foreign: str) -> None:
    """A table with an `id`, its constraints named as the models name them."""
    big = sa.BigInteger() if table == "moved_row" else sa.Integer()
    op.create_table(
        table,
        sa.Column("id", big, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
            for column, target in foreign.items()
        ),
    )
    for name, rule in checks.items():
        _check(table, name, rule)


def _number(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _create_numbers() -> None:
    _create(
        "former_number",
        _number("person_id"),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("was_temporary", sa.Boolean(), nullable=False),
        sa.Column("replaced_on", sa.Date(), nullable=False),
        checks={},
        person_id="insured_person.id",
    )
    op.create_unique_constraint(op.f("uq_former_number_number"), "former_number", ["number"])
    op.create_index("ix_former_number_person_id", "former_number", ["person_id"])
    _create(
        "number_reservation",
        sa.Column("region", sa.String(2), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        _number("reserved_by_id", nullable=True),
        sa.Column("reserved_at", AT, nullable=False),
        checks={"places": "first > 0 AND last >= first"},
        region="number_range.region",
        reserved_by_id="ab_user.id",
    )
    op.execute(RESERVED_ONCE)


def _create_merges() -> None:
    accounts = ("approved_by_id", "refused_by_id", "undo_proposed_by_id", "undone_by_id")
    of_accounts = ("survivor_account_id", "merged_account_id")
    _create(
        "person_merge",
        _number("survivor_id"),
        _number("merged_id"),
        *(_number(name, nullable=True) for name in of_accounts),
        sa.Column("reason", sa.Text(), nullable=False),
        _number("proposed_by_id"),
        sa.Column("proposed_at", AT, nullable=False),
        *(_number(name, nullable=True) for name in accounts),
        *(sa.Column(name, AT) for name in ("approved_at", "refused_at", "undone_at")),
        sa.Column("undo_reason", sa.Text()),
        checks={
            "two_persons": "survivor_id <> merged_id",
            "reason": "btrim(reason) <> ''",
            "approved": "(approved_by_id IS NULL) = (approved_at IS NULL)",
            "four_eyes": "approved_by_id <> proposed_by_id",
            "refused": "(refused_by_id IS NULL) = (refused_at IS NULL)",
            "one_end": "approved_at IS NULL OR refused_at IS NULL",
            "undo_reason": "(undo_proposed_by_id IS NULL) = (undo_reason IS NULL)",
            "undo_of_what": "undo_proposed_by_id IS NULL OR approved_at IS NOT NULL",
            "undone": "(undone_by_id IS NULL) = (undone_at IS NULL)",
            "undone_by_two": "undone_by_id IS NULL OR undo_proposed_by_id IS NOT NULL",
            "undo_four_eyes": "undone_by_id <> undo_proposed_by_id",
            "both_accounts": "(survivor_account_id IS NULL) = (merged_account_id IS NULL)",
        },
        survivor_id="insured_person.id",
        merged_id="insured_person.id",
        proposed_by_id="ab_user.id",
        **dict.fromkeys((*of_accounts, *accounts), "ab_user.id"),
    )
    is_open = sa.text("refused_at IS NULL AND undone_at IS NULL")
    op.create_index(
        "uq_person_merge_open", "person_merge", ["merged_id"], unique=True, postgresql_where=is_open
    )
    op.create_index("ix_person_merge_survivor_id", "person_merge", ["survivor_id"])
    op.create_index("ix_person_merge_survivor_account_id", "person_merge", ["survivor_account_id"])
    _create(
        "moved_row",
        _number("merge_id"),
        sa.Column("table_name", sa.String(64), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        checks={},
        merge_id="person_merge.id",
    )
    op.create_index("ix_moved_row_merge_id_id", "moved_row", ["merge_id", "id"])


def _create_duplicates() -> None:
    _create(
        "possible_duplicate",
        _number("case_id"),
        _number("person_id", nullable=True),
        _number("other_case_id", nullable=True),
        sa.Column("likeness", JSONB(), nullable=False),
        _number("score"),
        sa.Column("found_at", AT, nullable=False),
        sa.Column("judgement", sa.String(32)),
        _number("judged_by_id", nullable=True),
        sa.Column("judged_at", AT),
        sa.Column("reason", sa.Text()),
        checks={
            "one_kind": "num_nonnulls(person_id, other_case_id) = 1",
            "another_case": "other_case_id <> case_id",
            "judged_by": "(judgement IS NULL) = (judged_by_id IS NULL)",
            "judged_at": "(judgement IS NULL) = (judged_at IS NULL)",
            "reason": "(judgement IS NULL) = (reason IS NULL)",
            "attached_to_a_person": "judgement <> 'same' OR person_id IS NOT NULL",
        },
        case_id="case.id",
        person_id="insured_person.id",
        other_case_id="case.id",
        judged_by_id="ab_user.id",
    )
    for other in ("person_id", "other_case_id"):
        name = op.f(f"uq_possible_duplicate_case_id_{other}")
        op.create_unique_constraint(name, "possible_duplicate", ["case_id", other])
    op.create_index(
        "uq_possible_duplicate_same",
        "possible_duplicate",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("judgement = 'same'"),
    )
    op.create_index("ix_possible_duplicate_person_id", "possible_duplicate", ["person_id"])


def _create_imports() -> None:
    _create(
        "import_run",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("filename", sa.String(200), nullable=False),
        *(_number(name) for name in ("lines_read", "imported", "refused")),
        sa.Column("started_at", AT, nullable=False),
        sa.Column("finished_at", AT),
        checks={"reconciled": "lines_read = imported + refused"},
    )
    op.create_unique_constraint(op.f("uq_import_run_kind_sha256"), "import_run", ["kind", "sha256"])


def _let_owners_change() -> None:
    """Whose a conversation, a notice or a letter is may change, by an approved merge alone."""
    op.execute(OTHER_OWNER)
    for table, (owner, columns, function) in OWNED.items():
        _guard(table, _changed(columns), function)
        _guard_owner(table, owner)
    _guard("letter", f"{_changed(LETTER)} OR {LETTER_MADE}", "letter_refuse")
    _guard_owner("letter", "recipient_id")
    _guard("case", CASE, "history_refuse")
    _guard_owner("case", "owner_id")


def _keep_owners() -> None:
    for table, (owner, columns, function) in OWNED.items():
        op.execute(f"DROP TRIGGER {table}_keeps_its_owner ON {table}")
        _guard(table, _changed((*columns, owner)), function)
    op.execute("DROP TRIGGER letter_keeps_its_owner ON letter")
    _guard("letter", f"{_changed((*LETTER, 'recipient_id'))} OR {LETTER_MADE}", "letter_refuse")
    op.execute('DROP TRIGGER case_keeps_its_owner ON "case"')
    _guard("case", f"NEW.owner_id IS DISTINCT FROM OLD.owner_id OR {CASE}", "history_refuse")


def _changed(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns)


def _guard(table: str, condition: str, function: str) -> None:
    op.execute(f'DROP TRIGGER {table}_is_kept ON "{table}"')
    op.execute(
        f'CREATE TRIGGER {table}_is_kept BEFORE UPDATE ON "{table}" FOR EACH ROW'
        f" WHEN ({condition}) EXECUTE FUNCTION {function}()"
    )


def _guard_owner(table: str, owner: str) -> None:
    op.execute(
        f'CREATE TRIGGER {table}_keeps_its_owner BEFORE UPDATE OF {owner} ON "{table}" FOR EACH ROW'
        f" WHEN (OLD.{owner} IS DISTINCT FROM NEW.{owner})"
        f" EXECUTE FUNCTION refuse_other_owner('{owner}')"
    )
