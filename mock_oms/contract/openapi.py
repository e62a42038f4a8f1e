"""The contract of the vendor's API: as it was written by hand, and as the switches of a scenario change it."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import asdict
from functools import cache
from types import MappingProxyType
from typing import Any

import yaml

from mock_oms.contract.document import Node, component, json_body, member, operation, operations, rename, reword, rules
from mock_oms.contract.wording import NO_MATCH
from mock_oms.settings import shipped
from mock_oms.switches import Switches

_LIST = "listOrderExecutionPlans"
_PLAN, _ARRAY = "OrderExecutionPlan", "PlanList"
_ORDERS = {
    "id": "the oldest id first",
    "modified_date": "the one that has not changed for the longest time first",
    "unstable": "in no order that holds from one page to the next",
}


def page_size(document: Node, size: int) -> None:
    """Another default; a scenario's is never above the maximum."""
    limit = component(document, "parameters", "limit")
    limit["schema"]["default"] = size
    limit["x-source"] = "OMS samples: the parameter; its figures are this scenario's"


def max_page_size(document: Node, size: int) -> None:
    """Another maximum: of the parameter, and of the rows on a page."""
    limit = component(document, "parameters", "limit")
    reword(limit, "Above 100 is read as 100", f"Above {size} is read as {size}")
    limit["x-source"] = "OMS samples: the parameter; its figures are this scenario's"
    member(document, "PlanPage", "results")["maxItems"] = size


def page_size_parameter(document: Node, name: str) -> None:
    """Another name for `limit`."""
    limit = rename(document, "parameters", "limit", name)
    limit |= {"name": name, "x-source": f"OMS samples: one page says `{name}`, most say `limit`"}


def order(document: Node, by: str) -> None:
    """Another order, of which only the description can tell."""
    listed = operation(document, _LIST)
    reword(listed, "the newest id first", _ORDERS[by])
    reword(listed, "order and pages are inferred", "pages are inferred", key="x-source")
    listed["x-source"] += "; the order is this scenario's choice"


def array(document: Node, _: str) -> None:
    """No envelope and no pages: all that was said of pages goes, and of the 404s that of the format is left."""
    listed = operation(document, _LIST)
    reword(listed, "One page of plans", "All plans as a bare array")
    before, _, _ = listed["description"].partition("\n\nPages are cut")
    listed |= {
        "description": f"{before}\n\nThere are no pages. Parameters that are not named here are ignored.\n",
        "parameters": [{"$ref": "#/components/parameters/format"}],
        "x-source": "plans page: path and method; "
        "the lack of pages is this scenario's choice, and the order at best inferred",
    }
    parameters, schemas = (document["components"][kind] for kind in ("parameters", "schemas"))
    for name in {"page", "limit", "page_size"} & parameters.keys():
        del parameters[name]
    del schemas["PlanPage"], schemas["NoSuchPage"]
    mark = {
        "x-provenance": "assumed",
        "x-source": "plans page: says list and no more; that it is a bare array is this scenario's choice",
    }
    items = {"$ref": f"#/components/schemas/{_PLAN}"}
    schemas[_ARRAY] = {"type": "array", "items": items, "description": "All plans, without an envelope.", **mark}
    response = rename(document, "responses", "PlanPage", _ARRAY)
    response |= {"description": "All plans.", **mark}
    json_body(response)["schema"] = {"$ref": f"#/components/schemas/{_ARRAY}"}
    link = response["links"]["FirstPlan"]
    reword(link, "of the page", "of the list")
    link["parameters"] = {"id": "$response.body#/0/id"}
    refusal = rename(document, "responses", "NoSuchPage", "PlansNoSuchFormat")
    refusal["description"] = "No such `format`."
    body = json_body(refusal)
    body["schema"] = {"$ref": "#/components/schemas/NoSuchFormat"}
    del body["examples"]["page"]


def state_object(document: Node, _: str) -> None:
    """A state in the form that all other states have; the rules that look at it look into it."""
    schemas = document["components"]["schemas"]
    schema = deepcopy(schemas["OrderState"]) | {"description": "The state of a plan, in the form of the other states."}
    members: Node = schema["properties"]
    for node in (schema, *members.values()):
        node |= {"x-provenance": "inferred", "x-source": "OMS samples: the states of orders and of order items"}
    ours = {"x-provenance": "assumed", "x-source": "ours: no OMS sample shows the state of a plan so"}
    members["enum_class"] = {"type": "string", "const": "OrderExecutionPlanState", **ours}
    members["enum_value"] = {"$ref": "#/components/schemas/PlanState", "description": "The state itself.", **ours}
    members["content_type"] = {"type": "integer", "const": 40, **ours}
    schemas["PlanStateObject"] = schema
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


def commands_empty(document: Node, _: str) -> None:
    """An empty list in every state; there is no rule about it, and no command to describe."""
    source = "OMS samples: empty wherever seen on other objects; the plans page describes a list of transitions"
    shape = {"type": "array", "maxItems": 0, "x-provenance": "inferred", "x-source": source}
    _reshape(document, {**shape, "description": "Always empty, whatever can be done with the plan."}, dict)
    rules(document)[:] = [rule for rule in rules(document) if "commands" not in rule["then"]["properties"]]
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
        if "commands" in said:
            said["commands"] = ruled(said["commands"])


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


def with_shipping(document: Node, _: str) -> None:
    """What is paid for an order, and not what its items cost."""
    amount = member(document, "Order", "amount")
    reword(amount, "without shipping", "and `shipping_amount`")
    reword(
        amount, "that shipping is not in it is ours", "that shipping is in it is this scenario's choice", key="x-source"
    )


def bearer(document: Node, accepted: str) -> None:
    """`Bearer` instead of `Token`, which is announced and accepted; or both, and the announcement stays."""
    words, schemes = "`Token` or `Bearer`", document["components"]["securitySchemes"]
    if accepted == "bearer":
        words = "`Bearer`"
        announced = component(document, "headers", "WwwAuthenticate")
        announced["schema"]["const"] = "Bearer"
        reword(announced, "`Token`", words, key="x-source")
        schemes.clear()
        document["security"].clear()
    schemes["BearerAuth"] = {
        "type": "http",
        "scheme": "bearer",
        "description": "The key chooses the world that is read; an unknown key is 401.",
        "x-provenance": "inferred",
        "x-source": "newer pages of the vendor; the plans page says Token",
    }
    document["security"].append({"BearerAuth": []})
    examples = json_body(component(document, "responses", "PlansUnauthenticated"))["examples"]
    for name in ("empty", "blanks"):
        reword(examples[name], "`Token`", words, key="summary")
    reword(member(document, "Login", "key"), "the word `Token`", f"the word {words}")


def empty_unauthenticated(document: Node, _: str) -> None:
    """A 401 without a body, as one page of the vendor has it."""
    parts = document["components"]
    for name in {"PlansUnauthenticated", "LoginUnauthenticated"} & parts["responses"].keys():
        response = parts["responses"][name]
        del response["content"]
        response["x-source"] = "cancellation reasons page: a 401 holds nothing more than its status"
    parts["schemas"].pop("Unauthenticated", None)


def off(document: Node, _: str) -> None:
    """Nobody has to say who asks; whoever names a world by its key still reads that one."""
    parts = document["components"]
    del document["security"], parts["securitySchemes"]
    for one in operations(document):
        one["responses"].pop("401", None)
    del parts["responses"]["PlansUnauthenticated"], parts["responses"]["LoginUnauthenticated"]
    del parts["headers"]["WwwAuthenticate"]
    del parts["schemas"]["Unauthenticated"]
    reword(document["info"], "credentials (401), permission", "permission")
    reword(member(document, "Login", "key"), "the word `Token`", "the word `Token` or `Bearer`")


def model_not_found(document: Node, _: str) -> None:
    """The refusal of a missing plan names its model; that of what is no id, or no format, is the same as before."""
    detail = member(document, "NoSuchPlan", "detail")
    detail["enum"] = [NO_MATCH, detail.pop("const")]
    detail["x-source"] = "framework from its release 3.15 on"
    response = component(document, "responses", "NoSuchPlan")
    reword(response, "releases from 3.15 on name the model instead", "releases from 3.15 on", key="x-source")
    json_body(response)["examples"] = {
        "id": {"summary": "No such plan", "value": {"detail": NO_MATCH}},
        "other": {"summary": "No integer, or a `format` that is not json", "value": {"detail": detail["enum"][1]}},
    }


#: Changes a document in place; its argument is the value of the switch.
ContractChange = Callable[[Node, Any], None]

#: By the switch, or by the switch and its value, other than its default.
_CHANGES: Mapping[object, ContractChange] = MappingProxyType(
    {
        "page_size": page_size,
        "max_page_size": max_page_size,
        "order": order,
        ("list", "array"): array,
        ("page_size_parameter", "page_size"): page_size_parameter,
        ("state", "object"): state_object,
        ("commands", "empty"): commands_empty,
        ("commands", "json"): commands_json,
        ("commands", "comma"): commands_comma,
        ("dates", "date"): dates_only,
        ("order_amount", "with_shipping"): with_shipping,
        ("auth", "bearer"): bearer,
        ("auth", "both"): bearer,
        ("auth", "off"): off,
        ("unauthenticated", "empty"): empty_unauthenticated,
        ("not_found", "model"): model_not_found,
    }
)

#: Switches under which a plan looks different from the examples, which are real output under the defaults.
_SHAPING = frozenset({"list", "state", "commands", "dates", "order_amount"})


def contract_text(answers: Switches | None = None) -> str:
    """The contract as YAML: as it was written by hand, with its comments, unless a switch differs from its default."""
    if answers not in (None, Switches()):
        return as_yaml(contract_for(answers))
    return shipped("openapi.yaml").read_text(encoding="utf-8")


def as_yaml(document: Node) -> str:
    """A document of the contract as YAML, in its own order."""
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)


def contract_for(answers: Switches | None) -> Node:
    """The contract as a document, changed as the switches say; None or the defaults change nothing."""
    document = deepcopy(_written())
    defaults, values = Switches(), asdict(answers or Switches())
    values["list"] = values.pop("list")  # the last, for it removes what others change
    changed = {name: value for name, value in values.items() if value != getattr(defaults, name)}
    if _SHAPING & changed.keys():
        del document["components"]["examples"]
        for name in ("PlanPage", "OnePlan"):
            del json_body(component(document, "responses", name))["examples"]
    for name, value in changed.items():
        change = _CHANGES.get(name) or _CHANGES[name, value]
        change(document, value)
    if changed:
        said = ", ".join(f"`{name}` is `{value}`" for name, value in sorted(changed.items()))
        default = "This file describes the **default** of each."
        reword(document["info"], default, f"Here {said}; every other switch has its default.")
    return document


@cache
def _written() -> Node:
    """The contract as it was written, read once: that takes thirty times as long as to copy it."""
    safely = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: Node = yaml.load(contract_text(), Loader=safely)  # noqa: S506  it is safe under either name
    return document
