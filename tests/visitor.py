"""A browser without a screen: follows links, fills in forms as they stand on the page, keeps cookies."""

from io import BytesIO
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

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
        self.url = ""
        self.status = 0
        self.response: TestResponse
        self.page: BeautifulSoup

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

    def open(self, url: str) -> BeautifulSoup:
        """Go to an address, following redirects."""
        return self._see(self.client.get(url, follow_redirects=True))

    def send(
        self,
        form: str = "#main-form",
        button: tuple[str, str] | None = None,
        to: str | None = None,
        **fields: Any,
    ) -> BeautifulSoup:
        """Fill in a form of the page, as a browser would send it, and press a button."""
        element = self.page.select_one(form)
        assert element is not None, f"no form {form} on {self.url}"
        data = _values(element) | fields
        if button:
            data[button[0]] = button[1]
        action = to or str(element.get("action") or self.url)
        return self.post(action, data)

    def post(self, url: str, data: dict[str, Any]) -> BeautifulSoup:
        """Send data to an address, following redirects."""
        data = {name: value for name, value in data.items() if value is not None}
        return self._see(
            self.client.post(url, data=data, content_type="multipart/form-data", follow_redirects=True)
        )

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

    def _see(self, response: TestResponse) -> BeautifulSoup:
        for answer in (*response.history, response):
            answer.request.environ["wsgi.input"].close()
        self.response = response
        self.status = response.status_code
        self.url = response.request.full_path.rstrip("?")
        self.page = BeautifulSoup(response.get_data(as_text=True), "html.parser")
        return self.page


def _values(form: Tag) -> dict[str, Any]:
    """What a browser would send of a form nobody touched."""
    fields = form.select("input[name], select[name], textarea[name]")
    sent: dict[str, Any] = {}
    for field in fields:
        if field.get("type") in ("submit", "file", "button"):
            continue
        if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        name, value = str(field["name"]), _value(field)
        before = sent.get(name)
        if name not in sent:
            sent[name] = value
        else:
            sent[name] = [*(before if isinstance(before, list) else [before]), value]
    return sent


def _value(field: Tag) -> str | None:
    if field.name == "select":
        chosen = field.select_one("option[selected]") or field.select_one("option")
        return str(chosen.get("value", "")) if chosen else None
    if field.name == "textarea":
        return field.get_text().removeprefix("\n")
    return str(field.get("value", ""))
