"""The templates of letters: their merge fields, the one in force, both languages."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.models import LetterTemplate
from app.services import letter_templates
from app.workflow import Outcome


@pytest.mark.parametrize(
    ("words", "unknown"),
    [
        ("Dear %(person)s, 60 % of %(reference)s", []),
        ("Dear %(persn)s", ["%(persn)s"]),
        ("Dear %(person) and %()s", ["%(person)", "%()s"]),
        ("%(person", ["%(person"]),
        ("%(case.owner.password)s", ["%(case.owner.password)s"]),
    ],
)
def test_unknown_merge_fields_are_named(words, unknown):
    assert letter_templates.unknown_fields(words) == unknown


def test_paragraphs_without_their_value_are_left_out():
    body = "One %(person)s\n\n# Why\n\n%(reason)s\n\n# Next\n\n100 % sure\nsecond line\n\n# End"
    blocks = letter_templates.fill(body.replace("\n", "\r\n"), {"person": "Jo", "reason": ""})
    assert [(block["kind"], block["text"]) for block in blocks] == [
        ("text", "One Jo"),
        ("heading", "Next"),
        ("text", "100 % sure\nsecond line"),
    ]


def test_the_first_templates_use_known_fields_only(context):
    templates = db.session.scalars(select(LetterTemplate)).all()
    assert {template.outcome for template in templates} == set(Outcome)
    for template in templates:
        for words in (template.subject_fr, template.subject_en):
            assert letter_templates.unknown_fields(words) == []
        for words in (template.body_fr, template.body_en):
            assert letter_templates.unknown_fields(words, letter_templates.FIELDS_OF_BODY) == []
            assert letter_templates.crowded_fields(words) == []


PART = {"kind": "explanation", "explanation": {"title": "t"}}


@pytest.mark.parametrize("given", [{"explanation": PART}, {}])
def test_a_part_of_the_letter_stands_where_its_field_has_its_paragraph(given):
    blocks = letter_templates.fill("# Sums\n\n %(explanation)s \n\n# End\n\nEnd", {}, given)
    assert blocks == ([{"kind": "heading", "text": "Sums"}, PART] if given else []) + [
        {"kind": "heading", "text": "End"},
        {"kind": "text", "text": "End"},
    ]


@pytest.mark.parametrize(
    ("words", "crowded"),
    [
        ("One\r\n\r\n%(explanation)s\r\n\r\nTwo", []),
        ("See %(explanation)s", ["%(explanation)s"]),
        ("# %(explanation)s", ["%(explanation)s"]),
        ("%(explanation)s\nTwo", ["%(explanation)s"]),
    ],
)
def test_a_part_of_the_letter_that_shares_a_paragraph_is_named(words, crowded):
    assert letter_templates.crowded_fields(words) == crowded


def test_the_template_of_the_service_and_of_the_day_is_taken(context):
    today = clock.today()
    texts = {"subject_fr": "s", "body_fr": "b", "body_en": "b"}
    for service, days, subject in [
        ("registration", -9, "own"),
        ("*", -1, "all"),
        ("registration", 9, "later"),
    ]:
        day = today + timedelta(days=days)
        row = LetterTemplate(
            service=service, outcome=Outcome.reject, valid_from=day, subject_en=subject, **texts
        )
        db.session.add(row)
    db.session.flush()
    assert letter_templates.in_force("registration", Outcome.reject).subject_en == "own"
    assert letter_templates.in_force("claims", Outcome.reject).subject_en == "all"
    assert (
        letter_templates.in_force("registration", Outcome.reject, today + timedelta(days=9)).subject_en
        == "later"
    )
    db.session.rollback()


@pytest.mark.parametrize("column", ["subject_fr", "subject_en", "body_fr", "body_en"])
def test_a_template_speaks_both_languages(context, column):
    texts = dict.fromkeys(["subject_fr", "subject_en", "body_fr", "body_en"], "words") | {column: "  "}
    db.session.add(LetterTemplate(service="*", outcome=Outcome.reject, valid_from=clock.today(), **texts))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()
