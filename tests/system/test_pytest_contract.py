"""The checks of the contract as tests of a user's own, in runs of pytest of their own."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest

from mock_oms.conformance.checks import ALL
from mock_oms.conformance.crawl import Crawl, Question
from mock_oms.conformance.observation_file import write_observation
from mock_oms.conformance.observe import observed_of
from mock_oms.testing import running_server
from tests.drf.serving import real_oms
from tests.strange_oms import Answered, Answering, Asked, as_json, orderly, strange_oms
from tests.system.test_pytest_plugin import CONFIG
from tests.whole_crawls import TOKEN, built, whole_crawl_of
from tests.worlds import START

pytest_plugins = ["pytester"]

NOBODY, NOT_HERE = "http://0.0.0.0:1", "https://oms.example.net is not this machine"
ONE_LINE = "from mock_oms.contract.checks.suite import *\n"
OVERRIDE = """
import pytest
from mock_oms.switches import Switches

@pytest.fixture(scope="session")
def oms_answers():
    return Switches(page_size=4, not_found="model")
"""


@pytest.fixture
def tests(_modules_stay: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for tests, with the one line in it."""
    monkeypatch.setattr("mock_oms.conformance.crawler.session.RATE_HERE", 1000.0)
    for name in ("MOCK_OMS_URL", "OMS_URL", "OMS_TOKEN", "OMS_YES", "PYTEST_ADDOPTS", "PYTEST_XDIST_AUTO_NUM_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    pytester.makeini(CONFIG)
    pytester.makepyfile(test_contract=ONE_LINE)
    return pytester


def plans() -> list[dict[str, Any]]:
    """What the mock says of ten plans."""
    return list(
        {one["id"]: one for one in (each.content for each in whole_crawl_of(built()).of(Question.DETAIL))}.values()
    )


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


@pytest.mark.smoke
def test_every_check_is_a_test_that_the_mock_passes(tests: pytest.Pytester) -> None:
    result = tests.runpytest_inprocess("-rs")
    assert outcomes(result) == (len(ALL), 0)
    result.stdout.fnmatch_lines(["SKIPPED*no page above the maximum was asked for*"])


def test_a_mock_that_starts_with_what_was_observed_is_judged_by_it(tests: pytest.Pytester) -> None:
    crawl = Crawl(target="https://oms.example.com", answered=(), whole=False)
    seen = replace(observed_of(crawl, (), START), answers={"page_size": 4, "not_found": "model"})
    (tests.path / "oms-observed.yaml").write_text(write_observation(seen), encoding="utf-8")
    assert outcomes(tests.runpytest_inprocess("--oms-observed", "oms-observed.yaml")) == (len(ALL), 0)


def test_a_real_oms_with_other_switches_fails_the_tests_that_are_about_them_until_they_are_expected(
    tests: pytest.Pytester, real: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_TOKEN", TOKEN)
    result = tests.runpytest_inprocess("--oms-target", "real", "--oms-real-url", real)
    assert outcomes(result) == (len(ALL), 2)
    for words in (", results: the page has another size*", "*, detail: the words are others*"):
        result.stdout.fnmatch_lines([f"*cosmetic: GET /api/v1/oms/orderexecutionplans/{words}"])
    assert TOKEN not in result.stdout.str()

    monkeypatch.setenv("OMS_URL", real)
    tests.makeconftest(OVERRIDE)
    scenario = "description: A test.\nplans: [{items: [A], count: 9}]\nanswers: {page_size: 4, not_found: model}\n"
    tests.makefile(".yaml", ours=scenario)
    result = tests.runpytest_inprocess("--oms-target", "both", "--oms-scenarios", ".", "-o", "oms_scenario=ours")
    assert outcomes(result) == (2 * len(ALL), 0)


def test_without_the_extra_one_error_says_what_to_install_and_other_tests_run(tests: pytest.Pytester) -> None:
    tests.makeconftest("import sys\nsys.modules['jsonschema'] = None\n")
    result = tests.runpytest_inprocess("--oms-target", "both")
    assert result.parseoutcomes() == {"errors": 1}
    said = "The checks of the contract need the package jsonschema*pip install '.[[]contract[]]'*"
    result.stdout.fnmatch_lines([said])
    result.stdout.no_fnmatch_line("*Traceback*")
    tests.makepyfile(test_other="def test_it(oms): assert oms.token\n")
    tests.runpytest_inprocess("test_other.py").assert_outcomes(passed=1)


# What cannot be crawled, or not to its end: nothing passes, nothing is skipped, and one sentence says why.


def refuse(_: Asked) -> Answered:
    return as_json({"detail": "Invalid token."}, 401)


def failing_with(status: int) -> Answering:
    return lambda asked: as_json({"detail": "No."}, status) if asked.number > 5 else orderly(3)(asked)


@pytest.mark.parametrize(
    ("oms", "environment", "said"),
    [
        (None, {}, "--oms-target: to ask a real OMS, its address (--oms-real-url or OMS_URL)"),
        (None, {"OMS_URL": "http://[::1]:1"}, "--oms-target: to ask a real OMS, its token"),
        (
            None,
            {"OMS_URL": "https://oms.example.net", "OMS_TOKEN": TOKEN},
            f"{NOT_HERE}: at most 200 GET, 2 per second.",
        ),
        (refuse, {"OMS_TOKEN": TOKEN}, "answered 401 to the first page of the list: is the token right"),
        (failing_with(429), {"OMS_TOKEN": TOKEN}, "The OMS answered 429 to request 6"),
        (failing_with(503), {"OMS_TOKEN": TOKEN}, "The OMS failed twice in a row"),
        (orderly(0), {"OMS_TOKEN": TOKEN}, "shows no plan, so nobody knows what its plans are like"),
        # A port where nobody listens, of this machine under an address that is not known to be its own.
        (None, {"OMS_URL": NOBODY, "OMS_TOKEN": TOKEN, "OMS_YES": "1"}, f"{NOBODY} gave no answer"),
    ],
)
def test_an_oms_that_cannot_be_crawled_fails_every_test_with_the_reason(
    oms: Answering | None,
    environment: dict[str, str],
    said: str,
    tests: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with strange_oms(oms) if oms else nullcontext() as running:
        words = ("--oms-real-url", running.url) if running else ()
        result = tests.runpytest_inprocess("--oms-target", "real", "-x", *words)
    assert (int(result.ret), {*result.parseoutcomes()}) == (1, {"errors"})
    result.stdout.fnmatch_lines([f"*{said.replace('[', '[[]')}*"])


def test_consent_can_be_given_by_an_option(tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_TOKEN", TOKEN)
    result = tests.runpytest_inprocess("--oms-target", "real", "--oms-real-url", NOBODY, "-x", "--oms-yes")
    result.stdout.fnmatch_lines([f"*{NOBODY} gave no answer*"])


def test_a_mock_that_wants_its_control_token_is_one_sentence_in_each_check(
    tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOCK_OMS_CONTROL_TOKEN", raising=False)
    with running_server(control_token="secret") as server:
        result = tests.runpytest_inprocess("--oms-url", server.url, "-x")
    assert (int(result.ret), {*result.parseoutcomes()}) == (1, {"errors"})
    result.stdout.fnmatch_lines(["*wants its control token, and none was given: say --oms-control-token TOKEN, *"])
    for trace in ("*Traceback*", "*connection.py*"):
        result.stdout.no_fnmatch_line(trace)
