"""Merging on the staff's pages: proposed by number, compared, approved by a second officer, undone likewise."""

import pytest

from app.extensions import db
from app.models import InsuredPerson, PersonMerge
from tests.services.test_merges import person


@pytest.fixture
def two(app):
    """The ids and numbers of two records of one person."""
    with app.app_context():
        found = person(), person("Ondoua", with_account=False)
        return [(one.id, one.ssn) for one in found]


def proposed(visitor, two):
    officer = visitor("officer")
    officer.open(f"/staff/mergeview/propose?language=en&survivor={two[0][0]}&merged={two[1][0]}")
    assert officer.value_of("survivor") == two[0][1]
    officer.send(form="#model_form", reason="Same paper and photo")
    assert "another officer must approve it" in officer.text
    return officer


def press(who, end, pk=1):
    who.open(f"/staff/mergeview/show/{pk}?language=en")
    who.send(form=f"form[action*='/{end}/']")


def test_from_the_proposal_to_the_undoing(visitor, app, two):
    officer = proposed(visitor, two)
    assert "Side by side" in officer.text
    press(officer, "approve")
    assert "You proposed this: another officer must approve it." in officer.text
    supervisor = visitor("supervisor")
    press(supervisor, "approve")
    assert "the two numbers now lead to one record" in supervisor.text
    with app.app_context():
        assert db.session.get(InsuredPerson, two[1][0]).merged_into_id == two[0][0]
    supervisor.open("/staff/mergeview/reason/1")
    supervisor.send(form="#model_form", reason="They came to the counter")
    supervisor.open("/staff/mergeview/propose-undo/1?language=en")
    supervisor.send(form="#model_form", reason="Two sisters")
    press(officer, "undo")
    assert "each record holds what it held before" in officer.text
    with app.app_context():
        assert db.session.get(InsuredPerson, two[1][0]).merged_into_id is None


def test_a_merged_record_leads_to_the_one_that_stays(visitor, app, two):
    proposed(visitor, two)
    supervisor = visitor("supervisor")
    press(supervisor, "approve")
    supervisor.open(f"/staff/insuredpersonview/reason/{two[1][0]}?language=en")
    supervisor.send(form="#model_form", reason="At the counter")
    assert "This record was merged" in supervisor.text
    assert supervisor.page.select_one(f"a[href$='/insuredpersonview/show/{two[0][0]}']")
    supervisor.open(f"/staff/search/?q={two[1][1]}")
    assert supervisor.page.select_one(f"a[href$='/insuredpersonview/show/{two[0][0]}']")


def test_an_unknown_number_is_refused_on_the_page(visitor, app, two):
    officer = visitor("officer")
    officer.open("/staff/mergeview/propose?language=en")
    officer.send(form="#model_form", survivor=two[0][1], merged="10-9999999-00", reason="x")
    assert officer.status == 422
    assert "Nobody has the number 10-9999999-00." in officer.text


def test_an_auditor_reads_and_nothing_else(visitor, app, two):
    proposed(visitor, two)
    auditor = visitor("auditor")
    auditor.open("/staff/mergeview/show/1?language=en")
    assert "Same paper and photo" in auditor.text
    assert auditor.page.select_one("form[action*='/approve/']") is None
    auditor.open("/staff/mergeview/propose")
    assert auditor.status == 403
    with app.app_context():
        assert db.session.get(PersonMerge, 1).approved_at is None


@pytest.mark.parametrize(
    ("login", "is_offered"), [("officer", True), ("supervisor", True), ("auditor", False)]
)
def test_the_list_offers_to_merge_to_whoever_may(visitor, app, login, is_offered):
    reader = visitor(login)
    reader.open("/staff/mergeview/list/")
    assert reader.status == 200
    assert bool(reader.page.select_one("a[href$='/mergeview/propose']")) is is_offered
