"""Each page of the portal that the access table knows is looked at by the browser, in one state at least."""

from string import Formatter

from app.access import READ, TABLE
from tests.browser import employer_states, own_states, states

NO_PAGE = {
    "my_file.download_copy": "an archive",
    "my_record.certificate": "a PDF",
    "letters.download": "a PDF",
    "receipts.download": "a file to keep",
    "receipts.download_pdf": "a PDF",
    "documents.download": "the document itself",
    "documents.preview": "a picture",
    "documents.row": "a part of a page that is open",
    "cases.state": "a part of a page that is open",
    "cases.events": "a stream",
    "uploads.state": "a number, for the page's script",
    "employers_list.suggest": "names, for the page's script",
}
LEADS_ON = {
    "account.signed_out": "to the home page",
    "receipts.back_to_code": "to the code",
    "my_file.back_to_close": "to the page of the closing",
    "cases.step_page": "to the case",
    "documents.form_page": "to the document",
    "counter.new": "to the first question",
}
SEEN_ELSEWHERE = {
    "typed_again.show": "tests/browser/test_sign_in.py: what is typed there outlives a session",
    "journey.check": "the state that answers every page is led there",
    "counter.check": "the journey's own page, looked at as journey.check",
    "second_factor.set_up": "the state that begins is led there",
    "account.code": "the state that gives the password is led there",
    "letters.show": "the state that opens the letter is led there",
    "messages.notice": "the state that opens the notice is led there",
}
PORTAL = "/<any(fr,en):lang>/"


class _One(Formatter):
    """Fills in every name of an address with a number that exists as text too."""

    def get_value(self, key, args, kwargs):
        return kwargs.get(key, "1")


def _endpoint(app, path):
    address = _One().format(path, lang="fr").partition("?")[0]
    return app.url_map.bind("localhost").match(address, "GET")[0]


def test_each_page_of_the_portal_has_a_state(app):
    every = states.EVERY + employer_states.EMPLOYERS + own_states.OWN
    looked_at = {
        _endpoint(app, state.path)
        for state in every
        if state.path.startswith("/{lang}/") and state.answers == 200
    }
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PORTAL) and "GET" in rule.methods and (rule.endpoint, *READ) in TABLE
    }
    excused = NO_PAGE | LEADS_ON | SEEN_ELSEWHERE
    assert sorted(pages - looked_at - set(excused)) == []
    assert sorted(set(excused) - pages) == []
    assert sorted(set(excused) & looked_at) == []
    assert len(pages) > 80


def test_each_state_has_a_name_of_its_own():
    names = [state.name for state in states.EVERY + employer_states.EMPLOYERS + own_states.OWN]
    assert len(set(names)) == len(names)
