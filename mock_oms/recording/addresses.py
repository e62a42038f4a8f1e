"""Addresses of requests and their parameters, as far as they may be kept."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from mock_oms.recording.rules import Walk

HOST = "oms.example.com"
_WAY = frozenset({"", "api", "v1", "i1", "oms", "orderexecutionplans", "auth", "login"})
_PARAMETERS = {"page": r"\d{1,7}|last", "limit": r"\d{1,6}", "page_size": r"\d{1,6}", "format": r"json|api|"}


@dataclass(frozen=True, slots=True)
class Address:
    """An address: another host, the known words of its path, pseudonyms of all else."""

    def apply(self, value: Any, walk: Walk, path: str) -> Any:
        """The address with its pages, and with the id that the plan has."""
        if not isinstance(value, str):
            return walk.unknown_at(path, value)
        try:
            parts = urlsplit(value)
        except ValueError:
            return walk.pseudonyms.text(value)
        way = "/".join(one if one in _WAY else _segment(one, walk) for one in parts.path.split("/"))
        pairs = [parameter(name, said, walk) for name, said in parse_qsl(parts.query, keep_blank_values=True)]
        host = f"https://{HOST}" if parts.netloc or parts.scheme else ""
        return f"{host}{way}{'?' if pairs else ''}{urlencode(pairs)}"


def _segment(said: str, walk: Walk) -> str:
    """A part of a path: as everywhere, what it says decides, and not how an address writes that."""
    return quote(walk.pseudonyms.text(unquote(said, errors="surrogateescape")), safe="@+")


def parameter(name: str, said: str, walk: Walk) -> tuple[str, str]:
    """A parameter: of the few that are known both parts stay, if the value is what they take."""
    if name not in _PARAMETERS:
        return walk.pseudonyms.text(name), walk.pseudonyms.text(said)
    return name, said if re.fullmatch(_PARAMETERS[name], said, re.ASCII) else walk.pseudonyms.text(said)


@dataclass(frozen=True, slots=True)
class Pair:
    """A header or a parameter of an archive: `name` and `value`, of which `left` says what is left."""

    left: Callable[[str, str, Walk], tuple[str, str]]

    def apply(self, value: Any, walk: Walk, path: str) -> Any:
        """The pair without its comment."""
        name, said = (value.get("name"), value.get("value")) if isinstance(value, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(said, str):
            return walk.unknown_at(path, value)
        return dict(zip(("name", "value"), self.left(name, said, walk), strict=True))
