"""A letter that explains a computation: the same conditions, steps and figures on screen and on paper."""

import re
from dataclasses import replace
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from flask_babel import force_locale
from pypdf import PdfReader
from sqlalchemy import func, select

from app.extensions import db
from app.models import Letter
from app.scheme import answer, explained, record
from app.services import cases, explanations, letters
from app.services.base import RuleBroken
from app.workflow import Actor, Outcome
from tests.scheme.cases import OLD_AGE, examples
from tests.services.test_cases import REASON, SERVICE, account, file_case
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


class Computed(type(SERVICE)):
    """A service whose decisions rest on a stored result of the law."""

    def __init__(self, stored):
        self.stored = stored

    def computed(self, case):
        return self.stored


def stored_result(question):
    return record(question, answer(question))


def decided_on(stored, login, step="reject"):
    """The letter of a decision that rests on a stored result, by the template of every service."""
    service, case = Computed(stored), file_case(login)
    cases.perform(service, case, step, cases.By(account("officer"), Actor.officer), REASON)
    db.session.commit()
    return made(case.letters[-1])


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize(("step", "question"), [("approve", OLD_AGE), ("reject", REFUSED)])
def test_a_decision_that_rests_on_the_law_explains_it_in_its_letter(context, step, question, lang):
    letter = decided_on(stored_result(question), LOGINS[lang], step)
    kinds = [block["kind"] for block in letter.body]
    assert kinds[-2:] == ["heading", "explanation"]
    data = letter.body[-1]["explanation"]
    assert data == explained(answer(question), lang)
    screen = BeautifulSoup(letter.html, "html.parser")
    paper = plain(pdf_text(letter))
    for text in told(data):
        assert plain(text) in plain(screen.get_text(" "))
        assert plain(text) in paper
    headings = [heading.name for heading in screen.find_all(re.compile("^h[1-6]$"))]
    assert headings[-4:] == ["h2", "h3", "h3", "h3"]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_its_pdf_is_tagged_each_table_under_its_heading(context, lang):
    letter = decided_on(stored_result(OLD_AGE), LOGINS[lang])
    catalogue = PdfReader(BytesIO(letters.open_pdf(letter))).trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"].startswith(lang)
    tags = [tag for tag in tags_of(catalogue["/StructTreeRoot"]) if re.fullmatch("/H[1-6]|/Table", tag)]
    assert tags[-7:] == ["/H2", *["/H3", "/Table"] * 3]


def tags_of(element):
    """The tags of a PDF's structure, in reading order."""
    element = element.get_object()
    if not isinstance(element, dict):
        return
    if "/S" in element:
        yield element["/S"]
    below = element.get("/K", [])
    below = below.get_object() if hasattr(below, "get_object") else below
    for each in below if isinstance(below, list) else [below]:
        yield from tags_of(each)


def test_a_decision_that_rests_on_nothing_computed_explains_nothing(context):
    letter = decided_on(None, "joseph")
    assert {block["kind"] for block in letter.body} == {"heading", "text"}
    assert "line by line" not in letter.html


@pytest.mark.parametrize("spoilt", ["result", "version", "input"])
def test_what_does_not_come_out_as_it_is_stored_is_not_decided(context, spoilt):
    stored = stored_result(OLD_AGE)
    stored |= {
        "result": {"result": {**stored["result"], "monthly": "1"}},
        "version": {"version": "2020.1+0123456789ab"},
        "input": {"input": {**OLD_AGE, "on": "2026-13-01"}},
    }[spoilt]
    with pytest.raises(RuleBroken, match="does not come out as it is stored"):
        decided_on(stored, "joseph")
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Letter)) == 0


def test_the_officer_reads_it_before_deciding(context):
    case, stored = file_case("amina"), stored_result(OLD_AGE)
    sheet = letters.preview(Computed(stored), case, Outcome.approve, None, account("officer"))
    assert sheet.body[-1] == explanations.part(answer(OLD_AGE), "fr")


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
