"""What each answer says to the browser, what a request may be, and that nothing leads to another site."""

import re
from urllib.parse import urlsplit

import pytest

from app import create_app
from app.extensions import db
from config import LARGEST_BODY, ROOT, load
from tests.security.test_sessions import cookie_of
from tests.services.test_cases import file_case
from tests.test_config import SAFE

HOME = "https://guichet.example"
NASTY = [
    "https://evil.example/",
    "http:evil.example",
    "https:/evil.example",
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/%5Cevil.example/..//evil.example",
    "/en//evil.example/../..//evil.example",
    "https://localhost@evil.example/",
    "https://localhost.evil.example/",
    "//localhost:80@evil.example",
    "//evil.example\\@localhost",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "/a\r\nX: y",
    "ftp://evil.example",
    "//[::1",
    "//",
    "?next=//evil.example",
]


@pytest.fixture(scope="module")
def safe_house(environment):
    given = {name: environment[name] for name in ("DATABASE_URL", "REDIS_URL")}
    safe = create_app(load(SAFE | given))
    yield safe
    with safe.app_context():
        db.engine.dispose()


@pytest.fixture
def production(safe_house):
    return safe_house.test_client()


def leads_out(location):
    """Whether a browser on http://localhost would leave it: backslashes and control characters as it reads them."""
    read = "".join(character for character in location if character > " ").replace("\\", "/")
    parts = urlsplit(read) if not read.startswith("///") else urlsplit(read[1:])
    return parts.netloc not in ("", "localhost") or parts.scheme not in ("", "http")


@pytest.mark.parametrize("target", NASTY)
def test_signing_in_leads_to_no_other_site(visitor, target):
    person = visitor()
    person.open("/en/sign-in")
    data = {"csrf_token": person.token(), "email": "joseph@demo.example", "password": "guichet-joseph"}
    answer = person.client.post("/en/sign-in", query_string={"next": target}, data=data)
    assert answer.status_code == 302
    assert not leads_out(answer.headers["Location"])


@pytest.mark.long(sample=9)
@pytest.mark.parametrize("target", NASTY)
@pytest.mark.parametrize("address", ["/staff/login", "/en/verify", "/staff/back", "/en/sign-out", "/"])
def test_no_page_leads_to_another_site(visitor, address, target):
    officer = visitor("officer")
    asked = {"next": target, "code": target, "url": target, "redirect": target}
    answer = officer.client.get(address, query_string=asked, headers={"Referer": "https://evil.example/"})
    assert answer.status_code in (200, 302, 400, 404)
    assert not leads_out(answer.headers.get("Location", "/"))


def test_production_promises_https_for_a_year_on_every_answer(production):
    for path in ("/en/", "/en/nothing", "/static/css/guichet.css", "/staff/", "/healthz"):
        answer = production.get(path, base_url=HOME)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_a_trial_without_https_promises_none(visitor):
    assert "Strict-Transport-Security" not in visitor().client.get("/en/").headers


def test_productions_cookie_is_this_hosts_alone(production):
    header = production.get("/en/sign-in", base_url=HOME).headers["Set-Cookie"]
    assert header.startswith("__Host-guichet=")
    attributes = {part.strip() for part in header.split(";")[1:]}
    assert attributes == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_the_cookie_of_a_trial_is_out_of_reach_of_scripts_and_other_sites(visitor):
    header = visitor().client.get("/en/sign-in").headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in header.split(";")}


def test_every_answer_closes_what_a_page_might_open(visitor):
    person = visitor("joseph")
    for path in ("/en/", "/en/nothing", "/static/css/guichet.css", "/healthz"):
        headers = person.client.get(path, headers={"Origin": "https://evil.example"}).headers
        policy = dict(
            part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";")
        )
        for directive in ("default-src", "object-src", "base-uri", "frame-ancestors"):
            assert policy[directive] == "'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "geolocation=()" in headers["Permissions-Policy"]
        assert "Access-Control-Allow-Origin" not in headers


MAKES_A_PAGE_OF_TEXT = re.compile(
    r"(inner|outer)HTML\s*\+?=[^=]|insertAdjacentHTML|document\.write|createContextualFragment|srcdoc"
    r"|\beval\(|new Function|setTimeout\(\s*[\"'`]|postMessage|[\"']message[\"']"
)
"""What turns words into a page or a program, or listens to other windows."""


def test_no_script_of_ours_makes_a_page_of_text_or_listens_to_other_windows():
    scripts = sorted((ROOT / "app/static/js").glob("*.js"))
    assert len(scripts) > 4
    assert [script.name for script in scripts if MAKES_A_PAGE_OF_TEXT.search(script.read_text())] == []
    assert MAKES_A_PAGE_OF_TEXT.search("row.innerHTML = name;")
    assert not MAKES_A_PAGE_OF_TEXT.search("if (row.innerHTML === before) return;")


def test_each_page_has_a_nonce_of_its_own(visitor):
    person = visitor()
    first, second = (person.client.get("/en/").headers["Content-Security-Policy"] for _time in range(2))
    assert first != second
    assert "unsafe" not in first


def test_a_file_opens_as_no_page(visitor, app):
    with app.app_context():
        public_id = file_case().public_id
    headers = visitor("joseph").client.get(f"/en/cases/{public_id}/receipt.json").headers
    assert headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_a_picture_a_view_wants_in_a_sandbox_is_framed_by_nobody_either(app):
    with app.test_request_context("/en/"):
        assert app.preprocess_request() is None
        picture = app.response_class(b"", content_type="image/jpeg")
        picture.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        policy = app.process_response(picture).headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "frame-ancestors 'none'" in policy


def test_signing_out_clears_what_the_browser_kept(visitor):
    person = visitor("joseph")
    person.open("/en/")
    assert "Clear-Site-Data" not in person.response.headers
    answer = person.client.post("/en/sign-out", data={"csrf_token": person.token()})
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_signing_in_clears_nothing(visitor):
    person = visitor()
    person.open("/en/sign-in")
    person.send(email="joseph@demo.example", password="guichet-joseph")
    for answer in (*person.response.history, person.response):
        assert "Clear-Site-Data" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "is_compressed"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Referer": "https://evil.example/page"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Referer": "http://localhost/en/"}, True),
        ({}, True),
    ],
)
def test_a_page_with_secrets_is_not_compressed_for_another_site(visitor, headers, is_compressed):
    """BREACH needs pages that another site has asked for, with the person's cookie, to be compressed."""
    person = visitor("joseph")
    answer = person.client.get("/en/", headers={"Accept-Encoding": "br, gzip"} | headers)
    assert answer.status_code == 200
    assert ("Content-Encoding" in answer.headers) is is_compressed


def test_a_page_without_secrets_is_compressed_for_everybody(visitor):
    headers = {"Accept-Encoding": "br", "Sec-Fetch-Site": "cross-site"}
    assert visitor().client.get("/en/", headers=headers).headers["Content-Encoding"] == "br"


@pytest.mark.parametrize("host", ["evil.example", "guichet.example.evil.example", "x@guichet.example", ""])
@pytest.mark.parametrize("path", ["/", "/en/", "/en/sign-in", "/staff/", "/nothing"])
def test_production_answers_to_its_own_name_only(production, host, path):
    answer = production.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert host not in answer.get_data(as_text=True) or not host
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["guichet.example", "guichet.example:443", "localhost", "127.0.0.1:8000"])
def test_production_answers_people_and_its_own_health_checks(production, host):
    assert production.get("/en/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/en/", "/static/css/guichet.css", "/staff/", "/healthz"])
@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "CONNECT", "NONSENSE"])
def test_methods_no_page_needs_are_refused(visitor, method, path):
    answer = visitor("joseph").client.open(path, method=method)
    assert answer.status_code == 405
    assert "Allow" not in answer.headers or method not in answer.headers["Allow"]


def test_a_body_too_large_is_refused_before_it_is_read(visitor):
    person = visitor("joseph")
    answer = person.client.post(
        "/en/registration/new/you",
        data=b"given_names=",
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"CONTENT_LENGTH": str(LARGEST_BODY + 1)},
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "data", [{"given_names": "a" * (1024 * 1024 + 1)}, {f"field-{number}": "a" for number in range(300)}]
)
def test_words_that_fill_the_memory_are_refused(visitor, data):
    person = visitor("joseph")
    person.post("/en/registration/new/you", data)
    assert person.status == 413


def test_in_production_the_demonstrations_accounts_are_nobody(visitor, production):
    """A session of one of them is one of nobody's, however it came about."""
    person = visitor("administrator")
    production.set_cookie("__Host-guichet", cookie_of(person), domain="guichet.example")
    assert person.client.get("/staff/").status_code == 200
    answer = production.get("/staff/", base_url=HOME)
    assert answer.status_code == 302
    assert "login" in answer.headers["Location"]
