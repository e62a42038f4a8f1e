"""What fits a schema of the contract is what a whole validator of JSON Schema says fits it."""

import json
from copy import deepcopy
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.conformance.observe import ContractSchemas
from mock_oms.contract.openapi import contract_for
from mock_oms.scenarios.library import Library
from mock_oms.worlds.view import view_of
from tests.contract.test_openapi import validator

_ODD = st.sampled_from([None, True, 0, 1, -3, 1.5, "", "x", "12", "2024-03-05", [], [None], {}, {"a": 1}])


@cache
def _document() -> dict[str, Any]:
    return contract_for(None)


@cache
def plans() -> list[Any]:
    reading = view_of(Library().load("restock"), seed=None, after=timedelta(hours=1))
    return [json.loads(one) for one in reading.page(1, 100)]


def places(value: Any, trail: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [trail, *(place for key, one in inner for place in places(one, (*trail, key)))]


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    plan = deepcopy(draw(st.sampled_from(plans())))
    *way, last = draw(st.sampled_from(places(plan)[1:]))
    parent = plan
    for part in way:
        parent = parent[part]
    if isinstance(parent, dict) and draw(st.booleans()):
        del parent[last]
    else:
        parent[last] = draw(_ODD)
    return plan


@given(spoilt())
def test_a_spoilt_plan_fits_exactly_where_a_validator_says_so(plan: Any) -> None:
    schema = {"$ref": "#/components/schemas/OrderExecutionPlan"}
    assert ContractSchemas(_document()).fits(plan, schema) == validator(schema).is_valid(plan)


def test_a_plan_fits() -> None:
    schemas = ContractSchemas(_document())
    assert all(schemas.fits(one, {"$ref": "#/components/schemas/OrderExecutionPlan"}) for one in plans())


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
