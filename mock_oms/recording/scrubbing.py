"""Plans out of answers, with pseudonyms in them: the only door between what an OMS sent and what may be kept."""

from collections.abc import Sequence
from typing import Any

from mock_oms.recording.allowed import PLAN
from mock_oms.recording.errors import UnknownFieldError
from mock_oms.recording.rules import DROPPED, Rule, Unknown, Walk


def scrubbed(plan: Any, walk: Walk) -> dict[str, Any] | None:
    """A plan as it may be kept; None for what is no object.

    :raises UnknownFieldError: it has unknown fields, and these are to stop the run.
    """
    if not isinstance(plan, dict):
        walk.unknown_at("[]", plan)
    left = PLAN.apply(plan, walk, "") if isinstance(plan, dict) else None
    stop(walk)
    return left


def scrubbed_all(plans: Sequence[Any], walk: Walk) -> list[dict[str, Any] | None]:
    """The same of several, so that all that is unknown is named at once."""
    left = [PLAN.apply(one, walk, "") if isinstance(one, dict) else walk.unknown_at("[]", one) for one in plans]
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
