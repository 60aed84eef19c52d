"""The acceptance story of registration, whole, for any Guichet that runs: from no account to an audited chain.

    reference = play(browser, url, "fr", accounts, run)

`run(*args)` gives the exit code and the output of a `flask` command of that Guichet. Each person has a window
of their own; a page that complains fails. The applicant resembles somebody registered, so that two must decide.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pypdfium2
from playwright.sync_api import Browser, FilePayload, Page, expect

from app import clock
from config import ROOT
from tests.browser.story import (
    CARD,
    CHECK_SECONDS,
    COUNTRY,
    LIVE_MILLISECONDS,
    NUMBER,
    REFERENCE,
    Account,
    Story,
    go_on,
    leave_a_mark,
    name_employer,
    of_role,
    open_case,
    see_the_decision,
    tick,
    write_day,
)
from tests.files import good
from tests.processes import until

Run = Callable[..., tuple[int, str]]

PASSWORD = "quatre mots sans rapport"
SIGN_UP, QUESTION = re.compile(r"/\S+/sign-up/confirm/\S+"), re.compile(r"/\S+/employer/answer/\S+")
EMPLOYER = "Clinique des Palmiers"
ADDRESS_OF_EMPLOYER = "personnel@palmiers.example"
CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")
DECLARED = ("1", "9", "2026")
CORRECTED = {"day": "1", "month": "8", "year": "2026"}
ASKED = "Les deux faces de la pièce d’identité sont nécessaires. / Both sides of the card are needed."
REASON = "Autre père, autre lieu de naissance. / Another father, another place of birth."
SEED = "issue-6"
IDENTITY = FilePayload(name="identity-card.jpg", mimeType="image/jpeg", buffer=good.jpeg(exif=good.exif()))
BIRTH = FilePayload(name="birth-certificate.pdf", mimeType="application/pdf", buffer=good.pdf(2))
CONTRACT = FilePayload(name="contract.heic", mimeType="image/heic", buffer=good.heic())
DEED = FilePayload(name="deed.pdf", mimeType="application/pdf", buffer=good.pdf())


@dataclass(frozen=True)
class Applicant:
    """Who registers: close to somebody of the demonstration, by name and date of birth."""

    given_names: str
    family_name: str
    born: tuple[str, str, str]
    new_family_name: str


APPLICANTS = {
    "fr": Applicant("Esther Marie", "Atéba", ("12", "5", "1985"), "Ateba-Nkolo"),
    "en": Applicant("Bernard", "Yosa", ("3", "11", "1979"), "Yosa-Mbah"),
}
WORDS: Mapping[str, Mapping[str, object]] = {
    "fr": {
        "differs": "Différent",
        "genuine": "Ce document est authentique.",
        "over": "il ne s’applique plus",
        "same draw": "les mêmes dossiers",
        "thanks": "Merci",
        "history": (
            "Demande déposée",
            "Confirmation demandée à l’employeur",
            "Réponse de l’employeur reçue",
            "Informations demandées",
            "Réponse reçue",
        ),
    },
    "en": {
        "differs": "Differs",
        "genuine": "This document is genuine.",
        "over": "it no longer applies",
        "same draw": "the same cases",
        "thanks": "Thank you",
        "history": (
            "Request submitted",
            "Employer asked to confirm",
            "Employer answered",
            "Information requested",
            "Answer received",
        ),
    },
}


def play(browser: Browser, url: str, lang: str, accounts: Sequence[Account], run: Run) -> str:
    """The whole story; the reference of its case."""
    story, who = Story(browser, url, lang), APPLICANTS[lang]
    address = f"applicant-{lang}-{clock.now():%H%M%S%f}@mail.example"
    with ExitStack() as stack:
        mailbox = stack.enter_context(story.window(of_role(accounts, "administrator")))
        person = stack.enter_context(story.stranger())
        officer = stack.enter_context(story.window(of_role(accounts, "registration_officer")))
        second = stack.enter_context(story.window(second_officer(accounts)))
        sign_up(story, person, address, who)
        person.goto(mailed(mailbox, address, SIGN_UP))
        confirm(story, person, address)
        before = links(mailbox, ADDRESS_OF_EMPLOYER, QUESTION)
        reference = register(story, person, who)
        employer = stack.enter_context(story.stranger())
        asked = mailed(mailbox, ADDRESS_OF_EMPLOYER, QUESTION, before)
        employer.goto(re.sub("/(fr|en)/", f"/{lang}/", asked, count=1))
        correct_the_start(story, employer)
        open_case(story, officer, reference)
        read_the_difference(story, officer)
        ask_for_a_document(story, officer)
        answer(story, person)
        set_duplicates_aside(story, officer, reference)
        accept_documents(officer, 4)
        story.hands.press(officer.locator("button[name=step][value=propose_approval]"))
        expect(officer.locator(".alert[role=status]")).to_contain_text(REFERENCE)
        mark = leave_a_mark(story, person)
        open_case(story, second, reference)
        story.hands.press(second.locator("button[name=step][value=confirm_approval]"))
        see_the_decision(story, person, mark)
        nobody = stack.enter_context(story.stranger())
        first = take_certificate(person)
        verify(story, nobody, first, "genuine")
        change_the_name(story, person, officer, who)
        verify(story, nobody, first, "over")
        verify(story, nobody, take_certificate(person, who.new_family_name), "genuine")
    with story.window(of_role(accounts, "auditor")) as auditor:
        case = draw_a_sample(story, auditor, reference)
        for title in words(story, "history"):
            expect(auditor.locator(".s-history")).to_contain_text(title)
    prove(run, case)
    return reference


def words(story: Story, name: str) -> str | tuple[str, ...]:
    """What people read in the story's language."""
    found = WORDS[story.lang][name]
    assert isinstance(found, str | tuple)
    return found


def second_officer(accounts: Sequence[Account]) -> Account:
    """Another registration officer of the same agency."""
    return next(one for one in accounts if one["login"] == "agent@demo.example")


def sign_up(story: Story, page: Page, address: str, who: Applicant) -> None:
    """From the home page to the page that says that a mail was sent."""
    page.goto(f"/{story.lang}/")
    story.hands.press(page.locator(".g-nav a[href$='/sign-up']"))
    story.hands.write(page.locator("#first_name"), who.given_names)
    story.hands.write(page.locator("#last_name"), who.family_name)
    story.hands.write(page.locator("#email"), address)
    story.hands.write(page.locator("#password"), PASSWORD)
    page.locator("#terms").check()
    go_on(story.hands, page)
    expect(page).to_have_url(re.compile("/sign-up/sent"))


def links(mailbox: Page, address: str, what: re.Pattern[str]) -> list[str]:
    """The links of that kind in the mails to an address, as the mailbox page shows them."""
    mailbox.goto("/staff/devmail/")
    panels = mailbox.locator(".s-panel").filter(has_text=address).all_inner_texts()
    return [found for text in panels for found in what.findall(text)]


def mailed(mailbox: Page, address: str, what: re.Pattern[str], before: Sequence[str] = ()) -> str:
    """The path of a link that was mailed to an address and was not there before."""
    new: list[str] = []

    def look() -> list[str]:
        new.extend(one for one in links(mailbox, address, what) if one not in before)
        return new

    assert until(look, CHECK_SECONDS), f"no mail to {address}"
    return "/" + new[0].split("/", 3)[3] if new[0].startswith("//") else new[0]


def confirm(story: Story, page: Page, address: str) -> None:
    """By the mailed link, then in with the password."""
    go_on(story.hands, page)
    story.hands.press(page.locator("main a[href$='/sign-in']"))
    story.hands.write(page.locator("#email"), address)
    story.hands.write(page.locator("#password"), PASSWORD)
    go_on(story.hands, page)
    expect(page.locator("form[action$='/sign-out'] button")).to_be_visible()


def register(story: Story, page: Page, who: Applicant) -> str:
    """Every question, with three real documents; the reference."""
    hands, country = story.hands, COUNTRY[story.lang]
    page.goto(f"/{story.lang}/registration/new")
    hands.write(page.locator("#given_names"), who.given_names)
    hands.write(page.locator("#family_name"), who.family_name)
    write_day(hands, page, "birth_date", who.born)
    tick(hands, page, "sex", "female")
    go_on(hands, page)
    hands.write(page.locator("#birth_place"), "Édéa")
    hands.choose(page.locator("#birth_country"), country)
    hands.choose(page.locator("#nationality"), country)
    go_on(hands, page)
    tick(hands, page, "paper_kind", "identity_card")
    hands.write(page.locator("#paper_number"), f"CM {clock.now():%H%M%S%f}")
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
    hands.write(page.locator("#occupation"), "Infirmière")
    write_day(hands, page, "employed_from", DECLARED)
    tick(hands, page, "employer_listed", "yes")
    name_employer(hands, page, EMPLOYER)
    attach(story, page, "identity_document", IDENTITY)
    go_on(hands, page)
    expect(page).to_have_url(re.compile("/new/proofs$"))
    attach(story, page, "birth_certificate", BIRTH)
    attach(story, page, "work_contract", CONTRACT)
    go_on(hands, page)
    expect(page.get_by_text(EMPLOYER, exact=True)).to_be_visible()
    go_on(hands, page)
    expect(page.get_by_role("heading", name=str(story.words["received"]))).to_be_visible()
    return REFERENCE.findall(page.locator("main .g-reference").first.inner_text())[0]


def attach(story: Story, page: Page, name: str, file: FilePayload) -> None:
    """Choose a file for a question."""
    story.hands.attach(page.locator(f"input[type=file][name={name}]"), file)


def correct_the_start(story: Story, page: Page) -> None:
    """The employer, without an account: another start date, the wage, and who answers."""
    tick(story.hands, page, "reply", "correct")
    for part, text in CORRECTED.items():
        story.hands.write(page.locator(f"#fact_employed_from-{part}"), text)
    story.hands.write(page.locator("#fact_monthly_wage"), "250 000")
    story.hands.write(page.locator("#answered_by"), "Rose Mbida")
    story.hands.write(page.locator("#answered_function"), "Chef du personnel")
    go_on(story.hands, page)
    expect(page.locator("main")).to_contain_text(str(words(story, "thanks")))


def read_the_difference(story: Story, page: Page) -> None:
    """Both dates stand beside each other, and that they differ is said."""
    row = page.locator("#employer tbody tr").filter(has_text=str(words(story, "differs")))
    expect(row).to_have_count(1)
    expect(row).to_contain_text("2026")
    months = {"fr": ("septembre", "août"), "en": ("September", "August")}[story.lang]
    for month in months:
        expect(row).to_contain_text(month)


def ask_for_a_document(story: Story, page: Page) -> None:
    """With the reason the person reads."""
    story.hands.write(page.locator("#step-reason"), ASKED)
    story.hands.press(page.locator("button[name=step][value=request_information]"))
    expect(page.locator(".alert")).to_contain_text(REFERENCE)


def answer(story: Story, page: Page) -> None:
    """The person's open page asks by itself; they answer with a document."""
    wanted = page.locator("#case-live a[href$='/answer']")
    expect(wanted).to_be_visible(timeout=LIVE_MILLISECONDS)
    expect(page.locator("#case-live")).to_contain_text(ASKED)
    story.hands.press(wanted)
    story.hands.write(page.locator("#answer"), "Voici le verso. / Here is the other side.")
    attach(story, page, "documents", CARD)
    go_on(story.hands, page)
    expect(page.locator("#case-live")).to_be_visible()
    expect(page.locator("#case-live a[href$='/answer']")).to_have_count(0)


def set_duplicates_aside(story: Story, page: Page, reference: str) -> None:
    """The officer compares whoever is alike side by side, and finds another person, with the reason."""
    page.reload()
    alike = page.locator("#duplicates li a[href*='/duplicate/']")
    many = alike.count()
    assert many, "nobody alike was found"
    for place in range(many):
        story.hands.press(alike.nth(place))
        expect(page.locator(".s-compared tbody tr").first).to_be_visible()
        tick(story.hands, page, "judgement", "other")
        story.hands.write(page.locator("#reason"), REASON)
        story.hands.press(page.locator("#model_form button[type=submit]"))
        expect(page.locator("h1")).to_contain_text(reference)


def accept_documents(page: Page, many: int) -> None:
    """Each document once it is checked."""
    accepting = page.locator("button[name=verdict][value=accepted]")
    are_checked = until(lambda: page.reload() and accepting.count() == many, CHECK_SECONDS)
    assert are_checked, f"{accepting.count()} of {many} documents were checked"
    for number in range(many):
        accepting.nth(number).click()


def take_certificate(page: Page, name: str = "") -> str:
    """The latest certificate of the person, downloaded; its verification code."""
    page.goto(re.sub(r"(/(fr|en)/).*", r"\1my-file/record", page.url))
    if name:
        expect(page.locator("main")).to_contain_text(name)
    with page.expect_download() as download:
        page.locator("a[download]").first.click()
    content = Path(download.value.path()).read_bytes()
    text = " ".join(leaf.get_textpage().get_text_bounded() for leaf in pypdfium2.PdfDocument(content))
    assert NUMBER.search(text)
    assert name in text
    found = CODE.search(text)
    assert found, text
    return found.group()


def verify(story: Story, page: Page, code: str, said: str) -> None:
    """Anybody types the code of the paper, and reads whether it is genuine."""
    page.goto(f"/{story.lang}/verify")
    story.hands.write(page.locator("#code"), code)
    story.hands.press(page.locator("main form button[type=submit]").first)
    expect(page.locator("main")).to_contain_text(str(words(story, said)))


def change_the_name(story: Story, page: Page, officer: Page, who: Applicant) -> None:
    """The person asks with a deed, an officer reads it and approves, the open page says so."""
    hands = story.hands
    page.goto(f"/{story.lang}/record_changes/new")
    page.locator("input[name=changes][value=name]").check()
    go_on(hands, page)
    hands.write(page.locator("#given_names"), who.given_names)
    hands.write(page.locator("#family_name"), who.new_family_name)
    attach(story, page, "name_evidence", DEED)
    go_on(hands, page)
    expect(page.locator("main")).to_contain_text(who.new_family_name)
    go_on(hands, page)
    expect(page.locator("#case-live")).to_be_visible()
    (reference,) = re.findall(
        r"RM-\d{4}-\d{6}-[0-9A-Z]", page.locator("main .g-reference").first.inner_text()
    )
    mark = leave_a_mark(story, page)
    open_case(story, officer, reference, "recordchangeview")
    accept_documents(officer, 1)
    hands.press(officer.locator("button[name=step][value=approve]"))
    expect(officer.locator(".alert")).to_contain_text(reference)
    expect(page.locator("#case-live")).to_contain_text(str(story.words["decided"]), timeout=LIVE_MILLISECONDS)
    assert page.url == mark


def draw_a_sample(story: Story, page: Page, reference: str) -> str:
    """The auditor draws with a seed, the draw repeats itself, and the case opens; its number."""
    page.goto("/staff/sampleview/draw")
    page.locator("#service").select_option("registration")
    today = clock.now().date()
    for name, day in {"since": today - timedelta(days=1), "until": today + timedelta(days=1)}.items():
        page.locator(f"#{name}").fill(f"{day}")
    page.locator("#size").fill("500")
    page.locator("#seed").fill(SEED)
    story.hands.press(page.locator("#model_form button[type=submit]"))
    expect(page.locator("main")).to_contain_text(str(words(story, "same draw")))
    expect(page.locator("#draw")).to_contain_text(SEED)
    story.hands.press(page.locator("#cases").get_by_role("link", name=reference))
    expect(page.locator("h1")).to_contain_text(reference)
    expect(page.locator("button[name=step]")).to_have_count(0)
    return page.url.partition("?")[0].rpartition("/")[2]


def prove(run: Run, case: str) -> None:
    """An entry of the case is proved, also without us, and the whole chain verifies."""
    assert run("guichet", "audit", "checkpoint")[0] == 0
    code, proof = run("guichet", "audit", "prove", f"case:{case}/1")
    assert code == 0, proof
    assert json.loads(proof)
    verifier = [sys.executable, str(ROOT / "docs/verify.py"), "/dev/stdin"]
    told = subprocess.run(verifier, input=proof, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    code, said = run("guichet", "audit", "verify")
    assert code == 0, said
