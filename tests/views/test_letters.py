"""Letters on the screens: read by their owner alone, previewed and posted by staff, verified by anybody."""

from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.models import Letter
from app.services import letters, papers
from tests.services.test_cases import REASON, file_case
from tests.services.test_letters import decided, made, on_paper

PREVIEW = "form[action*='/step/']"


@pytest.fixture
def letter(app):
    """A made letter of Joseph's: number, code, case."""
    with app.app_context():
        found = made(decided())
        return found.number, found.verification_code, found.case.public_id, found.case_id


@pytest.fixture
def paper_id(app):
    with app.app_context():
        return on_paper().id


def in_database(app, number):
    with app.app_context():
        found = db.session.scalars(select(Letter).where(Letter.number == number)).one()
        return found.opened_at, found.posted_on


def how_many(app, model):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


@pytest.mark.parametrize(
    ("lang", "link"), [("en", "Download the letter (PDF)"), ("fr", "Download the letter (PDF)")]
)
def test_the_owner_reads_it_from_the_case_page(visitor, app, letter, lang, link):
    number, _code, public_id, _case = letter
    person = visitor("joseph", lang)
    person.open(f"/{lang}/cases/{public_id}")
    assert in_database(app, number)[0] is None
    person.open(person.page.select_one("a[href*='/letters/']")["href"])
    assert person.status == 200
    assert person.page.html["lang"] == lang
    article = person.page.select_one("article")
    assert article["lang"] == "en"
    assert len(person.page.select("h1")) == 1
    assert REASON in article.get_text()
    assert in_database(app, number)[0] is not None


def test_the_first_opening_is_the_one_noted(visitor, app, letter):
    number, _code, public_id, _case = letter
    person = visitor("joseph")
    person.open(f"/en/cases/{public_id}/letters/{number}")
    first = in_database(app, number)[0]
    person.client.get(f"/en/cases/{public_id}/letters/{number}.pdf")
    person.open(f"/en/cases/{public_id}/letters/{number}")
    assert in_database(app, number)[0] == first


def test_the_owner_downloads_the_pdf(visitor, app, letter):
    number, _code, public_id, _case = letter
    person = visitor("joseph")
    answer = person.client.get(f"/en/cases/{public_id}/letters/{number}.pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert f"{number}.pdf" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert in_database(app, number)[0] is not None


@pytest.mark.parametrize("ending", ["", ".pdf"])
@pytest.mark.parametrize("login", ["amina", "officer", "administrator"])
def test_somebody_elses_letter_does_not_exist(visitor, app, letter, login, ending):
    number, _code, public_id, _case = letter
    other = visitor(login)
    other.open(f"/en/cases/{public_id}/letters/{number}{ending}")
    assert other.status == 404
    assert in_database(app, number)[0] is None


@pytest.mark.parametrize("ending", ["", ".pdf"])
def test_a_visitor_must_sign_in(visitor, letter, ending):
    number, _code, public_id, _case = letter
    nobody = visitor()
    nobody.open(f"/en/cases/{public_id}/letters/{number}{ending}")
    assert "sign-in" in nobody.url


def test_a_letter_of_another_case_or_not_made_yet_does_not_exist(visitor, app, letter):
    number, _code, _public_id, _case = letter
    with app.app_context():
        case = file_case("joseph", "a-second-key")
        other = case.public_id
    person = visitor("joseph")
    person.open(f"/en/cases/{other}/letters/{number}")
    assert person.status == 404
    with app.app_context():
        unmade = decided(login="peter", key="a-third-key")
        number, public_id = unmade.number, unmade.case.public_id
    peter = visitor("peter")
    peter.open(f"/en/cases/{public_id}/letters/{number}")
    assert peter.status == 404
    peter.open(f"/en/cases/{public_id}")
    assert number not in peter.text


@pytest.mark.parametrize("login", ["officer", "supervisor", "auditor"])
def test_staff_read_the_letters_of_a_case_without_opening_them_for_the_person(visitor, app, letter, login):
    number, _code, _public_id, case_id = letter
    staff = visitor(login)
    staff.open(f"/staff/registrationview/show/{case_id}")
    if "/reason/" in staff.url:
        staff.send(form="#model_form", reason="The person asks for a copy.")
    staff.open(staff.page.select_one("a[href*='/letter/']")["href"])
    assert staff.status == 200
    assert REASON in staff.text
    pdf = staff.client.get(staff.page.select_one("a[href$='.pdf']")["href"])
    assert pdf.data.startswith(b"%PDF")
    assert in_database(app, number)[0] is None


def test_the_officer_previews_with_the_reason_typed_so_far(visitor, app):
    with app.app_context():
        case_id = file_case().id
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{case_id}")
    action = officer.page.select_one("button[name=outcome][value=reject]")["formaction"]
    officer.send(form=PREVIEW, to=action, button=("outcome", "reject"), reason="Not <b>readable</b> & late")
    assert officer.status == 200
    article = officer.page.select_one("article")
    assert "Not <b>readable</b> & late" in article.get_text()
    assert "Ruth Ebai" in article.get_text()
    assert "Preview: nothing is decided or sent." in officer.text
    assert how_many(app, Letter) == 0
    officer.send(form="#preview-form", button=("_switch", "fr"))
    assert officer.page.html["lang"] == "fr"
    assert officer.page.select_one("article")["lang"] == "en"
    assert "Not <b>readable</b> & late" in officer.text


def test_a_preview_of_what_one_may_not_decide_is_refused(visitor, app):
    with app.app_context():
        case_id = file_case().id
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{case_id}")
    for outcome in ("withdraw_decision", "nonsense", ""):
        data = {"csrf_token": officer.token(), "outcome": outcome}
        officer.post(f"/staff/registrationview/preview/{case_id}", data)
        assert "You cannot decide this now." in officer.text
        assert officer.page.select_one("article") is None


@pytest.mark.parametrize("login", ["auditor", "administrator", "amina"])
def test_only_who_decides_previews(visitor, app, login):
    with app.app_context():
        case_id = file_case().id
    other = visitor(login)
    other.open("/staff/" if login != "amina" else "/en/")
    data = {"csrf_token": other.token(), "outcome": "reject"}
    other.post(f"/staff/registrationview/preview/{case_id}", data)
    assert other.page.select_one("article") is None


def test_the_second_pair_previews_the_reason_proposed(visitor, app):
    with app.app_context():
        case_id = decided().case_id
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{case_id}")
    officer.send(form=PREVIEW, button=("step", "propose_withdrawal"), reason="An error of ours.")
    second = visitor("supervisor")
    second.open(f"/staff/registrationview/show/{case_id}")
    action = second.page.select_one("button[name=outcome]")["formaction"]
    second.send(form=PREVIEW, to=action, button=("outcome", "withdraw_decision"))
    article = second.page.select_one("article").get_text()
    assert "An error of ours." in article
    assert "Irène Kamga" in article


def test_the_print_queue_is_worked_and_empties(visitor, app, paper_id):
    officer = visitor("officer")
    officer.open("/staff/printqueueview/list/")
    officer.open(officer.page.select_one("td a[href*='/show/']")["href"])
    pdf = officer.client.get(officer.page.select_one("a[href*='/pdf/']")["href"])
    assert pdf.data.startswith(b"%PDF")
    officer.send(form="#posted-form", posted_on="2020-01-01")
    assert officer.status == 422
    assert "Enter the day of posting" in officer.error_of("posted_on")
    assert officer.value_of("posted_on") == "2020-01-01"
    with app.app_context():
        today = clock.today().isoformat()
    officer.send(form="#posted-form", posted_on=today)
    assert "posted on" in officer.text
    assert officer.page.select_one("td a[href*='/show/']") is None
    officer.open(f"/staff/printqueueview/show/{paper_id}")
    assert officer.status == 404
    officer.open("/staff/postedlettersview/list/")
    assert officer.page.select_one("td a[href*='/show/']") is not None


def test_a_letter_by_email_is_not_in_the_print_queue(visitor, app, letter):
    with app.app_context():
        number = db.session.scalars(select(Letter.id)).one()
    officer = visitor("officer")
    officer.open("/staff/printqueueview/list/")
    assert letter[0] not in officer.text
    for address in ("show", "pdf"):
        officer.open(f"/staff/printqueueview/{address}/{number}")
        assert officer.status == 404
    data = {"csrf_token": visitor_token(officer), "posted_on": clock_day(app)}
    officer.post(f"/staff/printqueueview/posted/{number}", data)
    assert officer.status == 404
    assert in_database(app, letter[0])[1] is None


def visitor_token(officer):
    officer.open("/staff/")
    return officer.token()


def clock_day(app):
    with app.app_context():
        return clock.today().isoformat()


def test_the_auditor_reads_the_print_queue_and_posts_nothing(visitor, app, paper_id):
    auditor = visitor("auditor")
    auditor.open(f"/staff/printqueueview/show/{paper_id}")
    assert auditor.status == 200
    assert auditor.page.select_one("#posted-form") is None
    data = {"csrf_token": visitor_token(auditor), "posted_on": clock_day(app)}
    auditor.post(f"/staff/printqueueview/posted/{paper_id}", data)
    with app.app_context():
        assert db.session.get(Letter, paper_id).posted_on is None


@pytest.mark.parametrize("login", ["administrator", "amina"])
def test_the_print_queue_is_not_for_everybody(visitor, login, paper_id):
    other = visitor(login)
    other.open(f"/staff/printqueueview/show/{paper_id}")
    assert other.page.select_one("article") is None


def type_code(browser, lang, code):
    """Fill in the form of the page, which sends with GET."""
    browser.open(f"/{lang}/verify")
    form = browser.page.select_one("main form")
    assert form["method"] == "get"
    browser.open(f"{form['action']}?{urlencode({'code': code})}")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_anybody_verifies_a_letter(visitor, app, letter, lang):
    number, code, _public_id, _case = letter
    nobody = visitor(None, lang)
    type_code(nobody, lang, papers.shown(code).lower())
    assert nobody.status == 200
    assert f"/{lang}/verify/" in nobody.url
    for fact in (number, "J. T.", "/verify/"):
        assert fact in nobody.text + nobody.url
    for secret in (REASON, "Tabi", "Joseph", "RG-", "Ruth"):
        assert secret not in nobody.text


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(
    "code", ["0000-0000-0000-0000", "short", "<script>alert(1)</script>", "é" * 90, "%00", ".", "a/b"]
)
def test_an_unknown_code_gets_the_same_page(visitor, lang, code):
    nobody = visitor(None, lang)
    type_code(nobody, lang, code)
    assert nobody.status in (200, 404)
    assert (
        nobody.page.select_one("h1").get_text() == nobody.page.select_one("title").get_text().split(" – ")[0]
    )
    assert nobody.page.select_one("input[name=code]") is not None
    assert nobody.page.select_one("main script") is None


def test_the_address_of_an_unknown_code_is_not_found(visitor):
    nobody = visitor()
    nobody.open("/en/verify/0000-0000-0000-0000")
    assert nobody.status == 404
    assert "Unknown" in nobody.text
    assert "genuine" not in nobody.page.select_one("section").get_text()


def test_a_superseded_letter_is_said_to_be_so(visitor, app):
    with app.app_context():
        first = made(decided())
        code, case_id = first.verification_code, first.case_id
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{case_id}")
    officer.send(form=PREVIEW, button=("step", "propose_withdrawal"), reason="An error of ours.")
    nobody = visitor()
    nobody.open(f"/en/verify/{papers.shown(code)}")
    assert "A later decision" not in nobody.text
    second = visitor("supervisor")
    second.open(f"/staff/registrationview/show/{case_id}")
    second.send(form=PREVIEW, button=("step", "confirm_withdrawal"))
    nobody.open(f"/en/verify/{papers.shown(code)}")
    assert nobody.status == 200
    assert "no longer applies" in nobody.text
    assert "A later decision has taken its place." in nobody.text


def test_a_letter_whose_file_is_lost_is_not_an_error_page(visitor, app, letter):
    number, _code, public_id, _case = letter
    with app.app_context():
        letters.storage.remove(db.session.scalars(select(Letter.pdf_sha256)).one())
    person = visitor("joseph")
    person.open(f"/en/cases/{public_id}/letters/{number}.pdf")
    assert person.status == 404
    person.open(f"/en/cases/{public_id}/letters/{number}")
    assert person.status == 200


def test_the_day_of_posting_defaults_to_today(visitor, app, paper_id):
    officer = visitor("officer")
    officer.open(f"/staff/printqueueview/show/{paper_id}")
    assert officer.value_of("posted_on") == clock_day(app)
