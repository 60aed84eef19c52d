"""What a member of the staff could do most harm with asks for a fresh code, on every page of it."""

from datetime import timedelta

import pytest

from app import clock
from app.delays import STEP_UP
from app.services import SERVICES
from tests.security import objects
from tests.security.test_access import digests

ASKS = {
    "ColleagueView.invite": "administrator",
    "ColleagueView.propose": "administrator",
    "ColleagueView.revoke": "administrator",
    "ColleagueView.deactivate": "administrator",
    "ColleagueView.reactivate": "administrator",
    "ColleagueView.ask_factor_reset": "administrator",
    "ColleagueView.agree_factor_reset": "administrator",
    "GrantView.approve": "administrator2",
    "DelegationView.propose": "administrator",
    "DelegationView.approve": "supervisor",
    "InterestView.remove": "supervisor",
    "LockView.lift": "support",
    "LockView.confirm": "support",
    "RecoveryView.request": "support",
    "RecoveryView.confirm": "support",
    "SupportTaskView.link": "support",
    **{f"{service.staff_view}.bulk": "supervisor" for service in SERVICES.values()},
}
"""Each act, and one of those who may take it."""


def later():
    return clock.frozen(clock.now() + STEP_UP + timedelta(seconds=1))


@pytest.fixture
def things(app):
    with app.app_context():
        own = objects.of_person("joseph")
        objects.listed(own)
        return own


def test_these_and_no_others_ask(app):
    asking = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if getattr(view, "asks_who_is_there", False) and "View." in endpoint
    }
    assert asking == set(ASKS)


@pytest.mark.parametrize("endpoint", ASKS)
def test_an_old_code_does_nothing(visitor, app, things, endpoint):
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint]
    methods = {method for rule in rules for method in rule.methods} - {"HEAD"}
    values = things.values(endpoint, rules[0].arguments, ASKS[endpoint])
    address = app.url_map.bind("localhost").build(endpoint, values, method=methods.copy().pop())
    staff = visitor(ASKS[endpoint])
    staff.open("/en/sign-in")
    token = staff.token()
    with later():
        before = digests(app)
        for method in methods:
            staff.client.environ_base["HTTP_REFERER"] = "http://localhost/staff/"
            answer = staff.client.open(address, method=method, data={"csrf_token": token, "reason": "Seen."})
            assert answer.status_code == 302
            assert "/account/prove?" in answer.headers["Location"]
        assert digests(app) == before


def test_a_fresh_code_leads_back_to_the_button(visitor, app, things):
    administrator = visitor("administrator2")
    page = f"/staff/grantview/show/{things.screens['GrantView']}"
    administrator.open(page)
    administrator.client.environ_base["HTTP_REFERER"] = f"http://localhost{page}"
    with later():
        administrator.send(form="form[action*='/approve/']")
        assert "/account/prove?" in administrator.url
        administrator.give_code("administrator2@demo.example")
        assert administrator.url == page
        administrator.send(form="form[action*='/approve/']")
        assert "Role given" in administrator.text


def test_what_was_written_comes_back_after_the_code(visitor, app, things):
    support = visitor("support")
    page = f"/staff/lockview/lift/{things.screens['LockView']}"
    support.open(page)
    with later():
        support.send(form="#model_form", reason="Passport seen.")
        assert "/account/prove?" in support.url
        support.give_code("support@demo.example")
        support.send(form="#typed-form")
        assert support.value_of("reason").strip() == "Passport seen."
        support.send(form="#model_form")
        assert "another officer must confirm it" in support.text
