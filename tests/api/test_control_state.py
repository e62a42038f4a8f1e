"""What the control API answers where a change cannot be written down."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_oms.scenarios.library import Library
from mock_oms.traffic.faults.fault import KINDS
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.state_folder import state_folder
from tests.api.control import PLAN, Server, server

#: Every route that changes a world, with a body that it takes.
CHANGES: list[tuple[str, str, Any]] = [
    ("POST", "/worlds", {"name": "another"}),
    ("POST", "/worlds/default/reset", None),
    ("PUT", "/worlds/default/snapshot", "its own"),
    ("PATCH", "/worlds/default/clock", {"rate": 60}),
    ("POST", "/worlds/default/clock/advance", {"by": "45m"}),
    ("POST", "/worlds/default/events", {"block": "WH001"}),
    ("POST", f"/worlds/default/plans/{PLAN}/commands", {"run": "plan-cancel"}),
    ("DELETE", "/worlds/mine", None),
    ("POST", "/worlds/default/faults", {"on": "list", "effect": {"status": 503}}),
    ("DELETE", "/worlds/default/faults", None),
    ("DELETE", "/worlds/default/faults/1", None),
    ("PUT", "/worlds/default/limits", {"quota": {"limit": 1, "window": "1m"}}),
]


@pytest.fixture
def mock(tmp_path: Path) -> Iterator[Server]:
    """A mock whose folder takes no change: nothing is a folder or a file that should be."""
    with state_folder(tmp_path) as store:
        mock = server(simulation=WorldManager(Library().load("restock"), store=store), performs=KINDS)
        mock.opened()
        mock.done("POST", "/worlds/default/faults", {"on": "detail", "effect": {"status": 500}})
        (tmp_path / "worlds").rename(tmp_path / "away")
        (tmp_path / "worlds").touch()
        yield mock


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_a_change_that_cannot_be_written_is_unavailable_and_has_not_happened(
    mock: Server, method: str, path: str, body: Any
) -> None:
    before = mock.done("GET", "/worlds")
    snapshot = mock.done("GET", "/worlds/default/snapshot")
    surroundings = [mock.done("GET", f"/worlds/default/{what}") for what in ("faults", "limits")]
    status, problem = mock.refused(method, path, snapshot if body == "its own" else body)
    assert (status, problem["title"]) == (503, "Service Unavailable")
    assert " could not be written: another folder is in the place of " in problem["detail"]
    assert problem["detail"].endswith("; nothing has changed.")
    assert mock.done("GET", "/worlds") == before
    assert mock.done("GET", "/worlds/default/snapshot") == snapshot
    assert [mock.done("GET", f"/worlds/default/{what}") for what in ("faults", "limits")] == surroundings


def test_every_route_that_changes_a_world_says_that_it_may_be_unavailable(mock: Server) -> None:
    paths = mock.done("GET", "/openapi.json")["paths"]
    found = {
        (method.upper(), path.removeprefix("/_mock"))
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method != "parameters" and "503" in operation["responses"]
    }
    names = {"default": "{world}", "mine": "{world}", str(PLAN): "{plan}", "1": "{fault}"}
    changes = {(method, "/".join(names.get(part, part) for part in path.split("/"))) for method, path, _ in CHANGES}
    assert found == changes | {("GET", "/health/ready")}  # which changes nothing, and says what cannot be used
