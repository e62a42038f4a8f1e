"""The shapes of what the control API answers, but for what surrounds a world's answers."""

from typing import Any, get_args

from marshmallow import fields

from mock_oms.api.control.field_types import HIGHEST_SEED, Clock, Entry, Moment, Name, Origin, Shape, Span
from mock_oms.domain.lifecycle import State
from mock_oms.scenarios.derive import StrictSchema
from mock_oms.scenarios.fault_schema import FAULT_SCHEMA, LIMITS_SCHEMA
from mock_oms.scenarios.fields import Choice, MapOf, Rate, Text, Whole, Word, YesNo
from mock_oms.traffic.journal.pace import Judgement
from mock_oms.urls import Operation

_MANY = 2**53


def _count(**more: Any) -> Whole:
    return Whole(0, _MANY, required=True, **more)


def _told_traffic_many(schema: type[StrictSchema]) -> fields.List[Any]:
    return fields.List(fields.Nested(schema), required=True)


def _headers() -> fields.List[Any]:
    return fields.List(fields.List(Text()), required=True)


#: A fault, and beside its own keys whose it is, since when, how many requests it was for and how many met it.
StandingFault = type(
    "StandingFault",
    (FAULT_SCHEMA,),
    {
        "id": Whole(1, _MANY, required=True),
        "origin": Text(required=True),
        "since": Moment(required=True),
        "seen": _count(),
        "met": _count(),
    },
)


class FaultList(Shape):
    """The faults of a world. `performed`: whether this server performs all of them."""

    performed = YesNo(required=True)
    faults = _told_traffic_many(StandingFault)


class Added(Shape):
    """The faults that were added, and the limits that were set with them."""

    faults = _told_traffic_many(StandingFault)
    limits = fields.Nested(LIMITS_SCHEMA, required=True)


class Request(Shape):
    """A vendor request with its answer, without secrets. `at` is world time, `wall` real time, `duration` in seconds.

    `request_id` is what `X-Request-Id` said, or made up. `status` null: no status line was sent. `world` null: nobody
    knows the token. `gave_up`: after so many seconds the client hung up on an answer that was held back.
    """

    number = Whole(1, _MANY, required=True)
    request_id = Text(required=True)
    world = Text(required=True, allow_none=True)
    at = Moment(required=True)
    wall = Moment(required=True)
    method = Text(required=True)
    path = Text(required=True)
    query = Text(required=True)
    operation = Choice(Operation, required=True, allow_none=True)
    plan = Whole(-(10**20), 10**20, required=True, allow_none=True)
    page = Whole(-(10**20), 10**20, required=True, allow_none=True)
    state = Choice(State, required=True, allow_none=True)
    status = Whole(100, 599, required=True, allow_none=True)
    fault = Text(required=True, allow_none=True)
    fault_id = _count(allow_none=True)
    duration = fields.Float(required=True)
    size = _count()
    client = Text(required=True)
    user_agent = Text(required=True)
    headers = _headers()
    answer_headers = _headers()
    retry_after = _count(allow_none=True)
    location = Text(required=True, allow_none=True)
    hint = Text(required=True, allow_none=True)
    gave_up = fields.Float(required=True, allow_none=True)


class RequestList(Shape):
    """Requests, the oldest first: the newest of the `matched` ones that are kept.

    `total` is how many there were since the journal was cleared, `evicted` how many of these are kept no longer.
    """

    total = _count()
    evicted = _count()
    matched = _count()
    requests = _told_traffic_many(Request)


class Near(Shape):
    """A request that is nearly the expected one, and what is different about it."""

    differs = fields.List(Text(), required=True)
    request = fields.Nested(Request, required=True)


class Verified(Shape):
    """Requests were made as expected. `found`: how many were of the kind that was said, or steps of the order."""

    ok = YesNo(required=True)
    reason = Text(required=True)
    found = _count()
    evicted = _count()


class ClientFindingSchema(Shape):
    """What a check of a client found, and the numbers of the requests that show it."""

    check = Text(required=True)
    verdict = Choice(get_args(Judgement), required=True)
    sentence = Text(required=True)
    numbers = fields.List(Whole(1, _MANY), required=True)


class Client(Shape):
    """A client: a user agent at an address, what it asked for how often, and how it behaves."""

    user_agent = Text(required=True)
    address = Text(required=True)
    requests = _count()
    operations = MapOf(keys=Text(), values=Whole(0, _MANY), required=True)
    findings = _told_traffic_many(ClientFindingSchema)


class Report(Shape):
    """Every client of a world, the busiest first; of requests that are `evicted` nobody knows whose they were."""

    evicted = _count()
    clients = _told_traffic_many(Client)


def _many(schema: type[StrictSchema]) -> fields.List[Any]:
    return fields.List(fields.Nested(schema), required=True)


class Problem(Shape):
    """A refusal: `detail` says what to do."""

    status = Whole(400, 599, required=True)
    title = Text(required=True)
    detail = Text(required=True)
    errors = MapOf(keys=Text(), values=fields.List(Text()))
    legal = fields.List(Text())
    nearest = fields.List(fields.Nested(Near))
    found = Whole(0, _MANY)
    evicted = Whole(0, _MANY)


class Live(Shape):
    """The process is up."""

    status = Choice(["live"], required=True)


class Ready(Shape):
    """The default world answers. With `warning`, `errors` says which scenario files have broken since the start.

    Of these, worlds play the version that could be used, where there was one. `contract` says when it was last checked
    against a real OMS.
    """

    status = Choice(["ready", "warning"], required=True)
    plans = Whole(0, _MANY, required=True)
    contract = Text(required=True)
    errors = MapOf(keys=Text(), values=fields.List(Text()))


class ScenarioLine(Shape):
    """A scenario that can be started."""

    name = Word(required=True)
    description = Text(required=True)


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
    expectations = Whole(0, _MANY, required=True)


class Transition(Shape):
    """A step of a plan, and what caused it; a new plan comes from null."""

    at = Moment(required=True)
    plan = Whole(0, _MANY, required=True)
    source = Choice(State, required=True, allow_none=True, data_key="from")
    to = Choice(State, required=True)
    cause = Text(required=True)


class TurnedClock(Clock):
    """A clock, and what happened on the way there."""

    transitions = _many(Transition)


class Missed(Shape):
    """A line of the timeline that the world refused when its time came."""

    at = Moment(required=True)
    origin = Text(required=True)
    reason = Text(required=True)


class World(Shape):
    """A world; `ttl` null: it never expires. `line` is what vendor answers carry as `X-Mock-Oms`."""

    name = Name(required=True)
    line = Text(required=True)
    token = Word(required=True)
    scenario = fields.Nested(Origin, required=True)
    seed = Whole(0, HIGHEST_SEED, required=True)
    ttl = Span(required=True, allow_none=True)
    clock = fields.Nested(Clock, required=True)
    plans = Whole(0, _MANY, required=True)
    events = Whole(0, _MANY, required=True)
    missed = _many(Missed)
    faults = Whole(0, _MANY, required=True)
    requests = Whole(0, _MANY, required=True)


class ResetWorld(World):
    """A world at its beginning. `renewed`: its scenario has been changed, and it begins with the new version."""

    renewed = YesNo(required=True)


class WorldList(Shape):
    """Every world, the default one first."""

    worlds = _many(World)


class PlanLine(Shape):
    """A plan as the mock sees it."""

    plan = Whole(0, _MANY, required=True)
    state = Choice(State, required=True)
    order = Whole(0, _MANY, required=True)
    created = Moment(required=True)
    modified = Moment(required=True)
    next_attempt = Moment(required=True, allow_none=True)


class PlanList(Shape):
    """Plans in the order of the vendor's list; `count` is of all of them in the state that was asked for."""

    count = Whole(0, _MANY, required=True)
    plans = _many(PlanLine)


class LegalCommand(Shape):
    """A command that is legal now."""

    id = Whole(1, _MANY, required=True)
    slug = Word(required=True)
    to = Choice(State, required=True)


class HistoryStep(Shape):
    """A step that a plan went through."""

    at = Moment(required=True)
    source = Choice(State, required=True, allow_none=True, data_key="from")
    to = Choice(State, required=True)
    cause = Text(required=True)


class PlanDetail(PlanLine):
    """A plan with what may happen next, what happened before, and what it waits for."""

    legal = _many(LegalCommand)
    history = _many(HistoryStep)
    missing = fields.List(Text(), required=True)


class CommandRun(Shape):
    """What a command did."""

    plan = Whole(0, _MANY, required=True)
    source = Choice(State, required=True, data_key="from")
    to = Choice(State, required=True)
    at = Moment(required=True)
    transitions = _many(Transition)


class EventTaken(Shape):
    """An event's place in the log, and what followed at once."""

    number = Whole(1, _MANY, required=True)
    at = Moment(required=True)
    transitions = _many(Transition)


class Log(Shape):
    """Every event since the beginning."""

    events = _many(Entry)
