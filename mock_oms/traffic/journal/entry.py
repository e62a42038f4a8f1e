"""A journal entry: one vendor request and its answer; its id, and its address as text."""

from datetime import datetime
from typing import Protocol
from urllib.parse import unquote_to_bytes

from mock_oms.dataclass import dataclass
from mock_oms.urls import Operation

#: The header that holds the id of a request.
HEADER = b"x-request-id"
_LONGEST_NUMBER = 18


def decoded(text: str) -> str:
    """Percent-encoded text (latin-1, as sent) as people read it; octets that are no UTF-8 become question marks."""
    if "%" not in text and text.isascii():
        return text
    return unquote_to_bytes(text.encode("latin-1", "replace")).decode("utf-8", "replace")


def parameters(query: str) -> tuple[tuple[str, str], ...]:
    """The names and values of a query string in their order; a name without `=` has an empty value."""
    parts = (part.partition("=") for part in query.replace("+", " ").split("&") if part)
    return tuple((decoded(name), decoded(value)) for name, _, value in parts)


def length(text: str) -> int:
    """The number of bytes that a `Content-Length` announces; 0 where it says none."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else 0


Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One vendor request with its answer.

    `number` counts within the world, from 1, in the order of arrival; `request_id` is what the client gave, or
    unique in this process. `world` is None where nobody knows the token.
    `at` is world time, `wall` the wall time of arrival, both UTC. `path` and `query` are as sent: percent-encoded, as
    latin-1 text, the query without its secrets. `operation` is None where no route matched, `state` the plan's as
    served (detail, 200). `status` is None where no status line was ever sent. `fault` is a name such as `status 503`.
    `duration` is in seconds, from arrival until the answer was ready; `size` in bytes of the answer's body; `client` an
    address with its port. Neither list of headers holds a secret. `retry_after` is in seconds; `gave_up` too: when the
    client hung up on an answer that we held back.
    """

    number: int
    request_id: str
    world: str | None
    at: datetime
    wall: datetime
    method: str
    path: str
    query: str
    operation: Operation | None
    plan: int | None
    page: int | None
    state: str | None
    status: int | None
    fault: str | None
    fault_id: int | None
    duration: float
    size: int
    client: str
    user_agent: str
    headers: Headers
    answer_headers: Headers
    retry_after: int | None
    location: str | None
    hint: str | None
    gave_up: float | None

    @property
    def address(self) -> str:
        """The client's address without its port."""
        return self.client.rpartition(":")[0] or self.client


class RecordedRequest(Protocol):
    """A request as it was written down in haste; its entry, which says the same, is made when somebody reads it."""

    @property
    def number(self) -> int:
        """The number of the entry."""

    @property
    def at(self) -> datetime:
        """Its world time."""

    @property
    def operation(self) -> Operation | None:
        """What it is for."""

    @property
    def plan(self) -> int | None:
        """The plan that it is for."""

    @property
    def page(self) -> int | None:
        """The page of the list that it is for."""

    @property
    def state(self) -> str | None:
        """The plan's state as served."""

    @property
    def status(self) -> int | None:
        """The status of the answer."""

    @property
    def fault(self) -> str | None:
        """The name of the fault that was met."""

    @property
    def weight(self) -> int:
        """About how many bytes it holds on to; the same at every call."""

    def entry(self) -> JournalEntry:
        """Everything about the request; the same at every call."""
