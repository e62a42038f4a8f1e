"""Requests that Schemathesis makes up from the contract, asked politely: GET alone, in our session, on its budget.

Its own runner is not used: it sends other methods and other credentials, and no budget or 429 stops it. Here it makes
up valid requests, and judges the answers by its checks that ask nothing themselves.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx

from mock_oms.asking.errors import StoppedError
from mock_oms.asking.session import LIST, Session
from mock_oms.asking.visit import Progress, Step
from mock_oms.findings.finding import Finding, Result, Severity
from mock_oms.survey.exchange import Exchange

if TYPE_CHECKING:
    from schemathesis import Case
    from schemathesis.core.failures import Failure
    from schemathesis.schemas import APIOperation

#: Requests that are made up for each operation at most.
EXAMPLES = 10
#: The name of the check, and of its findings.
CHECK = "schemathesis"
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
#: Failures that break no client by themselves.
_MILD: Mapping[str, Severity] = MappingProxyType({"MissingHeaders": Severity.COSMETIC})
#: Failures whose message tells of status and headers alone; any other may quote the body.
_OPEN = frozenset({"MissingHeaders", "ServerError", "UndefinedContentType", "UndefinedStatusCode"})


def generated(
    session: Session,
    contract: Mapping[str, Any],
    *,
    ids: Sequence[str] = (),
    examples: int = EXAMPLES,
    progress: Progress = lambda _: None,
    show_values: bool = False,
) -> Result:
    """What Schemathesis finds with at most `examples` requests for each GET; `ids` are plans that there are.

    With `show_values` a finding says of a body what Schemathesis says, which may be a customer's data.

    :raises ImportError: the extra `contract` is not installed.
    """
    trial = _Trial(session, progress, show_values=show_values)
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

    def __init__(self, session: Session, progress: Progress, *, show_values: bool) -> None:
        self._session, self._progress, self._show_values = session, progress, show_values
        self.findings: dict[tuple[str, str, str], Finding] = {}
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
        self._progress(Step(done=self._session.asked, planned=self.planned, asking=CHECK))
        for failure in _failures(case, exchange, self._session.target.origin):
            kind = (type(failure).__name__, failure.operation or "", _place(failure))
            self.findings.setdefault(kind, _finding(failure, exchange, show_values=self._show_values))


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


def _place(failure: "Failure") -> str:
    return str(getattr(failure, "schema_path", ""))


def _finding(failure: "Failure", exchange: Exchange, *, show_values: bool) -> Finding:
    open_to_all = show_values or type(failure).__name__ in _OPEN
    lines = [line.strip() for line in failure.message.splitlines() if line.strip() and open_to_all]
    return Finding(
        check=CHECK,
        severity=_MILD.get(type(failure).__name__, Severity.BREAKING),
        message=f"{failure.title}: {lines[0] if lines else 'no more is said'}",
        request=str(exchange),
        place=_place(failure),
        provenance="inferred",
        source="Schemathesis, by the contract's schemas",
    )
