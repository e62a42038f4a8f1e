"""Who may come in, and how: the control token of a mock that others can reach, and https."""

import secrets
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from mock_oms.control_token import given_token
from mock_oms.exposure import is_loopback
from mock_oms.settings import Settings
from mock_oms.tls import Tls, tls_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What a listening socket is given: `url` is its address as clients write it, `settings` hold its control token.

    `made` says that the token was made here, so that nobody knows it yet; `tls` is None where http is served.
    """

    url: str
    settings: Settings = field(repr=False)
    made: bool = False
    tls: Tls | None = None

    @property
    def ca(self) -> Path | None:
        """The file of the authority that clients must trust; None where http is served."""
        return None if self.tls is None else self.tls.ca

    @property
    def context(self) -> ssl.SSLContext | None:
        """What the handshakes are done with; None where http is served."""
        return None if self.tls is None else self.tls.context

    def lines(self) -> Iterator[str]:
        """What the banner says of it. Nobody else says the token that was made."""
        if self.made:
            yield f"  control API: Authorization: Bearer {self.settings.control_token}"
            yield "    made for this run, because others can ask here too; --control-token-file gives one that lasts"
        if self.tls is not None:
            yield f"  {self.tls.ca} is the authority of this run; clients that start now trust it through"
            yield "    SSL_CERT_FILE (requests: REQUESTS_CA_BUNDLE, Node.js: NODE_EXTRA_CA_CERTS, curl: --cacert)"


@contextmanager
def open_door(settings: Settings, listener: socket.socket) -> Iterator[Door]:
    """Decide for a socket that is bound; what was made for it is removed at the end.

    :raises mock_oms.control_token.ControlTokenError: the control token that was given is none.
    :raises mock_oms.tls.TlsError: https cannot be served so.
    """
    token = given_token(settings.control_token, settings.control_token_file)
    host: str = listener.getsockname()[0]
    made = token is None and is_exposed(host)
    known = replace(settings, control_token=secrets.token_urlsafe() if made else token, control_token_file=None)
    beside = (socket.gethostname(), host)  # also 0.0.0.0: on Linux it leads here, and the banner names it
    secured = tls_for(settings.tls_names, beside, settings.tls_ca) if settings.tls == "on" else nullcontext()
    with secured as tls:
        yield Door(url=url_of(listener, "http" if tls is None else "https"), settings=known, made=made, tls=tls)


def is_exposed(host: str) -> bool:
    """Whether others than this machine can reach an address that is bound."""
    return not is_loopback(host.partition("%")[0])


def url_of(listener: socket.socket, scheme: str = "http") -> str:
    """The address of a socket that listens, as clients write it."""
    host, port, *_ = listener.getsockname()
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
