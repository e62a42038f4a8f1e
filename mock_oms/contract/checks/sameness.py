"""What of a plan stays the same between two sights of it, and what may move."""

from collections.abc import Iterator, Mapping
from typing import Any

from mock_oms.answers import Answers

_SET = "orderexecutionplanitem_set"


def fixed(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What never moves: ids, when it was made, and who ordered what."""
    order = plan["order"]
    return {
        "id": plan["id"],
        "created_date": plan["created_date"],
        "order.id": order["id"],
        "order.number": order["number"],
        "order.created_date": order["created_date"],
        _SET: [(item["id"], item["order_item"]["id"]) for item in plan[_SET]],
    }


def own(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What moves only together with the plan's `modified_date`: an order may have other plans, a place other orders."""
    return {
        "state": plan["state"],
        "commands": plan["commands"],
        "context": plan["context"],
        _SET: [(item["id"], item["state"], _place(item)) for item in plan[_SET]],
    }


def steady(plan: Mapping[str, Any], *, ordered: bool) -> dict[str, Any]:
    """A plan without the figures of its places; without its order, unless that is to be compared (`ordered`)."""
    items = [
        {**item, "stock_location": _place(item), **({} if ordered else {"order_item": item["order_item"]["id"]})}
        for item in plan[_SET]
    ]
    return {**plan, _SET: items, "order": plan["order"] if ordered else plan["order"]["id"]}


def _place(item: Mapping[str, Any]) -> Any:
    place = item["stock_location"]
    return place and (place["id"], place["erp_code"])


def moved(earlier: Mapping[str, Any], later: Mapping[str, Any], answers: Answers) -> bool:
    """Whether a plan may have changed in between: under days alone nobody can tell, unless it is the same anyway."""
    return answers.dates == "date" or bool(earlier.get("modified_date") != later.get("modified_date"))


def differences(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """The members that two objects do not share or have different values of: name, earlier and later value."""
    for name in sorted(earlier.keys() | later.keys()):
        before, after = earlier.get(name), later.get(name)
        if before != after:
            yield name, before, after
