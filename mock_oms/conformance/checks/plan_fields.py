"""Checks of a plan's fields: dates, items, amounts that add up, and the context of its attempts."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from mock_oms.conformance.checks.answers import PAGES, SINGLE, ParsedCrawl, SeenPlan
from mock_oms.conformance.checks.check import Check, Violation
from mock_oms.conformance.checks.pages import restless
from mock_oms.conformance.checks.schemas import written
from mock_oms.conformance.finding import Severity
from mock_oms.switches import Switches

#: The fields of a plan, and of what is in it, that are dates.
_DATES = frozenset({"date", "date_placed", "created_date", "modified_date", "remote_modified_date"})
_PLANS = PAGES | SINGLE
_NO_PLAN = "no plan was met"

Path = tuple[str | int, ...]


def moment(text: str, answers: Switches) -> datetime:
    """A date in the form of the switch; a day is its first moment.

    :raises ValueError: it has another form, or no time zone.
    """
    if answers.dates == "date":
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return found


def every_date(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each date in a plan, with its place; `attributes`, whose names are the merchant's own, are left out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _DATES:
                yield (*path, key), inner
            elif key != "attributes":
                yield from every_date(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from every_date(inner, (*path, place))


def _sights(seen: ParsedCrawl) -> Iterator[SeenPlan]:
    return iter(seen.sights)


def _undated(one: SeenPlan, seen: ParsedCrawl) -> Iterator[Violation]:
    wanted = "a day" if seen.rules.answers.dates == "date" else "a moment in UTC"
    for path, text in every_date(one.plan):
        if not _is_date(text, seen.rules.answers):
            yield Violation(message=f"this is not {wanted}", place=written(path), expected=wanted, found=text)


def _is_date(text: Any, answers: Switches) -> bool:
    try:
        return moment(text, answers).utcoffset() == timedelta(0)
    except (TypeError, ValueError):
        return False


def _unordered(one: SeenPlan, seen: ParsedCrawl) -> Iterator[Violation]:
    for path, inner in _dated(one.plan):
        made, changed = inner["created_date"], inner["modified_date"]
        if moment(made, seen.rules.answers) > moment(changed, seen.rules.answers):
            message = "it changed before it was made"
            yield Violation(
                message=message, place=written((*path, "modified_date")), expected=f"≥ {made}", found=changed
            )


def _dated(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each object that has both dates."""
    if isinstance(value, dict) and {"created_date", "modified_date"} <= value.keys():
        yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from _dated(one, (*path, key))


DATE_CHECKS: tuple[Check[SeenPlan], ...] = (
    Check(
        name="dates-are-dates",
        claim="Every date can be read: a moment in UTC, or a day under the switch dates.",
        over=_sights,
        flaws=_undated,
        lacking=_NO_PLAN,
        needs=_PLANS,
        source="OMS samples: every visible one",
    ),
    Check(
        name="made-before-changed",
        claim="Nothing in a plan has changed before it was made.",
        over=_sights,
        flaws=_unordered,
        lacking=_NO_PLAN,
        needs=_PLANS,
        source="plans page: the names of the fields",
    ),
)


_LACKING = "no plan that was attempted was met: every `context` was empty"
_SOURCE = "ours: the plans page gives no layout"


def _attempted(seen: ParsedCrawl) -> Iterator[SeenPlan]:
    return (one for one in seen.sights if one.plan.get("context"))


def _misnumbered(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    found = [*one.plan["context"]]
    wanted = [str(number) for number in range(1, len(found) + 1)]
    if found != wanted:
        message = "the attempts are not numbered from 1 without a gap, in their order"
        yield Violation(message=message, place="context", expected=", ".join(wanted), found=found)


def _untimely(one: SeenPlan, seen: ParsedCrawl) -> Iterator[Violation]:
    """Attempts before the plan was made, before the attempt before, or after the plan's last change."""
    answers, plan = seen.rules.answers, one.plan
    dates = [("created_date", plan["created_date"])]
    dates += [(f"context.{number}.date", attempt["date"]) for number, attempt in plan["context"].items()]
    dates.append(("modified_date", plan["modified_date"]))
    for (before, early), (after, late) in pairwise(dates):
        if moment(early, answers) > moment(late, answers):
            yield Violation(message=f"it is before `{before}`", place=after, expected=f"≥ {early}", found=late)


def _figures(plan: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The figures of every attempt, with their place and their order item."""
    for number, attempt in plan["context"].items():
        for code, items in attempt["stock_locations"].items():
            for item, figures in items.items():
                yield f"context.{number}.stock_locations.{code}.{item}", item, figures


def _wrong_sums(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    for place, _item, figures in _figures(one.plan):
        wanted = Decimal(figures["stock_count"]) - Decimal(figures["reservation_count"])
        if Decimal(figures["quantity"]) != wanted:
            message = "it is not `stock_count` less `reservation_count`"
            found = figures["quantity"]
            yield Violation(message=message, place=f"{place}.quantity", elsewhere=str(wanted), found=found)


def _foreign(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    own = {str(item["order_item"]["id"]): item["order_item"] for item in one.plan["orderexecutionplanitem_set"]}
    for place, item, figures in _figures(one.plan):
        if item not in own:
            yield Violation(message="the plan has no item of this order item", place=place, expected=", ".join(own))
        elif figures["sku"] != own[item]["product"]["sku"]:
            wanted = own[item]["product"]["sku"]
            message = "the order item is of another SKU"
            yield Violation(message=message, place=f"{place}.sku", elsewhere=wanted, found=figures["sku"])


CONTEXT_CHECKS: tuple[Check[SeenPlan], ...] = (
    Check(
        name="attempts-numbered",
        claim="Attempts are numbered from 1 without a gap.",
        over=_attempted,
        flaws=_misnumbered,
        lacking=_LACKING,
        needs=_PLANS,
        provenance="assumed",
        source=_SOURCE,
    ),
    Check(
        name="attempts-in-time",
        claim="Attempts follow each other, after the plan was made and not after its last change.",
        over=_attempted,
        flaws=_untimely,
        lacking=_LACKING,
        needs=_PLANS,
        provenance="assumed",
        source=_SOURCE,
    ),
    Check(
        name="quantity-is-what-is-left",
        claim="Always `quantity` = `stock_count` − `reservation_count`.",
        over=_attempted,
        flaws=_wrong_sums,
        lacking=_LACKING,
        needs=_PLANS,
        provenance="assumed",
        source="ours: the names and the sum are those of the order stock info page",
    ),
    Check(
        name="figures-of-own-items",
        claim="The figures of an attempt are about order items of the plan, and their SKUs.",
        over=_attempted,
        flaws=_foreign,
        lacking=_LACKING,
        needs=_PLANS,
        provenance="assumed",
        source=_SOURCE,
    ),
)


_SET = "orderexecutionplanitem_set"


def _items_sights(seen: ParsedCrawl) -> Iterator[SeenPlan]:
    return iter(seen.sights)


def _with_items(seen: ParsedCrawl) -> Iterator[SeenPlan]:
    return (one for one in seen.sights if one.plan.get(_SET))


def _strangers(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    """Items of another plan, and items that come twice."""
    times = Counter(item["id"] for item in one.plan[_SET])
    for place, item in enumerate(one.plan[_SET]):
        if item["order_execution_plan"] != one.id:
            found, where = item["order_execution_plan"], f"{_SET}[{place}].order_execution_plan"
            yield Violation(message="the item names another plan", place=where, expected=one.id, found=found)
        if times[item["id"]] > 1:
            message = f"{times[item['id']]} items of the plan have this id"
            yield Violation(message=message, place=f"{_SET}[{place}].id", found=item["id"])


def _mismatched(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    """Items whose order item is not the order's, or is another item's too."""
    ordered = {row["id"]: row for row in one.plan["order"]["orderitem_set"]}
    times = Counter(item["order_item"]["id"] for item in one.plan[_SET])
    for place, item in enumerate(one.plan[_SET]):
        where, row = f"{_SET}[{place}].order_item", item["order_item"]
        if row["id"] not in ordered:
            yield Violation(message="the order has no such item", place=f"{where}.id", found=row["id"])
        elif ordered[row["id"]] != row:
            message = "the item's order item and the order's own are not the same"
            yield Violation(message=message, place=where, elsewhere=ordered[row["id"]], found=row)
        if times[row["id"]] > 1:
            yield Violation(message="two items of the plan are of one order item", place=f"{where}.id", found=row["id"])


def _orders(seen: ParsedCrawl) -> Iterator[SeenPlan]:
    """The last row of each order in the walk: it stands for the order."""
    return iter({one.order: one for one in seen.rows_of_the_walk() if one.order is not None}.values())


def _uncovered(one: SeenPlan, seen: ParsedCrawl) -> Iterator[Violation]:
    order = one.plan["order"]
    planned = {
        item["order_item"]["id"] for row in seen.rows_of_the_walk() if row.order == one.order for item in row.plan[_SET]
    }
    for place, item in enumerate(order["orderitem_set"]):
        if item["id"] not in planned:
            message = "no plan of the order has an item for this order item"
            yield Violation(message=message, place=f"order.orderitem_set[{place}]", found=item["id"])


def _whole_walk(seen: ParsedCrawl) -> str | None:
    if not seen.survey.whole:
        return "the walk did not reach the end of the list: an order's other plans may be there"
    return restless(seen)


def _sums(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    order = one.plan["order"]
    for total, part in (("amount", "net_amount"), ("discount_amount", "discount_amount")):
        wanted = sum((Decimal(item[part]) for item in order["orderitem_set"]), Decimal("0.00"))
        if Decimal(order[total]) != wanted:
            message = f"it is not the sum of `{part}` over the order's items"
            yield Violation(message=message, place=f"order.{total}", elsewhere=str(wanted), found=order[total])


def _prices(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    for place, item in enumerate(one.plan["order"]["orderitem_set"]):
        wanted = Decimal(item["price"]) - Decimal(item["discount_amount"])
        if Decimal(item["net_amount"]) != wanted:
            where = f"order.orderitem_set[{place}].net_amount"
            message = "it is not `price` less `discount_amount`"
            yield Violation(message=message, place=where, elsewhere=str(wanted), found=item["net_amount"])


def _taxes(one: SeenPlan, seen: ParsedCrawl) -> Iterator[Violation]:
    """A tax is inside the amount: `net * rate / (100 + rate)`, to the cent, or to what a recording made of it."""
    for place, item in enumerate(one.plan["order"]["orderitem_set"]):
        if item["tax_amount"] is not None:
            net, rate = Decimal(item["net_amount"]), Decimal(item["tax_rate"])
            units = (net * rate / (100 + rate) / seen.unit).quantize(Decimal(1), ROUND_HALF_UP)
            wanted = units * seen.unit
            if abs(Decimal(item["tax_amount"]) - wanted) > seen.unit:
                where = f"order.orderitem_set[{place}].tax_amount"
                message = "it is not the tax inside `net_amount` at `tax_rate`"
                yield Violation(message=message, place=where, elsewhere=str(wanted), found=item["tax_amount"])


def _currencies(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    order = one.plan["order"]
    for place, item in enumerate(order["orderitem_set"]):
        if item["price_currency"] != order["currency"]:
            where, found = f"order.orderitem_set[{place}].price_currency", item["price_currency"]
            yield Violation(
                message="the order has another currency", place=where, elsewhere=order["currency"], found=found
            )


def _check(
    name: str,
    claim: str,
    flaws: Callable[[SeenPlan, ParsedCrawl], Iterator[Violation]],
    source: str,
    severity: Severity,
) -> Check[SeenPlan]:
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

ITEM_CHECKS: tuple[Check[SeenPlan], ...] = (
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
