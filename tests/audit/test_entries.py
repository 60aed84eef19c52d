"""The text of an entry: one form only, and nothing in it that has two."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from app.audit import entries

AT = entries.instant(datetime(2026, 7, 2, 9, 5, 3, 40, UTC))


def test_same_facts_give_the_same_text_in_whatever_order_they_came():
    assert entries.facts({"b": 1, "a": {"d": None, "c": True}}) == '{"a":{"c":true,"d":null},"b":1}'
    assert entries.facts({"a": {"c": True, "d": None}, "b": 1}) == '{"a":{"c":true,"d":null},"b":1}'


def test_dates_and_amounts_are_text():
    wanted = {"paid": "206250.00", "on": "2026-11-23", "at": "2026-07-02T09:05:03.000000Z"}
    east = timezone(timedelta(hours=2))
    said = {
        "paid": Decimal("206250.00"),
        "on": date(2026, 11, 23),
        "at": datetime(2026, 7, 2, 11, 5, 3, 0, east),
    }
    assert json.loads(entries.facts(said)) == wanted


@pytest.mark.parametrize("value", [1.0, {"a": [0.5]}, {1, 2}, object()])
def test_what_has_no_single_text_is_refused(value):
    with pytest.raises(TypeError):
        entries.facts({"value": value})


def test_a_nul_character_is_refused():
    with pytest.raises(ValueError, match="NUL"):
        entries.facts({"value": "a\x00b"})


def test_half_a_character_is_refused_and_a_whole_one_is_not():
    assert entries.facts({"value": "😀"}) == '{"value":"\\ud83d\\ude00"}'
    with pytest.raises(UnicodeEncodeError):
        entries.facts({"value": "\ud83d"})


def test_text_is_one_line_of_json_that_begins_with_the_instant():
    content = entries.canonical(AT, "déposer", None, '{"line":"one\\ntwo"}', entries.Sealed(7, 2, "AAAA"))
    assert content.isascii()
    assert "\n" not in content
    assert content.startswith('{"at":"2026-07-02T09:05:03.000040Z","action":')
    assert json.loads(content)["personal"] == {"key": "7.2", "sealed": "AAAA"}


@pytest.mark.parametrize(
    "stream", ["case", "case:", ":1", "case:1/2", "case:1\n", "CASE:1", "case:" + "9" * 60]
)
def test_a_stream_has_a_plain_name(stream):
    with pytest.raises(ValueError, match="audit stream"):
        entries.check_stream(stream)
