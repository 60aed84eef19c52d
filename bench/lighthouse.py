"""Lighthouse on the four pages people see most: accessibility, best practices, SEO and performance, of 100.

Needs npm and a Chromium. `python -m bench.lighthouse`
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from tests.browser import chromium, people
from tests.browser.site import standing

VERSION = "12.8.2"
CATEGORIES = ("accessibility", "best-practices", "seo", "performance")
FLAGS = "--headless --no-sandbox --disable-gpu"
PRIVATE = "is-crawlable"
"""A person's own pages say `noindex`, as they must: that audit is left out of their SEO."""


def main() -> None:
    """Print the scores of each page, and what costs points."""
    with tempfile.TemporaryDirectory() as folder, standing(Path(folder)) as site:
        person = people.new_employee(site.app, "fr")
        case = people.file_case(site.app, person, "fr")
        cookie = f"guichet={people.cookie_of(site.app, person, 'fr')}"
        pages = {
            "home": ("/fr/", ""),
            "start": ("/fr/registration/", ""),
            "question": ("/fr/registration/new/you", cookie),
            "case": (f"/fr/cases/{case.public_id}", cookie),
        }
        print(f"{'page':10}" + "".join(f"{name:>16}" for name in CATEGORIES))
        for name, (path, given) in pages.items():
            report = _measure(site.url + path, given, Path(folder) / f"{name}.json")
            print(f"{name:10}" + "".join(f"{_score(report, one):>16}" for one in CATEGORIES))
            for line in _losses(report):
                print(f"{'':10}{line}")


def _measure(url: str, cookie: str, target: Path) -> dict:
    words = ["npx", "--yes", f"lighthouse@{VERSION}", url, "--quiet", f"--chrome-flags={FLAGS}"]
    words += ["--output=json", f"--output-path={target}", f"--only-categories={','.join(CATEGORIES)}"]
    if cookie:
        words += [f"--extra-headers={json.dumps({'Cookie': cookie})}", f"--skip-audits={PRIVATE}"]
    program = next(path for path in map(chromium.shutil.which, chromium.NAMES) if path)
    subprocess.run(words, check=True, env=os.environ | {"CHROME_PATH": program})
    return json.loads(target.read_text())


def _score(report: dict, category: str) -> str:
    return f"{100 * report['categories'][category]['score']:.0f}"


def _losses(report: dict) -> list[str]:
    """The audits below full marks that count towards a score."""
    counted = {
        one["id"]
        for category in CATEGORIES
        for one in report["categories"][category]["auditRefs"]
        if one["weight"]
    }
    return [
        f"{audit['id']}: {audit['score']} {audit.get('displayValue', '')}"
        for audit in report["audits"].values()
        if audit["id"] in counted and audit["score"] is not None and audit["score"] < 1
    ]


if __name__ == "__main__":
    main()
