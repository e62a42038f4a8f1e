"""The operations of the vendor's API, and URLs: where a mock on this machine is reached, and how a URL is shown."""

import re
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address

#: Addresses to listen on that stand for all of this machine, and one at which each can be reached.
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  compared, not bound
#: Query and fragment.
_BEYOND = re.compile("[?#].*", re.DOTALL)


def reachable_host(host: str) -> str:
    """The address at which this machine reaches a server that listens on `host`."""
    return _EVERYWHERE.get(host, host)


def url_here(scheme: str, host: str, port: int) -> str:
    """The URL at which this machine reaches a server that listens on `host` and `port`."""
    return url_of(scheme, reachable_host(host).replace("%", "%25"), port)


def url_of(scheme: str, host: str, port: int) -> str:
    """The URL of a server on this host and port."""
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def without_user(url: str) -> str:
    """A URL, or a sentence about one, as errors show it: without the name and the password that may stand in it."""
    before, at, rest = url.rpartition("@")
    scheme, mark, _ = before.partition("://")
    return f"{scheme if mark else ''}{mark}…@{rest}" if at else url


def without_query(url: str) -> str:
    """Where a redirect leads, as reports show it: without user, query and fragment, which may be somebody's."""
    place = _BEYOND.sub("", url)
    query = url[len(place) :]
    scheme, mark, rest = place.partition("://")
    # What has no path yet may be the beginning of a password with a question mark in it.
    shown = f"{scheme}://…" if mark and "/" not in rest and "@" in query else without_user(place)
    return f"{shown}{query[:1]}…" if query else shown


@lru_cache(64)
def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address to listen on; False for any name other than localhost."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


class Operation(StrEnum):
    """What a request asks for; one that leads nowhere has none."""

    LIST = "list"
    DETAIL = "detail"
    LOGIN = "login"

    # That of its text, which it equals; an enum's own is written in Python, and each request is counted by it.
    __hash__ = str.__hash__
