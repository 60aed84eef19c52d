"""Dates and instants as people read them, in their language and the administration's time zone."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import current_app
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

_KILO = 1024
_INSTANT = {"fr": "d MMMM y 'à' HH:mm", "en": "d MMMM y 'at' HH:mm"}


def day(value: date | None) -> str:
    """A day: 23 November 2026, 23 novembre 2026."""
    return format_date(value, "d MMMM y", locale=get_locale()) if value else ""


def in_days(number: int, are_working: bool) -> str:
    """A length of time in calendar or working days."""
    if are_working:
        return ngettext("%(num)d working day", "%(num)d working days", number)
    return ngettext("%(num)d day", "%(num)d days", number)


def file_size(size: int) -> str:
    """The size of a file: 68 bytes, 12.4 KB, 3 MB."""
    if size < _KILO:
        return ngettext("%(num)d byte", "%(num)d bytes", size)
    if size < _KILO * _KILO:
        return _("%(number)s KB", number=_tenths(size, _KILO))
    return _("%(number)s MB", number=_tenths(size, _KILO * _KILO))


def instant(value: datetime | None) -> str:
    """An instant: 23 November 2026 at 10:42, 23 novembre 2026 à 10:42."""
    if value is None:
        return ""
    locale = get_locale()
    pattern = _INSTANT[locale.language if locale else "en"]
    zone = current_app.config["SETTINGS"].TIME_ZONE
    return format_datetime(value, pattern, tzinfo=zone, locale=locale)


def _tenths(size: int, unit: int) -> str:
    return str(format_decimal(round(size / unit, 1), locale=get_locale()))
