"""A recording: the plans that were observed, without anybody's data, and the scenario file made of them."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean, median, pstdev
from typing import Any

from mock_oms.conformance.crawl import CrawlContents, Exchange, Question, contents_of_bodies, missing_in
from mock_oms.conformance.recorder.allowed import PLAN_RULES
from mock_oms.conformance.recorder.pseudonyms import RecordingError
from mock_oms.conformance.recorder.rules import DROPPED, FieldRule, RuleWalk, Unknown, UnknownFieldError
from mock_oms.conformance.switch_evidence import Counts, counted, shown, with_maximum
from mock_oms.domain.lifecycle import COMMANDS, State
from mock_oms.domain.setup import CapturedPlan
from mock_oms.scenarios.fields import write_duration
from mock_oms.scenarios.yaml_file import MAX_BYTES
from mock_oms.switches import Switches
from mock_oms.traffic.faults.fault import MOST
from mock_oms.urls import Operation


def scrubbed(plan: Any, walk: RuleWalk) -> dict[str, Any] | None:
    """A plan as it may be kept; None for what is no object.

    :raises UnknownFieldError: it has unknown fields, and these are to stop the run.
    """
    if not isinstance(plan, dict):
        walk.unknown_at("[]", plan)
    left = PLAN_RULES.apply(plan, walk, "") if isinstance(plan, dict) else None
    stop(walk)
    return left


def scrubbed_all(plans: Sequence[Any], walk: RuleWalk) -> list[dict[str, Any] | None]:
    """Several plans with pseudonyms in them; all unknown fields are named together."""
    left = [PLAN_RULES.apply(one, walk, "") if isinstance(one, dict) else walk.unknown_at("[]", one) for one in plans]
    stop(walk)
    return [one if isinstance(one, dict) else None for one in left]


def stop(walk: RuleWalk) -> None:
    """Refuse what is unknown, if it is to stop the run."""
    if walk.found and walk.unknown is Unknown.STOP:
        raise UnknownFieldError(tuple(walk.found))


def applied(rule: FieldRule, value: Any, walk: RuleWalk) -> Any:
    """Any value under a rule, null where nothing is left of it."""
    left = rule.apply(value, walk, "")
    stop(walk)
    return None if left is DROPPED else left


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedPlan:
    """A plan as it was seen so long after the beginning; `body` has only pseudonyms in it."""

    at: timedelta
    body: Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Recording:
    """What one recording has seen. `begun` is the moved moment of its beginning, a date with a Z.

    `plans` has the sightings of each plan by its id, oldest first, none equal to the one before it. `took` are seconds.
    `shapes` counts the values seen of each switch. `page` is the last page that was read, 0 after the last of all.
    `first` is when the first walk through the list ended. `ended` says for people why it ended early; no file shows it.
    It is `full` where it ended because a scenario has no room for more, so that nobody can go on.
    """

    begun: str
    plans: dict[int, list[ObservedPlan]] = field(default_factory=dict)
    took: dict[Operation, list[float]] = field(default_factory=lambda: {Operation.LIST: [], Operation.DETAIL: []})
    shapes: dict[str, dict[str, int]] = field(default_factory=dict)
    page: int = 0
    first: timedelta = timedelta()
    left_out: int = 0
    ended: str | None = None
    full: bool = False

    def saw(self, body: Mapping[str, Any], at: timedelta) -> bool:
        """Remember a plan, if it is another than when it was seen last; whether it is.

        A plan without a usable id is counted and left out, for no scenario can have it.
        """
        number = body.get("id")
        if not isinstance(number, int) or not 0 < number < 2**31:
            self.left_out += 1
            return False
        before = self.plans.setdefault(number, [])
        if before and before[-1].body == body:
            return False
        before.append(ObservedPlan(at=at, body=body))
        return True

    def holds(self, number: int, body: Mapping[str, Any]) -> bool:
        """Whether a plan was seen last as it is now, as far as its state and its date tell; a detail may say more."""
        before = self.plans.get(number)
        return before is not None and all(
            before[-1].body.get(key) == body.get(key) for key in ("state", "modified_date")
        )

    def replace(self, number: int, body: Mapping[str, Any]) -> None:
        """Tell the last sighting of a plan by what shows more of it."""
        before = self.plans[number]
        before[-1] = ObservedPlan(at=before[-1].at, body=body)

    def lines(self) -> Iterator[dict[str, Any]]:
        """The recording as lines of JSON; `recording_of` reads them."""
        told = {"page": self.page, "first": self.first.total_seconds(), "left_out": self.left_out}
        yield {"begun": self.begun, **told, "shapes": self.shapes, "took": self.took}
        for sightings in self.plans.values():
            for one in sightings:
                yield {"at": one.at.total_seconds(), "body": one.body}


def recording_of(lines: Iterator[Mapping[str, Any]]) -> Recording:
    """The recording that wrote these lines.

    :raises AttributeError, KeyError, TypeError, ValueError, StopIteration: it was none.
    """
    first = next(lines)
    recording = Recording(begun=first["begun"], page=first["page"], left_out=first["left_out"])
    recording.shapes = {
        name: {value: int(count) for value, count in seen.items()} for name, seen in first["shapes"].items()
    }
    recording.first = timedelta(seconds=first["first"])
    recording.took |= {Operation(word): list(map(float, took)) for word, took in first["took"].items()}
    for line in lines:
        recording.saw(line["body"], timedelta(seconds=line["at"]))
    return recording


#: What YAML reads in no file, or as the end of a line; JSON escapes what is below a blank itself.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def flow(value: Any) -> str:
    """A value that JSON has, on one line.

    :raises ValueError: a number is infinite or not a number.
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    return _real(value) if isinstance(value, float) else json.dumps(value)


def _text(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _real(number: float) -> str:
    """YAML takes `1e+16` for a text: there must be a dot before the e."""
    written = json.dumps(number, allow_nan=False)
    whole, mark, power = written.partition("e")
    return f"{whole}{'' if '.' in whole else '.0'}{mark}{power}"


#: Bytes for plans; the rest is for what stands around them.
ROOM = MAX_BYTES - 200_000
_AROUND = 16


class FullError(RecordingError):
    """A file has no room for another plan; what was seen until then holds."""

    def __init__(self, filled: str) -> None:
        super().__init__(
            f"The file is full with {filled}: a scenario has at most {MAX_BYTES // 1_000_000} MB, and nothing more was "
            "asked. --since leaves out older plans."
        )


def weight(body: Mapping[str, Any]) -> int:
    """Bytes that a plan takes in a scenario file."""
    return len(flow(dict(body)).encode()) + _AROUND


def room_in(recording: Recording) -> int:
    """Bytes that are left for plans that were not seen yet."""
    return ROOM - sum(weight(sightings[-1].body) for sightings in recording.plans.values())


#: Fewer answers than these tell no distribution.
FEWEST = 5
_SHORTEST, _LONGEST = timedelta(milliseconds=1), timedelta(minutes=10)
_WIDEST = 5.0


def delays(took: Mapping[Operation, Sequence[float]]) -> list[dict[str, Any]]:
    """The `faults:` of a scenario that is as slow as what was seen; none for an operation that was hardly asked."""
    return [
        {"on": str(operation), "effect": {"delay": _delay(seconds)}}
        for operation, seconds in took.items()
        if len(seconds) >= FEWEST and median(seconds) * 1000 >= 1
    ]


def _delay(seconds: Sequence[float]) -> Any:
    """A lognormal distribution, as latencies have it, by the median and the spread of the logarithms.

    It never exceeds the slowest answer that was seen: one that hung must not make a longer one likely.
    """
    logarithms = [math.log(max(one, 1e-6)) for one in seconds]
    middle, spread = _span(median(seconds)), pstdev(logarithms, fmean(logarithms))
    if round(spread, 3) == 0:
        bound = {"max": write_duration(middle)} if middle > MOST else {}
        return {"fixed": write_duration(middle), **bound}
    longest = max(middle, _span(max(seconds)))
    said = {"median": write_duration(middle), "sigma": min(round(spread, 3), _WIDEST)}
    return {"lognormal": said, "max": write_duration(longest)}


def _span(seconds: float) -> timedelta:
    """Whole milliseconds within what a delay may be."""
    return min(_LONGEST, max(_SHORTEST, timedelta(milliseconds=math.ceil(seconds * 1000))))


def of_answer(body: Any) -> Counts:
    """What one answer says about the switches: a list, wherever in the whole it is, or a plan."""
    return counted(contents_of_bodies((body,), Question.AGAIN))


def of_refusal(exchange: Exchange) -> Counts:
    """What the refusal of a missing plan says about the switch of its words."""
    said = missing_in(exchange)
    return {} if said is None else counted(CrawlContents(missing=(said,)))


def answers_of(counts: Counts) -> dict[str, Any]:
    """The `answers:` of a scenario: what differs from the defaults, with a maximum that lets the page size in."""
    usual = Switches()
    return {name: value for name, value in with_maximum(shown(counts)).items() if value != getattr(usual, name)}


_SECOND = timedelta(seconds=1)
#: What a command changes of a captured plan; a difference anywhere else cannot be said.
_MOVED = ("state", "commands", "modified_date")
_SAYABLE: Mapping[tuple[State, State], str] = {
    (row.source, row.target): row.slug for row in COMMANDS if row.source is not row.target
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineCommand:
    """A line of the timeline: a command, and the state that it leads to."""

    at: timedelta
    plan: int
    run: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPlan:
    """A plan as the scenario has it: the capture that it begins with, what happens to it, and what cannot be said."""

    raw: Mapping[str, Any]
    moves: tuple[TimelineCommand, ...] = ()
    unsaid: tuple[str, ...] = ()


def recorded_plan(plan: int, sightings: Sequence[ObservedPlan], first: timedelta) -> RecordedPlan | None:
    """What a scenario can tell of a plan that was seen so; None where its state is none that a scenario knows.

    It begins with the earliest capture from which commands lead to the last one. `first` is when the first walk ended:
    a plan seen later was new.
    """
    states = [_state(one) for one in sightings]
    if states[-1] is None:
        return None
    begin = len(states) - 1
    while begin and _can_be_said(states[begin - 1], states[begin]):
        begin -= 1
    unsaid = tuple(_unsaid(plan, sightings, begin, first))
    return RecordedPlan(raw=sightings[begin].body, moves=tuple(_moves(plan, sightings[begin:])), unsaid=unsaid)


def _state(sighting: ObservedPlan) -> State | None:
    return CapturedPlan(raw=sighting.body).state


def _can_be_said(before: State | None, after: State | None) -> bool:
    return before is not None and (before is after or (before, after) in _SAYABLE)


def _moves(plan: int, sightings: Sequence[ObservedPlan]) -> Iterator[TimelineCommand]:
    for before, after in pairwise(sightings):
        source, target = _state(before), _state(after)
        if source and target and source is not target:
            at = max(_SECOND, after.at // _SECOND * _SECOND)
            yield TimelineCommand(at=at, plan=plan, run=_SAYABLE[source, target], state=target)


def _unsaid(plan: int, sightings: Sequence[ObservedPlan], begin: int, first: timedelta) -> Iterator[str]:
    if sightings[0].at > first:
        yield f"{_when(sightings[0])}: plan {plan} was new; here it is there from the beginning."
    for number, (before, after) in enumerate(pairwise(sightings), start=1):
        source, target = _state(before), _state(after)
        if number <= begin and source is not target:
            yield f"{_when(after)}: plan {plan} went from {source or '?'} to {target or '?'}, which no command does."
        changed = sorted({*_changed(before.body, after.body)} - ({*_MOVED} if source is not target else set()))
        if changed:
            yield f"{_when(after)}: plan {plan} changed in {', '.join(changed)}."


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """The fields that differ; their names are those of the allow-list or pseudonyms."""
    return (key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def _when(sighting: ObservedPlan) -> str:
    return write_duration(sighting.at // _SECOND * _SECOND)


def in_order(moves: Sequence[TimelineCommand]) -> tuple[TimelineCommand, ...]:
    """The lines in the order of their times; two of one plan never at one time, for the first would hide."""
    last: dict[int, timedelta] = {}
    placed = []
    for move in sorted(moves, key=lambda one: one.at):
        at = max(move.at, last.get(move.plan, timedelta()) + _SECOND)
        last[move.plan] = at
        placed.append(replace(move, at=at))
    return tuple(sorted(placed, key=lambda one: one.at))


#: Comments and lines of the timeline, at most: they share that room.
_MOST_LINES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenScenario:
    """The file, how many plans and lines of the timeline are in it, and how many plans that were seen are not."""

    text: str
    plans: int
    moves: int
    left_out: int


def scenario_of(recording: Recording) -> WrittenScenario:
    """The scenario that replays what was seen."""
    found = [recorded_plan(plan, sightings, recording.first) for plan, sightings in recording.plans.items()]
    plans = list(_fitting([one for one in found if one]))
    moves = in_order([move for one in plans for move in one.moves])[:_MOST_LINES]
    unsaid = [sentence for one in plans for sentence in one.unsaid][:_MOST_LINES]
    sections = (
        _head(recording, len(plans)),
        _plans(plans),
        _timeline(moves),
        _writing_unsaid(unsaid),
        _expectations(moves),
    )
    left_out = recording.left_out + len(found) - len(plans)
    text = "".join(f"{line}\n" for part in sections for line in part)
    return WrittenScenario(text=text, plans=len(plans), moves=len(moves), left_out=left_out)


def _fitting(plans: Sequence[RecordedPlan]) -> Iterator[RecordedPlan]:
    """The plans that a file has room for, from the first on."""
    room = ROOM
    for one in plans:
        room -= weight(one.raw)
        if room < 0:
            return
        yield one


def _head(recording: Recording, plans: int) -> Iterator[str]:
    part = ", not to its end" if recording.ended else ""
    yield "# Written by mock-oms record. Names, texts, numbers and dates are pseudonyms, amounts are scaled."
    yield f"description: {flow(f'A recording of plans, {plans} in all{part}.')}"
    yield f"clock: {{start: {_next_hour(recording.begun)}, rate: 1}}"
    answers = answers_of(recording.shapes)
    if answers:
        yield f"answers: {flow(answers)}"
    faults = delays(recording.took)
    if faults:
        yield "faults:"
        yield from (f"  - {flow(one)}" for one in faults)


def _next_hour(begun: str) -> str:
    """A moment with a Z, moved on to a full hour: to the second it would tell, with a file's own date, the offset."""
    hour = datetime.fromisoformat(begun) + timedelta(hours=1) - timedelta.resolution
    return f"{hour:%Y-%m-%dT%H}:00:00Z"


def _plans(plans: Sequence[RecordedPlan]) -> Iterator[str]:
    yield "plans:" if plans else "plans: []"
    yield from (f"  - raw: {flow(dict(one.raw))}" for one in plans)


def _timeline(moves: Sequence[TimelineCommand]) -> Iterator[str]:
    if moves:
        yield "timeline:"
    for one in moves:
        yield f"  - {{at: {write_duration(one.at)}, command: {{plan: {one.plan}, run: {one.run}}}}}"


def _writing_unsaid(sentences: Sequence[str]) -> Iterator[str]:
    if sentences:
        yield "# Seen, but not to be said in a timeline:"
    yield from (f"#   {sentence}" for sentence in sentences)


def _expectations(moves: Sequence[TimelineCommand]) -> Iterator[str]:
    if moves:
        yield "expect:"
    for one in moves:
        yield f"  - {{at: {write_duration(one.at)}, plan: {one.plan}, state: {one.state}}}"
