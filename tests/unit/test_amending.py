"""The contract as it was observed: changes are made where they are meant, and left out where they have no place."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from openapi_spec_validator import validate

from mock_oms.contract.observation import Host, Observation, PatchOperation, observed_contract
from mock_oms.contract.openapi import contract_for, contract_text
from mock_oms.switches import Switches
from tests.unit.test_observation_file import SEEN

PLAN = "/components/schemas/OrderExecutionPlan"
RISK = PatchOperation(op="add", path=f"{PLAN}/properties/risk", value={"x-provenance": "observed"})
NO_CONTEXT = PatchOperation(op="replace", path=f"{PLAN}/required", value=["id"])
LOOSE = PatchOperation(op="replace", path=f"{PLAN}/additionalProperties", value=True)
PAGE = PatchOperation(op="add", path="/components/schemas/PlanPage/properties/total", value={"type": "integer"})
NOWHERE = PatchOperation(op="replace", path="/a/b", value=None)


def seen(*patch: PatchOperation, **changed: Any) -> Observation:
    return replace(SEEN, **{"answers": {}, **changed}, patch=patch)


def plan_in(document: Mapping[str, Any]) -> Any:
    return document["components"]["schemas"]["OrderExecutionPlan"]


PLAIN = plan_in(contract_for(None))


def test_every_operation_of_a_patch_is_made() -> None:
    rule = PatchOperation(op="remove", path=f"{PLAN}/allOf/0")
    found = observed_contract(Switches(), seen(RISK, NO_CONTEXT, rule))
    plan = plan_in(found.document)
    assert (found.made, found.proposed) == (3, 3)
    assert (plan["properties"]["risk"], plan["required"], plan["allOf"]) == (RISK.value, ["id"], PLAIN["allOf"][1:])
    validate(dict(found.document))


def test_a_list_takes_another_entry_at_its_end_and_between() -> None:
    last, first = (PatchOperation(op="add", path=f"{PLAN}/required/{place}", value=place) for place in ("-", "0"))
    required = plan_in(observed_contract(Switches(), seen(last, first)).document)["required"]
    assert (required[0], required[-1], len(required)) == ("0", "-", len(PLAIN["required"]) + 2)


def test_a_change_may_stand_in_what_another_has_added() -> None:
    inside = PatchOperation(op="add", path=f"{RISK.path}/type", value="integer")
    found = observed_contract(Switches(), seen(RISK, inside))
    assert (found.made, plan_in(found.document)["properties"]["risk"]["type"]) == (2, "integer")
    assert RISK.value == {"x-provenance": "observed"}


def test_the_document_says_how_much_of_it_was_changed_and_when() -> None:
    found = observed_contract(Switches(), seen(RISK, NOWHERE))
    said = found.document["info"]["description"].splitlines()[-1]
    assert said == "Changed in 1 of 2 places after what a real OMS answered on 2026-11-24."


INSIDE = ("required/x", "required/99", "type/x", "properties/none")


@pytest.mark.parametrize("path", ["/a/b", "", "/info", "/components", *(f"{PLAN}/{path}" for path in INSIDE)])
def test_a_change_without_a_place_is_left_out(path: str) -> None:
    change = PatchOperation(op="remove", path=path)
    found = observed_contract(Switches(), seen(change, RISK))
    assert (found.made, found.document["info"]["version"]) == (1, contract_for(None)["info"]["version"])
    assert "risk" in plan_in(found.document)["properties"]


def test_under_other_switches_a_change_is_made_where_its_place_says_the_same() -> None:
    found = observed_contract(Switches(list="array", state="object"), seen(RISK, LOOSE, PAGE))
    assert (found.made, found.proposed) == (2, 3)
    assert "risk" in plan_in(found.document)["properties"]
    assert found.document != contract_for(Switches(list="array", state="object"))


def test_what_is_said_otherwise_under_other_switches_is_left_alone() -> None:
    state = PatchOperation(op="replace", path=f"{PLAN}/properties/state", value={"type": "integer"})
    assert observed_contract(Switches(state="object"), seen(state)).made == 0
    assert observed_contract(Switches(), seen(state)).made == 1


@pytest.mark.parametrize("observed", [None, seen(), seen(RISK, host=Host.MOCK), seen(NOWHERE)])
def test_where_nothing_is_changed_the_contract_keeps_its_comments(observed: Observation | None) -> None:
    assert observed_contract(Switches(), observed).text == contract_text()


def test_the_switches_are_those_in_force() -> None:
    found = observed_contract(Switches(list="array"), seen())
    assert found.document == contract_for(Switches(list="array"))
    assert found.text == contract_text(Switches(list="array"))
