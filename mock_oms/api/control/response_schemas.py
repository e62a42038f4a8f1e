"""The schemas of what the control API answers: most are derived from the dataclasses that the client reads."""

import types
from collections.abc import Mapping
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from marshmallow import fields

from mock_oms.api.control.field_types import Clock, Entry, Moment, Name, Origin, Shape, Span
from mock_oms.contract import control_bodies as bodies
from mock_oms.contract.control_bodies import HIGHEST_SEED, MANY, key_of
from mock_oms.domain.lifecycle import State
from mock_oms.scenarios.derive import StrictSchema
from mock_oms.scenarios.fault_schema import FAULT_SCHEMA, LIMITS_SCHEMA
from mock_oms.scenarios.fields import Choice, MapOf, Rate, Text, Whole, Word, YesNo
from mock_oms.traffic.journal import client_report, entry

_MARKED: Mapping[Any, type[fields.Field[Any]]] = {"word": Word, "name": Name, "duration": Span, "rate": Rate}
_PLAIN: Mapping[Any, type[fields.Field[Any]]] = {str: Text, bool: YesNo, float: fields.Float, datetime: Moment}


def _derived(
    kind: type[Any], name: str, *, base: type[Shape] = Shape, omit: tuple[str, ...] = (), **special: fields.Field[Any]
) -> type[Shape]:
    """The schema of a dataclass: one required field for each of its fields; `special` ones replace or add to them."""
    hints = get_type_hints(kind, include_extras=True)
    inherited = base._declared_fields  # noqa: SLF001  marshmallow has no public name for it
    members = {
        one.name: special.pop(one.name) if one.name in special else _field(hints[one.name], key_of(one.name))
        for one in fields_of(kind)
        if one.name not in {*omit, *inherited}
    }
    return type(name, (base,), {"__doc__": kind.__doc__, **special, **members})


def _field(hint: Any, key: str | None = None, *, null: bool = False) -> fields.Field[Any]:  # noqa: PLR0911  a table of types
    more: dict[str, Any] = {"required": True, "allow_none": null, "data_key": key}
    origin, inner = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _field(inner[0], key, null=True)
    if origin is Annotated:
        mark = inner[1]
        if isinstance(mark, tuple):
            return Whole(*mark, **more)
        return _MARKED[mark](**more) if isinstance(mark, str) else Choice(mark, **more)
    if origin is tuple:
        return fields.List(_field(inner[0]), **more)
    if is_dataclass(hint):
        return fields.Nested(_SCHEMAS[hint], **more)
    if origin is Literal or (isinstance(hint, type) and issubclass(hint, StrEnum)):
        return Choice(inner or hint, **more)
    return Whole(0, MANY, **more) if hint is int else _PLAIN[hint](**more)


def _many(schema: type[StrictSchema]) -> fields.List[Any]:
    return fields.List(fields.Nested(schema), required=True)


#: A fault, and beside its own keys whose it is, since when, how many requests it was for and how many met it.
StandingFault = type(
    "StandingFault",
    (FAULT_SCHEMA,),
    {
        "id": Whole(1, MANY, required=True),
        "origin": Text(required=True),
        "since": Moment(required=True),
        "seen": Whole(0, MANY, required=True),
        "met": Whole(0, MANY, required=True),
    },
)


class FaultList(Shape):
    """The faults of a world. `performed`: whether this server performs all of them."""

    performed = YesNo(required=True)
    faults = _many(StandingFault)


class Added(Shape):
    """The faults that were added, and the limits that were set with them."""

    faults = _many(StandingFault)
    limits = fields.Nested(LIMITS_SCHEMA, required=True)


_ID = Whole(-(10**20), 10**20, required=True, allow_none=True)
#: The schemas of the dataclasses that stand inside others, by dataclass.
_SCHEMAS: dict[Any, type[Shape]] = {}
Request = _derived(
    entry.JournalEntry,
    "Request",
    number=Whole(1, MANY, required=True),
    plan=_ID,
    page=_ID,
    state=Choice(State, required=True, allow_none=True),
    status=Whole(100, 599, required=True, allow_none=True),
)
Request.__doc__ = """A vendor request with its answer, without secrets. `at` is world time, `wall` real time, `duration` in seconds.

    `request_id` is what `X-Request-Id` said, or made up. `status` null: no status line was sent. `world` null: nobody
    knows the token. `gave_up`: after so many seconds the client hung up on an answer that was held back.
    """


class RequestList(Shape):
    """Requests, the oldest first: the newest of the `matched` ones that are kept.

    `total` is how many there were since the journal was cleared, `evicted` how many of these are kept no longer.
    """

    total = Whole(0, MANY, required=True)
    evicted = Whole(0, MANY, required=True)
    matched = Whole(0, MANY, required=True)
    requests = _many(Request)


class Near(Shape):
    """A request that is nearly the expected one, and what is different about it."""

    differs = fields.List(Text(), required=True)
    request = fields.Nested(Request, required=True)


Verified = _derived(bodies.Verified, "Verified", ok=YesNo(required=True))
_SCHEMAS[client_report.ClientFinding] = _derived(
    client_report.ClientFinding, "ClientFindingSchema", numbers=fields.List(Whole(1, MANY), required=True)
)
Client = _derived(
    client_report.ClientReport,
    "Client",
    operations=MapOf(keys=Text(), values=Whole(0, MANY), required=True),
)


class Report(Shape):
    """Every client of a world, the busiest first; of requests that are `evicted` nobody knows whose they were."""

    evicted = Whole(0, MANY, required=True)
    clients = _many(Client)


class Problem(Shape):
    """A refusal: `detail` says what to do."""

    status = Whole(400, 599, required=True)
    title = Text(required=True)
    detail = Text(required=True)
    errors = MapOf(keys=Text(), values=fields.List(Text()))
    legal = fields.List(Text())
    nearest = fields.List(fields.Nested(Near))
    found = Whole(0, MANY)
    evicted = Whole(0, MANY)


class Live(Shape):
    """The process is up."""

    status = Choice(["live"], required=True)


class Ready(Shape):
    """The default world answers. With `warning`, `errors` says which scenario files have broken since the start.

    Of these, worlds play the version that could be used, where there was one. `contract` says when it was last checked
    against a real OMS.
    """

    status = Choice(["ready", "warning"], required=True)
    plans = Whole(0, MANY, required=True)
    contract = Text(required=True)
    errors = MapOf(keys=Text(), values=fields.List(Text()))


ScenarioLine = _derived(bodies.ScenarioFacts, "ScenarioLine")


class ScenarioList(Shape):
    """The scenarios that can be started."""

    scenarios = _many(ScenarioLine)


class ScenarioClock(Shape):
    """When worlds of a scenario start (null: when they are opened), and at which rate."""

    start = Moment(required=True, allow_none=True)
    rate = Rate(required=True)


class ScenarioDetail(Shape):
    """What a scenario says of itself."""

    name = Word(required=True)
    description = Text(required=True)
    digest = Word(required=True)
    locale = Word(required=True)
    seed = Whole(0, HIGHEST_SEED, required=True)
    clock = fields.Nested(ScenarioClock, required=True)
    expectations = Whole(0, MANY, required=True)


_SCHEMAS[bodies.ClockFacts] = Clock
Transition = _SCHEMAS[bodies.Transition] = _derived(bodies.Transition, "Transition")


class TurnedClock(Clock):
    """A clock, and what happened on the way there."""

    transitions = _many(Transition)


_SCHEMAS[bodies.Missed] = _derived(bodies.Missed, "Missed")
World = _derived(bodies.WorldFacts, "World", omit=("digest", "renewed"), scenario=fields.Nested(Origin, required=True))


class ResetWorld(World):  # type: ignore[misc, valid-type]  # mypy does not know what `type` makes
    """A world at its beginning. `renewed`: its scenario has been changed, and it begins with the new version."""

    renewed = YesNo(required=True)


class WorldList(Shape):
    """Every world, the default one first."""

    worlds = _many(World)


PlanLine = _SCHEMAS[bodies.PlanFacts] = _derived(bodies.PlanFacts, "PlanLine")
PlanList = _derived(bodies.PlanPage, "PlanList")
_SCHEMAS[bodies.CommandFacts] = _derived(bodies.CommandFacts, "LegalCommand")
_HistoryStep = _derived(bodies.Transition, "HistoryStep", omit=("plan",))
PlanDetail = _derived(bodies.Explanation, "PlanDetail", base=PlanLine, history=_many(_HistoryStep))
CommandRun = _derived(bodies.Ran, "CommandRun")
EventTaken = _derived(bodies.Happened, "EventTaken")


class Log(Shape):
    """Every event since the beginning."""

    events = _many(Entry)
