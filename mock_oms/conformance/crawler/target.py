"""The target of a crawl: its address, token and trusted CA; and the errors of a crawl. No token is ever shown."""

import re
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx

from mock_oms.text import time_text
from mock_oms.urls import is_loopback


class CrawlError(Exception):
    """An OMS cannot be asked."""


class TargetError(CrawlError, ValueError):
    """What was given is nothing that can be asked: it is refused before any connection is made."""


class StoppedError(CrawlError):
    """Nothing more is asked, though more was wanted; what has been answered until then holds."""


class ConnectionLostError(StoppedError):
    """Nobody answers, not in time, not completely, or not as HTTP."""


class UntrustedHostError(ConnectionLostError):
    """Somebody answers, and the certificate is of no authority that is trusted, or not for this name."""


class BudgetSpentError(StoppedError):
    """The budget of requests is spent."""

    def __init__(self, most: int) -> None:
        super().__init__(f"The budget of {most} requests is spent; --max-requests allows more.")


class ThrottledError(StoppedError):
    """The OMS answered 429. `until` is when it may be asked again, None where it does not say."""

    def __init__(self, number: int, said: str | None, until: datetime | None) -> None:
        when = (
            "It does not say for how long"
            if until is None
            else f"Nobody should ask before {time_text(until.replace(microsecond=0))}"
        )
        super().__init__(
            f"The OMS answered 429 to request {number} (Retry-After: {said or 'none'}), and nothing more was asked. "
            f"{when}; a lower --rate asks more slowly."
        )
        self.until = until


_PORTS = {"http": 80, "https": 443}
_ACCEPTED = "accepted: scheme, host and port alone, such as https://customer-oms.example.net or http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An OMS at `url`, asked with `token` after `keyword`; with none where `token` is None.

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
        """Whether a link leads to this very host; http or https are no matter where each has its usual port."""
        try:
            here, there = (
                (parts.hostname, None if parts.port == _PORTS.get(parts.scheme.lower()) else parts.port)
                for parts in (urlsplit(self.url), urlsplit(link))
            )
        except ValueError:
            return False
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
            return ssl.create_default_context(cafile=self.ca)
        except OSError as error:
            reason = "it holds no certificates" if isinstance(error, ssl.SSLError) else error.strerror
            raise TargetError(f"{self.ca} is no file of authorities to trust: {reason}; name a PEM file.") from None
