"""Checks of plans that are seen twice: one plan is one plan wherever it is read, ids stay, and it moves as it may."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from mock_oms.conformance.checks.answers import PAGES, SINGLE, ParsedAnswer, ParsedCrawl, PlanTwice, SeenPlan, pairs_of
from mock_oms.conformance.checks.check import Checks, Subjects, Violation
from mock_oms.conformance.checks.plan_fields import ITEMS, days_only, moment, state_of
from mock_oms.conformance.crawl import Question
from mock_oms.conformance.finding import Severity
from mock_oms.domain.lifecycle import TERMINAL, TRANSITIONS, State

CHECKS = Checks()
PAIRS = Subjects(lambda crawl: crawl.pairs(), "no plan was seen twice")


def location_of(item: Mapping[str, Any]) -> Any:
    """The location of an item without its figures, which are of other orders too."""
    place = item["stock_location"]
    return place and (place["id"], place["erp_code"])


def differences(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """The members that one object lacks or has with another value: name, earlier and later value."""
    for name in sorted(earlier.keys() | later.keys()):
        before, after = earlier.get(name), later.get(name)
        if before != after:
            yield name, before, after


def _not_moved(crawl: ParsedCrawl, later: frozenset[Question]) -> Iterator[PlanTwice]:
    """Pairs with the same `modified_date`, the later one of these questions. Days alone do not show a move."""
    for pair in crawl.pairs():
        same = pair.earlier.plan.get("modified_date") == pair.later.plan.get("modified_date")
        if pair.later.answer.question in later and crawl.switches.dates != "date" and same:
            yield pair


def _neighbours(crawl: ParsedCrawl) -> Iterator[PlanTwice]:
    """Each row with the one before; a plan that moves changes its place among those sorted by `modified_date`."""
    across = crawl.switches.order != "modified_date"
    for pair in pairs_of(crawl.plans_of_the_walk()):
        if across or pair.earlier.answer is pair.later.answer:
            yield pair


@CHECKS.add(
    Subjects(lambda crawl: crawl.to(*SINGLE), "no plan was asked for by itself"), "plans page", provenance="documented"
)
def listed_plans_exist(one: ParsedAnswer, _: ParsedCrawl) -> Iterator[Violation]:
    """Every plan that the list shows can be read by itself."""
    if not one.ok:
        message = "the list showed this plan, and it cannot be read by itself"
        yield Violation(message, expected=200, found=one.status)


@CHECKS.add(
    Subjects(lambda crawl: (one for one in crawl.plans if one.answer.question in SINGLE), "no plan was read by itself"),
    "plans page",
    provenance="documented",
)
def detail_of_the_plan_asked_for(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    """A detail is of the plan whose id was asked for."""
    wanted = one.answer.exchange.path.rstrip("/").rpartition("/")[2]
    if str(one.id) != wanted:
        yield Violation("this is another plan than the one asked for", "id", wanted, one.id)


@CHECKS.add(
    Subjects(lambda crawl: _not_moved(crawl, SINGLE), "no plan was seen twice with the same `modified_date`"),
    "plans page: eight fields, in list and detail alike",
)
def list_and_detail_agree(pair: PlanTwice, _: ParsedCrawl) -> Iterator[Violation]:
    """A row and its detail say the same while the plan does not move."""
    earlier, later = pair.earlier.plan, pair.later.plan
    with_order = earlier["order"]["modified_date"] == later["order"]["modified_date"]
    compared = []
    for plan in (earlier, later):
        items = [{**item, "stock_location": location_of(item)} for item in plan[ITEMS]]
        if not with_order:
            items = [{**item, "order_item": item["order_item"]["id"]} for item in items]
        compared.append({**plan, ITEMS: items, "order": plan["order"] if with_order else plan["order"]["id"]})
    for name, before, after in differences(*compared):
        message = f"`modified_date` did not move since {pair.earlier.request}, and this is another"
        yield Violation(message, name, elsewhere=before, found=after)


@CHECKS.add(
    Subjects(lambda crawl: _not_moved(crawl, PAGES), "no plan was seen in two rows with the same `modified_date`"),
    "plans page",
)
def rows_agree(pair: PlanTwice, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Two rows of one plan say the same while it does not move."""
    return list_and_detail_agree(pair, crawl)


def _fixed(plan: Mapping[str, Any]) -> Mapping[str, Any]:
    order = plan["order"]
    return {
        **{name: plan[name] for name in ("id", "created_date")},
        **{f"order.{name}": order[name] for name in ("id", "number", "created_date")},
        ITEMS: [(item["id"], item["order_item"]["id"]) for item in plan[ITEMS]],
    }


@CHECKS.add(PAIRS, "plans page: the names of the fields")
def ids_stay(pair: PlanTwice, _: ParsedCrawl) -> Iterator[Violation]:
    """The ids of a plan, its items and its order, and when it was made, never move."""
    for name, before, after in differences(_fixed(pair.earlier.plan), _fixed(pair.later.plan)):
        message = f"this never moves, and was another in {pair.earlier.request}"
        yield Violation(message, name, elsewhere=before, found=after)


@CHECKS.add(Subjects(lambda crawl: crawl.pairs(lambda one: one.order), "no order was seen twice"), "OMS samples")
def orders_agree(pair: PlanTwice, _: ParsedCrawl) -> Iterator[Violation]:
    """An order is the same in every plan that shows it."""
    for name in ("number", "date_placed", "currency"):
        before, after = pair.earlier.plan["order"][name], pair.later.plan["order"][name]
        if before != after:
            message = f"the same order has another in {pair.earlier.request}"
            yield Violation(message, f"order.{name}", elsewhere=before, found=after)


#: How the rows are sorted under each value of the switch.
_KEYS: Mapping[str, Callable[[SeenPlan, ParsedCrawl], Any]] = {
    "-id": lambda one, _: -one.id,
    "id": lambda one, _: one.id,
    "modified_date": lambda one, crawl: moment(one.plan["modified_date"], crawl.switches),
}


@CHECKS.add(
    Subjects(_neighbours, "the list has less than two rows"),
    "OMS samples: state logs",
    severity=Severity.UNKNOWN,
    unless=(lambda crawl: "the switch order is unstable" if crawl.switches.order == "unstable" else None,),
)
def list_in_order(pair: PlanTwice, crawl: ParsedCrawl) -> Iterator[Violation]:
    """The rows of the list are in the order of the switch."""
    order = crawl.switches.order
    if _KEYS[order](pair.earlier, crawl) > _KEYS[order](pair.later, crawl):
        yield Violation(f"plan {pair.later.id} comes after plan {pair.earlier.id}", expected=f"sorted by {order}")


#: How a plan moves between two times.
MOVES = Checks()


def _later_states(state: State) -> set[State]:
    """The states that a plan can be in later, by the table: in between it may take several steps."""
    reached = {state}
    for _ in State:
        reached |= {row.target for row in TRANSITIONS if row.source in reached}
    return reached


def _pairs_that(crawl: ParsedCrawl, *, had_ended: bool) -> Iterator[PlanTwice]:
    for pair in crawl.pairs():
        state = state_of(pair.earlier.plan, crawl.switches)
        if state is not None and (state in [*TERMINAL]) is had_ended:
            yield pair


_ENDED = Subjects(partial(_pairs_that, had_ended=True), "no plan that had ended was seen twice")
_NOT_ENDED = Subjects(partial(_pairs_that, had_ended=False), "no plan that had not ended was seen twice")
_ATTEMPTED = Subjects(
    lambda crawl: (pair for pair in crawl.pairs() if pair.earlier.plan.get("context")),
    "no plan that was attempted was seen twice",
)


@MOVES.add(_NOT_ENDED, "ours: the table of the lifecycle", provenance="assumed")
def moves_along_the_table(pair: PlanTwice, crawl: ParsedCrawl) -> Iterator[Violation]:
    """A plan that has not ended moves only as the table of the lifecycle allows."""
    before, after = (State(state_of(one.plan, crawl.switches)) for one in (pair.earlier, pair.later))
    if after not in _later_states(before):
        message = f"nothing leads there from {before}, which it was in {pair.earlier.request}"
        yield Violation(message, "state", ", ".join(sorted(_later_states(before))), after.value)


@MOVES.add(_ENDED, "ours: two of the four states are read as terminal", provenance="assumed")
def ended_stays(pair: PlanTwice, crawl: ParsedCrawl) -> Iterator[Violation]:
    """A plan that has ended stays so, unless an item comes back."""
    return moves_along_the_table(pair, crawl)


@MOVES.add(_ATTEMPTED, "plans page: the field; that nothing leaves it is ours", provenance="assumed")
def context_only_grows(pair: PlanTwice, _: ParsedCrawl) -> Iterator[Violation]:
    """An attempt stays in `context` as it was."""
    after = pair.later.plan["context"]
    for number, attempt in pair.earlier.plan["context"].items():
        place = f"context.{number}"
        if number not in after:
            yield Violation(f"the attempt was there in {pair.earlier.request}", place, "it is still there")
        elif after[number] != attempt:
            message = f"the attempt was rewritten since {pair.earlier.request}"
            yield Violation(message, place, elsewhere=attempt, found=after[number])


@MOVES.add(PAIRS, "plans page: the name of the field")
def modified_never_goes_back(pair: PlanTwice, crawl: ParsedCrawl) -> Iterator[Violation]:
    """`modified_date` never goes back."""
    before, after = pair.earlier.plan["modified_date"], pair.later.plan["modified_date"]
    if moment(before, crawl.switches) > moment(after, crawl.switches):
        yield Violation(f"it was later in {pair.earlier.request}", "modified_date", f"≥ {before}", after)


def _moving(plan: Mapping[str, Any]) -> Mapping[str, Any]:
    """What moves only with the plan's `modified_date`: an order may have other plans, a location other orders."""
    items = [(item["id"], item["state"], location_of(item)) for item in plan[ITEMS]]
    return {**{name: plan[name] for name in ("state", "commands", "context")}, ITEMS: items}


@MOVES.add(PAIRS, "plans page: the name; what moves it is inferred", unless=(days_only,))
def modified_tells_of_moves(pair: PlanTwice, _: ParsedCrawl) -> Iterator[Violation]:
    """When state, commands, context or items of a plan move, so does `modified_date`."""
    before, after = pair.earlier.plan, pair.later.plan
    earlier = {item["id"]: item for item in before[ITEMS]}
    for number, item in enumerate(after[ITEMS]):
        old = earlier.get(item["id"], item)
        moved = (old["state"], location_of(old)) != (item["state"], location_of(item))
        if moved and old["modified_date"] == item["modified_date"]:
            message, place = f"the item moved since {pair.earlier.request}, and this did not", f"{ITEMS}[{number}]"
            yield Violation(
                message, f"{place}.modified_date", f"later than {old['modified_date']}", old["modified_date"]
            )
    if before["modified_date"] == after["modified_date"]:
        names = ", ".join(name for name, _, _ in differences(_moving(before), _moving(after)))
        if names:
            message = f"the plan moved since {pair.earlier.request} ({names}), and this did not"
            yield Violation(message, "modified_date", f"later than {before['modified_date']}", after["modified_date"])
