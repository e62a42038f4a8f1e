"""The pytest plugin, in pytests of its own: a world for each test, and an account of it where one fails."""

import json
import re

import pytest

from mock_oms.testing import running_server
from tests.system.running import program

pytest_plugins = ["pytester"]

CONFIG = """
[pytest]
# Without the plugins of our own project, whose imports take longer than these tests.
addopts = -p no:cacheprovider -p no:randomly -p no:schemathesis -p no:hypothesispytest -p no:faker -p no:anyio
filterwarnings = error
"""


@pytest.fixture(scope="session")
def imported() -> None:
    """All that a server and its client import late: `pytester` forgets what is first imported during a test."""
    with running_server() as server:
        server.control.worlds()


@pytest.fixture
def tests(
    imported: None,  # noqa: ARG001  for what it does
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
) -> pytest.Pytester:
    """A folder for tests, whose pytest knows nothing of ours."""
    for name in (
        "MOCK_OMS_URL",
        "MOCK_OMS_CONTROL_TOKEN",
        "MOCK_OMS_CONTROL_TOKEN_FILE",
        "MOCK_OMS_TLS_CA",
        "PYTEST_ADDOPTS",
        "PYTEST_XDIST_AUTO_NUM_WORKERS",
    ):
        monkeypatch.delenv(name, raising=False)
    pytester.makeini(CONFIG)
    return pytester


def assert_passed(tests: pytest.Pytester, *arguments: str, count: int = 1) -> pytest.RunResult:
    """Run the tests of a user; so many must pass, and none may fail, err or be skipped."""
    result = tests.runpytest_subprocess(*arguments)
    result.assert_outcomes(passed=count)
    return result


READS = """
import json, urllib.request
def states(oms):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(oms.url + "/api/v1/oms/orderexecutionplans/?limit=100", headers=oms.headers)
    return {plan["id"]: plan["state"] for plan in json.load(opener.open(request))["results"]}
"""


def test_the_example_of_the_readme_passes(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        READS
        + """
import pytest
@pytest.mark.oms(scenario="restock", seed=3)
def test_my_poller_sees_the_restock(oms):
    oms.advance("1m")
    assert states(oms) == {41207: "pending"}
    oms.restock("TST-002-L", "WH001", 10)
    oms.advance("30m")
    assert states(oms) == {41207: "completed"}
    assert oms.facts().seed == 3
"""
    )
    assert_passed(tests)


def test_each_test_has_a_world_of_its_own_that_is_closed_afterwards(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
import pytest
pytestmark = pytest.mark.oms(scenario="restock")
@pytest.mark.parametrize("number", range(3))
def test_starts_fresh(oms, number):
    assert oms.run(41207, "plan-cancel").to == "cancelled"
def test_nothing_is_left(oms_control):
    assert [one.name for one in oms_control.worlds()] == ["default"]
"""
    )
    assert_passed(tests, count=4)


def test_the_clock_is_frozen_though_the_scenario_lets_it_run(tests: pytest.Pytester) -> None:
    tests.makepyfile(test_it="def test_it(oms):\n    assert oms.clock.rate == 0\n")
    (tests.path / "mine.yaml").write_text("description: x\nclock: {rate: 60}\nplans: []\n", encoding="utf-8")
    tests.makeini(f"{CONFIG}oms_scenario = mine\noms_scenarios = .\n")
    assert_passed(tests)


def test_the_marker_of_a_test_wins_over_its_class_and_module(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
import pytest
pytestmark = pytest.mark.oms(scenario="restock", seed=1)
@pytest.mark.oms(seed=2)
class TestIt:
    def test_of_the_class(self, oms):
        assert (oms.scenario, oms.seed) == ("restock", 2)
    @pytest.mark.oms(seed=3, clock={"rate": 60})
    def test_of_its_own(self, oms):
        assert (oms.scenario, oms.seed, oms.clock.rate) == ("restock", 3, 60)
def test_of_the_module(oms):
    assert oms.seed == 1
"""
    )
    assert_passed(tests, count=3)


def test_a_world_is_opened_from_a_snapshot_and_frozen(tests: pytest.Pytester) -> None:
    with running_server() as server, server.control.open_world(scenario="restock", clock={"rate": 60}) as world:
        world.advance("1h")
        saved = json.dumps(world.snapshot())
    (tests.path / "saved.json").write_text(saved, encoding="utf-8")
    tests.makepyfile(
        """
import json, pathlib, pytest
SAVED = json.loads(pathlib.Path("saved.json").read_text())
@pytest.mark.oms(snapshot=SAVED)
def test_it(oms):
    assert (oms.plan(41207).state, oms.clock.rate) == ("completed", 0)
"""
    )
    assert_passed(tests)


@pytest.mark.parametrize(
    ("mark", "found"),
    [
        (
            '"restock"',
            "@pytest.mark.oms: found 'restock' without a keyword; accepted: clock, scenario, seed, snapshot.",
        ),
        (
            'scenaro="restock"',
            "@pytest.mark.oms: found scenaro; accepted: clock, scenario, seed, snapshot; the nearest is scenario.",
        ),
        ("clock=60", 'clock: found 60; accepted: a mapping such as {"rate": 60}.'),
        ('clock={"rate": float("nan")}', "rate: found nan; accepted: *"),
        ('scenario="restok"', "scenario: There is no scenario restok; the nearest is restock. *"),
    ],
)
def test_a_marker_that_says_something_else_is_refused_once(tests: pytest.Pytester, mark: str, found: str) -> None:
    tests.makepyfile(f"import pytest\n@pytest.mark.oms({mark})\ndef test_it(oms): ...\n")
    result = tests.runpytest_subprocess("-r", "N")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([found])
    assert len(re.findall("accepted: |There is no scenario", result.stdout.str())) == 1
    result.stdout.no_fnmatch_line("*During handling*")


def test_the_marker_is_registered(tests: pytest.Pytester) -> None:
    lines = tests.runpytest_subprocess("--markers").outlines
    assert [line for line in lines if line.startswith("@pytest.mark.oms(scenario=, seed=, clock=, snapshot=): ")]


# Which server


def test_the_fixtures_for_scenarios_and_settings_are_overridden(tests: pytest.Pytester) -> None:
    (tests.mkdir("own") / "mine.yaml").write_text("description: x\nplans: []\n", encoding="utf-8")
    tests.makeconftest(
        """
import pathlib, pytest
@pytest.fixture(scope="session")
def oms_scenarios():
    return pathlib.Path(__file__).parent / "own"
@pytest.fixture(scope="session")
def oms_settings():
    return {"token": "mine", "scenario": "mine"}
"""
    )
    tests.makepyfile(
        """
import pytest
@pytest.mark.oms(scenario="mine")
def test_it(oms, oms_control):
    assert oms.plans().count == 0
    assert oms_control.world().token == "mine"
"""
    )
    assert_passed(tests)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"portt": 1}, "There is no setting portt; the nearest is port."),
        ({"control_token": "two words"}, "The control token has blanks*"),
        ({"scenario": "restok"}, "*there is no scenario of this name; the nearest is restock*"),
    ],
)
def test_settings_that_no_server_takes_are_one_sentence(
    tests: pytest.Pytester, settings: dict[str, object], said: str
) -> None:
    tests.makeconftest(f"import pytest\n@pytest.fixture(scope='session')\ndef oms_settings():\n    return {settings}\n")
    tests.makepyfile("def test_it(oms): ...\n")
    result = tests.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"oms_settings, oms_scenarios: {said}"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*During handling*")


def test_a_folder_of_scenarios_that_is_not_used_is_named_where_a_scenario_is_missing(tests: pytest.Pytester) -> None:
    (tests.mkdir("own") / "mine.yaml").write_text("description: x\nplans: []\n", encoding="utf-8")
    tests.makeconftest("import pytest\n@pytest.fixture(scope='session')\ndef oms_scenarios():\n    return 'own'\n")
    tests.makepyfile("import pytest\n@pytest.mark.oms(scenario='mine')\ndef test_it(oms): ...\n")
    with running_server() as server:
        result = tests.runpytest_subprocess("--oms-url", server.url)
        result.assert_outcomes(errors=1)
        unused = f"The folder own (oms_scenarios) is not used: {server.url} plays scenarios of its own."
        result.stdout.fnmatch_lines([f"*There is no scenario mine* {unused}"])


def test_a_folder_of_scenarios_is_named_on_the_command_line(tests: pytest.Pytester) -> None:
    (tests.mkdir("own") / "mine.yaml").write_text("description: x\nplans: []\n", encoding="utf-8")
    tests.makepyfile("import pytest\n@pytest.mark.oms(scenario='mine')\ndef test_it(oms): ...\n")
    assert_passed(tests, "--oms-scenarios", "own")


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (None, "The mock at {url} wants its control token, and none was given: say {ways}."),
        ("wrong-one", "The control token that was given is not that of the mock at {url}: say its own by {ways}."),
    ],
)
def test_a_control_token_that_is_missing_or_wrong_is_said_to_be_so_with_where_it_is_looked_for(
    tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, token: str | None, said: str
) -> None:
    if token:
        monkeypatch.setenv("MOCK_OMS_CONTROL_TOKEN", token)
    tests.makepyfile("def test_it(oms): ...\n")
    with running_server(control_token="secret") as server:
        result = tests.runpytest_subprocess("--oms-url", server.url)
    result.assert_outcomes(errors=1)
    ways = "--oms-control-token TOKEN, MOCK_OMS_CONTROL_TOKEN or MOCK_OMS_CONTROL_TOKEN_FILE"
    result.stdout.fnmatch_lines([said.format(url=server.url, ways=ways)])
    assert "wrong-one" not in result.stdout.str()


@pytest.mark.parametrize("way", ["option", "environment", "ini"])
def test_a_server_that_runs_already_is_used(tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    with running_server(scenario="restock", seed=77, control_token="secret") as server:
        tests.makepyfile("def test_it(oms_control, oms):\n    assert oms_control.world().seed == 77\n")
        monkeypatch.setenv("MOCK_OMS_CONTROL_TOKEN", "secret")
        if way == "environment":
            monkeypatch.setenv("MOCK_OMS_URL", server.url)
        if way == "ini":
            tests.makeini(f"{CONFIG}oms_url = {server.url}\n")
        options = ["--oms-url", server.url, "--oms-control-token", "secret"] if way == "option" else []
        result = assert_passed(tests, *options)
    result.stdout.fnmatch_lines([f"mock-oms: worlds on {server.url}, with its own scenarios and settings"])


def test_a_server_that_runs_with_tls_is_used_as_the_environment_trusts_it(
    tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tests.makefile(".txt", token="secret\n")
    tests.makepyfile("def test_it(oms):\n    assert (oms.url[:6], oms.plans().count) == ('https:', 25)\n")
    with running_server(tls="on", control_token="secret") as server:
        monkeypatch.setenv("MOCK_OMS_TLS_CA", str(server.ca))
        monkeypatch.setenv("MOCK_OMS_CONTROL_TOKEN_FILE", str(token))
        assert_passed(tests, "--oms-url", server.url)


def test_a_server_that_is_not_there_is_one_sentence(tests: pytest.Pytester) -> None:
    tests.makepyfile("def test_it(oms): ...\n")
    result = tests.runpytest_subprocess("--oms-url", "http://127.0.0.1:9")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*No mock-oms answers at http://127.0.0.1:9*"])


def test_many_workers_share_one_server_without_meeting(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        READS
        + """
import pytest
@pytest.mark.oms(scenario="restock")
@pytest.mark.parametrize("number", range(200))
def test_it(oms, number):
    assert states(oms) == {41207: "start"}
    oms.run(41207, "plan-cancel")
    new = oms.order(["TST-001-M"] * (number % 3 + 1)).plan
    assert states(oms) == {41207: "cancelled", new: "start"}
"""
    )
    with running_server() as server:
        assert_passed(tests, "-n", "8", "--oms-url", server.url, count=200)
        assert [one.name for one in server.control.worlds()] == ["default"]


# Kinds of test


def test_classes_of_unittest_have_worlds_too(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
import unittest, pytest
@pytest.mark.oms(scenario="restock")
class TestIt(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _world(self, oms):
        self.oms = oms
    def test_one(self):
        self.assertEqual(self.oms.run(41207, "plan-cancel").to, "cancelled")
    def test_two(self):
        self.assertEqual(self.oms.plan(41207).state, "start")
        self.fail("to see the account")
"""
    )
    result = tests.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*mock-oms world *", "world *: scenario restock@*"])


# When a test fails

FAILS = """
import pytest
@pytest.mark.oms(scenario="restock", seed=3)
def test_it(oms):
    oms.advance("1m")
    oms.order(["TST-001-M"], city="Ankara'da")
    assert False
"""


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_test_that_fails_shows_the_events_and_transitions_of_its_world(tests: pytest.Pytester, workers: str) -> None:
    tests.makepyfile(FAILS)
    result = tests.runpytest_subprocess("-n", workers)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- mock-oms world *",
            "world *: scenario restock@*, seed 3, 2024-03-05T09:01:00Z (frozen)",
            "X-Mock-Oms: world=* scenario=restock@* seed=3 now=2024-03-05T09:01:00Z event=1",
            "plans:",
            "  41207 pending, next attempt 2024-03-05T09:30:00Z",
            "events:",
            "  1  2024-03-05T09:01:00Z  order *",
            "transitions:",
            "  2024-03-05T09:01:00Z  plan 41207: start -> pending, attempt 1",
        ]
    )


def test_a_failed_test_shows_the_requests_of_its_world_with_fault_and_hint(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        READS
        + """
import pytest, urllib.error
@pytest.mark.oms(scenario="restock")
def test_it(oms):
    oms.fault(status=503, times=1)
    with pytest.raises(urllib.error.HTTPError):
        states(oms)
    for _ in range(20):
        states(oms)
    oms.verify("detail", plan=41207)
"""
    )
    result = tests.runpytest_subprocess()
    result.stdout.fnmatch_lines(
        [
            "*expected at least 1 detail request of plan 41207, found none.",
            "*nearest: number 21: operation is list, not detail, plan is none, not 41207",
            "requests:",
            "  1 earlier, of which 0 were evicted from the journal",
            "  2  2024-03-05T09:00:00Z  GET /api/v1/oms/orderexecutionplans/[?]limit=100 -> 200",
        ]
    )


def test_the_last_line_of_the_account_makes_the_same_world_again(tests: pytest.Pytester) -> None:
    tests.makepyfile(FAILS)
    output = tests.runpytest_subprocess().stdout.str()
    (line,) = re.findall(r"^Make it again: (.*)$", output, re.MULTILINE)
    with running_server() as server:
        command = line.replace("mock-oms world new", f"{program()} world new --name again --url {server.url}")
        assert tests.run("/bin/sh", "-c", command).ret == 0
        again = server.control.world("again")
        assert (again.seed, [one.word for one in again.events()]) == (3, ["order"])
        assert again.plan(41207).state == "pending"


def test_the_account_gives_the_bytes_of_every_answer_again(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
import pathlib, pytest, urllib.request
def answered(oms, name):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(oms.url + "/api/v1/oms/orderexecutionplans/41207/", headers=oms.headers)
    with opener.open(request) as answer:
        pathlib.Path(name + ".json").write_bytes(answer.read())
        pathlib.Path(name + ".txt").write_text(answer.headers["X-Mock-Oms"])
@pytest.mark.oms(scenario="restock", seed=3)
def test_it(oms):
    answered(oms, "first")
    oms.advance("1m")
    oms.order(["TST-001-M"], city="Ankara'da")
    answered(oms, "later")
    oms.restock("TST-002-L", "WH001", 10)
    oms.advance("30m")
    answered(oms, "last")
    assert False
"""
    )
    output = tests.runpytest_subprocess().stdout.str()
    (command,) = re.findall(r"^Make it again: (.*)$", output, re.MULTILINE)
    (line,) = re.findall(r"^X-Mock-Oms: (.*)$", output, re.MULTILINE)
    assert (tests.path / "last.txt").read_text() == line
    for name in ("first", "later", "last"):
        then = (tests.path / f"{name}.txt").read_text()
        replay = f"{program()} replay '{then}' --plan 41207 --json --snapshot -"
        shell = command.replace("mock-oms world new --snapshot -", replay)
        assert tests.run("/bin/sh", "-c", f"{shell} > again.json").ret == 0
        assert (tests.path / "again.json").read_bytes() == (tests.path / f"{name}.json").read_bytes()


def test_a_failing_fixture_shows_the_world_too(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
import pytest
@pytest.fixture
def broken(oms):
    raise RuntimeError
def test_it(broken): ...
"""
    )
    result = tests.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*mock-oms world *", "Make it again: *"])


def test_a_fixture_that_fails_after_the_test_shows_the_world_too(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
import pytest
@pytest.fixture
def counting(oms):
    yield
    assert oms.plans().count == 5
@pytest.mark.oms(scenario="restock")
def test_it(counting, oms):
    oms.block("WH001")
@pytest.mark.oms(scenario="restock")
class TestIt:
    def teardown_method(self):
        assert False
    def test_it(self, oms):
        oms.block("WH001")
"""
    )
    result = tests.runpytest_subprocess()
    result.assert_outcomes(passed=2, errors=2)
    account = ["*- mock-oms world *", "*  block *", "Make it again: *"]
    result.stdout.fnmatch_lines([*account, *account])


def test_a_world_that_the_test_closed_is_shown_as_it_was_then(tests: pytest.Pytester) -> None:
    tests.makepyfile(FAILS.replace("assert False", "oms.block('WH001')\n    oms.close()\n    assert False"))
    result = tests.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- mock-oms world *", "*  block *", "Make it again: *"])


def test_a_world_that_others_closed_says_so(tests: pytest.Pytester) -> None:
    tests.makepyfile("def test_it(oms, oms_control):\n    oms_control.world(oms.name).close()\n    assert False\n")
    result = tests.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["There is no world *"])


def test_what_a_rebuilding_needs_is_said_before_it(tests: pytest.Pytester) -> None:
    tests.makepyfile(FAILS)
    result = tests.runpytest_subprocess()
    needs = "Where a mock runs that knows the scenario restock (MOCK_OMS_URL names it; else http://127.0.0.1:8080):"
    lines = result.outlines
    assert lines[lines.index(needs) + 1].startswith("Make it again: ")


# When nobody uses it


def test_nothing_of_the_mock_is_imported_and_no_server_started_where_it_is_not_used(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
import sys
def test_it():
    ours = sorted(name for name in sys.modules if name.startswith("mock_oms"))
    assert ours == ["mock_oms", "mock_oms.pytest_plugin"]
    assert not {"flask", "httpx", "uvicorn", "marshmallow"} & set(sys.modules)
"""
    )
    assert_passed(tests)
