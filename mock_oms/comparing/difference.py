"""A difference between two sides: of which aspect, where, how bad, and the finding that it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from mock_oms.findings.finding import Finding, Severity


class Aspect(StrEnum):
    """What two answers can differ in; a check is named after each."""

    SWITCHES = "same-switches"
    STATUSES = "same-statuses"
    HEADERS = "same-headers"
    FIELDS = "same-fields"
    TYPES = "same-types"
    NULLS = "same-nulls"
    VALUES = "same-values"
    FORMATS = "same-formats"
    WORDING = "same-wording"


#: What each aspect claims, in the order in which it is told.
CLAIMS: Mapping[Aspect, str] = MappingProxyType(
    {
        Aspect.SWITCHES: "Both answer alike where the vendor's documents leave it open.",
        Aspect.STATUSES: "The same question is answered with the same status.",
        Aspect.HEADERS: "The same headers come, and say the same.",
        Aspect.FIELDS: "The same members are there, as regularly.",
        Aspect.TYPES: "A member has the same type.",
        Aspect.NULLS: "What is never null in A is never null in B.",
        Aspect.VALUES: "Members that the contract enumerates have values that the other knows.",
        Aspect.FORMATS: "Dates, decimals and addresses are written in the same format.",
        Aspect.WORDING: "Refusals are worded alike.",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference; `a` and `b` are what each side shows.

    `added` are the types or values that only B has, from which a patch to the contract is made.
    """

    aspect: Aspect
    severity: Severity
    message: str
    place: str
    a: str
    b: str
    added: tuple[str, ...] = field(default=())

    def finding(self, request: str, *, provenance: str, source: str) -> Finding:
        """It as a finding; `request` is how to see it."""
        return Finding(
            check=self.aspect,
            severity=self.severity,
            message=self.message,
            request=request,
            place=self.place,
            expected=self.a,
            found=self.b,
            provenance=provenance,
            source=source,
        )
