"""Worlds that a store has kept, made again: each at the instant at which it was left."""

import logging
from collections.abc import Iterable
from dataclasses import replace

from mock_oms.domain.clock import Clock
from mock_oms.domain.errors import WorldError
from mock_oms.live import Instant
from mock_oms.scenario.building import Scenario
from mock_oms.store import DEFAULT, Change, Kept, KeptError, Surroundings

_AWAY = "move the file away to start without this world"
_ANEW = "move the file away to let it begin anew"


def matched(kept: Iterable[Kept], scenario: Scenario, *, seed: int | None, token: str) -> tuple[Kept, ...]:
    """What was kept, the default world first, the others in the order of their opening.

    The default world is that of the settings: of this scenario, this seed (None: any), and with this token.

    :raises KeptError: it is not, or two worlds have the same token.
    """
    worlds = sorted(kept, key=lambda one: (one.name != DEFAULT, one.opening.clock.set_at, one.name))
    if worlds and worlds[0].name == DEFAULT:
        _refuse_another_default(worlds[0], scenario, seed)
        worlds[0] = replace(worlds[0], opening=replace(worlds[0].opening, token=token))
    _refuse_shared_tokens(worlds, token)
    return tuple(worlds)


def revived(kept: Kept, beginning: Instant) -> Instant:
    """The instant at which a world was left, made again from its beginning.

    :raises KeptError: what was written down does not fit the scenario, or not what stands before it.
    """
    instant = beginning
    for line, change in enumerate(kept.changes, start=kept.first_line):
        try:
            instant = _after(instant, change)
        except WorldError as error:
            raise KeptError(f"{kept.file}:{line}: this cannot have happened: {error} To go on, {_AWAY}.") from error
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


def _refuse_another_default(kept: Kept, scenario: Scenario, seed: int | None) -> None:
    origin = kept.opening.origin
    for what, mine, wanted in (("scenario", origin.scenario.name, scenario.name), ("seed", origin.seed, seed)):
        if wanted not in {mine, None}:
            raise KeptError(
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


def _refuse_shared_tokens(worlds: Iterable[Kept], token: str) -> None:
    seen = {token: "the default world, which is that of --token"}
    for one in worlds:
        if one.name == DEFAULT:
            continue
        if one.opening.token in seen:
            raise KeptError(f"{one.file}: world {one.name} has the token of {seen[one.opening.token]}; {_AWAY}.")
        seen[one.opening.token] = f"world {one.name}"
