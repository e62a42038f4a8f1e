"""What a check says of a crawl beside what is wrong: what it lacked, how bad it is, how sure the contract is."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.conformance.checks import ALL, judged
from mock_oms.conformance.checks.answers import unit_of
from mock_oms.conformance.checks.schemas import MissingExtraError
from mock_oms.conformance.crawl import Crawl, Question
from mock_oms.conformance.finding import Severity
from mock_oms.switches import Switches
from tests.contract.suite.changes import (
    EXPECTED,
    Change,
    Node,
    answered,
    contents,
    exchanges,
    found_in,
    header,
    page,
    plans,
    result_of,
    right,
    then,
)
from tests.profiles import examples
from tests.whole_crawls import built, whole_crawl_of

AMOUNTS = {"amount", "shipping_amount", "price", "net_amount", "retail_price", "tax_amount", "discount_amount"}


def test_of_nothing_every_check_says_what_it_lacked() -> None:
    results = judged(Crawl(target="http://oms.test", answered=(), whole=False), EXPECTED)
    assert [one.check for one in results if not one.unseen or one.findings or one.looked] == []


def lacking_under(**sections: Any) -> dict[str, str | None]:
    """What each check lacked in a mock with these sections of a scenario, in which nothing is wrong."""
    scenario = built(**sections)
    results = judged(whole_crawl_of(scenario), scenario.answers)
    assert [one.findings for one in results if one.findings] == []
    return {one.check: one.unseen for one in results}


def test_of_a_list_without_plans_and_under_other_switches_checks_say_why_they_do_not_run() -> None:
    empty, other = lacking_under(plans=[], stock={}), lacking_under(answers={"list": "array", "auth": "off"})
    assert empty["schema-of-plans"] == "no plan was met"
    assert empty["ended-has-no-commands"] == "no cancelled and no completed plan was met"
    assert other["next-leads-on"] == "the switch list is array: there are no pages"
    assert other["no-token"] == "the switch auth is off: nobody needs a token"
    cut = replace(right(), whole=False)
    assert result_of("no-row-lost", cut).unseen == "the walk did not reach the end of the list"


def test_of_a_list_that_moves_nobody_says_that_it_repeats_rows() -> None:
    def grown(content: Node) -> None:
        content["count"] += 1

    moving = then(page(2, grown), page(3, grown), contents(grown, Question.AGAIN))(right())
    assert result_of("no-row-twice", moving).unseen == (
        "the list changed while it was walked: `count` was from 10 to 11"
    )


@pytest.mark.parametrize(("events", "judged_at_all"), [(0, True), (1, False)])
def test_where_somebody_acts_while_a_clock_stands_nobody_says_that_an_attempt_placed_an_item(
    events: int, judged_at_all: bool
) -> None:
    def moved(plan: Node) -> None:
        for item in plan["orderexecutionplanitem_set"]:
            item["stock_location"]["erp_code"] = "NOWHERE"

    line = f"world=default scenario=x@0123456789ab seed=1 now=2024-03-05T09:00:00Z event={events}"
    crawl = then(plans(moved, only="completed"), header("x-mock-oms", line))(right())
    result = result_of("placed-where-a-unit-was", crawl)
    assert (bool(result.findings), result.looked > 0) == (judged_at_all, judged_at_all)


def test_a_429_is_nobodys_fault_but_ours() -> None:
    throttled = answered(429, {"detail": "Request was throttled."}, Question.HUGE_ID)(right())
    assert found_in(throttled) == []
    assert result_of("huge-id", throttled).unseen == "the question 'huge id' was not asked"


def test_a_finding_tells_the_place_the_request_and_how_sure_the_contract_is() -> None:
    crawl = plans(lambda plan: plan["order"].update(amount=1.5))(right())
    found = result_of("schema-of-plans", crawl).findings[0]
    assert found.place == "results[0].order.amount"
    assert found.request == "GET /api/v1/oms/orderexecutionplans/"
    assert (found.severity, found.provenance) == (Severity.BREAKING, "documented")
    assert found.source == "OMS samples, order stock info page"
    assert (found.expected, found.found) == ('type: "string"', "1.5")


def test_a_rule_about_a_state_has_the_mark_of_the_rule() -> None:
    crawl = plans(lambda plan: plan.update(context={}), only="pending")(right())
    found = result_of("schema-of-plans", crawl).findings[0]
    assert (found.place, found.provenance) == ("results[1].context", "inferred")


@pytest.mark.parametrize("place", ["", "order", "orderexecutionplanitem_set", "stock_location"])
def test_a_field_more_is_additive_wherever_it_is(place: str) -> None:
    def add(plan: Node) -> None:
        places = [item["stock_location"] or {} for item in plan["orderexecutionplanitem_set"]]
        node: Any = places if place == "stock_location" else plan[place] if place else plan
        for one in node if isinstance(node, list) else [node]:
            one["more"] = 1

    findings = result_of("schema-of-plans", plans(add)(right())).findings
    assert {(one.severity, one.message) for one in findings} == {
        (Severity.ADDITIVE, "the contract has no field 'more' here")
    }
    assert {one.place.rpartition(".")[2] for one in findings} == {"more"}


def test_a_renamed_field_is_missing_and_another_one_is_there() -> None:
    renamed = plans(lambda plan: plan.update(changed_date=plan.pop("modified_date")))(right())
    findings = result_of("schema-of-plans", renamed).findings
    assert {one.severity for one in findings} == {Severity.BREAKING, Severity.ADDITIVE}


def test_a_check_passes_over_what_it_cannot_read_and_says_so_where_it_can_read_nothing() -> None:
    broken = plans(lambda plan: plan.pop("order"), only=7)(right())
    whole, rest = (result_of("amounts-add-up", crawl) for crawl in (right(), broken))
    assert 0 < rest.looked < whole.looked
    assert rest.findings == ()
    nothing = result_of("amounts-add-up", plans(lambda plan: plan.update(order=None))(right()))
    assert "could be read: see the checks of the schema" in str(nothing.unseen)


def test_plans_without_an_id_are_validated_in_every_shape_of_a_list() -> None:
    bare = contents(lambda content: [row.pop("id") and row for row in content["results"]], Question.WALK)(right())
    assert "[0]" in {one.place for one in result_of("schema-of-plans", bare).findings}


def test_without_the_extra_the_way_to_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    with pytest.raises(MissingExtraError, match=r"pip install '\.\[contract\]'"):
        result_of("schema-of-plans", right(), Switches(page_size=997))


def places(value: Any) -> Iterator[Callable[[Any], None]]:
    """For each place in a JSON value: writes something else there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield lambda other, key=key: value.__setitem__(key, other)  # type: ignore[misc]
        yield from places(inner)


JSON_VALUES: list[Any] = [None, True, -1, 2**70, 0.5, "", "x", "\u2028", [], [[]], {}, {"id": []}, float("nan")]


@examples(4)
@given(data=st.data())
def test_no_body_makes_a_check_break(data: st.DataObject) -> None:
    def spoil(content: Any) -> Any:
        where = list(places(content))
        value = data.draw(st.sampled_from(JSON_VALUES))
        chosen = data.draw(st.integers(0, len(where)))
        if chosen == len(where):
            return value
        where[chosen](value)
        return None

    kinds = data.draw(st.sets(st.sampled_from([*Question]), min_size=1, max_size=3))
    assert len(judged(contents(spoil, *kinds)(right()), EXPECTED)) == len(ALL)


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b"1" * 5000, b'{"results": [1, null]}'])
def test_no_octets_make_a_check_break(body: bytes) -> None:
    findings = found_in(exchanges(lambda one: replace(one, body=body))(right()))
    assert {one.found for one in findings if one.check == "unknown-plan"} in ({"no JSON"}, {"{results: [1, None]}"})


def scaled(factor: int) -> Change:
    """All amounts times a whole factor, as a recording has them."""

    def change(plan: Node) -> None:
        order = plan["order"]
        planned = (item["order_item"] for item in plan["orderexecutionplanitem_set"])
        for holder in (order, *order["orderitem_set"], *planned):
            amounts = {name: holder[name] for name in AMOUNTS & holder.keys() if holder[name] is not None}
            holder.update({name: str(Decimal(amount) * factor) for name, amount in amounts.items()})

    return plans(change)


def test_scaled_amounts_are_as_right_as_they_were() -> None:
    assert [factor for factor in (11, 97) if found_in(scaled(factor)(right()))] == []


def test_a_wrong_tax_is_found_among_scaled_amounts() -> None:
    def spoil(plan: Node) -> None:
        for row in plan["order"]["orderitem_set"]:
            row["tax_rate"] = "90.00"

    assert result_of("tax-is-included", then(scaled(97), plans(spoil))(right())).findings


@pytest.mark.parametrize(
    ("order", "unit"),
    [
        ({"amount": "10.00", "orderitem_set": [{"price": "0.07"}, None]}, "0.01"),
        ({"amount": "5.83", "orderitem_set": [{"price": "1.06"}]}, "0.53"),
        ({"amount": "120.00", "orderitem_set": [{"price": "240.00"}]}, "1.00"),
        ({"amount": "0.00", "orderitem_set": [{"price": "x"}]}, "0.01"),
        ({"amount": 5, "orderitem_set": "x"}, "0.01"),
        (None, "0.01"),
    ],
)
def test_the_unit_of_amounts_is_what_all_are_multiples_of_up_to_one_or_else_a_cent(order: Any, unit: str) -> None:
    assert unit_of([{"order": order}]) == Decimal(unit)
    assert unit_of([{}]) == Decimal("0.01")
