"""The shapes of what the control API answers, but for what surrounds a world's answers."""

from typing import Any

from marshmallow import fields

from mock_oms.domain.lifecycle import State
from mock_oms.scenario.derive import Strict
from mock_oms.scenario.fields import Choice, MapOf, Rate, Text, Whole, Word, YesNo
from mock_oms.web.control.shapes import HIGHEST_SEED, Clock, Entry, Origin, Shape
from mock_oms.web.control.told_traffic import Near
from mock_oms.web.control.values import Moment, Name, Span

_MANY = 2**53


def _many(schema: type[Strict]) -> fields.List[Any]:
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
