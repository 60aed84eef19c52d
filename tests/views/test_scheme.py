"""The law in the back office: who reads it, who evaluates, and what a wrong question is answered with."""

import json
import re

import pytest
from bs4 import BeautifulSoup
from flask import get_template_attribute
from sqlalchemy import func, select

from app.extensions import db
from app.scheme import answer, evaluate, explained, scheme_names
from tests.scheme.cases import examples

FORM = "#what-if-form"
WHAT_IF = "/staff/law/demo/what-if"
OLD_AGE = {
    "on": "2026-07-01",
    "person.birth_date": "15/6/1966",
    "person.registered_on": "2001-01-10",
    "facts.stopped_work_on": "2026-06-30",
    "earnings[0].from": "2001-01",
    "earnings[0].to": "12/2022",
    "earnings[0].monthly": "250 000",
    "earnings[1].from": "2023-01",
    "earnings[1].to": "2023-01",
    "earnings[1].monthly": "300000",
}
SAME_AS_JSON = {
    "scheme": "demo",
    "benefit": "old_age",
    "on": "2026-07-01",
    "person": {"birth_date": "1966-06-15", "registered_on": "2001-01-10"},
    "facts": {"stopped_work_on": "2026-06-30"},
    "earnings": [
        {"from": "2001-01", "to": "2022-12", "monthly": "250000"},
        {"from": "2023-01", "to": "2023-01", "monthly": "300000"},
    ],
}


@pytest.fixture
def officer(visitor):
    return visitor("officer")


def ask(browser, benefit="old_age", button=None, **fields):
    """Fill in a benefit's questions and press a button, by default the one that evaluates."""
    browser.open(f"{WHAT_IF}?benefit={benefit}")
    return browser.send(form=FORM, button=button, **fields)


def figures(browser):
    """The figures of the explanation shown, however the language writes them."""
    text = browser.page.select_one(".g-explain").get_text(" ")
    text = re.sub(r"(?<=\d)[\u202f,](?=\d{3})", "", text)
    return sorted(figure.replace(",", ".") for figure in re.findall(r"\d+(?:[.,]\d+)?", text))


@pytest.mark.parametrize("login", ["officer", "supervisor", "auditor", "administrator"])
def test_all_staff_read_the_law(visitor, login):
    reader = visitor(login)
    reader.open("/staff/")
    assert reader.page.select_one("a[href='/staff/law/']")
    for name in scheme_names():
        reader.open("/staff/law/")
        reader.open(reader.page.select_one(f"a[href='/staff/law/{name}/']")["href"])
        assert reader.status == 200
        reader.open(f"/staff/law/{name}/changes?before=2010-01-01&after=2026-01-01")
        assert reader.status == 200


@pytest.mark.parametrize(
    ("login", "status"),
    [("officer", 200), ("supervisor", 200), ("auditor", 403), ("administrator", 403), ("joseph", 403)],
)
def test_only_officers_and_supervisors_evaluate(visitor, login, status):
    reader = visitor(login)
    reader.open("/staff/law/demo/")
    assert bool(reader.page.select(f"a[href='{WHAT_IF}']")) is (status == 200)
    reader.open(WHAT_IF)
    assert reader.status == status
    reader.open("/en/sign-in")
    reader.post(WHAT_IF, {"csrf_token": reader.token(), "benefit": "old_age", "shown": "old_age", **OLD_AGE})
    assert reader.status == status
    assert ("XAF 93,014" in reader.text) is (status == 200)


@pytest.mark.parametrize(
    "address", ["/staff/law/atlantis/", "/staff/law/atlantis/what-if", "/staff/law/../demo"]
)
def test_a_scheme_that_is_not_there_is_no_page(officer, address):
    officer.open(address)
    assert officer.status == 404


def row_of(browser, key):
    """The row of a figure, as text."""
    cell = browser.page.find("span", class_="s-key", string=key)
    return " ".join(cell.find_parent("tr").get_text(" ").split())


def test_a_figure_is_shown_with_its_unit_its_source_its_labels_and_its_history(officer):
    officer.open("/staff/law/demo/")
    row = row_of(officer, "ceiling")
    for part in (
        "Monthly ceiling of insurable earnings",
        "plafond mensuel de l’assiette",
        "Amount in XAF",
        "Art. 1",
    ):
        assert part in row
    assert "XAF 300,000 from 1 January 2000 to 31 January 2016" in row
    assert "XAF 750,000 since 1 February 2016" in row


def test_on_a_day_only_the_value_in_force_is_shown(officer):
    officer.open("/staff/law/demo/?on=31/1/2016")
    row = row_of(officer, "ceiling")
    assert "XAF 300,000" in row
    assert "750,000" not in row
    assert officer.value_of("on") == "31/1/2016"


def test_a_day_before_the_law_has_a_value_says_so(officer):
    officer.open("/staff/law/ca-cpp/?on=1950-01-01")
    assert officer.status == 200
    assert "no value on that day" in officer.text


def test_what_changed_between_two_days(officer):
    officer.open("/staff/law/demo/changes?before=2015-01-01&after=2020-01-01")
    keys = [cell.get_text() for cell in officer.page.select(".s-key")]
    assert keys == ["ceiling", "pensions_employee"]
    assert "XAF 300,000 XAF 750,000 1 February 2016" in row_of(officer, "ceiling")
    officer.open("/staff/law/demo/changes?before=2020-01-01&after=2020-01-01")
    assert "No figure differs" in officer.text


@pytest.mark.parametrize(
    "day", ["2026-02-30", "yesterday", "0001-01-01", "99999-01-01", "2026-07-01'--", "١/١/2026"]
)
@pytest.mark.parametrize(("page", "field"), [("", "on"), ("changes", "before")])
def test_a_filter_that_is_no_day_has_its_message(officer, page, field, day):
    officer.open(f"/staff/law/demo/{page}?{field}={day}")
    assert officer.status == 422
    assert officer.page.select_one(f"#{field}-error")
    assert officer.value_of(field) == day
    assert officer.page.title.get_text().startswith("Error: ")


def test_a_claim_is_evaluated_and_explained(officer):
    ask(officer, **OLD_AGE)
    assert officer.status == 200
    assert "Due, standard pension: XAF 93,014 a month, from 1 July 2026." in officer.text
    assert len(officer.page.select(".g-explain__met")) == 5
    for part in ("at least 180 months", "265 months", "Art. 11", "XAF 251,389", "1 April 2023"):
        assert part in officer.text.replace("\xa0", " ")


def test_what_is_not_met_is_said_in_words(officer):
    ask(officer, **(OLD_AGE | {"person.birth_date": "1990-06-15"}))
    assert "Nothing is due." in officer.text
    assert "not met" in officer.page.select_one(".g-explain__unmet").get_text()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_form_asks_the_engine_what_json_asks(visitor, lang):
    browser = visitor("officer", lang=lang)
    browser.open(f"{WHAT_IF}?language={lang}")
    ask(browser, **OLD_AGE)
    by_form = figures(browser)
    browser.open(f"{WHAT_IF}?mode=json")
    browser.send(form=FORM, json=json.dumps(SAME_AS_JSON))
    assert figures(browser) == by_form
    assert evaluate(SAME_AS_JSON)["monthly"] in by_form


def test_both_languages_carry_the_same_figures(officer):
    ask(officer, **OLD_AGE)
    english = figures(officer)
    officer.send(form=FORM, button=("_switch", "fr"), to=WHAT_IF)
    assert officer.page.html["lang"] == "fr"
    assert "condition remplie" in officer.text
    assert [figure for figure in figures(officer) if figure != "1"] == [
        figure for figure in english if figure != "1"
    ]
    assert officer.value_of("earnings[0].monthly") == "250 000"


def test_the_form_turns_into_the_json_that_asks_the_same(officer):
    ask(officer, button=("as_json", "1"), **OLD_AGE)
    assert json.loads(officer.value_of("json")) == SAME_AS_JSON


BAD = [
    ({"on": "30/2/2026"}, "q-on", "day of the calendar", "jour du calendrier"),
    ({"on": ""}, "q-on", "required", "obligatoire"),
    ({"on": "9999-12-31"}, "q-on", "between", "comprise entre"),
    ({"person.birth_date": ""}, "q-person-birth_date", "required", "obligatoire"),
    (
        {"person.birth_date": "2027-01-01"},
        "q-person-birth_date",
        "after 1 July 2026",
        "postérieure au 1er juillet 2026",
    ),
    ({"person.birth_date": "1890-01-01"}, "q-person-birth_date", "130 years", "130 ans"),
    (
        {"person.registered_on": "1960-01-01"},
        "q-person-registered_on",
        "before the birth",
        "antérieure à la date",
    ),
    (
        {"facts.stopped_work_on": "hier"},
        "q-facts-stopped_work_on",
        "day of the calendar",
        "jour du calendrier",
    ),
    ({"earnings[0].monthly": "-1"}, "q-earnings-0-monthly", "negative", "négatif"),
    ({"earnings[0].monthly": "250,000"}, "q-earnings-0-monthly", "plain digits", "en chiffres"),
    (
        {"earnings[0].monthly": "250000,5"},
        "q-earnings-0-monthly",
        "XAF has no decimals",
        "XAF n’a pas de décimales",
    ),
    ({"earnings[0].monthly": "9" * 400}, "q-earnings-0-monthly", "at most 15", "15 au plus"),
    ({"earnings[0].monthly": "NaN"}, "q-earnings-0-monthly", "plain digits", "en chiffres"),
    ({"earnings[0].monthly": ""}, "q-earnings-0-monthly", "required", "obligatoire"),
    ({"earnings[1].to": "2022-12"}, "q-earnings-1-to", "before the first month", "précède le premier mois"),
    ({"earnings[1].from": "13/2022"}, "q-earnings-1-from", "must be a month", "Indiquez un mois"),
    ({"earnings[0].from": "5/1966"}, "q-earnings-0-from", "before the birth", "antérieure à la date"),
    (
        {"credited[0].from": "1960-01", "credited[0].to": "1960-02", "credited[0].kind": "maternity"},
        "q-credited-0-from",
        "before the birth",
        "antérieure à la date",
    ),
    (
        {"facts.stopped_work_on": "14/6/1966"},
        "q-facts-stopped_work_on",
        "before 15 June 1966 (birth date)",
        "antérieure au 15 juin 1966 (date de naissance)",
    ),
    ({"earnings[1].from": "2022-06"}, "q-earnings-1-from", "overlaps period 1", "chevauche la période 1"),
    ({"earnings[1].days": "32"}, "q-earnings-1-days", "at most 31", "au plus 31"),
    ({"earnings[1].employer": "E" * 101}, "q-earnings-1-employer", "100 characters", "100 caractères"),
    ({"credited[0].from": "2020-01"}, "q-credited-0-kind", "required", "obligatoire"),
]


@pytest.mark.long(sample=8)
@pytest.mark.parametrize(("wrong", "place", "english", "french"), BAD)
def test_bad_input_has_its_message_beside_the_field_in_both_languages(officer, wrong, place, english, french):
    typed = OLD_AGE | wrong
    ask(officer, **typed)
    for lang, sentence in (("en", english), ("fr", french)):
        if lang == "fr":
            officer.send(form=FORM, button=("_switch", "fr"), to=WHAT_IF)
        assert officer.status == 422
        field = officer.page.select_one(f"#{place}")
        assert field["aria-invalid"] == "true"
        message = officer.page.select_one(f"#{field['aria-describedby']}").get_text()
        assert sentence in message.replace("\xa0", " ")
        assert officer.page.select_one(f"[role=alert] a[href='#{place}']")
        assert officer.page.html["lang"] == lang
        for name, text in typed.items():
            assert officer.value_of(name) == text


@pytest.mark.parametrize(
    ("benefit", "facts", "place", "sentence"),
    [
        (
            "disability",
            {"facts.onset": "2026-07-02", "facts.loss_percent": "70"},
            "q-facts-onset",
            "must not be after 1 July 2026 (day asked)",
        ),
        (
            "sickness",
            {"facts.from": "2026-03-10", "facts.to": "2026-03-09"},
            "q-facts-to",
            "must not be before 10 March 2026 (first day of incapacity)",
        ),
    ],
)
def test_a_date_out_of_order_has_its_message_beside_it(officer, benefit, facts, place, sentence):
    ask(officer, benefit, on="2026-07-01", **{"person.birth_date": "1966-06-15"}, **facts)
    assert officer.status == 422
    field = officer.page.select_one(f"#{place}")
    message = officer.page.select_one(f"#{field['aria-describedby']}").get_text()
    assert sentence in message.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"facts.attendance": "perhaps"}, "q-facts-attendance"),
        ({"credited[0].kind": "gardening"}, "q-credited-0-kind"),
    ],
)
def test_what_no_browser_would_send_has_its_message_too(officer, wrong, place):
    ask(officer, **(OLD_AGE | wrong))
    assert officer.status == 422
    assert officer.page.select_one(f"#{place}[aria-invalid]")


def test_lines_left_empty_are_closed_up(officer):
    moved = {name.replace("[1]", "[2]"): text for name, text in OLD_AGE.items()}
    ask(officer, **moved)
    assert officer.status == 200
    assert officer.value_of("earnings[1].monthly") == "300000"
    assert officer.value_of("earnings[2].monthly") == ""


def test_more_lines_keep_what_was_typed_and_evaluate_nothing(officer):
    ask(officer, button=("more", "earnings"), **OLD_AGE)
    assert officer.status == 200
    assert len(officer.page.select("input[name$='.monthly']")) == 6
    assert officer.value_of("earnings[0].to") == "12/2022"
    assert not officer.page.select(".g-explain, [aria-invalid]")


@pytest.mark.parametrize("button", [("choose", "1"), None])
def test_another_benefit_shows_its_questions_and_keeps_what_was_typed(officer, button):
    officer.open(f"{WHAT_IF}?benefit=old_age")
    officer.send(form=FORM, button=button, **(OLD_AGE | {"benefit": "sickness"}))
    assert officer.page.select_one("#q-facts-from")
    assert officer.value_of("earnings[0].monthly") == "250 000"
    assert not officer.page.select(".g-explain, [aria-invalid]")


def test_the_language_switch_before_evaluating_shows_no_message(officer):
    ask(officer, button=("_switch", "fr"), **{"person.birth_date": "whenever"})
    assert officer.page.html["lang"] == "fr"
    assert officer.value_of("person.birth_date") == "whenever"
    assert not officer.page.select(".g-explain, [aria-invalid]")


def test_contributions_are_asked_by_employer(officer):
    wages = {"wages[0].employer": "E1", "wages[0].wages": "500 000", "wages[0].risk_class": "A"}
    ask(officer, "contributions", month="1/2016", **wages)
    assert "XAF 12,600" in officer.text.replace("\xa0", " ")
    ask(
        officer,
        "contributions",
        month="1/2016",
        **wages,
        **{"wages[1].employer": "E1", "wages[1].wages": "1"},
    )
    assert officer.page.select_one("#q-wages-1-employer[aria-invalid]")
    ask(officer, "contributions", month="1/2016", **(wages | {"wages[0].risk_class": ""}))
    assert officer.page.select_one("#q-wages-0-risk_class[aria-invalid]")
    ask(officer, "contributions", month="1/2016", **{"wages[0].wages": "5"})
    assert officer.page.select_one("#q-wages-0-employer[aria-invalid]")


def test_children_are_counted_and_a_calculation_is_asked_its_own_questions(officer):
    ask(
        officer,
        "family_allowance",
        **{"on": "2026-07-01", "facts.pensioner": "true"},
        **{"person.children[0].birth_date": "2010-02-01", "person.children[0].in_school": "true"},
    )
    assert "1 child" in officer.text.replace("\xa0", " ")
    ask(officer, "late_penalty", amount="100000", wages_month="12/2022", paid_on="2026-06-01")
    assert "XAF 54,000" in officer.text.replace("\xa0", " ")


@pytest.mark.parametrize("scheme", scheme_names())
def test_every_benefit_of_every_scheme_can_be_asked(officer, scheme):
    officer.open(f"/staff/law/{scheme}/what-if")
    for option in officer.page.select("#benefit option"):
        officer.open(f"/staff/law/{scheme}/what-if?benefit={option['value']}")
        assert officer.page.select_one(f"#benefit option[value='{option['value']}'][selected]")
        officer.send(form=FORM)
        assert officer.status in (200, 422)
        assert officer.page.select(".g-explain, [aria-invalid]")


@pytest.mark.parametrize(
    ("text", "english", "french"),
    [
        ("", "required", "obligatoire"),
        ("{", "line 1, column 2", "ligne 1, colonne 2"),
        ("[" * 100_000, "This is not JSON", "n’est pas du JSON"),
        ('{"on": NaN}', "NaN is not a number", "NaN n’est pas un nombre"),
        ('{"on": 1, "on": 2}', "on: This is stated twice", "on : Cette indication est donnée deux fois"),
        ("[]", "must be an object", "Un objet est attendu"),
        (
            '{"scheme": "atlantis", "benefit": "old_age"}',
            "scheme: This must be one of",
            "scheme : Valeurs possibles",
        ),
        ('{"benefit": "holiday"}', "benefit: This must be one of", "benefit : Valeurs possibles"),
        ('{"benefit": "old_age", "on": "2026-07-01", "surprise": 1}', "not known", "n’est pas connu"),
        ('{"benefit": "old_age", "on": 20260701}', "on: This must be a day", "on : Indiquez un jour"),
        ("1" * 5000, "This", ""),
        ("x" * 200_001, "200000 characters", "200000 caractères"),
    ],
)
def test_bad_json_is_answered_beside_the_text(officer, text, english, french):
    officer.open(f"{WHAT_IF}?mode=json")
    officer.send(form=FORM, json=text)
    assert officer.status == 422
    assert english in officer.page.select_one("#json-error").get_text()
    assert officer.value_of("json") == text
    officer.send(form=FORM, button=("_switch", "fr"), to=WHAT_IF)
    message = officer.page.select_one("#json-error").get_text()
    assert french in re.sub(r"\s*:", " :", message)


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"benefit": "\0", "mode": "\0"},
        {"benefit": "old_age", "shown": "old_age", "earnings.rows": "999999999999999999999"},
        {"benefit": "old_age", "shown": "old_age", "earnings[9999].monthly": "5"},
        {"benefit": "old_age", "shown": "old_age", "earnings[²].monthly": "5", "earnings.rows": "²"},
        {"benefit": "old_age", "shown": "old_age", "on": "<script>", "_switch": "xx", "_checked": "1"},
    ],
)
def test_absurd_forms_are_answered(officer, posted):
    officer.open(WHAT_IF)
    officer.post(WHAT_IF, {"csrf_token": officer.token(), **posted})
    assert officer.status in (200, 400, 422)
    assert not officer.page.select("form script")


def test_an_evaluation_leaves_no_trace(officer, app):
    before = contents(app)
    ask(officer, **OLD_AGE)
    assert "93,014" in officer.text
    assert contents(app) == before


def contents(app):
    """How many rows each table has."""
    with app.app_context():
        return {
            name: db.session.scalar(select(func.count()).select_from(table))
            for name, table in db.metadata.tables.items()
        }


@pytest.mark.long(sample=14)
@pytest.mark.parametrize("case", examples(), ids=lambda case: case["name"])
def test_the_component_shows_each_condition_step_and_figure(app, case):
    data = explained(answer(case["input"]), "fr")
    with app.test_request_context("/fr/"):
        shown = get_template_attribute("components/explanation.html", "explanation")(data)
    page = BeautifulSoup(shown, "html.parser")
    assert not page.select("[style]")
    assert len(page.select("tbody tr")) == sum(
        [len(data.get("conditions", [])), len(data["steps"])]
        + [len(row["words"]["values"]) for row in data["parameters"]]
    )
    for row in data.get("conditions", []):
        assert row["words"]["met"] in ("condition remplie", "condition non remplie")
        assert row["words"]["actual"] in page.get_text()
    for row in data["steps"]:
        assert row["words"]["value"] in page.get_text()
        assert row["source"] in page.get_text()
    for table in page.select("table"):
        assert table.caption.get_text(strip=True)
        assert all(cell.get("scope") for cell in table.select("th"))


def test_what_is_typed_is_shown_as_text(officer):
    ask(officer, **(OLD_AGE | {"earnings[0].employer": "<b>Ets</b>", "on": "<i>x</i>"}))
    assert officer.value_of("earnings[0].employer") == "<b>Ets</b>"
    assert not officer.page.select("main b, main i")
