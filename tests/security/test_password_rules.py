"""What a password may be, and what the papers promise about guessing: the page and the rules say the same."""

import ast
import gzip
import re

import pytest

from app import delays
from app.security import attempts, passwords
from config import ROOT

PAGE = ROOT / "docs/signing-in.md"
ADDRESS = "marie@mail.cm"
LONG = "une phrase que personne ne devine jamais, avec des mots sans aucun rapport entre eux: " * 2


@pytest.fixture
def problem(english):
    return lambda password: str(passwords.problem_with(password, ADDRESS) or "")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("vqz7kpl2mwx", "at least 12"),
        ("vqz7kpl2mwxt", ""),
        (LONG[:64], ""),
        (LONG[:128], ""),
        (LONG[:129], "at most 128"),
    ],
)
def test_a_password_has_12_to_128_signs(problem, password, said):
    assert said in problem(password)
    assert bool(problem(password)) is bool(said)


def leaked():
    packed = ROOT / "app/security/leaked_passwords.txt.gz"
    return gzip.decompress(packed.read_bytes()).decode().splitlines()


def test_no_password_of_the_known_breaches_is_taken_in_any_case(problem):
    """Each of them as it is; a few also as people change them, which tells them no better."""
    found = leaked()
    assert len(found) > 40_000
    assert min(map(len, found)) == passwords.SHORTEST
    assert [password for password in found if not problem(password)] == []
    assert "too easy to guess" in problem("MailCreated5240")
    assert "too easy to guess" in problem("1QAZ2wsx3edc")


def test_the_list_refuses_what_guessing_alone_would_take():
    """Without the list, these would pass: what made them leak is not in their signs."""
    for password in ("speakforurself", "yankeesnokia_evgenii", "22121991shdv"):
        assert password in leaked()
        assert not passwords._is_common(password, [])


@pytest.mark.parametrize("word", passwords.NEAR_HAND)
@pytest.mark.parametrize("more", ["2026", "123!", "@2027"])
def test_a_word_of_the_house_makes_no_password(problem, word, more):
    password = word.capitalize() + more
    while len(password) < passwords.SHORTEST:
        password += more
    assert "too easy to guess" in problem(password)


def test_the_words_of_the_house_are_written_down():
    (listed,) = re.findall(r"^Words of ours: (.+)\.$", PAGE.read_text(), re.M)
    assert tuple(listed.split(", ")) == passwords.NEAR_HAND


def test_how_often_something_may_be_tried_is_written_down():
    rows = dict(re.findall(r"^\| `([\w-]+)` \| [^|]+ \| ([^|]+) \|", PAGE.read_text(), re.M))
    counted = [it for it in vars(attempts).values() if isinstance(it, attempts.Allowance)]
    assert rows == {
        one.name: ", ".join(f"{number} in {in_words(span)}" for number, span in one.numbers)
        for one in counted
    }


def in_words(span):
    minutes = int(span.total_seconds() // 60)
    words = {1: "a minute", 15: "15 minutes", 60: "an hour", 24 * 60: "a day"}
    return words[minutes]


def test_the_codes_last_as_long_as_the_page_says():
    page = PAGE.read_text()
    minutes = int(delays.LINK_CODE_KEPT.total_seconds() // 60)
    assert minutes <= 10
    assert f"linking: six digits, {minutes} minutes" in page


def test_every_beginning_of_a_session_is_a_way_in_that_is_written_down():
    """One function signs in; the pages that reach it are those of the table of ways in."""
    listed = set(re.findall(r"^\| `(\w+\.\w+)` \| .+ \|$", PAGE.read_text(), re.M))
    found, begins = set(), {"enter", "after_password", "begin"}
    for path in (ROOT / "app").rglob("*.py"):
        tree = ast.parse(path.read_text())
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert "login_user" not in names or path.name == "entering.py"
        for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
            called = {
                node.func.attr
                for node in ast.walk(function)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "entering"
            }
            if called & begins:
                found.add((path.stem, function.name))
    assert found == {
        ("account", "code"),
        ("account", "_answer"),
        ("account_pages", "password"),
        ("second_factor", "set_up"),
    }
    assert listed == {"account.sign_in", "account.code", "my_account.password", "second_factor.set_up"}


INVENTED = {"demo_people.py", "demo_desk.py"}
"""The demonstration's people shall be foretold: the same seed, the same persons. It makes no secret."""


def test_nothing_of_ours_draws_by_a_generator_that_can_be_foretold():
    wrong = []
    for path in (ROOT / "app").rglob("*.py"):
        if path.name in INVENTED:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            wrong += [f"{path.name}: {name}" for name in names if name == "random"]
    assert wrong == []
