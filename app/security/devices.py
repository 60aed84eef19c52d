"""What a browser says of itself, and from where, told coarsely: enough to recognise oneself, no more."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from flask_babel import gettext as _

LONGEST_AGENT = 300
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Opera", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("UCBrowser", "UC Browser"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("KAIOS", "KaiOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Device:
    """Where a request came from: the network's address, and the browser's own words."""

    address: str
    user_agent: str

    @property
    def network(self) -> str:
        """The address without its last part: 196.200.53.x, 2001:db8:1::."""
        return coarse(self.address)

    @property
    def family(self) -> str:
        """Browser and system, as a mark to compare."""
        return family(self.user_agent)


def family(user_agent: str | None) -> str:
    """Browser and system, as a mark to compare; empty when neither is known."""
    return "/".join(filter(None, (_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent))))


def in_words(user_agent: str | None) -> str:
    """Browser and system in plain words, in the reader's language."""
    browser, system = _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or _("Unknown device")


def coarse(address: str) -> str:
    """A network's address without what tells one person from their neighbour; empty when it is none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv4Address):
        return f"{address.rpartition('.')[0]}.x"
    return _prefix(parsed, 48)


def place(address: str) -> str:
    """Whom to count as one: an IPv4 address, or the network an IPv6 line is given."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return _prefix(parsed, 64) if isinstance(parsed, IPv6Address) else address


def _prefix(address: IPv6Address, bits: int) -> str:
    kept = int(address) >> (128 - bits) << (128 - bits)
    return str(IPv6Address(kept))


def _first(known: tuple[tuple[str, str], ...], user_agent: str | None) -> str:
    return next((name for mark, name in known if mark in (user_agent or "")), "")
