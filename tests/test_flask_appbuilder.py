"""The defects of Flask-AppBuilder: each has its guard, and what is a matter of declaration is held here."""

import re
from dataclasses import is_dataclass

from sqlalchemy import JSON, Enum, Uuid, func, select
from sqlalchemy import inspect as mapped

from app.extensions import Model, db
from app.permissions import ROLES
from app.views.backoffice.cases import CaseView
from app.views.backoffice_base import StaffModelView
from config import ROOT

GUARD = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
DEFECTS = 27
TRAPS = 21


def views(app):
    return [view for view in app.appbuilder.baseviews if isinstance(view, StaffModelView)]


def kinds():
    """Every column of ours, with its class."""
    for mapper in Model.registry.mappers:
        if mapper.class_.__module__ == "app.models":
            yield from ((mapper.class_, column) for column in mapper.local_table.columns)


def test_each_defect_has_a_guard_that_exists():
    page = (ROOT / "docs/flask-appbuilder.md").read_text()
    rows = {int(row[0]): row[1] for row in re.findall(r"^\| (\d+) \| (.*)$", page, re.M)}
    assert sorted(rows) == list(range(1, DEFECTS + 1))
    assert [number for number, row in rows.items() if not GUARD.search(row)] == [26]
    named = set(GUARD.findall(page))
    assert len(named) > 20
    assert [
        f"{file}::{name}" for file, name in named if f"def {name}(" not in (ROOT / file).read_text()
    ] == []


def test_each_trap_has_a_guard_or_cannot_occur():
    """The traps of the design, beside the defects: a test, another row of the page, or why it cannot be."""
    traps = (ROOT / "docs/flask-appbuilder.md").read_text().partition("| trap | guarded by |")[2]
    rows = [row for row in re.findall(r"^\| (.*)$", traps, re.M) if not row.startswith("---")]
    assert len(rows) >= TRAPS
    told = re.compile(rf"{GUARD.pattern}|cannot occur|defect \d+ \|")
    assert [row for row in rows if not told.search(row)] == []


def test_no_view_is_declared_with_what_breaks(app):
    """No related views; nothing searched but plain columns; no JSON in a form."""
    wrong, seen = [], 0
    for view in views(app):
        columns = mapped(view.datamodel.obj).columns
        name = type(view).__name__
        seen += 1
        wrong += [f"{name}: related views"] if view.related_views else []
        wrong += [f"{name} searches {one}" for one in view.search_columns if one not in columns]
        for verb in ("add", "edit"):
            if f"can_{verb}" in view.base_permissions:
                typed = getattr(view, f"{verb}_columns")
                wrong += [
                    f"{name} {verb}s {one}"
                    for one in typed
                    if isinstance(columns.get(one, columns.values()[0]).type, JSON)
                ]
    assert wrong == []
    assert seen > 15


def test_no_column_is_of_a_kind_that_breaks():
    wrong, seen = [], 0
    for owner, column in kinds():
        where, kind = f"{owner.__name__}.{column.name}", column.type
        seen += 1
        if isinstance(kind, Uuid):
            wrong.append(f"{where}: Uuid")
        if isinstance(kind, Enum):
            wrong += [f"{where}: native"] if kind.native_enum else []
            wrong += [f"{where}: {one}" for one in kind.enum_class if one.name != one.value]
        if is_dataclass(owner):
            wrong.append(f"{owner.__name__}: dataclass")
    assert wrong == []
    assert seen > 100


def test_cases_are_never_added_edited_or_deleted(app):
    cases = [view for view in views(app) if isinstance(view, CaseView)]
    assert cases
    for view in cases:
        assert not {"can_add", "can_edit", "can_delete"} & set(view.base_permissions)


def test_each_pattern_of_a_role_is_anchored():
    patterns = [pattern for granted in ROLES.values() for pair in granted for pattern in pair]
    assert len(patterns) > 50
    assert [pattern for pattern in patterns if not pattern.endswith("$")] == []


def test_no_permission_is_a_row(app):
    with app.app_context():
        for name in ("ab_permission", "ab_permission_view", "ab_permission_view_role", "ab_view_menu"):
            table = db.metadata.tables[name]
            assert db.session.scalar(select(func.count()).select_from(table)) == 0, name
