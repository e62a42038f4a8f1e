"""A visit becomes an observation: counts and shapes, the switches that it speaks for, and what the contract lacks."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import validate

from mock_oms.conformance.crawl import Crawl, Question
from mock_oms.conformance.finding import Finding, Result, Severity
from mock_oms.conformance.observation_file import write_observation
from mock_oms.conformance.observe import ClaimCounter, ContractSchemas, observed_of
from mock_oms.conformance.shapes import host_of
from mock_oms.contract.ledger import ledger
from mock_oms.contract.observation import Host, Observation, observed_contract
from mock_oms.contract.openapi import contract_for
from mock_oms.domain.lifecycle import State
from mock_oms.scenarios.building import Scenario, build_scenario
from mock_oms.scenarios.errors import Lines
from mock_oms.scenarios.library import Library
from mock_oms.switches import Switches
from mock_oms.urls import Operation
from mock_oms.worlds.view import view_of
from tests.contract.judging import judge_of
from tests.contract.suite.test_clean import real
from tests.crawls import NOW, PLANS, crawl_of, crawl_of_mock, exchange
from tests.drifts import patched
from tests.profiles import examples

Node = dict[str, Any]


def world(**answers: object) -> Scenario:
    data = {
        "description": "A test.",
        "stock": {"A": {"WH001": 5}, "B": {"WH001": 0}},
        "plans": [*({"state": state, "count": 2} for state in State), {"items": ["A", "B"], "created": "-1h"}],
        "answers": answers,
    }
    return build_scenario(data, Lines(file=Path("test.yaml"), numbers={}))


@cache
def seen_under(*answers: tuple[str, object]) -> Observation:
    said = dict(answers)
    keyword = "Bearer" if said.get("auth") == "bearer" else "Token"
    return observed_of(crawl_of_mock(world(**said), keyword=keyword), (), NOW)


@cache
def plan() -> Node:
    found: Node = json.loads(view_of(Library().load("restock"), seed=None, after=timedelta(hours=1)).page(1, 1)[0])
    return found


def visit(*rows: object) -> Crawl:
    page = {"count": len(rows), "next": None, "previous": None, "results": list(rows)}
    return crawl_of((Question.WALK, exchange(PLANS, page)))


def observed(*rows: object) -> Observation:
    return observed_of(visit(*rows), (), NOW)


# The switches


#: Each value of every switch that answers can show, in as few crawls as may be.
TURNS: list[Node] = [
    {"list": "envelope", "page_size": 5, "page_size_parameter": "limit", "order": "-id", "state": "string",
     "commands": "objects", "dates": "datetime", "order_amount": "items", "auth": "token",
     "unauthenticated": "detail", "not_found": "short"},
    {"page_size": 4, "max_page_size": 8, "page_size_parameter": "page_size", "order": "id", "state": "object",
     "commands": "comma", "dates": "date", "order_amount": "with_shipping", "auth": "bearer",
     "unauthenticated": "empty", "not_found": "model"},
    {"list": "array", "commands": "json"},
    {"auth": "off", "commands": "empty"},
]  # fmt: skip


@pytest.mark.parametrize("turn", TURNS, ids=str)
def test_the_switches_are_seen_in_the_answers_and_under_them_nothing_contradicts_the_contract(turn: Node) -> None:
    found = seen_under(*turn.items())
    assert found.answers.items() >= turn.items()
    assert {name: set(found.evidence[name].seen) for name in turn} == {name: {str(one)} for name, one in turn.items()}
    assert {name: one for name, one in found.claims.items() if one.unfit} == {}
    assert found.patch == ()


@pytest.mark.parametrize(
    ("rows", "switch", "answer", "seen"),
    [
        *(([{"commands": odd}], "commands", None, {"other": 1}) for odd in (7, ["x"], "Not a list; really", '{"a": 1}')),
        ([{"state": "completed", "commands": []}], "commands", None, None),
        ([{"state": "pending", "commands": []}], "commands", "empty", {"empty": 1}),
        ([{"id": number} for number in (9, 8, 7)], "order", None, None),
        ([{"id": number} for number in (9, 8, 7, 6)], "order", "-id", {"-id": 1}),
        ([{"id": number, "modified_date": None} for number in (5, 5, 4, 3)], "order", None, {"other": 1}),
        ([{"id": number, "modified_date": f"2024-03-0{day}T00:00:00.000000Z"}
          for day, number in enumerate((5, 2, 9, 7), start=1)], "order", "modified_date", {"modified_date": 1}),
        ([{"state": "start"}, {"state": {"enum_value": "start"}}, {}], "state", None, {"object": 1, "string": 2}),
    ],
)  # fmt: skip
def test_a_switch_is_proposed_where_all_rows_show_one_value_of_it(
    rows: list[Node], switch: str, answer: str | None, seen: Node | None
) -> None:
    found = observed(*({**plan(), **row} for row in rows))
    assert found.answers.get(switch) == answer
    assert (found.evidence[switch].seen if switch in found.evidence else None) == seen
    if len(seen or ()) > 1:  # a switch of which two values were seen contradicts itself
        assert (found.claims[f"switch.{switch}"].seen, found.claims[f"switch.{switch}"].unfit) == (3, 1)


def test_the_wording_of_a_missing_plan_is_classed_and_not_kept() -> None:
    refusal = exchange(f"{PLANS}1/", {"detail": "Kein Plan für Çağrı."}, status=404, operation=Operation.DETAIL)
    found = observed_of(crawl_of((Question.NO_PLAN, refusal)), (), NOW)
    assert found.evidence["not_found"].seen == {"other": 1}
    assert "Kein" not in write_observation(found)


# The claims


def test_claims_are_confirmed_by_the_ids_of_the_ledger() -> None:
    found = seen_under(*TURNS[0].items())
    known = {one.id for one in ledger(found.switches)}
    assert found.claims.keys() <= known
    assert {"Context", "StockFigures.quantity", "OrderExecutionPlan.rule-5", "header.AllowRead"} <= found.claims.keys()


def test_what_was_seen_leaves_few_claims_open() -> None:
    found = seen_under(*TURNS[0].items())
    still = [one.id for one in ledger(found.switches, found) if one.is_open]
    assert not [name for name in still if name.startswith(("OrderExecutionPlan", "PlanItem", "Context", "Order."))]
    assert "response.BadGateway" in still


@pytest.mark.parametrize(
    ("spoil", "claim", "types"),
    [
        ({"context": None}, "OrderExecutionPlan.context", {"null": 1}),
        ({"id": "7"}, "OrderExecutionPlan.id", {"digits": 1}),
        ({"created_date": 7}, "Timestamp", {"date-time": 99, "integer": 1}),
        ({"state": "halted"}, "PlanState", {"string": 1}),
    ],
)
def test_what_is_otherwise_contradicts_its_claim_and_no_other_around_it(
    spoil: Node, claim: str, types: dict[str, int]
) -> None:
    found = observed({**plan(), **spoil})
    assert found.claims[claim].unfit == 1
    assert found.claims[claim].types.keys() == types.keys()
    assert found.claims["OrderExecutionPlan"].unfit == found.claims["PlanPage.results"].unfit == 0


def test_what_is_missing_contradicts_its_claim() -> None:
    whole = deepcopy(plan())
    del whole["order"]["number"]
    found = observed(whole)
    assert (found.claims["Order.number"].missing, found.claims["Order.number"].unfit) == (1, 1)


def test_a_broken_rule_is_counted_where_it_applies() -> None:
    found = observed({**plan(), "state": "completed", "commands": [{}]})
    assert found.claims["OrderExecutionPlan.rule-5"].unfit == 1
    assert "OrderExecutionPlan.rule-1" not in found.claims


def test_a_header_that_is_not_sent_contradicts_its_claim() -> None:
    found = observed(plan())
    assert found.claims["header.AllowRead"].missing == 1


@pytest.mark.parametrize(
    ("changes", "claim", "added", "unnamed"),
    [
        ([{"risk_score": 1}], "OrderExecutionPlan", ("risk_score",), 0),
        ([{"ali_veli": 1}, {"ayse": 1}, {}], "OrderExecutionPlan", (), 2),
        ([{"id": 9, "ali_veli": 1}, {"id": 9, "ali_veli": 1}, {}], "OrderExecutionPlan", (), 2),
        ([{"order": {"risk_score": 1}}, {"order": {"risk_score": 1}}, {}], "Order", ("risk_score",), 0),
        ([{"context": {"warehouse_north": {}}}], "Context", (), 1),  # where the layout is a guess no key is named
        *(([{key: 1}], "OrderExecutionPlan", (), 1) for key in ("a@b.com", "Ali", "ali veli", "WH-7", "a" * 61)),
    ],
)
def test_a_member_that_nobody_knows_is_named_where_it_is_a_field_and_counted_where_it_may_be_data(
    changes: list[Node], claim: str, added: tuple[str, ...], unnamed: int
) -> None:
    rows = ({**plan(), "id": number, **change} for number, change in enumerate(changes))
    found = observed(*({**row, "order": {**plan()["order"], **row["order"]}} for row in rows))
    assert (found.claims[claim].added, found.claims[claim].unnamed) == (added, unnamed)
    assert "ali_veli" not in write_observation(found)


def test_a_member_of_one_page_of_two_is_only_counted() -> None:
    page = {"count": 1, "next": None, "previous": None, "results": [plan()]}
    told = [exchange(PLANS, {**page, "ali_veli": 1}), exchange(f"{PLANS}?page=2", page)]
    found = observed_of(crawl_of(*((Question.WALK, one) for one in told)), (), NOW)
    assert (found.claims["PlanPage"].added, found.claims["PlanPage"].unnamed) == ((), 1)


def test_of_the_checks_numbers_are_kept() -> None:
    finding = Finding(check="ids-unique", severity=Severity.BREAKING, message="41207 twice", request="GET /")
    found = observed_of(visit(plan()), [Result(check="ids-unique", claim="…", findings=(finding,), looked=9)], NOW)
    assert (found.checks["ids-unique"].looked, found.checks["ids-unique"].findings) == (9, 1)
    assert "41207" not in write_observation(found)


# The host


@pytest.mark.parametrize(
    ("target", "host"),
    [
        *((f"http://{it}:8080", Host.LOOPBACK) for it in ("127.0.0.1", "[::1]", "localhost")),
        *((f"https://{it}", Host.PRIVATE) for it in ("10.1.2.3", "shop", "oms.shop.internal")),
        *((f"https://{it}", Host.PUBLIC) for it in ("shop-oms.akinon.net", "93.184.215.14")),
    ],
)
def test_of_the_host_its_kind_is_told_and_not_its_name(target: str, host: Host) -> None:
    found = observed_of(crawl_of((Question.WALK, exchange(PLANS, [])), target=target), (), NOW)
    assert found.host is host
    assert target.partition("//")[2] not in write_observation(found)


@pytest.mark.parametrize("header", ["x-mock-oms", "x-mock-assumed", "x-mock-hint"])
def test_whoever_answers_with_a_header_of_the_mock_is_one(header: str) -> None:
    answer = replace(exchange(PLANS, []), headers=((header, "something"),))
    assert host_of(crawl_of((Question.WALK, answer), target="http://127.0.0.1:8080")) is Host.MOCK


def test_what_a_mock_answers_teaches_the_ledger_nothing() -> None:
    found = observed_of(crawl_of_mock(world(page_size=3), world_header=True), (), NOW)
    assert (found.host, found.is_real, found.seen_claims) == (Host.MOCK, False, {})


# The patch


@examples(3)
@given(st.data())
def test_the_patched_contract_is_valid_and_fits_what_was_seen(data: st.DataObject) -> None:
    row = deepcopy(plan())
    for _ in range(data.draw(st.integers(1, 4))):
        spoil(data.draw, row)
    found = observed({**row, "new_field": 1})
    whole = patched(contract_for(found.switches), map(asdict, found.patch))
    validate(whole)
    assert contradictions(whole, found, row) == []


@cache
def contradicting() -> Observation:
    row = deepcopy({**plan(), "context": None, "state": 7, "risk": 1, "commands": [7], "created_date": 7})
    row["orderexecutionplanitem_set"][0]["stock_location"] = 7
    del row["order"]
    return observed(*({**row, "id": number} for number in range(4)))


def test_the_contract_as_it_was_observed_is_the_patched_one() -> None:
    found = contradicting()
    whole = observed_contract(found.switches, found)
    assert whole.made == whole.proposed == len(found.patch) > 4
    assert whole.document["components"] == patched(contract_for(found.switches), map(asdict, found.patch))["components"]


@pytest.mark.parametrize("answers", [Switches(**turn) for turn in TURNS[1:]], ids=str)
def test_under_other_switches_than_were_observed_the_contract_stays_valid(answers: Switches) -> None:
    found = observed_contract(answers, contradicting())
    assert found.made > 0
    validate(found.document)


def contradictions(document: Node, before: Observation, row: Node) -> list[str]:
    counting = ClaimCounter(document)
    for one in visit({**row, "new_field": 1}).of(Question.WALK):
        counting.read(one)
    assert before.claims
    found = counting.result().items()
    return [name for name, one in found if one.unfit or one.added or one.unnamed]


# What reaches the file


#: The words that a plan and the file have in common because the contract says them.
_WORDS = st.text(st.characters(min_codepoint=48, max_codepoint=0x17F, categories=("L", "N")), min_size=5, max_size=12)


@examples(4)
@given(_WORDS, st.integers(10**9, 10**10))
def test_no_text_and_no_number_of_any_plan_reaches_the_file(word: str, number: int) -> None:
    planted: list[str] = []

    def strange(value: Any) -> Any:
        if isinstance(value, dict):
            extra = {f"{word}@{len(planted)}": 1, f"zq_{word}": {}}
            planted.extend(extra)
            known = {name: strange(one) for name, one in value.items()}
            return {**known, **(extra if not known.keys() & {"id", "results"} else {})}
        if isinstance(value, list):
            return [strange(one) for one in value]
        if isinstance(value, bool) or value is None:
            return value
        made = f"Zq{word}{len(planted)}" if isinstance(value, str) else number + len(planted)
        planted.append(str(made))
        return made

    row = strange(plan())
    refusal = exchange(f"{PLANS}7/", {"detail": "Zqdetail"}, status=404, operation=Operation.DETAIL, x_name="Zqheader")
    asked = [(one.question, one.exchange) for one in visit(row, plan()).answered]
    found = observed_of(crawl_of(*asked, (Question.NO_PLAN, refusal)), (), NOW)
    text = write_observation(found)
    assert [one for one in [*planted, "Zqdetail", "Zqheader"] if one in text] == []


# The framework itself


def test_the_real_project_is_seen_as_it_was_set_up() -> None:
    found = observed_of(real(Switches(page_size=4, max_page_size=8, not_found="model")), (), NOW)
    assert found.is_real
    shown = {"page_size": 4, "max_page_size": 8, "not_found": "model", "list": "envelope", "auth": "token"}
    assert found.answers.items() >= shown.items()
    assert found.plans == 9
    assert {name: one for name, one in found.claims.items() if one.unfit} == {}
    assert found.patch == ()


# What fits a schema

_ODD = st.sampled_from([None, True, 0, 1, -3, 1.5, "", "x", "12", "2024-03-05", [], [None], {}, {"a": 1}])


@cache
def plans() -> list[Any]:
    reading = view_of(Library().load("restock"), seed=None, after=timedelta(hours=1))
    return [json.loads(one) for one in reading.page(1, 100)]


def places(value: Any, trail: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [trail, *(place for key, one in inner for place in places(one, (*trail, key)))]


def spoil(draw: Callable[[st.SearchStrategy[Any]], Any], parent: Any) -> None:
    """Takes something out of a plan, or puts something else in its place."""
    *way, last = draw(st.sampled_from(places(parent)[1:]))
    for part in way:
        parent = parent[part]
    if isinstance(parent, dict) and draw(st.booleans()):
        del parent[last]
    else:
        parent[last] = draw(_ODD)


@examples(20)
@given(st.data())
def test_a_plan_fits_and_a_spoilt_one_exactly_where_a_validator_says_so(data: st.DataObject) -> None:
    schemas, schema = ContractSchemas(contract_for(None)), {"$ref": "#/components/schemas/OrderExecutionPlan"}
    plan = deepcopy(data.draw(st.sampled_from(plans())))
    assert schemas.fits(plan, schema)
    spoil(data.draw, plan)
    judge = judge_of(contract_for(None), schema).evolve(format_checker=None)  # an observation judges no formats
    assert schemas.fits(plan, schema) == judge.is_valid(plan)


@pytest.mark.parametrize(
    ("schema", "value", "here", "whole"),
    [
        ({"type": "array", "items": {"type": "string"}}, [1], True, False),
        ({"type": "object", "required": ["a"]}, {}, True, False),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, {"a": 1}, True, False),
        ({"type": "array", "items": {"type": "string"}}, "x", False, False),
        ({"const": 1}, True, False, False),
        ({"type": ["integer", "null"]}, True, False, False),
    ],
)
def test_a_value_by_itself_is_not_blamed_for_what_stands_in_it(
    schema: dict[str, Any], value: Any, here: bool, whole: bool
) -> None:
    assert ContractSchemas({}).fits_here(value, schema) is here
    assert ContractSchemas({}).fits(value, schema) is whole
