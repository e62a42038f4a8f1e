"""What the switches about a plan's fields change: its state, its commands and its dates."""

from collections.abc import Callable
from copy import deepcopy

from mock_oms.contract.document import Node, component, member, operation, reword, rules

_PLAN = "OrderExecutionPlan"


def state_object(document: Node, _: str) -> None:
    """A state in the form that all other states have; the rules that look at it look into it."""
    schemas = document["components"]["schemas"]
    schemas["PlanStateObject"] = _state_schema(schemas["OrderState"])
    member(document, _PLAN, "state").update(
        {
            "$ref": "#/components/schemas/PlanStateObject",
            "x-provenance": "inferred",
            "x-source": "plans page: the name, typed as a string; OMS samples: all other states are objects",
        }
    )
    for rule in rules(document):
        tested = rule["if"]["properties"]
        tested["state"] = {"properties": {"enum_value": tested["state"]}}


def _state_schema(order_state: Node) -> Node:
    """That of an order's state, with the values that are the plans' own."""
    schema = deepcopy(order_state)
    schema["description"] = "The state of a plan, in the form of the other states."
    members: Node = schema["properties"]
    for node in (schema, *members.values()):
        node |= {"x-provenance": "inferred", "x-source": "OMS samples: the states of orders and of order items"}
    ours = {"x-provenance": "assumed", "x-source": "ours: no OMS sample shows the state of a plan so"}
    members["enum_class"] = {"const": "OrderExecutionPlanState", **ours}
    members["enum_value"] = {"$ref": "#/components/schemas/PlanState", "description": "The state itself.", **ours}
    members["content_type"] = {"const": 40, **ours}
    return schema


def commands_empty(document: Node, _: str) -> None:
    """An empty list in every state; there is no rule about it, and no command to describe."""
    source = "OMS samples: empty wherever seen on other objects; the plans page describes a list of transitions"
    shape = {"type": "array", "maxItems": 0, "x-provenance": "inferred", "x-source": source}
    _reshape(document, {**shape, "description": "Always empty, whatever can be done with the plan."}, dict)
    kept = [rule for rule in rules(document) if "commands" not in rule["then"]["properties"]]
    component(document, "schemas", _PLAN)["allOf"] = kept
    del document["components"]["schemas"]["Command"]


def commands_json(document: Node, _: str) -> None:
    """The list as a text, whose content keeps its schema and its rules."""
    shape = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": {"type": "array", "items": {"$ref": "#/components/schemas/Command"}},
        "x-provenance": "assumed",
        "x-source": "plans page: typed as a string, described as a list of transitions; that it is JSON is ours",
    }
    _reshape(document, shape, lambda rule: {**_length(rule, nothing="[]"), "contentSchema": rule})


def commands_comma(document: Node, _: str) -> None:
    """The slugs alone, in a text; where the rules spoke of each command's source state they count."""
    slugs = "|".join(member(document, "Command", "slug")["enum"])
    shape = {
        "type": "string",
        "pattern": f"^(({slugs})(,({slugs}))*)?$",
        "x-provenance": "assumed",
        "x-source": "plans page: typed as a string, described as a list of transitions; slugs and commas are ours",
    }
    for rule in rules(document):
        if rule["description"].startswith("Every command of"):
            rule["description"] = "At least one command is offered as long as the plan has not ended."
    _reshape(document, shape, lambda rule: _length(rule, nothing=""))
    del document["components"]["schemas"]["Command"]


def _reshape(document: Node, shape: Node, ruled: Callable[[Node], Node]) -> None:
    """Give `commands` another shape; `ruled` is what a rule about the array says of it then."""
    commands = member(document, _PLAN, "commands")
    for key in ("type", "items"):
        del commands[key]
    commands |= shape
    for rule in rules(document):
        said = rule["then"]["properties"]
        said |= {key: ruled(said[key]) for key in ("commands",) if key in said}


def _length(rule: Node, *, nothing: str) -> Node:
    """How long the text is, `nothing` being that of no commands."""
    return {"const": nothing} if rule.get("maxItems") == 0 else {"minLength": len(nothing) + 1}


def dates_only(document: Node, _: str) -> None:
    """Days instead of moments, so that a change within a day does not show."""
    document["components"]["schemas"]["Timestamp"] = {
        "type": "string",
        "format": "date",
        "pattern": "^\\d{4}-\\d{2}-\\d{2}$",
        "description": "A day in UTC.",
        "x-provenance": "inferred",
        "x-source": "plans page: typed as date; every visible OMS sample has a time, too",
    }
    reword(
        operation(document, "getOrderExecutionPlan"),
        "`modified_date` changes with every attempt and transition",
        "`modified_date` is the day of the last attempt or transition",
    )
    reword(member(document, _PLAN, "modified_date"), "every attempt and every transition moves it", "the day of it")
