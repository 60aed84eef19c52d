"""How numbers are written: a pattern, its check signs, what is typed, and patterns that are refused."""

import pytest

from app import numbering
from app.numbering import BadFormat, parse
from app.services import numbers
from config import BadSetting, load

LASTING = "{region:2}-{digits:7}-{check:mod_97_10}"
PATTERNS = [
    LASTING,
    "T{digits:7}-{check:mod_37_36}",
    "{region:3}.{signs:6}.{check:mod_37_36}",
    "{digits:9}{check:luhn}",
    "{digits:10} {check:mod_11_10}",
    "{digits:8}/{check:mod_11_2}",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("place", [1, 31, 345, 99_999])
def test_a_number_is_read_back_with_or_without_separators(pattern, place):
    form = parse(pattern)
    region = "237"[: next((part.length for part in form.segments if part.kind == "region"), 0)]
    number = form.write(region, place)
    bare = "".join(filter(str.isalnum, number))
    assert form.read(number) == form.read(bare.lower()) == form.read(f"  {bare} ") == number
    assert form.place_of(bare) == (region, place)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_one_wrong_sign_is_no_number(pattern):
    form = parse(pattern)
    number = form.write("10", 345)
    for at, sign in enumerate(number):
        if sign.isdigit():
            wrong = number[:at] + str((int(sign) + 1) % 10) + number[at + 1 :]
            assert form.place_of(wrong) is None, wrong


def test_a_range_ends(app):
    form = parse("{digits:2}{check:luhn}")
    assert form.write("", 99)
    for place in (0, 100):
        with pytest.raises(ValueError, match="no place"):
            form.write("", place)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "10-{digits:7}",
        "{digits:7}{digits:2}{check:luhn}",
        "{check:luhn}{digits:7}",
        "{digits:7}{check:none}",
        "{digits:0}{check:luhn}",
        "{digits:x}{check:luhn}",
        "{digits:40}{check:luhn}",
        "{signs:7}{check:luhn}",
        "T{digits:7}{check:mod_11_2}",
        "{birth:8}{digits:7}{check:luhn}",
        "{region:1}{region:1}{digits:7}{check:luhn}",
        "{digits:7}{check:luhn}é{",
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_at_the_start(environment, pattern):
    with pytest.raises(BadFormat):
        parse(pattern)
    if pattern:
        with pytest.raises(BadSetting, match="SSN_FORMAT"):
            numbers.check(load(environment | {"SSN_FORMAT": pattern}))


def test_temporary_and_lasting_numbers_cannot_be_mistaken(environment):
    with pytest.raises(BadSetting, match="TEMPORARY_SSN_FORMAT"):
        numbers.check(load(environment | {"TEMPORARY_SSN_FORMAT": LASTING}))


def test_signs_are_none_that_people_confuse():
    assert not set("ILOU") & set(numbering.SIGNS)
