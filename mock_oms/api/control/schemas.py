"""The schemas of all bodies and queries. Most answers are derived from the dataclasses that the client reads."""

from collections.abc import Callable, Mapping
from dataclasses import fields as fields_of
from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load, validates_schema

from mock_oms.api.control.derived_schemas import derived, many, one_of, schema
from mock_oms.api.control.field_types import ClockTime, EventField, FaultWord, Moment, Name, Since, Span
from mock_oms.api.control.sent_scenarios import SentScenario, WholeOrigin
from mock_oms.contract import control_bodies as bodies
from mock_oms.contract.control_bodies import HIGHEST_SEED, MANY
from mock_oms.domain.events import HIGHEST_ID
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ITEM_IDS
from mock_oms.scenarios.fields import Choice, MapOf, NameOrNumber, Rate, Several, StrictSchema, Text, Whole, Word, YesNo
from mock_oms.scenarios.schema import EVENT_SCHEMAS, LIMITS_SCHEMA, NESTED_FAULT, FaultSchema
from mock_oms.traffic.journal import client_report, entry
from mock_oms.traffic.journal.journal import JOURNAL_SIZE, Filter
from mock_oms.traffic.journal.verification import ONLY_OF, Count, RequestPattern, Verification
from mock_oms.urls import Operation
from mock_oms.worlds.open_world import MAX_EVENTS, MAX_TURN

_COUNT = Whole(0, MANY, required=True)
_NUMBER = Whole(1, MANY, required=True)
_ERRORS = MapOf(keys=Text(), values=fields.List(Text()))

# Worlds


class _OneWord(StrictSchema):
    @validates_schema
    def _one_word(self, data: Mapping[str, Any], **_: Any) -> None:
        words = [key for key in data if key in EVENT_SCHEMAS]
        if len(words) != 1:
            found = ", ".join(words) or "no event"
            raise ValidationError(f"found {found}; accepted: one of {', '.join(EVENT_SCHEMAS)}.")


class _Event(_OneWord):
    also: ClassVar[Mapping[str, Any]] = {"minProperties": 1, "maxProperties": 1}

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The event itself."""
        return next(iter(data.values()))


_WORDS = {word: EventField(word) for word in EVENT_SCHEMAS}
_FROM_OUTSIDE = {**_WORDS, "order": EventField("order", ITEM_IDS - 1)}
Event = schema("Event", "One event under its word, as in a timeline.", base=_Event, **_FROM_OUTSIDE)
Entry = schema(
    "Entry",
    "An event that happened, with its number and its world time.",
    base=_OneWord,
    also={"minProperties": 3, "maxProperties": 3},
    number=Whole(1, MAX_EVENTS, required=True),
    at=ClockTime(required=True),
    **_WORDS,
)
TimelineLine = schema(
    "TimelineLine",
    bodies.TimelineLine.__doc__,
    base=_OneWord,
    also={"minProperties": 5, "maxProperties": 5},
    at=Moment(required=True),
    origin=Text(required=True),
    done=YesNo(required=True),
    refused=Text(required=True, allow_none=True),
    **_WORDS,
)
Timeline = schema("Timeline", bodies.TimelinePage.__doc__, count=_COUNT, upcoming=_COUNT, lines=many(TimelineLine))
LogQuery = schema(
    "LogQuery", "Which events to show: all, or those with numbers after `since`.", since=Whole(0, MAX_EVENTS)
)
Log = schema("Log", "Events that happened, the oldest first.", events=many(Entry))
Clock = derived(bodies.ClockFacts, "Clock", now=ClockTime(required=True))
_WORD = Word(required=True)
Origin = schema("Origin", "A scenario, and the digest of what it says.", name=_WORD, digest=_WORD)


class Snapshot(StrictSchema):
    """A world as data: from it the same world is made again, here or elsewhere."""

    version = Whole(1, 2**31 - 1, required=True)
    scenario = one_of(WholeOrigin)
    seed = Whole(0, HIGHEST_SEED, required=True)
    start = ClockTime(required=True)
    clock = one_of(Clock)
    log = Several(fields.Nested(Entry), tuple, most=MAX_EVENTS, required=True)

    @validates_schema
    def _is_a_log(self, data: Mapping[str, Any], **_: Any) -> None:
        for place, one in enumerate(data["log"]):
            if one["number"] != place + 1:
                sentence = f"found {one['number']}; accepted: {place + 1}, for a log is numbered 1, 2, 3 and so on."
                raise ValidationError({"log": {place: {"number": [sentence]}}})

    @post_load(pass_original=True)
    def make(self, data: dict[str, Any], original: Any = None, **_: Any) -> Any:  # noqa: ARG002  marshmallow's signature
        """The document as it was sent, now that it has been checked: reading it is the snapshot's own business."""
        return original


WantedClock = schema("WantedClock", "A clock other than the scenario's.", start=ClockTime(), rate=Rate())


class Opening(SentScenario):
    """What to open a world with: a scenario and what differs from it, or a snapshot."""

    excluded: ClassVar[tuple[str, ...]] = ("scenario", "seed", "clock")
    also: ClassVar[Mapping[str, Any]] = {"not": {"anyOf": [{"required": ["snapshot", key]} for key in excluded]}}
    seed = Whole(0, HIGHEST_SEED)
    name = Name()
    ttl = Span(low=timedelta(seconds=1), allow_none=True)
    clock = fields.Nested(WantedClock)
    snapshot = fields.Nested(Snapshot)

    @validates_schema
    def _one_beginning(self, data: Mapping[str, Any], **_: Any) -> None:
        extra = [key for key in self.excluded if "snapshot" in data and key in data]
        if extra:
            raise ValidationError({key: ["the snapshot says it already; leave it out."] for key in extra})


class TurnOfClock(StrictSchema):
    """A later time, another rate, or both."""

    also: ClassVar[Mapping[str, Any]] = {"minProperties": 1}
    now = ClockTime()
    rate = Rate()

    @validates_schema
    def _says_something(self, data: Mapping[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("found neither; accepted: `now`, `rate`, or both.")


Goal = schema(
    "Goal",
    "A plan, and the state that it is to come into.",
    plan=Whole(1, HIGHEST_ID, required=True),
    state=Choice(State, required=True),
)


class Advance(StrictSchema):
    """How far to turn the clock: by a duration, or until a plan is in a state."""

    # Without `oneOf`, of which generators of clients make a body without members.
    also: ClassVar[Mapping[str, Any]] = {
        "minProperties": 1,
        "dependentRequired": {"within": ["until"]},
        "not": {"required": ["by", "until"]},
    }
    by = Span(high=MAX_TURN)
    until = fields.Nested(Goal)
    within = Span(high=MAX_TURN)

    @validates_schema
    def _one_way(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("by" in data) == ("until" in data):
            raise ValidationError("accepted: either `by` or `until`.")
        if "within" in data and "until" not in data:
            raise ValidationError({"within": ["belongs to `until`; leave it out."]})


Transition = derived(bodies.Transition, "Transition")
TurnedClock = schema(
    "TurnedClock", "A clock, and what happened on the way there.", base=Clock, transitions=many(Transition)
)
derived(bodies.Missed, "Missed")
World = derived(bodies.WorldFacts, "World", omit=("digest", "renewed"), scenario=one_of(Origin))
ResetWorld = schema(
    "ResetWorld",
    "A world at its beginning. `renewed`: its scenario has been changed, and it begins with the new version.",
    base=World,
    renewed=YesNo(required=True),
)
WorldList = schema("WorldList", "Every world, the default one first.", worlds=many(World))
EventTaken = derived(bodies.Happened, "EventTaken")

# Scenarios and plans

ScenarioLine = derived(bodies.ScenarioFacts, "ScenarioLine")
ScenarioList = schema("ScenarioList", "The scenarios that can be started.", scenarios=many(ScenarioLine))
ProfileLine = derived(bodies.ProfileFacts, "ProfileLine")
ProfileList = schema("ProfileList", "The profiles that can be added.", profiles=many(ProfileLine))
ProfileQuery = schema("ProfileQuery", "The world that they are to be added to.", world=Word())
ScenarioClock = schema(
    "ScenarioClock",
    "When worlds of a scenario start (null: when they are opened), and at which rate.",
    start=ClockTime(required=True, allow_none=True),
    rate=Rate(required=True),
)
ScenarioDetail = schema(
    "ScenarioDetail",
    "What a scenario says of itself.",
    name=_WORD,
    description=Text(required=True),
    digest=_WORD,
    locale=_WORD,
    seed=Whole(0, HIGHEST_SEED, required=True),
    clock=one_of(ScenarioClock),
    expectations=_COUNT,
)


_PAGE: Mapping[str, Any] = {"limit": Whole(1, 1000, load_default=100), "offset": Whole(0, 10**9, load_default=0)}
TimelineQuery = schema("TimelineQuery", "Which lines to show, from the earliest on.", **_PAGE)
PlanQuery = schema("PlanQuery", "Which plans to show.", state=Choice(State), search=Word(), **_PAGE)
PlanLine = derived(bodies.PlanFacts, "PlanLine")
PlanList = derived(bodies.PlanPage, "PlanList")
derived(bodies.CommandFacts, "LegalCommand")
derived(bodies.PlaceFacts, "Place")
derived(bodies.ItemFacts, "PlanItem")
_HistoryStep = derived(bodies.Transition, "HistoryStep", omit=("plan",))
PlanDetail = derived(bodies.Explanation, "PlanDetail", PlanLine, history=many(_HistoryStep))
Command = schema("Command", "A command, by its slug or the id of its transition.", run=NameOrNumber(required=True))
CommandRun = derived(bodies.Ran, "CommandRun")
StockQuery = schema("StockQuery", "Which stock to show.", sku=Word(), location=Word(), **_PAGE)
derived(bodies.LocationFacts, "StockLocation")
derived(bodies.StockFacts, "StockLine")
StockList = derived(bodies.StockPage, "StockList")
AttemptQuery = schema(
    "AttemptQuery",
    "Which attempts to show, from the newest on; with `seen: false` their numbers and times alone.",
    seen=YesNo(load_default=True),
    **_PAGE,
)
derived(bodies.AttemptFacts, "Attempt")
AttemptList = derived(bodies.AttemptPage, "AttemptList")
derived(bodies.LifecycleState, "LifecycleState")
derived(bodies.LifecycleTransition, "LifecycleTransition")
Lifecycle = derived(bodies.Lifecycle, "Lifecycle")
derived(bodies.StateCount, "StateCount")
derived(bodies.TransitionCount, "TransitionCount")
WorldLifecycle = derived(bodies.WorldLifecycle, "WorldLifecycle")

# Faults


ProfileChoice = schema(
    "ProfileChoice", "The name of a profile, all of whose faults and limits are meant.", profile=_WORD
)


class Addition(StrictSchema):
    """A fault as a scenario has it, or `profile`, the name of one."""

    kinds: ClassVar[tuple[type[StrictSchema], ...]] = (FaultSchema, ProfileChoice)

    def load(self, data: Any, **_: Any) -> Any:
        """The fault, or the name of the profile: by the key that no fault has."""
        if isinstance(data, Mapping) and "profile" in data:
            return ProfileChoice().load(data)["profile"]
        return FaultSchema().load(data)


StandingFault = schema(
    "StandingFault",
    "A fault, and beside its own keys whose it is, since when, how many requests it was for and how many met it.",
    base=NESTED_FAULT,
    id=_NUMBER,
    origin=Text(required=True),
    since=Moment(required=True),
    seen=_COUNT,
    met=_COUNT,
)
FaultList = schema(
    "FaultList",
    "The faults of a world. `performed`: whether this server performs all of them.",
    performed=YesNo(required=True),
    faults=many(StandingFault),
)
Added = schema(
    "Added",
    "The faults that were added, and the limits that were set with them.",
    faults=many(StandingFault),
    limits=one_of(LIMITS_SCHEMA),
)

# Requests

_MOST = 10**9
_STATUS = (100, 599)


class RequestQuery(StrictSchema):
    """Which requests to show: the newest of those for which all of this holds, with numbers after `since` and below `before`."""

    since = Whole(0, 10**12)
    before = Whole(1, 10**12)
    operation = Choice(Operation)
    plan = Whole(0, HIGHEST_ID)
    status = Whole(*_STATUS)
    unmatched = YesNo()
    fault = FaultWord()
    state = Choice(State)
    limit = Whole(1, JOURNAL_SIZE, load_default=100)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The filter, and how many."""
        limit = data.pop("limit")
        return {"wanted": Filter(**data), "limit": limit}


class _Made(StrictSchema):
    """Loads into `makes`, whose own rules are rules of the body."""

    makes: Callable[..., Any]

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The value that the body describes."""
        try:
            return self.makes(**data)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class _Pattern(_Made):
    operation = Choice(Operation)
    plan = Whole(0, HIGHEST_ID)
    status = Whole(*_STATUS)
    page = Whole(1, _MOST)
    state = Choice(State)
    method = Word()


#: What no request has at once.
_IMPOSSIBLE = [
    {
        "required": ["operation", name],
        "properties": {"operation": {"enum": [str(other) for other in Operation if other is not kind]}},
    }
    for name, kind in ONLY_OF.items()
] + [{"required": [one, "page"]} for one in ("plan", "state")]
Step = schema(
    "Step",
    "A request of an order.",
    _Pattern,
    makes=RequestPattern,
    also={"minProperties": 1, "not": {"anyOf": _IMPOSSIBLE}},
)


class HowOften(_Made):
    """How often: `exactly`, or `min`, `max` or both."""

    makes = Count
    also: ClassVar[Mapping[str, Any]] = {
        "not": {
            "anyOf": [
                {"required": ["exactly", "min"]},
                {"required": ["exactly", "max"]},
                {"properties": {"exactly": {"not": {}}, "max": {"not": {}}, "min": {"maximum": 0}}},
            ]
        }
    }
    min = max = exactly = Whole(0, _MOST)


def _expected(**data: Any) -> Verification:
    pattern = {key: data.pop(key) for key in _KEYS if key in data}
    if "count" in data and not pattern:
        raise ValidationError({"count": ["counts nothing; say beside it of what, such as `operation`."]})
    return Verification(**data, pattern=RequestPattern(**pattern) if pattern else None)


_KEYS = tuple(one.name for one in fields_of(RequestPattern))


class Expected(_Pattern):
    """Requests that are expected: of one kind so many (at least one unless `count` says more), and some in an order.

    `within` counts those of the last so much world time alone.
    """

    makes = staticmethod(_expected)
    also: ClassVar[Mapping[str, Any]] = {
        "not": {"anyOf": [{"propertyNames": {"enum": ["count", "within"]}}, *_IMPOSSIBLE]}
    }
    count = fields.Nested(HowOften)
    order = Several(fields.Nested(Step), tuple, most=100)
    within = Span()


_ID = Whole(-HIGHEST_SEED, HIGHEST_SEED, required=True, allow_none=True)
Request = derived(
    entry.JournalEntry,
    "Request",
    number=_NUMBER,
    plan=_ID,
    page=_ID,
    state=Choice(State, required=True, allow_none=True),
    status=Whole(*_STATUS, required=True, allow_none=True),
)
Request.__doc__ = """A vendor request with its answer, without secrets. `at` is world time, `wall` real time, `duration` in seconds.

    `request_id` is what `X-Request-Id` said, or made up. `status` null: no status line was sent. `world` null: nobody
    knows the token. `gave_up`: after so many seconds the client hung up on an answer that was held back.
    """
RequestList = schema(
    "RequestList",
    """Requests, the oldest first: the newest of the `matched` ones that are kept.

    `total` is how many there were since the journal was cleared, `evicted` how many of these are kept no longer. Those
    `under_way` match, as far as is known of them, and have no answer yet.
    """,
    total=_COUNT,
    evicted=_COUNT,
    matched=_COUNT,
    requests=many(Request, attribute="entries"),
    under_way=many(Request),
)
Near = schema(
    "Near",
    "A request that is nearly the expected one, and what is different about it.",
    differs=fields.List(Text(), required=True),
    request=fields.Nested(Request, required=True, attribute="entry"),
)
Verified = derived(bodies.Verified, "Verified", ok=YesNo(required=True))
derived(client_report.ClientFinding, "ClientFinding", numbers=fields.List(Whole(1, MANY), required=True))
_OPERATIONS = MapOf(keys=Text(), values=Whole(0, MANY), required=True)
Client = derived(client_report.ClientReport, "Client", operations=_OPERATIONS)
Report = schema(
    "Report",
    "Every client of a world, the busiest first. Where requests are `evicted`, nobody knows whose, nothing is found good.",
    evicted=_COUNT,
    clients=many(Client),
)

# The mock itself


class Problem(StrictSchema):
    """A refusal: `detail` says what to do."""

    status = Whole(400, 599, required=True)
    title = Text(required=True)
    detail = Text(required=True)
    errors = _ERRORS
    legal = fields.List(Text())
    nearest = fields.List(fields.Nested(Near))
    found = Whole(0, MANY)
    evicted = Whole(0, MANY)
    under_way = Whole(0, MANY)


Live = schema("Live", "The process is up.", status=Choice(["live"], required=True))
Ready = schema(
    "Ready",
    """The default world answers. With `warning`, `errors` says which scenario files have broken since the start.

    Of these, worlds play the version that could be used, where there was one. `contract` says when it was last checked
    against a real OMS.
    """,
    status=Choice(["ready", "warning"], required=True),
    plans=_COUNT,
    contract=Text(required=True),
    errors=_ERRORS,
)
StreamQuery = schema("StreamQuery", "After what a stream begins.", since=Since())
