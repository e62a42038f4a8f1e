"""The lines of a world's file: first how it was opened, then one for each change; JSON that people can read."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from mock_oms.domain.clock import Clock
from mock_oms.domain.errors import written
from mock_oms.faults.standing import Faults, Standing
from mock_oms.scenario.building import Scenario
from mock_oms.scenario.fault_words import FAULT_SCHEMA, LIMITS_SCHEMA, write_fault, write_limits
from mock_oms.scenario.words import read_event, write_event
from mock_oms.store import Change, Entry, KeptError, Opening, Origin, Surroundings

VERSION = 1

#: The scenario with this name of a file and this digest.
Scenarios = Callable[[str, str], Scenario]


def write_line(document: Mapping[str, Any]) -> bytes:
    """One line with its end: a line without it was not written to the end."""
    return json.dumps(document).encode() + b"\n"


def write_opening(opening: Opening, release: str) -> dict[str, Any]:
    """The first line of a file; `release` is the version of mock-oms that opens the world."""
    origin, scenario = opening.origin, opening.origin.scenario
    return {
        "version": VERSION,
        "mock_oms": release,
        "name": origin.name,
        "token": opening.token,
        "scenario": {"name": scenario.name, "digest": scenario.digest, "file": scenario.lines.file.name},
        "seed": origin.seed,
        "start": written(origin.start),
        "opened": written(opening.clock.set_at),
        "rate": opening.clock.rate,
        "ttl": None if opening.ttl is None else opening.ttl.total_seconds(),
    }


def read_opening(document: Mapping[str, Any], scenarios: Scenarios) -> Opening:
    """What the first line says; any exception but a `KeptError` means that we have not written it.

    :raises KeptError: another version, or the scenario cannot be used; the message is no whole sentence.
    """
    if document["version"] != VERSION:
        raise KeptError(f"found version {document['version']}; accepted: {VERSION}, which this mock-oms writes")
    scenario = scenarios(document["scenario"]["file"], document["scenario"]["digest"])
    start = _moment(document["start"])
    origin = Origin(name=document["name"], scenario=scenario, seed=int(document["seed"]), start=start)
    clock = Clock(shown=start, set_at=_moment(document["opened"]), rate=float(document["rate"]))
    ttl = None if document["ttl"] is None else timedelta(seconds=document["ttl"])
    return Opening(origin=origin, clock=clock, token=document["token"], ttl=ttl)


def write_change(change: Change) -> dict[str, Any]:
    """A further line: `{"event": {"number", "at", WORD: {…}}}` or `{"clock": {"shown", "set_at", "rate"}}`.

    Or `{"traffic": {"faults": [{"id", "since", "origin", …}], "next_id", "limits": {…}}}`, the whole set each time.
    """
    if isinstance(change, Entry):
        return {"event": {"number": change.number, "at": written(change.at), **write_event(change.event)}}
    if isinstance(change, Surroundings):
        faults = change.faults
        standing = [_write_standing(one) for one in faults.standing]
        return {"traffic": {"faults": standing, "next_id": faults.next_id, "limits": write_limits(change.limits)}}
    return {"clock": {"shown": written(change.shown), "set_at": written(change.set_at), "rate": change.rate}}


def _write_standing(one: Standing) -> dict[str, Any]:
    return {"id": one.id, "since": written(one.since), "origin": one.origin, **write_fault(one.fault)}


def read_change(document: Mapping[str, Any]) -> Change:
    """What a further line says; any exception means that we have not written it."""
    ((kind, given),) = document.items()
    return _KINDS[kind](dict(given))


def _entry(given: dict[str, Any]) -> Entry:
    return Entry(number=int(given.pop("number")), at=_moment(given.pop("at")), event=read_event(given))


def _clock(given: dict[str, Any]) -> Clock:
    return Clock(shown=_moment(given["shown"]), set_at=_moment(given["set_at"]), rate=float(given["rate"]))


def _surroundings(given: dict[str, Any]) -> Surroundings:
    standing = tuple(_standing(dict(one)) for one in given["faults"])
    faults = Faults(standing=standing, next_id=int(given["next_id"]))
    return Surroundings(faults=faults, limits=LIMITS_SCHEMA().load(given["limits"]))


def _standing(given: dict[str, Any]) -> Standing:
    number, since, origin = (given.pop(key) for key in ("id", "since", "origin"))
    return Standing(id=int(number), fault=FAULT_SCHEMA().load(given), since=_moment(since), origin=str(origin))


_KINDS: Mapping[str, Callable[[dict[str, Any]], Change]] = {
    "event": _entry,
    "clock": _clock,
    "traffic": _surroundings,
}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
