"""A recording: the plans that were observed, without anybody's data, and the scenario file made of them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from itertools import chain, pairwise
from statistics import fmean, median, pstdev
from typing import Any, NamedTuple

from mock_oms.conformance.recorder.pseudonyms import RecordingError
from mock_oms.conformance.switch_evidence import Counts, shown, with_maximum
from mock_oms.dataclass import dataclass
from mock_oms.domain.lifecycle import COMMANDS, State
from mock_oms.domain.setup import CapturedPlan
from mock_oms.scenarios.fields import write_duration
from mock_oms.scenarios.yaml_file import MAX_BYTES, flow
from mock_oms.switches import Switches
from mock_oms.traffic.faults.fault import MOST
from mock_oms.urls import Operation


class ObservedPlan(NamedTuple):
    """A plan as it was seen so long after the beginning; `body` has only pseudonyms in it."""

    at: timedelta
    body: Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Recording:
    """What one recording has seen. `begun` is the moved moment of its beginning, a date with a Z.

    `plans` has what was seen of each plan by its id, oldest first, none equal to the one before it. `took` are seconds.
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

    def see(self, body: Mapping[str, Any], at: timedelta) -> None:
        """Remember a plan, if it has changed since it was seen last; one without a usable id is only counted."""
        number = body.get("id")
        if not isinstance(number, int) or not 0 < number < 2**31:
            self.left_out += 1
            return
        before = self.plans.setdefault(number, [])
        if not before or before[-1].body != body:
            before.append(ObservedPlan(at, body))

    def holds(self, number: int, body: Mapping[str, Any]) -> bool:
        """Whether a plan was seen last as it is now, as far as its state and its date tell; a detail may say more."""
        before = self.plans.get(number, [])
        return bool(before) and all(before[-1].body.get(key) == body.get(key) for key in ("state", "modified_date"))

    def lines(self) -> Iterator[dict[str, Any]]:
        """The recording as lines of JSON; `recording_of` reads them."""
        where = {"page": self.page, "first": self.first.total_seconds(), "left_out": self.left_out}
        yield {"begun": self.begun, **where, "shapes": self.shapes, "took": self.took}
        for one in chain(*self.plans.values()):
            yield {"at": one.at.total_seconds(), "body": one.body}


def recording_of(lines: Iterator[Mapping[str, Any]]) -> Recording:
    """The recording that wrote these lines.

    :raises AttributeError, KeyError, TypeError, ValueError, StopIteration: it was none.
    """
    first = next(lines)
    recording = Recording(
        begun=first["begun"],
        page=first["page"],
        first=timedelta(seconds=first["first"]),
        left_out=first["left_out"],
        shapes={name: {value: int(count) for value, count in seen.items()} for name, seen in first["shapes"].items()},
    )
    recording.took |= {Operation(word): list(map(float, took)) for word, took in first["took"].items()}
    for line in lines:
        recording.see(line["body"], timedelta(seconds=line["at"]))
    return recording


#: Bytes for plans; the rest is for what stands around them.
ROOM = MAX_BYTES - 200_000
_AROUND = 16


class FullError(RecordingError):
    """A file has no room for another plan; what was seen until then holds."""


def weight(body: Mapping[str, Any]) -> int:
    """Bytes that a plan takes in a scenario file."""
    return len(flow(body).encode()) + _AROUND


#: Fewer answers than these tell no distribution.
FEWEST = 5
_LONGEST, _WIDEST = timedelta(minutes=10), 5.0


def delays(took: Mapping[Operation, Sequence[float]]) -> list[dict[str, Any]]:
    """The `faults:` of a scenario that is as slow as what was seen; none for an operation with few answers."""
    faults = []
    for operation, seconds in took.items():
        if len(seconds) < FEWEST or median(seconds) * 1000 < 1:
            continue
        # Whole milliseconds within what a delay may be.
        middle, longest = (
            min(_LONGEST, timedelta(milliseconds=math.ceil(one * 1000))) for one in (median(seconds), max(seconds))
        )
        logarithms = [math.log(max(one, 1e-6)) for one in seconds]
        # Lognormal, as latencies are; never above the slowest answer: one that hung must not make a longer one likely.
        delay: dict[str, Any] = {"fixed": write_duration(middle)}
        if spread := round(pstdev(logarithms, fmean(logarithms)), 3):
            distribution = {"median": write_duration(middle), "sigma": min(spread, _WIDEST)}
            delay = {"lognormal": distribution, "max": write_duration(longest)}
        elif middle > MOST:
            delay["max"] = write_duration(middle)
        faults.append({"on": str(operation), "effect": {"delay": delay}})
    return faults


def answers_of(counts: Counts) -> dict[str, Any]:
    """The `answers:` of a scenario: what differs from the defaults, with a maximum that lets the page size in."""
    usual = Switches()
    return {name: value for name, value in with_maximum(shown(counts)).items() if value != getattr(usual, name)}


_SECOND = timedelta(seconds=1)
#: What a command changes of a captured plan; no timeline can express a change of anything else.
_CHANGED = ("state", "commands", "modified_date")
_COMMAND_BETWEEN: Mapping[tuple[State, State], str] = {
    (row.source, row.target): row.slug for row in COMMANDS if row.source is not row.target
}


class TimelineCommand(NamedTuple):
    """A line of the timeline: a command, and the state that it leads to."""

    at: timedelta
    plan: int
    run: str
    state: State


def _history(
    plan: int, observed: Sequence[ObservedPlan], first: timedelta
) -> tuple[Mapping[str, Any], list[TimelineCommand], list[str]] | None:
    """A plan as a scenario has it: the capture that it begins with, its commands, and comments for all else.

    It begins with the earliest capture from which commands lead to the last one. `first` is when the first walk ended:
    a plan seen later was new. None: its state is none that a scenario knows.
    """
    states = [CapturedPlan(raw=one.body).state for one in observed]
    if states[-1] is None:
        return None
    begin = len(states) - 1
    while begin and (states[begin - 1] is states[begin] or (states[begin - 1], states[begin]) in _COMMAND_BETWEEN):
        begin -= 1
    commands: list[TimelineCommand] = []
    comments: list[str] = []
    if observed[0].at > first:
        comments.append(f"{_when(observed[0])}: plan {plan} was new; here it is there from the beginning.")
    for number, (before, after) in enumerate(pairwise(observed)):
        source, target = states[number : number + 2]
        if source is not target and source and target and number >= begin:
            # Never at the beginning, and never two at one time, for the first would hide.
            earliest = (commands[-1].at if commands else timedelta()) + _SECOND
            at = max(earliest, after.at // _SECOND * _SECOND)
            commands.append(TimelineCommand(at, plan, _COMMAND_BETWEEN[source, target], target))
        elif source is not target:
            way = f"{source or '?'} to {target or '?'}"
            comments.append(f"{_when(after)}: plan {plan} went from {way}, which no command does.")
        # The names of fields are those of the allow-list, or pseudonyms.
        keys = (before.body.keys() | after.body.keys()).difference(() if source is target else _CHANGED)
        changed = sorted(key for key in keys if before.body.get(key) != after.body.get(key))
        if changed:
            comments.append(f"{_when(after)}: plan {plan} changed in {', '.join(changed)}.")
    return observed[begin].body, commands, comments


def _when(observed: ObservedPlan) -> str:
    return write_duration(observed.at // _SECOND * _SECOND)


#: Comments and lines of the timeline, at most: they share that room.
_MOST_LINES = 1000


class WrittenScenario(NamedTuple):
    """The file, how many plans and lines of the timeline are in it, and how many plans that were seen are not."""

    text: str
    plans: int
    commands: int
    left_out: int


class Heading(NamedTuple):
    """What stands above the plans: a comment, what they are called, and how fast the clock runs."""

    comment: str
    noun: str
    rate: int


_RECORDED = Heading(
    "Written by mock-oms record. Names, texts, numbers and dates are pseudonyms, amounts are scaled.",
    "A recording of plans",
    1,
)


def scenario_of(recording: Recording, heading: Heading = _RECORDED) -> WrittenScenario:
    """The scenario that replays what was seen."""
    plans: list[Mapping[str, Any]] = []
    unordered: list[TimelineCommand] = []
    comments: list[str] = []
    room = ROOM
    for plan, observed in recording.plans.items():
        if history := _history(plan, observed, recording.first):
            begin, own, remarks = history
            room -= weight(begin)
            if room < 0:
                break
            plans.append(begin)
            unordered += own
            comments += remarks
    commands, comments = sorted(unordered, key=lambda one: one.at)[:_MOST_LINES], comments[:_MOST_LINES]
    # To a full hour: to the second it would tell, with a file's own date, the offset.
    start = datetime.fromisoformat(recording.begun) + timedelta(hours=1) - timedelta.resolution
    lines = [
        f"# {heading.comment}",
        f'description: "{heading.noun}, {len(plans)} in all{", not to its end" if recording.ended else ""}."',
        f"clock: {{start: {start:%Y-%m-%dT%H}:00:00Z, rate: {heading.rate}}}",
    ]
    if answers := answers_of(recording.shapes):
        lines.append(f"answers: {flow(answers)}")
    if faults := delays(recording.took):
        lines += ["faults:", *(f"  - {flow(one)}" for one in faults)]
    lines += ["plans:" if plans else "plans: []", *(f"  - raw: {flow(plan)}" for plan in plans)]
    if commands:
        lines.append("timeline:")
        lines += [
            f"  - {{at: {write_duration(one.at)}, command: {{plan: {one.plan}, run: {one.run}}}}}" for one in commands
        ]
    if comments:
        lines += ["# Seen, but not to be said in a timeline:", *(f"#   {comment}" for comment in comments)]
    if commands:
        lines.append("expect:")
        lines += [f"  - {{at: {write_duration(one.at)}, plan: {one.plan}, state: {one.state}}}" for one in commands]
    return WrittenScenario(
        text="".join(f"{line}\n" for line in lines),
        plans=len(plans),
        commands=len(commands),
        left_out=recording.left_out + len(recording.plans) - len(plans),
    )
