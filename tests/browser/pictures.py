"""`python -m tests.browser.pictures`: the pictures of docs/pictures, taken again from a site of their own."""

import itertools
import tempfile
from datetime import date
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, Page

from config import LANGUAGES, ROOT
from tests.browser import chromium, people
from tests.browser.people import Person
from tests.browser.site import Site, standing

FOLDER = ROOT / "docs" / "pictures"
WIDTHS = {360: 780, 1280: 900}
QUEUE = 9
EMPLOYEES = {"fr": ("amina", "Amina", "Ngo-Mbock", "female"), "en": ("joseph", "Joseph", "Tabi", "male")}
ANSWERS = {
    "birth_place": "Édéa",
    "birth_country": "CM",
    "nationality": "CM",
    "marital_status": "single",
    "has_dependants": "no",
    "address_line": "12 rue des Palmiers",
    "address_town": "Douala",
    "address_country": "CM",
    "occupation": "Secrétaire",
    "employed_from": date(2026, 9, 1),
    "employer_listed": "yes",
}
"""What the requests in the pictures say beside names, sex, day of birth and employer."""


def main() -> None:
    """Take every picture, in both languages and both widths."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        chromium.launched() as browser,
        standing(Path(folder)) as site,
    ):
        _fill_queue(site.app)
        for lang in LANGUAGES:
            for width in WIDTHS:
                _portal(site, browser, lang, width)
                _back_office(site, browser, lang, width)


def _fill_queue(app: Flask) -> None:
    """Cases for the officer's list in every state, and one approved case of the employee of each language."""
    sexes = itertools.cycle(("male", "female"))
    filed = [
        people.file_case(app, person, **ANSWERS, sex=sex)
        for person, sex in zip(people.new_employees(app, QUEUE), sexes, strict=False)
    ]
    for case, step in zip(filed, ("approve", "reject", "take", "take"), strict=False):
        people.take_step(app, case, step)
    for lang, (login, *_names, sex) in EMPLOYEES.items():
        person = people.demo_person(app, login)
        case = people.file_case(app, person, lang, **ANSWERS, sex=sex)
        people.take_step(app, case, "approve")


def _portal(site: Site, browser: Browser, lang: str, width: int) -> None:
    page = _window(site, browser, None, lang, width)
    page.goto(f"/{lang}/")
    _take(page, "home", lang, width)
    login, *typed = EMPLOYEES[lang]
    page = _window(site, browser, people.demo_person(site.app, login), lang, width)
    page.goto(f"/{lang}/registration/new")
    _fill_in(page, *typed)
    _take(page, "form", lang, width)
    page.goto(f"/{lang}/")
    page.click("main a[href*='/cases/']:not([href*='/letters/'])")
    page.wait_for_selector("#case-live")
    _take(page, "case", lang, width)


def _back_office(site: Site, browser: Browser, lang: str, width: int) -> None:
    page = _window(site, browser, people.demo_person(site.app, "officer"), lang, width)
    page.goto("/staff/registrationview/list/")
    _take(page, "officer-list", lang, width)
    page.click("tr:nth-child(3) .s-table__open")
    page.wait_for_selector("#steps")
    _take(page, "officer-case", lang, width)


def _window(site: Site, browser: Browser, person: Person | None, lang: str, width: int) -> Page:
    size = {"width": width, "height": WIDTHS[width]}
    context = browser.new_context(
        base_url=site.url, viewport=size, device_scale_factor=1, reduced_motion="reduce"
    )
    if person:
        cookie = {"name": "guichet", "value": people.cookie_of(site.app, person, lang), "url": site.url}
        context.add_cookies([cookie])
    return context.new_page()


def _fill_in(page: Page, given_names: str, family_name: str, sex: str) -> None:
    page.fill("#given_names", given_names)
    page.fill("#family_name", family_name)
    for part, text in {"day": "3", "month": "4", "year": "1990"}.items():
        page.fill(f"#birth_date-{part}", text)
    page.check(f"[name=sex][value={sex}]", force=True)


def _take(page: Page, name: str, lang: str, width: int) -> None:
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=FOLDER / f"{name}-{lang}-{width}.png", full_page=True, animations="disabled")


if __name__ == "__main__":
    main()
