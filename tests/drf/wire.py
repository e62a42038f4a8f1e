"""Calls a WSGI application with exactly the octets given: no client library that would tidy them up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request as it stands on the wire; a target may hold anything, a header may be repeated by a comma only."""

    method: str = "GET"
    target: str = "/"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A response as it stands on the wire; header names in lower case, sorted."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def call(application: WSGIApplication, sent: Sent) -> Received:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
        started.append((status, headers))
        return BytesIO().write

    chunks = application(environ_of(sent), start_response)
    body = b"".join(chunks)
    getattr(chunks, "close", lambda: None)()
    status, headers = started[-1]
    names = {name.lower() for name, _ in headers}
    # Django leaves this to its server on what its outer middleware answers; every server adds it.
    length = [] if "content-length" in names else [("content-length", str(len(body)))]
    sent_headers = tuple(sorted([*((name.lower(), value) for name, value in headers), *length]))
    # A server never sends the body of an answer to HEAD, whether or not the application made one.
    return Received(status=status, headers=sent_headers, body=b"" if sent.method.upper() == "HEAD" else body)


def environ_of(sent: Sent) -> dict[str, Any]:
    """The environ that a WSGI server makes of a request: path decoded, everything as latin-1."""
    path, _, query = sent.target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": sent.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode()).decode("latin-1"),
        "QUERY_STRING": query.encode().decode("latin-1"),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(sent.body),
        "wsgi.errors": None,
        **dict.fromkeys(("wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once"), False),
    }
    if sent.body:
        environ["CONTENT_LENGTH"] = str(len(sent.body))
    for name, value in sent.headers.items():
        variable = name.upper().replace("-", "_")
        environ[variable if variable in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{variable}"] = value
    return environ
