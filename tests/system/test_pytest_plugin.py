"""The pytest plugin, in pytests of its own: a world for each test, and a report on it where one fails."""

import json
import re
from collections.abc import Sequence
from textwrap import dedent

import pytest

from mock_oms.pytest_plugin import pytest_report_header
from mock_oms.testing import running_server
from tests.typed import printed, typed

pytest_plugins = ["pytester"]

CONFIG = """
[pytest]
# Without the plugins of our own project, whose imports take longer than these tests.
addopts = -p no:cacheprovider -p no:randomly -p no:schemathesis -p no:hypothesispytest -p no:faker -p no:anyio
filterwarnings = error
"""
EMPTY = "description: x\nplans: []\n"


@pytest.fixture
def tests(_modules_stay: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for tests, whose pytest knows nothing of ours."""
    for name in ("URL", "CONTROL_TOKEN", "CONTROL_TOKEN_FILE", "TLS_CA"):
        monkeypatch.delenv(f"MOCK_OMS_{name}", raising=False)
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_AUTO_NUM_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    pytester.makeini(CONFIG)
    return pytester


def written(tests: pytest.Pytester, source: str) -> pytest.Pytester:
    """The folder with a file of a user's tests in it."""
    tests.makepyfile(test_it=f"import pytest\n{dedent(source)}")
    return tests


def ran(tests: pytest.Pytester, source: str, *options: str, **outcomes: int) -> pytest.RunResult:
    """The run of a file of a user's tests in this process, which must come to these outcomes."""
    result = written(tests, source).runpytest_inprocess(*options)
    result.assert_outcomes(**outcomes)
    return result


def found_in(result: pytest.RunResult, lines: Sequence[str]) -> None:
    result.stdout.fnmatch_lines(lines)
    result.stdout.no_fnmatch_line("*During handling*")


READS = """
import json, urllib.request
def states(oms):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(oms.url + "/api/v1/oms/orderexecutionplans/?limit=100", headers=oms.headers)
    return {plan["id"]: plan["state"] for plan in json.load(opener.open(request))["results"]}
"""


@pytest.mark.smoke
def test_each_test_has_a_frozen_world_of_its_own_as_its_markers_say(tests: pytest.Pytester) -> None:
    with running_server() as server, server.control.open_world(scenario="restock", clock={"rate": 60}) as world:
        world.advance("1h")
        (tests.path / "saved.json").write_text(json.dumps(world.snapshot()), encoding="utf-8")
    (tests.path / "mine.yaml").write_text(f"{EMPTY}clock: {{rate: 60}}\n", encoding="utf-8")
    tests.makeini(f"{CONFIG}oms_scenario = mine\noms_scenarios = .\n")
    source = """
    import pathlib, unittest
    @pytest.mark.oms(scenario="restock", seed=3)
    def test_the_example_of_the_readme(oms):
        oms.advance("1m")
        assert states(oms) == {41207: "pending"}
        oms.restock("TST-002-L", "WH001", 10)
        oms.advance("30m")
        assert states(oms) == {41207: "completed"}
        assert oms.facts().seed == 3
    @pytest.mark.oms(scenario="restock")
    @pytest.mark.parametrize("number", range(2))
    def test_starts_fresh(oms, number):
        assert oms.run(41207, "plan-cancel").to == "cancelled"
    def test_nothing_is_left(oms_control):
        assert [one.name for one in oms_control.worlds()] == ["default"]
    def test_the_clock_is_frozen_though_the_scenario_lets_it_run(oms):
        assert (oms.scenario, oms.clock.rate) == ("mine", 0)
    @pytest.mark.oms(scenario="restock", seed=2)
    class TestIt:
        def test_of_the_class(self, oms):
            assert (oms.scenario, oms.seed) == ("restock", 2)
        @pytest.mark.oms(seed=3, clock={"rate": 60})
        def test_of_its_own(self, oms):
            assert (oms.scenario, oms.seed, oms.clock.rate) == ("restock", 3, 60)
    @pytest.mark.oms(snapshot=json.loads(pathlib.Path("saved.json").read_text()))
    def test_a_snapshot(oms):
        assert (oms.plan(41207).state, oms.clock.rate) == ("completed", 0)
    @pytest.mark.oms(scenario="restock")
    class TestOfUnittest(unittest.TestCase):
        @pytest.fixture(autouse=True)
        def _world(self, oms):
            self.oms = oms
        def test_it(self):
            self.assertEqual(self.oms.plan(41207).state, "start")
    """
    ran(tests, READS + dedent(source), passed=9)


def test_the_marker_of_a_module_holds_for_its_tests(tests: pytest.Pytester) -> None:
    ran(tests, "pytestmark = pytest.mark.oms(seed=7)\ndef test_it(oms):\n    assert oms.seed == 7\n", passed=1)


def test_a_scenario_is_a_file_beside_the_test_or_in_the_rootdir_and_sent_to_any_server(tests: pytest.Pytester) -> None:
    for folder, seed in (("", 1), ("inner", 2), ("inner/profiles", 0)):
        (tests.path / folder).mkdir(exist_ok=True)
        (tests.path / folder / "busy.yaml").write_text(f"{EMPTY}seed: {seed}\n", encoding="utf-8")
    (tests.path / "root.yml").write_text(f"{EMPTY}seed: 3\nprofiles: [flaky]\n", encoding="utf-8")
    tests.makeini(f"{CONFIG}oms_scenario = root.yml\n")
    source = """
    import pathlib, pytest
    @pytest.mark.parametrize("number", range(2))
    @pytest.mark.oms(scenario="busy.yaml")
    def test_beside(oms, number):
        assert (oms.scenario, oms.seed) == ("busy", 2)
    @pytest.mark.oms(scenario=pathlib.Path("../busy.yaml"))
    def test_above(oms):
        assert oms.seed == 1
    @pytest.mark.oms(scenario="./root.yml")
    def test_of_the_root(oms):
        assert (oms.scenario, oms.seed, {one.origin for one in oms.faults()}) == ("root", 3, {"profile flaky"})
    def test_the_usual_one(oms):
        assert oms.seed == 3
    @pytest.mark.oms(scenario={"description": "x", "plans": [{"state": "pending"}]})
    def test_a_mapping(oms):
        assert (oms.scenario, oms.plans().count) == ("inline", 1)
    """
    (tests.path / "inner" / "test_inner.py").write_text(dedent(source), encoding="utf-8")
    with running_server() as server:
        for more in ([], ["--oms-url", server.url]):
            tests.runpytest_inprocess(*more).assert_outcomes(passed=6)


def test_a_scenario_file_that_is_not_there_or_cannot_be_used_is_a_sentence(tests: pytest.Pytester) -> None:
    (tests.path / "broken.yaml").write_text("description: x\nplan: []\n", encoding="utf-8")
    for path, says in (
        ("no.yaml", f"@pytest.mark.oms: there is no file {tests.path}/no.yaml; a path begins beside the test, *"),
        ("broken.yaml", f"{tests.path}/broken.yaml:2: plan: unknown key; the nearest is plans."),
    ):
        result = ran(tests, f"@pytest.mark.oms(scenario={path!r})\ndef test_it(oms): ...\n", errors=1)
        found_in(result, [f"*{says}"])
        result.stdout.no_fnmatch_line("*pytest_plugin.py*")


NOBODY = "mock_oms.client.Control('http://127.0.0.1:9')"
HIDDEN = {
    "oms.verify('detail', exactly=1)": "E *VerificationError: expected exactly 1 detail request, found none.",
    "oms.run(41207, 'plan-complete')": "E *ControlError: *",
    "oms.run_at('fast')": "E *WishError: rate: found 'fast'; accepted: *",
    "mock_oms.client.Control(oms.url).open_world(scenario='no.yaml')": "E *WishError: no.yaml: the file cannot be read: *",
    f"{NOBODY}.worlds()": "E *UnreachableError: No mock-oms answers at *",
    f"next({NOBODY}._connection.lines())": "E *UnreachableError: No mock-oms answers at *",
}


def test_a_failure_points_at_the_line_of_the_test_and_shows_none_of_ours(tests: pytest.Pytester) -> None:
    lines = [
        f"def test_{number}({'' if NOBODY in call else 'oms'}):\n    {call}\n" for number, call in enumerate(HIDDEN)
    ]
    source = "".join(["import mock_oms.client\npytestmark = pytest.mark.oms(scenario='restock')\n", *lines])
    result = ran(tests, source, failed=len(HIDDEN))
    shown = result.stdout.str()
    places = re.findall(r"^(\S+\.py):\d+: ", shown, re.MULTILINE)
    assert places == ["test_it.py"] * len(HIDDEN)
    found_in(result, [line for call, error in HIDDEN.items() for line in (f">   *{call}", error)])
    assert "connection.py:" in tests.runpytest_inprocess("--full-trace", "-k", "test_4").stdout.str()


MARKS = {
    '"restock"': "@pytest.mark.oms: found 'restock' without a keyword; accepted: clock, scenario, seed, snapshot.",
    'scenaro="restock"': (
        "@pytest.mark.oms: found scenaro; accepted: clock, scenario, seed, snapshot; the nearest is scenario."
    ),
    "clock=60": 'clock: found 60; accepted: a mapping such as {"rate": 60}.',
    'clock={"rate": float("nan")}': "rate: found nan; accepted: *",
    'scenario="restok"': "scenario: There is no scenario restok; the nearest is restock. *",
}


def test_a_marker_that_says_something_else_is_refused_once(tests: pytest.Pytester) -> None:
    source = "".join(f"@pytest.mark.oms({mark})\ndef test_{at}(oms): ...\n" for at, mark in enumerate(MARKS))
    result = ran(tests, source, "-r", "N", errors=len(MARKS))
    found_in(result, list(MARKS.values()))
    assert len(re.findall("accepted: |There is no scenario", result.stdout.str())) == len(MARKS)


def test_the_marker_is_registered(tests: pytest.Pytester) -> None:
    lines = tests.runpytest_inprocess("--markers").outlines
    assert [line for line in lines if line.startswith("@pytest.mark.oms(scenario=, seed=, clock=, snapshot=): ")]


# Which server


def test_the_fixtures_for_scenarios_and_settings_are_overridden(tests: pytest.Pytester) -> None:
    (tests.mkdir("own") / "mine.yaml").write_text(EMPTY, encoding="utf-8")
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
    source = """
    @pytest.mark.oms(scenario="mine")
    def test_it(oms, oms_control):
        assert oms.plans().count == 0
        assert oms_control.world().token == "mine"
    """
    ran(tests, source, passed=1)


def test_settings_that_no_server_takes_are_one_sentence(tests: pytest.Pytester) -> None:
    source = """
    @pytest.fixture(scope="session")
    def oms_settings():
        return {"portt": 1}
    def test_it(oms): ...
    """
    result = ran(tests, source, errors=1)
    found_in(result, ["oms_settings, oms_scenarios: There is no setting portt; the nearest is port."])
    result.stdout.no_fnmatch_line("*Traceback*")


NOTHING = "@pytest.mark.oms(scenario='mine')\ndef test_it(oms): ...\n"


def test_a_folder_of_scenarios_is_used_by_our_own_server_alone(tests: pytest.Pytester) -> None:
    (tests.mkdir("own") / "mine.yaml").write_text(EMPTY, encoding="utf-8")
    ran(tests, NOTHING, "--oms-scenarios", "own", passed=1)
    with running_server() as server:
        result = ran(tests, NOTHING, "--oms-scenarios", "own", "--oms-url", server.url, errors=1)
    unused = f"The folder {tests.path}/own (oms_scenarios) is not used: {server.url} plays scenarios of its own."
    found_in(result, [f"*There is no scenario mine* {unused}"])


@pytest.mark.parametrize(
    ("token", "says"),
    [
        (None, "The mock at {url} wants its control token, and none was given: say {ways}."),
        ("wrong-one", "The control token that was given is not that of the mock at {url}: say its own by {ways}."),
    ],
)
def test_an_error_says_where_the_control_token_is_looked_for(
    tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, token: str | None, says: str
) -> None:
    if token:
        monkeypatch.setenv("MOCK_OMS_CONTROL_TOKEN", token)
    with running_server(control_token="secret") as server:
        result = ran(tests, NOTHING, "--oms-url", server.url, errors=1)
    ways = "--oms-control-token TOKEN, MOCK_OMS_CONTROL_TOKEN or MOCK_OMS_CONTROL_TOKEN_FILE"
    found_in(result, [says.format(url=server.url, ways=ways)])
    assert "wrong-one" not in result.stdout.str()


def test_the_address_comes_from_the_option_the_environment_or_the_ini_file(
    tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = "mock-oms: worlds on {}, with its own scenarios and settings"
    assert pytest_report_header(tests.parseconfig()) is None
    tests.makeini(f"{CONFIG}oms_url = ini\n")
    assert pytest_report_header(tests.parseconfig()) == header.format("ini")
    monkeypatch.setenv("MOCK_OMS_URL", "variable")
    assert pytest_report_header(tests.parseconfig()) == header.format("variable")
    assert pytest_report_header(tests.parseconfig("--oms-url", "option")) == header.format("option")


def test_a_server_that_runs_already_is_used(tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def test_it(oms_control, oms):\n    assert oms_control.world().seed == 77\n"
    monkeypatch.setenv("MOCK_OMS_CONTROL_TOKEN", "wrong-one")
    with running_server(scenario="restock", seed=77, control_token="secret") as server:
        result = ran(tests, source, "--oms-url", server.url, "--oms-control-token", "secret", passed=1)
    found_in(result, [f"mock-oms: worlds on {server.url}, with its own scenarios and settings"])


def test_a_server_that_runs_with_tls_is_used_as_the_environment_trusts_it(
    tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tests.makefile(".txt", token="secret\n")
    source = "def test_it(oms):\n    assert (oms.url[:6], oms.plans().count) == ('https:', 25)\n"
    with running_server(tls="on", control_token="secret") as server:
        monkeypatch.setenv("MOCK_OMS_TLS_CA", str(server.ca))
        monkeypatch.setenv("MOCK_OMS_CONTROL_TOKEN_FILE", str(token))
        ran(tests, source, "--oms-url", server.url, passed=1)


def test_a_server_that_is_not_there_is_one_sentence(tests: pytest.Pytester) -> None:
    result = ran(tests, NOTHING, "--oms-url", "http://127.0.0.1:9", errors=1)
    found_in(result, ["*No mock-oms answers at http://127.0.0.1:9*"])


def test_many_workers_share_one_server_without_meeting(tests: pytest.Pytester) -> None:
    source = """
    @pytest.mark.oms(scenario="restock")
    @pytest.mark.parametrize("number", range(40))
    def test_it(oms, number):
        assert states(oms) == {41207: "start"}
        oms.run(41207, "plan-cancel")
        new = oms.order(["TST-001-M"] * (number % 3 + 1)).plan
        assert states(oms) == {41207: "cancelled", new: "start"}
    """
    with running_server() as server:
        ran(tests, READS + dedent(source), "-n", "2", "--oms-url", server.url, passed=40)
        assert [one.name for one in server.control.worlds()] == ["default"]


# When a test fails

FAILS = """
@pytest.mark.oms(scenario="restock", seed=3)
def test_it(oms):
    oms.advance("1m")
    oms.order(["TST-001-M"], city="Ankara'da")
    assert False
"""
SHORT = ["*- mock-oms world *", "*  block *", "Make it again: *"]


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_test_that_fails_shows_its_world_and_what_rebuilding_it_needs(tests: pytest.Pytester, workers: str) -> None:
    found_in(
        ran(tests, FAILS, "-n", workers, failed=1),
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
            "Where a mock runs that knows the scenario restock (MOCK_OMS_URL names it; else http://127.0.0.1:8080):",
            "Make it again: *",
        ],
    )


def test_the_report_comes_wherever_the_test_failed(tests: pytest.Pytester) -> None:
    source = """
    import unittest, urllib.error
    pytestmark = pytest.mark.oms(scenario="restock")
    def test_1_shows_requests_with_fault_and_hint(oms):
        oms.fault(status=503, times=1)
        with pytest.raises(urllib.error.HTTPError):
            states(oms)
        for _ in range(20):
            states(oms)
        oms.verify("detail", plan=41207)
    @pytest.fixture
    def broken(oms):
        oms.block("WH001")
        raise RuntimeError
    def test_2_whose_fixture_fails_before(broken): ...
    @pytest.fixture
    def counting(oms):
        yield
        assert oms.plans().count == 5
    def test_3_whose_fixture_fails_after(counting, oms):
        oms.block("WH001")
    class Test4:
        def teardown_method(self):
            assert False
        def test_whose_teardown_fails(self, oms):
            oms.block("WH001")
    def test_5_that_closed_its_world(oms):
        oms.block("WH001")
        oms.close()
        assert False
    class Test6(unittest.TestCase):
        @pytest.fixture(autouse=True)
        def _world(self, oms):
            self.oms = oms
        def test_of_unittest(self):
            self.oms.block("WH001")
            self.fail("to see the report")
    def test_7_whose_world_others_closed(oms, oms_control):
        oms_control.world(oms.name).close()
        assert False
    """
    result = ran(tests, READS + dedent(source), "-p", "no:xdist", passed=2, failed=4, errors=3)
    assert len(re.findall("^-+ mock-oms world", result.stdout.str(), re.MULTILINE)) == 7
    found_in(
        result,
        [
            "*expected at least 1 detail request of plan 41207, found none.",
            "*nearest: number 21: operation is list, not detail, plan is none, not 41207",
            "requests:",
            "  1 earlier",
            "  2  2024-03-05T09:00:00Z  GET /api/v1/oms/orderexecutionplans/[?]limit=100 -> 200",
        ],
    )
    found_in(result, SHORT * 5)
    found_in(result, ["There is no world *"])


def test_the_report_makes_the_same_world_again_and_gives_the_bytes_of_every_answer(tests: pytest.Pytester) -> None:
    source = """
    import pathlib, urllib.request
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
    output = ran(tests, source, failed=1).stdout.str()
    (command,) = re.findall(r"^Make it again: (.*)$", output, re.MULTILINE)
    (line,) = re.findall(r"^X-Mock-Oms: (.*)$", output, re.MULTILINE)
    assert (tests.path / "last.txt").read_text() == line
    new = "mock-oms world new --snapshot -"
    assert new in command
    assert tests.run("/bin/sh", "-c", command.replace(new, "cat > snapshot.json")).ret == 0
    snapshot = (tests.path / "snapshot.json").read_text(encoding="utf-8")
    for name in ("first", "later", "last"):
        then = (tests.path / f"{name}.txt").read_text()
        again = typed("replay", then, "--plan", 41207, "--json", "--snapshot", "-", text=snapshot)
        assert again.stdout_bytes == (tests.path / f"{name}.json").read_bytes()
    with running_server() as server:
        printed("world", "new", "--snapshot", "-", "--name", "again", "--url", server.url, text=snapshot)
        world = server.control.world("again")
        assert (world.seed, [one.word for one in world.events()]) == (3, ["order", "restock"])
        assert world.plan(41207).state == "completed"


# When nobody uses it


def test_nothing_of_the_mock_is_imported_and_no_server_started_where_it_is_not_used(tests: pytest.Pytester) -> None:
    source = """
    import sys
    def test_it():
        ours = sorted(name for name in sys.modules if name.startswith("mock_oms"))
        assert ours == ["mock_oms", "mock_oms.pytest_plugin"]
        assert not {"flask", "httpx", "uvicorn", "marshmallow"} & set(sys.modules)
    """
    written(tests, source).runpytest_subprocess().assert_outcomes(passed=1)
