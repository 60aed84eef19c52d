"""A request that was filed, its receipt and its code, for the tests of both."""

import pytest

from tests.journey import file_request
from tests.papers import CODE


@pytest.fixture
def person(visitor):
    person = visitor("joseph")
    file_request(person)
    return person


@pytest.fixture
def case_url(person):
    return person.url


@pytest.fixture
def receipt_file(person, case_url):
    return person.client.get(f"{case_url}/receipt.json").get_data()


@pytest.fixture
def code(person, case_url):
    person.open(f"{case_url}/receipt")
    return CODE.search(person.text)[0]
