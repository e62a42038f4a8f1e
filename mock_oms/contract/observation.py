"""An observation: what was seen of a real OMS, as counts and shapes, and how old that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from mock_oms.contract.ledger import Sighting
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
class Seen:
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
class Verdict:
    """What a check came to."""

    looked: Count
    findings: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One operation of a JSON Patch (RFC 6902)."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: Any = None


def switches_of(values: Mapping[str, Any]) -> Switches:
    """The switches with these values, the others at their defaults."""
    return Switches(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
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
    checks: Mapping[str, Verdict]
    claims: Mapping[str, Seen]
    patch: tuple[Change, ...] = ()

    @property
    def is_real(self) -> bool:
        """Whether it was an OMS; what the mock answers teaches nobody anything."""
        return self.host is not Host.MOCK

    @property
    def switches(self) -> Switches:
        """The defaults under what was observed."""
        return switches_of(self.answers)

    @property
    def sightings(self) -> Mapping[str, Sighting]:
        """What the ledger is told; nothing of an observation of the mock."""
        if not self.is_real:
            return {}
        day = self.date.date()
        return {
            name: Sighting(day=day, seen=one.seen, unfit=one.unfit) for name, one in self.claims.items() if one.seen
        }


_NEVER = "contract last checked against a real OMS: never"
_DAY = timedelta(days=1)


def last_checked(observed: Observed | None, now: datetime) -> str:
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


def confirmed(observed: Observed | None) -> frozenset[str]:
    """The ids of the claims that a real OMS has borne out."""
    sightings = {} if observed is None else observed.sightings
    return frozenset(name for name, one in sightings.items() if one.confirms)
