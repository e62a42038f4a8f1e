"""One connection to the control API: JSON out, JSON in, and every refusal an exception."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import h11

from mock_oms.client import arguments
from mock_oms.client.errors import (
    ControlError,
    ControlTokenRefusedError,
    NotInTimeError,
    UnreachableError,
    UntrustedError,
    WishError,
    is_refusal,
)
from mock_oms.client.transport import LateError, Transport
from mock_oms.settings import fault_of_control_token
from mock_oms.urls import without_query

__tracebackhide__ = is_refusal
#: Seconds to wait for an answer.
PATIENCE = 30.0
#: How many times as long a request may take that replays a log or turns a clock, perhaps through a year of retries.
_LONGER = 20
#: How a program gives a control token.
TOKEN_WAYS = "Control(url, token)"  # noqa: S105  a way to give one
_ERROR = 400
_JSON = {"Content-Type": "application/json"}


class Connection:
    """A pool of connections to one mock; arguments and errors are those of `mock_oms.client.control.Control`."""

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        patience: float = PATIENCE,
        ca: Path | None = None,
        token_ways: str = TOKEN_WAYS,
        waiting: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self.url, self.ca, self._patience = arguments.address(url), ca, patience
        self._token_given, self._token_ways, self._waiting = token is not None, token_ways, waiting
        headers = {"Accept": "application/json"}
        if token is not None:
            fault = fault_of_control_token(token)
            if fault:
                raise WishError(fault)
            headers["Authorization"] = f"Bearer {token}"
        # Without TLS where it is not spoken: to read the machine's certificates takes longer than to start a server.
        trust = arguments.trust(ca) if self.url.startswith("https:") else None
        self._transport = Transport(self.url, headers, trust)

    def ask(
        self,
        method: str,
        *path: str | int,
        place: Iterable[str] = (),
        query: Mapping[str, Any] | None = None,
        body: object = None,
        slow: bool = False,
        may_be_gone: bool = False,
    ) -> Any:  # noqa: ANN401  JSON enters
        """The JSON that the control API answers about a path below a `place`, None where it answers without a body.

        Where it `may_be_gone`, None is the answer of 404 and 410 too.

        :raises UnreachableError: nobody answered; a `NotInTimeError`: not yet; an `UntrustedError`: not the right one.
        :raises ControlError: the control API refused.
        :raises WishError: JSON cannot write the body.
        """
        sent, kind = (b"", {}) if body is None else (arguments.body(body), _JSON)
        seconds = self._patience * (_LONGER if slow else 1)
        target = _target((*place, *path), query)
        # No context manager of ours: its frames would stand in the traceback of a failed test.
        try:
            with (
                self._waiting(),
                self._transport.exchange(method, target, seconds=seconds, body=sent, headers=kind) as answer,
            ):
                status, content_type, octets = answer.status, answer.content_type, b"".join(answer.pieces)
        except (OSError, h11.ProtocolError, LateError) as error:
            raise self._failure(error, seconds) from None
        if may_be_gone and status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return None
        return self._content(status, content_type, octets)

    def lines(self, *path: str | int, query: Mapping[str, Any] | None = None) -> Iterator[str]:
        """The lines of an answer that goes on and on, until it ends or nobody reads any more; raises as `ask`.

        A stream sends a line each quarter of a minute at least, whatever the `patience` for other answers is.
        """
        headers = {"Accept": "text/event-stream"}
        try:
            with self._transport.exchange("GET", _target(path, query), seconds=PATIENCE, headers=headers) as answer:
                if answer.status >= _ERROR:
                    self._content(answer.status, answer.content_type, b"".join(answer.pieces))
                begun = b""
                for piece in answer.pieces:
                    *lines, begun = (begun + piece).split(b"\n")
                    yield from (line.removesuffix(b"\r").decode() for line in lines)
        except (OSError, h11.ProtocolError, LateError) as error:
            raise self._failure(error, PATIENCE) from None

    def _failure(self, error: Exception, seconds: float) -> UnreachableError:
        if isinstance(error, LateError):
            return NotInTimeError(self.url, f"{seconds:g}s")
        reason = str(error) or type(error).__name__
        kind = UntrustedError if "CERTIFICATE_VERIFY_FAILED" in reason else UnreachableError
        return kind(self.url, reason)

    def _content(self, status: int, content_type: str, octets: bytes) -> Any:  # noqa: ANN401  as above
        if status == HTTPStatus.NO_CONTENT:
            return None
        try:
            content = json.loads(octets)
        except ValueError:
            found = f"{status} with {content_type} instead of JSON"
            sentence = f"{without_query(self.url)} answered {found}: is it a mock-oms of this version?"
            raise ControlError(status, sentence) from None
        if status < _ERROR:
            return content
        if status == HTTPStatus.UNAUTHORIZED:
            raise ControlTokenRefusedError(self.url, self._token_ways, content, given=self._token_given)
        detail = content.get("detail") or content.get("title") or "The control API refused without saying why."
        raise ControlError(status, detail, content)

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()


def _target(path: Iterable[str | int], query: Mapping[str, Any] | None) -> str:
    """What is asked for, below the address of the mock."""
    place = "/".join(["/_mock", *(quote(str(part), safe="") for part in path)])
    plain = {name: str(value).lower() if isinstance(value, bool) else value for name, value in (query or {}).items()}
    return f"{place}?{urlencode(plain)}" if plain else place
