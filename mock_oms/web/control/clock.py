"""The time of a world."""

from datetime import timedelta
from typing import Any

from mock_oms.domain.errors import NeverComesError
from mock_oms.domain.world import Passage
from mock_oms.registry import Lease
from mock_oms.scenario.fields import write_duration
from mock_oms.web.control import asked, facts, shapes, told
from mock_oms.web.control.problems import InVainError
from mock_oms.web.control.routes import leased, routes

#: How far ahead a state is looked for where nothing is said.
_WITHIN = timedelta(hours=24)

clock = routes("clock", "The time of a world.")


@clock.route("/worlds/<world:world>/clock")
@clock.response(200, shapes.Clock)
@clock.of_a_world
def show_clock(world: str) -> dict[str, Any]:
    """What the clock shows, and how fast it goes."""
    return facts.of_clock(leased(world).world.instant())


@clock.route("/worlds/<world:world>/clock", methods=["PATCH"])
@clock.reads(asked.TurnOfClock, {"rate": 60})
@clock.response(200, told.TurnedClock)
@clock.of_a_world
@clock.refuses(409, 503)
def set_clock(wanted: dict[str, Any], world: str) -> dict[str, Any]:
    """Turn the clock forward to a time, or let it go at another rate (0 freezes it), or both."""
    lease = leased(world)
    return _turned(lease, lease.world.set_clock(**wanted))


@clock.route("/worlds/<world:world>/clock/advance", methods=["POST"])
@clock.reads(asked.Advance, {"by": "45m"})
@clock.response(200, told.TurnedClock)
@clock.of_a_world
@clock.refuses(409, 503)
def advance_clock(wanted: dict[str, Any], world: str) -> dict[str, Any]:
    """Turn the clock forward by a duration, or to the moment at which a plan comes into a state.

    Where it does not come into it within `within` (24h), the clock is not moved.
    """
    lease = leased(world)
    if "by" in wanted:
        return _turned(lease, lease.world.advance(wanted["by"]))
    return _turned(lease, _until(lease, wanted["until"], wanted.get("within", _WITHIN)))


def _until(lease: Lease, goal: dict[str, Any], within: timedelta) -> Passage:
    try:
        return lease.world.advance_until(goal["plan"], goal["state"], within)
    except NeverComesError as error:
        found = lease.world.instant().world.find(goal["plan"])
        now = f"It is {found[0].state} now" if found else "It is not there yet"
        raise InVainError(
            f"{error} {now}, and `within` was {write_duration(within)}: wait longer, or let something happen first."
        ) from error


def _turned(lease: Lease, passage: Passage) -> dict[str, Any]:
    rate = lease.world.instant().clock.rate
    return {"now": passage.world.now, "rate": rate, "transitions": facts.of_passage(passage)}
