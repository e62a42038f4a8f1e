"""Small worlds: built from a few sections of a scenario, and whole families of them for Hypothesis."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from mock_oms.domain.errors import WorldError
from mock_oms.domain.events import Event
from mock_oms.domain.plan import Item, Order, Plan
from mock_oms.domain.world import World, open_world
from mock_oms.scenarios.building import Scenario, build_scenario
from mock_oms.scenarios.errors import Lines
from mock_oms.scenarios.fields import parse_duration
from mock_oms.scenarios.schema import read_event, write_event
from mock_oms.worlds.store import LogEntry
from mock_oms.worlds.view import CachedRenderer, WorldView

START = datetime(2024, 3, 5, 9, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def span(text: str) -> timedelta:
    found = parse_duration(text)
    assert found is not None, text
    return found


def after(text: str) -> datetime:
    return START + span(text)


def scenario(**sections: Any) -> Scenario:
    document = {"description": "A test.", **sections}
    text = json.dumps(document, ensure_ascii=False, default=str)
    return build_scenario(document, Lines(file=Path("test.yaml"), numbers={}, text=text))


def opened(**sections: Any) -> World:
    return open_world(scenario(**sections).setup(seed=None, opened=START))


def event(**written: Any) -> Event:
    """An event in the words of a timeline, such as `event(block="WH1")`."""
    return read_event(written)


def later(world: World, text: str) -> World:
    return world.advance(world.setup.start + span(text))


def happened(world: World, text: str, **written: Any) -> World:
    return world.apply(event(**written), world.setup.start + span(text))


def plan_of(world: World, plan_id: int) -> Plan:
    return world.contents.found(plan_id, world.now)[0]


def order_of(world: World, plan_id: int) -> Order:
    return world.contents.found(plan_id, world.now)[1]


def items(world: World, plan_id: int) -> dict[str, Item]:
    """A plan's items by SKU, the last one of each."""
    return {item.sku: item for item in plan_of(world, plan_id).items}


def locations(world: World, plan_id: int) -> list[str | None]:
    return [item.location for item in plan_of(world, plan_id).items]


def free(world: World, sku: str, location: str) -> int:
    """What can still be sold of a SKU at a location."""
    return world.contents.stock[sku, location].quantity


def scribe_of(of: Scenario) -> CachedRenderer:
    return CachedRenderer(of.document.seed, of.document.locale, of.answers, start=of.starts(START))


def rendered(world: World, of: Scenario) -> dict[int, Any]:
    """Every plan of the world as parsed JSON, by id, written by a renderer that has cached nothing."""
    plans = [json.loads(body) for body in WorldView(world, scribe_of(of)).bodies()]
    return {plan["id"]: plan for plan in plans}


def digest(world: World, of: Scenario) -> str:
    """A fingerprint of the bytes of every plan, in the order of the list."""
    return sha256(b"\n".join(WorldView(world, scribe_of(of)).bodies())).hexdigest()


@dataclass(frozen=True)
class Tale:
    """A scenario, and what happens on top of it: events in JSON, each so many seconds after the one before."""

    sections: Mapping[str, Any]
    events: tuple[tuple[int, Mapping[str, Any]], ...]

    @cached_property
    def scenario(self) -> Scenario:
        return scenario(**self.sections)

    def worlds(self) -> list[World]:
        """The world at its start and after each of the events; what is refused changes nothing but the time."""
        return [world for world, _ in self._lived()]

    def log(self) -> tuple[LogEntry, ...]:
        """What a store would hold of the events that the world took."""
        return tuple(entry for _, entry in self._lived() if entry)

    def _lived(self) -> Iterator[tuple[World, LogEntry | None]]:
        world = open_world(self.scenario.setup(seed=None, opened=START))
        yield world, None
        for seconds, written in self.events:
            world, entry = world.advance(world.now + timedelta(seconds=seconds)), None
            happens = read_event(meant(world, written))
            with suppress(WorldError):
                world = world.apply(happens)
                entry = LogEntry(number=world.events, at=world.now, event=happens)
            yield world, entry


def meant(world: World, written: Mapping[str, Any]) -> dict[str, Any]:
    """An event in which `@0` is filled in with the SKU or location of the first item that its plan has by then."""
    ((word, given),) = written.items()
    found = world.find(given["plan"]) if isinstance(given, Mapping) and "plan" in given else None
    if not found or not found[0].items:
        return dict(written)
    row = found[0].items
    return {word: {key: _filled(key, value, row) for key, value in given.items()}}


def _filled(key: str, value: Any, row: tuple[Item, ...]) -> Any:
    if not str(value).startswith("@"):
        return value
    item = row[int(value[1:]) % len(row)]
    return item.sku if key == "sku" else item.location or "WH1"


def written_log(log: Iterable[LogEntry]) -> list[Any]:
    return [[entry.number, entry.at.isoformat(), write_event(entry.event)] for entry in log]


def replayed(of: Scenario, *, log: Iterable[LogEntry]) -> World:
    """The world that a log makes of a scenario, opened at `START`."""
    world = open_world(of.setup(seed=None, opened=START))
    for entry in log:
        world = world.apply(entry.event, entry.at)
    return world


def replay_lines() -> None:
    """Read tales with their logs from standard input, one a line, and answer each with the digest of its end."""
    for line in sys.stdin:
        given = json.loads(line)
        of = scenario(**given["sections"])
        log = tuple(
            LogEntry(number=number, at=datetime.fromisoformat(at), event=read_event(event))
            for number, at, event in given["log"]
        )
        world = replayed(of, log=log).advance(datetime.fromisoformat(given["end"]))
        sys.stdout.write(f"{digest(world, of)}\n")
        sys.stdout.flush()


# Families of worlds. Names are few, so that events meet what is there; numbers are small, so that things run out.

CODES = ("WH1", "WH2", "ST1", "ST2")
SKUS = ("A", "B", "C")
STATES = ("start", "pending", "completed", "cancelled")


def _any(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


_given = st.fixed_dictionaries
_CITY, _CHANNEL, _TYPE = _any("İstanbul", "Ankara"), _any("web", "mobile"), _any("warehouse", "store")
_NUMBER, _SKU = st.integers(0, 3), _any(*SKUS)
_ID = _any(1, 2, 3, 5, 777, *range(1001, 1007))
_TIMES = _any("0m", "1m", "10m", "29m", "30m", "31m", "1h", "95m")


@cache
def happenings(codes: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    code, of_item = _any(*codes), _any("@0", "@1", "@2")
    plan = {"plan": _ID}
    words: dict[str, st.SearchStrategy[Any]] = {
        "restock": _given({"sku": _SKU, "location": code, "count": st.integers(1, 3)}),
        "sell": _given({"sku": _SKU, "location": code, "count": st.integers(1, 2)}),
        "block": code,
        "open": code,
        "quota": _given({"location": code}, optional={"quota": _NUMBER, "max_quota": _NUMBER | st.none()}),
        "stock_service": _any("up", "down"),
        "order": _given(
            {"items": st.lists(_SKU, min_size=1, max_size=3)},
            optional={"id": _ID, "hold": st.booleans(), "channel": _CHANNEL},
        ),
        "confirm": _ID,
        "command": _given({**plan, "run": _any("plan-cancel", "plan-reschedule", "plan-complete", 3, "nonsense")}),
        "cancel_item": _given({**plan, "sku": of_item}),
        "assign": _given({**plan, "sku": of_item, "location": code}),
        "refuse": _given({**plan, "location": of_item | code}),
        "not_found": _given({**plan, "sku": of_item}),
    }
    return st.one_of(*(_given({word: given}) for word, given in words.items()))


@cache
def _rules(codes: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    some = st.lists(_any(*codes), max_size=2)
    flags = {name: st.booleans() for name in ("same_city", "select_by_quota", "transfer")}
    sort = st.lists(_any("priority", "stock", "density", "same_city"), max_size=3)
    when = _given({"channel": _CHANNEL})
    return _given({}, optional={"type": _TYPE, "allow": some, "except": some, **flags, "sort": sort, "when": when})


@cache
def _lines(codes: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda at, happens: {"at": at, **happens}, _TIMES, happenings(codes).filter(_is_known))


@cache
def _planners(codes: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    always = {
        "every": _any("10m", "30m"),
        "first": _any("0s", "1m", "11m"),
        "replan": _any("new", "reopen"),
        "not_found": _any("basic", "advanced"),
    }
    return _given(always, optional={"default_location": _any(*codes), "rules": st.lists(_rules(codes), max_size=3)})


_LOCATION = _given(
    {"type": _TYPE, "priority": _NUMBER},
    optional={"city": _CITY, "active": _any(True, True, True, False), "max_quota": _NUMBER, "quota": _NUMBER},
)
_FIGURES = _NUMBER | _given({"count": _NUMBER, "reserved": _NUMBER})
_SIMULATED = _given(
    {"items": st.lists(_SKU, max_size=3)},
    optional={
        "count": st.integers(1, 2),
        "city": _CITY,
        "hold": _any(False, False, True),
        "created": _any("-3h", "-30m", "-1m"),
    },
)
_STATE = _any(*STATES)
_PLANS = st.lists(_SIMULATED | _given({"state": _STATE}), min_size=6, max_size=6)
_CAPTURED = st.builds(lambda state: {"raw": {"id": 777, "state": state, "notes": "ş"}}, _STATE)
_WEIGHTS = st.dictionaries(_STATE, st.integers(1, 3), min_size=1)
_SECONDS = _any(0, 1, 60, 599, 600, 1800, 3000)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """The sections of a scenario that holds together: up to 12 plans, one of them captured, and a backlog of 5 to 8."""
    codes = CODES[: draw(st.integers(1, len(CODES)))]
    return {
        "seed": draw(st.integers(0, 99)),
        "locations": {code: draw(_LOCATION) for code in codes},
        "stock": {sku: {code: draw(_FIGURES) for code in codes} for sku in SKUS},
        "planner": draw(_planners(codes)),
        "plans": [*draw(_PLANS), draw(_CAPTURED)],
        "timeline": draw(st.lists(_lines(codes), max_size=3)),
        "backlog": {"count": draw(st.integers(5, 8)), "states": draw(_WEIGHTS)},
    }


def _is_known(happens: dict[str, Any]) -> bool:
    """Whether a timeline may say so: it refers to nothing that is not in the file, and asks for no id that is taken."""
    return "@" not in str(happens) and "nonsense" not in str(happens) and "id" not in happens.get("order", {})


@st.composite
def tales(draw: st.DrawFn) -> Tale:
    """A scenario and a few events, many of which it will refuse."""
    sections = draw(documents())
    events = st.tuples(_SECONDS, happenings(tuple(sections["locations"])))
    return Tale(sections, tuple(draw(st.lists(events, min_size=2, max_size=6))))
