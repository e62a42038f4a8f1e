"""A server, the command line and the pytest plugin take what was observed, and say how old it is."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from mock_oms.cli.main import main
from mock_oms.conformance.observation_file import write_observation
from mock_oms.contract.observation import Host
from mock_oms.testing import running_server
from tests.crawls import PLANS
from tests.unit.test_observed_file import SEEN

pytest_plugins = ["pytester"]

CONFIG = """
[pytest]
addopts = -p no:cacheprovider -p no:randomly -p no:schemathesis -p no:hypothesispytest -p no:faker -p no:anyio
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An observation of ten days ago: a bare array, and another 404."""
    return written(tmp_path, days=10)


def written(folder: Path, *, days: int, host: Host = Host.PUBLIC) -> Path:
    date = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days)
    found = replace(SEEN, date=date, host=host, answers={"list": "array", "not_found": "model"})
    file = folder / "oms-observed.yaml"
    file.write_text(write_observation(found), encoding="utf-8")
    return file


@pytest.fixture
def client(file: Path) -> Iterator[httpx.Client]:
    with (
        running_server(scenario="restock", observed=file) as server,
        httpx.Client(
            base_url=server.url, trust_env=False, headers={"Authorization": f"Token {server.token}"}
        ) as client,
    ):
        yield client


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_a_server_starts_with_the_switches_that_were_observed(client: httpx.Client) -> None:
    assert isinstance(client.get(PLANS).json(), list)
    missing = client.get(f"{PLANS}987654321/").json()
    assert missing == {"detail": "No OrderExecutionPlan matches the given query."}


def test_ready_and_the_page_say_when_the_contract_was_last_checked(client: httpx.Client) -> None:
    told = "contract last checked against a real OMS: "
    assert client.get("/_mock/health/ready").json()["contract"].startswith(told)
    assert "(10 days ago)" in client.get("/_mock/health/ready").json()["contract"]
    assert told in client.get("/_mock/docs").text


def test_the_ledger_shows_what_was_observed(file: Path) -> None:
    said = run("assumptions", "--observed", str(file)).stdout
    assert "observed on " in said
    assert "contradicted on " in said
    assert said.splitlines()[-1].endswith("(10 days ago)")


def test_the_ledger_as_json_has_every_entry(file: Path) -> None:
    said = json.loads(run("assumptions", "--json", "--observed", str(file)).stdout)
    context = next(one for one in said["entries"] if one["id"] == "Context")
    assert (context["mark"], context["open"], context["observed"]) == ("assumed", False, {"seen": 3, "unfit": 0})


def test_what_is_open_and_what_is_a_switch_can_be_asked_for_alone() -> None:
    entries = json.loads(run("assumptions", "--open", "--json").stdout)["entries"]
    assert {one["mark"] for one in entries} == {"inferred", "assumed"}
    switches = json.loads(run("assumptions", "--switches", "--json").stdout)["entries"]
    assert {one["kind"] for one in switches} == {"switch"}
    assert len(switches) == 10


def test_the_ledger_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    refused = run("assumptions", "--observed", str(tmp_path / "none.yaml"))
    assert refused.exit_code == 2
    assert "none.yaml: the file cannot be read" in refused.stderr


# The plugin


@pytest.mark.parametrize(
    ("days", "arguments", "said"),
    [
        (10, ["--oms-max-age", "60d"], None),
        (61, ["--oms-max-age", "60d"], "*61 days ago; accepted: 60d at most.*"),
        (10, ["--oms-max-age", "soon"], "*'soon' is no duration*"),
    ],
)
def test_tests_fail_at_once_where_our_knowledge_is_too_old(
    pytester: pytest.Pytester, days: int, arguments: list[str], said: str | None
) -> None:
    pytester.makeini(f"{CONFIG}oms_observed = oms-observed.yaml\n")
    written(pytester.path, days=days)
    pytester.makepyfile("def test_nothing(): pass")
    result = pytester.runpytest_subprocess(*arguments)
    if said is None:
        result.assert_outcomes(passed=1)
    else:
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([said])


def test_tests_fail_where_nothing_was_ever_observed(pytester: pytest.Pytester) -> None:
    pytester.makeini(f"{CONFIG}oms_max_age = 60d\n")
    result = pytester.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*never checked against a real OMS*"])


def test_the_mock_of_the_tests_starts_with_what_was_observed(pytester: pytest.Pytester) -> None:
    pytester.makeini(CONFIG)
    written(pytester.path, days=1)
    pytester.makepyfile(
        f"""
        import httpx
        def test_list(oms):
            assert isinstance(httpx.get(oms.url + "{PLANS}", headers=oms.headers, trust_env=False).json(), list)
        """
    )
    pytester.runpytest_subprocess("--oms-observed", "oms-observed.yaml").assert_outcomes(passed=1)
