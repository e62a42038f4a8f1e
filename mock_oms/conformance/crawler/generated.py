"""Requests that Schemathesis makes up from the contract, asked politely: GET alone, in our session, on its budget.

Its own runner is not used: it sends other methods and other credentials, and no budget or 429 stops it. Here it makes
up valid requests, and judges the answers by its checks that ask nothing themselves.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx

from mock_oms.conformance.checks.masking import cut, legible_to_all, named, words_of
from mock_oms.conformance.checks.schemas import written
from mock_oms.conformance.crawl import Exchange
from mock_oms.conformance.crawler.crawler import CrawlStep, Progress
from mock_oms.conformance.crawler.session import LIST, Session
from mock_oms.conformance.crawler.target import StoppedError
from mock_oms.conformance.finding import Finding, Result, Severity, normalised_place

if TYPE_CHECKING:
    from schemathesis import Case
    from schemathesis.core.failures import Failure
    from schemathesis.schemas import APIOperation


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


#: Requests that are made up for each operation at most.
EXAMPLES = 10
#: Those of its checks that look at one answer and ask nothing, beside that for failures of the server.
CHECKS = (
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
_CLAIM = (
    "Whatever valid GET is made up from the contract, the answer has a status, headers and a body that it documents."
)
#: What is asked whatever the contract says: the list and what is directly under it.
_FORM = re.compile(rf"{re.escape(LIST.rstrip('/'))}(/[A-Za-z0-9_-]*)?/?(\?[!-~]*)?")


def generated(
    session: Session,
    contract: Mapping[str, Any],
    *,
    ids: Sequence[str] = (),
    examples: int = EXAMPLES,
    progress: Progress = lambda _: None,
    show_values: bool = False,
    told: Sequence[Finding] = (),
) -> Result:
    """What Schemathesis finds with at most `examples` requests for each GET; `ids` are plans that there are.

    With `show_values` a finding says of a body what Schemathesis says, which may be a customer's data. `told` are the
    findings of our own checks of the schema: what they say already is not said again.

    :raises ImportError: the extra `contract` is not installed.
    """
    trial = _Trial(session, progress, Wording(words=words_of(contract), show_values=show_values), told)
    planned = list(_operations(_knowing(contract, ids))) if examples > 0 else []
    trial.planned = session.asked + examples * len(planned)
    with _nothing_left():
        for operation in planned:
            _tried(operation, examples, trial)
    return Result(
        check=CHECK,
        claim=_CLAIM,
        findings=tuple(trial.findings.values()),
        looked=trial.looked,
        unseen=None if trial.looked else f"no request was made; {session.ended or 'the budget was spent'}",
    )


class _Trial:
    """Asks what was made up and keeps each kind of failure once; asks nothing more when the session has ended."""

    def __init__(self, session: Session, progress: Progress, wording: Wording, told: Sequence[Finding]) -> None:
        self._session, self._progress, self._wording = session, progress, wording
        self._told = frozenset((normalised_place(one), one.expected) for one in told)
        self.findings: dict[tuple[str, ...], Finding] = {}
        self.looked = self.planned = 0
        self._asked: set[str] = set()

    def __call__(self, case: "Case[Any]") -> None:
        sent = _sent(case)
        if sent in self._asked or self._session.ended is not None or not _FORM.fullmatch(sent):
            return
        self._asked.add(sent)
        try:
            exchange = self._session.get(sent)
        except StoppedError:
            return
        self.looked += 1
        self._progress(CrawlStep(done=self._session.asked, planned=self.planned, asking=CHECK))
        for failure in _failures(case, exchange, self._session.target.origin):
            self._keep(failure, exchange)

    def _keep(self, failure: "Failure", exchange: Exchange) -> None:
        found = self._wording.finding(failure, exchange)
        place = normalised_place(found)
        if not self._is_told(place, found.expected):
            kind = (type(failure).__name__, failure.operation or "", place, found.expected)
            self.findings.setdefault(kind, found)

    def _is_told(self, place: str, expected: str) -> bool:
        """Whether our own checks have said it: the same rule there, a member too much, what is wrong in a choice."""
        if expected.startswith(EXTRA):
            return any(one.rpartition(".")[0] == place and not rule for one, rule in self._told)
        if expected.startswith(CHOICES):
            return any(one == place or one.startswith((f"{place}.", f"{place}[")) for one, _ in self._told)
        return (place, expected) in self._told


@contextmanager
def _nothing_left() -> Iterator[None]:
    """Let Hypothesis keep its files in a folder that is thrown away, not in the current one."""
    from hypothesis.configuration import set_hypothesis_home_dir

    with TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _knowing(contract: Mapping[str, Any], ids: Sequence[str]) -> dict[str, Any]:
    """The contract with the plans that there are as its only ids, for one that is made up is never found."""
    known = deepcopy(dict(contract))
    parameter = known["components"]["parameters"]["id"]
    numbers = [int(one) for one in ids if one.isdecimal()]
    if numbers:
        parameter["schema"] = {"type": "integer", "enum": numbers}
    return known


def _operations(contract: Mapping[str, Any]) -> Iterator["APIOperation[Any, Any, Any, Any]"]:
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.core.result import Ok

    # Its own defaults: a configuration that lies in the current folder is meant for other runs.
    schema = schemathesis.openapi.from_dict(dict(contract), config=SchemathesisConfig())
    for found in schema.get_all_operations():
        if isinstance(found, Ok) and found.ok().method.upper() == "GET":
            yield found.ok()


def _tried(operation: "APIOperation[Any, Any, Any, Any]", examples: int, trial: Callable[["Case[Any]"], None]) -> None:
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis import GenerationMode

    # The same requests each time, nothing kept on the disk, and no second look at what was found.
    settled = settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def tried(case: "Case[Any]") -> None:
        trial(case)

    settled(given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))(tried))()


def _sent(case: "Case[Any]") -> str:
    """The path with its query, as Schemathesis would send it."""
    query = urlencode(dict(case.query or {}), doseq=True)
    return f"{case.formatted_path}?{query}" if query else case.formatted_path


def _failures(case: "Case[Any]", exchange: Exchange, origin: str) -> Iterator["Failure"]:
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.failures import FailureGroup
    from schemathesis.specs.openapi import checks

    judges = [not_a_server_error, *(getattr(checks, name) for name in CHECKS)]
    try:
        case.validate_response(_response(exchange, origin), checks=judges)
    except FailureGroup as group:
        yield from group.exceptions


def _response(exchange: Exchange, origin: str) -> httpx.Response:
    """An exchange as what Schemathesis can judge; the body is no longer compressed, whatever it was."""
    kept = [
        one for one in exchange.headers if one[0] not in {"content-encoding", "content-length", "transfer-encoding"}
    ]
    request = httpx.Request(exchange.method, origin + exchange.target)
    response = httpx.Response(exchange.status, headers=kept, content=exchange.body, request=request)
    response.elapsed = exchange.took
    return response
