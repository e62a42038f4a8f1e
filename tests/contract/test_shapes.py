"""Contract drift on real answers: each shape breaks exactly the rule that it names, under every switch."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from typing import Any

import pytest

from mock_oms.contract.document import json_body
from mock_oms.contract.openapi import contract_for
from mock_oms.switches import Switches
from mock_oms.traffic.faults.body_changes import reshaped_body
from mock_oms.traffic.faults.fault import LIST_SHAPES, Shape
from tests.contract.judging import Judge, Node, resolved
from tests.contract.test_switches import DETAIL, EACH, IDS, LIST, OF_EACH_STATE, client_for, credentials, name_of

#: Where a shape breaks the contract: the end of the place in the answer, and the rule.
BROKEN: dict[Shape, set[tuple[str, str]]] = {
    Shape.MISSING_NEXT: {("", "required")},
    Shape.NULL_FIELD: {("order", "type")},
    Shape.EXTRA_FIELD: {("", "additionalProperties")},
    Shape.UNKNOWN_STATE: {("state", "enum"), ("enum_value", "enum")},
    Shape.ID_AS_STRING: {("id", "type")},
    Shape.NO_TIMEZONE: set(),
    Shape.COMMANDS_AS_STRING: {("commands", "type")},
}
SEEN_BY_THE_CONTRACT = [kind for kind in Shape if BROKEN.get(kind)]
TURNS = [turn for turn in EACH if {"list", "state", "commands", "dates"} & set(turn)]
TURNS += [
    {"list": "array", "state": "object", "commands": "json", "dates": "date"},
    {"state": "object", "commands": "comma", "dates": "date"},
]
turned = pytest.mark.parametrize("turn", TURNS, ids=name_of)


@cache
def contract(answers: Switches) -> Node:
    return contract_for(answers)


@cache
def served_under(answers: Switches, path: str) -> bytes:
    answer = client_for(asdict(answers)).get(path, headers=credentials(contract(answers)))
    assert answer.status_code == 200
    return bytes(answer.data)


def served(turn: Node, path: str) -> bytes:
    return served_under(Switches(**turn), path)


def bodies(turn: Node) -> Iterator[tuple[str, bytes]]:
    yield LIST, served(turn, LIST)
    yield from ((DETAIL, served(turn, f"{LIST}{plan}/")) for plan in OF_EACH_STATE)


def broken_rules(turn: Node, path: str, body: bytes) -> set[tuple[str, str]]:
    """The rules of the contract that an answer breaks, each with the last key of its place."""
    document = contract(Switches(**turn))
    schema = json_body(resolved(document, document["paths"][path]["get"]["responses"]["200"]))["schema"]
    judge = Judge({"components": document["components"], **schema})
    return {
        (
            next((str(key) for key in reversed(error.absolute_path) if isinstance(key, str) and key != "results"), ""),
            rule,
        )
        for error in judge.iter_errors(json.loads(body))
        if (rule := str(error.validator))
    }


def applies(kind: Shape, turn: Node, path: str, body: bytes) -> bool:
    """Whether a shape has something to change about an answer."""
    if kind in LIST_SHAPES:
        return path == LIST and (kind not in {Shape.MISSING_NEXT, Shape.BARE_ARRAY} or turn.get("list") != "array")
    if kind is Shape.COMMANDS_AS_STRING:
        return turn.get("commands", "objects") in {"objects", "empty"}
    return kind is not Shape.NO_TIMEZONE or (b"Z" in body and turn.get("dates") != "date")


@turned
@pytest.mark.parametrize("kind", Shape)
def test_a_shape_changes_an_answer_wherever_it_means_something(kind: Shape, turn: Node) -> None:
    for path, body in bodies(turn):
        changed = reshaped_body(kind, body, previous=b'{"id":1}')
        assert (changed != body) == applies(kind, turn, path, body)
        json.loads(changed)


@turned
@pytest.mark.parametrize("kind", SEEN_BY_THE_CONTRACT)
def test_a_shape_breaks_the_rule_that_it_names_and_no_other(kind: Shape, turn: Node) -> None:
    for path, body in bodies(turn):
        assert broken_rules(turn, path, body) == set()
        if applies(kind, turn, path, body):
            broken = broken_rules(turn, path, reshaped_body(kind, body, previous=None))
            assert len(broken & BROKEN[kind]) == len(broken) == 1


def rows(body: bytes) -> list[Any]:
    data = json.loads(body)
    found: list[Any] = data if isinstance(data, list) else data["results"]
    return found


@turned
def test_a_bare_array_holds_the_page(turn: Node) -> None:
    body = served(turn, LIST)
    assert json.loads(reshaped_body(Shape.BARE_ARRAY, body, previous=None)) == rows(body)


@turned
def test_no_time_of_an_answer_keeps_its_zone_and_nothing_else_changes(turn: Node) -> None:
    for _, body in bodies(turn):
        found = reshaped_body(Shape.NO_TIMEZONE, body, previous=None)
        assert found == (body if turn.get("dates") == "date" else body.replace(b'Z"', b'"'))


@turned
def test_commands_as_a_string_are_the_list_as_json(turn: Node) -> None:
    body = served(turn, f"{LIST}7/")
    commands = json.loads(reshaped_body(Shape.COMMANDS_AS_STRING, body, previous=None))["commands"]
    before = json.loads(body)["commands"]
    assert isinstance(commands, str)
    assert before in (commands, json.loads(commands) if isinstance(before, list) else before)


@turned
@pytest.mark.parametrize("kind", [Shape.DUPLICATE_ACROSS_PAGES, Shape.DROP_FROM_PAGE, Shape.SHUFFLE])
def test_rows_go_astray_whole_and_the_count_stays(kind: Shape, turn: Node) -> None:
    body, last = served(turn, LIST), served(turn, f"{LIST}{IDS[-1]}/")
    found = reshaped_body(kind, body, previous=last)
    assert all(row in [*rows(body), json.loads(last)] for row in rows(found))
    if turn.get("list") != "array":
        assert {**json.loads(found), "results": None} == {**json.loads(body), "results": None}
    before = {Shape.DROP_FROM_PAGE: len(rows(body)) - 1}.get(kind, len(rows(body)))
    assert len(rows(found)) == before
