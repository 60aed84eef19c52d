"""Many open case pages at once, each with its own session: what a browser's EventSource does, and no more."""

import re
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

ATTENTION = 0.2
_ASK = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: guichet={cookie}\r\nAccept: text/event-stream\r\n"
    "Cache-Control: no-cache\r\n\r\n"
)
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class OpenPage:
    """One page's stream: whether it is open, whether it ended, and when each event arrived."""

    path: str
    cookie: str
    is_open: bool = False
    ended: bool = False
    events: list[float] = field(default_factory=list)

    def told_after(self, instant: float) -> float | None:
        """When it was told first, after that instant."""
        return next((event for event in self.events if event >= instant), None)

    def hear(self, received: bytes) -> bool:
        """Note what arrived; whether there was an event in it."""
        self.is_open = self.is_open or b"retry:" in received
        self.ended = self.ended or not received
        events = received.count(b"data: changed")
        self.events += [time.monotonic()] * events
        return events > 0


class OpenPages:
    """Opens every page when the block begins, listens in one thread, and closes them at its end.

    `tell` is called in that thread with each page that received an event.
    """

    def __init__(
        self, url: str, pages: Sequence[OpenPage], tell: Callable[[OpenPage], object] = lambda page: None
    ) -> None:
        self.pages = pages
        self._tell = tell
        self._address = urlsplit(url)
        self._selector = selectors.DefaultSelector()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="open pages", daemon=True)

    def __enter__(self) -> "OpenPages":
        self._thread.start()
        for page in self.pages:
            line = socket.create_connection((self._address.hostname, self._address.port or 80))
            self._selector.register(line, selectors.EVENT_READ, page)
            line.sendall(_ASK.format(path=page.path, host=self._address.netloc, cookie=page.cookie).encode())
        return self

    def __exit__(self, *problem: object) -> None:
        self._over.set()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            self._selector.unregister(key.fileobj)
            key.fileobj.close()
        self._selector.close()

    def all_open(self) -> bool:
        """Whether every stream has begun."""
        return all(page.is_open for page in self.pages)

    def all_told(self, instants: Sequence[float]) -> bool:
        """Whether each page heard of what happened at its instant."""
        return all(page.told_after(instant) for page, instant in zip(self.pages, instants, strict=True))

    def _listen(self) -> None:
        while not self._over.is_set():
            for key, _ready in self._selector.select(ATTENTION):
                received = key.fileobj.recv(65536)
                if key.data.hear(received):
                    self._tell(key.data)
                if not received:
                    self._selector.unregister(key.fileobj)
                    key.fileobj.close()


class Officer:
    """An officer's browser reduced to a connection, a cookie and a token."""

    def __init__(self, url: str, cookie: str) -> None:
        self._line = HTTPConnection(urlsplit(url).netloc, timeout=30)
        self._headers = {"Cookie": f"guichet={cookie}"}
        self._token = _TOKEN.findall(self._ask("GET", "/staff/")[1])[0]

    def approve(self, case_id: int) -> float:
        """Press the button; the instant it was pressed."""
        pressed = time.monotonic()
        form = urlencode({"csrf_token": self._token, "step": "approve"})
        status, _page = self._ask("POST", f"/staff/registrationview/step/{case_id}", form)
        if status != 302:
            raise RuntimeError(f"the step was answered with {status}")
        return pressed

    def close(self) -> None:
        """Leave."""
        self._line.close()

    def _ask(self, method: str, path: str, form: str | None = None) -> tuple[int, str]:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        self._line.request(method, path, form, self._headers | kind)
        answer = self._line.getresponse()
        return answer.status, answer.read().decode()


def read_state(url: str, page: OpenPage) -> str:
    """What the page shows once it has asked for its state."""
    line = HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        line.request(
            "GET", page.path.replace("/live", "/state"), headers={"Cookie": f"guichet={page.cookie}"}
        )
        return line.getresponse().read().decode()
    finally:
        line.close()
