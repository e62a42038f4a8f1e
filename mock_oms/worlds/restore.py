"""Worlds made again: those that a store has kept, and one whose scenario has another version now."""

import logging
from collections.abc import Iterable
from dataclasses import replace

from mock_oms.domain.clock import Clock
from mock_oms.domain.errors import WorldError
from mock_oms.scenarios.building import Scenario
from mock_oms.worlds.open_world import Instant
from mock_oms.worlds.storage.store import DEFAULT, Change, Opening, StoredWorld, StoredWorldError, Surroundings


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


_AWAY = "move the file away to start without this world"
_ANEW = "move the file away to let it begin anew"


def matched(
    kept: Iterable[StoredWorld], scenario: Scenario, *, seed: int | None, token: str
) -> tuple[StoredWorld, ...]:
    """What was kept, the default world first, the others in the order of their opening.

    The default world is that of the settings: of this scenario, this seed (None: any), and with this token.

    :raises StoredWorldError: it is not, or two worlds have the same token.
    """
    worlds = sorted(kept, key=lambda one: (one.name != DEFAULT, one.opening.clock.set_at, one.name))
    if worlds and worlds[0].name == DEFAULT:
        _refuse_another_default(worlds[0], scenario, seed)
        worlds[0] = replace(worlds[0], opening=replace(worlds[0].opening, token=token))
    _refuse_shared_tokens(worlds, token)
    return tuple(worlds)


def revived(kept: StoredWorld, beginning: Instant) -> Instant:
    """The instant at which a world was left, made again from its beginning.

    :raises StoredWorldError: what was written down does not fit the scenario, or not what stands before it.
    """
    instant = beginning
    for line, change in enumerate(kept.changes, start=kept.first_line):
        try:
            instant = _after(instant, change)
        except WorldError as error:
            raise StoredWorldError(
                f"{kept.file}:{line}: this cannot have happened: {error} To go on, {_AWAY}."
            ) from error
    return instant


def _after(instant: Instant, change: Change) -> Instant:
    if isinstance(change, Surroundings):
        return instant
    if isinstance(change, Clock):
        return replace(instant, world=instant.world.advance(change.shown), clock=change)
    world = instant.world.apply(change.event, change.at)
    if change.number != world.events:
        raise WorldError(f"its number is {change.number}, and {world.events} is next.")
    return replace(instant, world=world, log=(*instant.log, change))


def _refuse_another_default(kept: StoredWorld, scenario: Scenario, seed: int | None) -> None:
    origin = kept.opening.origin
    for what, mine, wanted in (("scenario", origin.scenario.name, scenario.name), ("seed", origin.seed, seed)):
        if wanted not in {mine, None}:
            raise StoredWorldError(
                f"{kept.file}: the default world that is kept has the {what} {mine}, the settings ask for {wanted}; "
                f"start with --{what} {mine}, or {_ANEW}."
            )
    if origin.scenario.digest != scenario.digest:
        logging.getLogger(__name__).warning(
            "%s: the scenario %s has changed since; the default world goes on with what it was; %s.",
            kept.file,
            scenario.name,
            _ANEW,
        )


def _refuse_shared_tokens(worlds: Iterable[StoredWorld], token: str) -> None:
    seen = {token: "the default world, which is that of --token"}
    for one in worlds:
        if one.name == DEFAULT:
            continue
        if one.opening.token in seen:
            raise StoredWorldError(f"{one.file}: world {one.name} has the token of {seen[one.opening.token]}; {_AWAY}.")
        seen[one.opening.token] = f"world {one.name}"
