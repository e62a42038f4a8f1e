"""A real server: settings in, a listening socket and a banner out."""

import errno
import gc
import os
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import uvicorn
from flask import Flask

from mock_oms.banner import announce
from mock_oms.control_token import ControlTokenError
from mock_oms.door import Door, open_door
from mock_oms.exposure import against_real_tokens
from mock_oms.faults.fault import KINDS
from mock_oms.front.access import AccessLog
from mock_oms.front.asgi import Front
from mock_oms.front.prompt_server import PromptServer
from mock_oms.front.protocol import OpenProtocol
from mock_oms.front.threshold import Bounds, raise_file_limit
from mock_oms.log import log_config, redact_log, set_up_log, wants_colour
from mock_oms.scenario.library import Library
from mock_oms.settings import Settings, fault_of_token
from mock_oms.simulation import Simulation
from mock_oms.state.folder import state_folder
from mock_oms.store import KeptError, Memory, Store
from mock_oms.tls import TlsError
from mock_oms.watching import open_library, open_observed, watching
from mock_oms.web.app import create_app

if TYPE_CHECKING:
    from mock_oms.observed.document import Observed

#: Seconds for which a thread that makes an answer keeps Python to itself while the loop that sends others waits: a
#: fiftieth of the usual, so that a crowd at the control API holds nobody else up.
_TURN = 0.0001


class CannotServeError(Exception):
    """The server cannot start with these settings; the message says what to change."""


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM.

    :raises CannotServeError: the port is taken, the settings contradict each other, or what was kept cannot be used.
    :raises mock_oms.scenario.problems.ScenarioError: the scenario cannot be used.
    """
    listener = bind(settings)
    raise_file_limit()
    set_up_log(settings.log)  # uvicorn does it too, but what is kept is read before
    with listener, open_store(settings) as store:
        observed = open_observed(settings)
        library = open_library(settings, observed)
        with opened(settings, listener) as door, watching(settings, library) as watch:
            simulation = open_simulation(settings, store, library)
            log = AccessLog(settings.log, sys.stderr, colour=wants_colour(sys.stderr, os.environ))
            form = log_config(settings.log)
            known: dict[str, Any] = {"library": library, "observed": observed}
            config = configuration(door.settings, simulation, log, tls=door.context, log_config=form, **known)
            if isinstance(config.app, Front):
                redact_log(config.app.redactor.without_known)
            _outlive_signals()

            def begin() -> None:
                _hold_nobody_up()
                announce(settings, simulation, door, sys.stderr, observed)
                watch()

            _AnnouncingServer(config, begin).run([listener])
            log.flush()
        _leave_behind(config)


def _hold_nobody_up() -> None:
    """Let threads give way soon, and nobody look again and again for waste in what is there now, for it stays."""
    sys.setswitchinterval(_TURN)
    gc.freeze()


def _leave_behind(config: uvicorn.Config) -> None:
    """Do not wait for what is still under way, such as the turn of a clock by a year: nobody is told of it any more."""
    if isinstance(config.app, Front) and config.app.is_busy:
        sys.stderr.flush()
        os._exit(0)


def configuration(
    settings: Settings,
    simulation: Simulation,
    log: AccessLog | None,
    *,
    tls: ssl.SSLContext | None = None,
    library: Library | None = None,
    observed: "Observed | None" = None,
    **more: Any,  # noqa: ANN401  uvicorn's
) -> uvicorn.Config:
    """How uvicorn serves the simulation, wherever it runs; `log` gets a line for each request, `tls` makes it https."""
    return uvicorn.Config(
        Front(
            _app(settings, simulation, library or open_library(settings), observed),
            log=log,
            hints=settings.hints == "on",
        ),
        http=OpenProtocol,
        access_log=False,
        ws="none",
        lifespan="off",
        interface="asgi3",
        server_header=False,
        timeout_keep_alive=Bounds().idle_seconds,
        # Django would not look at X-Forwarded-*, and the guard must not believe them.
        proxy_headers=False,
        ssl_context_factory=None if tls is None else lambda *_: tls,
        **more,
    )


def _app(settings: Settings, simulation: Simulation, library: Library, observed: "Observed | None") -> Flask:
    return create_app(
        simulation,
        library=library,
        control_token=settings.control_token,
        world_header=settings.world_header == "on",
        performs=KINDS,
        observed=observed,
    )


@contextmanager
def opened(settings: Settings, listener: socket.socket) -> Iterator[Door]:
    """The door of a socket, as `mock_oms.door.open_door`.

    :raises CannotServeError: the control token is none, or https cannot be served so.
    """
    try:
        with open_door(settings, listener) as door:
            yield door
    except (ControlTokenError, TlsError) as error:
        raise CannotServeError(str(error)) from error


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """Where the worlds of these settings are written down; nobody else may use the folder until the end.

    :raises CannotServeError: the folder, or what was kept in it, cannot be used; also while the simulation is opened.
    """
    try:
        with nullcontext(Memory()) if settings.state is None else state_folder(settings.state) as store:
            yield store
    except KeptError as error:
        raise CannotServeError(str(error)) from error


def open_simulation(settings: Settings, store: Store, library: Library) -> Simulation:
    """The simulation that these settings ask for, with the worlds that the store has kept.

    :raises CannotServeError: the settings contradict each other.
    :raises mock_oms.scenario.problems.ScenarioError: the scenario cannot be used.
    """
    refuse_diverging_worlds(settings)
    scenario = library.load(settings.scenario)
    refusal = fault_of_token(settings.token) or against_real_tokens(settings, scenario)
    if refusal:
        raise CannotServeError(refusal)
    return Simulation(
        scenario,
        seed=settings.seed,
        token=settings.token,
        password=settings.password,
        store=store,
        latest=library.latest,
    )


def refuse_diverging_worlds(settings: Settings) -> None:
    """Refuse what would let several processes each hold a world of their own.

    :raises CannotServeError: these settings would.
    """
    if settings.store != "memory":
        raise CannotServeError(f"The store {settings.store!r} is not known; accepted: memory.")
    if settings.workers > 1:
        raise CannotServeError(
            f"{settings.workers} workers would each hold a world of their own, because the store is memory, "
            "and the worlds would diverge in silence; use one worker."
        )


def bind(settings: Settings) -> socket.socket:
    """A socket on the address of the settings, before anything else is done that takes time."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise CannotServeError(_reason(settings, error)) from error
    return listener


def _reason(settings: Settings, error: OSError | OverflowError) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"Port {settings.port} on {settings.host} is taken; name another with --port, or take any with --port 0."
    return f"Cannot listen on {settings.host} port {settings.port}: {error}."


def _outlive_signals() -> None:
    """Let uvicorn alone stop at these signals: it raises them again afterwards, which would spoil the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)


class _AnnouncingServer(PromptServer):
    """A server that says so when it answers, and answers nobody more slowly than everybody after him."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then announce it."""
        if isinstance(self.config.app, Front):
            await self.config.app.warm()
        await super().startup(sockets)
        if self.started:
            self._announce()
