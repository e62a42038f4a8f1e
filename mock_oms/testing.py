"""A real server inside a test's own process, for a moment: `with running_server(scenario="restock") as server:`.

`MockOmsContainer` is the same in a container.
"""

import asyncio
import json
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import field, fields
from pathlib import Path
from threading import Event, Thread
from traceback import extract_stack
from typing import TYPE_CHECKING, Any, cast

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

    # What a server would import when it is needed: tests pretend other times, files and sockets then, and no module may
    # take those for its own.
    import mock_oms.api.control.api
    import mock_oms.client.failure_report  # noqa: F401
    from mock_oms.server.reload import open_library, open_observed, watch_files
    from mock_oms.server.run import CannotServeError, QuickStopServer, bound, configuration, open_simulation, open_store
    from mock_oms.server.security import exposure_for
with suppress(ImportError):  # not every system has it
    import uvloop  # noqa: F401

if TYPE_CHECKING:
    from mock_oms.server.asgi.application import Application

__all__ = ["MockOmsContainer", "RunningServer", "running_server"]

#: Seconds between two looks whether uvicorn's clock for the `Date` header must be set, as in uvicorn itself.
_TICK = 0.1
#: Who replaces threads, and how each is asked whether it has.
_THREADS = (("gevent.monkey", "is_module_patched", "threading"), ("eventlet.patcher", "is_monkey_patched", "thread"))
#: Seconds that a server may take to start, and to stop; and calls that show where it hangs.
PATIENCE, _SHOWN = 10.0, 4


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

    :raises mock_oms.server.run.CannotServeError: a setting is unknown or cannot work, the port is taken, what was stored
        in the folder `state` cannot be used, the process has no threads of its own (gevent), or the start takes too long.
    :raises mock_oms.scenarios.errors.ScenarioError: the scenario cannot be used.
    :raises mock_oms.client.errors.WishError: it holds what JSON cannot write.
    """
    refuse_other_threads()
    spare_from_pyfakefs()
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
    application = cast("Application", config.app)
    server = _ServerInThread(config, application.make_control)
    ended: Future[None] = Future()

    def run() -> None:
        try:
            server.run(listeners)
        except BaseException as error:  # noqa: BLE001  for whoever waits
            ended.set_exception(error)
        else:
            ended.set_result(None)
        server.answers.set()

    # Not one of an executor: Python would wait for that at its end, however long it takes.
    thread = Thread(target=run, name="mock-oms", daemon=True)
    thread.start()
    try:
        if not server.answers.wait(PATIENCE):
            raise CannotServeError(f"The server did not start within {PATIENCE:g} s: {_standing()}.")
        if ended.done():
            ended.result()
        yield
    finally:
        server.stop()
        thread.join(PATIENCE)
        application.end()


def _standing() -> str:
    """Where the threads of servers are just now, for whoever has to find out what holds one up."""
    frames, found = sys._current_frames(), []  # noqa: SLF001  Python has no other name for it
    for thread in threading.enumerate():
        if thread.name.startswith("mock-oms") and thread.ident in frames:
            calls = [
                f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in extract_stack(frames[thread.ident])
            ]
            found.append(f"{thread.name} is in {' > '.join(calls[-_SHOWN:])}")
    return "; ".join(found) or "no thread of it has begun"


def refuse_other_threads() -> None:
    """Refuse to serve where a thread is none: gevent and eventlet replace them, and no two loops run in one of theirs.

    :raises CannotServeError: they are replaced.
    """
    # They are asked: that something has taken the place of `start_new_thread` means little, for debuggers do that too.
    if any(getattr(sys.modules.get(name), asked, lambda _: False)(module) for name, asked, module in _THREADS):
        raise CannotServeError(
            "Threads are replaced in this process, as by gevent's monkey.patch_all(), and the mock cannot serve in one of "
            "those. Start it beside the tests (mock-oms serve), and name it: --oms-url http://127.0.0.1:8080 or MOCK_OMS_URL."
        )


def spare_from_pyfakefs() -> None:
    """Have pyfakefs leave our modules alone: a server reads scenarios while a test pretends that there are no files."""
    tool = sys.modules.get("pyfakefs.fake_filesystem_unittest")
    if tool is not None:
        tool.Patcher.SKIPNAMES.update(name for name in sys.modules if name.startswith("mock_oms."))


class _ServerInThread(QuickStopServer):
    """A uvicorn server that starts and stops at once: the original looks every tenth of a second whether to stop."""

    def __init__(self, config: uvicorn.Config, before: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config, before)
        self.answers, self._stopping = Event(), asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting: asyncio.Task[None] | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve as the original, which tells the log of the tests about it."""
        self._loop = asyncio.get_running_loop()
        self._loop.set_debug(False)  # `-X dev` is meant for the tests: what is slow here would be told to their log
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        self._starting = asyncio.create_task(self.startup(sockets))
        await self._starting
        await self.main_loop()
        await self.shutdown(sockets)

    def stop(self) -> None:
        """Let it stop, from another thread."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._stopping.set)
                if self._starting is not None:
                    self._loop.call_soon_threadsafe(self._starting.cancel)

    async def main_loop(self) -> None:
        """Say that it answers, and run until `stop`."""
        ticks = 0
        while not await self.on_tick(ticks):
            self.answers.set()
            ticks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _TICK)
