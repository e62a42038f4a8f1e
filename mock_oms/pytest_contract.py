"""The other half of the pytest plugin: which OMS the checks of the contract ask, and what they come to there."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_oms.client.control import Control
    from mock_oms.client.world import World
    from mock_oms.conformance.crawl import Crawl
    from mock_oms.conformance.crawler.session import Politeness
    from mock_oms.conformance.finding import Result
    from mock_oms.switches import Switches

_TARGETS = {"mock": ("mock",), "real": ("real",), "both": ("mock", "real")}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options: whom the checks of the contract ask."""
    group = parser.getgroup("mock-oms", "a mock of Akinon's OMS")
    group.addoption(
        "--oms-target", choices=sorted(_TARGETS), default="mock", help="Whom the checks of the contract ask."
    )
    group.addoption("--oms-real-url", help="The real OMS (or OMS_URL); its token is in OMS_TOKEN.")
    group.addoption(
        "--oms-yes", action="store_true", help="Ask an OMS that is not on this machine, too (or OMS_YES=1)."
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each target; one error for all of them where the extra is missing that judges."""
    if "oms_results" in metafunc.fixturenames:
        _require_extra()
    if "oms_target" in metafunc.fixturenames:
        targets = _TARGETS[metafunc.config.getoption("oms_target")]
        metafunc.parametrize("oms_target", targets, scope="session")


def _require_extra() -> None:
    if find_spec("jsonschema") is None:
        from mock_oms.conformance.checks.schemas import MissingExtraError

        raise pytest.Collector.CollectError(str(MissingExtraError()))


@pytest.fixture(scope="session")
def oms_answers(oms_observed: Path | None) -> "Switches":
    """Override this: the switches that the checks expect; by themselves, those that were observed."""
    from mock_oms.conformance.observation_file import read_observation
    from mock_oms.contract.observation import switches_of
    from mock_oms.switches import Switches

    return Switches() if oms_observed is None else switches_of(read_observation(oms_observed).answers)


@pytest.fixture(scope="session")
def oms_survey(oms_target: str, oms_answers: "Switches", request: pytest.FixtureRequest) -> "Crawl":
    """One visit to a target in this session (with xdist: of this worker); it only reads."""
    if oms_target == "real":
        return _visited(*_real(request.config), oms_answers, agreed=_agreed(request.config))
    control = request.getfixturevalue("oms_control")
    scenario = str(request.config.getini("oms_scenario"))
    with _opened(control, scenario) as world:
        return _visited(world.url, world.token, oms_answers, agreed=True)


@pytest.fixture(scope="session")
def oms_results(oms_survey: "Crawl", oms_answers: "Switches") -> "Mapping[str, Result]":
    """What each check came to, by its name."""
    from mock_oms.conformance.checks import judged

    return {one.check: one for one in judged(oms_survey, oms_answers)}


def _opened(control: "Control", scenario: str) -> "World":
    from mock_oms.client.errors import ClientError

    try:
        return control.open_world(scenario=scenario, clock={"rate": 0})
    except ClientError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def _real(config: pytest.Config) -> tuple[str, str]:
    """Address and token of the real OMS; the token is in the environment alone, where no list of processes shows it."""
    url, token = config.getoption("oms_real_url") or os.environ.get("OMS_URL"), os.environ.get("OMS_TOKEN")
    if not url or not token:
        missing = "its address (--oms-real-url or OMS_URL)" if not url else "its token (OMS_TOKEN)"
        raise pytest.fail.Exception(f"--oms-target: to ask a real OMS, {missing} is needed.", pytrace=False)
    return str(url), token


def _agreed(config: pytest.Config) -> bool:
    """Whether somebody said now that a host may be asked; no file says so, for it would say so every time."""
    return bool(config.getoption("oms_yes")) or os.environ.get("OMS_YES") == "1"


def _visited(url: str, token: str, answers: "Switches", *, agreed: bool) -> "Crawl":
    from mock_oms.conformance.crawler.crawler import crawl_steps
    from mock_oms.conformance.crawler.session import RATE, RATE_HERE, Politeness
    from mock_oms.conformance.crawler.target import CrawlError, Target

    try:
        target = Target(url=url, token=token, keyword="Bearer" if answers.auth == "bearer" else "Token")
        polite = Politeness(rate=RATE_HERE if target.loopback else RATE)
        if not (agreed or target.loopback):
            raise pytest.fail.Exception(_unasked(url, polite), pytrace=False)
        survey = crawl_steps(target, polite)
    except CrawlError as error:
        raise pytest.fail.Exception(f"{url}: {error}", pytrace=False) from None
    if survey.cut_short:
        raise pytest.fail.Exception(str(survey.ended), pytrace=False)
    return survey


def _unasked(url: str, polite: "Politeness") -> str:
    what = f"{url} is not this machine: at most {polite.max_requests} GET, {polite.rate:g} per second"
    return f"{what}. Say --oms-yes (or OMS_YES=1) if that is meant."
