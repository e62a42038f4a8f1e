"""Hints: for every answer that a client did not want, one sentence that says what was probably meant."""

import re

from mock_oms.traffic.hints.credentials import CREDENTIAL_HINTS, CREDENTIAL_WORDS, LOGIN_HINTS
from mock_oms.traffic.hints.facts import HintFacts, HintRules, HintWords
from mock_oms.traffic.hints.plans import PLAN_HINTS, PLAN_WORDS
from mock_oms.traffic.hints.requests import FAULT_HINTS, REQUEST_HINTS, REQUEST_WORDS, UNEXPLAINED_HINTS

__all__ = ["HintFacts", "hint"]

#: In the order in which the vendor checks a request, as far as that is of use; the last table knows every error.
_RULES: HintRules = {
    **FAULT_HINTS,
    **REQUEST_HINTS,
    **CREDENTIAL_HINTS,
    **PLAN_HINTS,
    **LOGIN_HINTS,
    **UNEXPLAINED_HINTS,
}
_WORDS: HintWords = {**REQUEST_WORDS, **CREDENTIAL_WORDS, **PLAN_WORDS}


def hint(facts: HintFacts) -> str | None:
    """One line of ASCII for every 4xx and 5xx, every redirect, and a 200 that ignored something; None for the rest.

    It never holds a token or a password.
    """
    sentence = next((sentence for sentence, applies in _RULES.items() if applies(facts)), None)
    return sentence and re.sub(r"\{([\w ]+)\}", lambda found: str(_WORDS[found[1]](facts)), sentence)
