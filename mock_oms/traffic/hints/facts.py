"""What a hint is made from: a request, its answer, and what is known of its world."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field
from functools import cached_property

from mock_oms.dataclass import dataclass
from mock_oms.switches import Switches
from mock_oms.traffic.journal.entry import decoded, parameters
from mock_oms.urls import Operation

#: Words of an `Authorization` header that is whole.
SCHEME_AND_TOKEN = 2

_LONGEST = 80
_SUFFIX = re.compile(r"\.([a-z0-9]+)/?$")


@dataclass(frozen=True, kw_only=True)  # without slots: what is read of a long request is read once
class HintFacts:
    """One request with its answer. Everything but method, path and status may be left out; hints then know less.

    `path`, `query` and `headers` are the request's without their secrets, names in lower case; `authorization` is as it
    was sent: no hint repeats it. `authorizations` is how often that header was sent. `body` is the request's, `answer` the answer's.
    `operation` is the route's, also where the view refused; `plan` as in the entry. `answers` are the switches of the
    world that answered, and `known_token` says whether a world has the token; `worlds` are the names of all. `pages` is
    how many pages the list has now, in the size that was requested.

    `fault` with its id is the one that was met, `fault_origin` where it comes from ("the scenario"). `limit` is what
    refused the request, as a noun ("the quota of 100 requests in 1m", "tokens live for 3 requests").

    `worlds_with` names the other worlds that have a plan of this id; `plan_of_order` finds the plan of an order by the
    order's id or number, in this world; `last_served` is the number of the latest request that got this page in this
    size.
    """

    method: str
    path: str
    status: int | None
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    authorizations: int = 1
    body: bytes = b""
    answer: bytes = b""
    operation: Operation | None = None
    plan: int | None = None
    answers: Switches = field(default_factory=Switches)
    known_token: bool = False
    worlds: Collection[str] = ()
    pages: int | None = None
    fault: str | None = None
    fault_id: int | None = None
    fault_origin: str = "the scenario"
    limit: str | None = None
    worlds_with: Callable[[int], Collection[str]] = lambda _: ()
    plan_of_order: Callable[[str], int | None] = lambda _: None
    last_served: Callable[[int], int | None] = lambda _: None

    @cached_property
    def text(self) -> str:
        """The path as the vendor reads it."""
        return decoded(self.path)

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query's parameters; of repeated ones the last."""
        return dict(parameters(self.query))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The `Authorization` header, split where the vendor splits it."""
        raw = self.headers.get("authorization", "").encode("latin-1", "replace")
        return tuple(word.decode("latin-1") for word in raw.split())

    @property
    def token(self) -> str:
        """The last word of `Authorization`: the token, if there is one. Never shown."""
        return self.words[-1] if self.words else ""

    @property
    def format(self) -> str:
        """The format that the path's suffix or the query asks for, or nothing."""
        found = _SUFFIX.search(self.text)
        return found[1] if found else self.parameters.get("format", "")

    @property
    def id(self) -> str:
        """What the path has in the place of a plan's id."""
        return _SUFFIX.sub("", self.text).rstrip("/").rpartition("/")[2]


def shown(text: str) -> str:
    """What a client sent, safe for one line of ASCII, and not too long for it."""
    plain = ascii(text)[1:-1]
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}..."


def listed(names: Sequence[str], most: int = 5) -> str:
    """A few of these names, safe to be shown, and how many more there are."""
    more = len(names) - most
    some = ", ".join(shown(name) or "(no name)" for name in names[:most])
    return f"{some} and {more} more" if more > 0 else some


def reads(facts: HintFacts) -> bool:
    """Whether the method is one by which clients read."""
    return facts.method.upper() in {"GET", "HEAD"}
