"""Checks of rows against rows and details: one plan is one plan, wherever it is read, and ids stay."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from mock_oms.conformance.checks.answers import PAGES, SINGLE, ParsedAnswer, ParsedCrawl, PlanTwice, SeenPlan
from mock_oms.conformance.checks.check import Check, Violation
from mock_oms.conformance.checks.plan_fields import moment
from mock_oms.conformance.checks.transitions import differences, fixed, moved, steady
from mock_oms.conformance.crawl import Question
from mock_oms.conformance.finding import Severity

_PLANS = PAGES | SINGLE
_OK = 200


def _single(seen: ParsedCrawl) -> Iterator[ParsedAnswer]:
    return seen.to(*SINGLE)


def _unanswered(one: ParsedAnswer, _: ParsedCrawl) -> Iterator[Violation]:
    if one.exchange.status != _OK:
        message = "the list showed this plan, and it cannot be read by itself"
        yield Violation(message=message, expected=_OK, found=one.exchange.status)


def _details(seen: ParsedCrawl) -> Iterator[SeenPlan]:
    return (one for one in seen.sights if one.answered.question in SINGLE)


def _another(one: SeenPlan, _: ParsedCrawl) -> Iterator[Violation]:
    asked = one.answered.exchange.path.rstrip("/").rpartition("/")[2]
    if str(one.id) != asked:
        yield Violation(message="this is another plan than the one asked for", place="id", expected=asked, found=one.id)


def _agreed(seen: ParsedCrawl, later: frozenset[Question]) -> Iterator[PlanTwice]:
    """Two sights of a plan with the same `modified_date`, the later one of these questions."""
    for pair in seen.pairs():
        if pair.later.answered.question in later and not moved(pair.earlier.plan, pair.later.plan, seen.rules.answers):
            yield pair


def _unlike(pair: PlanTwice, _: ParsedCrawl) -> Iterator[Violation]:
    earlier, later = pair.earlier.plan, pair.later.plan
    ordered = earlier["order"]["modified_date"] == later["order"]["modified_date"]
    for name, before, after in differences(steady(earlier, ordered=ordered), steady(later, ordered=ordered)):
        message = f"`modified_date` did not move since {pair.earlier.request}, and this is another"
        yield Violation(message=message, place=name, elsewhere=before, found=after)


def _unfixed(pair: PlanTwice, _: ParsedCrawl) -> Iterator[Violation]:
    for name, before, after in differences(fixed(pair.earlier.plan), fixed(pair.later.plan)):
        message = f"this never moves, and was another in {pair.earlier.request}"
        yield Violation(message=message, place=name, elsewhere=before, found=after)


def _orders(seen: ParsedCrawl) -> Iterator[PlanTwice]:
    """Two sights of one order, of whichever plans."""
    found: dict[int, list[SeenPlan]] = {}
    for one in seen.sights:
        if one.order is not None:
            found.setdefault(one.order, []).append(one)
    for sights in found.values():
        yield from (PlanTwice(earlier=one, later=two) for one, two in pairwise(sights))


def _other_order(pair: PlanTwice, _: ParsedCrawl) -> Iterator[Violation]:
    for name in ("number", "date_placed", "currency"):
        before, after = pair.earlier.plan["order"][name], pair.later.plan["order"][name]
        if before != after:
            message = f"the same order has another in {pair.earlier.request}"
            yield Violation(message=message, place=f"order.{name}", elsewhere=before, found=after)


def _modified(one: SeenPlan, seen: ParsedCrawl) -> datetime:
    return moment(one.plan["modified_date"], seen.rules.answers)


#: How the rows are sorted under each value of the switch; `unstable` has no order.
_KEYS: Mapping[str, Callable[[SeenPlan, ParsedCrawl], Any]] = MappingProxyType(
    {
        "-id": lambda one, _: -one.id,
        "id": lambda one, _: one.id,
        "modified_date": _modified,
    }
)


def _neighbours(seen: ParsedCrawl) -> Iterator[PlanTwice]:
    """Each row with the one before; a plan that moves changes its place among those sorted by `modified_date`."""
    across = seen.rules.answers.order != "modified_date"
    for one, two in pairwise(seen.rows_of_the_walk()):
        if across or one.answered is two.answered:
            yield PlanTwice(earlier=one, later=two)


def _misplaced(pair: PlanTwice, seen: ParsedCrawl) -> Iterator[Violation]:
    order = seen.rules.answers.order
    if _KEYS[order](pair.earlier, seen) > _KEYS[order](pair.later, seen):
        message = f"plan {pair.later.id} comes after plan {pair.earlier.id}"
        yield Violation(message=message, expected=f"sorted by {order}")


def _shapeless(seen: ParsedCrawl) -> str | None:
    return "the switch order is unstable" if seen.rules.answers.order == "unstable" else None


ROW_CHECKS: tuple[Check[ParsedAnswer] | Check[SeenPlan] | Check[PlanTwice], ...] = (
    Check(
        name="listed-plans-exist",
        claim="Every plan that the list shows can be read by itself.",
        over=_single,
        flaws=_unanswered,
        lacking="no plan was asked for by itself",
        needs=SINGLE,
        provenance="documented",
        source="plans page",
    ),
    Check(
        name="detail-of-the-plan-asked-for",
        claim="A detail is of the plan whose id was asked for.",
        over=_details,
        flaws=_another,
        lacking="no plan was read by itself",
        needs=SINGLE,
        provenance="documented",
        source="plans page",
    ),
    Check(
        name="list-and-detail-agree",
        claim="A row of the list and the detail of its plan say the same, as long as the plan does not move.",
        over=lambda seen: _agreed(seen, SINGLE),
        flaws=_unlike,
        lacking="no plan was seen twice with the same `modified_date`",
        needs=_PLANS,
        source="plans page: eight fields, in list and detail alike",
    ),
    Check(
        name="rows-agree",
        claim="Two rows of one plan say the same, as long as the plan does not move.",
        over=lambda seen: _agreed(seen, PAGES),
        flaws=_unlike,
        lacking="no plan was seen in two rows with the same `modified_date`",
        needs=PAGES,
        source="plans page",
    ),
    Check(
        name="ids-stay",
        claim="The ids of a plan, its items and its order, and when it was made, never move.",
        over=lambda seen: seen.pairs(),
        flaws=_unfixed,
        lacking="no plan was seen twice",
        needs=_PLANS,
        source="plans page: the names of the fields",
    ),
    Check(
        name="orders-agree",
        claim="An order is the same in every plan that shows it.",
        over=_orders,
        flaws=_other_order,
        lacking="no order was seen twice",
        needs=_PLANS,
        source="OMS samples",
    ),
    Check(
        name="list-in-order",
        claim="The rows of the list are in the order of the switch.",
        over=_neighbours,
        flaws=_misplaced,
        lacking="the list has less than two rows",
        needs=frozenset({Question.WALK}),
        source="OMS samples: state logs",
        severity=Severity.UNKNOWN,
        unless=_shapeless,
    ),
)
