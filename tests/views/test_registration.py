"""An employee asks for registration: what is asked, refused, kept and filed."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Draft
from tests.journey import CHECK, PAGES, address, answer, answer_all, file_request, go_to, page_of, walk
from tests.services.test_cases import account
from tests.visitor import a_file


@pytest.fixture
def person(visitor):
    person = visitor("joseph")
    person.open("/en/registration/new")
    return person


def test_request_gives_a_reference_and_a_case_page(person):
    file_request(person)
    assert person.status == 200
    assert "/en/cases/" in person.url
    assert "RG-20" in person.text
    assert "We have received your request" in person.text
    assert "N’Guessan" in person.text


def test_page_by_page_leaves_what_the_short_way_of_the_tests_leaves(app, visitor):
    drafts = []
    for login, fill_in in (("joseph", walk), ("amina", answer_all)):
        person = visitor(login)
        fill_in(person)
        assert person.url == CHECK
        with app.app_context():
            draft = db.session.scalars(
                select(Draft).where(Draft.owner.has(email=f"{login}@demo.example"))
            ).one()
            drafts.append(draft.answers)
    files = [
        [answers.pop(question) for question in ("identity_document", "birth_certificate")]
        for answers in drafts
    ]
    assert drafts[0] == drafts[1]
    assert [[(name, len(tokens)) for file in of for name, tokens in file.items()] for of in files][0] == [
        ("identity_document-kept", 1),
        ("birth_certificate-kept", 1),
    ]
    assert [list(file) for file in files[0]] == [list(file) for file in files[1]]


@pytest.mark.parametrize(
    ("page", "messages"),
    [
        (
            "you",
            {
                "given_names": "Enter your given names.",
                "family_name": "Enter your family name.",
                "birth_date": "Enter your date of birth.",
            },
        ),
        (
            "work",
            {
                "employed_from": "Enter your first day of work there.",
                "employer_listed": "Say whether your employer is in our list.",
            },
        ),
        ("documents", {"identity_document": "Choose a picture or a PDF of your identity document."}),
    ],
)
def test_nothing_typed_is_asked_for_beside_each_field(person, page, messages):
    go_to(person, page)
    person.send()
    assert person.status == 200
    assert {field: person.error_of(field) for field in messages} == messages
    assert person.page.title.text.startswith("Error: ")


@pytest.mark.long(sample=4)
@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("given_names", "x" * 10_000, "Names must be at most 120 characters long."),
        ("given_names", "<script>alert(1)</script>", "Names are made of letters"),
        ("given_names", "🙂", "Names are made of letters"),
        ("birth_date-day", "31", "must be a real date"),
        ("birth_date-year", "90", "must have a year of 4 digits"),
        ("birth_date-year", "", "must include a year"),
        ("birth_date-year", "1850", "less than 120 years ago"),
        ("birth_date-year", "2090", "must be in the past"),
        ("birth_date-month", "٤", "must be a real date"),
        ("employer_id", "999999", "Choose an employer of the list."),
        ("employer_id", "9" * 40, "Choose an employer of the list."),
        ("employer_id", "brewery", "Choose an employer of the list."),
    ],
)
def test_absurd_answers_are_refused_beside_the_field_and_kept(person, field, value, message, count_cases):
    page = page_of(field)
    go_to(person, page)
    answer(person, page, **{field: value})
    assert person.status == 200
    assert person.url == address(page)
    assert message in person.error_of(field.partition("-")[0])
    if "employer" not in field:
        assert person.value_of(field) == value
        assert person.value_of("family_name")
    person.open("/en/registration/check")
    assert "/registration/check" not in person.url
    assert count_cases() == 0


@pytest.mark.parametrize(
    "field", ["family_name", "birth_date-day", "employer_id", "submission_key", "nothing"]
)
def test_what_no_keyboard_types_is_refused_without_a_row(person, field, count_cases):
    if field == "submission_key":
        answer_all(person)
        person.send(submission_key="a\x00b")
    else:
        page = "work" if field == "employer_id" else "you"
        go_to(person, page)
        answer(person, page, **{field: "a\x00b"})
    assert person.status == 400
    assert count_cases() == 0


@pytest.mark.parametrize("name", ["N'Guessan", "Ngo-Mbock", "Éloïse", "محمد", "O’Brien Jr.", "李"])
def test_names_of_every_script_are_accepted(person, name, count_cases):
    file_request(person, family_name=name)
    assert name in person.text
    assert count_cases() == 1


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "empty.pdf", "This file is empty."),
        (b"MZ\x90\x00" + b"\x00" * 60, "identity.pdf", "not a PDF, JPEG, PNG"),
        (b"<html><script>alert(1)</script></html>", "identity.png", "not a PDF, JPEG, PNG"),
        (b"%PDF-1.7\n" + b"0" * (10 * 1024 * 1024), "big.pdf", "larger than 10 MB"),
    ],
)
def test_wrong_files_are_refused_with_the_reason(person, content, name, message, count_cases):
    go_to(person, "documents")
    answer(person, "documents", identity_document=a_file(name, content))
    assert person.status == 200
    assert message in person.error_of("identity_document")
    person.open(address("you"))
    assert person.value_of("family_name") == "N’Guessan"
    assert count_cases() == 0


def test_a_file_is_kept_when_its_replacement_is_refused(person):
    go_to(person, "documents")
    answer(person, "documents")
    person.open(address("documents"))
    answer(person, "documents", identity_document=a_file("empty.pdf", b""))
    assert "This file is empty." in person.error_of("identity_document")
    assert "identity.png" in person.text
    person.send()
    answer(person, "proofs")
    assert person.url == "/en/registration/check"
    assert "identity.png" in person.text


def test_a_file_is_kept_while_the_rest_is_put_right(person, count_cases):
    person.open(address("documents"))
    answer(person, "documents")
    person.open("/en/registration/check")
    assert person.url == address("you") + "?to=check"
    assert person.error_of("given_names") == "Enter your given names."
    for page in PAGES:
        if page != "documents":
            assert person.url.partition("?")[0] == address(page)
            answer(person, page)
    assert person.url == "/en/registration/check"
    assert "identity.png" in person.text
    person.send()
    assert "/cases/" in person.url
    assert "identity.png" in person.text
    assert count_cases() == 1


def test_somebody_elses_kept_file_opens_nothing(person, visitor, count_cases):
    go_to(person, "documents")
    answer(person, "documents")
    person.open(address("documents"))
    token = person.value_of("identity_document-kept")
    thief = visitor("peter")
    go_to(thief, "documents")
    answer(thief, "documents", identity_document=None, **{"identity_document-kept": token})
    assert "Choose a picture or a PDF" in thief.error_of("identity_document")
    assert count_cases() == 0


def test_the_language_switch_keeps_what_was_typed(person):
    person.send(
        button=("_switch", "fr"), to=address("you", "fr"), family_name="Fon", **{"birth_date-day": "40"}
    )
    assert person.page.html["lang"] == "fr"
    assert person.value_of("family_name") == "Fon"
    assert person.value_of("birth_date-day") == "40"
    assert not person.page.select(".govuk-error-summary")


def test_the_language_switch_keeps_the_file_that_was_chosen(person):
    go_to(person, "documents")
    person.send(button=("_switch", "fr"), to=address("documents", "fr"), identity_document=a_file())
    assert person.page.html["lang"] == "fr"
    assert "identity.png" in person.text
    person.send()
    assert person.url == address("proofs", "fr")


def test_the_language_switch_keeps_the_errors(person):
    answer(person, "you", given_names="")
    person.send(button=("_switch", "fr"), to=address("you", "fr"))
    assert person.error_of("given_names") == "Saisissez vos prénoms."
    assert person.value_of("family_name") == "N’Guessan"
    person.send(button=("_switch", "en"), to=address("you"))
    assert person.error_of("given_names") == "Enter your given names."


def test_sending_twice_gives_the_same_case(person, count_cases):
    answer_all(person)
    form = person.page
    person.send()
    first = person.url
    person.go_back(form, "/en/registration/check")
    person.send()
    assert person.url == first
    assert count_cases() == 1


@pytest.mark.parametrize("key", ["", "k" * 65])
def test_a_form_without_a_key_of_ours_is_asked_again(person, count_cases, key):
    answer_all(person)
    person.send(submission_key=key)
    assert "/registration/check" in person.url
    assert person.value_of("submission_key")
    assert count_cases() == 0
    person.send()
    assert "/cases/" in person.url


def test_who_has_a_number_is_told_so(person, visitor, count_cases, app):
    from tests.services.test_cases import decide_all

    file_request(person)
    decide_all(app)
    file_request(person)
    assert "You already have a social security number." in person.text
    assert "N’Guessan" in person.text
    person.send(button=("_switch", "fr"), to="/fr/registration/check")
    assert "Vous avez déjà un numéro de sécurité sociale." in person.text
    assert count_cases() == 1


def test_withdrawing_ends_the_case_and_a_second_click_says_so(person):
    file_request(person)
    page, url = person.page, person.url
    person.send(form="form[action$='/steps/withdraw']")
    assert "You withdrew this request." in person.text
    person.go_back(page, url)
    person.send(form="form[action$='/steps/withdraw']")
    assert person.status == 200
    assert "This step is not possible at this stage." in person.text


@pytest.mark.parametrize("part", ["", "/state", "/live"])
def test_somebody_elses_case_does_not_exist(person, visitor, part):
    file_request(person)
    other = visitor("peter")
    other.open(person.url + part)
    assert other.status == 404
    assert "N’Guessan" not in other.text


def test_somebody_elses_step_is_refused(person, visitor):
    file_request(person)
    url = person.url
    other = visitor("peter")
    other.open("/en/registration/new")
    other.post(f"{url}/steps/withdraw", {"csrf_token": other.token()})
    assert other.status == 404
    person.open(url)
    assert "Submitted" in person.text


@pytest.mark.parametrize("step", ["approve", "carry_out", "submit", "nonsense"])
def test_a_person_cannot_take_the_administrations_steps(person, step):
    file_request(person)
    url = person.url
    person.post(f"{url}/steps/{step}", {"csrf_token": person.token()})
    assert "This step does not exist." in person.text or "not possible" in person.text
    person.open(url)
    assert person.page.select_one("[data-announce]").text.startswith("We have received your request.")


def test_ones_own_document_can_be_opened_once_checked_and_nobody_elses(person, visitor, work):
    file_request(person)
    link = person.page.select_one("a[href*='/documents/']")["href"] + "/file"
    assert person.client.get(link).status_code == 404
    work()
    answer = person.client.get(link)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "no-store"
    assert visitor("peter").client.get(link).status_code == 404
    assert visitor().client.get(link).status_code == 302


def test_nobody_is_asked_to_sign_in_and_comes_back(visitor):
    nobody = visitor()
    nobody.open("/en/registration/new")
    assert "/sign-in" in nobody.url
    nobody.send(email="joseph@demo.example", password="guichet-joseph")
    assert nobody.url.startswith("/en/registration/new")


@pytest.mark.parametrize("login", ["officer", "auditor", "administrator", "supervisor"])
def test_staff_do_not_ask_for_themselves_in_the_portal(visitor, login):
    staff = visitor(login)
    staff.open("/en/registration/new")
    assert staff.status == 403


def test_a_file_far_too_large_is_refused_beside_its_field(person, count_cases):
    go_to(person, "documents")
    answer(person, "documents", identity_document=a_file("big.pdf", b"%PDF-1.7" + b"0" * 13 * 1024 * 1024))
    assert "larger than 10 MB" in person.error_of("identity_document")
    assert count_cases() == 0


def test_a_body_too_large_to_take_in_is_a_clear_page(person, app, count_cases, monkeypatch):
    go_to(person, "documents")
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 100_000)
    answer(person, "documents", identity_document=a_file("big.pdf", b"%PDF-1.7" + b"0" * 200_000))
    assert person.status == 413
    assert "The file is too large" in person.text
    assert count_cases() == 0


@pytest.mark.parametrize("field", ["given_names", "family_name", "birth_date-day", "employer_id"])
def test_a_file_in_place_of_an_answer_is_no_answer(person, count_cases, field):
    page = page_of(field)
    go_to(person, page)
    answer(person, page, **{field: a_file()})
    assert person.status == 200
    assert person.error_of(field.partition("-")[0])
    assert count_cases() == 0


def test_the_page_of_a_stale_step_leads_back_to_the_case(person):
    file_request(person)
    url = person.url
    person.post(f"{url}/steps/withdraw", {})
    assert person.status == 400
    person.open(person.page.select_one("a[hreflang=fr]")["href"])
    assert person.url == url.replace("/en/", "/fr/")


@pytest.mark.parametrize("is_right", ["yes", "no"])
def test_the_telephone_number_of_the_account_is_shown_and_may_be_another(person, app, is_right):
    with app.app_context():
        account("joseph").phone = "+237 6 11 11 11 11"
        db.session.commit()
    go_to(person, "contact")
    assert "Is this right?" in person.text
    assert "+237 6 11 11 11 11" in person.text
    person.send()
    assert "Say whether this is right." in person.error_of("is_right")
    person.send(is_right=is_right)
    assert person.value_of("phone") == "+237 6 11 11 11 11"
    answer(person, "contact", **({} if is_right == "no" else {"phone": "+237 6 11 11 11 11"}))
    assert person.url == address("work")
    person.open(address("contact"))
    said = {"yes": "+237 6 11 11 11 11", "no": "+237 6 77 12 34 56"}[is_right]
    assert person.value_of("phone") == said
