"""An address taken apart: what a link in an answer says, without following it."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The parts of an address; `scheme` and `host` (with its port) are empty where it is relative."""

    scheme: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...]

    @property
    def absolute(self) -> bool:
        """Whether it says by itself whom to ask."""
        return bool(self.scheme and self.host)

    def without(self, name: str) -> tuple[tuple[str, str], ...]:
        """The parameters of the query but this one, in their order."""
        return tuple(pair for pair in self.query if pair[0] != name)

    def parameter(self, name: str) -> str | None:
        """A parameter of the query, the last where it is repeated."""
        return dict(self.query).get(name)


def address_of(text: str) -> Address:
    """The parts of an address.

    :raises ValueError: it is none, as where a bracket of its host is never closed.
    """
    parts = urlsplit(text)
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    return Address(scheme=parts.scheme, host=parts.netloc, path=parts.path, query=query)
