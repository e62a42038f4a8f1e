"""One request to an OMS and its answer, as it came over the wire."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mock_oms.operations import Operation

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and what was answered. Header names are in lower case; `headers` are the answer's.

    `target` is the path with its query, as sent. `asked` is the wall time of the request, `took` until the whole answer
    was there. Nothing in it holds the token that was sent.
    """

    number: int
    method: str
    target: str
    operation: Operation | None
    status: int
    headers: Headers
    body: bytes = field(repr=False)
    asked: datetime
    took: timedelta

    @property
    def path(self) -> str:
        """The path without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The parameters of the query, in their order."""
        return tuple(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def header(self, name: str) -> str | None:
        """A header of the answer, the last where it is repeated; the name in lower case."""
        return dict(self.headers).get(name)

    @property
    def content(self) -> Any:  # noqa: ANN401  where JSON enters
        """The body as JSON; numbers keep their digits only as Python reads them.

        :raises ValueError: it is none.
        """
        return json.loads(self.body)

    def __str__(self) -> str:
        return f"{self.method} {self.target} -> {self.status}"
