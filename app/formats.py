"""Dates and instants as people read them, in their language and the administration's time zone."""

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import current_app
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

_KILO = 1024
_TIME = {"fr": "'à' HH:mm", "en": "'at' HH:mm"}


def day(value: date | None) -> str:
    """A day: 23 November 2026, 23 novembre 2026."""
    return format_date(value, _pattern(value), locale=get_locale()) if value else ""


def isoday(text: str | None) -> str:
    """A day given as data (2026-11-23), as people read it."""
    return day(date.fromisoformat(text)) if text else ""


def amount(value: Decimal | None) -> str:
    """An amount without its currency: 250,000, 250 000."""
    return "" if value is None else str(format_decimal(value, locale=get_locale()))


def in_days(number: int, are_working: bool) -> str:
    """A length of time in calendar or working days."""
    if are_working:
        return ngettext("%(num)d working day", "%(num)d working days", number)
    return ngettext("%(num)d day", "%(num)d days", number)


def about_minutes(number: int) -> str:
    """About how long something takes."""
    return ngettext("about %(num)d minute", "about %(num)d minutes", number)


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
    zone = current_app.config["SETTINGS"].TIME_ZONE
    pattern = f"{_pattern(value.astimezone(zone))} {_TIME[_language()]}"
    return format_datetime(value, pattern, tzinfo=zone, locale=get_locale())


def time_of_day(value: datetime) -> str:
    """The time an instant falls on: 10:42."""
    zone = current_app.config["SETTINGS"].TIME_ZONE
    return str(format_datetime(value, "HH:mm", tzinfo=zone, locale=get_locale()))


def _tenths(size: int, unit: int) -> str:
    return str(format_decimal(round(size / unit, 1), locale=get_locale()))


def _pattern(value: date) -> str:
    """French writes the first of a month 1er."""
    return "d'er' MMMM y" if value.day == 1 and _language() == "fr" else "d MMMM y"


def _language() -> str:
    locale = get_locale()
    return locale.language if locale else "en"
