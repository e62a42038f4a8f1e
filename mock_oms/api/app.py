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
from mock_oms.api.guard import SAFE_HEADERS, is_control, refusal
from mock_oms.api.state import KEY, WORLDS, State, current_state
from mock_oms.api.vendor import caller_of, respond
from mock_oms.scenarios.library import Library
from mock_oms.traffic.journal.redaction import Redactor
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.world_header import HEADER, NO_WORLD

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from mock_oms.contract.observation import Observation


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
    """Build the app around a simulation, which holds all state. Worlds begin with scenarios of `library`.

    With `world_header`, vendor answers say in `X-Mock-Oms` which instant of which world they are of. `performs` are the
    kinds of effects (`mock_oms.traffic.faults.fault.KINDS`) that a server before the app can perform; alone it performs none.
    `observed` is what is known of a real OMS.
    """
    app = Flask(__name__, static_folder=None)
    app.extensions[KEY] = State(
        simulation=simulation,
        library=library or Library(),
        control_token=control_token,
        redactor=Redactor(token_bytes(16), filter(None, (control_token, *simulation.confidential()))),
        world_header=world_header,
        performs=performs,
        observed=observed,
    )
    app.before_request(_answer_first)
    app.after_request(_with_safe_headers)
    app.register_error_handler(InternalServerError, _crashed)
    add_control(app, control_token=control_token)
    return app


def _answer_first() -> Response | None:
    """The vendor's answer, or the refusal of the guard or of a path: of every path, also of one that leads nowhere.

    Before Werkzeug's router has its say, for it would redirect with 308, merge slashes and answer 405 by itself.
    """
    if not is_control(request.environ.get("PATH_INFO", "")):
        worlds: Worlds = request.environ.get(WORLDS) or current_state().simulation
        call = call_from_wsgi(request.environ)
        caller = caller_of(call, worlds)
        g.line = caller.line  # for `_crashed`: to read the world once more would be another instant, or another crash
        return _response(respond(call, caller, worlds))
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
        f"There is nothing at {sent[:200]}: no name has a slash in it, encoded or not; /_mock/docs shows what is.",
    )


def _with_safe_headers(answer: Response) -> Response:
    """What the control API answers, made safe to look at and to pass on; the vendor's answers are the vendor's."""
    if is_control(request.environ.get("PATH_INFO", "")):
        for name, value in SAFE_HEADERS.items():
            answer.headers.setdefault(name, value)
        if answer.content_type == PROBLEM:
            answer.set_data(current_state().redactor.without_known(answer.get_data(as_text=True)))
    return answer


def _crashed(error: InternalServerError) -> Response:
    """A bug of ours looks to the vendor's client as one of theirs would; Flask has logged the traceback."""
    return refused_by_http(error) if is_control(request.environ.get("PATH_INFO", "")) else _response(SERVER_ERROR)


def _response(answer: Answer) -> Response:
    own = [(HEADER, str(g.get("line") or NO_WORLD))] if current_state().world_header else []
    return VerbatimResponse(answer.body, answer.status_line, headers=[*answer.headers, *own])
