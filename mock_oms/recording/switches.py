"""The switches that a recording gives away: how the list, its pages and its values are written."""

from collections.abc import Mapping
from typing import Any

from mock_oms.answers import Answers
from mock_oms.survey.exchange import Exchange

_DATE_LENGTH = len("2024-03-05")
#: What the framework says of a missing id, before its release 3.15 and since.
_NOT_FOUND = {"Not found.": "short", "No OrderExecutionPlan matches the given query.": "model"}


def of_list(body: Any) -> dict[str, Any]:
    """What one answer of the list says about the switches of lists."""
    if isinstance(body, list):
        return {"list": "array"}
    more = isinstance(body, Mapping) and body.get("next") is not None
    rows = len(body["results"]) if more and isinstance(body.get("results"), list) else 0
    return {"page_size": rows} if rows else {}


def of_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What one plan says about the switches of plans."""
    found: dict[str, Any] = {}
    if isinstance(plan.get("state"), Mapping):
        found["state"] = "object"
    commands, date = plan.get("commands"), plan.get("modified_date")
    if isinstance(commands, str):
        found["commands"] = "json" if commands[:1] == "[" else "comma"
    if isinstance(date, str) and len(date) == _DATE_LENGTH:
        found["dates"] = "date"
    return found


def of_refusal(exchange: Exchange) -> dict[str, Any]:
    """What the refusal of a missing plan says about the switch of its words; nothing where it has words of its own."""
    try:
        body = exchange.content
    except (ValueError, RecursionError):
        return {}
    said = body.get("detail") if isinstance(body, Mapping) else None
    return {"not_found": _NOT_FOUND[said]} if isinstance(said, str) and said in _NOT_FOUND else {}


def answers_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """The `answers:` of a scenario: what differs from the defaults, with a maximum that lets the page size in."""
    usual = Answers()
    said = {key: value for key, value in found.items() if value != getattr(usual, key)}
    size = said.get("page_size", usual.page_size)
    if not 1 <= size <= 1000:  # noqa: PLR2004  the range of the switch
        del said["page_size"]
    elif size > said.get("max_page_size", usual.max_page_size):
        said["max_page_size"] = size
    return said
