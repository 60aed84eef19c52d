"""A token that no longer counts: every form of the portal is shown again with its answers, and does nothing."""

import pytest

from tests.security.test_access import digests
from tests.services.test_cases import file_case
from tests.visitor import a_file

FORMS = {
    "/en/account/language": {"language": "fr"},
    "/en/account/notices": {"receipts": "y"},
    "/en/documents/": {"category": "identity"},
    "/en/messages/new": {"subject": "claims", "text": "My name is spelt wrong."},
    "/en/my-file/close": {"reason": "I move abroad."},
    "/en/my-file/link": {"number": "10-0000345-12", "family_name": "N’Guessan", "birth_date-day": "3"},
    "/en/my-file/link/code": {"code": "123456"},
    "/en/my-file/link/proof": {"number": "10-0000345-12", "reason": "I read that address no more."},
}
FOR_EVERYBODY = {
    "/en/sign-up": {"email": "new@mail.cm", "first_name": "Aïcha"},
    "/en/password/forgotten": {"email": "joseph@demo.example"},
}


def shown_again(person, app, path, typed):
    person.open(path)
    assert person.url == path
    before = digests(app)
    person.send(csrf_token="stale", **typed)
    assert person.status == 200
    assert person.url == path
    assert "This page was open too long" in person.text
    assert digests(app) == before
    for name, value in typed.items():
        fields = person.page.select(f"#main-form [name='{name}']")
        radio = [field for field in fields if field.get("type") in ("radio", "checkbox")]
        assert value in (
            [field["value"] for field in radio if field.has_attr("checked")]
            if radio
            else [person.value_of(name)]
        ), name


@pytest.mark.parametrize("path", FORMS)
def test_it_is_shown_again(visitor, app, path):
    shown_again(visitor("joseph"), app, path, FORMS[path])


@pytest.mark.parametrize("path", FOR_EVERYBODY)
def test_so_it_is_to_who_is_not_signed_in(visitor, app, path):
    shown_again(visitor(), app, path, FOR_EVERYBODY[path])


def test_a_date_typed_on_a_document_stays(visitor, app):
    with app.app_context():
        paper = file_case("joseph").documents[0].public_id
    person = visitor("joseph")
    person.open(f"/en/documents/{paper}")
    before = digests(app)
    typed = {"expires_on-day": "3", "expires_on-month": "4", "expires_on-year": "2031"}
    person.send(csrf_token="stale", **typed)
    assert "This page was open too long" in person.text
    assert {name: person.value_of(name) for name in typed} == typed
    assert digests(app) == before


def test_the_file_of_a_stale_form_is_not_kept(visitor, app):
    person = visitor("joseph")
    person.open("/en/employer/access")
    before = digests(app)
    person.send(csrf_token="stale", function="Accountant", proof=a_file())
    assert "This page was open too long" in person.text
    assert person.value_of("function") == "Accountant"
    assert digests(app) == before


@pytest.mark.parametrize("path", ["/en/registration/new", "/en/sign-out", "/en/my-file/lock"])
def test_a_button_that_acts_is_not_pressed_again(visitor, app, path):
    person = visitor("joseph")
    person.open("/en/account/language")
    before = digests(app)
    person.post(path, {"csrf_token": "stale", "kind": "everything"})
    assert person.status == 400
    assert digests(app) == before


def test_a_stale_form_of_what_is_not_there_is_not_found(visitor):
    """The page is asked for again while the refusal is answered: what it raises is an answer too, no failure."""
    person = visitor("joseph")
    person.open("/en/")
    answer = person.client.post("/en/cases/nothing-of-mine/answer", data={"reason": "Typed"})
    assert answer.status_code == 404
