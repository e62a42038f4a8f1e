"""A real server: its start from settings, its socket, and how it stops."""

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import uvicorn

from mock_oms.api.app import create_app
from mock_oms.api.state import last_checked
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.library import Library
from mock_oms.server.asgi.access_log import AccessLog
from mock_oms.server.asgi.application import Application
from mock_oms.server.asgi.connection import socket_class
from mock_oms.server.asgi.http_limits import Bounds, raise_file_limit
from mock_oms.server.asgi.http_protocol import HttpProtocol
from mock_oms.server.banner import json_banner, text_banner
from mock_oms.server.log import log_config, log_in_a_thread, redact_log
from mock_oms.server.reload import open_library, open_observed, watch_files
from mock_oms.server.security import exposure_for, refusal_of_real_tokens
from mock_oms.server.tls import Tls, TlsError
from mock_oms.settings import Settings, fault_of_token
from mock_oms.text import counted, wants_colour
from mock_oms.tokens import ControlTokenError
from mock_oms.traffic.faults.fault import KINDS
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.store import Store, StoredWorldError

if TYPE_CHECKING:
    from mock_oms.contract.observation import Observation


#: Seconds that a stop waits for answers under way.
PATIENCE = 2
#: Seconds between two looks whether the last answers have left.
_GLANCE = 0.002
_LOG = logging.getLogger(__name__)


class QuickStopServer(uvicorn.Server):
    """A uvicorn server that stops at once: the original waits in steps of a tenth of a second, and then complains.

    It waits for `before` it answers anybody, and calls `begin` when it does.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        before: Callable[[], Awaitable[None]] | None = None,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(config)
        self._before, self._begin = before, begin

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then say so."""
        if self._before is not None:
            await self._before()
        await super().startup(sockets)
        if self.started:
            self._begin()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002  uvicorn's signature
        """Close what is idle, wait a moment for the answers under way, and break off the rest."""
        for server in self.servers:
            server.close()
        state = self.server_state
        for connection in list(state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while state.connections or state.tasks:  # noqa: ASYNC110  uvicorn tells nobody
                    await asyncio.sleep(_GLANCE)
        if state.tasks:
            _LOG.warning("%s still under way when the server stopped.", counted(len(state.tasks), "answer"))
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # until they know it


#: Seconds for which a thread that makes an answer keeps Python to itself while the loop that sends others waits: a
#: fiftieth of the usual, so that many requests for the control API hold nobody else up.
_SWITCH_SECONDS = 0.0001
#: How often waste is looked for, which the command line does more rarely for the start: as Python does by itself, but in
#: everything there is ten times more rarely. Nobody is answered meanwhile: 0.1 s where worlds have taken a million steps.
_WASTE = (700, 10, 100)


class CannotServeError(Exception):
    """The server cannot start with these settings; the message says what to change."""


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM.

    :raises CannotServeError: the port is taken, the settings contradict each other, or what was stored cannot be used.
    :raises mock_oms.scenarios.errors.ScenarioError: the scenario cannot be used.
    """
    raise_file_limit()
    with log_in_a_thread(settings.log) as drain, bound(settings) as listeners, open_store(settings) as store:
        observed = open_observed(settings)
        library = open_library(settings, observed)
        with exposure_for(settings, *listeners) as exposure, watch_files(settings, library) as watch:
            manager = open_simulation(settings, store, library)
            log = AccessLog(settings.log, sys.stderr, colour=wants_colour(sys.stderr, os.environ))
            config = configuration(
                exposure.settings,
                manager,
                log,
                tls=exposure.tls,
                library=library,
                observed=observed,
                log_config=log_config(settings.log),
            )
            application = cast("Application", config.app)
            redact_log(application.redactor.without_known)
            # uvicorn alone stops at these signals: it raises them again afterwards, which would spoil the exit code.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: None)

            def begin() -> None:
                # Threads give way soon. What is there now stays, and waste is looked for in small steps from here on.
                sys.setswitchinterval(_SWITCH_SECONDS)
                gc.freeze()
                gc.set_threshold(*_WASTE)
                banner = json_banner if settings.log == "json" else text_banner
                sys.stderr.writelines(banner(settings, manager, exposure, last_checked(observed, manager.time())))
                watch()

            QuickStopServer(config, application.warm, begin).run(listeners)
            log.flush()
        if application.is_busy:
            # Nobody waits for the answer any more, such as that to an advance of a clock by a year.
            drain()
            os._exit(0)


def configuration(
    settings: Settings,
    simulation: WorldManager,
    log: AccessLog | None,
    *,
    tls: Tls | None = None,
    library: Library | None = None,
    observed: "Observation | None" = None,
    **more: Any,  # noqa: ANN401  uvicorn's
) -> uvicorn.Config:
    """How uvicorn serves the simulation, wherever it runs; `log` gets a line for each request, `tls` makes it https."""
    app = create_app(
        simulation,
        library=library or open_library(settings),
        control_token=settings.control_token,
        world_header=settings.world_header == "on",
        performs=KINDS,
        observed=observed,
    )
    protocol: Any = HttpProtocol
    if tls is not None:
        from mock_oms.server.asgi.https_protocol import HttpsProtocol  # noqa: PLC0415  no other start needs it

        protocol = partial(HttpsProtocol, tls.context)
    return _Config(
        Application(app, log=log, hints=settings.hints == "on", cors=settings.cors),
        http=protocol,
        access_log=False,
        ws="none",
        lifespan="off",
        interface="asgi3",
        server_header=False,
        timeout_keep_alive=Bounds().idle_seconds,
        # Django would not look at X-Forwarded-*, and the guard must not believe them.
        proxy_headers=False,
        **more,
    )


class _Config(uvicorn.Config):
    """uvicorn's configuration, which leaves loggers alone where nothing is said of them: they are of whoever is host."""

    def configure_logging(self) -> None:
        """Set up what is said."""
        if self.log_config is not None:
            super().configure_logging()


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """Where the worlds of these settings are written down; nobody else may use the folder until the end.

    :raises CannotServeError: the folder, or what was stored in it, cannot be used; also while the simulation is opened, or
        the control token is none, or https cannot be served, inside it.
    """
    try:
        opened: AbstractContextManager[Store] = nullcontext(Store())
        if settings.state is not None:
            from mock_oms.worlds.state_folder import state_folder  # noqa: PLC0415  no other start needs it

            opened = state_folder(settings.state)
        with opened as store:
            yield store
    except (StoredWorldError, ControlTokenError, TlsError) as error:
        raise CannotServeError(str(error)) from error


def open_simulation(
    settings: Settings, store: Store, library: Library, scenario: Scenario | None = None
) -> WorldManager:
    """The simulation that these settings ask for, with the worlds that the store holds; or of another `scenario`.

    :raises CannotServeError: the settings contradict each other.
    :raises mock_oms.scenarios.errors.ScenarioError: the scenario cannot be used.
    """
    refuse_diverging_worlds(settings)
    scenario = scenario or library.load(settings.scenario)
    refusal = fault_of_token(settings.token) or refusal_of_real_tokens(settings, scenario)
    if refusal:
        raise CannotServeError(refusal)
    return WorldManager(
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


#: What `localhost` stands for: clients try the one or the other first.
LOOPBACKS = ("127.0.0.1", "::1")
_TRIES = 10


@contextmanager
def bound(settings: Settings, loopbacks: Sequence[str] = LOOPBACKS) -> Iterator[list[socket.socket]]:
    """Sockets on the address of the settings; for `localhost` one on each loopback.

    They have the same port. A loopback that this machine does not have is left out.

    :raises CannotServeError: the port is taken on one of them, or none can be listened on.
    """
    hosts = loopbacks if settings.host.lower() == "localhost" else [settings.host]
    for left in reversed(range(_TRIES)):
        with ExitStack() as stack:
            try:
                listeners = _bound_together(settings, hosts, stack)
            except CannotServeError as error:
                # What is free on one loopback may be taken on the other.
                if left and not settings.port and _number_of(error) == errno.EADDRINUSE:
                    continue
                raise
            yield listeners
            return


def _bound_together(settings: Settings, hosts: Sequence[str], stack: ExitStack) -> list[socket.socket]:
    found: list[socket.socket] = []
    for host in hosts:
        port = found[0].getsockname()[1] if found else settings.port
        try:
            found.append(stack.enter_context(bind(replace(settings, host=host, port=port))))
        except (CannotServeError, OSError) as error:  # of an OSError: the system knows no such addresses at all
            is_last = host == hosts[-1] and not found
            if is_last or _number_of(error) not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                raise
    return found


def _number_of(error: Exception) -> int | None:
    cause = error.__cause__ or error
    return cause.errno if isinstance(cause, OSError) else None


def bind(settings: Settings) -> socket.socket:
    """A socket that listens on the address of the settings, before anything else is done that takes time.

    Two sockets may be bound to one address, but only one of them listens: uvloop would not say that it is the other.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket_class()(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen()
    except (OSError, OverflowError, TypeError) as error:  # the last of a name that is no host's
        listener.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise CannotServeError(
                f"Port {settings.port} on {settings.host} is taken; name another with --port, or take any with --port 0."
            ) from error
        raise CannotServeError(f"Cannot listen on {settings.host} port {settings.port}: {error}.") from error
    return listener
