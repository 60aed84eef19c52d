"""A browser without a screen: follows links, fills in forms as they stand on the page, keeps cookies."""

from io import BytesIO
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import session
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Account
from app.services import second_factors
from app.views import entering
from tests import codes

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f00050001ff"
    "89993d1d0000000049454e44ae426082"
)


def a_file(name: str = "identity.png", content: bytes = PNG) -> tuple[BytesIO, str]:
    """A file to send with a form."""
    return BytesIO(content), name


class Visitor:
    """Somebody at the counter's window. `page` is what they see, `status` how the counter answered."""

    def __init__(self, client: FlaskClient, lang: str) -> None:
        self.client = client
        self.lang = lang
        self._landing: str | None = None
        self._response: TestResponse
        self._page: BeautifulSoup | None = None
        self._url = ""

    @property
    def response(self) -> TestResponse:
        """The last answer; after being let in, that of the page one lands on."""
        if self._landing:
            self.open(self._landing)
        return self._response

    @property
    def status(self) -> int:
        """The status of the last answer."""
        return self.response.status_code

    @property
    def url(self) -> str:
        """Where the last answer came from; nowhere before the first."""
        if self._landing:
            self.open(self._landing)
        return self._url

    @property
    def page(self) -> BeautifulSoup:
        """The last answer as it reads; it changes when the test changes it."""
        response = self.response
        if self._page is None:
            self._page = BeautifulSoup(response.get_data(as_text=True), "html.parser")
        return self._page

    def let_in(self, login: str) -> None:
        """In as a demo account: what a sign-in leaves is written, the pages that lead there are not opened.

        Those have tests of their own, and would be a third of what all others cost.
        """
        app, client = self.client.application, self.client
        with app.test_request_context(f"/{self.lang}/sign-in", environ_base=client.environ_base):
            account = db.session.scalars(
                select(Account).where(Account.email == f"{login}@demo.example")
            ).one()
            factor = second_factors.APP if second_factors.in_force(account) else None
            answer = entering.enter(account, factor, None)
            app.session_interface.save_session(app, session._get_current_object(), answer)
        name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
        client.set_cookie(name, value)
        self._landing = answer.location

    def sign_in(self, login: str) -> None:
        """Sign in as a demo account, with the code of its app where it has one."""
        self.open(f"/{self.lang}/sign-in")
        self.give_password(f"{login}@demo.example", f"guichet-{login}")
        assert self.status == 200, self.status
        assert "sign-in" not in self.url, self.text

    def give_password(self, email: str, password: str) -> None:
        """Send the sign-in page one is on, and the code it then asks for."""
        self.send(email=email, password=password)
        if "/sign-in/code" in self.url:
            self.give_code(email)

    def give_code(self, email: str) -> None:
        """Answer the page that asks for a code, as if the last one given was long ago."""
        with self.client.application.app_context():
            code = codes.fresh(email)
        self.send(code=code)

    def open(self, url: str) -> None:
        """Go to an address, following redirects."""
        self._see(self.client.get(url, follow_redirects=True))

    def go_back(self, page: BeautifulSoup, url: str) -> None:
        """See a page again as the browser kept it; nothing is asked for."""
        self._page, self._url = page, url

    def send(
        self,
        form: str = "#main-form",
        button: tuple[str, str] | None = None,
        to: str | None = None,
        **fields: Any,
    ) -> None:
        """Fill in a form of the page, as a browser would send it, and press a button."""
        element = self.page.select_one(form)
        assert element is not None, f"no form {form} on {self.url}"
        data = _values(element) | fields
        if button:
            data[button[0]] = button[1]
        action = to or str(element.get("action") or self.url)
        self.post(action, data)

    def post(self, url: str, data: dict[str, Any]) -> None:
        """Send data to an address, following redirects."""
        data = {name: value for name, value in data.items() if value is not None}
        self._see(self.client.post(url, data=data, content_type="multipart/form-data", follow_redirects=True))

    def cookies(self) -> dict[str, str]:
        """The header that tells the counter who this is."""
        name = self.client.application.config["SESSION_COOKIE_NAME"]
        cookie = self.client.get_cookie(name)
        return {"Cookie": f"{name}={cookie.value}"} if cookie else {}

    def token(self) -> str:
        """The CSRF token of the page."""
        return str(self.page.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]

    @property
    def text(self) -> str:
        """What the page says, spaces made single."""
        return " ".join(self.page.get_text(" ").split())

    def error_of(self, field: str) -> str:
        """The message beside a field, without its hidden "Error:"."""
        element = self.page.select_one(f"#{field}-error")
        return " ".join(element.get_text(" ").split()).split(":", 1)[-1].strip() if element else ""

    def value_of(self, name: str) -> str:
        """What a field holds."""
        found = (self.page.select_one(f"[name='{name}']{state}") for state in ("[checked]", ""))
        element = next((it for it in found if it is not None), None)
        assert element is not None, f"no field {name} on {self.url}"
        return _value(element) or ""

    def _see(self, response: TestResponse) -> None:
        for answer in (*response.history, response):
            answer.request.environ["wsgi.input"].close()
        self._response, self._page, self._landing = response, None, None
        self._url = response.request.full_path.rstrip("?")


def _values(form: Tag) -> dict[str, Any]:
    """What a browser would send of a form nobody touched: a name that is there twice is sent twice."""
    fields = form.select("input[name], select[name], textarea[name]")
    sent: dict[str, list[str | None]] = {}
    for field in fields:
        if field.get("type") in ("submit", "file", "button"):
            continue
        if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        sent.setdefault(str(field["name"]), []).append(_value(field))
    return {name: values if len(values) > 1 else values[0] for name, values in sent.items()}


def _value(field: Tag) -> str | None:
    if field.name == "select":
        chosen = field.select_one("option[selected]") or field.select_one("option")
        return str(chosen.get("value", "")) if chosen else None
    if field.name == "textarea":
        return field.get_text().removeprefix("\n")
    return str(field.get("value", ""))
