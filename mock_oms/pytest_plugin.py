"""The pytest plugin: `oms`, a world of its own for each test. Everybody's pytest loads this, so it imports nothing."""

import os
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_oms.client.control import Control
    from mock_oms.client.world import World

_MARKER = "oms(scenario=, seed=, clock=, snapshot=): what the world of the fixture `oms` is opened with"
_WISHES = {"scenario", "seed", "clock", "snapshot"}
_WORLD = pytest.StashKey["World"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options: where the server is, or what the one that is started plays."""
    group = parser.getgroup("mock-oms", "a mock of Akinon's OMS")
    group.addoption("--oms-url", help="The mock to use, instead of one that is started (or MOCK_OMS_URL).")
    group.addoption("--oms-control-token", help="Its control token (or MOCK_OMS_CONTROL_TOKEN).")
    group.addoption("--oms-scenarios", help="A folder of scenarios for the mock that is started.")
    parser.addini("oms_url", "The mock to use, instead of one that is started.", default="")
    parser.addini("oms_scenarios", "A folder of scenarios for the mock that is started.", default="")
    parser.addini("oms_scenario", "The scenario of tests whose marker names none.", default="default")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say where the worlds are, if not in a server of our own."""
    url = _url(config)
    return f"mock-oms: worlds on {url}, with its own scenarios and settings" if url else None


def _url(config: pytest.Config) -> str:
    return config.getoption("oms_url") or os.environ.get("MOCK_OMS_URL", "") or str(config.getini("oms_url"))


@pytest.fixture(scope="session")
def oms_scenarios(pytestconfig: pytest.Config) -> Path | None:
    """Override this: the folder of scenarios for the server that is started; None: those that are shipped."""
    given = pytestconfig.getoption("oms_scenarios")
    if given:
        return pytestconfig.invocation_params.dir / str(given)
    written = str(pytestconfig.getini("oms_scenarios"))
    return pytestconfig.rootpath / written if written else None


@pytest.fixture(scope="session")
def oms_settings() -> Mapping[str, Any]:
    """Override this: settings for the server that is started, by the names of `mock_oms.settings.Settings`."""
    return {}


@pytest.fixture(scope="session")
def oms_control(
    pytestconfig: pytest.Config, oms_scenarios: Path | None, oms_settings: Mapping[str, Any]
) -> "Iterator[Control]":
    """The control API of the one server of this session (with xdist: of this worker, unless an address is given)."""
    url = _url(pytestconfig)
    if url:
        from mock_oms.client.control import Control

        token = pytestconfig.getoption("oms_control_token") or os.environ.get("MOCK_OMS_CONTROL_TOKEN")
        with Control(url, token) as control:
            yield control
        return
    from mock_oms.testing import running_server

    with running_server(**{"scenarios": oms_scenarios, **oms_settings}) as server:
        yield server.control


@pytest.fixture
def oms(request: pytest.FixtureRequest, oms_control: "Control") -> "Iterator[World]":
    """A world for this test alone, its clock frozen; the marker `oms` says of which scenario. It is closed afterwards.

    The system under test needs `oms.url` and `oms.token` (or `oms.headers`); the test drives the rest.
    """
    with _opened(oms_control, _wishes(request)) as world:
        request.node.stash[_WORLD] = world
        yield world


def _wishes(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the markers say: those of the test win over those of its class, and these over those of its module."""
    wishes: dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers("oms"))):
        wishes |= mark.kwargs
        if mark.args or not mark.kwargs.keys() <= _WISHES:
            pytest.fail(f"@pytest.mark.oms takes keywords only, of {', '.join(sorted(_WISHES))}.", pytrace=False)
    if "snapshot" not in wishes:
        wishes.setdefault("scenario", str(request.config.getini("oms_scenario")))
        wishes["clock"] = {"rate": 0, **wishes.get("clock", {})}
    return wishes


def _opened(control: "Control", wishes: Mapping[str, Any]) -> "World":
    from mock_oms.client.errors import ClientError

    try:
        world = control.open_world(**wishes)
        if "snapshot" in wishes:
            world.freeze()
    except ClientError as error:
        pytest.fail(str(error), pytrace=False)
    return world


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what happened in its world, and how to make that again."""
    report = yield
    world = item.stash.get(_WORLD, None)
    if world is not None and report.failed and report.when != "teardown":
        report.sections.append((f"mock-oms world {world.name}", _account(world)))
    return report


def _account(world: "World") -> str:
    from mock_oms.client.account import account
    from mock_oms.client.errors import ClientError

    try:
        return account(world)
    except ClientError as error:
        return str(error)
