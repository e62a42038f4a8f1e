"""Checks of what a plan and its order hold: items one to one, and amounts that add up."""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from mock_oms.contract.checks.check import Check, Flaw
from mock_oms.contract.checks.pages import restless
from mock_oms.contract.checks.seen import PAGES, SINGLE, Seen, Sight
from mock_oms.findings.finding import Severity

_PLANS = PAGES | SINGLE
_NO_PLAN = "no plan was met"
_SET = "orderexecutionplanitem_set"


def _sights(seen: Seen) -> Iterator[Sight]:
    return iter(seen.sights)


def _with_items(seen: Seen) -> Iterator[Sight]:
    return (one for one in seen.sights if one.plan.get(_SET))


def _strangers(one: Sight, _: Seen) -> Iterator[Flaw]:
    """Items of another plan, and items that come twice."""
    times = Counter(item["id"] for item in one.plan[_SET])
    for place, item in enumerate(one.plan[_SET]):
        if item["order_execution_plan"] != one.id:
            found, where = item["order_execution_plan"], f"{_SET}[{place}].order_execution_plan"
            yield Flaw(message="the item names another plan", place=where, expected=one.id, found=found)
        if times[item["id"]] > 1:
            message = f"{times[item['id']]} items of the plan have this id"
            yield Flaw(message=message, place=f"{_SET}[{place}].id", found=item["id"])


def _mismatched(one: Sight, _: Seen) -> Iterator[Flaw]:
    """Items whose order item is not the order's, or is another item's too."""
    ordered = {row["id"]: row for row in one.plan["order"]["orderitem_set"]}
    times = Counter(item["order_item"]["id"] for item in one.plan[_SET])
    for place, item in enumerate(one.plan[_SET]):
        where, row = f"{_SET}[{place}].order_item", item["order_item"]
        if row["id"] not in ordered:
            yield Flaw(message="the order has no such item", place=f"{where}.id", found=row["id"])
        elif ordered[row["id"]] != row:
            message = "the item's order item and the order's own are not the same"
            yield Flaw(message=message, place=where, elsewhere=ordered[row["id"]], found=row)
        if times[row["id"]] > 1:
            yield Flaw(message="two items of the plan are of one order item", place=f"{where}.id", found=row["id"])


def _orders(seen: Seen) -> Iterator[Sight]:
    """The last row of each order in the walk: it stands for the order."""
    return iter({one.order: one for one in seen.rows_of_the_walk() if one.order is not None}.values())


def _uncovered(one: Sight, seen: Seen) -> Iterator[Flaw]:
    order = one.plan["order"]
    planned = {
        item["order_item"]["id"] for row in seen.rows_of_the_walk() if row.order == one.order for item in row.plan[_SET]
    }
    for place, item in enumerate(order["orderitem_set"]):
        if item["id"] not in planned:
            message = "no plan of the order has an item for this order item"
            yield Flaw(message=message, place=f"order.orderitem_set[{place}]", found=item["id"])


def _whole_walk(seen: Seen) -> str | None:
    if not seen.survey.whole:
        return "the walk did not reach the end of the list: an order's other plans may be there"
    return restless(seen)


def _sums(one: Sight, _: Seen) -> Iterator[Flaw]:
    order = one.plan["order"]
    for total, part in (("amount", "net_amount"), ("discount_amount", "discount_amount")):
        wanted = sum((Decimal(item[part]) for item in order["orderitem_set"]), Decimal("0.00"))
        if Decimal(order[total]) != wanted:
            message = f"it is not the sum of `{part}` over the order's items"
            yield Flaw(message=message, place=f"order.{total}", elsewhere=str(wanted), found=order[total])


def _prices(one: Sight, _: Seen) -> Iterator[Flaw]:
    for place, item in enumerate(one.plan["order"]["orderitem_set"]):
        wanted = Decimal(item["price"]) - Decimal(item["discount_amount"])
        if Decimal(item["net_amount"]) != wanted:
            where = f"order.orderitem_set[{place}].net_amount"
            message = "it is not `price` less `discount_amount`"
            yield Flaw(message=message, place=where, elsewhere=str(wanted), found=item["net_amount"])


def _taxes(one: Sight, seen: Seen) -> Iterator[Flaw]:
    """A tax is inside the amount: `net * rate / (100 + rate)`, to the cent, or to what a recording made of it."""
    for place, item in enumerate(one.plan["order"]["orderitem_set"]):
        if item["tax_amount"] is not None:
            net, rate = Decimal(item["net_amount"]), Decimal(item["tax_rate"])
            units = (net * rate / (100 + rate) / seen.unit).quantize(Decimal(1), ROUND_HALF_UP)
            wanted = units * seen.unit
            if abs(Decimal(item["tax_amount"]) - wanted) > seen.unit:
                where = f"order.orderitem_set[{place}].tax_amount"
                message = "it is not the tax inside `net_amount` at `tax_rate`"
                yield Flaw(message=message, place=where, elsewhere=str(wanted), found=item["tax_amount"])


def _currencies(one: Sight, _: Seen) -> Iterator[Flaw]:
    order = one.plan["order"]
    for place, item in enumerate(order["orderitem_set"]):
        if item["price_currency"] != order["currency"]:
            where, found = f"order.orderitem_set[{place}].price_currency", item["price_currency"]
            yield Flaw(message="the order has another currency", place=where, elsewhere=order["currency"], found=found)


def _check(
    name: str, claim: str, flaws: Callable[[Sight, Seen], Iterator[Flaw]], source: str, severity: Severity
) -> Check[Sight]:
    """A check of every sight of a plan that has items."""
    return Check(
        name=name,
        claim=claim,
        over=_with_items,
        flaws=flaws,
        lacking="no plan with items was met",
        needs=_PLANS,
        provenance="assumed",
        source=source,
        severity=severity,
    )


_BREAKING, _UNKNOWN = Severity.BREAKING, Severity.UNKNOWN

CHECKS: tuple[Check[Sight], ...] = (
    _check("items-of-the-plan", "Every item names its plan, and has an id of its own.", _strangers, "ours", _BREAKING),
    _check(
        "items-one-to-one",
        "Every item of a plan is of one item of its order, which no other item of the plan is of.",
        _mismatched,
        "plans page: one plan item for each order item",
        _BREAKING,
    ),
    Check(
        name="order-items-planned",
        claim="Every item of an order is in one of the order's plans.",
        over=_orders,
        flaws=_uncovered,
        lacking=_NO_PLAN,
        needs=_PLANS,
        source="plans page: one plan item for each order item",
        unless=_whole_walk,
    ),
    _check(
        "amounts-add-up",
        "The amounts of an order are the sums over its items.",
        _sums,
        "ours, after the names in OMS samples",
        _BREAKING,
    ),
    _check(
        "net-is-price-less-discount",
        "The net amount of an order item is its price less its discount.",
        _prices,
        "ours, after the names in OMS samples",
        _BREAKING,
    ),
    _check("tax-is-included", "The tax of an order item is the one inside its net amount.", _taxes, "ours", _UNKNOWN),
    _check("one-currency", "All items of an order have the currency of the order.", _currencies, "ours", _BREAKING),
)
