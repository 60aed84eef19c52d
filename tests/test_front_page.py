"""What a newcomer reads first is what is there: the accounts of the trial, and what the tests stand on."""

import re

from app import demo
from config import ROOT


def test_the_read_me_names_each_account_of_the_demonstration():
    table = re.findall(
        r"^\| [a-z ]+ \| (\S+@\S+) \| (\S+) \|$", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    assert table == [(account.login, account.password) for account in demo.ACCOUNTS]


def test_each_thing_the_tests_stand_on_has_its_reason():
    chosen = [
        line.partition("[")[0]
        for line in (ROOT / "requirements-dev.in").read_text().splitlines()
        if line and not line.startswith(("#", "-c"))
    ]
    rows = [line for line in (ROOT / "docs" / "dependencies.md").read_text().splitlines() if line[:1] == "|"]
    told = {name for row in rows for name in re.findall(r"[\w-]+", row.split("|")[1])}
    assert set(chosen) - told == set()
