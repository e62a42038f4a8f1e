"""The recipes name what the image has, the page links them, and what they run is run here against a real mock."""

import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from mock_oms import __version__
from mock_oms.client.control import Control
from mock_oms.settings import Settings, environment_variable
from mock_oms.testing import running_server
from tests.dockerfile import ROOT, environment, instructions
from tests.system.docker_engine import docker_engine
from tests.system.running import plain_environment, serving

PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
EXAMPLES = ROOT / "examples"
#: Without the plugins of our own tests; of the example's tests, a few.
PLAIN = "-p no:cacheprovider -p no:randomly -p no:schemathesis -p no:hypothesispytest -k restock"
COMPOSE_PAGE = (ROOT / "docs" / "quickstart-compose.md").read_text(encoding="utf-8")
RECIPES = {
    str(file.relative_to(ROOT)): file.read_text(encoding="utf-8")
    for folder in ("ci", "compose", "devcontainer", "kubernetes", "testcontainers")
    for file in (EXAMPLES / folder).glob("*.*")
}
INSTALL = f"pip install mock-oms=={__version__} pytest"
PORT = int(environment()["MOCK_OMS_PORT"])
VARIABLES = {environment_variable(one.name) for one in fields(Settings)}


def parsed(path: str) -> list[dict[str, Any]]:
    """The documents of a YAML file."""
    return list(yaml.safe_load_all((EXAMPLES / path).read_text(encoding="utf-8")))


def test_the_pages_lead_to_every_recipe() -> None:
    linked = re.findall(r"\(\.\./(examples/[^)]+)\)|<!-- file: (examples/\S+) -->", PAGE + COMPOSE_PAGE)
    assert set(RECIPES) <= {file or shown for file, shown in linked}


def test_every_recipe_names_the_same_image_of_this_version() -> None:
    version = dict(one.split("=") for one in instructions("ARG"))["VERSION"]
    assert set(re.findall(r"[\w.-]+/mock-oms:\S+", "".join(RECIPES.values()))) == {
        f"registry.example/mock-oms:{version}"
    }


def test_every_recipe_installs_this_version_by_its_name_and_the_page_says_how_to_build_it() -> None:
    installed = re.findall(
        r"pip install mock-oms[^\n\"]*",
        "".join(text for name, text in RECIPES.items() if "/ci/" in name or "dev" in name),
    )
    assert set(installed) == {INSTALL}
    assert set(re.findall(r"mock_oms-[\w.-]+\.whl", PAGE)) == {f"mock_oms-{__version__}-py3-none-any.whl"}


# Services of a job


#: What a recipe gives to the mock and to the job beside it, and what the job runs.
Job = tuple[dict[str, str], dict[str, str], list[str]]


def github() -> Job:
    (file,) = parsed("ci/github-actions.yaml")
    job = file["jobs"]["test"]
    assert job["services"]["mock-oms"]["ports"] == [f"8080:{PORT}"]
    return job["services"]["mock-oms"]["env"], job["env"], [one["run"] for one in job["steps"] if "run" in one]


def gitlab() -> Job:
    (file,) = parsed("ci/gitlab-ci.yaml")
    job = file["test"]
    assert job["variables"]["MOCK_OMS_URL"] == f"http://{job['services'][0]['alias']}:{PORT}"
    return job["variables"], job["variables"], job["script"]


def composed(folder: str) -> Job:
    (file,) = parsed(f"{folder}/compose.yaml")
    app, mock = file["services"]["my-app"], file["services"]["mock-oms"]
    assert app["environment"]["MOCK_OMS_URL"] == f"http://mock-oms:{PORT}"
    if folder == "devcontainer":
        assert app["depends_on"]["mock-oms"]["condition"] == "service_healthy"
    else:
        assert app["environment"]["OMS_URL"] == app["environment"]["MOCK_OMS_URL"]
        assert mock["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    return mock["environment"], app["environment"], ["mock-oms clock advance 1h"]


JOBS = {"github": github(), "gitlab": gitlab(), **{one: composed(one) for one in ("devcontainer", "compose")}}


def test_the_mock_beside_your_own_services_is_built_and_mounts_no_folder_that_is_not_there() -> None:
    (file,) = parsed("compose/compose.yaml")
    mock = file["services"]["mock-oms"]
    assert "build" in mock
    assert not {"image", "volumes"} & mock.keys()


@pytest.mark.parametrize("name", [pytest.param(one, marks=pytest.mark.slow if one == "gitlab" else ()) for one in JOBS])
def test_what_a_job_runs_finds_the_mock_beside_it(name: str) -> None:
    service, given, commands = JOBS[name]
    with serving(more=service) as running:
        if name == "compose":
            with Control(running.address, given["MOCK_OMS_CONTROL_TOKEN"]) as control:
                assert control.world().clock.rate > 0
                assert control.world().token == given["OMS_TOKEN"]
        more = {**given, "MOCK_OMS_URL": running.address, "no_proxy": "*", "PYTEST_ADDOPTS": PLAIN}
        environment = plain_environment({**more, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"})
        for command in (one for one in commands if one != INSTALL):
            words, folder = ["/bin/sh", "-c", command], EXAMPLES / "poller"
            done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    # The tests took their worlds from the mock of the job.
    assert any(f'"{call}' in line for call in ("POST /_mock/worlds", "PATCH /_mock/") for line in running.log)


def test_the_dev_container_forwards_the_port_of_its_mock() -> None:
    said = json.loads((EXAMPLES / "devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    (file,) = parsed(f"devcontainer/{said['dockerComposeFile']}")
    assert said["service"] in file["services"]
    assert said["forwardPorts"] == [f"mock-oms:{PORT}"]
    assert said["postCreateCommand"] == INSTALL
    assert said["workspaceFolder"] in file["services"][said["service"]]["volumes"][0]


# Testcontainers


@pytest.mark.slow
def test_the_test_with_a_container_passes() -> None:
    file = EXAMPLES / "testcontainers" / "test_with_a_container.py"
    with docker_engine() as engine:
        more = {"DOCKER_HOST": engine.url, "TESTCONTAINERS_RYUK_DISABLED": "true", "no_proxy": "*"}
        more |= {"TESTCONTAINERS_CONNECTION_MODE": "docker_host", "PYTEST_ADDOPTS": PLAIN}
        command = [sys.executable, "-m", "pytest", "-c", os.devnull, str(file)]
        done = subprocess.run(command, env=plain_environment(more), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (engine.created["Image"], engine.removed) == ("mock-oms", 1)


# Kubernetes


MANIFESTS: dict[str, dict[str, Any]] = {one["kind"]: one for one in parsed("kubernetes/mock-oms.yaml")}
POD: dict[str, Any] = MANIFESTS["Deployment"]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]


def test_the_service_leads_to_the_port_of_the_pod() -> None:
    (way,), (port,) = MANIFESTS["Service"]["spec"]["ports"], CONTAINER["ports"]
    assert way == {"name": "http", "port": PORT, "targetPort": port["name"]}
    assert port["containerPort"] == PORT
    labels = MANIFESTS["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert MANIFESTS["Service"]["spec"]["selector"] == labels
    assert MANIFESTS["Deployment"]["spec"]["selector"]["matchLabels"] == labels


def test_the_pod_is_the_images_user_and_may_do_nothing_else() -> None:
    user, group = map(int, instructions("USER")[0].split(":"))
    wanted = {"runAsUser": user, "runAsGroup": group, "runAsNonRoot": True}
    assert {name: POD["securityContext"][name] for name in wanted} == wanted
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_environment_of_the_pod_is_settings_and_no_links_of_kubernetes() -> None:
    given = {one["name"]: one["value"] for one in CONTAINER["env"]}
    assert given.keys() <= VARIABLES
    assert given["MOCK_OMS_PORT"] == str(PORT)
    assert POD["enableServiceLinks"] is False


def test_the_pod_reads_its_control_token_where_the_secret_is_mounted() -> None:
    file = Path(next(one["value"] for one in CONTAINER["env"] if one["name"] == "MOCK_OMS_CONTROL_TOKEN_FILE"))
    (mount,), (volume,) = CONTAINER["volumeMounts"], POD["volumes"]
    assert (mount["name"], mount["mountPath"]) == (volume["name"], str(file.parent))
    assert volume["secret"]["secretName"] == MANIFESTS["Secret"]["metadata"]["name"]
    assert file.name in MANIFESTS["Secret"]["stringData"]


def test_a_probe_asks_what_the_mock_answers() -> None:
    with running_server(scenario="restock") as server:
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            request = CONTAINER[probe]["httpGet"]
            assert request["port"] == CONTAINER["ports"][0]["name"]
            assert httpx.get(server.url + request["path"], timeout=30, trust_env=False).status_code == 200
