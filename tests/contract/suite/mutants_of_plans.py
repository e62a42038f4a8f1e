"""Mutants of plans: fields, states, commands, dates, items, amounts, context, and how plans move."""

from typing import Any

from mock_oms.conformance.crawl import Question
from tests.contract.suite.changes import (
    DETAILS,
    LATER,
    Change,
    Edit,
    Node,
    in_state,
    is_plan,
    plans,
    with_attempts,
)

_SET = "orderexecutionplanitem_set"
_EARLY, _LATE = "2020-01-01T00:00:00.000000Z", "2030-01-01T00:00:00.000000Z"


def _put(*path: str | int, value: Any) -> Edit:
    """Writes a value at a place; a callable makes it from the one before."""

    def edit(plan: Node) -> None:
        node: Any = plan
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value(node[path[-1]]) if callable(value) else value

    return edit


def _command(slug: str, source: str, target: str) -> Node:
    return {
        "id": 9,
        "name": slug,
        "slug": slug,
        "command_code": slug.replace("-", "_"),
        "source_state": source,
        "destination_state": target,
    }


def _both_rows(edit: Edit) -> Edit:
    """The first item of the order, in the order and in the plan's item, which show the same."""

    def edited(plan: Node) -> None:
        edit(plan["order"]["orderitem_set"][0])
        edit(plan[_SET][0]["order_item"])

    return edited


def _second_like_the_first(name: str) -> Edit:
    def edit(plan: Node) -> None:
        plan[_SET][1][name] = plan[_SET][0][name]

    return edit


def _more(text: str) -> str:
    """An amount, and a lira more."""
    return f"{float(text) + 1:.2f}"


def _attempts(change: Any) -> Edit:
    return lambda plan: plan.update(context=change(plan["context"]))


def _figures(name: str, value: Any) -> Edit:
    """A figure of the first attempt, at its first location."""

    def edit(plan: Node) -> None:
        location = next(iter(plan["context"]["1"]["stock_locations"].values()))
        figures = next(iter(location.values()))
        figures[name] = value(figures[name])

    return edit


def _kept_date() -> Change:
    """The date of the plan that moves, as it was at first."""
    first: list[str] = []

    def edit(plan: Node) -> None:
        first.append(plan["modified_date"])
        plan["modified_date"] = first[0]

    return plans(edit, only=is_plan(7))


_many = is_plan(7)

#: The check that claims it, what is wrong, and how.
OF_PLANS: tuple[tuple[str, str, Change], ...] = (
    ("schema-of-plans", "an id of the order is text", plans(_put("order", "omnitron_id", value=str))),
    ("schema-of-plans", "an amount is a number", plans(_put("order", "amount", value=float))),
    ("schema-of-plans", "`commands` is missing", plans(lambda plan: plan.pop("commands"))),
    (
        "schema-of-plans",
        "an address has no postcode",
        plans(lambda plan: plan["order"]["billing_address"].pop("postcode")),
    ),
    ("schema-of-plans", "the order is an id", plans(_put("order", value=lambda order: order["id"]))),
    ("schema-of-plans", "the order is null", plans(_put("order", value=None))),
    ("schema-of-plans", "a plan has a field more", plans(_put("priority", value=1))),
    ("schema-of-plans", "an item is in no known state", plans(_put(_SET, 0, "state", value="lost"))),
    ("state-known", "a state outside the enum", plans(_put("state", value="paused"), only=in_state("pending"))),
    ("state-known", "states are in capitals", plans(_put("state", value=str.upper))),
    ("state-known", "a cancelled plan is canceled", plans(_put("state", value="canceled"), only=in_state("cancelled"))),
    (
        "ended-has-no-commands",
        "commands in a terminal state",
        plans(_put("commands", value=[_command("plan-cancel", "pending", "cancelled")]), only=in_state("completed")),
    ),
    (
        "commands-fit-the-state",
        "a plan at its start can be completed",
        plans(_put("commands", value=[_command("plan-complete", "start", "completed")]), only=in_state("start")),
    ),
    (
        "commands-fit-the-state",
        "a pending plan has the commands of the start",
        plans(_put("commands", value=[_command("plan-cancel", "start", "cancelled")]), only=in_state("pending")),
    ),
    ("dates-are-dates", "dates have no time zone", plans(_put("created_date", value=lambda text: text.rstrip("Z")))),
    ("dates-are-dates", "dates are local", plans(_put("created_date", value=lambda text: text.replace("Z", "+03:00")))),
    (
        "dates-are-dates",
        "the 30th of February",
        plans(_put("order", "date_placed", value="2024-02-30T09:00:00.000000Z")),
    ),
    ("made-before-changed", "a plan was made after its last change", plans(_put("created_date", value=_LATE))),
    (
        "made-before-changed",
        "an order item changed before it was made",
        plans(_both_rows(_put("modified_date", value=_EARLY))),
    ),
    ("items-of-the-plan", "an item names another plan", plans(_put(_SET, 0, "order_execution_plan", value=1))),
    ("items-of-the-plan", "two items have one id", plans(_second_like_the_first("id"), only=_many)),
    ("items-one-to-one", "two items are of one order item", plans(_second_like_the_first("order_item"), only=_many)),
    ("items-one-to-one", "an order item is not the order's", plans(_put(_SET, 0, "order_item", "id", value=1))),
    (
        "items-one-to-one",
        "an order item is another than in the order",
        plans(_put(_SET, 0, "order_item", "image", value="x")),
    ),
    ("order-items-planned", "an order item is in no plan", plans(lambda plan: plan[_SET].pop(), only=_many)),
    ("amounts-add-up", "the order's amount is a lira too high", plans(_put("order", "amount", value=_more))),
    ("amounts-add-up", "the order's discount is a lira too high", plans(_put("order", "discount_amount", value=_more))),
    ("net-is-price-less-discount", "a price is a lira too high", plans(_both_rows(_put("price", value=_more)))),
    ("tax-is-included", "the tax rate is another one", plans(_both_rows(_put("tax_rate", value="90.00")))),
    ("one-currency", "an order item has another currency", plans(_both_rows(_put("price_currency", value="eur")))),
    (
        "attempts-numbered",
        "attempts are numbered from 0",
        plans(_attempts(lambda context: {str(int(number) - 1): one for number, one in context.items()})),
    ),
    (
        "attempts-numbered",
        "the last attempt comes first",
        plans(_attempts(lambda context: dict(reversed(context.items()))), only=with_attempts),
    ),
    (
        "attempts-in-time",
        "an attempt was before the plan",
        plans(_put("context", "1", "date", value=_EARLY), only=with_attempts),
    ),
    (
        "attempts-in-time",
        "an attempt is later than the last change",
        plans(_put("context", "1", "date", value=_LATE), only=with_attempts),
    ),
    ("quantity-is-what-is-left", "`quantity` is a unit too high", plans(_figures("quantity", _more), only=_many)),
    (
        "quantity-is-what-is-left",
        "`quantity` is never negative",
        plans(_figures("reservation_count", lambda _: "9.00"), only=_many),
    ),
    ("figures-of-own-items", "figures are of another SKU", plans(_figures("sku", lambda sku: f"{sku}-X"), only=_many)),
    (
        "detail-of-the-plan-asked-for",
        "a detail of another plan",
        plans(_put("id", value=lambda number: number + 1), *DETAILS),
    ),
    (
        "list-and-detail-agree",
        "a detail says another payment",
        plans(_put("order", "payment_type", value="cash"), *DETAILS),
    ),
    (
        "list-and-detail-agree",
        "a detail has an item without its place",
        plans(_put(_SET, 0, "stock_location", value=None), Question.DETAIL, only=in_state("completed")),
    ),
    ("ids-stay", "items have other ids each time", plans(_put(_SET, 0, "id", value=lambda number: number + 5), *LATER)),
    ("ids-stay", "the date of making moves", plans(_put("created_date", value=_EARLY), *LATER)),
    ("orders-agree", "an order has another currency later", plans(_put("order", "currency", value="usd"), *LATER)),
    (
        "ended-stays",
        "a cancelled plan is pending again",
        plans(_put("state", value="pending"), *LATER, only=in_state("cancelled")),
    ),
    (
        "ended-stays",
        "a completed plan is at its start again",
        plans(_put("state", value="start"), *LATER, only=in_state("completed")),
    ),
    (
        "moves-along-the-table",
        "a pending plan is at its start again",
        plans(_put("state", value="start"), *LATER, only=in_state("pending")),
    ),
    ("context-only-grows", "`context` shrinks", plans(_attempts(lambda one: {"1": one["1"]}), *LATER, only=_many)),
    ("context-only-grows", "an attempt is rewritten", plans(_figures("sku", lambda _: "?"), *LATER, only=_many)),
    ("modified-never-goes-back", "`modified_date` goes back", plans(_put("modified_date", value=_EARLY), *LATER)),
    ("modified-tells-of-moves", "a stale `modified_date`", _kept_date()),
)
