"""How a world is opened again where its scenario has another version: what somebody wished for it stays."""

from dataclasses import replace

from mock_oms.scenario.building import Scenario
from mock_oms.store import Opening


def renewed(before: Opening, scenario: Scenario) -> Opening:
    """The opening of the same world with this scenario, as if it had been there when the world was opened.

    Name, token and `ttl` stay. Seed, start and rate stay where they were wished otherwise than the old version says;
    else they are those of the new one, and a world that starts when it is opened starts when it was.
    """
    origin, old, new = before.origin, before.origin.scenario.document, scenario.document
    starts = (old.clock.start, before.clock.set_at)
    start = (new.clock.start or origin.start) if origin.start in starts else origin.start
    seed = new.seed if origin.seed == old.seed else origin.seed
    rate = new.clock.rate if before.clock.rate == old.clock.rate else before.clock.rate
    return replace(
        before,
        origin=replace(origin, scenario=scenario, seed=seed, start=start),
        clock=replace(before.clock, shown=start, rate=rate),
    )
