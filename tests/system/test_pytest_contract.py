"""The checks of the contract as tests of a user's own, in pytests of their own."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mock_oms.conformance.checks import ALL
from mock_oms.conformance.crawl import Crawl, Question
from mock_oms.conformance.observation_file import write_observation
from mock_oms.conformance.observe import observed_of
from mock_oms.testing import running_server
from tests.drf.serving import real_oms
from tests.strange_oms import Answered, Asked, as_json, orderly, strange_oms
from tests.surveys import TOKEN, built, survey_of
from tests.system.test_pytest_plugin import CONFIG
from tests.worlds import START

pytest_plugins = ["pytester"]

ONE_LINE = "from mock_oms.contract.checks.suite import *\n"
OVERRIDE = """
import pytest
from mock_oms.switches import Switches

@pytest.fixture(scope="session")
def oms_answers():
    return Switches(page_size=4, not_found="model")
"""


@pytest.fixture
def tests(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for tests, with the one line in it."""
    for name in ("MOCK_OMS_URL", "OMS_URL", "OMS_TOKEN", "OMS_YES", "PYTEST_ADDOPTS", "PYTEST_XDIST_AUTO_NUM_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    pytester.makeini(CONFIG)
    pytester.makepyfile(test_contract=ONE_LINE)
    return pytester


def plans() -> list[dict[str, Any]]:
    """What the mock says of ten plans."""
    return list({one["id"]: one for one in (each.content for each in survey_of(built()).of(Question.DETAIL))}.values())


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("real")
    with real_oms(folder, plans(), page_size=4, not_found="model") as url:
        yield url


def outcomes(result: pytest.RunResult) -> tuple[int, int]:
    """How many tests there were, and how many failed; none may err."""
    counted = result.parseoutcomes()
    assert counted.get("errors", 0) == 0
    return sum(counted.get(kind, 0) for kind in ("passed", "skipped", "failed")), counted.get("failed", 0)


def test_a_mock_that_starts_with_what_was_observed_is_judged_by_it(tests: pytest.Pytester) -> None:
    visit = Crawl(target="https://oms.example.com", asked=(), whole=False)
    seen = replace(observed_of(visit, (), START), answers={"page_size": 4, "not_found": "model"})
    (tests.path / "oms-observed.yaml").write_text(write_observation(seen), encoding="utf-8")
    assert outcomes(tests.runpytest_subprocess("--oms-observed", "oms-observed.yaml")) == (len(ALL), 0)


def test_every_check_is_a_test_that_the_mock_passes(tests: pytest.Pytester) -> None:
    result = tests.runpytest_subprocess("-rs")
    assert outcomes(result) == (len(ALL), 0)
    result.stdout.fnmatch_lines(["SKIPPED*no page above the maximum was asked for*"])


def test_a_real_oms_with_other_switches_fails_the_tests_that_are_about_them(
    tests: pytest.Pytester, real: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_TOKEN", TOKEN)
    result = tests.runpytest_subprocess("--oms-target", "real", "--oms-real-url", real)
    assert outcomes(result) == (len(ALL), 2)
    result.stdout.fnmatch_lines(
        ["*cosmetic: GET /api/v1/oms/orderexecutionplans/, results: the page has another size*"]
    )
    result.stdout.fnmatch_lines(["*cosmetic: GET /api/v1/oms/orderexecutionplans/*, detail: the words are others*"])
    assert TOKEN not in result.stdout.str()


def test_both_are_asked_and_the_expected_switches_can_be_said(
    tests: pytest.Pytester, real: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_TOKEN", TOKEN)
    monkeypatch.setenv("OMS_URL", real)
    tests.makeconftest(OVERRIDE)
    scenario = "description: A test.\nplans: [{items: [A], count: 9}]\nanswers: {page_size: 4, not_found: model}\n"
    tests.makefile(".yaml", ours=scenario)
    result = tests.runpytest_subprocess("--oms-target", "both", "--oms-scenarios", ".", "-o", "oms_scenario=ours")
    assert outcomes(result) == (2 * len(ALL), 0)


@pytest.mark.parametrize(
    ("given", "missing"),
    [({}, "its address (--oms-real-url or OMS_URL)"), ({"OMS_URL": "http://[::1]:1"}, "its token")],
)
def test_what_is_missing_to_ask_a_real_oms_is_said(
    tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], missing: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    result = tests.runpytest_subprocess("--oms-target", "real", "-x")
    result.stdout.fnmatch_lines([f"*--oms-target: to ask a real OMS, {missing}*"])


def test_without_the_extra_there_is_one_error_that_says_what_to_install(tests: pytest.Pytester) -> None:
    tests.makeconftest("import sys\nsys.modules['jsonschema'] = None\n")
    result = tests.runpytest_subprocess("--oms-target", "both")
    assert result.parseoutcomes() == {"errors": 1}
    result.stdout.fnmatch_lines(
        ["The checks of the contract need the package jsonschema*pip install '.[[]contract[]]'*"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_without_the_extra_tests_of_another_kind_run(tests: pytest.Pytester) -> None:
    tests.makeconftest("import sys\nsys.modules['jsonschema'] = None\n")
    tests.makepyfile(test_other="def test_it(oms): assert oms.token\n")
    tests.runpytest_subprocess("test_other.py").assert_outcomes(passed=1)


def test_a_mock_that_wants_its_control_token_is_one_sentence_in_each_check(
    tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOCK_OMS_CONTROL_TOKEN", raising=False)
    with running_server(control_token="secret") as server:
        result = tests.runpytest_subprocess("--oms-url", server.url, "-x")
    fails_with(result, "wants its control token, and none was given: say --oms-control-token TOKEN, *")
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*connection.py*")


# What is cut short


def fails_with(result: pytest.RunResult, said: str) -> None:
    """Nothing passed and nothing was skipped, and the sentence is there."""
    assert result.ret == 1
    assert result.parseoutcomes().keys() == {"errors"}
    result.stdout.fnmatch_lines([f"*{said}*"])


def asked_of(oms: str, tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.RunResult:
    monkeypatch.setenv("OMS_TOKEN", TOKEN)
    monkeypatch.setenv("OMS_URL", oms)
    return tests.runpytest_subprocess("--oms-target", "real")


def test_a_token_that_is_wrong_fails_the_tests(tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    with strange_oms(lambda _: as_json({"detail": "Invalid token."}, 401)) as oms:
        result = asked_of(oms.url, tests, monkeypatch)
    fails_with(result, "answered 401 to the first page of the list: is the token right")


@pytest.mark.parametrize(
    ("status", "said"), [(429, "The OMS answered 429 to request 6"), (503, "The OMS failed twice in a row")]
)
def test_a_visit_that_was_cut_short_fails_the_tests(
    status: int, said: str, tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(asked: Asked) -> Answered:
        return as_json({"detail": "No."}, status) if asked.number > 5 else orderly(3)(asked)

    with strange_oms(answer) as oms:
        fails_with(asked_of(oms.url, tests, monkeypatch), said)


def test_another_host_is_not_asked_without_consent(tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    result = asked_of("https://oms.example.net", tests, monkeypatch)
    fails_with(result, "https://oms.example.net is not this machine: at most 200 GET, 2 per second. Say --oms-yes")


@pytest.mark.parametrize("said", ["--oms-yes", "OMS_YES"])
def test_with_consent_another_host_is_asked(said: str, tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [said] if said.startswith("-") else []
    if not words:
        monkeypatch.setenv(said, "1")
    monkeypatch.setenv("OMS_TOKEN", TOKEN)
    # A port where nobody listens, of this machine under an address that is not known to be its own.
    result = tests.runpytest_subprocess("--oms-target", "real", "--oms-real-url", "http://0.0.0.0:1", "-x", *words)
    fails_with(result, "http://0.0.0.0:1 gave no answer")
