"""A real server inside a test's own process, for a moment: `with running_server(scenario="restock") as server:`.

`MockOmsContainer` is the same in a container.
"""

import asyncio
import json
import socket
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import field, fields
from pathlib import Path
from threading import Event
from typing import Any

from mock_oms.client import arguments
from mock_oms.client.container import MockOmsContainer
from mock_oms.client.control import Control
from mock_oms.client.errors import server_wanted
from mock_oms.dataclass import dataclass
from mock_oms.scenarios.library import INLINE
from mock_oms.settings import Settings, fault_of_settings
from mock_oms.text import nearest_clause

with server_wanted():
    import uvicorn

    from mock_oms.server.reload import open_library, open_observed, watch_files
    from mock_oms.server.run import CannotServeError, QuickStopServer, bound, configuration, open_simulation, open_store
    from mock_oms.server.security import exposure_for

__all__ = ["MockOmsContainer", "RunningServer", "running_server"]

#: Seconds between two looks whether uvicorn's clock for the `Date` header must be set, as in uvicorn itself.
_TICK = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningServer:
    """A server that answers at `url`; `token` is the default world's, `control_token` what the control API demands.

    `ca` is the file of the authority that clients must trust, where `url` is https.
    """

    url: str
    token: str
    control: Control
    control_token: str | None = field(default=None, repr=False)
    ca: Path | None = None


@contextmanager
def running_server(
    *,
    scenario: str | Path | Mapping[str, Any] = "default",
    scenarios: Path | str | None = None,
    state: Path | str | None = None,
    **settings: Any,  # noqa: ANN401  the fields of Settings
) -> Iterator[RunningServer]:
    """Serve in a thread, on a free port of this machine unless `port` is given; more `settings` as in `Settings`.

    The default world's `scenario` is a name, a path, or what a file would say.

    :raises mock_oms.server.run.CannotServeError: a setting is unknown or cannot work, the port is taken, or what was stored
        in the folder `state` cannot be used.
    :raises mock_oms.scenarios.errors.ScenarioError: the scenario cannot be used.
    :raises mock_oms.client.errors.WishError: it holds what JSON cannot write.
    """
    known = [one.name for one in fields(Settings)]
    for name in settings:
        if name not in known:
            raise CannotServeError(f"There is no setting {name}{nearest_clause(name, known)}.")
    files = {"scenarios": scenarios, "state": state}
    files |= {name: settings.get(name) for name in ("control_token_file", "observed", "tls_ca")}
    paths = {name: Path(given) if given else None for name, given in files.items()}
    # Files are followed where a test asks for it, and not because the tests run on a terminal.
    # The path of a file without an ending would be a name.
    own = str(scenario.absolute()) if isinstance(scenario, Path) else scenario
    wanted = Settings(
        **{"port": 0, "reload": "off", **settings, **paths}, scenario=own if isinstance(own, str) else INLINE
    )
    if fault := fault_of_settings(wanted):
        raise CannotServeError(fault)
    observed = open_observed(wanted)
    library = open_library(wanted, observed)
    inline = library.inline(json.loads(arguments.body(scenario))) if isinstance(scenario, Mapping) else None
    with open_store(wanted) as store, bound(wanted) as listeners, exposure_for(wanted, *listeners) as security:
        # The process belongs to the tests: their logging stays as they have set it up.
        simulation = open_simulation(wanted, store, library, inline)
        given, tls = security.settings, security.tls
        config = configuration(given, simulation, None, tls=tls, library=library, observed=observed, log_config=None)
        token, ca = given.control_token, tls.ca if tls else None
        control = Control(security.url, token, ca=ca)
        with _in_a_thread(config, listeners), control, watch_files(wanted, library) as watch:
            watch()
            yield RunningServer(url=security.url, token=wanted.token, control=control, control_token=token, ca=ca)


@contextmanager
def _in_a_thread(config: uvicorn.Config, listeners: list[socket.socket]) -> Iterator[None]:
    server = _ServerInThread(config)
    with ThreadPoolExecutor(1, "mock-oms") as threads:
        running = threads.submit(server.run, listeners)
        running.add_done_callback(lambda _: server.answers.set())
        try:
            server.answers.wait()
            if running.done():
                running.result()
            yield
        finally:
            server.stop()


class _ServerInThread(QuickStopServer):
    """A uvicorn server that starts and stops at once: the original looks every tenth of a second whether to stop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers, self._stopping = Event(), asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """Let it stop, from another thread."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._stopping.set)

    async def main_loop(self) -> None:
        """Say that it answers, and run until `stop`."""
        self._loop = asyncio.get_running_loop()
        self.answers.set()
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _TICK)
