"""How a failure that Schemathesis finds is told: the field, what was expected there, and what was found."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mock_oms.contract.checks.masking import cut, legible_to_all, named
from mock_oms.contract.checks.schemas import written
from mock_oms.findings.finding import Finding, Severity
from mock_oms.survey.exchange import Exchange

if TYPE_CHECKING:
    from schemathesis.core.failures import Failure

#: The name of the check, and of its findings.
CHECK = "schemathesis"
#: How a rule begins whose breach lies deeper, inside one of several shapes, and the rule against other members.
CHOICES, EXTRA = ("oneOf:", "anyOf:", "allOf:"), "additionalProperties:"
#: Failures that break no client by themselves.
_MILD: Mapping[str, Severity] = MappingProxyType({"MissingHeaders": Severity.COSMETIC})
#: Failures whose message tells of status and headers alone; any other may quote the body.
_OPEN = frozenset({"MissingHeaders", "ServerError", "UndefinedContentType", "UndefinedStatusCode"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How failures are told: `words` are the contract's own; `show_values` shows a body, customers' data among it."""

    words: frozenset[str]
    show_values: bool

    def finding(self, failure: "Failure", exchange: Exchange) -> Finding:
        """A failure as a finding, with the request that met it."""
        rule, place = _rule(failure), self._place(failure)
        return Finding(
            check=CHECK,
            severity=_severity(failure, rule),
            message=f"{failure.title}: {self._said(failure, rule)}",
            request=str(exchange),
            place=place,
            expected=cut(rule),
            found=self._found(failure, place) if rule else "",
            provenance="inferred",
            source="Schemathesis, by the contract's schemas",
        )

    def _said(self, failure: "Failure", rule: str) -> str:
        if self.show_values or type(failure).__name__ in _OPEN:
            lines = [line.strip() for line in failure.message.splitlines() if line.strip()]
            return lines[0] if lines else "no more is said"
        name = rule.partition(":")[0]
        return f"this does not fit the rule {name!r} of the contract" if name else "no more is said"

    def _place(self, failure: "Failure") -> str:
        path: Any = getattr(failure, "instance_path", ())
        return written(step if self.show_values or isinstance(step, int) else named(step) for step in path)

    def _found(self, failure: "Failure", place: str) -> str:
        value: Any = getattr(failure, "instance", None)
        return cut(value) if self.show_values else legible_to_all(value, place=place, words=self.words)


def _severity(failure: "Failure", rule: str) -> Severity:
    extra = Severity.ADDITIVE if rule.startswith(EXTRA) else Severity.BREAKING
    return _MILD.get(type(failure).__name__, extra)


def _rule(failure: "Failure") -> str:
    """The keyword of the schema that is broken, with its value; empty where a failure is about no schema."""
    path: Any = getattr(failure, "schema_path", ())
    schema: Any = getattr(failure, "schema", {})
    # A choice in an array of schemas ends in a number, and its keyword stands before.
    keyword = next((step for step in reversed(path) if isinstance(step, str)), "")
    return f"{keyword}: {json.dumps(schema.get(keyword))}" if keyword in schema else ""
