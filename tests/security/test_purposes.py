"""A link signed for one thing serves no other: each kind of link at each page that takes one."""

import itertools

import pytest

from app.services import mailed_links
from tests.security import objects

REFUSED = (404, 410)


@pytest.fixture
def tokens(app):
    """One link of each kind that works, by the page that takes it."""
    with app.app_context():
        own = objects.of_person("joseph")
        objects.listed(own)
        routes = app.url_map.bind("localhost")
        pages = {("not_me.ask" if name == "not_me" else name): token for name, token in own.tokens.items()}
        return {
            name: (token, routes.build(name, {"lang": "en", "token": "TOKEN"}))
            for name, token in pages.items()
        }


def test_each_link_opens_its_own_page_and_no_other(visitor, tokens):
    assert len(tokens) == len(mailed_links.LASTS) + 2
    nobody = visitor()
    wrong = []
    for (made_for, (token, _page)), (taken_at, (_token, page)) in itertools.product(tokens.items(), repeat=2):
        nobody.open(page.replace("TOKEN", token))
        is_refused = nobody.status in REFUSED
        if is_refused is (made_for == taken_at):
            wrong.append(f"{made_for} at {taken_at}: {nobody.status}")
    assert wrong == []
