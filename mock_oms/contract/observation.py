"""An observation: what was seen of an OMS, as counts and shapes; how old it is, and the contract changed by it."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from mock_oms.contract.document import Node
from mock_oms.contract.openapi import as_yaml, contract_for, contract_text
from mock_oms.dataclass import dataclass
from mock_oms.switches import Switches

Count = Annotated[int, (0, 1_000_000_000)]


class Host(StrEnum):
    """What kind of machine was asked. Its name is not written, nor a hash of it: names of hosts can be guessed."""

    LOOPBACK = "loopback"
    PRIVATE = "private"
    PUBLIC = "public"
    MOCK = "mock"
    CAPTURED = "captured"  # none was asked: bodies in a file


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSeen:
    """How often a claim was met, and how often it was otherwise. `types` counts what stood there.

    `missing` counts where it should have stood and did not. `added` are members that the contract does not know
    and at least two plans have (one, where there is no other); `unnamed` counts those whose names may be data.
    """

    seen: Count
    unfit: Count = 0
    missing: Count = 0
    types: Mapping[str, Count] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    unnamed: Count = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for the values of a switch: how often each was seen."""

    seen: Mapping[str, Count]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCount:
    """What a check came to."""

    looked: Count
    findings: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceShape:
    """A place in the bodies of one situation: how often it was seen, as which types, in which formats.

    `values` are those of members that the contract enumerates, such as `state`: its own words, and the shape of others.
    """

    seen: Count
    types: Mapping[str, Count]
    formats: Mapping[str, Count] = field(default_factory=dict)
    values: tuple[str, ...] = ()

    @property
    def always(self) -> frozenset[str]:
        """Its types without null, which says only that there was nothing."""
        return frozenset(self.types) - {"null"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The answers to one kind of question. `request` is how it is asked again, without ids and page numbers.

    `asked` is 0 for captured bodies: then there is no status and no header.
    """

    request: str
    asked: Count = 0
    statuses: Mapping[str, Count] = field(default_factory=dict)
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    wording: tuple[str, ...] = ()
    fields: Mapping[str, PlaceShape] = field(default_factory=dict)

    def objects(self, place: str) -> int:
        """How many objects stood at a place: each of its members could have been there as often."""
        return self.fields[place].types.get("object", 0) if place in self.fields else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchOperation:
    """One operation of a JSON Patch (RFC 6902)."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one OMS was seen to answer: counts and shapes, no value of anybody's data.

    `contract` is the version of the contract that it was read against, `answers` are the switches that all of the
    evidence speaks for. `whole`: the list was read to its end, by a crawl that was not cut short.
    `mock-oms contract` fills `checks`, `claims` (by the ids of the ledger) and `patch`, which brings the contract under
    these switches to what was seen; `mock-oms drift` fills `situations` and `notes`, which it compares.
    """

    version: Annotated[int, (1, 1)] = 1  # of the file; another one is refused
    contract: str
    date: datetime
    host: Host
    whole: bool
    plans: Count
    requests: Mapping[str, Count]
    answers: Mapping[str, str | int]
    evidence: Mapping[str, Evidence]
    checks: Mapping[str, CheckCount]
    claims: Mapping[str, ClaimSeen]
    patch: tuple[PatchOperation, ...] = ()
    situations: Mapping[str, Situation] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def is_real(self) -> bool:
        """Whether a real OMS was asked."""
        return self.host not in {Host.MOCK, Host.CAPTURED}

    @property
    def switches(self) -> Switches:
        """The defaults under what was observed."""
        values: Any = self.answers
        return Switches(**values)

    @property
    def shown(self) -> Mapping[str, str | int]:
        """The answers that were seen themselves; a maximum may only follow from a page that is longer."""
        return {name: value for name, value in self.answers.items() if name in self.evidence}

    @property
    def seen_claims(self) -> Mapping[str, ClaimSeen]:
        """The claims that a real OMS showed; what the mock answers teaches nobody anything."""
        return {name: one for name, one in self.claims.items() if one.seen} if self.is_real else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedContract:
    """The contract's document under these switches: `made` of the `proposed` changes are in it."""

    answers: Switches
    document: Node
    proposed: int = 0
    made: int = 0

    @property
    def text(self) -> str:
        """The document as YAML: as it was written by hand, with its comments, where nothing changes it."""
        return as_yaml(self.document) if self.made else contract_text(self.answers)


def observed_contract(answers: Switches, observed: Observation | None) -> ObservedContract:
    """The contract under these switches, changed where a real OMS contradicted it; a mock contradicts nothing.

    What was proposed is meant for the contract under the switches that were observed. Where others are in force, a
    change is made only if its place says the same here as there; where the contract has no such place, it is not made.
    """
    document = contract_for(answers)
    if observed is None or not observed.is_real:
        return ObservedContract(answers=answers, document=document)
    meant = contract_for(observed.switches)
    made = sum(_made(one, document, meant) for one in observed.patch)
    if made:
        said = f"Changed in {made} of {len(observed.patch)} places after what a real OMS answered"
        document["info"]["description"] += f"\n{said} on {observed.date:%Y-%m-%d}.\n"
    return ObservedContract(answers=answers, document=document, proposed=len(observed.patch), made=made)


def _made(change: PatchOperation, document: Node, meant: Node) -> bool:
    """Make a change where it is meant, so that the next finds its place; whether it was made in the document, too."""
    there, here = _spot(change, meant), _spot(change, document)
    if there is None:
        return False
    spots = [there, here] if here is not None and here[2] == there[2] else [there]
    for parent, key, _ in spots:
        if change.op == "remove":
            del parent[key]
        elif change.op == "add" and isinstance(parent, list):
            parent.insert(key, deepcopy(change.value))
        else:
            parent[key] = deepcopy(change.value)
    return len(spots) > 1


def _spot(change: PatchOperation, document: Node) -> tuple[Any, Any, Any] | None:
    """What holds the place of a change, its key there, and what the change meets; None where there is no such place."""
    if not change.path.startswith("/components/"):
        return None
    *way, last = (part.replace("~1", "/").replace("~0", "~") for part in change.path.split("/")[1:])
    is_new = change.op == "add"
    try:
        parent: Any = document
        for step in way:
            parent = parent[int(step) if isinstance(parent, list) else step]
        if isinstance(parent, list):
            place = len(parent) if last == "-" else int(last)
            return parent, place, parent if is_new else parent[place]
        return parent, last, parent.get(last) if is_new else parent[last]
    except (AttributeError, LookupError, TypeError, ValueError):
        return None
