"""Requests that Schemathesis makes up: asked politely, judged by the contract, and nothing left behind."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mock_oms.conformance.crawler.generated import CHECK, generated
from mock_oms.conformance.crawler.session import Politeness, Session, Target
from mock_oms.conformance.finding import Result, Severity
from mock_oms.contract.openapi import contract_for
from mock_oms.testing import running_server
from tests.drf.fake_world import FULL, WORLDS
from tests.drf.serving import real_oms
from tests.strange_oms import LIST, Answered, Asked, as_json, orderly, strange_oms


def tried(url: str, token: str | None = None, *, most: int = 200, examples: int = 4) -> tuple[Result, Session]:
    with Session(Target(url=url, token=token), Politeness(rate=1_000, max_requests=most)) as session:
        return generated(session, contract_for(None), ids=("7003",), examples=examples), session


def against(answer: Callable[[Asked], Answered], *, most: int = 200) -> tuple[Result, list[Asked]]:
    with strange_oms(answer) as oms:
        return tried(oms.url, "a-token", most=most)[0], oms.asked


def test_the_mock_answers_as_the_contract_says_to_whatever_is_made_up() -> None:
    with running_server() as server:
        result, session = tried(server.url, server.token, examples=10)
    assert (result.findings, result.unseen) == ((), None)
    assert result.looked == session.requests > 10


def test_the_real_project_answers_with_the_statuses_of_the_contract(tmp_path: Path) -> None:
    with real_oms(tmp_path, list(WORLDS[FULL].values())) as url:
        result, _ = tried(url, FULL)
    # Its plans are made up and short; of statuses, media types and headers nothing may differ.
    assert {one.message.partition(":")[0] for one in result.findings} <= {"Response violates schema"}


def test_only_the_list_and_the_plans_that_there_are_are_asked_for_by_get_and_each_once() -> None:
    _, asked = against(orderly(3))
    assert {one.method for one in asked} == {"GET"}
    assert all(one.target.startswith(LIST.rstrip("/")) for one in asked)
    assert len({one.target for one in asked}) == len(asked)
    assert f"{LIST}7003/" in {one.target.partition("?")[0] for one in asked}


def test_a_failure_is_a_finding_with_the_request_that_met_it_once_for_each_operation() -> None:
    result, asked = against(lambda _: as_json({"detail": "made up"}, 418))
    found = [one for one in result.findings if one.message.startswith("Undocumented status code: Received: 418")]
    assert (found[0].check, found[0].severity) == (CHECK, Severity.BREAKING)
    assert found[0].request.startswith(f"GET {LIST.rstrip('/')}")
    assert found[0].request.endswith("-> 418")
    assert len(found) < len(asked)


def test_a_429_or_the_budget_ends_it() -> None:
    result, asked = against(lambda asked: Answered(status=429) if asked.number > 2 else as_json({}))
    assert (len(asked), result.looked) == (3, 3)
    assert len(against(orderly(3), most=5)[1]) == 5


def test_without_a_budget_it_says_that_it_did_not_run() -> None:
    with strange_oms(orderly(3)) as oms:
        result, _ = tried(oms.url, examples=0)
    assert (result.looked, result.unseen) == (0, "no request was made; the budget was spent")


def test_it_leaves_no_file_and_reads_no_configuration_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "schemathesis.toml").write_text("this is = no configuration")
    monkeypatch.chdir(tmp_path)
    against(orderly(3))
    assert [one.name for one in tmp_path.iterdir()] == ["schemathesis.toml"]


def test_a_failure_by_the_schema_says_field_expected_and_found_and_shows_no_text() -> None:
    result, _ = against(lambda _: as_json({"count": "Ali Veli", "next": None, "previous": None, "results": []}))
    (found,) = [one for one in result.findings if one.place == "count"]
    assert (found.expected, found.found) == ('type: "integer"', "text of 8 characters")
    assert found.message == "Response violates schema: this does not fit the rule 'type' of the contract"


def test_what_our_own_checks_say_of_the_schema_is_not_said_again_but_a_member_too_much_is() -> None:
    answer = as_json({"count": "x", "next": None, "previous": None, "results": [], "more": 1})
    with strange_oms(lambda _: answer) as oms:
        told = [one for one in tried(oms.url, "t")[0].findings if one.place == "count"]
        with Session(Target(url=oms.url, token="t"), Politeness(rate=1_000)) as session:
            result = generated(session, contract_for(None), examples=2, known=told)
    assert len(told) == 1
    assert "count" not in {one.place for one in result.findings}
    extra = [one.severity for one in result.findings if one.expected.startswith("additionalProperties")]
    assert set(extra) == {Severity.ADDITIVE}
