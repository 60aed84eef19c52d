"""registration: what is held on a person and from when, employments, certificates, changes of the record."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NAME = sa.String(120)
DATED = ("person_name", "person_address", "former_fact", "identity_paper", "spouse", "dependant")
SINGLE = ("person_name", "person_address")
CIVIL = (
    ("name_at_birth", NAME),
    ("sex", sa.String(16)),
    ("birth_place", NAME),
    ("birth_country", sa.String(2)),
    ("nationality", sa.String(2)),
    ("paper_kind", sa.String(32)),
    ("paper_number", sa.LargeBinary()),
    ("paper_number_hash", sa.LargeBinary()),
    ("paper_expires_on", sa.Date()),
    ("marital_status", sa.String(16)),
    ("married_on", sa.Date()),
    ("spouse_given_names", NAME),
    ("spouse_family_name", NAME),
    ("spouse_birth_date", sa.Date()),
    ("mother_name", NAME),
    ("father_name", NAME),
    ("address_line", sa.String(200)),
    ("address_town", NAME),
    ("address_country", sa.String(2)),
    ("occupation", NAME),
)
WORK = (
    ("employed_from", sa.Date()),
    ("employer_listed", sa.String(3)),
    ("employer_name", sa.String(200)),
    ("employer_address", sa.String(300)),
    ("employer_contact", sa.String(320)),
)
ADDED = {
    "insured_person": (
        ("name_at_birth", NAME),
        ("sex", sa.String(32)),
        ("birth_place", NAME),
        ("birth_country", sa.String(2)),
        ("nationality", sa.String(2)),
        ("marital_status", sa.String(32)),
        ("mother_name", NAME),
        ("father_name", NAME),
        ("phone", sa.String(32)),
        ("occupation", NAME),
    ),
    "employer": (
        ("address", sa.String(300)),
        ("contact_name", NAME),
        ("email", sa.String(320)),
        ("phone", sa.String(32)),
    ),
    "registration": (("phone", sa.String(32)), ("has_dependants", sa.String(3)), *CIVIL, *WORK),
    "case_document": (("field", sa.String(64)),),
}


def _columns(*columns: tuple[str, sa.types.TypeEngine], nullable: bool = True) -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=nullable) for name, kind in columns]


def _check(table: str, name: str, rule: str) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def _dated(name: str, *columns: sa.Column) -> None:
    """A table of facts with dates: whose, from which case, in force from when, until when."""
    _table(
        name,
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        *columns,
        _key(name, "person_id", "insured_person"),
        _key(name, "case_id", "case"),
    )
    _check(name, "period", "valid_to IS NULL OR valid_to >= valid_from")
    op.create_index(f"ix_{name}_person_id", name, ["person_id"])
    if name in SINGLE:
        op.create_index(
            f"uq_{name}_in_force",
            name,
            ["person_id"],
            unique=True,
            postgresql_where=sa.text("valid_to IS NULL"),
        )


def _facts() -> None:
    names = (("given_names", NAME), ("family_name", NAME))
    _dated("person_name", *_columns(*names, nullable=False))
    op.execute(
        "INSERT INTO person_name (person_id, given_names, family_name, valid_from)"
        " SELECT id, given_names, family_name, registered_on FROM insured_person"
    )
    _dated(
        "person_address",
        *_columns(("line", sa.String(200)), ("town", NAME), ("country", sa.String(2)), nullable=False),
    )
    _dated(
        "former_fact",
        sa.Column("fact", sa.String(32), nullable=False),
        sa.Column("value", sa.String(200), nullable=True),
    )
    _check("former_fact", "former", "valid_to IS NOT NULL")
    _dated(
        "identity_paper",
        sa.Column("kind", sa.String(32), nullable=False),
        *_columns(("number", sa.LargeBinary()), ("number_hash", sa.LargeBinary()), ("expires_on", sa.Date())),
    )
    op.create_index("ix_identity_paper_number_hash", "identity_paper", ["number_hash"])
    _dated("spouse", *_columns(*names, nullable=False), sa.Column("birth_date", sa.Date(), nullable=True))
    _dated(
        "dependant",
        *_columns(
            *names,
            ("birth_date", sa.Date()),
            ("sex", sa.String(32)),
            ("kinship", sa.String(32)),
            nullable=False,
        ),
    )


def _employments() -> None:
    _table(
        "proposed_employer",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("contact", sa.String(320), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("employer_id", sa.Integer(), nullable=True),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        _key("proposed_employer", "case_id", "case"),
        _key("proposed_employer", "employer_id", "employer"),
        _key("proposed_employer", "checked_by_id", "ab_user"),
        sa.UniqueConstraint("case_id", name=op.f("uq_proposed_employer_case_id")),
    )
    _check("proposed_employer", "checked", "(state = 'to_check') = (checked_at IS NULL)")
    _check("proposed_employer", "checked_by", "(checked_at IS NULL) = (checked_by_id IS NULL)")
    _check("proposed_employer", "accepted", "(state = 'accepted') = (employer_id IS NOT NULL)")
    _table(
        "employment",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("employer_id", sa.Integer(), nullable=True),
        sa.Column("proposed_employer_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("occupation", NAME, nullable=True),
        sa.Column("monthly_wage", sa.Numeric(14, 2), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        _key("employment", "person_id", "insured_person"),
        _key("employment", "employer_id", "employer"),
        _key("employment", "proposed_employer_id", "proposed_employer"),
        _key("employment", "case_id", "case"),
    )
    _check("employment", "period", "ended_on IS NULL OR ended_on >= started_on")
    _check("employment", "whose", "num_nonnulls(employer_id, proposed_employer_id) >= 1")
    _check("employment", "wage", "monthly_wage IS NULL OR monthly_wage >= 0")
    op.create_index("ix_employment_person_id", "employment", ["person_id"])
    op.create_index("ix_employment_employer_id", "employment", ["employer_id"])


def _cases() -> None:
    _table(
        "case_dependant",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_columns(
            ("given_names", NAME),
            ("family_name", NAME),
            ("birth_date", sa.Date()),
            ("sex", sa.String(16)),
            ("kinship", sa.String(16)),
            nullable=False,
        ),
        _key("case_dependant", "case_id", "case"),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_case_dependant_case_id_position")),
    )
    _table(
        "record_change",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        *_columns(("given_names", NAME), ("family_name", NAME), ("birth_date", sa.Date()), *CIVIL),
        _key("record_change", "id", "case"),
        _key("record_change", "person_id", "insured_person"),
    )
    _table(
        "new_employment",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("occupation", NAME, nullable=True),
        sa.Column("employment_id", sa.Integer(), nullable=True),
        *_columns(*WORK),
        _key("new_employment", "id", "case"),
        _key("new_employment", "person_id", "insured_person"),
        _key("new_employment", "employment_id", "employment"),
    )
    for table in ("record_change", "new_employment"):
        op.create_index(op.f(f"ix_{table}_person_id"), table, ["person_id"])
    for table in ("record_change", "registration"):
        op.create_index(op.f(f"ix_{table}_paper_number_hash"), table, ["paper_number_hash"])


def _certificates() -> None:
    _table(
        "certificate",
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("ssn", sa.String(32), nullable=False),
        sa.Column("given_names", NAME, nullable=False),
        sa.Column("family_name", NAME, nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("birth_place", NAME, nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pdf_sha256", sa.String(64), nullable=True),
        _key("certificate", "person_id", "insured_person"),
        _key("certificate", "case_id", "case"),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_code")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
    )
    op.create_index("ix_certificate_person_id_id", "certificate", ["person_id", "id"])


def upgrade() -> None:
    """Apply."""
    for table, columns in ADDED.items():
        for column in _columns(*columns):
            op.add_column(table, column)
    _facts()
    _employments()
    _cases()
    _certificates()


def downgrade() -> None:
    """Undo."""
    for table in ("certificate", "new_employment", "record_change", "case_dependant", "employment"):
        op.drop_table(table)
    for table in ("proposed_employer", *reversed(DATED)):
        op.drop_table(table)
    op.drop_index(op.f("ix_registration_paper_number_hash"), "registration")
    for table, columns in ADDED.items():
        for name, _kind in columns:
            op.drop_column(table, name)
