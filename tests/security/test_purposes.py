"""A link signed for one thing serves no other: each kind of link at each page that takes one."""

import hashlib
import itertools
from datetime import date

import pytest
from itsdangerous import NoneAlgorithm, Signer, URLSafeSerializer
from sqlalchemy import select

from app.extensions import db
from app.models import InsuredPerson, LinkAttempt
from app.security import links
from app.services import linking, mailed_links
from app.services import people as insured
from tests.accounts import new_account
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
    assert len(tokens) == len(mailed_links.LASTS) + 3
    nobody = visitor()
    wrong = []
    for (made_for, (token, _page)), (taken_at, (_token, page)) in itertools.product(tokens.items(), repeat=2):
        nobody.open(page.replace("TOKEN", token))
        is_refused = nobody.status in REFUSED
        if is_refused is (made_for == taken_at):
            wrong.append(f"{made_for} at {taken_at}: {nobody.status}")
    assert wrong == []


@pytest.mark.parametrize(
    "how",
    [
        {"signer_kwargs": {"digest_method": hashlib.sha512}},
        {"signer_kwargs": {"key_derivation": "none"}},
        {"signer_kwargs": {"key_derivation": "concat"}},
        {"signer_kwargs": {"algorithm": NoneAlgorithm()}},
    ],
)
def test_a_link_signed_in_another_way_opens_nothing(app, how):
    """Also with our own key: how it is signed is ours to say, never the link's."""
    with app.app_context():
        salt = f"guichet {links.INVITATION}"
        other = URLSafeSerializer(app.config["SECRET_KEY"], salt=salt, signer=Signer, **how)
        assert links.read(links.INVITATION, other.dumps(1), int) is None
        assert links.read(links.INVITATION, links.sign(links.INVITATION, 1), int) == 1


@pytest.mark.parametrize("token", ["1", "MQ", "MQ.", ".", "MQ.AAAA", "eyJhbGciOiJub25lIn0.MQ."])
def test_a_link_that_is_not_signed_opens_nothing(app, token):
    with app.app_context():
        assert links.read(links.INVITATION, token, int) is None


def test_a_code_serves_the_try_it_was_sent_for_and_no_other(context):
    """Nor a later try of the same account, nor somebody else's of the same number."""
    number, born = insured.number_of(990), date(1985, 5, 12)
    person = InsuredPerson(ssn=number, given_names="Esther", family_name="Ateba", birth_date=born)
    person.registered_on, person.email = date(2020, 1, 6), "esther@record.example"
    db.session.add(person)
    first, second = new_account("employee"), new_account("employee")
    codes = []
    for account in (first, first, second):
        linking.start(account, number, born, "Ateba")
        attempt = db.session.scalars(select(LinkAttempt).order_by(LinkAttempt.id.desc()).limit(1)).one()
        codes.append(linking.code_to_send(attempt))
    assert len(set(codes)) == 3
    assert linking.confirm(first, codes[0]) is linking.Answer.wrong
    assert linking.confirm(second, codes[1]) is linking.Answer.wrong
    assert linking.confirm(second, codes[2]) is linking.Answer.linked
