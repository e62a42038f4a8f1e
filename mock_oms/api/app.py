"""The Flask app, complete by itself under a test client or any WSGI server."""

from http import HTTPStatus
from secrets import token_bytes
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import InternalServerError

from mock_oms.api.control.api import add_control
from mock_oms.api.control.errors import PROBLEM, problem, refused_by_http
from mock_oms.api.django import SERVER_ERROR
from mock_oms.api.exchange import Answer, Worlds, call_from_wsgi
from mock_oms.api.guard import HARMLESS, refusal
from mock_oms.api.state import WORLDS, State, current_state, hold
from mock_oms.api.vendor import caller_of, respond
from mock_oms.scenarios.library import Library
from mock_oms.traffic.journal.redaction import Redactor
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.world_header import HEADER, header_value

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from mock_oms.contract.observation import Observation

_CONTROL = "/_mock"


class VerbatimResponse(Response):
    """A response whose headers leave as they are: Werkzeug would quote a `Location` once more."""

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:  # noqa: ARG002 - Werkzeug's signature
        """The headers, untouched."""
        return self.headers


def create_app(
    simulation: WorldManager,
    *,
    library: Library | None = None,
    control_token: str | None = None,
    world_header: bool = True,
    performs: frozenset[str] = frozenset(),
    observed: "Observation | None" = None,
) -> Flask:
    """Build the app around a simulation; all state is in the simulation. Worlds begin with scenarios of `library`.

    With `world_header`, vendor answers say in `X-Mock-Oms` which instant of which world they are of. `performs` are the
    kinds of effects (`mock_oms.traffic.faults.fault.KINDS`) that a front before the app can perform; alone it performs none.
    `observed` is what is known of a real OMS.
    """
    app = Flask(__name__, static_folder=None)
    state = State(
        simulation=simulation,
        library=library or Library(),
        control_token=control_token,
        redactor=Redactor(token_bytes(16), filter(None, (control_token, *simulation.confidential()))),
        world_header=world_header,
        performs=performs,
        observed=observed,
    )
    hold(app, state)
    _surround(app)
    add_control(app, control_token=control_token)
    return app


def _surround(app: Flask) -> None:
    """Let every request pass what comes before, after and instead of the control API."""
    app.before_request(_answer_first)
    app.after_request(_harmless)
    app.register_error_handler(InternalServerError, _crashed)


def _answer_first() -> Response | None:
    """The vendor's answer, or the refusal of the guard or of a path: of every path, also of one that leads nowhere.

    Before Werkzeug's router has its say, for it would redirect with 308, merge slashes and answer 405 by itself.
    """
    if not _is_control(request.environ.get("PATH_INFO", "")):
        return _vendor_answer(request.environ.get(WORLDS) or current_state().simulation)
    found = refusal(request, current_state().control_token)
    if found is None:
        return _refused_path(_as_sent(request.environ))
    answer = problem(found.status, found.detail)
    if found.status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _refused_path(sent: str) -> Response | None:
    """The router sees paths decoded: a slash that was sent encoded would end a name and begin another noun."""
    if "%2f" not in sent.lower():
        return None
    return problem(
        HTTPStatus.NOT_FOUND,
        f"There is nothing at {sent[:200]}: no name has a slash in it, encoded or not; /_mock/docs shows what is.",
    )


def _as_sent(environ: "WSGIEnvironment") -> str:
    """The path with its escapes, as servers and Werkzeug's test client say it."""
    return str(environ.get("REQUEST_URI", "")).partition("?")[0]


def _harmless(answer: Response) -> Response:
    """What the control API answers, made safe to look at and to pass on; the vendor's answers are the vendor's."""
    if _is_control(request.environ.get("PATH_INFO", "")):
        for name, value in HARMLESS.items():
            answer.headers.setdefault(name, value)
        if answer.content_type == PROBLEM:
            answer.set_data(current_state().redactor.without_known(answer.get_data(as_text=True)))
    return answer


def _vendor_answer(worlds: Worlds) -> Response:
    call = call_from_wsgi(request.environ)
    caller = caller_of(call, worlds)
    g.line = caller.line  # for `_crashed`: to ask the simulation once more would be another instant, or another crash
    return _response(respond(call, caller, worlds))


def _crashed(error: InternalServerError) -> Response:
    """A bug of ours looks to the vendor's client as one of theirs would; Flask has logged the traceback."""
    if _is_control(request.environ.get("PATH_INFO", "")):
        return refused_by_http(error)
    return _response(SERVER_ERROR)


def _is_control(path: str) -> bool:
    return path == _CONTROL or path.startswith(f"{_CONTROL}/")


def _response(answer: Answer) -> Response:
    own = [(HEADER, header_value(g.get("line")))] if current_state().world_header else []
    return VerbatimResponse(answer.body, answer.status_line, headers=[*answer.headers, *own])
