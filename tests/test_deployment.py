"""Units, image and compose file start what the supervisor starts, and name settings that exist."""

import configparser
import shlex

import pytest
import yaml

from app.embedded.supervision import application_programs
from config import ROOT, Settings

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
STATED = {"METRICS_TOKEN"} | set(Settings.__annotations__) | {"GUICHET_ENV"}


def commands() -> dict[str, list[str]]:
    """Each program of Guichet and its words after `python -m`."""
    return {program.name: program.argv[program.argv.index("--") + 3 :] for program in application_programs()}


def test_there_is_a_unit_for_each_program() -> None:
    assert {unit.stem.removeprefix("guichet-") for unit in UNITS} == commands().keys()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_its_program_again_and_without_rights(unit) -> None:
    read = configparser.ConfigParser(interpolation=None)
    read.optionxform = str
    read.read(unit)
    service = read["Service"]
    python, *words = shlex.split(service["ExecStart"])
    assert python.endswith(".venv/bin/python")
    assert words == ["-m", *commands()[unit.stem.removeprefix("guichet-")]]
    assert service["Restart"] == "always"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert read["Install"]["WantedBy"] == "guichet.target"


def test_compose_starts_each_program_of_the_same_image() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    for name, words in commands().items():
        assert services[name]["command"] == words
        assert services[name]["build"] == "."
        assert services[name]["read_only"] is True


def test_the_example_of_settings_names_settings_that_are_read() -> None:
    lines = (ROOT / "deploy" / "systemd" / "guichet.env.example").read_text().splitlines()
    named = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert named <= STATED
    assert {"SECRET_KEY", "AUDIT_KEY", "ENCRYPTION_KEYS", "DATABASE_URL", "PUBLIC_URL"} <= named
