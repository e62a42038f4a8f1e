"""Addresses of mocks: where one is asked that listens on this machine, and how one is shown."""

import re

#: Addresses to listen on that stand for all of this machine, and one of them that can be asked.
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  compared, not bound
#: Query and fragment.
_BEYOND = re.compile("[?#].*", re.DOTALL)


def asked_host(host: str) -> str:
    """Where this machine asks whoever listens on `host`."""
    return _EVERYWHERE.get(host, host)


def url_here(scheme: str, host: str, port: int) -> str:
    """The URL under which this machine asks whoever listens on `host` and `port`."""
    asked = asked_host(host)
    return f"{scheme}://[{asked.replace('%', '%25')}]:{port}" if ":" in asked else f"{scheme}://{asked}:{port}"


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
