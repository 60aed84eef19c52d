"""The staff's side: what each role sees and may do, and that the rest is refused with nothing written."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.models import Account, Case, Employer, Holiday
from app.services import SERVICES, cases
from app.workflow import Actor
from tests.services.test_cases import bring_to, file_case

STAFF = ["officer", "supervisor", "auditor", "administrator"]


@pytest.fixture
def case_id(app):
    with app.app_context():
        return file_case().id


def status_of(app, case_id):
    with app.app_context():
        return db.session.get(Case, case_id).status.name


@pytest.mark.parametrize("login", ["officer", "supervisor"])
def test_an_officer_approves_and_the_number_is_shown(visitor, app, case_id, login):
    officer = visitor(login)
    officer.open("/staff/registrationview/list/")
    officer.open(officer.page.select_one("td a[href*='/show/']")["href"])
    officer.send(form="form[action*='/step/']", button=("step", "approve"))
    assert officer.status == 200
    assert "Request approved" in officer.text
    assert "10-0000345-" in officer.text
    assert status_of(app, case_id) == "carried_out"


def test_refusing_without_a_reason_keeps_the_page_and_writes_nothing(visitor, app, case_id):
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{case_id}")
    officer.send(form="form[action*='/step/']", button=("step", "reject"), reason="  ")
    assert officer.status == 422
    assert "Give the reason: the person will read it." in officer.text
    assert status_of(app, case_id) == "submitted"


def test_the_reason_of_a_refusal_reaches_the_person(visitor, app, case_id, work):
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{case_id}")
    officer.send(form="form[action*='/step/']", button=("step", "reject"), reason="The date is <b>wrong</b>.")
    work()
    person = visitor("joseph")
    person.open("/en/")
    person.open(person.page.select_one("a[href*='/cases/']:not([href*='/letters/'])")["href"])
    assert "The date is <b>wrong</b>." in person.text
    assert "You may appeal until" in person.text
    assert not person.page.select("main b")


def test_the_slower_officer_reads_who_decided(visitor, app, case_id):
    fast, slow = visitor("officer"), visitor("agent")
    for officer in (fast, slow):
        officer.open(f"/staff/registrationview/show/{case_id}")
    fast.send(form="form[action*='/step/']", button=("step", "approve"))
    slow.send(form="form[action*='/step/']", button=("step", "reject"), reason="Too late.")
    assert slow.status == 200
    assert "Decided a moment ago by Ruth Ebai" in slow.text


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Ruth Ebai acted before you: Approval proposed, on "),
        ("fr", "Ruth Ebai a agi avant vous, le "),
    ],
)
def test_the_slower_of_two_proposers_reads_who_acted(visitor, app, case_id, lang, said):
    """A case for two: both officers propose, each from the page as both saw it."""
    with app.app_context():
        bring_to(db.session.get(Case, case_id), ("propose_approval", "send_back"))
    fast, slow = visitor("officer"), visitor("agent", lang)
    for officer in (fast, slow):
        officer.open(f"/staff/registrationview/show/{case_id}")
    fast.send(form="form[action*='/step/']", button=("step", "propose_approval"))
    slow.send(form="form[action*='/step/']", button=("step", "propose_rejection"), reason="Late.")
    assert slow.status == 200
    assert said in slow.text
    assert status_of(app, case_id) == "proposed"


def test_ones_own_second_click_names_nobody(visitor, app, case_id):
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{case_id}")
    page, url = officer.page, officer.url
    officer.send(form="form[action*='/step/']", button=("step", "take"))
    officer.go_back(page, url)
    officer.send(form="form[action*='/step/']", button=("step", "take"))
    assert "This step is not possible at this stage." in officer.text
    assert "acted before you" not in officer.text


def test_the_home_page_counts_what_waits_for_the_staff(visitor, app, case_id):
    """A proposal waits for its second officer; what the person or the employer must do first waits for them."""
    counted = {}
    for name in ("take", "propose_approval", "send_back", "request_information"):
        with app.app_context():
            bring_to(db.session.get(Case, case_id), (name,))
            db.session.execute(Case.__table__.update().values(due_on=clock.today() - timedelta(days=1)))
            db.session.commit()
        staff = visitor("officer")
        staff.open("/staff/")
        cells = [cell.text for cell in staff.page.select("tbody td")]
        counted[name] = cells[0], cells[2]
    assert counted == {
        "take": ("1", "1"),
        "propose_approval": ("1", "1"),
        "send_back": ("1", "1"),
        "request_information": ("0", "0"),
    }


def test_a_page_read_before_a_change_decides_nothing(visitor, app, case_id):
    fast, slow = visitor("officer"), visitor("agent")
    for officer in (fast, slow):
        officer.open(f"/staff/registrationview/show/{case_id}")
    fast.send(form="form[action*='/step/']", button=("step", "take"))
    slow.send(form="form[action*='/step/']", button=("step", "approve"))
    assert "The case changed since you opened it." in slow.text
    assert status_of(app, case_id) == "under_review"


@pytest.mark.parametrize("step", ["carry_out", "submit", "withdraw", "nonsense", ""])
def test_steps_that_are_not_an_officers_are_refused(visitor, app, case_id, step):
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{case_id}")
    officer.send(form="form[action*='/step/']", button=("step", step))
    assert "This step does not exist." in officer.text
    assert status_of(app, case_id) == "submitted"


@pytest.mark.parametrize("login", ["auditor", "administrator", "joseph"])
@pytest.mark.parametrize("step", ["take", "approve", "reject"])
def test_who_does_not_decide_cannot(visitor, app, case_id, login, step):
    other = visitor(login)
    other.open("/en/sign-in")
    data = {"csrf_token": other.token(), "step": step, "reason": "Because.", "version": "1"}
    other.post(f"/staff/registrationview/step/{case_id}", data)
    assert other.status == 403
    assert status_of(app, case_id) == "submitted"


def test_the_auditor_sees_the_history_and_no_button(visitor, case_id):
    auditor = visitor("auditor")
    auditor.open(f"/staff/registrationview/show/{case_id}")
    assert auditor.status == 200
    assert "Request submitted" in auditor.text
    assert not auditor.page.select("form[action*='/step/']")


AUDITORS_OWN = {"SampleView.draw", "ChainRunView.start"}
"""An auditor's own work: it is kept, and changes nothing of anybody's (tests/views/test_auditing.py); so is a list
made into a file (tests/views/test_list_exports.py)."""
SENT_TO_READ = ("POST", "/staff/insuredpersonview/list/")
"""A search that names a person is sent, so that no address holds the name; without one nobody is found."""


def test_every_write_the_auditor_tries_is_refused(visitor, app, case_id):
    """Each staff address with each writing method: refused, and no table changes."""
    auditor = visitor("auditor")
    auditor.open("/en/sign-in")
    token = auditor.token()
    before = contents(app)
    tried = 0
    with app.app_context():
        rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/staff")]
    for rule in rules:
        if rule.endpoint in AUDITORS_OWN or rule.endpoint.endswith(".export_later"):
            continue
        for method in sorted((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}):
            url = rule.rule.replace("<int:pk>", str(case_id)).replace("<pk>", "1")
            answer = auditor.client.open(url, method=method, data={"csrf_token": token, "step": "approve"})
            refused = (422,) if (method, url) == SENT_TO_READ else (403, 404, 405)
            assert answer.status_code in refused, (method, url, answer.status_code)
            tried += 1
    assert tried >= 7
    assert contents(app) == before


def contents(app):
    """Every row of every table; sessions aside."""
    with app.app_context():
        return {
            name: sorted(map(str, db.session.execute(select(table)).all()))
            for name, table in db.metadata.tables.items()
            if name != "web_session"
        }


def test_nobody_is_sent_to_the_one_sign_in(visitor, case_id):
    for address in ("/staff/", "/staff/registrationview/list/", f"/staff/registrationview/show/{case_id}"):
        nobody = visitor()
        nobody.open(address)
        assert "/sign-in" in nobody.url
        assert "Tabi" not in nobody.text


def test_signing_in_on_the_way_to_a_staff_page_leads_there(visitor, case_id):
    officer = visitor()
    officer.open("/staff/registrationview/list/")
    officer.give_password("officer@demo.example", "guichet-officer")
    assert officer.url.startswith("/staff/registrationview/list/")


def test_an_employee_sees_no_staff_page(visitor, app, case_id):
    person = visitor("joseph")
    with app.app_context():
        rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/staff")]
    seen = 0
    for rule in rules:
        if rule.endpoint in ("StaffSignIn.login", "UtilView.back") or "GET" not in (rule.methods or ()):
            continue
        url = rule.rule.replace("<int:pk>", str(case_id)).replace("<pk>", "1").replace("<public_id>", "x")
        answer = person.client.get(url)
        assert answer.status_code in (403, 404), (url, answer.status_code)
        seen += 1
    assert seen > 10


def test_drafts_are_not_shown_to_staff(visitor, app):
    with app.app_context():
        case = file_case()
        case_id = case.id
        db.session.execute(Case.__table__.update().values(status="draft"))
        db.session.commit()
    officer = visitor("officer")
    officer.open("/staff/registrationview/list/")
    assert "RG-20" not in officer.text
    officer.open(f"/staff/registrationview/show/{case_id}")
    assert officer.status == 404
    officer.open("/en/sign-in")
    officer.post(
        f"/staff/registrationview/step/{case_id}",
        {"csrf_token": officer.token(), "step": "approve", "version": "2"},
    )
    assert officer.status == 404


def test_an_administrator_keeps_reference_data(visitor, app):
    administrator = visitor("administrator")
    administrator.open("/staff/employerview/list/")
    administrator.open("/staff/employerview/add")
    administrator.send(form="#model_form", registration_number="E-9", name="Pêcheries du Sud", active="y")
    assert "Pêcheries du Sud" in administrator.text
    with app.app_context():
        employer = db.session.scalars(select(Employer).where(Employer.registration_number == "E-9")).one()
        db.session.delete(employer)
        db.session.commit()


def test_the_language_switch_keeps_a_half_filled_record(visitor, app):
    administrator = visitor("administrator")
    administrator.open("/staff/employerview/add")
    add = "/staff/employerview/add"
    administrator.send(
        form="#model_form", button=("_switch", "fr"), to=add, name="Pêcheries", registration_number=""
    )
    assert administrator.page.html["lang"] == "fr"
    assert administrator.value_of("name") == "Pêcheries"
    assert not administrator.page.select(".has-error")
    administrator.send(form="#model_form")
    assert administrator.page.select(".has-error")
    administrator.send(form="#model_form", button=("_switch", "en"), to=add)
    assert administrator.page.html["lang"] == "en"
    assert administrator.page.select(".has-error")
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Employer.name == "Pêcheries")) == 0


def test_the_language_switch_changes_no_record(visitor, app):
    administrator = visitor("administrator")
    with app.app_context():
        employer_id = db.session.scalar(select(Employer.id).order_by(Employer.id).limit(1))
    edit = f"/staff/employerview/edit/{employer_id}"
    administrator.open(edit)
    administrator.send(form="#model_form", button=("_switch", "fr"), to=edit, name="Autre nom")
    assert administrator.value_of("name") == "Autre nom"
    with app.app_context():
        assert db.session.get(Employer, employer_id).name != "Autre nom"


def test_a_number_given_twice_is_a_message_not_a_database_error(visitor, app):
    administrator = visitor("administrator")
    administrator.open("/staff/employerview/add")
    administrator.send(form="#model_form", registration_number="E-000101", name="Encore", active="y")
    assert administrator.status == 200
    assert "INSERT" not in administrator.text
    assert "psycopg" not in administrator.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Employer.name == "Encore")) == 0


def test_a_number_given_twice_is_said_in_each_readers_language(visitor):
    for lang, said in (("fr", "Cette valeur est déjà prise."), ("en", "This value is already taken.")):
        administrator = visitor("administrator")
        administrator.open(f"/staff/employerview/add?language={lang}")
        administrator.send(form="#model_form", registration_number="E-000101", name="Encore", active="y")
        assert said in administrator.text


def test_a_list_s_count_is_not_named_as_its_rows(visitor, case_id):
    officer = visitor("officer")
    officer.open("/staff/registrationview/list/?language=fr")
    assert officer.page.select_one("h1").get_text(strip=True) == "Enregistrement"
    assert officer.page.select_one(".s-count").get_text(strip=True) == "1 résultat"


def test_deleting_what_is_used_says_so_and_shows_no_sql(visitor, app, case_id):
    with app.app_context():
        employer_id = db.session.get(Case, case_id).employer_id
    administrator = visitor("administrator")
    administrator.open("/staff/employerview/list/")
    token = administrator.page.select_one("input[name=csrf_token]")["value"]
    administrator.post(f"/staff/employerview/delete/{employer_id}", {"csrf_token": token})
    assert administrator.status == 200
    assert "psycopg" not in administrator.text
    with app.app_context():
        assert db.session.get(Employer, employer_id) is not None


def test_a_get_deletes_nothing(visitor, app):
    administrator = visitor("administrator")
    with app.app_context():
        holiday_id = db.session.scalar(select(func.min(Holiday.id)))
    answer = administrator.client.get(f"/staff/holidayview/delete/{holiday_id}")
    assert answer.status_code != 200 or b"csrf" in answer.data
    with app.app_context():
        assert db.session.get(Holiday, holiday_id) is not None


@pytest.mark.parametrize(
    "query",
    [
        "_oc_RegistrationView=nothing&_od_RegistrationView=asc",
        "_oc_RegistrationView=owner&_od_RegistrationView=asc",
        "page_RegistrationView=abc",
        "page_RegistrationView=-4",
        "page_RegistrationView=99999",
        "psize_RegistrationView=abc",
        "psize_RegistrationView=1000000000",
        "_flt_0_nothing=1",
        "_flt_99_reference=1",
        "_flt_0_status=bogus",
        "_flt_0_due_on=yesterday",
        "_flt_x_reference=1",
        "_flt_3_reference=RG%00",
        "_flt_0_birth_date=9999999999-01-01",
    ],
)
def test_absurd_addresses_never_break_a_list(visitor, case_id, query):
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/list/?{query}")
    assert officer.status in (200, 400, 404), officer.status


def test_two_officers_searching_at_once_get_their_own_results(visitor, app):
    """FAB #2366: its search state is shared by all threads of a process."""
    with app.app_context():
        mine, theirs = file_case("joseph", "a").reference, file_case("peter", "b").reference
    browsers = {mine: visitor("officer"), theirs: visitor("agent")}
    wrong, start = [], threading.Barrier(2)

    def search(reference):
        start.wait()
        for _ in range(15):
            page = browsers[reference].client.get(
                f"/staff/registrationview/list/?_flt_3_reference={reference}"
            )
            found = [other for other in (mine, theirs) if other.encode() in page.data.split(b"<tbody", 1)[-1]]
            if found != [reference]:
                wrong.append(found)

    threads = [threading.Thread(target=search, args=(reference,)) for reference in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_staff_language_switch_keeps_the_page(visitor, case_id):
    officer = visitor("officer")
    officer.open("/staff/registrationview/list/?_flt_0_reference=RG")
    officer.open(officer.page.select_one("a[hreflang=fr]")["href"])
    assert officer.page.html["lang"] == "fr"
    assert "_flt_0_reference=RG" in officer.url
    officer.open(f"/staff/registrationview/show/{case_id}")
    assert "Ce que la personne a écrit" in officer.text


def test_the_search_form_as_it_stands_finds_by_reference(visitor, case_id):
    officer = visitor("officer")
    officer.open("/staff/registrationview/list/")
    reference = officer.page.select_one("td a[href*='/show/']").get_text(strip=True)
    for lang, words in (("en", ["Submitted", "Any"]), ("fr", ["Déposée", "est égal à"])):
        officer.open(f"/staff/registrationview/list/?_flt_3_reference={reference}&language={lang}")
        assert reference in officer.text
        for word in words:
            assert word in officer.text
        assert "under_review" not in officer.text


def test_empty_search_fields_search_for_nothing(visitor, case_id):
    officer = visitor("officer")
    officer.open("/staff/registrationview/list/?_flt_0_status=&_flt_0_birth_date=&_flt_0_reference=RG-20")
    assert officer.url == "/staff/registrationview/list/?_flt_0_reference=RG-20"
    assert officer.page.select("td a[href*='/show/']")


@pytest.mark.parametrize("status", ["submitted", "carried_out"])
def test_searching_by_status_finds_those_in_it(visitor, case_id, status):
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/list/?_flt_0_status={status}")
    assert bool(officer.page.select("td a[href*='/show/']")) is (status == "submitted")


def test_the_language_switch_keeps_a_half_written_reason(visitor, case_id):
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{case_id}")
    step = f"/staff/registrationview/step/{case_id}"
    officer.send(form="#steps-form", button=("_switch", "fr"), to=step, reason="The date")
    assert officer.page.html["lang"] == "fr"
    assert officer.value_of("reason") == "The date"
    assert "Indiquez le motif" not in officer.text
    officer.send(form="#steps-form", button=("step", "reject"), reason="")
    officer.send(form="#steps-form", button=("_switch", "en"), to=step)
    assert "Give the reason: the person will read it." in officer.text
    officer.open(step)
    assert officer.url == f"/staff/registrationview/show/{case_id}"


def test_the_mailbox_is_for_those_who_run_the_trial(visitor, case_id, work):
    work()
    administrator = visitor("administrator")
    administrator.open("/staff/devmail/")
    assert "We have received your request" in administrator.text
    officer = visitor("officer")
    officer.open("/staff/devmail/")
    assert officer.status == 403


@pytest.mark.parametrize("number", ["99999999999999999999", "2147483648", "-1", "abc", "1.5", "%D9%A3"])
def test_a_number_no_row_can_have_is_no_page(visitor, number):
    supervisor, administrator = visitor("supervisor"), visitor("administrator")
    for staff, view in (
        (supervisor, "registrationview"),
        (supervisor, "insuredpersonview"),
        (administrator, "employerview"),
    ):
        staff.open(f"/staff/{view}/show/{number}")
        assert staff.status == 404
    administrator.open(f"/staff/employerview/edit/{number}")
    assert administrator.status == 404


@pytest.mark.parametrize("query", ["_flt_0_active=zz", "_flt_0_active=2", "_flt_0_id=zz"])
def test_a_word_where_a_search_wants_another_kind_of_value_is_no_failure(visitor, query):
    administrator = visitor("administrator")
    for view in ("employerview", "outboxview"):
        administrator.open(f"/staff/{view}/list/?{query}")
        assert administrator.status in (200, 400), (view, administrator.status)


def test_an_employer_can_cease_to_be_active(visitor, app):
    administrator = visitor("administrator")
    with app.app_context():
        employer_id = db.session.scalar(select(Employer.id).order_by(Employer.id).limit(1))
    administrator.open(f"/staff/employerview/edit/{employer_id}")
    administrator.send(form="#model_form", active=None)
    with app.app_context():
        employer = db.session.get(Employer, employer_id)
        assert employer.active is False
        employer.active = True
        db.session.commit()


def test_a_name_of_spaces_is_no_name(visitor, app):
    administrator = visitor("administrator")
    administrator.open("/staff/employerview/add")
    administrator.send(form="#model_form", registration_number="   ", name="  ", active="y")
    assert "Fill in this field." in administrator.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Employer.name == "  ")) == 0


@pytest.mark.parametrize("day", ["32/13/2026", "yesterday", "2026-02-30"])
def test_a_wrong_day_is_kept_beside_its_message(visitor, day):
    administrator = visitor("administrator")
    administrator.open("/staff/holidayview/add")
    administrator.send(form="#model_form", day=day, name_fr="Fête", name_en="Feast")
    assert "Enter a day as year-month-day" in administrator.text
    assert administrator.value_of("day") == day


def test_a_second_request_of_who_has_a_number_is_explained_to_the_officer(visitor, app, case_id):
    with app.app_context():
        second = file_case(key="second").id
    officer = visitor("officer")
    for number in (case_id, second):
        officer.open(f"/staff/registrationview/show/{number}")
        officer.send(form="#steps-form", button=("step", "approve"))
    assert "This person already has a social security number." in officer.text
    assert status_of(app, second) == "submitted"


def test_a_decision_of_another_day_is_not_a_moment_ago(visitor, app, case_id):
    slow = visitor("agent")
    slow.open(f"/staff/registrationview/show/{case_id}")
    page, url = slow.page, slow.url
    slow.send(form="#steps-form", button=("step", "approve"))
    slow.go_back(page, url)
    with clock.frozen(clock.now() + timedelta(minutes=20)):
        slow.send(form="#steps-form", button=("step", "reject"), reason="Late.")
    assert "Already decided by Paul Essomba" in slow.text


def test_cases_that_wait_come_first_the_oldest_due_first(visitor, app):
    with app.app_context():
        filed = [file_case(key=f"key-{number}") for number in range(4)]
        for number, case in enumerate(filed):
            case.due_on = clock.today() + timedelta(days=10 - number)
        for ended in (filed[3], filed[0]):
            perform(ended, "reject")
        order = [filed[number].reference for number in (2, 1, 3, 0)]
        db.session.commit()
    officer = visitor("officer")
    officer.open("/staff/registrationview/list/")
    assert [row.get_text(strip=True) for row in officer.page.select("td[data-label=Reference]")] == order
    tags = [tag["class"][-1] for tag in officer.page.select("td .g-status")]
    assert tags == ["g-status--blue", "g-status--blue", "g-status--red", "g-status--red"]


def test_an_officer_orders_the_list_otherwise(visitor, app):
    with app.app_context():
        references = [file_case(key=f"key-{number}").reference for number in range(2)]
    officer = visitor("officer")
    for direction, expected in (("asc", sorted(references)), ("desc", sorted(references, reverse=True))):
        officer.open(
            f"/staff/registrationview/list/?_oc_RegistrationView=reference&_od_RegistrationView={direction}"
        )
        assert [
            row.get_text(strip=True) for row in officer.page.select("td[data-label=Reference]")
        ] == expected


def test_what_is_decided_stands_before_what_is_read(visitor, case_id):
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{case_id}")
    assert officer.page.select("#steps-form, .s-case__facts")[0]["id"] == "steps-form"


def perform(case, name):
    by = cases.By(
        db.session.scalars(select(Account).where(Account.email == "officer@demo.example")).one(),
        Actor.officer,
    )
    cases.perform(SERVICES[case.service], case, name, by, "The reason.")
