"""What every peer must answer: the bytes that the mock itself answers for one plan and for a page of 50."""

import json
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

WORLD = Path(__file__).with_name("world.yaml")
LIST = "/api/v1/oms/orderexecutionplans/"
DETAIL = f"{LIST}53325/"
_JOURNAL = "/_mock/worlds/default/requests"
#: Sent by every request to every peer, whether it looks at them or not.
HEADERS = {"Accept": "application/json", "Authorization": "Token mock-oms-token"}
#: Seconds to wait for one answer.
PATIENCE = 10


class BenchError(Exception):
    """Something cannot be measured; the message says what, why, and the way out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The two bodies as the mock wrote them, and whether it keeps a journal of who asked for them."""

    detail: bytes
    page: bytes
    journal: bool = False

    @property
    def plan(self) -> Any:  # noqa: ANN401  JSON enters
        """The detail as JSON."""
        return json.loads(self.detail)

    @property
    def envelope(self) -> Any:  # noqa: ANN401  as above
        """The page as JSON."""
        return json.loads(self.page)


class Likeness(StrEnum):
    """How near a peer's bodies can come to ours."""

    BYTES = "the same bytes"
    JSON = "the same JSON, written anew"
    ROWS = "the same plans, written anew and without an envelope"

    def holds(self, body: bytes, wanted: bytes) -> bool:
        """Whether a body is what this likeness promises."""
        if self is Likeness.BYTES:
            return body == wanted
        try:
            found, expected = json.loads(body), json.loads(wanted)
        except ValueError:
            return False
        return bool(found == (expected.get("results", expected) if self is Likeness.ROWS else expected))


def sample_from(port: int) -> Sample:
    """The bodies that a mock answers."""
    return Sample(detail=ask(port, DETAIL), page=ask(port, LIST), journal=_answers(port, _JOURNAL))


def _answers(port: int, path: str) -> bool:
    try:
        ask(port, path)
    except BenchError:
        return False
    return True


def ask(port: int, path: str, method: str = "GET") -> bytes:
    """The body of a good answer (any 2xx).

    :raises BenchError: the answer is another, or no HTTP.
    :raises OSError: nobody answered.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, headers=HEADERS)
        answer = connection.getresponse()
        body = answer.read()
    except HTTPException as error:
        raise BenchError(f"its answer to {method} {path} is no HTTP: {error!r}") from error
    finally:
        connection.close()
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise BenchError(f"it answered {answer.status} to {method} {path}: {body[:200]!r}")
    return body
