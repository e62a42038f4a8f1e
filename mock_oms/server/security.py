"""Who may reach the mock: the control token, https, and real-looking tokens that must not be exposed."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import field, replace

from mock_oms.dataclass import dataclass
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.checking import warnings_of
from mock_oms.scenarios.profiles import FOLDER
from mock_oms.scenarios.yaml_file import MAX_BYTES, yaml_files
from mock_oms.server.tls import Tls, tls_for
from mock_oms.settings import Settings
from mock_oms.text import counted, read_file
from mock_oms.tokens import (
    ControlTokenError,
    given_token,
    lines_with_real_tokens,
    looks_like_real_token,
    real_token_warning,
)
from mock_oms.urls import is_loopback, url_of


def real_tokens(settings: Settings, scenario: Scenario) -> tuple[str, ...]:
    """A sentence for each token that looks real: the setting, those of the scenario and of files beside it."""
    found = [f"token: {real_token_warning(settings.token)}"] if looks_like_real_token(settings.token) else []
    found += map(str, warnings_of(scenario))
    folder = settings.scenarios  # whatever of the user's own a client of the control API can open a world with
    files = []
    for one in () if folder is None else (folder, folder / FOLDER):
        with suppress(OSError):  # there is none
            files += yaml_files(one)
    for file in files:
        with suppress(OSError):  # what cannot be read cannot be played
            text = read_file(file, MAX_BYTES).decode(errors="replace")
            found += (f"{file}:{line}: {warning}" for line, warning in lines_with_real_tokens(text))
    return tuple(dict.fromkeys(found))


def refusal_of_real_tokens(settings: Settings, scenario: Scenario) -> str | None:
    """Why nothing may be served with these settings, or None where it may."""
    if is_loopback(settings.host) or settings.allow_real_tokens == "on":
        return None
    found = real_tokens(settings, scenario)
    if not found:
        return None
    why = f"{settings.host} can be reached from other machines, and these would be in their hands:"
    return "\n".join([why, *found, "Or say --allow-real-tokens, or listen on 127.0.0.1."])


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a listening socket is given: `url` is its address as clients write it, `settings` hold its control token.

    `others` are the addresses of the same server at its other sockets. `made` says that the token was made here, so that
    nobody knows it yet; `tls` is None where http is served.
    """

    url: str
    settings: Settings = field(repr=False)
    others: tuple[str, ...] = ()
    made: bool = False
    tls: Tls | None = None


#: Characters that a control token has at least where others can guess it.
SHORTEST = 16


def fault_of_short_token(settings: Settings, token: str, host: str) -> str | None:
    """Why this control token does not do where `host` is listened on, or None where it does; it is not shown."""
    if len(token) >= SHORTEST or not is_exposed(host):
        return None
    where = f" in {settings.control_token_file}" if settings.control_token_file else ""
    return (
        f"The control token{where} has {counted(len(token), 'character')}, and other machines reach {host}; accepted there: "
        f"at least {SHORTEST} characters, as `openssl rand -base64 24` makes them."
    )


@contextmanager
def exposure_for(settings: Settings, listener: socket.socket, *others: socket.socket) -> Iterator[Exposure]:
    """Decide for a socket that is bound, and others beside it on loopbacks; what was made for it is removed at the end.

    :raises mock_oms.tokens.ControlTokenError: the control token that was given is none, or too short where others can guess it.
    :raises mock_oms.server.tls.TlsError: https cannot be served so.
    """
    token = given_token(settings.control_token, settings.control_token_file)
    host: str = listener.getsockname()[0]
    if token is not None and (fault := fault_of_short_token(settings, token, host)):
        raise ControlTokenError(fault)
    made = token is None and is_exposed(host)
    known = replace(settings, control_token=secrets.token_urlsafe() if made else token, control_token_file=None)
    beside = (socket.gethostname(), host)  # also 0.0.0.0: on Linux it leads here, and the banner names it
    secured = tls_for(settings.tls_names, beside, settings.tls_ca) if settings.tls == "on" else nullcontext()
    with secured as tls:
        scheme = "http" if tls is None else "https"
        url, *more = (url_of(scheme, *one.getsockname()[:2]) for one in (listener, *others))
        yield Exposure(url=url, others=tuple(more), settings=known, made=made, tls=tls)


def is_exposed(host: str) -> bool:
    """Whether others than this machine can reach an address that is bound."""
    return not is_loopback(host.partition("%")[0])
