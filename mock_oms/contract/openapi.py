"""The contract of the vendor's API: as it was written by hand, and as the switches of a scenario change it."""

from copy import deepcopy
from dataclasses import fields
from functools import cache

import yaml

from mock_oms.contract.document import Node, component, json_body, reword
from mock_oms.contract.switched import change_of
from mock_oms.settings import shipped
from mock_oms.switches import Switches

#: Switches under which a plan looks different from the examples, which are real output under the defaults.
_SHAPING = frozenset({"list", "state", "commands", "dates"})


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
    switches, defaults = answers or Switches(), Switches()
    values = {one.name: getattr(switches, one.name) for one in fields(switches)}
    values["list"] = values.pop("list")  # the last, for it removes what others change
    changed = {name: value for name, value in values.items() if value != getattr(defaults, name)}
    if _SHAPING & changed.keys():
        del document["components"]["examples"]
        for name in ("PlanPage", "OnePlan"):
            del json_body(component(document, "responses", name))["examples"]
    for name, value in changed.items():
        change_of(name, value)(document, value)
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
