"""Checks of one plan: its state and commands, its dates, items that fit its order, amounts that add up, its context."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from mock_oms.conformance.checks.answers import ParsedCrawl, SeenPlan
from mock_oms.conformance.checks.check import Checks, Subjects, Violation
from mock_oms.conformance.checks.pages import list_moved
from mock_oms.conformance.checks.schemas import written
from mock_oms.conformance.finding import Severity
from mock_oms.domain.lifecycle import TERMINAL, State, commands_in
from mock_oms.domain.plan import GIVEN_BACK, ItemState
from mock_oms.switches import Switches
from mock_oms.worlds.world_header import HEADER

CHECKS = Checks()
#: The items of a plan.
ITEMS = "orderexecutionplanitem_set"
#: The state of an order, or an item of one, that was canceled (the vendor's).
_CANCELED = "100"
#: The fields of a plan, and of what is in it, that are amounts or counts; and of its context.
_AMOUNTS = frozenset({
    *("amount", "shipping_amount", "discount_amount", "price", "net_amount", "retail_price", "tax_rate", "tax_amount"),
    *("without_net_amount", "installment_interest_amount", "quantity", "quota", "max_quota"),
})  # fmt: skip
_COUNTS = frozenset({"stock_count", "reservation_count"})
#: The fields of a plan, and of what is in it, that are dates.
_DATES = frozenset({"date", "date_placed", "created_date", "modified_date", "remote_modified_date"})

Path = tuple[str | int, ...]
#: A command as it can be compared: its slug with its source and target, None where the form of the switch has neither.
Command = tuple[str, str | None, str | None]


def state_of(plan: Mapping[str, Any], switches: Switches) -> Any:
    """The name of a plan's state in the form of the switch, whether or not there is such a state; None in another."""
    state = plan.get("state")
    if switches.state != "object":
        return state
    return state.get("enum_value") if isinstance(state, dict) else None


def _in_states(*states: State) -> Callable[[ParsedCrawl], Iterator[SeenPlan]]:
    return lambda crawl: (one for one in crawl.plans if state_of(one.plan, crawl.switches) in states)


def moment(text: str, switches: Switches) -> datetime:
    """A date in the form of the switch; a day is its first moment.

    :raises ValueError: it has another form, or no time zone.
    """
    if switches.dates == "date":
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return found


_PLANS = Subjects(lambda crawl: crawl.plans, "no plan was met")


@CHECKS.add(_PLANS, "plans page", provenance="documented")
def state_known(one: SeenPlan, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Every plan is in a documented state, in the form of the switch."""
    if state_of(one.plan, crawl.switches) not in [*State]:
        yield Violation("there is no such state", "state", ", ".join(State), one.plan.get("state"))


def _objects(commands: Any) -> tuple[Command, ...]:
    if not isinstance(commands, list):
        raise TypeError("commands are a list")
    return tuple((one["slug"], one["source_state"], one["destination_state"]) for one in commands)


#: How the commands of a plan are read in each form of the switch; what has another form raises an error.
_FORMS: Mapping[str, Callable[[Any], tuple[Command, ...]]] = {
    "objects": _objects,
    "empty": lambda commands: tuple((str(one), None, None) for one in commands),
    "json": lambda commands: _objects(json.loads(commands)),
    "comma": lambda commands: tuple((slug, None, None) for slug in commands.split(",") if slug),
}


@CHECKS.add(
    Subjects(_in_states(*State), "no plan in one of the four states was met"),
    "ours: the table of the lifecycle",
    provenance="assumed",
)
def commands_fit_the_state(one: SeenPlan, crawl: ParsedCrawl) -> Iterator[Violation]:
    """A plan has no command but those that the table has for its state."""
    form = crawl.switches.commands
    state = State(state_of(one.plan, crawl.switches))
    rows = commands_in(state) if form != "empty" else ()
    whole = form in {"objects", "json"}
    legal: list[Command] = [(row.slug, row.source, row.target) if whole else (row.slug, None, None) for row in rows]
    for number, command in enumerate(_FORMS[form](one.plan["commands"])):
        if command not in legal:
            yield Violation(
                f"a plan in the state {state} does not have this command",
                f"commands[{number}]" if form in {"objects", "empty"} else "commands",
                ", ".join(row.slug for row in rows) or "no command",
                [word for word in command if word],
            )


@CHECKS.add(
    Subjects(_in_states(*TERMINAL), "no cancelled and no completed plan was met"),
    "ours: two of the four states are read as terminal",
    provenance="assumed",
)
def ended_has_no_commands(one: SeenPlan, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Nothing can be done with a plan that is cancelled or completed."""
    commands = one.plan["commands"]
    if _FORMS[crawl.switches.commands](commands):
        yield Violation("a plan that has ended has commands", "commands", "none", commands)


def _nodes(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value in a plan, the outer ones first, with its place."""
    yield path, value
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _nodes(inner, (*path, key))


def _is_date(text: Any, switches: Switches) -> bool:
    try:
        return moment(text, switches).utcoffset() == timedelta(0)
    except (TypeError, ValueError):
        return False


@CHECKS.add(_PLANS, "OMS samples: every visible one")
def dates_are_dates(one: SeenPlan, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Every date is a moment in UTC, or a day under the switch dates."""
    wanted = "a day" if crawl.switches.dates == "date" else "a moment in UTC"
    for path, text in _nodes(one.plan):
        # The names in `attributes` are the merchant's own.
        is_field = path and path[-1] in _DATES and "attributes" not in path
        if is_field and not _is_date(text, crawl.switches):
            yield Violation(f"this is not {wanted}", written(path), wanted, text)


@CHECKS.add(_PLANS, "plans page: the names of the fields")
def made_before_changed(one: SeenPlan, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Nothing in a plan has changed before it was made."""
    for path, inner in _nodes(one.plan):
        if isinstance(inner, dict) and {"created_date", "modified_date"} <= inner.keys():
            made, changed = inner["created_date"], inner["modified_date"]
            if moment(made, crawl.switches) > moment(changed, crawl.switches):
                place = written((*path, "modified_date"))
                yield Violation("it changed before it was made", place, f"≥ {made}", changed)


def days_only(crawl: ParsedCrawl) -> str | None:
    """Why nothing can be said of moves within a day."""
    return "the switch dates is date: a move within a day does not show" if crawl.switches.dates == "date" else None


@CHECKS.add(_PLANS, "plans page: the names of the fields", severity=Severity.UNKNOWN)
def placed_before_planned(one: SeenPlan, crawl: ParsedCrawl) -> Iterator[Violation]:
    """An order is placed, then made, then planned."""
    order = one.plan["order"]
    dates = [("order.date_placed", order["date_placed"]), ("order.created_date", order["created_date"])]
    return _in_turn([*dates, ("created_date", one.plan["created_date"])], crawl.switches)


def _in_turn(dates: Iterable[tuple[str, str]], switches: Switches) -> Iterator[Violation]:
    for (before, early), (after, late) in pairwise(dates):
        if moment(early, switches) > moment(late, switches):
            yield Violation(f"it is before `{before}`", after, f"≥ {early}", late)


@CHECKS.add(_PLANS, "OMS samples: the names of the fields", severity=Severity.UNKNOWN)
def places_fit(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    """A township is in the city of the address, the city in its country."""
    for path, inner in _nodes(one.plan):
        if isinstance(inner, dict) and {"township", "city", "country"} <= inner.keys():
            for part, whole in (("township", "city"), ("city", "country")):
                wanted, found = inner[whole], inner[part][whole]
                for key in sorted(wanted.keys() & found.keys()):
                    if found[key] != wanted[key]:
                        place = written((*path, part, whole, key))
                        yield Violation(
                            f"the address has another {whole}", place, elsewhere=wanted[key], found=found[key]
                        )


@CHECKS.add(_PLANS, "OMS samples: none is negative", provenance="assumed", severity=Severity.UNKNOWN)
def nothing_is_negative(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    """No amount and no count is negative; free stock may be."""
    for path, value in _nodes(one.plan):
        counts = path and path[-1] in (_COUNTS if "context" in path else _AMOUNTS) and "attributes" not in path
        if counts and value is not None and Decimal(value) < 0:
            yield Violation("it is negative", written(path), "≥ 0", value)


_WITH_ITEMS = Subjects(lambda crawl: (one for one in crawl.plans if one.plan.get(ITEMS)), "no plan with items was met")
_ONE_TO_ONE, _AFTER_NAMES = "plans page: one plan item for each order item", "ours, after the names in OMS samples"


@CHECKS.add(_WITH_ITEMS, "ours", provenance="assumed")
def items_of_the_plan(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    """Every item names its plan, and has an id of its own."""
    times = Counter(item["id"] for item in one.plan[ITEMS])
    for number, item in enumerate(one.plan[ITEMS]):
        plan, place = item["order_execution_plan"], f"{ITEMS}[{number}]"
        if plan != one.id:
            yield Violation("the item names another plan", f"{place}.order_execution_plan", one.id, plan)
        if times[item["id"]] > 1:
            message = f"{times[item['id']]} items of the plan have this id"
            yield Violation(message, f"{place}.id", found=item["id"])


@CHECKS.add(_WITH_ITEMS, _ONE_TO_ONE, provenance="assumed")
def items_one_to_one(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    """Every item of a plan is of an order item of its own."""
    ordered = {row["id"]: row for row in one.plan["order"]["orderitem_set"]}
    times = Counter(item["order_item"]["id"] for item in one.plan[ITEMS])
    for number, item in enumerate(one.plan[ITEMS]):
        place, row = f"{ITEMS}[{number}].order_item", item["order_item"]
        if row["id"] not in ordered:
            yield Violation("the order has no such item", f"{place}.id", found=row["id"])
        elif ordered[row["id"]] != row:
            message = "the item's order item and the order's own are not the same"
            yield Violation(message, place, elsewhere=ordered[row["id"]], found=row)
        if times[row["id"]] > 1:
            yield Violation("two items of the plan are of one order item", f"{place}.id", found=row["id"])


@CHECKS.add(
    Subjects(  # one row of each order in the walk: the last one
        lambda crawl: {one.order: one for one in crawl.plans_of_the_walk() if one.order is not None}.values(),
        _PLANS.lacking,
    ),
    _ONE_TO_ONE,
    unless=(
        lambda crawl: (
            list_moved(crawl)
            if crawl.crawl.whole
            else "the walk did not reach the end of the list: an order's other plans may be there"
        ),
    ),
)
def order_items_planned(one: SeenPlan, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Every item of an order is in one of the order's plans."""
    plans = (row.plan for row in crawl.plans_of_the_walk() if row.order == one.order)
    planned = {item["order_item"]["id"] for plan in plans for item in plan[ITEMS]}
    for place, item in _order_items(one):
        if item["id"] not in planned:
            yield Violation("no plan of the order has an item for this order item", place, found=item["id"])


def _order_items(one: SeenPlan) -> Iterator[tuple[str, Any]]:
    return ((f"order.orderitem_set[{number}]", item) for number, item in enumerate(one.plan["order"]["orderitem_set"]))


@CHECKS.add(_WITH_ITEMS, _AFTER_NAMES, provenance="assumed")
def amounts_add_up(one: SeenPlan, crawl: ParsedCrawl) -> Iterator[Violation]:
    """The amounts of an order are the sums over its items, with shipping where the switch `order_amount` says so."""
    order = one.plan["order"]
    shipping = Decimal(order["shipping_amount"]) if crawl.switches.order_amount == "with_shipping" else Decimal(0)
    for total, part, more in (("amount", "net_amount", shipping), ("discount_amount", "discount_amount", Decimal(0))):
        wanted = sum((Decimal(item[part]) for item in order["orderitem_set"]), Decimal("0.00")) + more
        if Decimal(order[total]) != wanted:
            message = f"it is not the sum of `{part}` over the order's items" + " with shipping" * bool(more)
            yield Violation(message, f"order.{total}", elsewhere=str(wanted), found=order[total])


@CHECKS.add(_WITH_ITEMS, _AFTER_NAMES, provenance="assumed")
def net_is_price_less_discount(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    """The net amount of an order item is its price less its discount."""
    for place, item in _order_items(one):
        wanted, net = Decimal(item["price"]) - Decimal(item["discount_amount"]), item["net_amount"]
        if Decimal(net) != wanted:
            message = "it is not `price` less `discount_amount`"
            yield Violation(message, f"{place}.net_amount", elsewhere=str(wanted), found=net)


@CHECKS.add(_WITH_ITEMS, "ours", provenance="assumed", severity=Severity.UNKNOWN)
def tax_is_included(one: SeenPlan, crawl: ParsedCrawl) -> Iterator[Violation]:
    """The tax of an order item is the one inside its net amount."""
    # net * rate / (100 + rate), to the cent, or to what a recording made of it.
    for place, item in _order_items(one):
        if item["tax_amount"] is not None:
            net, rate = Decimal(item["net_amount"]), Decimal(item["tax_rate"])
            units = (net * rate / (100 + rate) / crawl.unit).quantize(Decimal(1), ROUND_HALF_UP)
            wanted = units * crawl.unit
            if abs(Decimal(item["tax_amount"]) - wanted) > crawl.unit:
                message = "it is not the tax inside `net_amount` at `tax_rate`"
                yield Violation(message, f"{place}.tax_amount", elsewhere=str(wanted), found=item["tax_amount"])


@CHECKS.add(_WITH_ITEMS, "ours", provenance="assumed")
def one_currency(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    """All items of an order have the currency of the order."""
    wanted = one.plan["order"]["currency"]
    for place, item in _order_items(one):
        found = item["price_currency"]
        if found != wanted:
            message = "the order has another currency"
            yield Violation(message, f"{place}.price_currency", elsewhere=wanted, found=found)


_ATTEMPTED = Subjects(
    lambda crawl: (one for one in crawl.plans if one.plan.get("context")),
    "no plan that was attempted was met: every `context` was empty",
)
_NO_LAYOUT = "ours: the plans page gives no layout"


@CHECKS.add(_ATTEMPTED, _NO_LAYOUT, provenance="assumed")
def attempts_numbered(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    """Attempts are numbered from 1 without a gap."""
    found = [*one.plan["context"]]
    wanted = [str(number) for number in range(1, len(found) + 1)]
    if found != wanted:
        message = "the attempts are not numbered from 1 without a gap, in their order"
        yield Violation(message, "context", ", ".join(wanted), found)


@CHECKS.add(_ATTEMPTED, _NO_LAYOUT, provenance="assumed")
def attempts_in_time(one: SeenPlan, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Attempts follow each other, from the making of the plan to its last change."""
    made, attempts = one.plan["created_date"], one.plan["context"].items()
    dates = [(f"context.{number}.date", attempt["date"]) for number, attempt in attempts]
    changed = ("modified_date", one.plan["modified_date"])
    yield from _in_turn([("created_date", made), *dates, changed], crawl.switches)
    if len(dates) > 1 and {date for _, date in dates} == {made} and not days_only(crawl):
        message = f"all {len(dates)} attempts were made when the plan was"
        yield Violation(message, "context", f"the last one later than {made}", made, severity=Severity.UNKNOWN)


def _figures(one: SeenPlan) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The figures of every attempt, with their place and their order item."""
    for number, attempt in one.plan["context"].items():
        for code, items in attempt["stock_locations"].items():
            for item, figures in items.items():
                yield f"context.{number}.stock_locations.{code}.{item}", item, figures


@CHECKS.add(_ATTEMPTED, "ours: the names and the sum are those of the order stock info page", provenance="assumed")
def quantity_is_what_is_left(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    """Always `quantity` = `stock_count` − `reservation_count`."""
    for place, _item, figures in _figures(one):
        wanted = Decimal(figures["stock_count"]) - Decimal(figures["reservation_count"])
        if Decimal(figures["quantity"]) != wanted:
            message = "it is not `stock_count` less `reservation_count`"
            yield Violation(message, f"{place}.quantity", elsewhere=str(wanted), found=figures["quantity"])


@CHECKS.add(_ATTEMPTED, _NO_LAYOUT, provenance="assumed")
def figures_of_own_items(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    """Figures are about order items of the plan, and their SKUs."""
    own = {str(item["order_item"]["id"]): item["order_item"] for item in one.plan[ITEMS]}
    for place, item, figures in _figures(one):
        if item not in own:
            yield Violation("the plan has no item of this order item", place, ", ".join(own))
        elif figures["sku"] != (wanted := own[item]["product"]["sku"]):
            yield Violation("the order item is of another SKU", f"{place}.sku", elsewhere=wanted, found=figures["sku"])


def _saw_units(locations: Mapping[str, Any], code: str, order_item: str) -> bool:
    """Whether there was a unit at a location, and one of an order item anywhere: a package is gathered at one location."""
    there = locations[code].values()
    anywhere = (items[order_item] for items in locations.values() if order_item in items)
    return all(any(Decimal(one["quantity"]) > 0 for one in figures) for figures in (there, anywhere))


def _acted(one: SeenPlan) -> bool:
    """Whether events came to the world of a mock: its clock may stand, so that somebody acts at the instant of an attempt."""
    line = one.answer.exchange.header(HEADER.lower())
    return line is not None and not line.endswith(" event=0")


@CHECKS.add(
    Subjects(
        lambda crawl: (one for one in crawl.plans if one.plan.get("context") and not _acted(one)),
        "no plan was met that was attempted, and that nobody can have touched at the very instant of an attempt",
    ),
    _NO_LAYOUT,
    provenance="assumed",
    severity=Severity.UNKNOWN,
    unless=(days_only,),
)
def placed_where_a_unit_was(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    """An attempt places an item where it saw a unit of the package."""
    for number, item in enumerate(one.plan[ITEMS]):
        if item["stock_location"] is None or item["state"] in [*GIVEN_BACK]:  # what was given back lies there no longer
            continue
        code, order_item = item["stock_location"]["erp_code"], str(item["order_item"]["id"])
        place = f"{ITEMS}[{number}].stock_location.erp_code"
        # One that changed at another time was placed by hand, to which no figure is an obstacle.
        seen = [at["stock_locations"] for at in one.plan["context"].values() if at["date"] == item["modified_date"]]
        if seen and not any(code in locations for locations in seen):
            message = "the attempt that placed the item there did not see this location"
            yield Violation(message, place, elsewhere=[*seen[-1]], found=code)
        elif seen and not any(_saw_units(at, code, order_item) for at in seen if code in at):
            message = "the attempt that placed the item there saw no unit"
            yield Violation(message, place, "a location with a unit", code)


@CHECKS.add(
    _ATTEMPTED,
    "ours, after the name of the field",
    provenance="assumed",
    severity=Severity.UNKNOWN,
    unless=(days_only,),
)
def items_change_when_placed(one: SeenPlan, crawl: ParsedCrawl) -> Iterator[Violation]:
    """An item changes when an attempt places it, or finds none."""
    first = next(iter(one.plan["context"].values()))["date"]
    for number, item in enumerate(one.plan[ITEMS]):
        made, is_tried = item["created_date"], item["stock_location"] or item["state"] == ItemState.OUT_OF_STOCK
        if is_tried and item["modified_date"] == made and moment(first, crawl.switches) > moment(made, crawl.switches):
            place = f"{ITEMS}[{number}].modified_date"
            yield Violation("it did not move with the attempt", place, f"later than {made}", made)


@CHECKS.add(_WITH_ITEMS, "ours: orders follow their plans", provenance="assumed", severity=Severity.UNKNOWN)
def live_is_not_canceled(one: SeenPlan, crawl: ParsedCrawl) -> Iterator[Violation]:
    """No live item is of a canceled order or order item."""
    if state_of(one.plan, crawl.switches) == State.CANCELLED:
        return
    for number, item in enumerate(one.plan[ITEMS]):
        of = {"order": one.plan["order"], f"{ITEMS}[{number}].order_item": item["order_item"]}
        for place, holder in of.items() if item["state"] not in [ItemState.CANCELLED, *GIVEN_BACK] else ():
            if holder["state"]["enum_value"] == _CANCELED:
                yield Violation("it is canceled, and the item is not", f"{place}.state.enum_value", found=_CANCELED)
