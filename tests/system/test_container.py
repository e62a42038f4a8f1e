"""The image under Testcontainers: the real library against a small Docker engine, whose containers are real mocks."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from testcontainers.core.config import ConnectionMode, testcontainers_config

from mock_oms.client.container import ContainerError, MissingTestcontainersError
from mock_oms.client.errors import WishError
from mock_oms.testing import MockOmsContainer
from tests.system.docker_engine import Engine, docker_engine

ROOT = Path(__file__).parents[2]
PLANS = "/api/v1/oms/orderexecutionplans/"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Engine]:
    with docker_engine() as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.url)
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
        monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
        # Where the tests run inside a container themselves, Testcontainers would look for the engine's network.
        monkeypatch.setattr(testcontainers_config, "connection_mode_override", ConnectionMode.docker_host)
        yield engine


@pytest.mark.smoke
def test_it_answers_the_vendors_request_and_opens_worlds_and_is_removed_at_the_end(engine: Engine) -> None:
    with MockOmsContainer(scenario="restock") as oms:
        url = oms.url
        answer = httpx.get(url + PLANS, headers={"Authorization": f"Token {oms.token}"}, timeout=30, trust_env=False)
        with oms.control.open_world(scenario="restock") as world:
            assert world.url == url
    assert (answer.status_code, answer.json()["count"]) == (200, 1)
    assert (engine.created["Image"], list(engine.created["ExposedPorts"])) == ("mock-oms", ["8080/tcp"])
    # Its control token is one that nobody chose.
    assert any(one.startswith("MOCK_OMS_CONTROL_TOKEN=") for one in engine.created["Env"])
    assert MockOmsContainer()._control_token != MockOmsContainer()._control_token  # noqa: SLF001
    assert engine.removed == 1
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, timeout=30, trust_env=False)


def test_its_settings_reach_the_mock_and_scenarios_of_ones_own_are_mounted_for_reading(
    engine: Engine, tmp_path: Path
) -> None:
    shutil.copy(ROOT / "scenarios" / "restock.yaml", tmp_path / "mine.yaml")
    container = MockOmsContainer(
        scenario="mine", scenarios=tmp_path, seed=5, token="ours", control_token="theirs-of-16-letters"
    )
    with pytest.raises(ContainerError, match="no address yet"):
        _ = container.url
    with container as oms:
        world = oms.control.world()
        assert (oms.token, world.seed, world.scenario) == ("ours", 5, "mine")
    assert engine.created["HostConfig"]["Binds"] == [f"{tmp_path}:/scenarios:ro"]


@pytest.mark.parametrize(
    ("settings", "error", "sentence"),
    [
        ({"scenario": "resto"}, ContainerError, r"(?s)ended before it was ready.*no scenario.*resto"),
        ({"control_token": ""}, WishError, "is empty"),
    ],
)
def test_one_that_ends_at_once_or_cannot_be_controlled_does_not_stay(
    engine: Engine, settings: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        MockOmsContainer(**settings).start()
    assert engine.removed == 1


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("port", 1, "port cannot be set here, .*; accepted: scenario"),
        ("sede", 1, "no setting sede.*seed"),
        ("scenarios", Path("none"), "is no folder"),
        ("scenario", Path("busy.yaml"), r"scenario: found busy.yaml, .*: control\.open_world\(scenario=\.\.\.\)\."),
    ],
)
def test_a_setting_that_cannot_be_given_is_refused(setting: str, value: Any, sentence: str) -> None:
    with pytest.raises(ContainerError, match=sentence):
        MockOmsContainer(**{setting: value})


def test_without_testcontainers_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "testcontainers.core.container", None)
    with pytest.raises(MissingTestcontainersError, match=r"pip install '\.\[testcontainers\]'"):
        MockOmsContainer()
