"""Checks of a plan's context: attempts in order, and figures that add up."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

from mock_oms.contract.checks.check import Check, Flaw
from mock_oms.contract.checks.dates import moment
from mock_oms.contract.checks.seen import PAGES, SINGLE, Seen, Sight

_PLANS = PAGES | SINGLE
_LACKING = "no plan that was attempted was met: every `context` was empty"
_SOURCE = "ours: the plans page gives no layout"


def _attempted(seen: Seen) -> Iterator[Sight]:
    return (one for one in seen.sights if one.plan.get("context"))


def _misnumbered(one: Sight, _: Seen) -> Iterator[Flaw]:
    found = [*one.plan["context"]]
    wanted = [str(number) for number in range(1, len(found) + 1)]
    if found != wanted:
        message = "the attempts are not numbered from 1 without a gap, in their order"
        yield Flaw(message=message, place="context", expected=", ".join(wanted), found=found)


def _untimely(one: Sight, seen: Seen) -> Iterator[Flaw]:
    """Attempts before the plan was made, before the attempt before, or after the plan's last change."""
    answers, plan = seen.rules.answers, one.plan
    dates = [("created_date", plan["created_date"])]
    dates += [(f"context.{number}.date", attempt["date"]) for number, attempt in plan["context"].items()]
    dates.append(("modified_date", plan["modified_date"]))
    for (before, early), (after, late) in pairwise(dates):
        if moment(early, answers) > moment(late, answers):
            yield Flaw(message=f"it is before `{before}`", place=after, expected=f"≥ {early}", found=late)


def _figures(plan: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The figures of every attempt, with their place and their order item."""
    for number, attempt in plan["context"].items():
        for code, items in attempt["stock_locations"].items():
            for item, figures in items.items():
                yield f"context.{number}.stock_locations.{code}.{item}", item, figures


def _wrong_sums(one: Sight, _: Seen) -> Iterator[Flaw]:
    for place, _item, figures in _figures(one.plan):
        wanted = Decimal(figures["stock_count"]) - Decimal(figures["reservation_count"])
        if Decimal(figures["quantity"]) != wanted:
            message = "it is not `stock_count` less `reservation_count`"
            found = figures["quantity"]
            yield Flaw(message=message, place=f"{place}.quantity", elsewhere=str(wanted), found=found)


def _foreign(one: Sight, _: Seen) -> Iterator[Flaw]:
    own = {str(item["order_item"]["id"]): item["order_item"] for item in one.plan["orderexecutionplanitem_set"]}
    for place, item, figures in _figures(one.plan):
        if item not in own:
            yield Flaw(message="the plan has no item of this order item", place=place, expected=", ".join(own))
        elif figures["sku"] != own[item]["product"]["sku"]:
            wanted = own[item]["product"]["sku"]
            message = "the order item is of another SKU"
            yield Flaw(message=message, place=f"{place}.sku", elsewhere=wanted, found=figures["sku"])


CHECKS: tuple[Check[Sight], ...] = (
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
