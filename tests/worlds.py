"""Small worlds: built from a few sections of a scenario, and whole families of them for Hypothesis."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
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
    """A duration in the words of a scenario file."""
    found = parse_duration(text)
    assert found is not None, text
    return found


def after(text: str) -> datetime:
    """A time, counted from the start of a world."""
    return START + span(text)


def scenario(**sections: Any) -> Scenario:
    """A scenario of these sections."""
    document = {"description": "A test.", **sections}
    text = json.dumps(document, ensure_ascii=False, default=str)
    return build_scenario(document, Lines(file=Path("test.yaml"), numbers={}, text=text))


def opened(**sections: Any) -> World:
    """A world of these sections at its start."""
    return open_world(scenario(**sections).setup(seed=None, opened=START))


def event(**written: Any) -> Event:
    """An event in the words of a timeline, such as `event(block="WH1")`."""
    return read_event(written)


def later(world: World, text: str) -> World:
    """The world so long after its start."""
    return world.advance(world.setup.start + span(text))


def happened(world: World, text: str, **written: Any) -> World:
    """The world after one event, so long after its start."""
    return world.apply(event(**written), world.setup.start + span(text))


def plan_of(world: World, plan_id: int) -> Plan:
    """A plan that the world must have."""
    found = world.find(plan_id)
    assert found is not None, plan_id
    return found[0]


def order_of(world: World, plan_id: int) -> Order:
    """The order of a plan that the world must have."""
    found = world.find(plan_id)
    assert found is not None, plan_id
    return found[1]


def items(world: World, plan_id: int) -> dict[str, Item]:
    """A plan's items by SKU, the last one of each."""
    return {item.sku: item for item in plan_of(world, plan_id).items}


def locations(world: World, plan_id: int) -> list[str | None]:
    """Where a plan's items are, in their order."""
    return [item.location for item in plan_of(world, plan_id).items]


def free(world: World, sku: str, location: str) -> int:
    """What can still be sold of a SKU at a location."""
    return world.contents.stock[sku, location].quantity


def scribe_of(of: Scenario) -> CachedRenderer:
    """A renderer that has cached nothing yet."""
    return CachedRenderer(of.document.seed, of.document.locale, of.answers)


def rendered(world: World, of: Scenario) -> dict[int, Any]:
    """Every plan of the world as parsed JSON, by id, written by a renderer that has cached nothing."""
    plans = [json.loads(body) for body in WorldView(world, scribe_of(of)).bodies()]
    return {plan["id"]: plan for plan in plans}


def digest(world: World, of: Scenario) -> str:
    """A fingerprint of the bytes of every plan, in the order of the list."""
    return sha256(b"\n".join(WorldView(world, scribe_of(of)).bodies())).hexdigest()


@dataclass(frozen=True, slots=True)
class Tale:
    """A scenario, and what happens on top of it: events in JSON, each so many seconds after the one before."""

    sections: Mapping[str, Any]
    events: tuple[tuple[int, Mapping[str, Any]], ...]

    @property
    def scenario(self) -> Scenario:
        """The scenario, built."""
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
    """A log as JSON."""
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
_CITIES = ("İstanbul", "Ankara")
_IDS = (1, 2, 3, 5, 777, 1001, 1002, 1003, 1004, 1005, 1006)
_NUMBER = st.integers(0, 3)
_SKU, _ID = st.sampled_from(SKUS), st.sampled_from(_IDS)
_TIMES = st.sampled_from(("0m", "1m", "10m", "29m", "30m", "31m", "1h", "95m"))
_ITEMS = st.lists(_SKU, min_size=1, max_size=3)


@cache
def happenings(codes: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Events in JSON at these locations."""
    code = st.sampled_from(codes)
    of_item = st.sampled_from(("@0", "@1", "@2"))
    order = st.fixed_dictionaries(
        {"items": _ITEMS}, optional={"id": _ID, "hold": st.booleans(), "channel": st.sampled_from(("web", "mobile"))}
    )
    words: dict[str, st.SearchStrategy[Any]] = {
        "restock": st.fixed_dictionaries({"sku": _SKU, "location": code, "count": st.integers(1, 3)}),
        "sell": st.fixed_dictionaries({"sku": _SKU, "location": code, "count": st.integers(1, 2)}),
        "block": code,
        "open": code,
        "quota": st.fixed_dictionaries(
            {"location": code}, optional={"quota": _NUMBER, "max_quota": st.one_of(_NUMBER, st.none())}
        ),
        "stock_service": st.sampled_from(("up", "down")),
        "order": order,
        "confirm": _ID,
        "command": st.fixed_dictionaries(
            {"plan": _ID, "run": st.sampled_from(("plan-cancel", "plan-reschedule", "plan-complete", 3, "nonsense"))}
        ),
        "cancel_item": st.fixed_dictionaries({"plan": _ID, "sku": of_item}),
        "assign": st.fixed_dictionaries({"plan": _ID, "sku": of_item, "location": code}),
        "refuse": st.fixed_dictionaries({"plan": _ID, "location": st.one_of(of_item, code)}),
        "not_found": st.fixed_dictionaries({"plan": _ID, "sku": of_item}),
    }
    return st.one_of(*(st.fixed_dictionaries({word: given}) for word, given in words.items()))


@cache
def _rules(codes: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    some = st.lists(st.sampled_from(codes), max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(("warehouse", "store")),
            "allow": some,
            "except": some,
            "same_city": st.booleans(),
            "sort": st.lists(st.sampled_from(("priority", "stock", "density", "same_city")), max_size=3),
            "select_by_quota": st.booleans(),
            "transfer": st.booleans(),
            "when": st.fixed_dictionaries({"channel": st.sampled_from(("web", "mobile"))}),
        },
    )


@cache
def _lines(codes: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda at, happens: {"at": at, **happens}, _TIMES, happenings(codes).filter(_is_known))


@cache
def _planners(codes: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "every": st.sampled_from(("10m", "30m")),
            "first": st.sampled_from(("0s", "1m", "11m")),
            "replan": st.sampled_from(("new", "reopen")),
            "not_found": st.sampled_from(("basic", "advanced")),
        },
        optional={"default_location": st.sampled_from(codes), "rules": st.lists(_rules(codes), max_size=3)},
    )


_LOCATION = st.fixed_dictionaries(
    {"type": st.sampled_from(("warehouse", "store")), "priority": _NUMBER},
    optional={
        "city": st.sampled_from(_CITIES),
        "active": st.sampled_from((True, True, True, False)),
        "max_quota": _NUMBER,
        "quota": _NUMBER,
    },
)
_FIGURES = st.one_of(_NUMBER, st.fixed_dictionaries({"count": _NUMBER, "reserved": _NUMBER}))
_SIMULATED = st.fixed_dictionaries(
    {"items": st.lists(_SKU, max_size=3)},
    optional={
        "count": st.integers(1, 2),
        "city": st.sampled_from(_CITIES),
        "hold": st.sampled_from((False, False, True)),
        "created": st.sampled_from(("-3h", "-30m", "-1m")),
    },
)
_STATE = st.sampled_from(STATES)
_PLANS = st.lists(st.one_of(_SIMULATED, st.fixed_dictionaries({"state": _STATE})), min_size=6, max_size=6)
_CAPTURED = st.builds(lambda state: {"raw": {"id": 777, "state": state, "notes": "ş"}}, _STATE)
_WEIGHTS = st.dictionaries(_STATE, st.integers(1, 3), min_size=1)
_SECONDS = st.sampled_from((0, 1, 60, 599, 600, 1800, 3000))


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
