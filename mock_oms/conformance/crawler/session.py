"""A polite session with one target: one GET after the other, until the budget is spent or the host asks for quiet."""

import re
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlencode, urlsplit

import httpx

from mock_oms import __version__
from mock_oms.conformance.crawl import Exchange
from mock_oms.dataclass import dataclass
from mock_oms.text import certificates_in, time_text
from mock_oms.urls import Operation, is_loopback
from mock_oms.worlds.host_clock import elapsed, wall_clock


class CrawlError(Exception):
    """An OMS cannot be asked."""


class TargetError(CrawlError, ValueError):
    """What was given is nothing that can be asked: it is refused before any connection is made."""


class StoppedError(CrawlError):
    """Nothing more is asked, though more was wanted; what has been answered until then holds."""


class ConnectionLostError(StoppedError):
    """Nobody answers, not in time, not completely, or not as HTTP."""


class BudgetSpentError(StoppedError):
    """The budget of requests is spent."""


_PORTS = {"http": 80, "https": 443}
_ACCEPTED = "accepted: scheme, host and port alone, such as https://customer-oms.example.net or http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An OMS at `url`, asked with `token` after `keyword`; with none where `token` is None. The token is never shown.

    `bearer` is how the user says that the token is sent after that word.
    `ca` is a file of the authorities to trust under https; None: those of `SSL_CERT_FILE`, else the usual ones.

    :raises TargetError: the address is none, or no header can carry the token.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    keyword: Literal["Token", "Bearer"] = "Token"
    ca: Path | None = None
    bearer: str = "--switch auth=bearer"

    def __post_init__(self) -> None:
        url = self.url
        try:
            parts = urlsplit(url)
            plain = parts.scheme.lower() in _PORTS and parts.hostname and parts.port != 0
            httpx.URL(url)
        except (ValueError, httpx.InvalidURL):
            raise TargetError(f"The address cannot be read; {_ACCEPTED}.") from None
        if "@" in parts.netloc:
            raise TargetError(f"The address has a user name or a password in it, where others see it; {_ACCEPTED}.")
        if not plain or not url.isprintable() or " " in url:
            raise TargetError(f"{url!r} is no address of an OMS; {_ACCEPTED}.")
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise TargetError(f"{url!r} names more than a host; {_ACCEPTED}.")
        if self.token is not None and not re.fullmatch("[!-~]+", self.token):
            wrong = "has blanks, control characters or letters beyond ASCII in it" if self.token else "is empty"
            raise TargetError(f"The token {wrong}; accepted: visible ASCII without blanks, at least one character.")

    @property
    def origin(self) -> str:
        """The address without a slash at its end."""
        return self.url.rstrip("/")

    @property
    def loopback(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(urlsplit(self.url).hostname or "")

    def shows(self, link: str) -> bool:
        """Whether a link leads to this very host; http or https are no matter where each has its usual port.

        :raises ValueError: it is no address.
        """
        here, there = (
            (parts.hostname, None if parts.port == _PORTS.get(parts.scheme.lower()) else parts.port)
            for parts in (urlsplit(self.url), urlsplit(link))
        )
        return here == there

    def trust(self) -> ssl.SSLContext | bool:
        """Whom to trust; nobody where TLS is not spoken.

        :raises TargetError: `ca` cannot be read or holds no certificates.
        """
        if not self.url.lower().startswith("https:"):
            return False  # the machine's certificates take longer to read than the mock to start
        if self.ca is None:
            return httpx.create_ssl_context()
        try:
            return ssl.create_default_context(cadata=certificates_in(self.ca))
        except OSError as error:
            reason = "it holds no certificates" if isinstance(error, ssl.SSLError) else error.strerror
            raise TargetError(f"{self.ca} is no file of authorities to trust: {reason}; name a PEM file.") from None


#: Requests per second: to another host, and to this machine, where a mock answers.
RATE, RATE_HERE = 2.0, 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Politeness:
    """`rate` is in requests per second, `max_requests` what one run may make, `patience` seconds for one whole answer."""

    rate: float = RATE
    max_requests: int = 200
    patience: float = 30.0


LIST = "/api/v1/oms/orderexecutionplans/"
JSON = "application/json"
#: Bytes of one answer that are read at most.
LONGEST = 64 * 2**20
#: What stands where a server repeats the token that it was sent.
_HIDDEN = "[the token]"
#: A shorter token is no secret, and might be a part of ordinary words.
_SECRET = 8
_THROTTLED, _FAILED = 429, 500
_OPERATIONS = ((re.compile(re.escape(LIST)), Operation.LIST), (re.compile(f"{LIST}[^/]+/"), Operation.DETAIL))


#: The token that a request is sent with.
Credentials = Literal["own", "wrong", "none"]


@dataclass(slots=True)
class Session:
    """Asks one target; `requests` counts those that were made, `ended` says why no more will be.

    An answer that ends it (429, the second failure in a row) is returned as any other; the next question is refused.
    `counter` counts seconds and never goes back, `sleep` lets some of them pass.
    """

    target: Target
    politeness: Politeness = field(default_factory=Politeness)
    now: Callable[[], datetime] = wall_clock
    counter: Callable[[], float] = elapsed
    sleep: Callable[[float], None] = time.sleep
    requests: int = 0
    ended: StoppedError | None = None
    _http: httpx.Client = field(init=False, repr=False)
    _next: float = field(init=False, repr=False)
    _failures: int = field(init=False, repr=False, default=0)

    def __post_init__(self) -> None:
        self._next = self.counter()
        self._http = httpx.Client(
            # As little as the server needs; compressed bodies would not be what came over the wire.
            headers={"User-Agent": f"mock-oms-contract/{__version__}", "Accept-Encoding": "identity"},
            verify=self.target.trust(),
            # Another host may be reachable by the environment's proxy alone; none leads to this machine.
            trust_env=not self.target.loopback,
            follow_redirects=False,
            timeout=self.politeness.patience,
        )

    def get(
        self, path: str, query: Iterable[tuple[str, str]] = (), *, accept: str = JSON, credentials: Credentials = "own"
    ) -> Exchange:
        """Ask for a path of the target, which may have a query; wait before it as the rate demands.

        :raises StoppedError: nothing more is asked, or the answer did not arrive; a `ConnectionLostError` is the latter.
        """
        most = self.politeness.max_requests
        if self.ended is None and self.requests >= most:
            self.ended = BudgetSpentError(f"The budget of {most} requests is spent; --max-requests allows more.")
        if self.ended is not None:
            raise self.ended
        parameters = urlencode(list(query))
        joint = ("&" if "?" in path else "?") if parameters else ""
        try:
            request = self._http.build_request("GET", f"{self.target.origin}{path}{joint}{parameters}")
        except (httpx.InvalidURL, ValueError) as error:  # a target may give out links and ids that nobody can ask for
            raise StoppedError(f"{self.target.url} led to what no address can hold ({error}).") from None
        request.headers["Accept"] = accept
        self._authorize(request, credentials)
        early = self._next - self.counter()
        if early > 0:
            self.sleep(early)
        self._next = max(self._next, self.counter()) + 1 / self.politeness.rate
        exchange = self._exchange(request)
        self._failures = self._failures + 1 if exchange.status >= _FAILED else 0
        if exchange.status == _THROTTLED:
            self.ended = _throttled(exchange, self.now())
        elif self._failures > 1:
            self.ended = StoppedError(
                f"The OMS failed twice in a row (request {exchange.number} was answered {exchange.status}), and nothing "
                "more was asked. Look into its log before the next run."
            )
        return exchange

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def _authorize(self, request: httpx.Request, credentials: Credentials) -> None:
        """Here and not where things can fail: a traceback with local values must not show the token."""
        token = {"own": self.target.token, "wrong": "not-a-token"}.get(credentials)
        if token is not None:
            request.headers["Authorization"] = f"{self.target.keyword} {token}"

    def _exchange(self, request: httpx.Request) -> Exchange:
        self.requests += 1
        now, began = self.now(), self.counter()
        try:
            answer, body = self._answer(request, began)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            self.ended = self._lost(error)
            raise self.ended from None
        target = request.url.raw_path.decode("ascii")
        return Exchange(
            number=self.requests,
            method=request.method,
            target=target,
            operation=next((one for form, one in _OPERATIONS if form.fullmatch(target.partition("?")[0])), None),
            status=answer.status_code,
            headers=tuple((name.lower(), self._without_token(value)) for name, value in answer.headers.multi_items()),
            body=self._without_token(body.decode("latin-1")).encode("latin-1"),
            sent_at=now,
            took=timedelta(seconds=self.counter() - began),
        )

    def _answer(self, request: httpx.Request, began: float) -> tuple[httpx.Response, bytes]:
        answer, body = self._http.send(request, stream=True), bytearray()
        try:
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > LONGEST:
                    raise ValueError(f"an answer of more than {LONGEST:,} bytes")
                if self.counter() - began > self.politeness.patience:
                    raise httpx.ReadTimeout("the answer drips")
        finally:
            answer.close()
            # Who is asked without a token must not be known by a cookie.
            self._http.cookies.clear()
        return answer, bytes(body)

    def _without_token(self, text: str) -> str:
        token = self.target.token
        return text if token is None or len(token) < _SECRET else text.replace(token, _HIDDEN)

    def _lost(self, error: Exception) -> ConnectionLostError:
        url = self.target.url
        if isinstance(error, httpx.TimeoutException):
            return ConnectionLostError(f"{url} did not answer within {self.politeness.patience:g} seconds.")
        reason = self._without_token(str(error) or type(error).__name__)
        if "CERTIFICATE_VERIFY_FAILED" in reason:
            way_out = "--ca names the file of the authority that is, SSL_CERT_FILE as well"
            return ConnectionLostError(f"The certificate of {url} is not trusted ({reason}); {way_out}.")
        return ConnectionLostError(f"{url} gave no answer ({reason}). Is the address right, and the OMS up?")


def _throttled(exchange: Exchange, now: datetime) -> StoppedError:
    """How a 429 ends a session; its `Retry-After` is in seconds, a date of HTTP, or neither."""
    said = exchange.header("retry-after") or "none"
    try:
        is_number = re.fullmatch("[0-9]{1,9}", said)
        until = now + timedelta(seconds=int(said)) if is_number else parsedate_to_datetime(said)
        until = until.astimezone(UTC) if until.tzinfo else until.replace(tzinfo=UTC)
        when = f"Nobody should ask before {time_text(until.replace(microsecond=0))}"
    except (ValueError, OverflowError):
        when = "It does not say for how long"
    return StoppedError(
        f"The OMS answered 429 to request {exchange.number} (Retry-After: {said}), and nothing more was asked. "
        f"{when}; a lower --rate asks more slowly."
    )
