"""What was seen of each plan and when, scrubbed: all that a recording keeps, and what it writes down to go on later."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from mock_oms.conformance.recorder.allowed import PLAN_RULES
from mock_oms.conformance.recorder.rules import DROPPED, Rule, Unknown, UnknownFieldError, Walk
from mock_oms.urls import Operation


def scrubbed(plan: Any, walk: Walk) -> dict[str, Any] | None:
    """A plan as it may be kept; None for what is no object.

    :raises UnknownFieldError: it has unknown fields, and these are to stop the run.
    """
    if not isinstance(plan, dict):
        walk.unknown_at("[]", plan)
    left = PLAN_RULES.apply(plan, walk, "") if isinstance(plan, dict) else None
    stop(walk)
    return left


def scrubbed_all(plans: Sequence[Any], walk: Walk) -> list[dict[str, Any] | None]:
    """The same of several, so that all that is unknown is named at once."""
    left = [PLAN_RULES.apply(one, walk, "") if isinstance(one, dict) else walk.unknown_at("[]", one) for one in plans]
    stop(walk)
    return [one if isinstance(one, dict) else None for one in left]


def stop(walk: Walk) -> None:
    """Refuse what is unknown, if it is to stop the run."""
    if walk.found and walk.unknown is Unknown.STOP:
        raise UnknownFieldError(tuple(walk.found))


def applied(rule: Rule, value: Any, walk: Walk) -> Any:
    """Any value under a rule, null where nothing is left of it."""
    left = rule.apply(value, walk, "")
    stop(walk)
    return None if left is DROPPED else left


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
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
    plans: dict[int, list[Sighting]] = field(default_factory=dict)
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
        before.append(Sighting(at=at, body=body))
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
        before[-1] = Sighting(at=before[-1].at, body=body)

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
