"""Clients that others' generators make of our descriptions can do what they are for."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_oms.testing import RunningServer, running_server
from tests.gates import driving
from tests.gates.tools import PYTHON_TOOLS, ROOT, python_tool, run, tool

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """The default world when some plans have been tried, and some wait."""
    with running_server() as running:
        world = running.control.world()
        world.freeze()
        world.advance("10m")
        yield running


def asked(url: str, **headers: str) -> Any:
    answer = httpx.get(url, headers=headers, trust_env=False)
    return answer.raise_for_status().json()


def openapi_python_client(description: Path, package: Path) -> str:
    path = f"{PYTHON_TOOLS / 'bin'}{os.pathsep}{os.environ['PATH']}"
    options = ("--path", str(description), "--output-path", str(package), "--meta", "none", "--fail-on-warning")
    done = run(python_tool("openapi-python-client"), "generate", *options, PATH=path)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def openapi_generator(description: Path, package: Path) -> str:
    tool("java")
    parts = "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"
    options = ("-i", str(description), "-o", str(package.parent), "--package-name", package.name)
    done = run(
        python_tool("openapi-generator-cli"), "generate", "-g", "python", *options, "--global-property", parts,
        JAVA_OPTS="-XX:TieredStopAtLevel=1",
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stdout + done.stderr


GENERATORS: dict[str, Callable[[Path, Path], str]] = {
    "python_client": openapi_python_client,
    "generator": openapi_generator,
}


def driven(server: RunningServer, api: str, generator: str, description: Path) -> Any:
    """What a client sees that is generated of a description."""
    package = description.parent / f"{api}_{generator}"
    assert GENERATORS[generator](description, package) == ""
    done = run(python_tool("python"), driving.__file__, package.name, server.url, PYTHONPATH=str(package.parent))
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_generated_client_of_the_vendors_api_logs_in_pages_and_reads_details_to_their_last_figure(
    server: RunningServer, generator: str, tmp_path: Path
) -> None:
    description = tmp_path / "openapi.yaml"
    description.write_bytes((ROOT / "openapi.yaml").read_bytes())
    path = "/api/v1/oms/orderexecutionplans/?limit=100"
    listed = asked(f"{server.url}{path}", Authorization=f"Token {server.token}")["results"]
    wanted = [
        {
            "key": server.token,
            "id": plan["id"],
            "attempts": {
                number: {
                    place: {item: one["quantity"] for item, one in found.items()}
                    for place, found in attempt["stock_locations"].items()
                }
                for number, attempt in plan["context"].items()
            },
            "places": [one["stock_location"] and one["stock_location"]["erp_code"] for one in items],
            "products": [one["order_item"]["product"]["id"] for one in items],
            "commands": [one["slug"] for one in plan["commands"]],
            "modified": datetime.fromisoformat(plan["modified_date"]).isoformat(),
        }
        for plan, items in ((plan, plan["orderexecutionplanitem_set"]) for plan in listed)
    ]
    assert len(wanted) > 2
    assert any(plan["attempts"] for plan in wanted)
    assert {None} < {place for plan in wanted for place in plan["places"]}
    assert driven(server, "vendor", generator, description) == wanted


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_generated_client_of_the_control_api_opens_a_world_advances_it_and_verifies(
    server: RunningServer, generator: str, tmp_path: Path
) -> None:
    description = tmp_path / "control.json"
    description.write_text(json.dumps(asked(f"{server.url}/_mock/openapi.json")), encoding="utf-8")
    httpx.delete(f"{server.url}/_mock/worlds/{driving.WORLD}", trust_env=False)
    assert driven(server, "control", generator, description) == {
        "name": driving.WORLD,
        "now": "2024-03-05T10:00:00+00:00",
        "moved": [[41207, state] for state in ("pending", "pending", "completed")],
        "found": 0,
    }
