"""The pytest plugin: `oms`, a world of its own for each test. Everybody's pytest loads this, so it imports nothing."""

import os
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_oms.client.control import Control
    from mock_oms.client.world import World
    from mock_oms.conformance.crawl import Crawl
    from mock_oms.conformance.finding import Result
    from mock_oms.switches import Switches

#: The targets of the contract's checks.
_TARGETS = {"mock": ("mock",), "real": ("real",), "both": ("mock", "real")}
_MARKER = "oms(scenario=, seed=, clock=, snapshot=): what the world of the fixture `oms` is opened with"
_MARKER_KEYS = {"scenario", "seed", "clock", "snapshot"}
#: How whoever runs the tests gives the control token of a mock that runs already.
_TOKEN_WAYS = (
    "--oms-control-token TOKEN, "  # noqa: S105  ways to give one
    "MOCK_OMS_CONTROL_TOKEN or MOCK_OMS_CONTROL_TOKEN_FILE"
)
#: Fixtures whose teardown does not fail before that of `oms`: our own, and those that Faker and pytest-randomly add.
HARMLESS = {
    *("oms", "oms_control", "oms_observed", "oms_scenarios", "oms_settings"),
    *("pytestconfig", "request", "_session_faker", "faker_seed"),
}


def _report(world: "World") -> str:
    from mock_oms.client.errors import ClientError
    from mock_oms.client.failure_report import failure_report

    try:
        return failure_report(world)
    except ClientError as error:
        return str(error)


#: The world of a test; and of one that was closed, the report from the moment before.
_WORLD, _LAST_REPORT = pytest.StashKey["World"](), pytest.StashKey[str]()

#: What can be given by an option or in a configuration file, with its help.
_SETTINGS = {
    "--oms-url": "The mock to use, instead of one that is started (or MOCK_OMS_URL).",
    "--oms-command": "A command that starts the mock as a process of its own, such as 'uvx mock-oms serve'.",
    "--oms-scenarios": "A folder of scenarios for the mock that is started.",
    "--oms-observed": "What was observed of a real OMS, for the mock that is started.",
    "--oms-max-age": "Fail where that was longer ago, or never: a duration such as 60d.",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options: where the server is, or what the one that is started plays."""
    group = parser.getgroup("mock-oms", "a mock of Akinon's OMS")
    for flag, text in _SETTINGS.items():
        group.addoption(flag, help=text)
        parser.addini(flag.removeprefix("--").replace("-", "_"), text, default="")
    parser.addini("oms_scenario", "The scenario of tests whose marker names none, or its path.", default="default")
    group.addoption("--oms-control-token", help="The control token of the mock to use (or MOCK_OMS_CONTROL_TOKEN).")
    group.addoption(
        "--oms-target", choices=sorted(_TARGETS), default="mock", help="Whom the checks of the contract ask."
    )
    group.addoption("--oms-real-url", help="The real OMS (or OMS_URL); its token is in OMS_TOKEN.")
    group.addoption(
        "--oms-yes", action="store_true", help="Ask an OMS that is not on this machine, too (or OMS_YES=1)."
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and fail at once where our knowledge is older than it may be."""
    config.addinivalue_line("markers", _MARKER)
    if config.getoption("oms_url") and config.getoption("oms_command"):
        raise pytest.UsageError("--oms-url names a mock that runs, --oms-command starts one: give one of them.")
    limit = config.getoption("oms_max_age") or str(config.getini("oms_max_age"))
    if not limit:
        return
    from mock_oms.conformance.observation_file import objection_to
    from mock_oms.scenarios.errors import ScenarioError
    from mock_oms.worlds.host_clock import wall_clock

    try:
        refusal = objection_to(_path(config, "oms_observed"), wall_clock(), str(limit))
    except ScenarioError as error:
        raise pytest.UsageError(f"oms_observed: {error}") from None
    if refusal:
        raise pytest.UsageError(refusal)


def _path(config: pytest.Config, name: str) -> Path | None:
    """The path of an option, from the current folder, or of the configuration file, from the folder of that."""
    given = config.getoption(name)
    if given:
        return config.invocation_params.dir / str(given)
    written = str(config.getini(name))
    return config.rootpath / written if written else None


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say where the worlds are, if not in a server of our own."""
    url = _url(config)
    return f"mock-oms: worlds on {url}, with its own scenarios and settings" if url else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Import what this session needs of ours now: a fixture may pretend another time, or other files, later."""
    wanted = any("oms_control" in getattr(item, "fixturenames", ()) for item in session.items)
    elsewhere = _url(session.config) or _command(session.config)
    starts_one = wanted and not session.config.option.collectonly and not elsewhere
    if wanted:
        from mock_oms.client import command, control, failure_report  # noqa: F401
    if starts_one or "mock_oms.testing" in sys.modules:
        with suppress(ModuleNotFoundError):  # no server is installed: the fixture says so
            from mock_oms.testing import spare_from_pyfakefs

            spare_from_pyfakefs()


def _url(config: pytest.Config) -> str:
    """The address of a mock that runs; none where one is started: a flag wins over the environment and the file."""
    if config.getoption("oms_url") or config.getoption("oms_command"):
        return config.getoption("oms_url") or ""
    return os.environ.get("MOCK_OMS_URL", "") or str(config.getini("oms_url"))


def _command(config: pytest.Config) -> str:
    """The command that starts the mock, if one does."""
    return "" if _url(config) else config.getoption("oms_command") or str(config.getini("oms_command"))


@pytest.fixture(scope="session")
def oms_scenarios(pytestconfig: pytest.Config) -> Path | None:
    """Override this: the folder of scenarios for the server that is started; None: those that are shipped."""
    return _path(pytestconfig, "oms_scenarios")


@pytest.fixture(scope="session")
def oms_settings() -> Mapping[str, Any]:
    """Override this: settings for the server that is started, by the names of `mock_oms.settings.Settings`."""
    return {}


@pytest.fixture(scope="session")
def oms_observed(pytestconfig: pytest.Config) -> Path | None:
    """The file of what was observed of a real OMS, if one was named."""
    return _path(pytestconfig, "oms_observed")


@pytest.fixture(scope="session")
def oms_control(
    pytestconfig: pytest.Config, oms_scenarios: Path | None, oms_observed: Path | None, oms_settings: Mapping[str, Any]
) -> "Iterator[Control]":
    """The control API of the one server of this session (with xdist: of this worker, unless an address is given)."""
    if url := _url(pytestconfig):
        with _connected(pytestconfig, url) as control:
            yield control
        return
    settings = {"scenarios": oms_scenarios, "observed": oms_observed, **oms_settings}
    if command := _command(pytestconfig):
        with _started(command, settings) as url, _connected(pytestconfig, url) as control:
            yield control
        return
    from mock_oms.client.errors import ServerNotInstalledError
    from mock_oms.scenarios.errors import ScenarioError

    try:
        from mock_oms.testing import running_server
    except ServerNotInstalledError as error:
        raise _failure(str(error)) from None
    from mock_oms.server.run import CannotServeError

    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_server(**settings))
        except (CannotServeError, ScenarioError) as error:
            raise _failure(f"oms_settings, oms_scenarios: {error}") from None
        yield server.control


@contextmanager
def _started(command: str, settings: Mapping[str, Any]) -> Iterator[str]:
    from mock_oms.client.command import command_running
    from mock_oms.client.errors import WishError

    with ExitStack() as stack:
        try:
            url = stack.enter_context(command_running(command, settings))
        except WishError as error:
            raise _failure(f"oms_command: {error}") from None
        yield url


def _connected(config: pytest.Config, url: str) -> "Control":
    from mock_oms.client.control import Control
    from mock_oms.client.errors import WishError
    from mock_oms.tokens import ControlTokenError, given_token

    token = config.getoption("oms_control_token") or os.environ.get("MOCK_OMS_CONTROL_TOKEN") or None
    file, ca = (os.environ.get(f"MOCK_OMS_{name}") for name in ("CONTROL_TOKEN_FILE", "TLS_CA"))
    try:
        known = given_token(token, Path(file) if file else None)
        return Control(url, known, ca=ca or None, token_ways=_TOKEN_WAYS)
    except (WishError, ControlTokenError) as error:
        raise _failure(str(error)) from None


def _failure(sentence: str) -> BaseException:
    """A failure that is shown as a sentence alone; raise it `from None`, or pytest shows its cause too."""
    return pytest.fail.Exception(sentence, pytrace=False)


@pytest.fixture
def oms(request: pytest.FixtureRequest, oms_control: "Control", oms_scenarios: Path | None) -> "Iterator[World]":
    """A world for this test alone, its clock frozen; the marker `oms` says of which scenario. It is closed afterwards.

    The system under test needs `oms.url` and `oms.token` (or `oms.headers`); the test drives the rest.
    """
    url, hint = _url(request.config), ""
    if url and oms_scenarios is not None:
        hint = f" The folder {oms_scenarios} (oms_scenarios) is not used: {url} plays scenarios of its own."
    if not (url or _command(request.config)):
        _refuse_other_threads()
    with _opened(oms_control, _marked(request), hint) as world:
        stash = request.node.stash
        stash[_WORLD], world.before_close = world, lambda one: stash.setdefault(_LAST_REPORT, _report(one))
        yield world
        if HARMLESS.issuperset(request.fixturenames):
            world.before_close = None  # a report takes longer than all else that we do for a test that passes


def _refuse_other_threads() -> None:
    """Refuse to go on where gevent has come since the server was started: it may hang at its next thread."""
    from mock_oms.server.run import CannotServeError
    from mock_oms.testing import refuse_other_threads

    try:
        refuse_other_threads()
    except CannotServeError as error:
        raise _failure(str(error)) from None


def _marked(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the markers say: those of the test win over those of its class, and these over those of its module."""
    from mock_oms.text import nearest_clause

    given: dict[str, Any] = {}
    accepted = ", ".join(sorted(_MARKER_KEYS))
    for mark in reversed(list(request.node.iter_markers("oms"))):
        for value in mark.args:
            raise _failure(f"@pytest.mark.oms: found {value!r} without a keyword; accepted: {accepted}.")
        for name in sorted(mark.kwargs.keys() - _MARKER_KEYS):
            near = nearest_clause(name, _MARKER_KEYS)
            hint = near if "nearest" in near else ""
            raise _failure(f"@pytest.mark.oms: found {name}; accepted: {accepted}{hint}.")
        given |= mark.kwargs
    if "snapshot" not in given:
        if "scenario" in given:
            given["scenario"] = _found(given["scenario"], request.path.parent, request.config.rootpath)
        else:
            given["scenario"] = _usual_scenario(request.config)
        clock = given.get("clock", {})
        given["clock"] = {"rate": 0, **clock} if isinstance(clock, Mapping) else clock
    return given


def _usual_scenario(config: pytest.Config) -> "str | Path":
    """The scenario of tests that name none; a path in a configuration file begins in the folder of that."""
    from mock_oms.settings import is_path

    usual = str(config.getini("oms_scenario"))
    return config.rootpath / usual if is_path(usual) else usual


def _found(scenario: object, *folders: Path) -> object:
    """A scenario as a marker names it; a path is looked for in these folders, the first one first."""
    from mock_oms.settings import is_path

    if not isinstance(scenario, Path) and not (isinstance(scenario, str) and is_path(scenario)):
        return scenario
    files = [folder / scenario for folder in dict.fromkeys(folders)]
    found = next((file for file in files if file.is_file()), None)
    if found is None:
        tried = ", nor ".join(map(str, files))
        raise _failure(f"@pytest.mark.oms: there is no file {tried}; a path begins beside the test, or in the rootdir.")
    return found


def _opened(control: "Control", given: Mapping[str, Any], hint: str) -> "World":
    from mock_oms.client.errors import ClientError

    try:
        world = control.open_world(**given)
        if "snapshot" in given:
            world.freeze()
    except ClientError as error:
        raise _failure(f"{error}{hint}") from None
    return world


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what happened in its world, and how to make that again."""
    result = yield
    world = item.stash.get(_WORLD, None)
    if world is not None and result.failed:
        text = item.stash.get(_LAST_REPORT, "") or ("" if result.when == "teardown" else _report(world))
        if text:
            result.sections.append((f"mock-oms world {world.name}", text))
    return result


# The checks of the contract as tests


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each target; one error for all of them where the extra is missing that judges."""
    if "oms_results" in metafunc.fixturenames and find_spec("jsonschema") is None:
        from mock_oms.conformance.checks.schemas import MissingExtraError

        raise pytest.Collector.CollectError(str(MissingExtraError()))
    if "oms_target" in metafunc.fixturenames:
        targets = _TARGETS[metafunc.config.getoption("oms_target")]
        metafunc.parametrize("oms_target", targets, scope="session")


@pytest.fixture(scope="session")
def oms_answers(oms_observed: Path | None) -> "Switches":
    """Override this: the switches that the checks expect; by themselves, those that were observed."""
    from mock_oms.conformance.observation_file import read_observation
    from mock_oms.switches import Switches

    return Switches() if oms_observed is None else read_observation(oms_observed).switches


@pytest.fixture(scope="session")
def oms_survey(oms_target: str, oms_answers: "Switches", request: pytest.FixtureRequest) -> "Crawl":
    """One crawl of a target in this session (with xdist: of this worker); it only reads."""
    config = request.config
    if oms_target != "real":
        given = {"scenario": _usual_scenario(config), "clock": {"rate": 0}}
        with _opened(request.getfixturevalue("oms_control"), given, "") as world:
            return _crawled(world.url, world.token, oms_answers, agreed=True)
    # The token is in the environment alone, where no list of processes shows it.
    url, token = config.getoption("oms_real_url") or os.environ.get("OMS_URL"), os.environ.get("OMS_TOKEN")
    if not url or not token:
        missing = "its token (OMS_TOKEN)" if url else "its address (--oms-real-url or OMS_URL)"
        raise _failure(f"--oms-target: to ask a real OMS, {missing} is needed.")
    # No file can agree that a real OMS is asked, for it would do so every time.
    agreed = bool(config.getoption("oms_yes")) or os.environ.get("OMS_YES") == "1"
    return _crawled(str(url), token, oms_answers, agreed=agreed)


def _crawled(url: str, token: str, answers: "Switches", *, agreed: bool) -> "Crawl":
    from mock_oms.conformance.crawler.crawler import crawl_target
    from mock_oms.conformance.crawler.session import RATE, RATE_HERE, CrawlError, Politeness, Target

    try:
        target = Target(url=url, token=token, keyword="Bearer" if answers.auth == "bearer" else "Token")
        polite = Politeness(rate=RATE_HERE if target.loopback else RATE)
        if not (agreed or target.loopback):
            what = f"{url} is not this machine: at most {polite.max_requests} GET, {polite.rate:g} per second"
            raise _failure(f"{what}. Say --oms-yes (or OMS_YES=1) if that is meant.")
        crawl = crawl_target(target, polite)
    except CrawlError as error:
        raise _failure(f"{url}: {error}") from None
    if crawl.cut_short:
        raise _failure(str(crawl.ended))
    return crawl


@pytest.fixture(scope="session")
def oms_results(oms_survey: "Crawl", oms_answers: "Switches") -> "Mapping[str, Result]":
    """What each check came to, by its name."""
    from mock_oms.conformance.checks import judged

    return {one.check: one for one in judged(oms_survey, oms_answers)}
