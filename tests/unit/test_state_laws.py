"""Laws of worlds that are kept in a folder: whatever happened, and wherever it broke off, they are there again."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given
from hypothesis import strategies as st

from mock_oms.domain.errors import WorldError
from mock_oms.scenarios.building import Scenario
from mock_oms.worlds.leases import WorldManagerError
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.snapshot import read_snapshot, write_snapshot
from mock_oms.worlds.store import DEFAULT
from tests.profiles import examples
from tests.stored_worlds import SetByHand, seen, simulated_in
from tests.worlds import CODES, documents, event, happenings, scenario

NAMES = (DEFAULT, "a", "b")
ITEMS = {"items": ["A"]}


def copied(simulation: WorldManager, name: str, new: str) -> None:
    live = simulation.lease(name).world
    document = write_snapshot(live.origin, live.instant())
    simulation.restore(read_snapshot(document, lambda _: live.origin.scenario), name=new, ttl=timedelta(days=9))


def put_back(simulation: WorldManager, name: str, by: int) -> None:
    live = simulation.lease(name).world
    before = live.instant()
    live.advance(timedelta(seconds=by))
    live.put(before)


ACTIONS: dict[str, Callable[..., Any]] = {
    "open": lambda simulation, name, rate, seed: simulation.open(
        scenario=simulation.lease(DEFAULT).world.origin.scenario, name=name, rate=rate, seed=seed, ttl=None
    ),
    "copy": copied,
    "put back": put_back,
    "close": lambda simulation, name: simulation.close(name),
    "reset": lambda simulation, name: simulation.lease(name).world.reset(),
    "event": lambda simulation, name, written: simulation.lease(name).world.apply(event(**written)),
    "advance": lambda simulation, name, by: simulation.lease(name).world.advance(timedelta(seconds=by)),
    "rate": lambda simulation, name, rate: simulation.lease(name).world.set_clock(rate=rate),
}


def _action(kinds: str, *given_to_it: Any) -> Any:
    return st.tuples(st.sampled_from(kinds.split(", ")), *given_to_it)


_NAME, _RATE, _BY = map(st.sampled_from, (NAMES, (0, 1, 60.5), (0, 1, 60, 1799, 3600)))
#: Two that every world takes, so that much happens, and all the others.
_EVENT = st.one_of(
    st.sampled_from(({"order": ITEMS}, {"restock": {"sku": "A", "location": CODES[0], "count": 1}})),
    happenings(CODES).filter(lambda written: "nonsense" not in str(written) and "@" not in str(written)),
)
_OPEN = _action("open", _NAME, _RATE, st.integers(0, 3))
_USE = _action("event", _NAME, _EVENT) | _action("advance, put back", _NAME, _BY) | _action("rate", _NAME, _RATE)
_ACTION = st.one_of(_USE, _USE, _OPEN, _action("copy", _NAME, _NAME), _action("close, reset", _NAME))
_ACTIONS = st.tuples(_OPEN, st.lists(_USE, min_size=3), st.lists(_ACTION, min_size=6)).map(
    lambda parts: [parts[0], *parts[1], *parts[2]]
)


def live_through(simulation: WorldManager, wall: SetByHand, actions: list[tuple[Any, ...]]) -> None:
    for kind, *given_to_it in actions:
        wall.now += timedelta(seconds=7)
        with suppress(WorldError, WorldManagerError):
            ACTIONS[kind](simulation, *given_to_it)


@examples(8, phases=(Phase.explicit, Phase.generate))  # to shrink a list of actions takes minutes
@given(sections=documents(), actions=_ACTIONS, away=st.sampled_from((0, 3600)))
def test_whatever_happened_the_worlds_are_as_they_would_be_without_a_restart(
    sections: dict[str, Any], actions: list[tuple[Any, ...]], away: int
) -> None:
    of, wall = scenario(**sections), SetByHand()
    with TemporaryDirectory() as folder:
        with simulated_in(Path(folder), of, wall=wall) as before:
            live_through(before, wall, actions)
        wall.now += timedelta(seconds=away)
        with simulated_in(Path(folder), of, wall=wall) as after:
            assert list(seen(after).items()) == list(seen(before).items())


@pytest.fixture
def of() -> Scenario:
    return scenario(stock={"A": {"WH001": 1}}, plans=[{"id": 1, "items": ["A"]}, {"id": 2, "items": ["A"]}])


def test_a_file_that_breaks_off_anywhere_is_the_world_after_its_last_whole_line(of: Scenario, tmp_path: Path) -> None:
    wall = SetByHand()
    actions = [
        ("event", DEFAULT, {"command": {"plan": 1, "run": "plan-cancel"}}),
        ("advance", DEFAULT, 3600),
        ("rate", DEFAULT, 60),
        ("event", DEFAULT, {"order": {"items": ["A"]}}),
    ]
    with simulated_in(tmp_path, of, wall=wall) as simulation:
        states = [seen(simulation)]
        for action in actions:
            live_through(simulation, wall, [action])
            states.append(seen(simulation))
    file = tmp_path / "worlds" / "default.jsonl"
    content = file.read_bytes()
    ends = {place + 1 for place, octet in enumerate(content) if octet == ord("\n")}
    near = {end + more for end in ends for more in (-1, 0, 1)} | set(range(0, len(content), 40))
    for length in sorted(one for one in near if min(ends) <= one <= len(content)):
        file.write_bytes(content[:length])
        with simulated_in(tmp_path, of, wall=wall) as simulation:
            # The wall clock has gone on meanwhile, but nothing is due.
            (found,) = seen(simulation).values()
        whole = content[:length].count(b"\n") - 1
        (expected,) = states[whole].values()
        assert (found["log"], found["bytes"]) == (expected["log"], expected["bytes"])
        assert found["clock"][1] == expected["clock"][1]
        assert file.read_bytes().endswith(b"\n")
