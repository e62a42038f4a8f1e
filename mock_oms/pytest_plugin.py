"""The pytest plugin: `oms`, a world of its own for each test. Everybody's pytest loads this, so it imports nothing."""

import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_oms.client.control import Control
    from mock_oms.client.world import World
    from mock_oms.conformance.crawl import Crawl
    from mock_oms.conformance.crawler.session import Politeness
    from mock_oms.conformance.finding import Result
    from mock_oms.switches import Switches

#: The targets of the contract's checks.
_TARGETS = {"mock": ("mock",), "real": ("real",), "both": ("mock", "real")}
_MARKER = "oms(scenario=, seed=, clock=, snapshot=): what the world of the fixture `oms` is opened with"
_WISHES = {"scenario", "seed", "clock", "snapshot"}
#: How whoever runs the tests says the control token of a mock that runs already.
_TOKEN_WAYS = (
    "--oms-control-token TOKEN, "  # noqa: S105  ways to say one
    "MOCK_OMS_CONTROL_TOKEN or MOCK_OMS_CONTROL_TOKEN_FILE"
)
#: Fixtures whose teardown does not fail before that of `oms`: our own, and the one that Faker, which we need, adds.
_HARMLESS = {"oms", "oms_control", "oms_scenarios", "oms_settings", "pytestconfig", "request", "_session_faker"}


class _Watched:
    """The world of a test; of one that was closed, the account is from the moment before."""

    def __init__(self, world: "World") -> None:
        self.world, self._kept = world, ""
        world.before_close = self._keep

    def _keep(self, world: "World") -> None:
        self._kept = self._kept or _account(world)

    def account(self, *, closed: bool) -> str:
        """What happened in the world; nothing if it is `closed` and nobody kept it."""
        return self._kept or ("" if closed else _account(self.world))


_WORLD = pytest.StashKey[_Watched]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options: where the server is, or what the one that is started plays."""
    group = parser.getgroup("mock-oms", "a mock of Akinon's OMS")
    group.addoption("--oms-url", help="The mock to use, instead of one that is started (or MOCK_OMS_URL).")
    group.addoption("--oms-control-token", help="Its control token (or MOCK_OMS_CONTROL_TOKEN).")
    group.addoption("--oms-scenarios", help="A folder of scenarios for the mock that is started.")
    group.addoption("--oms-observed", help="What was observed of a real OMS, for the mock that is started.")
    group.addoption("--oms-max-age", help="Fail where that was longer ago, or never: a duration such as 60d.")
    group.addoption(
        "--oms-target", choices=sorted(_TARGETS), default="mock", help="Whom the checks of the contract ask."
    )
    group.addoption("--oms-real-url", help="The real OMS (or OMS_URL); its token is in OMS_TOKEN.")
    group.addoption(
        "--oms-yes", action="store_true", help="Ask an OMS that is not on this machine, too (or OMS_YES=1)."
    )
    parser.addini("oms_observed", "What was observed of a real OMS, for the mock that is started.", default="")
    parser.addini("oms_max_age", "Fail where that was longer ago, or never: a duration such as 60d.", default="")
    parser.addini("oms_url", "The mock to use, instead of one that is started.", default="")
    parser.addini("oms_scenarios", "A folder of scenarios for the mock that is started.", default="")
    parser.addini("oms_scenario", "The scenario of tests whose marker names none.", default="default")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and fail at once where our knowledge is older than it may be."""
    config.addinivalue_line("markers", _MARKER)
    limit = config.getoption("oms_max_age") or str(config.getini("oms_max_age"))
    if limit:
        _refuse_old_knowledge(str(limit), _observed(config))


def _observed(config: pytest.Config) -> Path | None:
    """The file of an observation that is named, as a path from the folder that it is named in."""
    given = config.getoption("oms_observed")
    if given:
        return config.invocation_params.dir / str(given)
    written = str(config.getini("oms_observed"))
    return config.rootpath / written if written else None


def _refuse_old_knowledge(limit: str, file: Path | None) -> None:
    from mock_oms.conformance.observation_file import objection_to
    from mock_oms.scenarios.errors import ScenarioError
    from mock_oms.worlds.open_world import wall_clock

    try:
        said = objection_to(file, wall_clock(), limit)
    except ScenarioError as error:
        raise pytest.UsageError(f"oms_observed: {error}") from None
    if said:
        raise pytest.UsageError(said)


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
def oms_observed(pytestconfig: pytest.Config) -> Path | None:
    """The file of what was observed of a real OMS, if one was named."""
    return _observed(pytestconfig)


@pytest.fixture(scope="session")
def oms_control(
    pytestconfig: pytest.Config, oms_scenarios: Path | None, oms_observed: Path | None, oms_settings: Mapping[str, Any]
) -> "Iterator[Control]":
    """The control API of the one server of this session (with xdist: of this worker, unless an address is given)."""
    with ExitStack() as stack:
        if _url(pytestconfig):
            yield _connected(stack, pytestconfig)
        else:
            yield _started(stack, {"scenarios": oms_scenarios, "observed": oms_observed, **oms_settings})


def _connected(stack: ExitStack, config: pytest.Config) -> "Control":
    from mock_oms.client.control import Control
    from mock_oms.client.errors import WishError
    from mock_oms.tokens import ControlTokenError, given_token

    token = config.getoption("oms_control_token") or os.environ.get("MOCK_OMS_CONTROL_TOKEN") or None
    file, ca = (os.environ.get(f"MOCK_OMS_{name}") for name in ("CONTROL_TOKEN_FILE", "TLS_CA"))
    try:
        known = given_token(token, Path(file) if file else None)
        return stack.enter_context(Control(_url(config), known, ca=ca or None, token_ways=_TOKEN_WAYS))
    except (WishError, ControlTokenError) as error:
        raise _failure(str(error)) from None


def _started(stack: ExitStack, settings: Mapping[str, Any]) -> "Control":
    from mock_oms.scenarios.errors import ScenarioError
    from mock_oms.server.run import CannotServeError
    from mock_oms.testing import running_server

    try:
        return stack.enter_context(running_server(**settings)).control
    except (CannotServeError, ScenarioError) as error:
        raise _failure(f"oms_settings, oms_scenarios: {error}") from None


def _failure(said: str) -> BaseException:
    """A failure that is told by its sentence alone; raise it `from None`, or pytest shows what it came from too."""
    return pytest.fail.Exception(said, pytrace=False)


@pytest.fixture
def oms(request: pytest.FixtureRequest, oms_control: "Control", oms_scenarios: Path | None) -> "Iterator[World]":
    """A world for this test alone, its clock frozen; the marker `oms` says of which scenario. It is closed afterwards.

    The system under test needs `oms.url` and `oms.token` (or `oms.headers`); the test drives the rest.
    """
    with _opened(oms_control, _wishes(request), _unused(request.config, oms_scenarios)) as world:
        request.node.stash[_WORLD] = _Watched(world)
        yield world
        if _HARMLESS.issuperset(request.fixturenames):
            world.before_close = None  # an account takes longer than all else that we do for a test that passes


def _unused(config: pytest.Config, scenarios: Path | None) -> str:
    """What to add to a refusal where a folder was named that no server of ours plays."""
    if scenarios is None or not _url(config):
        return ""
    return f" The folder {scenarios} (oms_scenarios) is not used: {_url(config)} plays scenarios of its own."


def _wishes(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the markers say: those of the test win over those of its class, and these over those of its module."""
    wishes: dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers("oms"))):
        wishes |= mark.kwargs
        _refuse_strangers(mark)
    if "snapshot" not in wishes:
        wishes.setdefault("scenario", str(request.config.getini("oms_scenario")))
        clock = wishes.get("clock", {})
        wishes["clock"] = {"rate": 0, **clock} if isinstance(clock, Mapping) else clock
    return wishes


def _refuse_strangers(mark: pytest.Mark) -> None:
    from mock_oms.text import nearest_clause

    accepted = ", ".join(sorted(_WISHES))
    for value in mark.args:
        raise _failure(f"@pytest.mark.oms: found {value!r} without a keyword; accepted: {accepted}.")
    for name in sorted(mark.kwargs.keys() - _WISHES):
        near = nearest_clause(name, _WISHES)
        hint = near if "nearest" in near else ""
        raise _failure(f"@pytest.mark.oms: found {name}; accepted: {accepted}{hint}.")


def _opened(control: "Control", wishes: Mapping[str, Any], hint: str) -> "World":
    from mock_oms.client.errors import ClientError

    try:
        world = control.open_world(**wishes)
        if "snapshot" in wishes:
            world.freeze()
    except ClientError as error:
        raise _failure(f"{error}{hint}") from None
    return world


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what happened in its world, and how to make that again."""
    report = yield
    watched = item.stash.get(_WORLD, None)
    if watched is not None and report.failed:
        account = watched.account(closed=report.when == "teardown")
        if account:
            report.sections.append((f"mock-oms world {watched.world.name}", account))
    return report


def _account(world: "World") -> str:
    from mock_oms.client.errors import ClientError
    from mock_oms.client.failure_report import failure_report

    try:
        return failure_report(world)
    except ClientError as error:
        return str(error)


# The checks of the contract as tests


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
    with _opened(control, {"scenario": scenario, "clock": {"rate": 0}}, "") as world:
        return _visited(world.url, world.token, oms_answers, agreed=True)


@pytest.fixture(scope="session")
def oms_results(oms_survey: "Crawl", oms_answers: "Switches") -> "Mapping[str, Result]":
    """What each check came to, by its name."""
    from mock_oms.conformance.checks import judged

    return {one.check: one for one in judged(oms_survey, oms_answers)}


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
    from mock_oms.conformance.crawler.crawler import crawl_target
    from mock_oms.conformance.crawler.session import RATE, RATE_HERE, Politeness
    from mock_oms.conformance.crawler.target import CrawlError, Target

    try:
        target = Target(url=url, token=token, keyword="Bearer" if answers.auth == "bearer" else "Token")
        polite = Politeness(rate=RATE_HERE if target.loopback else RATE)
        if not (agreed or target.loopback):
            raise pytest.fail.Exception(_unasked(url, polite), pytrace=False)
        survey = crawl_target(target, polite)
    except CrawlError as error:
        raise pytest.fail.Exception(f"{url}: {error}", pytrace=False) from None
    if survey.cut_short:
        raise pytest.fail.Exception(str(survey.ended), pytrace=False)
    return survey


def _unasked(url: str, polite: "Politeness") -> str:
    what = f"{url} is not this machine: at most {polite.max_requests} GET, {polite.rate:g} per second"
    return f"{what}. Say --oms-yes (or OMS_YES=1) if that is meant."
