"""The contract of the vendor's API: as it was written by hand, and as the switches of a scenario change it."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import fields
from functools import cache

import yaml

from mock_oms.contract.document import Node, component, json_body, reword
from mock_oms.contract.switched import change_of
from mock_oms.settings import shipped
from mock_oms.switches import Switches


def contract_text(answers: Switches | None = None) -> str:
    """The contract as YAML: as it was written by hand, with its comments, unless a switch differs from its default."""
    if _turned(answers or Switches()):
        return as_yaml(contract_for(answers))
    return shipped("openapi.yaml").read_text(encoding="utf-8")


def as_yaml(document: Node) -> str:
    """A document of the contract as YAML, in its own order."""
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)


def contract_for(answers: Switches | None) -> Node:
    """The contract as a document, changed as the switches say; None or the defaults change nothing."""
    document = deepcopy(_written())
    turned = _turned(answers or Switches())
    if _SHAPING & set(turned):
        _forget_plans(document)
    for switch, value in turned.items():
        change_of(switch, value)(document, value)
    if turned:
        _say_so(document["info"], turned)
    return document


@cache
def _written() -> Node:
    """The contract as it was written, read once: that takes thirty times as long as to copy it."""
    safely = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: Node = yaml.load(contract_text(), Loader=safely)  # noqa: S506  it is safe under either name
    return document


#: Switches under which a plan looks otherwise than in the examples.
_SHAPING = frozenset({"list", "state", "commands", "dates"})


def _forget_plans(document: Node) -> None:
    """Take out the plans that the contract shows: they are real output under the default switches."""
    del document["components"]["examples"]
    for name in ("PlanPage", "OnePlan"):
        del json_body(component(document, "responses", name))["examples"]


def _turned(answers: Switches) -> Mapping[str, object]:
    """The switches that differ from their defaults; `list` is the last, for it removes what others change."""
    values = {one.name: getattr(answers, one.name) for one in fields(answers)}
    values["list"] = values.pop("list")
    return {name: value for name, value in values.items() if value != getattr(Switches(), name)}


def _say_so(info: Node, turned: Mapping[str, object]) -> None:
    said = ", ".join(f"`{name}` is `{value}`" for name, value in sorted(turned.items()))
    reword(info, "This file describes the **default** of each.", f"Here {said}; every other switch has its default.")
