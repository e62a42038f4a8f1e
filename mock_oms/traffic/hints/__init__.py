"""Hints: for every answer that a client did not want, one sentence that says what was probably meant."""

from mock_oms.traffic.hints.credentials import CREDENTIAL_HINTS, LOGIN_HINTS
from mock_oms.traffic.hints.facts import HintFacts, HintRules, first_hint
from mock_oms.traffic.hints.faults import FAULT_HINTS, UNEXPLAINED_HINTS
from mock_oms.traffic.hints.plans import LIST_HINTS, PLAN_HINTS
from mock_oms.traffic.hints.requests import PATH_HINTS, REQUEST_HINTS

__all__ = ["HintFacts", "hint"]

#: In the order in which the vendor checks a request, as far as that is of use; the last table knows every error.
_RULES: HintRules = (
    *FAULT_HINTS,
    *PATH_HINTS,
    *REQUEST_HINTS,
    *CREDENTIAL_HINTS,
    *LIST_HINTS,
    *PLAN_HINTS,
    *LOGIN_HINTS,
    *UNEXPLAINED_HINTS,
)


def hint(facts: HintFacts) -> str | None:
    """One line of ASCII for every 4xx and 5xx, every redirect, and a 200 that ignored something; None for the rest.

    It never holds a token or a password.
    """
    return first_hint(_RULES, facts)
