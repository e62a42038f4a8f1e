"""The contract as it was observed: under the switches in force, with the changes that an observation proposes."""

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mock_oms.contract.document import Node
from mock_oms.contract.openapi import as_yaml, contract_for, contract_text
from mock_oms.switches import Switches

if TYPE_CHECKING:
    from mock_oms.contract.observation import Change, Observed

#: Where all that an observation speaks of stands in the contract; what else a file names is no place for a change.
_WITHIN = "/components/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """The contract's document under these switches: `made` of the `proposed` changes are in it."""

    answers: Switches
    document: Node
    proposed: int = 0
    made: int = 0

    @property
    def text(self) -> str:
        """The document as YAML: as it was written by hand, with its comments, where nothing changes it."""
        return as_yaml(self.document) if self.made else contract_text(self.answers)


def amended(answers: Switches, observed: "Observed | None") -> Amended:
    """The contract under these switches, changed where a real OMS contradicted it; a mock contradicts nothing.

    What was proposed is meant for the contract under the switches that were observed. Where others are in force, a
    change is made only if its place says the same here as there; where the contract has no such place, it is not made.
    """
    document = contract_for(answers)
    if observed is None or not observed.is_real:
        return Amended(answers=answers, document=document)
    meant = contract_for(observed.switches) if answers != observed.switches else deepcopy(document)
    made = sum(_made(one, document, meant) for one in observed.patch)
    if made:
        said = f"Changed in {made} of {len(observed.patch)} places after what a real OMS answered"
        document["info"]["description"] += f"\n{said} on {observed.date:%Y-%m-%d}.\n"
    return Amended(answers=answers, document=document, proposed=len(observed.patch), made=made)


def _made(change: "Change", document: Node, meant: Node) -> bool:
    """Make a change where it is meant, so that the next finds its place; tell whether the document took it, too."""
    said = _said(change, meant)
    if said is None:
        return False
    fits = _said(change, document) == said
    _change(change, meant)
    if fits:
        _change(change, document)
    return fits


def _said(change: "Change", document: Node) -> list[Any] | None:
    """What a change would replace, remove, or be put beside; None where the document has no place for it."""
    if not change.path.startswith(_WITHIN):
        return None
    try:
        parent, key = _spot(change.path, document)
        if change.op != "add":
            return [parent[key]]
    except (LookupError, TypeError, ValueError):
        return None
    return parent if isinstance(parent, list) else [parent.get(key)]


def _change(change: "Change", document: Node) -> None:
    parent, key = _spot(change.path, document)
    if change.op == "remove":
        del parent[key]
    elif change.op == "add" and isinstance(parent, list):
        parent.insert(key, deepcopy(change.value))
    else:
        parent[key] = deepcopy(change.value)


def _spot(pointer: str, document: Node) -> tuple[Any, Any]:
    """What holds the place that a JSON Pointer (RFC 6901) names, and under which key or number.

    :raises LookupError: nothing does.
    :raises ValueError: it names a member of a list by a word.
    """
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    parent: Any = document
    for part in way:
        parent = parent[_key(parent, part)]
    return parent, _key(parent, last)


def _key(parent: Any, part: str) -> str | int:  # noqa: ANN401  whatever stands there
    if isinstance(parent, dict):
        return part
    if isinstance(parent, list):
        return len(parent) if part == "-" else int(part)
    raise LookupError(part)
