"""An officer answers or withdraws as the person told them, on a page that asks how, and with their papers."""

import pytest
from sqlalchemy import select

from app.access_kinds import LockKind
from app.extensions import db
from app.models import Case, Document, Letter, Notice
from app.services import letters, locks
from app.workflow import Status
from tests.jobs.test_outbox import received
from tests.services.test_cases import account, bring_to, file_case
from tests.visitor import a_file

SHOW = "/staff/registrationview/show/{}"
SPEAK = "/staff/registrationview/speak_for/{}/{}"
GIVEN = {"told": "telephone", "evidence": "Call of 24 November, 10:15.", "words": "I was born in Buea."}
FORM = "#model_form"


@pytest.fixture
def case_id(app):
    with app.app_context():
        case = file_case()
        bring_to(case, Status.info_requested)
        return case.id


@pytest.fixture
def agent(visitor, case_id):
    agent = visitor("agent")
    agent.open(SHOW.format(case_id) + "?language=en")
    return agent


def state(app, case_id):
    with app.app_context():
        case = db.session.get(Case, case_id)
        return case.status.name, case.events[-1].step, [document.filename for document in case.documents]


def test_the_answer_and_its_papers_reach_the_case_and_the_person(agent, visitor, app, case_id, work, mailbox):
    agent.open(agent.page.select_one("#for-person a[href*='answer_for'], a[href*='answer_for']")["href"])
    assert "What we asked for" in agent.text
    agent.send(FORM, **GIVEN, documents=a_file("page2.png"))
    assert "Answer received, entered by an officer" in agent.text
    assert f"{GIVEN['words']} {GIVEN['evidence']}" in agent.text
    assert "for the person, who said it by telephone" in agent.text
    status, step, files = state(app, case_id)
    assert (status, step) == ("under_review", "answer_for")
    assert "page2.png" in files
    work()
    [mail] = [it for it in received(mailbox) if "an answer was entered for you" in it["Subject"]]
    assert GIVEN["words"] not in mail.as_string()
    person = visitor("joseph")
    with app.app_context():
        assert db.session.scalars(
            select(Document).where(Document.filename == "page2.png")
        ).one().owner.email == ("joseph@demo.example")
        person_page = f"/en/cases/{db.session.get(Case, case_id).public_id}"
    person.open(person_page)
    assert "a case officer, as you told us by telephone" in person.text
    assert f"{GIVEN['words']} {GIVEN['evidence']}" in person.text


def test_the_withdrawal_ends_the_case(agent, app, case_id):
    agent.open(SPEAK.format(case_id, "withdraw_for"))
    agent.send(FORM, **GIVEN | {"told": "counter"})
    assert state(app, case_id)[:2] == ("withdrawn", "withdraw_for")
    assert agent.page.select("a[href*='speak_for']") == []


@pytest.mark.parametrize("name", ["answer_for", "withdraw_for"])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"told": None}, "Choose how the person told you."),
        ({"told": "dream"}, "Not a valid choice"),
        ({"evidence": " "}, "Name the paper or the call."),
        ({"words": ""}, "Write what the person says."),
        ({"words": "x" * 4001}, "Write at most 4,000 characters."),
        ({"documents": "virus.exe"}, "not a PDF, JPEG, PNG"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(agent, app, case_id, name, changes, message):
    before = state(app, case_id)
    agent.open(SPEAK.format(case_id, name))
    file = a_file("virus.exe", b"MZ" + bytes(50)) if "documents" in changes else a_file("page2.png")
    agent.send(FORM, **GIVEN | changes | {"documents": file})
    assert agent.status == 422
    assert message in agent.text
    kept = GIVEN | changes
    assert agent.value_of("words").strip() == kept["words"].strip()
    assert state(app, case_id) == before
    if "documents" not in changes:
        agent.send(FORM, **GIVEN)
        assert "page2.png" in state(app, case_id)[2]


def test_a_paper_is_taken_away_again(agent, app, case_id):
    agent.open(SPEAK.format(case_id, "answer_for"))
    agent.send(FORM, **GIVEN | {"words": ""}, documents=a_file("page2.png"))
    agent.send(FORM, button=("_remove", agent.value_of("documents-kept")), **GIVEN)
    assert "page2.png" not in agent.text
    agent.send(FORM, **GIVEN)
    status, _step, files = state(app, case_id)
    assert status == "under_review"
    assert "page2.png" not in files


def test_the_language_switch_keeps_what_was_typed_and_its_messages(agent, app, case_id):
    agent.open(SPEAK.format(case_id, "answer_for"))
    agent.send(FORM, **GIVEN | {"evidence": ""})
    agent.send(FORM, button=("_switch", "fr"))
    assert "Indiquez la pièce ou l’appel." in agent.text
    assert agent.value_of("words").strip() == GIVEN["words"]
    assert state(app, case_id)[0] == "info_requested"


def test_a_page_read_before_a_change_is_refused_and_kept(agent, visitor, app, case_id):
    agent.open(SPEAK.format(case_id, "withdraw_for"))
    officer = visitor("officer")
    officer.open(SPEAK.format(case_id, "answer_for"))
    officer.send(FORM, **GIVEN)
    agent.send(FORM, **GIVEN)
    assert agent.status == 422
    assert "The case changed since you opened it" in agent.text
    assert agent.value_of("words").strip() == GIVEN["words"]
    assert state(app, case_id)[0] == "under_review"


@pytest.mark.parametrize(("name", "code"), [("take", 404), ("withdraw", 404), ("nothing", 404)])
def test_other_steps_have_no_such_page(agent, case_id, name, code):
    agent.open(SPEAK.format(case_id, name))
    assert agent.status == code


def test_where_it_is_not_possible_the_case_says_so(agent, app, case_id):
    with app.app_context():
        bring_to(db.session.get(Case, case_id), ("lapse",))
    for name in ("answer_for", "withdraw_for"):
        agent.open(SPEAK.format(case_id, name))
        assert "This step is not possible at this stage" in agent.text
        agent.post(SPEAK.format(case_id, name), GIVEN | {"csrf_token": agent.token()})
        assert "This step is not possible at this stage" in agent.text
    assert state(app, case_id)[:2] == ("lapsed", "lapse")


def test_the_buttons_of_the_steps_do_not_speak_for_somebody(agent, app, case_id):
    agent.post(
        f"/staff/registrationview/step/{case_id}",
        {"csrf_token": agent.token(), "step": "answer_for", "reason": "Mine."},
    )
    assert "Say how the person told you" in agent.text
    assert state(app, case_id)[0] == "info_requested"


@pytest.mark.parametrize("login", ["auditor", "administrator", "claims", "centre", "joseph"])
def test_who_does_not_work_the_case_enters_nothing(visitor, app, case_id, login):
    other = visitor(login)
    other.open("/en/")
    other.post(
        SPEAK.format(case_id, "answer_for"),
        GIVEN | {"csrf_token": other.token(), "documents": a_file("x.png")},
    )
    assert state(app, case_id)[:2] == ("info_requested", "request_information")
    with app.app_context():
        assert db.session.scalars(select(Document).where(Document.filename == "x.png")).all() == []


def test_a_locked_file_is_said_to_the_officer(agent, app, case_id):
    with app.app_context():
        locks.set_lock(account("joseph"), LockKind.everything)
        db.session.commit()
    agent.open(SPEAK.format(case_id, "answer_for"))
    agent.send(FORM, **GIVEN)
    assert agent.status == 422
    assert "This person locked their file" in agent.text
    assert state(app, case_id)[0] == "info_requested"
    agent.send(FORM, told="counter")
    assert state(app, case_id)[0] == "under_review"


@pytest.mark.parametrize(
    ("name", "words"), [("answer_for", "entered this answer"), ("withdraw_for", "withdrew your request")]
)
def test_who_has_no_email_reads_it_on_paper(agent, app, case_id, work, name, words):
    with app.app_context():
        owner = db.session.get(Case, case_id).owner
        owner.email = "nobody@no-email.invalid"
        db.session.commit()
    agent.open(SPEAK.format(case_id, name))
    agent.send(FORM, **GIVEN)
    work()
    notice = {"answer_for": "answered_for", "withdraw_for": "withdrawn_for"}[name]
    with app.app_context():
        letter = db.session.scalars(select(Letter).where(Letter.notice == notice)).one()
        said = " ".join(block["text"] for block in letter.body)
        for part in (
            words,
            GIVEN["words"],
            GIVEN["evidence"],
            "by telephone",
            "If this is not what you said",
        ):
            assert part in said
        assert letter.channel == letters.PAPER
        told = db.session.scalars(select(Notice).where(Notice.name == notice)).one()
        assert (told.delivery.name, told.letter_id) == ("paper", letter.id)
        owner = db.session.get(Case, case_id).owner
        owner.email = owner.username
        db.session.commit()
