"""Drafts: begun on one device, finished on another, never lost, never taken for a request that was sent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from app.adapters import storage
from app.delays import DRAFT_KEPT
from app.extensions import db
from app.models import Case, Document, Draft
from app.services import outbox
from tests.journey import CHECK, PAGES, START, address, answer, answer_all, go_to
from tests.visitor import a_file


@pytest.fixture
def person(visitor):
    person = visitor("joseph")
    person.open("/en/registration/new")
    return person


@pytest.fixture
def count_drafts(app):
    def count():
        with app.app_context():
            return db.session.scalar(select(func.count()).select_from(Draft))

    return count


def change_links(person):
    return [link["href"] for link in person.page.select(".govuk-summary-list__actions a")]


def test_there_is_no_draft_before_the_first_answer(person, count_drafts):
    for page in PAGES:
        person.open(address(page))
    person.open(address("you"))
    person.send()
    assert count_drafts() == 0
    answer(person, "you", given_names="")
    assert count_drafts() == 0
    answer(person, "you")
    assert count_drafts() == 1


@pytest.mark.parametrize("page", PAGES)
def test_each_page_says_which_step_it_is(person, page):
    go_to(person, page)
    step = f"Step {list(PAGES).index(page) + 1} of {len(PAGES)}"
    assert step in person.page.title.text
    assert step in person.page.h1.text


def test_each_page_leads_to_the_next_and_the_last_to_the_check(person):
    seen = [person.url]
    for page in PAGES:
        answer(person, page)
        seen.append(person.url)
    assert seen == [*map(address, PAGES), CHECK]


def test_what_is_refused_is_shown_again_and_not_kept(person):
    answer(person, "you")
    person.open(address("you"))
    answer(person, "you", family_name="F0n")
    assert person.value_of("family_name") == "F0n"
    person.open(address("you"))
    assert person.value_of("family_name") == "N’Guessan"


def test_a_draft_is_resumed_on_another_device_where_it_was_left(person, visitor):
    answer(person, "you")
    phone = visitor("joseph", lang="fr")
    phone.open("/fr/registration/new")
    assert phone.url == address("origin", "fr")
    answer(phone, "origin")
    person.open("/en/registration/new")
    assert person.url == address("paper")
    person.open(address("you"))
    assert person.value_of("given_names") == "Joseph Aimé"
    assert person.value_of("birth_date-month") == "4"


def test_everything_answered_is_resumed_at_the_check(person):
    answer_all(person)
    person.open("/en/registration/new")
    assert person.url == CHECK


def test_the_start_page_offers_to_resume_before_a_new_request(person, visitor):
    person.open(START)
    assert person.page.select_one("a.govuk-button--start").text == "Start now"
    answer_all(person)
    person.open(START)
    assert person.page.select_one("a.govuk-button--start").text == "Resume my request"
    assert "Your answers were saved on" in person.text
    assert "We keep them until" in person.text
    other = visitor("peter")
    other.open(START)
    assert other.page.select_one("a.govuk-button--start").text == "Start now"
    nobody = visitor()
    nobody.open(START)
    assert nobody.page.select_one("a.govuk-button--start").text == "Start now"


def test_starting_again_deletes_the_answers(person, count_drafts):
    answer_all(person)
    person.open(START)
    person.send(form="main form[action$='/registration/new']")
    assert person.url == address("you")
    assert person.value_of("given_names") == ""
    assert count_drafts() == 0


def test_following_the_link_to_start_again_deletes_nothing(person, count_drafts):
    answer(person, "you")
    person.open("/en/registration/new")
    assert count_drafts() == 1


def test_home_shows_a_draft_as_a_draft(person, visitor):
    answer(person, "you")
    person.open("/en/")
    headings = [heading.text for heading in person.page.select("h2")]
    assert headings == ["Not sent yet", "My requests", "Services"]
    card = person.page.select_one(".g-cases li")
    assert card.select_one(".g-status").text == "Draft"
    assert "You have not sent this request yet." in card.text
    person.open(card.a["href"])
    assert person.url == address("origin")
    other = visitor("peter")
    other.open("/en/")
    assert "Not sent yet" not in other.text


def test_the_check_shows_every_answer_and_how_to_change_it(person):
    answer_all(person)
    for text in ("Joseph Aimé", "N’Guessan", "3 April 1990", "Boulangerie Bonne Mie", "identity.png"):
        assert text in person.text
    links = change_links(person)
    assert list(dict.fromkeys(links)) == [f"{address(page)}?to=check" for page in PAGES]
    assert links.count(f"{address('you')}?to=check") == 5
    hidden = person.page.select_one(".govuk-summary-list__actions .govuk-visually-hidden")
    assert "Given names" in hidden.text


def test_changing_an_answer_comes_back_to_the_check(person):
    answer_all(person)
    person.open(change_links(person)[1])
    assert person.value_of("family_name") == "N’Guessan"
    answer(person, "you", family_name="")
    assert person.error_of("family_name") == "Enter your family name."
    person.send(family_name="Fon")
    assert person.url == CHECK
    assert "Fon" in person.text
    assert "N’Guessan" not in person.text


def test_the_check_leads_to_the_first_page_that_is_not_right(person, app):
    answer_all(person)
    with app.app_context():
        draft = db.session.scalars(select(Draft)).one()
        draft.answers = draft.answers | {"birth_date": {"birth_date-day": ["40"]}}
        db.session.commit()
    person.open(CHECK)
    assert person.url == f"{address('you')}?to=check"
    assert "must include" in person.error_of("birth_date")
    assert person.page.title.text.startswith("Error: ")


def test_an_answer_that_became_wrong_after_the_check_is_not_sent(person, app, count_cases):
    answer_all(person)
    with clock.frozen(clock.now() - timedelta(days=365 * 40)), app.app_context():
        assert clock.today().year < 1990
        person.send()
    assert person.url == f"{address('you')}?to=check"
    assert count_cases() == 0


def test_sending_ends_the_draft(person, count_drafts, count_cases):
    answer_all(person)
    person.send()
    assert (count_drafts(), count_cases()) == (0, 1)
    person.open("/en/")
    assert "Not sent yet" not in person.text
    person.open("/en/registration/new")
    assert person.value_of("given_names") == ""


@pytest.mark.parametrize("way", ["reload", "back", "other device"])
def test_the_same_submission_gives_the_same_reference(person, visitor, count_cases, way):
    answer_all(person)
    device = person
    if way == "other device":
        device = visitor("joseph")
        device.open(CHECK)
    form, url = device.page, device.url
    person.send()
    first = person.url
    device.go_back(form, url)
    if way == "back":
        device.open("/en/")
        device.go_back(form, url)
    device.send()
    assert device.url == first
    assert "We have received your request." in device.text
    assert count_cases() == 1


def test_many_clicks_at_once_give_one_reference(person, visitor, count_cases):
    answer_all(person)
    windows = [visitor("joseph") for _ in range(6)]
    for window in windows:
        window.open(CHECK)
    with ThreadPoolExecutor(len(windows)) as hands:
        list(hands.map(lambda window: window.send(), windows))
    assert {window.status for window in windows} == {200}
    assert len({window.url for window in windows}) == 1
    assert "/cases/" in windows[0].url
    assert count_cases() == 1


def test_the_key_of_a_sent_request_does_not_send_the_next_draft(person, count_cases, count_drafts):
    answer_all(person)
    form = person.page
    person.send()
    first = person.url
    answer_all(person, family_name="Fon")
    person.go_back(form, CHECK)
    person.send()
    assert person.url == first
    assert (count_cases(), count_drafts()) == (1, 1)


def test_somebody_elses_key_gives_neither_their_case_nor_one_of_ones_own(person, visitor, count_cases):
    answer_all(person)
    key = person.value_of("submission_key")
    person.send()
    thief = visitor("peter")
    answer_all(thief)
    thief.send(submission_key=key)
    assert thief.url == CHECK
    assert "RG-2026" not in thief.text
    assert count_cases() == 1


def test_answers_changed_on_another_device_are_read_again_before_they_are_sent(person, visitor, count_cases):
    answer_all(person)
    phone = visitor("joseph")
    phone.open(address("you"))
    answer(phone, "you", family_name="Fon")
    person.send()
    assert person.url == CHECK
    assert "Read them again before you send." in person.text
    assert "Fon" in person.text
    assert count_cases() == 0
    person.send(button=("_switch", "fr"), to="/fr/registration/check")
    assert person.page.html["lang"] == "fr"
    assert person.page.select_one(".govuk-error-summary")
    person.send()
    assert "/cases/" in person.url


def test_an_expired_draft_is_gone_and_its_answers_do_not_come_back(person, app):
    answer(person, "you")
    with app.app_context():
        draft = db.session.scalars(select(Draft)).one()
        draft.expires_at = clock.now()
        db.session.commit()
    person.open("/en/")
    assert "Not sent yet" not in person.text
    person.open(address("work"))
    answer(person, "work")
    person.open(address("you"))
    assert person.value_of("given_names") == ""


def test_a_draft_is_kept_sixty_days_from_the_last_answer(person, app):
    answer(person, "you")
    with clock.frozen(clock.now() + timedelta(minutes=10)):
        answer(person, "origin")
        now = clock.now()
    with app.app_context():
        assert db.session.scalars(select(Draft)).one().expires_at == now + DRAFT_KEPT


def test_the_check_of_nothing_is_the_start_page(person):
    person.open(CHECK)
    assert person.url == START


@pytest.mark.parametrize("url", [address("you"), CHECK, "/en/registration/new"])
def test_only_employees_have_drafts(visitor, url):
    officer = visitor("officer")
    officer.open(url)
    assert officer.status == 403
    nobody = visitor()
    nobody.open(url)
    assert "/sign-in" in nobody.url


def test_there_is_no_page_of_another_name(person):
    person.open(address("money"))
    assert person.status == 404


def test_the_files_of_a_draft_stay_and_those_it_dropped_go(person, app, work):
    answer_all(person)
    person.open(address("documents"))
    person.send(button=("_remove", person.value_of("identity_document-kept")))
    answer(person, "documents", identity_document=a_file("passport.png", a_file()[0].read() + b"\0"))
    purge(app, work, timedelta(days=2))
    person.open(CHECK)
    assert "passport.png" in person.text
    person.send()
    assert "passport.png" in person.text
    with app.app_context():
        names = {document.filename for document in db.session.scalars(select(Case)).one().documents}
        assert names == {"identity.png", "passport.png"}


def test_the_files_of_an_expired_draft_go(person, app, work):
    answer_all(person)
    with app.app_context():
        sha256 = db.session.scalars(select(Document.sha256).distinct()).one()
        assert storage.read(sha256)
    purge(app, work, DRAFT_KEPT + timedelta(days=1))
    with app.app_context():
        assert db.session.scalars(select(Document)).all() == []
        with pytest.raises(FileNotFoundError):
            storage.read(sha256)


def purge(app, work, later):
    with clock.frozen(clock.now() + later):
        with app.app_context():
            outbox.write("purge_expired_drafts")
            outbox.write("purge_unfiled_documents")
            db.session.commit()
        work()
