"""Rules of the house that no linter knows."""

import ast
import re

import pytest

from app.services import SERVICES
from config import ROOT

SOURCES = sorted(path for path in (ROOT / "app").rglob("*.py"))
TIME_READERS = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}


def calls(path):
    """Each `name.attribute(…)` of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            yield owner.id if isinstance(owner, ast.Name) else "", node.func.attr, node.lineno


def test_only_the_clock_reads_the_time():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in SOURCES
        if path.name != "clock.py"
        for owner, name, line in calls(path)
        if owner in ("datetime", "date", "time") and name in TIME_READERS
    ]
    assert found == []


def test_only_the_settings_read_the_environment():
    found = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if "embedded" not in path.parts and ("os.environ" in path.read_text() or "getenv" in path.read_text())
    ]
    assert found == []


DELAY = re.compile(
    r"(^|_)(timeout|seconds|minutes|wait|interval|delay|ttl|age|patience|tick|retry|every|keepalive|sleep|cap|base)s?(_|$)"
)
WAITS = {"sleep", "wait", "settimeout"}
NEXT_DAY = "timedelta(days=1)"
"""A step of the calendar, and no delay."""

DECLARING = ("base", "registration", "record_changes")
OF_PEOPLE = {ROOT / f"app/services/{name}.py": "minutes" for name in DECLARING}
"""How long a form takes to fill in is a fact about the service."""


def named_values(node):
    """What a node gives a name to, as (name, value): keyword arguments, assignments, entries of a dictionary."""
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if called == "timedelta" and ast.unparse(node).removeprefix("datetime.") != NEXT_DAY:
            yield from (("seconds", value) for value in given)
        if called in WAITS:
            yield from (("seconds", value) for value in node.args)
        yield from ((keyword.arg or "", keyword.value) for keyword in node.keywords)
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from ((getattr(target, "id", getattr(target, "attr", "")), node.value) for target in targets)
    if isinstance(node, ast.Dict):
        yield from (
            (key.value, value)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        )


def holds_a_number(value):
    """Whether a number other than 0 is written there, alone, in a sum or in a list; calls speak for themselves."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, int | float) and not isinstance(value.value, bool) and value.value != 0
    parts = ast.iter_child_nodes(value) if not isinstance(value, ast.Call) else ()
    return any(holds_a_number(part) for part in parts)


def delays_named_by(source):
    """The lines of a Python text that name a delay by themselves."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        for name, value in named_values(node)
        if DELAY.search(name.lower()) and holds_a_number(value)
    ]


def is_of_people(path, line):
    """Whether the line says how long people take, which no machinery waits for."""
    words = path.read_text().splitlines()[line - 1].split(":")
    return OF_PEOPLE.get(path) == words[0].strip()


def test_only_one_place_names_delays():
    named = {ROOT / "app/delays.py", ROOT / "app/services/delays.py"}
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in {*SOURCES, ROOT / "config.py", ROOT / "run.py", ROOT / "gunicorn.conf.py"} - named
        for line in delays_named_by(path.read_text())
        if not is_of_people(path, line)
    ]
    assert found == []
    assert all(delays_named_by(path.read_text()) for path in named)


@pytest.mark.parametrize(
    "planted",
    [
        "patience = timedelta(minutes=5)",
        "SECONDS_TO_STOP = 8.5",
        "SECONDS_TO_STOP = {SERVERS: 3}",
        "connect(url, connect_timeout=5)",
        "options = {'pool_timeout': 5}",
        "time.sleep(0.01)",
        "server.wait(2 * 5)",
        "job_ttl: int = 30",
    ],
)
def test_a_delay_named_elsewhere_is_found(planted):
    assert set(delays_named_by(planted)) == {1}


@pytest.mark.parametrize(
    "fine", ["day + timedelta(days=1)", "result_ttl=0", "wait(SERVER_STOP_SECONDS)", "pages = 5"]
)
def test_what_is_no_delay_is_left_alone(fine):
    assert delays_named_by(fine) == []


def test_scripts_are_told_their_delays():
    """By attributes of the page: a script writes neither milliseconds nor a delay."""
    scripts = sorted((ROOT / "app/static/js").glob("*.js"))
    assert scripts
    number = re.compile(r"\b\d[\d_]{3,}\b|set(Timeout|Interval)\([^\n]*\b\d|^\s*\}, \d", re.MULTILINE)
    assert number.search("setTimeout(look, 500)")
    assert [path.name for path in scripts if number.search(path.read_text())] == []


def parts_of(target):
    """What an assignment gives a value to, each alone: `a.x, (b, *c) = …` gives three."""
    if isinstance(target, ast.Tuple | ast.List):
        return [part for element in target.elts for part in parts_of(element)]
    return parts_of(target.value) if isinstance(target, ast.Starred) else [target]


def targets_of(node):
    """What a statement, a loop or a block gives a value to."""
    if isinstance(node, ast.Assign):
        return [part for target in node.targets for part in parts_of(target)]
    if isinstance(node, ast.AnnAssign | ast.AugAssign | ast.For | ast.comprehension):
        return parts_of(node.target)
    return []


WRITING_CALLS = {"setattr", "__setattr__", "values", "update", "on_conflict_do_update"}


def writes_a_status(node):
    """Whether a node sets something's status: by assignment, by `setattr`, or by SQL's `values(…)`."""
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return called in WRITING_CALLS and "status" in names_given(node)
    return any(isinstance(target, ast.Attribute) and target.attr == "status" for target in targets_of(node))


def names_given(call):
    """What a call may set: its keywords, the strings among its arguments, a dictionary's attributes as keys."""
    for keyword in call.keywords:
        yield keyword.arg
    for given in [*call.args, *(keyword.value for keyword in call.keywords)]:
        yield from (part.value for part in ast.walk(given) if isinstance(part, ast.Constant))
        if isinstance(given, ast.Dict):
            yield from (key.attr for key in given.keys if isinstance(key, ast.Attribute))


def status_writers_in(source):
    """The lines of a Python text that write a status."""
    return [node.lineno for node in ast.walk(ast.parse(source)) if writes_a_status(node)]


def test_only_the_engine_writes_a_status():
    writers = [
        str(path.relative_to(ROOT)) for path in SOURCES for _line in status_writers_in(path.read_text())
    ]
    assert writers == ["app/services/cases.py"]


@pytest.mark.parametrize(
    "planted",
    [
        "case.status = Status.approved",
        "case.reference, case.status = reference, Status.approved",
        "[case.reference, (*case.status, _)] = answers",
        "case.status: Status = Status.approved",
        "for case.status in path: pass",
        "setattr(case, 'status', Status.approved)",
        "object.__setattr__(case, 'status', Status.approved)",
        "session.execute(update(Case).values(status=Status.approved))",
        "session.execute(update(Case).values({'status': Status.approved}))",
        "session.execute(update(Case).values({Case.status: Status.approved}))",
        "session.query(Case).update({'status': Status.approved})",
        "session.query(Case).update({Case.status: Status.approved})",
        "case.__dict__.update(status=Status.approved)",
        "insert(Case).values(rows).on_conflict_do_update(set_={'status': Status.approved})",
    ],
)
def test_a_status_written_elsewhere_is_found(planted):
    assert status_writers_in(planted) == [1]


@pytest.mark.parametrize(
    "fine",
    [
        "status = case.status",
        "answer.status_code = 404",
        "setattr(case, field, value)",
        "update(Case).values(officer_id=1)",
    ],
)
def test_what_writes_no_status_is_left_alone(fine):
    assert status_writers_in(fine) == []


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.slug)
def test_no_answer_of_a_service_is_its_status(service):
    """What `setattr(case, field, value)` writes has the names of a form's fields, and no form asks for a status."""
    assert not hasattr(service.form, "status")


def test_no_test_sleeps():
    """`until` of tests/processes.py is the one that waits: it polls what other processes do."""
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in (ROOT / "tests").rglob("*.py")
        for _owner, name, line in calls(path)
        if name == "sleep" and path.name != "processes.py"
    ]
    assert found == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_readable(path):
    lines = len(path.read_text().splitlines())
    assert lines <= 400 or path.name == "models.py"


def test_money_and_rules_use_no_float():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "app/services").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    assert found == []
