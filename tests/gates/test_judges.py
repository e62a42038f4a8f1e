"""What tools of others say of our descriptions, our answers and our reports."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_oms.client.world import World
from mock_oms.contract.openapi import contract_for
from mock_oms.scenarios.library import Library
from mock_oms.testing import RunningServer, running_server
from tests.gates import validating
from tests.gates.tools import BRUNO, NODE_TOOLS, ROOT, python_tool, run, tool
from tests.typed import typed

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
FAST = ("--rate", "1000", "--max-requests", "60")
SERVER = contract_for(None)["servers"][0]["url"]
LIST, LOGIN = "/api/v1/oms/orderexecutionplans/", "/api/v1/auth/login/"


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as running:
        yield running


def test_spectral_finds_no_error_in_the_descriptions(server: RunningServer, tmp_path: Path) -> None:
    control = tmp_path / "control.json"
    control.write_bytes(httpx.get(f"{server.url}/_mock/openapi.json", trust_env=False).content)
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({**contract_for(None), "info": {}}), encoding="utf-8")
    spectral = tool("spectral", NODE_TOOLS / "node_modules" / ".bin")
    options = ("--ruleset", str(HERE / "spectral.yaml"), "--fail-severity", "error", "--format", "text")
    done = [run(spectral, "lint", str(one), *options) for one in (ROOT / "openapi.yaml", control, broken)]
    assert [one.returncode for one in done] == [0, 0, 1], "\n".join(one.stdout[-2000:] for one in done[:2])


def test_bruno_sends_the_whole_collection_and_each_answer_is_as_expected(server: RunningServer, tmp_path: Path) -> None:
    copied = shutil.copytree(ROOT / "bruno", tmp_path / "bruno")
    options = ("run", "-r", "--env", "local", "--env-var", f"url={server.url}")
    bruno = tool("bru", BRUNO / "node_modules" / ".bin")
    right = run(bruno, *options, cwd=copied)
    request = copied / "worlds" / "showWorld.bru"
    request.write_text(request.read_text("utf-8").replace("eq 200", "eq 299"), "utf-8")
    wrong = run(bruno, *options, cwd=copied)
    assert (right.returncode, wrong.returncode) == (0, 1), right.stdout
    assert f"Requests      │ {len([*copied.rglob('*.bru')]) - len([*copied.rglob('folder.bru')]) - 2} (" in right.stdout


# The traffic of all scenarios, by openapi-core


#: What a scenario tells in full, as captured, need not fit.
CAPTURED = {"raw"}
#: Faults that make an answer another than the contract's.
SPOILING = {"body", "shape", "connection", "delay"}


def asked(client: httpx.Client, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    """A request and its answer, as `validating.py` reads them."""
    content = None if body is None else json.dumps(body).encode()
    answer = client.request(method, path, content=content, headers={"Content-Type": "application/json", **headers})
    url = answer.request.url
    return {
        "request": {
            "host": SERVER, "method": method.lower(), "path": url.path,
            "args": dict(url.params), "headers": dict(answer.request.headers), "body": content and content.decode(),
        },
        "response": {
            "status": answer.status_code, "headers": dict(answer.headers), "body": answer.text,
            "type": answer.headers["Content-Type"].partition(";")[0],
        },
    }  # fmt: skip


def traffic(client: httpx.Client, world: World) -> Iterator[dict[str, Any]]:
    """What clients ask of a world, rightly and wrongly, now and later. Who names no world is answered by the default one."""
    keyword = "Bearer" if Library().load(world.scenario).answers.auth == "bearer" else "Token"
    right = {"Authorization": f"{keyword} {world.token}"}
    for path, headers in (
        (f"{LIST}?page=0", right), (f"{LIST}?format=xml", right), (f"{LIST}1/", right), (LIST, {"Accept": "text/html"}),
        *([(LIST, {"Authorization": "Token nobody"})] if keyword == "Token" else []), (LIST, {**right, "Host": "no host"}),
    ):  # fmt: skip
        yield asked(client, "GET", path, **headers)
    for body in ({"username": "demo", "password": "mock-oms"}, {"username": "demo", "password": "no"}, {}):
        yield asked(client, "POST", LOGIN, body)
    yield asked(client, "POST", LOGIN, {}, Host="no host")
    yield asked(client, "POST", LOGIN, " " * 100_000)
    for span in ("0s", "45m", "3h"):
        world.advance(span)
        pages = [asked(client, "GET", f"{LIST}?limit=4&page={page}", **right) for page in (1, 2)]
        yield from pages
        plans = [row.plan for row in world.plans(limit=1000).plans]
        for plan in [*plans[:2], *plans[-2:]]:
            yield asked(client, "GET", f"{LIST}{plan}/", **right)


def validated(lines: list[str]) -> list[str]:
    done = subprocess.run(
        [python_tool("python"), validating.__file__],
        input="\n".join(lines), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.splitlines()


@cache
def described(name: str) -> str:
    return json.dumps({"name": name, "document": json.dumps(contract_for(Library().load(name).answers))})


def test_openapi_core_accepts_the_traffic_of_every_scenario_and_no_other(server: RunningServer) -> None:
    lines: list[str] = []
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        for name in sorted(Library().files().keys() - CAPTURED):
            world = server.control.open_world(scenario=name)
            world.freeze()
            for fault in world.faults():
                if SPOILING & fault.said["effect"].keys():
                    world.remove_fault(fault.id)
            found = list(map(json.dumps, traffic(client, world)))
            lines += [described(name), *found]
            world.close()
    *objections, looked = validated(lines)
    assert (objections, int(looked.split()[0]) > 900) == ([], True)
    lie = found[-1].replace('\\"state\\":\\"', '\\"state\\":\\"x')
    assert validated([described(name), lie])[:-1] != []


# Reports of JUnit


def test_junit_reports_fit_the_schema_that_build_servers_read(server: RunningServer, tmp_path: Path) -> None:
    checker = python_tool("xmlschema-validate")
    files = {name: tmp_path / f"{name}.xml" for name in ("clean", "findings", "unreachable", "drift")}
    asked_of = {
        "clean": ["contract", server.url], "findings": ["contract", server.url, "--switch", "dates=date"],
        "unreachable": ["contract", "http://127.0.0.1:1"], "drift": ["drift", "default", "bearer"],
    }  # fmt: skip
    exits = {name: typed(*words, *FAST, "--report", files[name]).exit_code for name, words in asked_of.items()}
    assert exits == {"clean": 0, "findings": 1, "unreachable": 2, "drift": 1}
    broken = tmp_path / "broken.xml"
    broken.write_text(files["clean"].read_text(encoding="utf-8").replace("testcase", "case"), encoding="utf-8")
    schema = ("--schema", str(HERE / "junit.xsd"))
    done = {file.stem: run(checker, *schema, str(file)).returncode for file in (*files.values(), broken)}
    assert {name: code > 0 for name, code in done.items()} == {**dict.fromkeys(files, False), "broken": True}
