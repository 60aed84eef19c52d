"""Information asked and answered: the answer is written like a message, kept as a draft, and sent once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.delays import DRAFT_REMINDER
from app.extensions import db
from app.models import Case, Document, Draft, Notice
from app.services import answers, drafts
from tests.services.test_cases import account, file_case
from tests.visitor import PNG, a_file


@pytest.fixture
def case_id(app):
    with app.app_context():
        return file_case().id


@pytest.fixture
def officer(visitor, case_id):
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{case_id}")
    return officer


def ask(officer):
    officer.send(
        form="#steps-form", button=("step", "request_information"), reason="Send page 2 of your passport."
    )
    assert officer.status == 200


@pytest.fixture
def person(visitor, officer):
    ask(officer)
    person = visitor("joseph")
    person.open("/en/")
    person.open(person.page.select_one("a[href*='/cases/']")["href"])
    return person


def open_answer(person):
    person.open(person.page.select_one("a[href$='/answer']")["href"])


def test_the_person_reads_what_is_asked_and_until_when(person):
    assert "Send page 2 of your passport." in person.text
    assert "Answer by" in person.text
    assert "Our time limit stands still" in person.text


def test_the_answer_and_its_documents_reach_the_officer(person, officer, case_id):
    open_answer(person)
    person.send(answer="Here it is.", documents=a_file("page2.png"))
    assert "We have received your answer." in person.text
    assert "Under review" in person.text
    officer.open(f"/staff/registrationview/show/{case_id}")
    assert "page2.png" in officer.text
    assert "Here it is." in officer.text


@pytest.mark.parametrize(("said", "category"), [("medical", "medical"), ("", "other"), (None, "other")])
def test_a_paper_sent_with_an_answer_is_of_the_kind_that_was_said(person, app, case_id, said, category):
    open_answer(person)
    person.send(answer="Here it is.", documents=a_file("scan.png"), category=said)
    assert "We have received your answer." in person.text
    with app.app_context():
        document = db.session.scalars(select(Document).where(Document.filename == "scan.png")).one()
        assert document.category == category
        assert document in db.session.get(Case, case_id).documents


def test_a_medical_paper_sent_with_an_answer_is_closed_to_who_may_not_read_it(
    person, officer, app, case_id, work
):
    open_answer(person)
    person.send(answer="Here it is.", documents=a_file("scan.png"), category="medical")
    work()
    with app.app_context():
        document = db.session.scalars(select(Document).where(Document.filename == "scan.png")).one()
        page = f"/staff/registrationview/document/{case_id}/{document.public_id}"
    assert officer.client.get(page).status_code == 403


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"answer": "  "}, "answer", "Write your answer."),
        ({"answer": "x" * 4001}, "answer", "at most 4,000 characters"),
        (
            {"answer": "Here.", "documents": a_file("virus.exe", b"MZ" + b"\x00" * 50)},
            "documents",
            "not a PDF, JPEG, PNG",
        ),
        ({"answer": "Here.", "documents": a_file("empty.pdf", b"")}, "documents", "empty"),
        ({"answer": "Here.", "category": "nonsense"}, "category", "Choose a kind of the list."),
    ],
)
def test_a_wrong_answer_is_refused_beside_its_field_and_kept(person, app, case_id, fields, field, message):
    open_answer(person)
    person.send(**fields)
    assert message in person.error_of(field)
    assert person.value_of("answer").strip() == fields["answer"].strip()
    with app.app_context():
        assert db.session.get(Case, case_id).status.name == "info_requested"


def test_a_file_kept_from_a_refused_answer_is_filed_with_the_next(person, officer, case_id):
    open_answer(person)
    person.send(answer="", documents=a_file("page2.png"))
    assert "page2.png" in person.text
    person.send(answer="Here it is.")
    officer.open(f"/staff/registrationview/show/{case_id}")
    assert "page2.png" in officer.text


def test_more_than_five_files_are_refused(person):
    open_answer(person)
    data = {"csrf_token": person.token(), "answer": "All."}
    files = [(a_file(f"{number}.png")) for number in range(6)]
    person._see(
        person.client.post(
            person.url,
            data=data | {"documents": files},
            content_type="multipart/form-data",
            follow_redirects=True,
        )
    )
    assert "You can send at most 5 files here." in person.error_of("documents")


def test_the_language_switch_keeps_the_answer(person):
    open_answer(person)
    person.send(button=("_switch", "fr"), to=person.url.replace("/en/", "/fr/"), answer="Here it is.")
    assert person.page.html["lang"] == "fr"
    assert person.value_of("answer").strip() == "Here it is."
    assert not person.page.select(".govuk-error-summary")


def test_answering_twice_says_so(person):
    open_answer(person)
    page, url = person.page, person.url
    person.send(answer="Here it is.")
    person.go_back(page, url)
    person.send(answer="Again.")
    assert person.status == 200
    assert "We are not waiting for an answer from you." in person.text


def test_somebody_else_cannot_answer(person, visitor, app, case_id):
    open_answer(person)
    other = visitor("peter")
    other.open("/en/sign-in")
    other.post(person.url, {"csrf_token": other.token(), "answer": "Mine."})
    assert other.status == 404
    with app.app_context():
        assert db.session.get(Case, case_id).status.name == "info_requested"


def switch(person, lang="fr", **fields):
    person.send(button=("_switch", lang), to=person.url.replace("/en/", f"/{lang}/"), **fields)


def files_shown(person):
    return [name.get_text(strip=True) for name in person.page.select("#main-form .g-file__name")]


@pytest.fixture
def kept(app):
    """What the draft of an answer holds; None where there is none."""

    def kept():
        with app.app_context():
            found = db.session.query(Draft).one_or_none()
            return found.answers if found else None

    return kept


def test_a_file_chosen_before_the_switch_is_kept_and_filed(person, officer, case_id):
    open_answer(person)
    switch(person, answer="Here it is.", documents=a_file("page2.png"))
    assert files_shown(person) == ["page2.png"]
    assert person.value_of("answer") == "Here it is."
    person.send()
    officer.open(f"/staff/registrationview/show/{case_id}")
    assert "page2.png" in officer.text


def test_a_stale_token_keeps_the_words_and_the_files_and_writes_nothing(person, app):
    open_answer(person)
    person.send(answer="", documents=a_file("page2.png"))
    with app.app_context():
        before = db.session.query(Document).count()
    person.send(csrf_token="stale", answer="Here it is.", documents=a_file("page3.png"))
    assert "This page was open too long" in person.text
    assert person.value_of("answer") == "Here it is."
    assert files_shown(person) == ["page2.png"]
    with app.app_context():
        assert db.session.query(Document).count() == before
    person.send()
    assert "We have received your answer." in person.text


def test_what_is_being_typed_is_saved_and_found_again_on_another_device(person, visitor, kept):
    open_answer(person)
    said = person.client.post(
        f"{person.url}/autosave", data={"csrf_token": person.token(), "answer": "Here it"}
    )
    assert said.json["saved"].startswith("Saved at ")
    assert kept()["answer"] == {"answer": ["Here it"]}
    other = visitor("joseph")
    other.open(person.url)
    assert other.value_of("answer") == "Here it"
    other.send(answer="Here it is.")
    assert kept() is None


def test_a_refused_answer_is_there_again_after_the_page_was_left(person):
    open_answer(person)
    person.send(answer="x" * 4001, documents=a_file("page2.png"))
    address = person.url
    person.open("/en/")
    person.open(address)
    assert person.value_of("answer") == "x" * 4001
    assert files_shown(person) == ["page2.png"]


def test_a_file_is_taken_away_again(person, officer, case_id):
    open_answer(person)
    person.send(answer="", documents=a_file("page2.png"))
    button = person.page.select_one("button[name=_remove]")
    person.send(button=("_remove", button["value"]))
    assert files_shown(person) == []
    person.send(answer="Here it is.")
    officer.open(f"/staff/registrationview/show/{case_id}")
    assert "page2.png" not in officer.text


def test_a_file_arrives_in_parts(person, officer, case_id):
    open_answer(person)
    upload = person.page.select_one(".g-upload")
    headers = {"X-CSRFToken": person.token()}
    announced = {
        "service": upload["data-service"],
        "field": upload["data-field"],
        "name": "page2.png",
        "size": len(PNG),
    }
    where = person.client.post(upload["data-uploads"], json=announced, headers=headers).json["url"]
    half = len(PNG) // 2
    for offset, part in ((0, PNG[:half]), (half, PNG[half:])):
        sent = person.client.post(
            where,
            data=part,
            content_type="application/octet-stream",
            headers=headers | {"Upload-Offset": str(offset)},
        )
    assert sent.json["done"]
    person.open(person.url)
    assert files_shown(person) == ["page2.png"]
    person.send(answer="Here it is.")
    officer.open(f"/staff/registrationview/show/{case_id}")
    assert "page2.png" in officer.text


@pytest.mark.parametrize("login", ["peter", "amina"])
def test_nobody_else_sends_files_or_words_to_it(person, visitor, login):
    open_answer(person)
    upload = person.page.select_one(".g-upload")
    other = visitor(login)
    other.open("/en/account/language")
    announced = {"service": upload["data-service"], "field": "documents", "name": "a.png", "size": 3}
    sent = other.client.post(upload["data-uploads"], json=announced, headers={"X-CSRFToken": other.token()})
    assert sent.status_code == 400
    saved = other.client.post(f"{person.url}/autosave", data={"csrf_token": other.token(), "answer": "Mine."})
    assert saved.status_code == 404


def test_where_no_answer_is_awaited_the_case_says_so(visitor, app, kept):
    with app.app_context():
        public_id = file_case().public_id
    person = visitor("joseph")
    person.open(f"/en/cases/{public_id}/answer")
    assert person.url.startswith(f"/en/cases/{public_id}")
    assert not person.url.endswith("/answer")
    assert "We are not waiting for an answer from you." in person.text
    person.open("/en/account/language")
    saved = person.client.post(
        f"/en/cases/{public_id}/answer/autosave", data={"csrf_token": person.token(), "answer": "x"}
    )
    assert saved.status_code == 404
    assert kept() is None


def test_an_answer_begun_has_a_reminder_of_its_own_and_is_no_forgotten_request(person, app, case_id):
    open_answer(person)
    person.client.post(f"{person.url}/autosave", data={"csrf_token": person.token(), "answer": "Here"})
    with app.app_context(), clock.frozen(clock.now() + DRAFT_REMINDER + timedelta(days=1)):
        case = db.session.get(Case, case_id)
        assert drafts.of(account("joseph"), answers.draft_of(case))
        assert drafts.remind() == 0
        assert db.session.query(Notice).filter_by(name="draft_reminder").count() == 0
