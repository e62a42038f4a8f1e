"""The files that make a container name only what exists; whether an image can be built is not said here."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from mock_oms import __version__
from mock_oms.settings import Settings, environment_variable
from tests.dockerfile import DOCKERFILE, ROOT, command, copied, environment, health_check, instructions

COMPOSE = ROOT / "compose.yaml"
VARIABLES = {environment_variable(one.name) for one in fields(Settings)}
#: The files and folders of the checkout that go into the build.
SOURCES = {name.rstrip("/") for names, _ in copied() for name in names}


@pytest.fixture
def services() -> dict[str, Any]:
    composed: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())
    return composed["services"]


@pytest.mark.parametrize("file", [DOCKERFILE, COMPOSE], ids=lambda file: file.name)
def test_every_setting_that_is_named_exists_in_comments_too(file: Path) -> None:
    named = set(re.findall(r"MOCK_OMS_\w+", file.read_text()))
    assert named
    assert named <= VARIABLES


@pytest.mark.parametrize("name", ["mock-oms", "mock-oms-tls"])
def test_a_mock_has_settings_and_may_not_write_or_gain_rights(services: dict[str, Any], name: str) -> None:
    assert services[name]["environment"].keys() <= VARIABLES
    assert (services[name]["read_only"], services[name]["cap_drop"]) == (True, ["ALL"])


def test_only_what_is_copied_is_sent_to_the_builder_exists_and_was_not_compiled_here() -> None:
    assert SOURCES
    assert [name for name in SOURCES if not (ROOT / name).exists()] == []
    text = (ROOT / ".dockerignore").read_text()
    first, *rules = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert first == "*"
    kept = [number for number, rule in enumerate(rules) if rule.startswith("!")]
    assert {rules[number][1:] for number in kept} == SOURCES
    assert {"**/__pycache__", "**/*.pyc"} <= set(rules[kept[-1] :])


def test_the_image_has_python_3_13_unless_another_is_named_and_says_its_version() -> None:
    assert instructions("ARG")[:2] == ["PYTHON_VERSION=3.13", "BASE=python:${PYTHON_VERSION}-slim"]
    assert {image.split(" AS ")[0] for image in instructions("FROM")} == {"${BASE}"}
    assert f"VERSION={__version__}" in instructions("ARG")
    assert 'org.opencontainers.image.version="${VERSION}"' in instructions("LABEL")[0]


def test_nothing_is_installed_without_its_hash() -> None:
    calls = [
        one for line in instructions("RUN") for one in line.split("&&") if re.search("pip .*(install|wheel) ", one)
    ]
    assert len(calls) == 4
    assert [call for call in calls if "--require-hashes" not in call and "--no-index" not in call] == []


def test_one_port_is_listened_to_exposed_and_published(services: dict[str, Any]) -> None:
    service, port = services["mock-oms"], environment()["MOCK_OMS_PORT"]
    assert instructions("EXPOSE") == [port]
    assert service["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert "MOCK_OMS_PORT" not in service["environment"]


def test_the_image_runs_as_nobody_gets_its_signals_and_asks_itself_for_its_health() -> None:
    folder = environment()["MOCK_OMS_SCENARIOS"]
    assert (instructions("WORKDIR")[-1], instructions("VOLUME")) == (folder, [folder])
    assert (instructions("USER"), instructions("STOPSIGNAL")) == (["10001:10001"], ["SIGTERM"])
    assert (command(), health_check()) == (["mock-oms", "serve"], ["mock-oms", "healthcheck"])
    assert "--start-interval=0.5s" in instructions("HEALTHCHECK")[0]


# The poller of compose.yaml, in front of a mock with the vendor's kind of name


def test_the_poller_waits_for_its_mock_at_an_alias_that_the_certificate_is_for(services: dict[str, Any]) -> None:
    assert services["poller"]["depends_on"] == {"mock-oms-tls": {"condition": "service_healthy"}}
    mock, address = services["mock-oms-tls"], urlsplit(services["poller"]["environment"]["OMS_URL"])
    assert address.scheme == "https"
    assert mock["networks"]["default"]["aliases"] == [address.hostname]
    wanted = {"TLS": "on", "TLS_NAMES": address.hostname, "PORT": str(address.port or 443)}
    assert {name: mock["environment"][f"MOCK_OMS_{name}"] for name in wanted} == wanted


def test_the_poller_trusts_the_authority_where_the_mock_writes_it(services: dict[str, Any]) -> None:
    poller, mock = services["poller"], services["mock-oms-tls"]
    folder = str(Path(mock["environment"]["MOCK_OMS_TLS_CA"]).parent)
    assert poller["environment"]["SSL_CERT_FILE"] == mock["environment"]["MOCK_OMS_TLS_CA"]
    assert (f"tls:{folder}" in mock["volumes"], f"tls:{folder}:ro" in poller["volumes"]) == (True, True)
    assert re.search(rf"mkdir -m 1777 .*{folder}\b", "".join(instructions("RUN")))


def test_the_poller_reads_every_variable_that_it_is_given(services: dict[str, Any]) -> None:
    source = (ROOT / "examples" / "poller" / "poller.py").read_text()
    assert set(re.findall(r"OMS_\w+", source)) == services["poller"]["environment"].keys() - {"SSL_CERT_FILE"}


def test_the_newcomers_compose_is_one_service_over_plain_http(services: dict[str, Any]) -> None:
    assert [name for name, one in services.items() if "profiles" not in one] == ["mock-oms"]
