"""Requests that Schemathesis makes up from the contract, asked politely: GET alone, in our session, on its budget.

Its own runner is not used: it sends other methods and other credentials, and no budget or 429 stops it. Here it makes
up valid requests, and judges the answers by its checks that ask nothing themselves.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import field
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx

from mock_oms.conformance.checks.check import cut, legible_to_all, named
from mock_oms.conformance.checks.schemas import written
from mock_oms.conformance.crawl import Exchange
from mock_oms.conformance.crawler.crawler import Progress
from mock_oms.conformance.crawler.session import LIST, Session, StoppedError
from mock_oms.conformance.finding import Finding, Result, Severity, normalised_place
from mock_oms.contract.document import words_of
from mock_oms.dataclass import dataclass

if TYPE_CHECKING:
    from schemathesis import Case
    from schemathesis.core.failures import Failure
    from schemathesis.schemas import APIOperation


#: The name of the check, and of its findings.
CHECK = "schemathesis"
#: How a rule begins whose breach lies deeper, inside one of several shapes, and the rule against other members.
CHOICES, EXTRA = ("oneOf:", "anyOf:", "allOf:"), "additionalProperties:"
#: Failures that break no client by themselves.
_MILD: Mapping[str, Severity] = {"MissingHeaders": Severity.COSMETIC}
#: Failures whose message tells of status and headers alone; any other may quote the body.
_OPEN = frozenset({"MissingHeaders", "ServerError", "UndefinedContentType", "UndefinedStatusCode"})


#: Requests that are made up for each operation at most.
EXAMPLES = 10
#: Those of its checks that look at one answer and ask nothing, beside that for failures of the server.
CHECKS = ("status_code", "content_type", "response_headers", "response_schema")
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
    progress: Progress = lambda *_: None,
    show_values: bool = False,
    known: Sequence[Finding] = (),
) -> Result:
    """What Schemathesis finds with at most `examples` requests for each GET; `ids` are plans that exist.

    With `show_values` a finding says of a body what Schemathesis says, which may be a customer's data. `known` are the
    findings of our own checks of the schema, which are not repeated.

    :raises ImportError: the extra `contract` is not installed.
    """
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis.configuration import set_hypothesis_home_dir
    from schemathesis import GenerationMode

    trial = _Trial(
        session=session,
        progress=progress,
        words=words_of(contract),
        show_values=show_values,
        known=frozenset((normalised_place(one), one.expected) for one in known),
    )
    planned = list(_operations(contract, ids)) if examples > 0 else []
    trial.planned = session.requests + examples * len(planned)
    # The same requests each time, nothing on the disk, and no second look at what was found.
    settled = settings(
        max_examples=max(1, examples),
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def ask(case: "Case[Any]") -> None:
        trial.ask(case)

    began = session.counter()
    # Hypothesis writes its files to a folder that is thrown away, not to the current one.
    with TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            for operation in planned:
                settled(given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))(ask))()
        finally:
            set_hypothesis_home_dir(None)
    return Result(
        check=CHECK,
        claim=_CLAIM,
        findings=tuple(trial.findings.values()),
        looked=trial.looked,
        seconds=session.counter() - began,
        unseen=None if trial.looked else f"no request was made; {session.ended or 'the budget was spent'}",
    )


@dataclass(slots=True, kw_only=True)
class _Trial:
    """Asks what was made up until the session has ended, and collects each kind of failure once."""

    session: Session
    progress: Progress
    words: frozenset[str]
    show_values: bool
    known: frozenset[tuple[str, str]]
    findings: dict[tuple[str, ...], Finding] = field(default_factory=dict)
    looked: int = 0
    planned: int = 0
    requested: set[str] = field(default_factory=set)

    def ask(self, case: "Case[Any]") -> None:
        query = urlencode(dict(case.query or {}), doseq=True)
        target = f"{case.formatted_path}?{query}" if query else case.formatted_path
        if target in self.requested or self.session.ended is not None or not _FORM.fullmatch(target):
            return
        self.requested.add(target)
        try:
            exchange = self.session.get(target)
        except StoppedError:
            return
        self.looked += 1
        self.progress(self.session.requests, self.planned, CHECK)
        for failure in _failures(case, exchange, self.session.target.origin):
            found = self._finding(failure, exchange)
            place = normalised_place(found)
            if not self._is_known(place, found.expected):
                kind = (type(failure).__name__, failure.operation or "", place, found.expected)
                self.findings.setdefault(kind, found)

    def _is_known(self, place: str, expected: str) -> bool:
        """Whether our own checks have found it: the same rule, a member too many, or what is wrong in a choice."""
        if expected.startswith(EXTRA):
            return any(one.rpartition(".")[0] == place and not rule for one, rule in self.known)
        if expected.startswith(CHOICES):
            return any(one == place or one.startswith((f"{place}.", f"{place}[")) for one, _ in self.known)
        return (place, expected) in self.known

    def _finding(self, failure: "Failure", exchange: Exchange) -> Finding:
        """A failure as a finding, with the request that met it."""
        name = type(failure).__name__
        path: Any = getattr(failure, "schema_path", ())
        schema: Any = getattr(failure, "schema", {})
        # The keyword that is broken. A choice in an array of schemas ends in a number, and its keyword stands before.
        keyword = next((step for step in reversed(path) if isinstance(step, str)), "")
        rule = f"{keyword}: {json.dumps(schema.get(keyword))}" if keyword in schema else ""
        said = "no more is said"
        if self.show_values or name in _OPEN:
            said = next((line.strip() for line in failure.message.splitlines() if line.strip()), said)
        elif rule:
            said = f"this does not fit the rule {keyword!r} of the contract"
        steps: Any = getattr(failure, "instance_path", ())
        place = written(step if self.show_values or isinstance(step, int) else named(step) for step in steps)
        value: Any = getattr(failure, "instance", None)
        found = cut(value) if self.show_values else legible_to_all(value, place=place, words=self.words)
        return Finding(
            check=CHECK,
            severity=_MILD.get(name, Severity.ADDITIVE if rule.startswith(EXTRA) else Severity.BREAKING),
            message=f"{failure.title}: {said}",
            request=str(exchange),
            place=place,
            expected=cut(rule),
            found=found if rule else "",
            provenance="inferred",
            source="Schemathesis, by the contract's schemas",
        )


def _operations(contract: Mapping[str, Any], ids: Sequence[str]) -> Iterator["APIOperation[Any, Any, Any, Any]"]:
    """Each GET of the contract, with the plans that exist as its only ids, for one that is made up is never found."""
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.core.result import Ok

    known = deepcopy(dict(contract))
    if numbers := [int(one) for one in ids if one.isdecimal()]:
        known["components"]["parameters"]["id"]["schema"] = {"type": "integer", "enum": numbers}
    # Its own defaults: a configuration that lies in the current folder is meant for other runs.
    schema = schemathesis.openapi.from_dict(known, config=SchemathesisConfig())
    for found in schema.get_all_operations():
        if isinstance(found, Ok) and found.ok().method.upper() == "GET":
            yield found.ok()


def _failures(case: "Case[Any]", exchange: Exchange, origin: str) -> Iterator["Failure"]:
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.failures import FailureGroup
    from schemathesis.specs.openapi import checks

    # The body is no longer compressed, whatever it was.
    outdated = {"content-encoding", "content-length", "transfer-encoding"}
    response = httpx.Response(
        exchange.status,
        headers=[one for one in exchange.headers if one[0] not in outdated],
        content=exchange.body,
        request=httpx.Request(exchange.method, origin + exchange.target),
    )
    response.elapsed = exchange.took
    judges = [not_a_server_error, *(getattr(checks, f"{name}_conformance") for name in CHECKS)]
    try:
        case.validate_response(response, checks=judges)
    except FailureGroup as group:
        yield from group.exceptions
