"""An observation: what was seen of a real OMS, as counts and shapes; how old it is, and the contract changed by it."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from mock_oms.contract.document import Node
from mock_oms.contract.ledger import ClaimObservation
from mock_oms.contract.openapi import as_yaml, contract_for, contract_text
from mock_oms.switches import Switches

Count = Annotated[int, (0, 1_000_000_000)]
#: The version of the file; another one is refused.
VERSION = 1


class Host(StrEnum):
    """What kind of machine was asked. Its name is not written, nor a hash of it: names of hosts can be guessed."""

    LOOPBACK = "loopback"
    PRIVATE = "private"
    PUBLIC = "public"
    MOCK = "mock"


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
class PatchOperation:
    """One operation of a JSON Patch (RFC 6902)."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: Any = None


def switches_of(values: Mapping[str, Any]) -> Switches:
    """The switches with these values, the others at their defaults."""
    return Switches(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One observation. `contract` is the version of the contract that it was read against.

    `answers` are the switches that all of the evidence speaks for. `patch` brings the contract under these switches to
    what was seen. `whole`: the list was read to its end, by a visit that was not cut short.
    """

    version: Annotated[int, (VERSION, VERSION)] = VERSION
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

    @property
    def is_real(self) -> bool:
        """Whether it was an OMS; what the mock answers teaches nobody anything."""
        return self.host is not Host.MOCK

    @property
    def switches(self) -> Switches:
        """The defaults under what was observed."""
        return switches_of(self.answers)

    @property
    def sightings(self) -> Mapping[str, ClaimObservation]:
        """What the ledger is told; nothing of an observation of the mock."""
        if not self.is_real:
            return {}
        day = self.date.date()
        return {
            name: ClaimObservation(day=day, seen=one.seen, unfit=one.unfit)
            for name, one in self.claims.items()
            if one.seen
        }


_NEVER = "contract last checked against a real OMS: never"
_DAY = timedelta(days=1)


def last_checked(observed: Observation | None, now: datetime) -> str:
    """`contract last checked against a real OMS: never | DATE (n days ago)`."""
    if observed is None:
        return _NEVER
    if not observed.is_real:
        return f"{_NEVER} (what was observed on {observed.date:%Y-%m-%d} was a mock)"
    return f"{_NEVER.removesuffix('never')}{observed.date:%Y-%m-%d} ({ago(now - observed.date)})"


def ago(span: timedelta) -> str:
    """How long ago something was, in days, as messages say it."""
    days = span // _DAY
    if span < timedelta():
        return "not come yet"
    if days < 1:
        return "today"
    return "1 day ago" if days == 1 else f"{days:,} days ago"


def confirmed(observed: Observation | None) -> frozenset[str]:
    """The ids of the claims that a real OMS has borne out."""
    sightings = {} if observed is None else observed.sightings
    return frozenset(name for name, one in sightings.items() if one.confirms)


#: Where all that an observation speaks of stands in the contract; what else a file names is no place for a change.
_WITHIN = "/components/"


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


def observed_contract(answers: Switches, observed: "Observation | None") -> ObservedContract:
    """The contract under these switches, changed where a real OMS contradicted it; a mock contradicts nothing.

    What was proposed is meant for the contract under the switches that were observed. Where others are in force, a
    change is made only if its place says the same here as there; where the contract has no such place, it is not made.
    """
    document = contract_for(answers)
    if observed is None or not observed.is_real:
        return ObservedContract(answers=answers, document=document)
    meant = contract_for(observed.switches) if answers != observed.switches else deepcopy(document)
    made = sum(_made(one, document, meant) for one in observed.patch)
    if made:
        said = f"Changed in {made} of {len(observed.patch)} places after what a real OMS answered"
        document["info"]["description"] += f"\n{said} on {observed.date:%Y-%m-%d}.\n"
    return ObservedContract(answers=answers, document=document, proposed=len(observed.patch), made=made)


def _made(change: "PatchOperation", document: Node, meant: Node) -> bool:
    """Make a change where it is meant, so that the next finds its place; tell whether the document took it, too."""
    said = _said(change, meant)
    if said is None:
        return False
    fits = _said(change, document) == said
    _change(change, meant)
    if fits:
        _change(change, document)
    return fits


def _said(change: "PatchOperation", document: Node) -> list[Any] | None:
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


def _change(change: "PatchOperation", document: Node) -> None:
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
