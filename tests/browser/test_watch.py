"""The watch itself sees: a policy that refuses, a script that fails, an address that answers wrong."""

import pytest

from tests.processes import until

REFUSED = (
    "document.head.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
)
FAILING = "setTimeout(() => { throw new Error('broken on purpose') })"
MISSING = "fetch('/static/nothing.js')"


@pytest.mark.parametrize(
    ("script", "complaint"),
    [(REFUSED, "Content Security Policy"), (FAILING, "broken on purpose"), (MISSING, "answer: 404")],
)
def test_the_watch_complains(visit, script, complaint):
    page = visit()
    page.goto("/en/")
    page.evaluate(script)
    assert until(lambda: page.evaluate("true") and complaint in str(page.watch.complaints()), 5)
    assert complaint in str(page.watch.forget())
    assert page.evaluate("window.ran") is None
