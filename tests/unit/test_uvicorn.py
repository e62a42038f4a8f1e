"""What the server takes from inside uvicorn, by its names: whoever raises its upper bound sees here what has gone.

Beyond the names, `tests/system/test_wire_*.py` and `tests/system/test_front.py` show that it still works as we need it.
"""

import asyncio
import re
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import uvicorn
from uvicorn.protocols.http import flow_control, httptools_impl
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import Server, ServerState

#: By the file of ours that needs them.
PROTOCOL = {
    "http_protocol.py": "access_log client config connections cycle data_received eof_received flow headers on_headers_complete "
    "on_message_begin on_response_complete parser pipeline scheme scope server_state shutdown timeout_keep_alive "
    "timeout_keep_alive_task transport url _should_upgrade _unset_keepalive_if_required",
    "https_protocol.py": "connection_lost connection_made flow pipeline scheme transport",
}
CYCLE = (
    "access_log body default_headers disconnected flow keep_alive message_event more_body on_response response_complete "
    "response_started scope transport waiting_for_100_continue"
)
FLOW = "pause_reading pause_writing read_paused resume_reading resume_writing write_paused _transport"
SERVER = "config main_loop on_tick run server_state should_exit shutdown started startup"
STATE = "connections default_headers tasks"


async def parts() -> dict[str, tuple[object, str]]:
    """Each thing of uvicorn's that is subclassed or reached into, with the names that we use of it."""
    config = uvicorn.Config(lambda: None, access_log=False, ws="none", lifespan="off", interface="asgi3")
    config.load()
    protocol = HttpToolsProtocol(config, ServerState(), {}, asyncio.get_running_loop())
    transport: Any = SimpleNamespace(get_extra_info=lambda *_: None, is_closing=lambda: False, pause_reading=None)
    transport.write = transport.close = lambda *_: None
    protocol.connection_made(cast("asyncio.Transport", transport))
    cycle = None
    seen = RequestResponseCycle.run_asgi

    async def kept(one: RequestResponseCycle, _: object) -> None:
        nonlocal cycle
        cycle = one

    RequestResponseCycle.run_asgi = kept  # type: ignore[assignment]
    try:
        protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.gather(*protocol.tasks)
    finally:
        RequestResponseCycle.run_asgi = seen  # type: ignore[method-assign]
    return {
        **{f"HttpToolsProtocol, for {file}": (protocol, names) for file, names in PROTOCOL.items()},
        "RequestResponseCycle, for connection.py": (cycle, CYCLE),
        "FlowControl, for http_limits.py": (protocol.flow, FLOW),
        "Server, for run.py and testing.py": (Server(config), SERVER),
        "ServerState, for run.py": (protocol.server_state, STATE),
    }


@pytest.mark.filterwarnings("default::DeprecationWarning")
def test_uvicorn_has_every_name_that_the_server_takes_from_inside_it() -> None:
    missing = {
        what: gone
        for what, (one, names) in asyncio.run(parts()).items()
        if (gone := [name for name in names.split() if not hasattr(one, name)])
    }
    assert missing == {}
    assert issubclass(FlowControl, flow_control.FlowControl)
    assert httptools_impl.STATUS_LINE[200]


def test_a_release_of_uvicorn_that_nobody_has_tested_is_not_installed_unseen() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (wanted,) = (one for one in project["dependencies"] if one.startswith("uvicorn"))
    found = re.fullmatch(r"uvicorn>=[\d.]+,<0\.(\d+)", wanted)
    assert found
    assert int(uvicorn.__version__.split(".")[1]) < int(found[1])
