"""The acceptance story, for any Guichet that runs: from an employee's form to an officer's decision.

    accounts = json.loads(output of `flask guichet demo accounts --json`)
    play(browser, "http://127.0.0.1:8000", "fr", account_of(accounts, "amina@demo.example"), accounts)

The employee must not be registered yet, and have the language of the story: the notice is in theirs.
Each person has a window of their own. A page that complains (console, refused or failed request) fails.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, FilePayload, Page, expect

from tests import codes
from tests.browser.hands import MOUSE, Hands
from tests.browser.watch import Watch
from tests.processes import until
from tests.visitor import PNG

Account = Mapping[str, str | None]

LIVE_MILLISECONDS = 10_000
"""The page asks by itself every 20 seconds: what comes sooner was told to it."""

MILLISECONDS = 10_000
MAIL_SECONDS = 20
REFERENCE = re.compile(r"RG-\d{4}-\d{6}-[0-9A-Z]")
NUMBER = re.compile(r"\d{2}-\d{7}-\d{2}")
CARD = FilePayload(name="identity-card.png", mimeType="image/png", buffer=PNG)
EMPLOYER = "Highland Tea Estates"
COUNTRY = {"fr": "Cameroun", "en": "Cameroon"}
PAPERS = 2
CHECK_SECONDS = 60
STEPS = ("take", "approve", "reject", "withdraw", "carry_out", "submit")

WORDS = {
    "fr": {
        "received": "Nous avons bien reçu votre demande.",
        "submitted": "Un agent instructeur va l’examiner",
        "decided": "Votre demande est accordée et tout est fait.",
        "mail": "une décision a été prise",
        "greeting": "Bonjour ",
        "history": ["Demande déposée", "Demande accordée", "Décision exécutée"],
    },
    "en": {
        "received": "We have received your request.",
        "submitted": "A case officer will read it next",
        "decided": "Your request is approved and all is done.",
        "mail": "a decision has been taken",
        "greeting": "Hello ",
        "history": ["Request submitted", "Request approved", "Decision carried out"],
    },
}


@dataclass(frozen=True)
class Story:
    """Where it is played, in which language, with which hands, and whether pages may run scripts."""

    browser: Browser
    url: str
    lang: str
    hands: Hands = MOUSE
    scripts: bool = True

    @property
    def words(self) -> Mapping[str, object]:
        """What people read in the story's language."""
        return WORDS[self.lang]

    @contextmanager
    def window(self, account: Account) -> Iterator[Page]:
        """A browser of their own for one person, signed in; its complaints fail the story."""
        with self.stranger() as page:
            sign_in(self, page, account)
            yield page

    @contextmanager
    def stranger(self) -> Iterator[Page]:
        """A browser of their own for somebody who is not signed in; its complaints fail the story."""
        context = self.browser.new_context(base_url=self.url, java_script_enabled=self.scripts)
        context.set_default_timeout(MILLISECONDS)
        watch = Watch(context)
        yield context.new_page()
        context.close()
        assert not watch.complaints(), watch.complaints()


def play(
    browser: Browser,
    url: str,
    lang: str,
    employee: Account,
    accounts: Sequence[Account],
    hands: Hands = MOUSE,
    scripts: bool = True,
) -> str:
    """The whole story; the reference of its case. `scripts=False` plays it without JavaScript."""
    story = Story(browser, url, lang, hands, scripts)
    with ExitStack() as stack:
        person = stack.enter_context(story.window(employee))
        reference = ask_for_a_number(story, person)
        officer = stack.enter_context(story.window(of_role(accounts, "registration_officer")))
        open_case(story, officer, reference)
        mark = leave_a_mark(story, person)
        approve(story, officer)
        see_the_decision(story, person, mark)
    with story.window(of_role(accounts, "administrator")) as administrator:
        find_the_notice(story, administrator, reference, str(employee["login"]))
    with story.window(of_role(accounts, "auditor")) as auditor:
        audit(story, auditor, reference)
    return reference


def account_of(accounts: Sequence[Account], login: str) -> Account:
    """The account of that login."""
    return next(account for account in accounts if account["login"] == login)


def of_role(accounts: Sequence[Account], role: str) -> Account:
    """The first account of a role."""
    return next(account for account in accounts if account["role"] == role)


def sign_in(story: Story, page: Page, account: Account) -> None:
    """From the home page, by its button."""
    page.goto(f"/{story.lang}/")
    story.hands.press(page.locator("main a[href$='/sign-in']"))
    story.hands.write(page.locator("#email"), str(account["login"]))
    story.hands.write(page.locator("#password"), str(account["password"]))
    go_on(story.hands, page)
    if account["totp_secret"]:
        expect(page).to_have_url(re.compile("/sign-in/code"))
        story.hands.write(page.locator("#code"), codes.next_of(str(account["totp_secret"])))
        go_on(story.hands, page)
    expect(page.locator("form[action$='/sign-out'] button")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", story.lang)


_years = itertools.count(1941, 3)
"""Each story is of somebody born in another year, with a card of their own: who is alike is looked at twice."""


def ask_for_a_number(story: Story, page: Page) -> str:
    """From the list of services to the reference."""
    hands = story.hands
    page.goto(f"/{story.lang}/")
    hands.press(page.locator("main a[href$='/registration/']"))
    hands.press(page.locator("main a[href$='/registration/new']"))
    fill_in(hands, page)
    expect(page.get_by_text(EMPLOYER, exact=True)).to_be_visible()
    go_on(hands, page)
    expect(page.get_by_role("heading", name=str(story.words["received"]))).to_be_visible()
    expect(page.locator("#case-live")).to_contain_text(str(story.words["submitted"]))
    return REFERENCE.findall(page.locator("main .g-reference").first.inner_text())[0]


def fill_in(hands: Hands, page: Page) -> None:
    """The questions of the registration, page by page, to the check."""
    hands.write(page.locator("#given_names"), "Marie-Noëlle")
    hands.write(page.locator("#family_name"), "N’Guessan")
    year = str(next(_years))
    for part, text in {"day": "3", "month": "4", "year": year}.items():
        hands.write(page.locator(f"#birth_date-{part}"), text)
    tick(hands, page, "sex", "female")
    go_on(hands, page)
    hands.write(page.locator("#birth_place"), "Édéa")
    country = COUNTRY[str(page.locator("html").get_attribute("lang"))]
    hands.choose(page.locator("#birth_country"), country)
    hands.choose(page.locator("#nationality"), country)
    go_on(hands, page)
    tick(hands, page, "paper_kind", "identity_card")
    hands.write(page.locator("#paper_number"), f"CM 1234-{year}")
    write_day(hands, page, "paper_expires_on", ("1", "2", "2090"))
    go_on(hands, page)
    tick(hands, page, "marital_status", "single")
    tick(hands, page, "has_dependants", "no")
    go_on(hands, page)
    hands.write(page.locator("#address_line"), "12 rue des Palmiers")
    hands.write(page.locator("#address_town"), "Douala")
    hands.choose(page.locator("#address_country"), country)
    hands.write(page.locator("#phone"), "+237 6 77 12 34 56")
    go_on(hands, page)
    write_day(hands, page, "employed_from", ("1", "9", "2026"))
    tick(hands, page, "employer_listed", "yes")
    name_employer(hands, page, EMPLOYER)
    hands.attach(page.locator("input[type=file]"), CARD)
    go_on(hands, page)
    expect(page).to_have_url(re.compile("/new/proofs$"))
    hands.attach(page.locator("input[type=file]").first, CARD)
    go_on(hands, page)


def name_employer(hands: Hands, page: Page, name: str) -> None:
    """Half the name, then the suggestion; without scripts the page comes back with those that match."""
    field, half = page.locator("#employer_id"), name[: len(name) // 2]
    hands.write(field, half)
    suggestion = page.get_by_role("option", name=name)
    if field.get_attribute("role") == "combobox":
        hands.pick(field, suggestion)
        expect(field).to_have_value(name)
    else:
        go_on(hands, page)
        hands.tick(page.locator("[data-found] label", has_text=name).locator("xpath=../input"))
    go_on(hands, page)


def tick(hands: Hands, page: Page, name: str, value: str) -> None:
    """Choose the radio button of that value."""
    hands.tick(page.locator(f"input[name={name}][value={value}]"))


def write_day(hands: Hands, page: Page, name: str, parts: tuple[str, str, str]) -> None:
    """Write a date in its three parts: day, month, year."""
    for part, text in zip(("day", "month", "year"), parts, strict=True):
        hands.write(page.locator(f"#{name}-{part}"), text)


def go_on(hands: Hands, page: Page) -> None:
    """Press the button of the form."""
    hands.press(page.locator("#main-form button[type=submit]:not([name])"))


def open_case(story: Story, page: Page, reference: str, view: str = "registrationview") -> None:
    """A member of staff finds the case by its reference in the list of its service."""
    hands = story.hands
    page.goto("/staff/")
    hands.press(page.locator(f"main a[href$='/{view}/list/']"))
    hands.press(page.locator(".s-search > summary"))
    hands.write(page.locator("[data-filter=reference] [data-filter-value] input"), reference)
    hands.press(page.locator("#filter_form button[type=submit]"))
    hands.press(page.get_by_role("link", name=reference))
    expect(page.locator("h1")).to_contain_text(reference)


def leave_a_mark(story: Story, page: Page) -> str:
    """Something a reload would wipe out."""
    if story.scripts:
        page.evaluate("window.notReloaded = 'still the same page'")
    return page.url


def approve(story: Story, page: Page) -> None:
    """The officer accepts each document once it is checked, then decides; the screen confirms it."""
    accepting = page.locator("button[name=verdict][value=accepted]")
    are_checked = until(lambda: page.reload() and accepting.count() == PAPERS, CHECK_SECONDS)
    assert are_checked, "the documents were not checked"
    for number in range(PAPERS):
        story.hands.press(accepting.nth(number))
    story.hands.press(page.locator("button[name=step][value=approve]"))
    expect(page.locator(".alert")).to_contain_text(REFERENCE)
    expect(page.locator("button[name=step][value=approve]")).to_have_count(0)


def see_the_decision(story: Story, page: Page, mark: str) -> None:
    """The open page changes by itself, tells a screen reader, and shows the number; else after a reload."""
    live = page.locator("#case-live")
    decided = str(story.words["decided"])
    if not story.scripts:
        expect(live).not_to_contain_text(decided)
        page.reload()
    expect(live).to_contain_text(decided, timeout=LIVE_MILLISECONDS)
    expect(live).to_contain_text(NUMBER)
    assert page.url == mark
    if story.scripts:
        assert page.evaluate("window.notReloaded") == "still the same page"
        expect(page.locator("#case-live-news")).not_to_be_empty()


def find_the_notice(story: Story, page: Page, reference: str, login: str) -> None:
    """The administrator sees, in the mailbox, the notice of the decision in the person's language."""
    page.goto("/staff/devmail/")
    letter = page.locator(".s-panel").filter(has_text=reference).filter(has_text=str(story.words["mail"]))
    assert until(lambda: page.reload() and letter.count(), MAIL_SECONDS), "the notice did not arrive"
    assert letter.count() == 1
    expect(letter).to_contain_text(login)
    expect(letter).to_contain_text(str(story.words["greeting"]))
    expect(letter).to_contain_text(f"/{story.lang}/cases/")


def audit(story: Story, page: Page, reference: str) -> None:
    """The auditor sees all that happened, has no button, and nothing they send changes anything."""
    open_case(story, page, reference)
    expect(page.locator(".s-history__title")).to_have_text(list(story.words["history"]))
    expect(page.locator("button[name=step]")).to_have_count(0)
    before = page.locator("main").inner_text()
    answers = _send_steps(page) + _send_forms(page)
    taken = [answer for answer in answers if answer[1] not in (403, 404, 405)]
    assert not taken, taken
    page.reload()
    expect(page.locator("main")).to_have_text(before, use_inner_text=True)


def _send_steps(page: Page) -> list[tuple[str, int]]:
    """Every step of the case on the screen."""
    address = page.url.replace("/show/", "/step/")
    return [_send(page, address, step=step) for step in STEPS]


def _send_forms(page: Page) -> list[tuple[str, int]]:
    """The forms Flask-AppBuilder can make, for each list of the auditor's menu."""
    case = page.url.rpartition("/")[2]
    lists = [str(link.get_attribute("href")) for link in page.locator(".s-menu a[href$='/list/']").all()]
    assert len(lists) >= 4, lists
    forms = ("add", "edit/1", f"edit/{case}", "delete/1", f"delete/{case}", "action_post", "action/delete/1")
    bases = [address.removesuffix("list/") for address in lists]
    return [
        _send(page, base + form, name="Mine", registration_number="E-9") for base in bases for form in forms
    ]


def _send(page: Page, address: str, **fields: str) -> tuple[str, int]:
    """Send a form with the auditor's own cookie and token, as their browser could; how it was answered."""
    token = str(page.locator("input[name=csrf_token]").first.get_attribute("value"))
    answer = page.request.post(
        address, form={"csrf_token": token, "reason": "Because.", **fields}, max_redirects=0
    )
    return address, answer.status
