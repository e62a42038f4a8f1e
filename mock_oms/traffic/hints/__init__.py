"""Hints: for every answer that a client did not want, one sentence that says what was probably meant."""

from mock_oms.traffic.hints.credentials import CREDENTIALS, LOGINS
from mock_oms.traffic.hints.facts import Facts, Rules, said
from mock_oms.traffic.hints.faults import MISBEHAVIOUR, UNEXPLAINED
from mock_oms.traffic.hints.plans import LISTS, PLANS
from mock_oms.traffic.hints.requests import PATHS, REQUESTS

__all__ = ["Facts", "hint"]

#: In the order in which the vendor checks a request, as far as that is of use; the last table knows every error.
_RULES: Rules = (*MISBEHAVIOUR, *PATHS, *REQUESTS, *CREDENTIALS, *LISTS, *PLANS, *LOGINS, *UNEXPLAINED)


def hint(facts: Facts) -> str | None:
    """One line of ASCII for every 4xx and 5xx, every redirect, and a 200 that ignored something; None for the rest.

    It never holds a token or a password.
    """
    return said(_RULES, facts)
