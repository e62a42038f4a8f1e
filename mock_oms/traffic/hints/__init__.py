"""Hints: for every answer that a client did not want, one sentence that says what was probably meant."""

from itertools import chain

from mock_oms.traffic.hints.credentials import credential_hints, login_hints
from mock_oms.traffic.hints.facts import HintFacts
from mock_oms.traffic.hints.plans import plan_hints
from mock_oms.traffic.hints.requests import fault_hints, request_hints, unexplained_hints

__all__ = ["HintFacts", "hint"]

#: In the order in which the vendor checks a request, as far as that is of use; the last one knows every error.
_SUBJECTS = (fault_hints, request_hints, credential_hints, plan_hints, login_hints, unexplained_hints)


def hint(facts: HintFacts) -> str | None:
    """One line of ASCII for every 4xx and 5xx, every redirect, and a 200 that ignored something; None for the rest.

    It never holds a token or a password. Of the hints that apply it is the first.
    """
    return next(chain.from_iterable(hints(facts) for hints in _SUBJECTS), None)
