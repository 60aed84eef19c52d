"""What a visitor would not see and a developer must: console errors, refused scripts, requests that failed."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

SERIOUS = ("error", "warning")
LEFT = "net::ERR_ABORTED"
"""What was still arriving when the page was left, an event stream above all: nothing went wrong."""


class Watch:
    """Listens to every page of a context; `expect` names the answers a test provokes on purpose."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._expected: set[int] = set()
        self._complaints: list[str] = []
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._complaints.append(f"page error: {error.error}"))
        context.on("requestfailed", self._on_failed)
        context.on("response", self._on_response)
        context.on("page", self._on_page)

    def expect(self, *statuses: int) -> None:
        """Answers of 400 and above that this test wants to see."""
        self._expected.update(statuses)

    def complaints(self) -> list[str]:
        """What went wrong so far."""
        return list(self._complaints)

    def forget(self) -> list[str]:
        """What went wrong so far, which is then forgotten."""
        told, self._complaints = self._complaints, []
        return told

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in SERIOUS and not self._announces_expected(message.text):
            self._complaints.append(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def _announces_expected(self, text: str) -> bool:
        return any(f"status of {status}" in text for status in self._expected)

    def _on_failed(self, request: Request) -> None:
        if request.failure != LEFT:
            self._complaints.append(f"failed: {request.method} {request.url}: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self._complaints.append(f"answer: {response.status} {response.request.method} {response.url}")

    def _on_page(self, page: Page) -> None:
        page.on("crash", lambda: self._complaints.append("the page crashed"))
