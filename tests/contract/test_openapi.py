"""The contract as a document agrees with the code; that it is valid and whole is in test_switches.py."""

from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version

import pytest

from mock_oms.api.django import BAD_REQUEST
from mock_oms.api.failing_tokens import FAILURES, TOO_LARGE
from mock_oms.contract.document import nodes, operations, pointer
from mock_oms.contract.openapi import contract_for
from mock_oms.domain.lifecycle import COMMANDS, TERMINAL, State
from mock_oms.domain.plan import LIVE, UNPLACED, ItemState
from mock_oms.server.asgi.http_limits import HttpRefusal
from mock_oms.switches import Switches
from mock_oms.worlds.world_header import HEADER, NO_WORLD, WorldHeader
from tests.contract.judging import Node, claims, judge_of

DOCUMENTED = [
    "id",
    "state",
    "order",
    "commands",
    "created_date",
    "modified_date",
    "orderexecutionplanitem_set",
    "context",
]


@cache
def contract() -> Node:
    return contract_for(None)


def component(kind: str, name: str) -> Node:
    found: Node = contract()["components"][kind][name]
    return found


def test_the_only_thing_that_is_not_the_vendors_is_the_header_of_the_mock_and_every_answer_has_it() -> None:
    own = [" / ".join(trail) for trail, claim in claims(contract()) if claim["x-provenance"] == "mock"]
    assert own == ["components / headers / MockOms"]
    assert component("headers", "MockOms")["required"] is False
    answers = contract()["components"]["responses"]
    assert [name for name, answer in answers.items() if HEADER not in answer["headers"]] == []


@pytest.mark.parametrize("start", [None, datetime(2025, 1, 1, 0, 0, 0, 7, UTC)])
@pytest.mark.parametrize("name", ["restock", "şu 1@%"])
def test_the_header_is_described_as_it_is_written(name: str, start: datetime | None) -> None:
    now = datetime(2025, 1, 1, 9, tzinfo=UTC)
    line = WorldHeader(world="a-1", scenario=name, digest="0123456789ab", seed=7, start=start, now=now, event=10)
    described = judge_of(contract(), component("headers", "MockOms")["schema"])
    assert [described.is_valid(value) for value in (str(line), NO_WORLD, "world=a-1")] == [True, True, False]


def test_the_walk_finds_operations_parameters_headers_responses_properties_and_rules() -> None:
    found = {trail[-1] if "allOf" not in trail else "a rule" for trail, _ in claims(contract())}
    assert {"get", "page", "AllowRead", "PlanPage", "orderexecutionplanitem_set", "a rule"} <= found


def test_every_answer_has_an_example() -> None:
    answers = contract()["components"]["responses"]
    bodies = [(name, media) for name, answer in answers.items() for media in answer["content"].values()]
    assert [name for name, media in bodies if not media.get("examples")] == []


def test_a_plan_has_the_eight_documented_fields_in_the_documented_order() -> None:
    plan = component("schemas", "OrderExecutionPlan")
    assert list(plan["properties"]) == plan["required"] == DOCUMENTED
    assert {field["x-provenance"] for field in plan["properties"].values()} == {"documented"}


def test_an_object_without_other_members_requires_those_that_it_has() -> None:
    schemas = {name: one for name, one in contract()["components"]["schemas"].items() if "properties" in one}
    assert [name for name, one in schemas.items() if one["properties"].keys() - set(one.get("required", ()))] == []


def test_every_operation_describes_what_faults_and_limits_answer() -> None:
    limits = {one.status for one in (HttpRefusal.TOO_SLOW, HttpRefusal.TOO_LONG, HttpRefusal.TOO_LARGE)}
    served = {str(status) for status in {*FAILURES, *limits, BAD_REQUEST.status, TOO_LARGE.status}}
    views = [one for one in operations(contract()) if "301" not in one["responses"]]
    missing = {one["operationId"]: served - one["responses"].keys() for one in views}
    assert {name: found for name, found in missing.items() if found} == {}


def test_generators_of_clients_find_every_shape() -> None:
    """An array says of what, nothing beside null stands without a name, and no keys are told by patterns alone."""
    written = {
        pointer(trail): node for trail, node in nodes(contract()["components"]["schemas"]) if "allOf" not in trail
    }
    arrays = [at for at, one in written.items() if one.get("type") == "array" and "items" not in one]
    nulls = [at for at, one in written.items() if {"type": "null"} in one.get("oneOf", ()) and at.count("/") > 1]
    patterns = [at for at, one in written.items() if "patternProperties" in one]
    bare = [at for at, one in written.items() if ("const" in one or "enum" in one) and "type" not in one]
    assert (arrays, nulls, patterns, bare) == ([], [], [], [])


def test_every_id_may_be_longer_than_32_bits() -> None:
    ids = {"id", "pk", "omnitron_id", "order_execution_plan"}
    short = [
        pointer((*trail, name))
        for trail, node in nodes(contract()["components"])
        for name in ids & node.keys()
        if trail[-1] == "properties" and node[name].get("format") != "int64" and node[name].get("type") == "integer"
    ]
    path = component("parameters", "id")["schema"]
    assert (short, path["format"]) == ([], "int64")


def test_a_parameter_promises_no_limit_that_the_framework_does_not_enforce() -> None:
    limit = component("parameters", "limit")["schema"]
    assert limit.keys() == {"type", "default"}


def test_the_states_and_commands_are_those_of_the_lifecycle() -> None:
    assert component("schemas", "PlanState")["enum"] == list(State)
    slugs = component("schemas", "Command")["properties"]["slug"]["enum"]
    assert slugs == list(dict.fromkeys(row.slug for row in COMMANDS))
    assert component("schemas", "PlanItem")["properties"]["state"]["enum"] == list(ItemState)


def test_the_page_sizes_and_the_version_are_those_of_the_code() -> None:
    size = component("parameters", "limit")["schema"]
    most = component("schemas", "PlanPage")["properties"]["results"]["maxItems"]
    assert (size["default"], most) == (Switches().page_size, Switches().max_page_size)
    assert contract()["info"]["version"] == version("mock-oms")


WAITING = {"state": "waiting", "stock_location": None}
PLANNED = {"state": "planned", "stock_location": {}}
COMMAND = {"source_state": "pending"}


@pytest.mark.parametrize(
    ("schema", "right", "lie"),
    [
        *(
            ("OrderExecutionPlan", {"state": state}, {"state": state, key: lie})
            for state, lies in (
                ("start", {"context": {"1": {}}, "commands": [COMMAND], "orderexecutionplanitem_set": [PLANNED]}),
                ("pending", {"context": {}, "commands": [], "orderexecutionplanitem_set": [PLANNED]}),
                ("completed", {"commands": [COMMAND], "orderexecutionplanitem_set": [WAITING]}),
                ("cancelled", {"commands": [COMMAND], "orderexecutionplanitem_set": [PLANNED]}),
            )
            for key, lie in lies.items()
        ),
        ("PlanItem", WAITING, {**WAITING, "stock_location": {}}),
        ("PlanItem", PLANNED, {**PLANNED, "stock_location": None}),
    ],
)
def test_what_contradicts_its_state_is_refused(schema: str, right: Node, lie: Node) -> None:
    rules = judge_of(contract(), {"allOf": component("schemas", schema)["allOf"]})
    assert [rules.is_valid(one) for one in (right, lie)] == [True, False]


def test_the_rules_name_the_terminal_states_and_the_waiting_items() -> None:
    rules = {rule["description"]: rule for rule in component("schemas", "OrderExecutionPlan")["allOf"]}
    ended = rules["Nothing can be done with a plan that has ended."]
    cancelled = rules["In a cancelled plan nothing is left to be packed."]
    completed = rules["In a completed plan no item waits for a place."]
    assert set(ended["if"]["properties"]["state"]["enum"]) == TERMINAL
    for rule, states in ((cancelled, LIVE), (completed, UNPLACED)):
        items = rule["then"]["properties"]["orderexecutionplanitem_set"]["items"]
        assert set(items["properties"]["state"]["not"]["enum"]) == states
