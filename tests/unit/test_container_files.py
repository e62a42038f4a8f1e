"""The files that make a container name only what exists; whether an image can be built is not said here."""

import re
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_oms.settings import Settings, environment_variable

ROOT = Path(__file__).parents[2]
DOCKERFILE, COMPOSE, IGNORED = (ROOT / name for name in ("Dockerfile", "compose.yaml", ".dockerignore"))
VARIABLES = {environment_variable(one.name) for one in fields(Settings)}


def instructions(name: str) -> list[str]:
    """What follows each instruction of this name, continuation lines joined."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [line.removeprefix(f"{name} ") for line in joined.splitlines() if line.startswith(f"{name} ")]


def copied() -> set[str]:
    """The files and folders of the checkout that go into the build."""
    words = [line.split() for line in instructions("COPY") if not line.startswith("--from=")]
    return {source.rstrip("/") for *sources, _target in words for source in sources}


def environment() -> dict[str, str]:
    """The environment variables that the image sets."""
    return dict(pair.split("=", 1) for pair in chain.from_iterable(line.split() for line in instructions("ENV")))


@pytest.fixture
def service() -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    service: dict[str, Any] = composed["services"]["mock-oms"]
    return service


@pytest.mark.parametrize("file", [DOCKERFILE, COMPOSE], ids=lambda file: file.name)
def test_every_setting_that_is_named_exists_in_comments_too(file: Path) -> None:
    named = set(re.findall(r"MOCK_OMS_\w+", file.read_text()))
    assert named
    assert named <= VARIABLES


def test_every_environment_variable_of_the_service_is_a_setting(service: dict[str, Any]) -> None:
    assert service["environment"].keys() <= VARIABLES


def test_everything_that_is_copied_exists() -> None:
    assert copied()
    assert [name for name in copied() if not (ROOT / name).exists()] == []


def test_only_what_is_copied_is_sent_to_the_builder() -> None:
    rules = [line for line in IGNORED.read_text().splitlines() if line and not line.startswith("#")]
    first, *others = rules
    assert first == "*"
    assert {rule.removeprefix("!") for rule in others if rule.startswith("!")} == copied()


def test_nothing_that_was_compiled_here_is_sent_to_the_builder() -> None:
    rules = IGNORED.read_text().splitlines()
    last_exception = max(number for number, rule in enumerate(rules) if rule.startswith("!"))
    assert {"**/__pycache__", "**/*.pyc"} <= set(rules[last_exception:])


def test_python_3_13_is_taken_unless_another_is_asked_for() -> None:
    assert instructions("ARG") == ["PYTHON_VERSION=3.13"]
    assert {image.split(" AS ")[0] for image in instructions("FROM")} == {"python:${PYTHON_VERSION}-slim"}


def test_one_port_is_listened_to_exposed_and_published(service: dict[str, Any]) -> None:
    port = environment()["MOCK_OMS_PORT"]
    assert instructions("EXPOSE") == [port]
    assert service["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert "MOCK_OMS_PORT" not in service["environment"]


def test_the_folder_for_scenarios_is_created_by_the_image() -> None:
    assert instructions("WORKDIR")[-1] == environment()["MOCK_OMS_SCENARIOS"]


def test_the_program_does_not_run_as_root_and_gets_its_signals_itself() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert instructions("ENTRYPOINT") == ['["mock-oms"]']
    assert instructions("CMD") == ['["serve"]']
