"""Who is like whom: accents, order, spelling, sound, and dates a slip of the pen makes."""

from datetime import date

import pytest

from app.likeness_kinds import Likeness
from app.services.likeness import Identity, close_dates, compare

BORN = date(1990, 4, 3)
ME = Identity((("Joseph Aimé", "N’Guessan"),), BORN)


@pytest.mark.parametrize(
    ("given", "family", "how"),
    [
        ("JOSEPH AIME", "N'GUESSAN", Likeness.same_name),
        ("N’Guessan", "Joseph-Aimé", Likeness.same_name),
        ("Aimé Joseph", "NGuessan", Likeness.same_name),
        ("Joseph", "N’Guessan", Likeness.close_name),
        ("Josef Aime", "Nguesan", Likeness.close_name),
        ("Jozef", "Nguesan", Likeness.same_sound),
    ],
)
def test_a_name_written_otherwise_is_found(given, family, how):
    found = compare(ME, [(given, family)], BORN)
    assert found.likeness == (how, Likeness.same_birth_date)


@pytest.mark.parametrize(
    ("given", "family", "born"),
    [
        ("Marie", "N’Guessan", BORN),
        ("Joseph Aimé", "Essama", BORN),
        ("Joseph Aimé", "N’Guessan", date(1990, 9, 17)),
        ("Joseph", "Nguessi", date(1991, 4, 3)),
    ],
)
def test_others_are_left_alone(given, family, born):
    assert compare(ME, [(given, family)], born) is None


@pytest.mark.parametrize(
    "born", [date(1990, 3, 4), date(1990, 4, 4), date(1990, 5, 3), date(1991, 4, 3), date(1980, 4, 3)]
)
def test_a_slip_of_the_pen_in_the_date_is_borne(born):
    found = compare(ME, [("Joseph Aimé", "N’Guessan")], born)
    assert found.likeness == (Likeness.same_name, Likeness.close_birth_date)
    assert found.score == 90


def test_a_name_of_before_counts():
    married = Identity((("Rose", "Ondoa"), ("Rose", "Mbarga")), BORN)
    assert compare(married, [("Rose", "Mbarga")], BORN).likeness[0] is Likeness.same_name


def test_sounds_of_french_are_heard():
    one = Identity((("Christophe", "Fotso"),), BORN)
    assert compare(one, [("Kristof", "Photso")], BORN).likeness[0] is Likeness.same_sound


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2023, 12, 31), date(2023, 1, 1), date(2023, 1, 31)])
def test_every_day_of_the_calendar_has_its_neighbours(day):
    assert day in close_dates(day)
