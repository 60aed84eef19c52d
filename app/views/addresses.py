"""Where to go on: pages of ours only."""

from app.i18n import current_language, language_of


def safe(target: str | None) -> str | None:
    """The page to go back to, in the language being read, if it is one of ours and never another site."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(character in target for character in "\\\r\n\t"):
        return None
    return f"/{current_language()}{target[3:]}" if language_of(target.partition("?")[0]) else target
