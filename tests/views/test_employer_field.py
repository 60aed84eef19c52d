"""Who employs somebody, found by the name that is typed: suggestions for scripts, radios without them."""

import pytest
from sqlalchemy import insert, select

from app import delays
from app.extensions import db
from app.models import Draft, Employer
from tests.journey import WORK, address, answer, answer_all, go_to

NAME = "employer_id-name"
SUGGESTIONS = "/en/employers/suggestions"


@pytest.fixture
def person(visitor):
    return visitor("joseph")


def add(app, *names, active=True, address=None):
    with app.app_context():
        first = db.session.query(Employer).count()
        rows = [
            {"registration_number": f"T-{first + number}", "name": name, "active": active, "address": address}
            for number, name in enumerate(names)
        ]
        db.session.execute(insert(Employer), rows)
        db.session.commit()


def offered(person):
    return [it.text.strip() for it in person.page.select("[data-found] label")]


def kept(app):
    with app.app_context():
        return db.session.scalars(select(Draft)).one().answers.get("employer_id")


def suggested(person, typed):
    answer = person.client.get(SUGGESTIONS, query_string={"q": typed})
    return [it["label"] for it in answer.json["employers"]], answer.json["said"]


def test_the_page_holds_no_list_of_employers(person, app):
    add(app, *(f"Company {number}" for number in range(200)))
    go_to(person, "work")
    assert "Company" not in person.text
    assert person.page.select_one("#employer_id")["type"] == "text"


def test_a_part_of_a_name_offers_those_that_match(person, app):
    add(app, "Société Générale des Eaux", "Eaux Vives")
    go_to(person, "work")
    answer(person, "work", **{NAME: "EAUX"})
    assert person.url == address("work")
    assert person.error_of("employer_id") == "Say which of these employers it is."
    assert offered(person) == ["Eaux Vives", "Société Générale des Eaux"]
    assert person.value_of(NAME) == "EAUX"
    chosen = person.page.select("[data-found] input[type=radio]")[1]["value"]
    person.send(employer_id=chosen)
    assert person.url == address("documents")
    assert kept(app) == {"employer_id": [chosen]}
    person.open(address("work"))
    assert person.value_of(NAME) == "Société Générale des Eaux"
    assert offered(person) == []
    person.send()
    assert person.url == address("documents")


def test_accents_case_and_swapped_letters_are_forgiven(person, app):
    add(app, "Hôtel Élysée")
    assert suggested(person, "hotel ely") == (["Hôtel Élysée"], "1 employer found.")
    assert suggested(person, "ÉLYSÉE")[0] == ["Hôtel Élysée"]
    assert suggested(person, "hoetl")[0] == ["Hôtel Élysée"]


def test_the_whole_name_needs_no_second_page(person, app):
    go_to(person, "work")
    answer(person, "work", **{NAME: " boulangerie bonne mie "})
    assert person.url == address("documents")


def test_other_words_are_no_longer_the_choice_of_before(person, app):
    go_to(person, "work")
    answer(person, "work")
    person.open(address("work"))
    person.send(**{NAME: "Transports"})
    assert person.url == address("work")
    assert offered(person) == ["Transports Sanaga"]
    person.send(**{NAME: ""})
    assert person.error_of("employer_id") == "Choose your employer."
    person.send(**{NAME: "Nobody of that name"})
    assert person.error_of("employer_id").startswith("No employer of this name is in our list.")
    assert person.value_of(NAME) == "Nobody of that name"
    assert offered(person) == []


def test_two_of_one_name_are_told_apart_and_the_choice_stays(person, app):
    add(app, "Alpha Services", address="12 rue du Port")
    add(app, "Alpha Services", address="3 avenue du Stade")
    go_to(person, "work")
    answer(person, "work", **{NAME: "Alpha Services"})
    assert offered(person) == ["Alpha Services, 12 rue du Port", "Alpha Services, 3 avenue du Stade"]
    second = person.page.select("[data-found] input[type=radio]")[1]["value"]
    person.send(employer_id=second)
    person.open(address("work"))
    person.send()
    assert person.url == address("documents")
    assert kept(app) == {"employer_id": [second]}


def test_no_more_than_ten_are_offered_and_it_is_said(person, app):
    add(app, *(f"Company {number:02}" for number in range(12)))
    go_to(person, "work")
    answer(person, "work", **{NAME: "company"})
    assert len(offered(person)) == 10
    assert "There are more." in person.text
    found, said = suggested(person, "comp")
    assert len(found) == 10
    assert said == "More than 10 employers. Go on typing to see fewer."


def test_one_that_is_closed_is_neither_offered_nor_taken(person, app):
    add(app, "Closed Works", active=False)
    assert suggested(person, "closed") == ([], "No employer of this name is in our list.")
    go_to(person, "work")
    answer(person, "work", **{NAME: "Closed Works"})
    assert person.error_of("employer_id").startswith("No employer of this name")
    with app.app_context():
        closed = db.session.scalars(select(Employer.id).where(Employer.name == "Closed Works")).one()
    person.send(**{NAME: "", "employer_id": str(closed)})
    assert person.error_of("employer_id") == "Choose an employer of the list."


def test_what_is_half_typed_is_kept_and_leads_back_from_the_check(person, app):
    go_to(person, "work")
    typed = {"employed_from-day": "1", "employer_listed": "yes", NAME: "brass"}
    token = person.token()
    person.client.post(f"{address('work')}/autosave", data=typed | {"csrf_token": token})
    assert kept(app) == {NAME: ["brass"]}
    person.open(address("work"))
    assert person.value_of(NAME) == "brass"
    assert "Brasseries du Littoral" in offered(person)


def test_the_language_switch_keeps_what_was_typed_and_offered(person, app):
    go_to(person, "work")
    answer(person, "work", **{NAME: "brass"})
    person.send(button=("_switch", "fr"), to=person.url.replace("/en/", "/fr/"))
    assert person.value_of(NAME) == "brass"
    assert "De quel employeur" in person.text
    assert person.error_of("employer_id") == "Indiquez de quel employeur il s’agit."


def test_not_in_the_list_asks_no_employer_of_it(person):
    go_to(person, "work")
    proposal = {"employer_name": "New Firm", "employer_address": "Main street", "employer_contact": "1234567"}
    person.send(**WORK | {"employer_listed": "no", **proposal})
    assert person.url == address("documents")


def test_check_page_and_receipt_name_the_employer(person):
    answer_all(person)
    assert "Boulangerie Bonne Mie" in person.text
    person.send()
    person.open(person.url.partition("?")[0] + "/receipt")
    assert "Boulangerie Bonne Mie" in person.text


@pytest.mark.parametrize("typed", ["", "b", " b ", "%", "__", "’’", "\\", "x" * 5000, "🙂🙂"])
def test_little_or_strange_words_find_nothing(person, typed):
    assert suggested(person, typed)[0] == []


def test_nothing_is_suggested_to_who_is_not_signed_in(visitor):
    assert visitor().client.get(SUGGESTIONS, query_string={"q": "boul"}).status_code in (302, 401)


def test_who_asks_faster_than_anybody_types_is_refused(person, monkeypatch, app):
    (many, _span), *_others = delays.EMPLOYERS_SOUGHT
    answers = [
        person.client.get(SUGGESTIONS, query_string={"q": "b"}).status_code for _one in range(many + 1)
    ]
    assert answers[:many] == [200] * many
    assert answers[many] == 429
