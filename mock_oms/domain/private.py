"""Plans whose stock is their own: how told plans and backlog plans live on by the same planner as all others."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mock_oms.domain.attempt import Outcome, attempt
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import Order, Plan
from mock_oms.domain.rules import Planner
from mock_oms.domain.setup import Setup
from mock_oms.domain.stock import Location

#: The smallest step of time.
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What plans with private stock see of the world from `since` on: its locations and its stock service."""

    since: datetime
    locations: Mapping[str, Location]
    stock_service: bool


def next_tick(start: datetime, every: timedelta, after: datetime) -> datetime:
    """The first retry of the world's grid that comes later than `after`."""
    return start + every * ((after - start) // every + 1)


def ticks(setup: Setup, after: datetime, until: datetime) -> Iterator[datetime]:
    """The retries later than `after` and not later than `until`."""
    at = next_tick(setup.start, setup.planner.every, after)
    while at <= until:
        yield at
        at += setup.planner.every


def attempt_private(plan: Plan, order: Order, at: datetime, outside: Circumstances, planner: Planner) -> Outcome:
    """One attempt of a plan over the stock of its order."""
    return attempt(
        plan,
        order,
        at=at,
        shelf=order.own_stock if outside.stock_service else None,
        locations=outside.locations,
        rules=planner.rules,
    ).kept_private()


def lived(
    plan: Plan, order: Order, *, setup: Setup, until: datetime, circumstances: tuple[Circumstances, ...]
) -> tuple[Plan, Order]:
    """A private plan and its order at `until`, every attempt taken that was due since its last one."""
    if plan.due is not None and plan.due <= until:
        plan, order = _tried(plan, order, plan.due, setup, circumstances)
    if plan.state is State.PENDING:
        for at in ticks(setup, plan.attempts[-1].at, until):
            plan, order = _tried(plan, order, at, setup, circumstances)
            if plan.state is not State.PENDING:
                break
    return plan, order


def _tried(
    plan: Plan, order: Order, at: datetime, setup: Setup, circumstances: tuple[Circumstances, ...]
) -> tuple[Plan, Order]:
    outside = circumstances[bisect_right(circumstances, at, key=lambda one: one.since) - 1]
    outcome = attempt_private(plan, order, at, outside, setup.planner)
    return outcome.plan, outcome.order
