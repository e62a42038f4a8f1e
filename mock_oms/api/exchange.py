"""What passes between a server and the vendor's side: a call, its answer, the worlds that it reads, and how it is broken off."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, BinaryIO, Protocol

from mock_oms.dataclass import dataclass
from mock_oms.switches import Switches
from mock_oms.worlds.world_header import WorldHeader

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP request, as much of it as Django and its REST framework look at."""

    method: str
    path: str
    root: str
    query: str
    scheme: str
    host: str
    accept: str | None
    authorization: str
    content_type: str
    content_length: int
    stream: BinaryIO

    @property
    def full_path(self) -> str:
        """The path with the prefix that the app is mounted under."""
        return f"{self.root.rstrip('/')}/{self.path.replace('/', '', 1)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP response, complete with its headers."""

    status: int
    headers: Headers
    body: bytes

    @property
    def status_line(self) -> str:
        """The status with its reason, spelt as Django spells it."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"


class Refused(Exception):  # noqa: N818 - a refusal is an answer here, not an error of ours
    """The framework answers with an error in JSON: a sentence under `detail`, or other data."""

    def __init__(self, status: int, data: Mapping[str, Any] | str, headers: Headers = ()) -> None:
        super().__init__(f"{status}: {data}")
        self.data: Mapping[str, Any] = {"detail": data} if isinstance(data, str) else data
        self.status, self.headers = status, headers


class ServerError(Exception):
    """Something around the framework answers in its place, with a page."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status_line)
        self.answer = answer


def call_from_wsgi(environ: Mapping[str, Any]) -> Call:
    """Read a call from a WSGI environ, by the rules of Django's own WSGI entry."""
    get, scheme = environ.get, environ["wsgi.url_scheme"]
    # Octets that are no UTF-8 stay percent-encoded, so that nothing is lost or made up.
    path = get("PATH_INFO", "").encode("latin-1").decode(errors="surrogateescape")
    if not path.isascii():
        path = re.sub("[\udc80-\udcff]", lambda octet: f"%{ord(octet[0]) - 0xDC00:02X}", path)
    port = "" if str(environ["SERVER_PORT"]) == {"https": "443"}.get(scheme, "80") else f":{environ['SERVER_PORT']}"
    length = get("CONTENT_LENGTH", "")
    return Call(
        method=environ["REQUEST_METHOD"].upper(),
        path=path or "/",
        root=get("SCRIPT_NAME", "").encode("latin-1").decode(),
        query=get("QUERY_STRING", ""),
        scheme=scheme,
        host=get("HTTP_HOST", f"{environ['SERVER_NAME']}{port}"),
        accept=get("HTTP_ACCEPT"),
        authorization=get("HTTP_AUTHORIZATION", ""),
        content_type=get("CONTENT_TYPE", ""),
        content_length=int(length) if re.fullmatch(r"[+-]?[0-9]{1,4000}", length) else 0,
        stream=environ["wsgi.input"],
    )


class ReadableWorld(Protocol):
    """One world at one instant: list, detail and line taken from the same view always agree."""

    @property
    def answers(self) -> Switches:
        """The switches of this world's API."""

    @property
    def line(self) -> WorldHeader | None:
        """What names this instant; None where nothing does."""

    @property
    def count(self) -> int:
        """How many plans the list holds."""

    def page(self, number: int, size: int) -> list[bytes]:
        """Page `number` (from 1) of the list, `size` rows, each a plan as compact UTF-8 JSON."""

    def detail(self, plan_id: int) -> bytes | None:
        """One plan as compact UTF-8 JSON, or None where the world has no such id."""


class Worlds(Protocol):
    """All worlds, found by token."""

    def reading(self, token: str) -> ReadableWorld | None:
        """The world of this token, or None where no world has it."""

    def default(self) -> ReadableWorld:
        """The world for requests that name none."""

    def wait(self) -> int | None:
        """Seconds that this call's user must wait, where a quota is spent; the call is counted."""

    def login_wait(self) -> int | None:
        """Seconds that a login must wait, or None where it may go on."""

    def login(self, username: str, password: str) -> str | None:
        """The token of the world that this user reads, or None where the credentials are wrong."""
