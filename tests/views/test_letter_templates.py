"""The templates of letters on the staff’s screens: who writes them, what is refused beside its field."""

import pytest
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import LetterTemplate
from tests.views.test_letters import how_many

NEW = {
    "service": "registration",
    "outcome": "reject",
    "valid_from": "2100-01-01",
    "subject_fr": "Rejet",
    "body_fr": "Bonjour %(person)s",
    "subject_en": "Rejected",
    "body_en": "Hello %(person)s, 60 %",
}


@pytest.fixture
def no_new_template(app):
    yield
    with app.app_context():
        db.session.execute(db.delete(LetterTemplate).where(LetterTemplate.valid_from > clock.today()))
        db.session.commit()


def test_the_administrator_writes_a_template(visitor, app, no_new_template):
    before = how_many(app, LetterTemplate)
    administrator = visitor("administrator")
    administrator.open("/staff/lettertemplateview/add")
    administrator.send(form="#model_form", **NEW)
    assert "Added." in administrator.text
    assert how_many(app, LetterTemplate) == before + 1
    administrator.open("/staff/lettertemplateview/list/")
    assert "Every service" in administrator.text
    assert "Rejection" in administrator.text


@pytest.mark.parametrize("field", ["subject_fr", "body_fr", "subject_en", "body_en"])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("Hello %(persn)s", "Unknown merge field: %(persn)s. Choose one of the list."),
        ("", "This field is required."),
        ("   ", "This field is required."),
    ],
)
def test_a_wrong_template_is_refused_beside_the_field(visitor, app, no_new_template, field, words, message):
    before = how_many(app, LetterTemplate)
    administrator = visitor("administrator")
    administrator.open("/staff/lettertemplateview/add")
    administrator.send(form="#model_form", **{**NEW, field: words})
    shown = administrator.page.select_one(f"#{field}-error")
    assert shown is not None
    assert message in " ".join(shown.get_text(" ").split())
    assert how_many(app, LetterTemplate) == before


@pytest.mark.parametrize("field", ["body_fr", "body_en"])
def test_a_part_of_the_letter_wants_a_paragraph_to_itself(visitor, app, no_new_template, field):
    before = how_many(app, LetterTemplate)
    administrator = visitor("administrator")
    administrator.open("/staff/lettertemplateview/add")
    administrator.send(form="#model_form", **{**NEW, field: "You get: %(explanation)s"})
    shown = administrator.page.select_one(f"#{field}-error")
    assert "Give %(explanation)s a paragraph to itself." in " ".join(shown.get_text(" ").split())
    assert administrator.value_of(field).strip() == "You get: %(explanation)s"
    administrator.send(
        form="#model_form", **{field: "You get:\n\n%(explanation)s", "subject_en": "%(explanation)s"}
    )
    assert administrator.page.select_one(f"#{field}-error") is None
    shown = administrator.page.select_one("#subject_en-error")
    assert "Unknown merge field: %(explanation)s" in " ".join(shown.get_text(" ").split())
    assert how_many(app, LetterTemplate) == before
    administrator.send(form="#model_form", subject_en="Rejected")
    assert how_many(app, LetterTemplate) == before + 1


def test_an_edit_with_an_unknown_field_changes_nothing(visitor, app):
    with app.app_context():
        row = db.session.scalars(select(LetterTemplate)).first()
        number, body = row.id, row.body_en
    administrator = visitor("administrator")
    administrator.open(f"/staff/lettertemplateview/edit/{number}")
    assert administrator.value_of("body_en").split() == body.split()
    administrator.send(form="#model_form", body_en="Hello %(nobody)s")
    assert "Unknown merge field: %(nobody)s" in administrator.text
    with app.app_context():
        assert db.session.get(LetterTemplate, number).body_en == body


@pytest.mark.parametrize("login", ["officer", "supervisor", "auditor"])
def test_others_read_the_templates_only(visitor, app, login):
    with app.app_context():
        number = db.session.scalars(select(LetterTemplate.id)).first()
    staff = visitor(login)
    staff.open(f"/staff/lettertemplateview/show/{number}")
    assert staff.status == 200
    assert "%(person)s" in staff.text
    staff.open(f"/staff/lettertemplateview/edit/{number}")
    assert staff.page.select_one("#model_form") is None
