"""The JSON Schema of scenario files: valid, complete, and of one mind with the marshmallow schema it is made from."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from functools import cache, reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mock_oms.cli.main import main
from mock_oms.domain.events import WORDS
from mock_oms.scenarios.fields import write_duration
from mock_oms.scenarios.json_schema import json_schema
from mock_oms.scenarios.library import template
from mock_oms.scenarios.schema import DocumentSchema
from mock_oms.scenarios.yaml_file import parse_yaml, read_yaml
from mock_oms.settings import shipped
from tests.profiles import examples
from tests.scenarios import FULL

Json = Any
Place = tuple[str | int, ...]

#: What is wrong | the sections that say so, beside a description and, if they have none, no plans.
WRONG_ROWS = """
unknown key | timelines: []
unknown locale | locale: "de_DE"
seed below zero | seed: -1
clock without a zone | clock: {start: "2024-03-05T09:00:00"}
clock that runs backwards | clock: {rate: -1}
a SKU that is a number | plans: [{items: [1]}]
two kinds of plan at once | plans: [{items: ["A"], state: "start"}]
no kind of plan | plans: [{id: 1}]
a plan made in the future | plans: [{items: ["A"], created: "2h"}]
an order's creation in a timeline | timeline: [{at: "1h", order: {items: ["A"], created: "-1h"}}]
an unknown state | plans: [{state: "canceled"}]
no time in a line | timeline: [{block: "A"}]
no event in a line | timeline: [{at: "1h"}]
two events in a line | timeline: [{at: "1h", block: "A", open: "B"}]
an unknown event | timeline: [{at: "1h", explode: "A"}]
an event without a key | timeline: [{at: "1h", restock: {sku: "A"}}]
a short form of two keys | timeline: [{at: "1h", refuse: "A"}]
a time without a unit | timeline: [{at: "90", block: "A"}]
a time in other digits | timeline: [{at: "٣٠m", block: "A"}]
a time of nothing | timeline: [{at: "", block: "A"}]
a time before the start | timeline: [{at: "-1h", block: "A"}]
stock below zero | stock: {"A": {"WH": -1}}
stock of half a unit | stock: {"A": {"WH": 0.5}}
a fault without an effect | faults: [{on: "list"}]
a fault that does nothing | faults: [{on: "list", effect: {}}]
two effects at once | faults: [{on: "list", effect: {status: 503, body: "html"}}]
a parameter of another status | faults: [{on: "list", effect: {status: 500, retry_after: 3}}]
a page of a detail | faults: [{on: "detail", when: {page: 1}, effect: {status: 500}}]
a page's shape of a detail | faults: [{on: "detail", effect: {shape: "missing-next"}}]
a delay of two distributions | faults: [{on: "list", effect: {delay: {fixed: "1s", uniform: ["1s", "2s"]}}}]
a token that never dies | limits: {token: {}}
a profile without a name | profiles: [5]
a page size of zero | answers: {page_size: 0}
yes for true | planner: {transfer: "yes"}
"""
WRONG: dict[str, Json] = {"no description": {"plans": []}, "nothing to serve": {"description": "x"}}
for _name, _sections in (row.split(" | ") for row in WRONG_ROWS.strip().splitlines()):
    WRONG[_name] = {"description": "x", "plans": [], **parse_yaml(f"{{{_sections}}}", Path("wrong.yaml"))[0]}


STRANGE = st.sampled_from([None, True, "", "strange", "1h", "-1h", -1, 1, 0.5, 10**12, [], ["A"], {}, {"strange": 1}])
PARSED = parse_yaml(FULL, Path("full.yaml"))[0]


@cache
def judge() -> Draft202012Validator:
    return Draft202012Validator(json_schema())


def full() -> Json:
    return deepcopy(PARSED)


def is_loaded(document: Json) -> bool:
    return not DocumentSchema().validate(document)


def places(node: Json, place: Place = ()) -> Iterator[Place]:
    yield place
    for key, inner in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(inner, (*place, key))


def at(document: Json, place: Place) -> Json:
    return reduce(getitem, place, document)


PLACES = [place for place in places(PARSED) if place]


@pytest.mark.parametrize("file", sorted(shipped("scenarios").glob("*.yaml")), ids=lambda file: file.stem)
def test_a_shipped_scenario_fits(file: Path) -> None:
    assert [error.message for error in judge().iter_errors(read_yaml(file)[0])] == []


def test_the_scenario_that_says_everything_and_the_one_that_people_begin_with_fit() -> None:
    for document in (PARSED, parse_yaml(template(), Path("template.yaml"))[0]):
        assert is_loaded(document)
        assert [error.message for error in judge().iter_errors(document)] == []
    assert set(PARSED) == set(json_schema()["properties"])
    assert {key for line in PARSED["timeline"] for key in line} == {"at", *WORDS}


def test_a_wrong_document_does_not_fit() -> None:
    assert [what for what, document in WRONG.items() if judge().is_valid(document)] == []


def test_every_event_is_described() -> None:
    schema = json_schema()
    events = schema["properties"]["timeline"]["items"]["properties"]
    names = {word: events[word].get("anyOf", [events[word]])[-1]["$ref"].rpartition("/")[2] for word in WORDS}
    assert [word for word, name in names.items() if not schema["$defs"][name]["description"]] == []


def test_it_is_a_valid_json_schema_that_the_command_prints_and_every_switch_says_why_it_has_its_default() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    printed = CliRunner().invoke(main, ["scenario", "schema"], catch_exceptions=False)
    assert parse_yaml(printed.stdout, Path("schema"))[0] == schema
    switches = schema["$defs"]["Switches"]["properties"]
    assert [name for name, one in switches.items() if "default" not in one or "description" not in one] == []


def with_a_strange_key(place: Place) -> Json:
    document = full()
    at(document, place)["strange"] = {"strange": 1}
    return document


def test_a_key_that_the_loader_does_not_know_does_not_fit() -> None:
    mappings = [place for place in places(PARSED) if isinstance(at(PARSED, place), dict)]
    documents = {place: with_a_strange_key(place) for place in mappings}
    assert [place for place, one in documents.items() if judge().is_valid(one) != is_loaded(one)] == []


@examples(25)
@given(place=st.sampled_from(PLACES), value=STRANGE)
def test_a_value_fits_where_the_loader_takes_it(place: Place, value: object) -> None:
    document = full()
    at(document, place[:-1])[place[-1]] = deepcopy(value)
    assert judge().is_valid(document) == is_loaded(document)


@examples(25)
@given(place=st.sampled_from([place for place in PLACES if isinstance(place[-1], str)]))
def test_a_key_may_be_left_out_where_the_loader_does_without(place: Place) -> None:
    document = full()
    del at(document, place[:-1])[place[-1]]
    assert judge().is_valid(document) == is_loaded(document)


@examples(25)
@given(seconds=st.integers(-366 * 86_400, 366 * 86_400))
def test_a_duration_that_we_write_fits_where_it_may_be(seconds: int) -> None:
    document = full()
    document["timeline"][0]["at"] = write_duration(timedelta(seconds=seconds))
    assert judge().is_valid(document) == is_loaded(document)
