"""What the control API refuses, as `application/problem+json`: one table from exceptions to answers; and an app that refuses so."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from mock_oms.api.guard import SAFE_HEADERS, TOO_LARGE, is_page, refusal
from mock_oms.api.state import KEY, State, current_state
from mock_oms.domain.errors import (
    ClockError,
    IllegalCommandError,
    IllegalEventError,
    TooFarError,
    TooManyEventsError,
    UnknownNameError,
)
from mock_oms.scenarios.errors import ScenarioError, as_path
from mock_oms.scenarios.library import UnknownScenarioError
from mock_oms.scenarios.schema import sentences
from mock_oms.text import shortened
from mock_oms.traffic.faults.active import UnknownFaultError
from mock_oms.worlds.leases import (
    DefaultWorldError,
    NameTakenError,
    TooManyStreamsError,
    TooManyWorldsError,
    UnknownWorldError,
    WorldExpiredError,
)
from mock_oms.worlds.snapshot import SnapshotError
from mock_oms.worlds.store import CannotWriteError
from mock_oms.worlds.traffic import TooManyFaultsError

PROBLEM = "application/problem+json"
#: Errors of one body that are shown.
MAX_ERRORS = 50


class ProblemError(Exception):
    """A refusal of ours: its status, its sentence, and what stands beside them in the problem."""

    def __init__(self, status: HTTPStatus, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.more = status, more


class InvalidFieldsError(ProblemError):
    """Fields that cannot be used; `errors` holds sentences by path."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        sentence = (
            "Some of what was sent cannot be used: `errors` says what, and what is accepted. Nothing has changed."
        )
        super().__init__(HTTPStatus.UNPROCESSABLE_ENTITY, sentence, errors=errors)

    @classmethod
    def of(cls, messages: Mapping[str, Any], data: Any) -> "InvalidFieldsError":
        """What marshmallow found in `data`, by path; what is about several fields, or none, stands under `body`."""
        found: dict[str, list[str]] = {}
        every = list(sentences(messages, data))
        for place, sentence in every[:MAX_ERRORS]:
            path = as_path(tuple(part if isinstance(part, int) else shortened(part) for part in place))
            found.setdefault(path or "body", []).append(sentence)
        if every[MAX_ERRORS:]:
            found.setdefault("body", []).append(f"{len(every) - MAX_ERRORS} more errors are not told.")
        return cls(found)


#: A name in the path that leads nowhere is 404. A name inside an event is a value that cannot be used: 422.
_BY_STATUS: Mapping[HTTPStatus, tuple[type[Exception], ...]] = {
    HTTPStatus.NOT_FOUND: (UnknownWorldError, UnknownScenarioError, UnknownFaultError),
    HTTPStatus.CONFLICT: (
        *(NameTakenError, DefaultWorldError, IllegalCommandError, IllegalEventError, ClockError, TooFarError),
        SnapshotError,
    ),
    HTTPStatus.GONE: (WorldExpiredError,),
    HTTPStatus.UNPROCESSABLE_ENTITY: (UnknownNameError, ScenarioError),
    HTTPStatus.TOO_MANY_REQUESTS: (TooManyWorldsError, TooManyStreamsError, TooManyEventsError, TooManyFaultsError),
    HTTPStatus.SERVICE_UNAVAILABLE: (CannotWriteError,),
}
STATUS: Mapping[type[Exception], HTTPStatus] = {kind: status for status, kinds in _BY_STATUS.items() for kind in kinds}

#: What an exception of the table knows beyond its sentence.
_EXTENSIONS = ("errors", "legal")

#: For what the router and Werkzeug refuse; their own sentences do not say what to do.
_SENTENCES: Mapping[int, str] = {
    404: "There is nothing at {path}: /_mock/openapi.json says what there is, and /_mock/docs shows it in a browser.",
    405: "{path} does not take {method}; it takes what the header Allow names.",
    413: TOO_LARGE,
    500: "The mock failed, which is a bug of its own: its log has the traceback.",
}


def problem(status: int, detail: str, **more: Any) -> Response:
    """An answer of the form `application/problem+json`."""
    phrase = HTTPStatus(status).phrase
    response = jsonify(status=status, title=phrase, detail=detail, **more)
    response.status_code, response.content_type = status, PROBLEM
    return response


def refused(error: Exception) -> Response:
    """The answer to an exception of the table, or to a refusal of ours."""
    if isinstance(error, ProblemError):
        return problem(error.status, str(error), **error.more)
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    more = {key: getattr(error, key) for key in _EXTENSIONS if hasattr(error, key)}
    return problem(status, str(error), **more)


def refused_by_http(error: HTTPException) -> Response:
    """The answer to what the router or Werkzeug refuses, with their headers: a 405 names what is allowed."""
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    sentence = _SENTENCES.get(code, error.description or "")
    response = problem(code, sentence.format(path=_shown(shortened(request.path)), method=request.method))
    allowed = dict(error.get_headers()).get("Allow")
    if allowed:  # Werkzeug's set has another order in each process
        response.headers["Allow"] = ", ".join(sorted(allowed.split(", ")))
    return response


class _ExactMap(Map):
    """Routes to the letter: a path with two slashes is not sent elsewhere, with what it holds in the answer.

    It is said when the map is made, because Werkzeug 3.0 takes no notice later.
    """

    def __init__(self, **more: Any) -> None:
        super().__init__(merge_slashes=False, **more)


class _ControlFlask(Flask):
    url_map_class: type[Map] = _ExactMap


def guarded_app(state: State) -> Flask:
    """An app behind the guard, without routes yet."""
    app = _ControlFlask("mock_oms.api.control", static_folder=None)
    app.extensions[KEY] = state
    app.before_request(_refusal_of_guard)
    app.after_request(_with_safe_headers)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of Flask's own provider
    kinds: list[type[Exception]] = [ProblemError, *STATUS]
    for kind in kinds:
        app.register_error_handler(kind, refused)
    app.register_error_handler(HTTPException, refused_by_http)
    return app


def _refusal_of_guard() -> Response | None:
    found = refusal(request, current_state().control_token)
    if found is not None:
        answer = problem(found.status, found.detail)
        if found.status == HTTPStatus.UNAUTHORIZED:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    # The router sees paths decoded: a slash that was sent encoded would end a name and begin another noun.
    sent = str(request.environ.get("REQUEST_URI", "")).partition("?")[0]
    if "%2f" not in sent.lower():
        return None
    return problem(
        HTTPStatus.NOT_FOUND,
        f"There is nothing at {_shown(sent[:200])}: no name has a slash in it, encoded or not; /_mock/openapi.json says what there is.",
    )


def _shown(path: str) -> str:
    """A path that was asked for, in a sentence. Of the dashboard's, which everybody may ask for, nothing is repeated.

    Secrets are taken out of the sentence below: whoever guesses one would see that he was right.
    """
    return "this path" if is_page(request.method, request.path) else path


def _with_safe_headers(answer: Response) -> Response:
    """An answer that is safe to look at and to pass on."""
    for name, value in SAFE_HEADERS.items():
        answer.headers.setdefault(name, value)
    if answer.content_type == PROBLEM:
        answer.set_data(current_state().redactor.without_known(answer.get_data(as_text=True)))
    return answer
