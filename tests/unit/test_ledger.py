"""The ledger tells every claim of the contract and every switch, once, in an order that holds."""

from dataclasses import fields, replace
from datetime import date
from itertools import groupby, product
from typing import Any

import pytest

from mock_oms.contract.document import nodes, pointer
from mock_oms.contract.ledger import LONGEST_HEADER, AssumedClaims, Claim, ClaimKind, bounded, id_of, ledger
from mock_oms.contract.observation import ClaimSeen
from mock_oms.contract.openapi import contract_for
from mock_oms.switches import Switches
from mock_oms.urls import Operation
from tests.unit.test_observation_file import SEEN

TURNS: list[dict[str, str]] = [
    {},
    *({"commands": form, "state": state} for form, state in product(("empty", "json", "comma"), ("string", "object"))),
    {"list": "array"},
    {"auth": "off"},
    {"dates": "date"},
]


def known(**answers: str) -> dict[str, Claim]:
    return {one.id: one for one in ledger(Switches(**answers))}  # type: ignore[arg-type]


@pytest.mark.parametrize("turn", TURNS, ids=str)
def test_every_mark_of_the_contract_and_every_switch_is_an_entry_with_an_id_of_its_own(turn: dict[str, str]) -> None:
    answers = Switches(**turn)  # type: ignore[arg-type]
    every = ledger(answers)
    assert len({one.id for one in every}) == len(every)
    assert len(every) == sum("x-provenance" in one for _, one in nodes(contract_for(answers))) + len(fields(Switches))


def test_an_entry_has_the_mark_of_the_place_that_makes_the_claim() -> None:
    marked = {
        id_of(trail, one): one["x-provenance"] for trail, one in nodes(contract_for(None)) if "x-provenance" in one
    }
    assert marked == {one.id: one.mark for one in ledger() if one.kind is not ClaimKind.SWITCH}


def test_entries_stand_in_groups_whose_paths_are_sorted() -> None:
    every = ledger()
    assert [kind for kind, _ in groupby(every, key=lambda one: one.kind)] == list(ClaimKind)
    for _, group in groupby(every, key=lambda one: one.kind):
        paths = [one.path for one in group]
        assert paths == sorted(paths)


PATHS = """
StockFigures.quantity             OrderExecutionPlan.context{}.stock_locations{}{}.quantity
OrderItem.price                   OrderExecutionPlan.order.orderitem_set[].price
Command                           OrderExecutionPlan.commands[]
PlanPage.results                  PlanPage.results
header.WwwAuthenticate            WWW-Authenticate (WwwAuthenticate)
response.NoSuchPlan               detail 404
parameter.page                    ?page
parameter.id                      {id}
operation.getOrderExecutionPlan   GET /api/v1/oms/orderexecutionplans/{id}/
switch.page_size                  answers.page_size
OrderExecutionPlan.rule-5         OrderExecutionPlan rule 5: Nothing can be done with a plan that has ended.
"""


@pytest.mark.parametrize("line", PATHS.split("\n")[1:-1])
def test_a_path_tells_people_where_a_claim_is_met(line: str) -> None:
    name, path = line.split(maxsplit=1)
    assert known()[name].path == path


@pytest.mark.parametrize(
    ("name", "seen", "is_open", "status"),
    [
        ("Context", None, True, "assumed"),
        ("OrderExecutionPlan.id", None, False, "documented"),
        ("header.MockOms", None, False, "mock"),
        ("Context", (7, 0), False, "observed on 2026-11-24 (7 times)"),
        ("OrderExecutionPlan.id", (7, 2), True, "contradicted on 2026-11-24 (2 of 7 times)"),
        ("switch.list", (1, 0), False, "observed on 2026-11-24 (1 time)"),
    ],
)
def test_a_claim_is_open_till_observed(name: str, seen: tuple[int, int] | None, is_open: bool, status: str) -> None:
    observed = replace(SEEN, claims={name: ClaimSeen(seen=seen[0], unfit=seen[1])} if seen else {})
    (found,) = (one for one in ledger(None, observed) if one.id == name)
    assert (found.is_open, found.status) == (is_open, status)
    known = date.fromisoformat(contract_for(None)["info"]["x-known"])
    assert found.day == (SEEN.date.date() if seen else known)


def test_a_pointer_escapes_what_has_a_meaning_in_it() -> None:
    assert pointer(("paths", "/api/~x/", 3)) == "/paths/~1api~1~0x~1/3"


IN_A_PLAN = {"Context", "Command", "PlanItem.state", "Order.orderitem_set"}


@pytest.mark.parametrize(
    ("asked", "status", "shown"),
    [
        (Operation.DETAIL, 200, IN_A_PLAN),
        (Operation.LIST, 200, IN_A_PLAN),
        (Operation.LIST, 502, {"response.BadGateway"}),
        *(
            (asked, status, set())
            for asked, status in ((Operation.DETAIL, 404), (Operation.LOGIN, 200), (Operation.DETAIL, 418))
        ),
    ],
)
def test_an_answer_names_the_assumed_things_that_it_shows(asked: Operation, status: int, shown: set[str]) -> None:
    said = (AssumedClaims().of(Switches(), asked, status) or "").split(", ")
    assert shown <= set(said) if shown else said == [""]


def test_what_is_inside_an_assumed_thing_confirmed_or_taken_away_by_a_switch_is_not_named() -> None:
    def names(*confirmed: str, **switches: Any) -> set[str]:
        observed = replace(SEEN, claims={one: ClaimSeen(seen=1) for one in confirmed})
        return set(str(AssumedClaims(observed).of(Switches(**switches), Operation.DETAIL, 200)).split(", "))

    assert {"Command", "Context"} <= names() - {"Attempt"} == names()
    assert "Command" not in names(commands="empty")
    assert "Context" not in names("Context")


def test_every_id_that_an_answer_names_is_one_of_the_ledger() -> None:
    pairs = product(Operation, (200, 400, 404, 429, 503))
    said = [AssumedClaims().of(Switches(), asked, status) or "" for asked, status in pairs]
    names = {name for text in said for name in text.split(", ") if name and not name.startswith("and ")}
    assert names <= known().keys()


def test_a_list_that_is_too_long_says_how_many_more_there_are() -> None:
    names = [f"Name{number:03}" for number in range(60)]
    text = bounded(names)
    assert len(text) <= LONGEST_HEADER
    kept, _, more = text.rpartition(", and ")
    assert len(kept.split(", ")) + int(more.split()[0]) == 60
    assert bounded(names[:3]) == "Name000, Name001, Name002"
