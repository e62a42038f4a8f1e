"""Hints about what the mock was told to do: faults, limits and magic tokens; and about what no other table explains."""

import re

from mock_oms.traffic.hints.facts import HintFacts, HintRules, met

_MAGIC = re.compile(r"fail-(inactive|[45][0-9]{2})")
_STATUSES = {"inactive": "401"}
_SPOILING = ("body ", "shape ", "connection ")
_KEYWORD_AND_TOKEN = 2
_EXPIRED, _THROTTLED = 401, 429


def _is_the_faults(facts: HintFacts) -> bool:
    """Whether the fault made this answer; a mere delay stands beside answers that have reasons of their own."""
    return facts.fault is not None and (
        facts.status is None or facts.fault.startswith((f"status {facts.status}", *_SPOILING))
    )


def _fault(facts: HintFacts) -> str:
    number = "a fault" if facts.fault_id is None else f"fault {facts.fault_id}"
    return f"This is {number}, {facts.fault}, of {facts.fault_origin}."


def _is_magic(facts: HintFacts) -> bool:
    found = _MAGIC.fullmatch(facts.token) if len(facts.words) == _KEYWORD_AND_TOKEN else None
    return found is not None and str(facts.status) == _STATUSES.get(found[1], found[1])


def _failed(facts: HintFacts) -> bool:
    return facts.status is not None and facts.status >= 400  # noqa: PLR2004  the statuses of errors


FAULT_HINTS: HintRules = (
    (_is_the_faults, _fault),
    (
        lambda facts: facts.limit and facts.status == _EXPIRED,
        lambda facts: f"The token is no longer valid ({facts.limit}): log in again to renew it.",
    ),
    (
        lambda facts: facts.limit and facts.status == _THROTTLED,
        lambda facts: f"This is {facts.limit}: wait as long as Retry-After says.",
    ),
    (
        _is_magic,
        lambda facts: f"The token {facts.token} is a magic one of the mock: it always meets {facts.status}.",
    ),
)

UNEXPLAINED_HINTS: HintRules = (
    (
        met(500),
        "No fault was met: this is an error of mock-oms itself, and its log has the traceback.",
    ),
    (
        met(429),
        "A limit of this world was reached: wait as long as Retry-After says.",
    ),
    (
        _failed,
        lambda facts: f"Nothing in the request says why it met {facts.status}; look at the answer's body.",
    ),
)
