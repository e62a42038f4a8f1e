"""The contract as a document: it is valid, marks every claim, and agrees with itself and with the code."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from mock_oms.domain.lifecycle import COMMANDS, TERMINAL, State
from mock_oms.domain.plan import LIVE, UNPLACED, ItemState
from mock_oms.switches import Switches
from mock_oms.worlds.world_header import HEADER, WorldHeader, header_value

MARKS = {"documented", "inferred", "assumed", "mock"}
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
#: What stands under these keys, one by one, makes a claim. (`properties` is handled apart: its entries may be `$ref`.)
CLAIMING = {"parameters", "headers", "responses", "schemas", "requestBodies", "securitySchemes"}
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

Node = dict[str, Any]
Trail = tuple[str, ...]


@cache
def contract() -> Node:
    text = (Path(__file__).parents[2] / "openapi.yaml").read_text(encoding="utf-8")
    document: Node = yaml.safe_load(text)
    return document


def component(kind: str, name: str) -> Node:
    found: Node = contract()["components"][kind][name]
    return found


def entries(node: object) -> Iterator[tuple[str, Any]]:
    """What a mapping or a list holds, under its key or its number; nothing for a plain value."""
    if isinstance(node, dict):
        yield from node.items()
    if isinstance(node, list):
        yield from ((str(number), value) for number, value in enumerate(node))


def claims(node: object, trail: Trail = ()) -> Iterator[tuple[Trail, Node]]:
    """Every place that says something about the vendor: operations, rules, properties, the entries of `CLAIMING`."""
    for key, value in entries(node):
        here = (*trail, key)
        if key in METHODS or (isinstance(value, dict) and "if" in value):
            yield here, value
        if key == "properties" or key in CLAIMING:
            yield from (((*here, name), entry) for name, entry in entries(value) if is_claim(key, entry))
        if key not in {"examples", "if", "then"}:
            yield from claims(value, here)


def is_claim(key: str, entry: object) -> bool:
    """A bare reference claims nothing, for its target is marked; but a property is marked beside its reference."""
    return isinstance(entry, dict) and (key == "properties" or set(entry) != {"$ref"})


def is_marked(claim: Node) -> bool:
    return claim.get("x-provenance") in MARKS and bool(str(claim.get("x-source", "")).strip())


def media_types() -> Iterator[tuple[str, Node]]:
    """Every body that has a schema, with a name for the report."""
    for kind in ("requestBodies", "responses"):
        for name, body in contract()["components"][kind].items():
            yield from ((f"{name} {media_type}", media) for media_type, media in body["content"].items())


def examples() -> list[Any]:
    return [
        pytest.param(media["schema"], resolved(example)["value"], id=f"{place} {name}")
        for place, media in media_types()
        for name, example in media.get("examples", {}).items()
    ]


def resolved(example: Node) -> Node:
    """An example, which may stand among the components."""
    return component("examples", example["$ref"].rsplit("/", 1)[-1]) if "$ref" in example else example


def validator(schema: Node) -> Draft202012Validator:
    """A judge of one schema of the contract, in which `#/components/...` is found."""
    judged = {"components": contract()["components"], **schema}
    return Draft202012Validator(judged, format_checker=Draft202012Validator.FORMAT_CHECKER)


def references(node: object) -> Iterator[str]:
    for key, value in entries(node):
        if key == "$ref":
            yield value
        yield from references(value)


def test_it_is_valid_openapi() -> None:
    validate(contract())


def test_every_claim_says_how_sure_it_is_and_where_it_comes_from() -> None:
    assert [" / ".join(trail) for trail, claim in claims(contract()) if not is_marked(claim)] == []


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
    judge = validator(component("headers", "MockOms")["schema"])
    assert [judge.is_valid(value) for value in (str(line), header_value(None), "world=a-1")] == [True, True, False]


def test_the_walk_finds_operations_parameters_headers_responses_properties_and_rules() -> None:
    found = {trail[-1] if "allOf" not in trail else "a rule" for trail, _ in claims(contract())}
    assert {"get", "page", "AllowRead", "PlanPage", "orderexecutionplanitem_set", "a rule"} <= found


@pytest.mark.parametrize(("schema", "example"), examples())
def test_an_example_fits_its_schema(schema: Node, example: object) -> None:
    assert [error.message for error in validator(schema).iter_errors(example)] == []


def test_every_answer_has_an_example() -> None:
    answers = contract()["components"]["responses"]
    bodies = [(name, media) for name, answer in answers.items() for media in answer["content"].values()]
    assert [name for name, media in bodies if not media.get("examples")] == []


def test_every_component_is_used() -> None:
    there = {
        f"#/components/{kind}/{name}"
        for kind, named in contract()["components"].items()
        if kind != "securitySchemes"
        for name in named
    }
    assert there == set(references(contract()))


def test_a_plan_has_the_eight_documented_fields_in_the_documented_order() -> None:
    plan = component("schemas", "OrderExecutionPlan")
    assert list(plan["properties"]) == plan["required"] == DOCUMENTED
    assert {field["x-provenance"] for field in plan["properties"].values()} == {"documented"}


def test_an_object_without_other_members_requires_those_that_it_has() -> None:
    optional = {
        name: missing
        for name, schema in contract()["components"]["schemas"].items()
        if "properties" in schema and (missing := set(schema["properties"]) - set(schema.get("required", ())))
    }
    assert optional == {}


def test_the_states_and_commands_are_those_of_the_lifecycle() -> None:
    assert component("schemas", "PlanState")["enum"] == list(State)
    slugs = component("schemas", "Command")["properties"]["slug"]["enum"]
    assert slugs == list(dict.fromkeys(row.slug for row in COMMANDS))


def test_the_states_of_an_item_are_those_of_the_simulation() -> None:
    assert component("schemas", "PlanItem")["properties"]["state"]["enum"] == list(ItemState)


def test_the_page_sizes_and_the_version_are_those_of_the_code() -> None:
    size = component("parameters", "limit")["schema"]
    assert (size["default"], size["maximum"]) == (Switches().page_size, Switches().max_page_size)
    assert contract()["info"]["version"] == version("mock-oms")


WAITING = {"state": "waiting", "stock_location": None}
PLANNED = {"state": "planned", "stock_location": {}}
COMMAND = {"source_state": "pending"}


@pytest.mark.parametrize(
    ("state", "lie"),
    [
        ("start", {"context": {"1": {}}}),
        ("start", {"commands": [COMMAND]}),
        ("start", {"orderexecutionplanitem_set": [PLANNED]}),
        ("pending", {"context": {}}),
        ("pending", {"commands": []}),
        ("pending", {"orderexecutionplanitem_set": [PLANNED]}),
        ("completed", {"commands": [COMMAND]}),
        ("completed", {"orderexecutionplanitem_set": [WAITING]}),
        ("cancelled", {"commands": [COMMAND]}),
        ("cancelled", {"orderexecutionplanitem_set": [PLANNED]}),
    ],
)
def test_a_plan_that_contradicts_its_state_is_refused(state: str, lie: Node) -> None:
    judge = validator({"allOf": component("schemas", "OrderExecutionPlan")["allOf"]})
    assert judge.is_valid({"state": state})
    assert not judge.is_valid({"state": state, **lie})


@pytest.mark.parametrize("item", [{**WAITING, "stock_location": {}}, {**PLANNED, "stock_location": None}])
def test_an_item_that_contradicts_its_state_is_refused(item: Node) -> None:
    judge = validator({"allOf": component("schemas", "PlanItem")["allOf"]})
    assert judge.is_valid(WAITING)
    assert judge.is_valid(PLANNED)
    assert not judge.is_valid(item)


def test_the_rules_name_the_terminal_states_and_the_waiting_items() -> None:
    rules = {rule["description"]: rule for rule in component("schemas", "OrderExecutionPlan")["allOf"]}
    ended = rules["Nothing can be done with a plan that has ended."]
    cancelled = rules["In a cancelled plan nothing is left to be packed."]
    completed = rules["In a completed plan no item waits for a place."]
    assert set(ended["if"]["properties"]["state"]["enum"]) == TERMINAL
    assert excluded_items(cancelled) == LIVE
    assert excluded_items(completed) == UNPLACED


def excluded_items(rule: Node) -> set[str]:
    items = rule["then"]["properties"]["orderexecutionplanitem_set"]["items"]
    return set(items["properties"]["state"]["not"]["enum"])
