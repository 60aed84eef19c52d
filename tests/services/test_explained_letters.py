"""A letter that explains a computation: the same conditions, steps and figures on screen and on paper."""

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask_babel import force_locale

from app.extensions import db
from app.scheme import answer
from app.services import explanations, letters
from tests.scheme.cases import OLD_AGE, examples
from tests.services.test_cases import SERVICE
from tests.services.test_letters import decided, made, pdf_text

LOGINS = {"en": "joseph", "fr": "amina"}
CONTRIBUTIONS = {
    "scheme": "demo",
    "benefit": "contributions",
    "month": "2026-05",
    "wages": {"E1": "400000", "E2": "500000"},
    "risk_class": {"E1": "A", "E2": "C"},
}
REFUSED = {**OLD_AGE, "facts": {}}
ACCIDENT = next(case["input"] for case in examples() if "work accident" in case["name"])
QUESTIONS = {"due": OLD_AGE, "refused": REFUSED, "contributions": CONTRIBUTIONS, "accident": ACCIDENT}


def explained_letter(question, lang):
    """A letter of a decision, filed again with the explanation of a computation after its text."""
    written = decided(login=LOGINS[lang])
    block = explanations.part(answer(question), lang)
    sheet = letters.sheet_of(SERVICE, written)
    sheet = replace(sheet, body=[*sheet.body, block])
    letter = letters.file(written.case, sheet, letters.PAPER, written.decision.decided_by)
    db.session.commit()
    return made(letter), block["explanation"]


def plain(text):
    """Words one space apart, without what a line break may add."""
    return " ".join(re.sub("[\u00a0\u202f\u200b\u00ad]", " ", text).split())


def told(data):
    """Everything an explanation tells, row by row."""
    yield data["title"]
    if data.get("conclusion"):
        yield data["conclusion"]
    for row in data.get("conditions", []):
        yield from (row["source"], row["words"]["required"], row["words"]["actual"], row["words"]["met"])
    for row in data["steps"]:
        yield from (row["source"], row["words"]["rule"], row["words"]["value"])
    for row in data["parameters"]:
        yield from (row["source"], *(value["value"] for value in row["words"]["values"]))
        yield from (value["since"] for value in row["words"]["values"] if value["since"])


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("kind", QUESTIONS)
def test_screen_and_paper_tell_every_condition_step_and_figure(context, kind, lang):
    letter, data = explained_letter(QUESTIONS[kind], lang)
    screen = plain(BeautifulSoup(letter.html, "html.parser").get_text(" "))
    paper = plain(pdf_text(letter))
    for text in told(data):
        assert plain(text) in screen
        assert plain(text) in paper
    with force_locale(lang):
        headings = explanations.headings()
    shown = ["conditions", "condition", "required", "found", "result"] if data.get("conditions") else []
    for name in [*shown, "steps", "step", "rule", "value", "parameters", "figure", "since"]:
        assert plain(headings[name]) in screen
        assert plain(headings[name]) in paper


def test_the_rows_stand_in_the_order_of_the_computation(context):
    letter, data = explained_letter(OLD_AGE, "en")
    paper = pdf_text(letter)
    places = [
        paper.index(f"{number}. {row['label'][0].upper()}") for number, row in enumerate(data["steps"], 1)
    ]
    assert places == sorted(places)
    assert paper.index("Conditions") < places[0]


def test_a_letter_keeps_the_explanation_it_was_written_with(context):
    letter, data = explained_letter(OLD_AGE, "fr")
    db.session.expire(letter)
    assert letter.body[-1]["explanation"] == data
    assert letter.html.count("<table") == 3
