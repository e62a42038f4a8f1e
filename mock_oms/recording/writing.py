"""A recording as the text of a scenario file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mock_oms.recording.filling import ROOM, weight
from mock_oms.recording.flow import flow
from mock_oms.recording.latency import delays
from mock_oms.recording.sightings import Recording
from mock_oms.recording.switches import answers_of
from mock_oms.recording.transitions import Moved, Told, in_order, told
from mock_oms.scenario.fields import write_duration

#: Comments and lines of the timeline, at most: they share that room.
_MOST_LINES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The file, how many plans and lines of the timeline are in it, and how many plans that were seen are not."""

    text: str
    plans: int
    moves: int
    left_out: int


def scenario_of(recording: Recording) -> Written:
    """The scenario that replays what was seen."""
    found = [told(plan, sightings, recording.first) for plan, sightings in recording.plans.items()]
    plans = list(_fitting([one for one in found if one]))
    moves = in_order([move for one in plans for move in one.moves])[:_MOST_LINES]
    unsaid = [sentence for one in plans for sentence in one.unsaid][:_MOST_LINES]
    sections = (_head(recording, len(plans)), _plans(plans), _timeline(moves), _unsaid(unsaid), _expectations(moves))
    left_out = recording.left_out + len(found) - len(plans)
    text = "".join(f"{line}\n" for part in sections for line in part)
    return Written(text=text, plans=len(plans), moves=len(moves), left_out=left_out)


def _fitting(plans: Sequence[Told]) -> Iterator[Told]:
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


def _plans(plans: Sequence[Told]) -> Iterator[str]:
    yield "plans:" if plans else "plans: []"
    yield from (f"  - raw: {flow(dict(one.raw))}" for one in plans)


def _timeline(moves: Sequence[Moved]) -> Iterator[str]:
    if moves:
        yield "timeline:"
    for one in moves:
        yield f"  - {{at: {write_duration(one.at)}, command: {{plan: {one.plan}, run: {one.run}}}}}"


def _unsaid(sentences: Sequence[str]) -> Iterator[str]:
    if sentences:
        yield "# Seen, but not to be said in a timeline:"
    yield from (f"#   {sentence}" for sentence in sentences)


def _expectations(moves: Sequence[Moved]) -> Iterator[str]:
    if moves:
        yield "expect:"
    for one in moves:
        yield f"  - {{at: {write_duration(one.at)}, plan: {one.plan}, state: {one.state}}}"
