"""Contract drift on real answers: each shape breaks exactly the rule that it names, under every switch."""

import json
from dataclasses import asdict
from functools import cache
from itertools import product
from typing import Any

import pytest

from mock_oms.contract.document import json_body, resolve_ref
from mock_oms.contract.openapi import contract_for
from mock_oms.switches import Switches
from mock_oms.traffic.faults.body_changes import reshaped_body
from mock_oms.traffic.faults.fault import LIST_SHAPES, Shape
from tests.contract.judging import Node, judge_of
from tests.contract.test_switches import DETAIL, IDS, LIST, OF_EACH_STATE, client_for, credentials, name_of

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
#: Each value of the switches that shape a plan or a list, the others as they are by default.
TURNS: list[Node] = [
    {},
    {"list": "array", "state": "object", "commands": "json", "dates": "date"},
    {"state": "object", "commands": "comma"},
    {"commands": "empty", "dates": "date"},
]
turned = pytest.mark.parametrize("turn", TURNS, ids=name_of)


@cache
def served(answers: Switches) -> tuple[tuple[str, bytes, Any], ...]:
    """The list and some plans: the path in the contract, the body, and a judge of it."""
    client, document = client_for(asdict(answers)), contract_for(answers)
    found = []
    for path, target in (
        (LIST, f"{LIST}?limit=4"),
        *((DETAIL, f"{LIST}{plan}/") for plan in (*OF_EACH_STATE[::2], IDS[-1])),
    ):
        response = resolve_ref(document, document["paths"][path]["get"]["responses"]["200"])
        body = bytes(client.get(target, headers=credentials(document)).data)
        found.append((path, body, judge_of(document, json_body(response)["schema"])))
    return tuple(found)


def broken_rules(judge: Any, body: bytes) -> set[tuple[str, str]]:
    """The rules of the contract that an answer breaks, each with the last key of its place."""
    found = set()
    for error in judge.iter_errors(json.loads(body)):
        keys = [key for key in error.absolute_path if isinstance(key, str) and key != "results"]
        found.add((keys[-1] if keys else "", str(error.validator)))
    return found


def applies(kind: Shape, turn: Node, path: str, body: bytes) -> bool:
    if kind in LIST_SHAPES:
        return path == LIST and (kind not in {Shape.MISSING_NEXT, Shape.BARE_ARRAY} or turn.get("list") != "array")
    if kind is Shape.COMMANDS_AS_STRING:
        return turn.get("commands", "objects") in {"objects", "empty"}
    return kind is not Shape.NO_TIMEZONE or (b"Z" in body and turn.get("dates") != "date")


@turned
def test_a_shape_changes_an_answer_where_it_means_something_and_breaks_the_rule_that_it_names(turn: Node) -> None:
    for kind, (path, body, judge) in product(Shape, served(Switches(**turn))):
        changed, changes = reshaped_body(kind, body, previous=b'{"id":1}'), applies(kind, turn, path, body)
        assert (changed != body) == changes, (kind, path)
        json.loads(changed)
        if wanted := BROKEN.get(kind):
            broken = broken_rules(judge, reshaped_body(kind, body, previous=None))
            assert len(broken & wanted) == len(broken) == int(changes), (kind, path)


def rows(body: bytes) -> list[Any]:
    data = json.loads(body)
    found: list[Any] = data if isinstance(data, list) else data["results"]
    return found


@turned
def test_a_shape_changes_nothing_else(turn: Node) -> None:
    (_, page, _), (_, plan, _), *_ = answers = served(Switches(**turn))
    assert json.loads(reshaped_body(Shape.BARE_ARRAY, page, previous=None)) == rows(page)
    for _, body, _ in answers:
        found = reshaped_body(Shape.NO_TIMEZONE, body, previous=None)
        assert found == (body if turn.get("dates") == "date" else body.replace(b'Z"', b'"'))
    before, commands = (
        json.loads(body)["commands"] for body in (plan, reshaped_body(Shape.COMMANDS_AS_STRING, plan, previous=None))
    )
    assert isinstance(commands, str)
    assert before in (commands, json.loads(commands) if isinstance(before, list) else before)


@turned
def test_rows_go_astray_whole_and_the_count_stays(turn: Node) -> None:
    (_, body, _), *_, (_, last, _) = served(Switches(**turn))
    for kind in (Shape.DUPLICATE_ACROSS_PAGES, Shape.DROP_FROM_PAGE, Shape.SHUFFLE):
        found = reshaped_body(kind, body, previous=last)
        assert all(row in [*rows(body), json.loads(last)] for row in rows(found)), kind
        if turn.get("list") != "array":
            assert {**json.loads(found), "results": None} == {**json.loads(body), "results": None}, kind
        assert len(rows(found)) == len(rows(body)) - (kind is Shape.DROP_FROM_PAGE)
