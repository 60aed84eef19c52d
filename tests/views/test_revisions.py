"""A decision taken back: what the person's page no longer says."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Case
from app.services import cases
from app.workflow import Actor, Status
from tests.services.test_cases import REASON, SERVICE, account, bring_to, file_case

WITHDRAWN = [
    ("propose_withdrawal", "officer", Actor.officer),
    ("confirm_withdrawal", "agent", Actor.approver),
]
REJECTED = [("revise_to_reject", "officer", Actor.officer), ("confirm_rejection", "agent", Actor.approver)]


def take_back(steps):
    case = db.session.scalars(select(Case)).one()
    for name, login, actor in steps:
        cases.perform(SERVICE, case, name, cases.By(account(login), actor), REASON)
    db.session.commit()


@pytest.mark.parametrize("steps", [WITHDRAWN, REJECTED], ids=["withdrawn", "revised to a rejection"])
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_an_approval_taken_back_shows_no_green_panel_and_no_number(visitor, app, lang, steps):
    with app.app_context():
        case = file_case()
        bring_to(case, Status.carried_out)
        number, address = case.person.ssn, f"/{lang}/cases/{case.public_id}"
    person = visitor("joseph", lang)
    person.open(address)
    assert number in person.page.select_one(".govuk-panel").text
    with app.app_context():
        take_back(steps)
    for page in (address, f"{address}/state"):
        person.open(page)
        assert not person.page.select(".govuk-panel")
        assert number not in person.text
