"""The Flask app, complete by itself under a test client or any WSGI server."""

from functools import cached_property
from secrets import token_bytes
from threading import Lock
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import InternalServerError

from mock_oms.api.django import SERVER_ERROR
from mock_oms.api.exchange import Answer, Worlds, call_from_wsgi
from mock_oms.api.guard import OPEN, is_control
from mock_oms.api.state import KEY, WORLDS, State, state_of
from mock_oms.api.vendor import caller_of, respond
from mock_oms.scenarios.library import Library
from mock_oms.traffic.journal.redaction import Redactor
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.world_header import HEADER, NO_WORLD, WorldHeader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask import Request

    from mock_oms.contract.observation import Observation


class VerbatimResponse(Response):
    """A response whose headers leave as they are: Werkzeug would quote a `Location` once more, and name a type."""

    default_mimetype = None

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:  # noqa: ARG002 - Werkzeug's signature
        """The headers, untouched."""
        return self.headers


class MockApp(Flask):
    """The vendor's API. What lies under `/_mock` is an app of its own, made at its first request: it takes 0.1 s."""

    def __init__(self, state: State) -> None:
        super().__init__(__name__, static_folder=None)
        self.extensions[KEY] = state
        self._making = Lock()
        self._control: Flask | None = None
        self.register_error_handler(InternalServerError, self._crashed)

    @property
    def control(self) -> Flask:
        """The app of the control API."""
        with self._making:
            if self._control is None:
                from mock_oms.api.control.api import control_app  # noqa: PLC0415  no start needs it

                self._control = control_app(state_of(self))
            return self._control

    @cached_property
    def health(self) -> Flask:
        """The app that says whether the mock is ready: people ask that first, and many of them nothing else."""
        from mock_oms.api.control.health import health_app  # noqa: PLC0415  no start needs it

        return health_app(state_of(self))

    def create_url_adapter(self, request: "Request | None") -> None:
        """None: Werkzeug's router would redirect with 308, merge slashes and answer 405 by itself, and takes its time."""

    def dispatch_request(self) -> Response:
        """The vendor's answer, of every path, also of one that leads nowhere."""
        environ = request.environ
        worlds: Worlds = environ.get(WORLDS) or state_of(self).simulation
        call = call_from_wsgi(environ)
        caller = caller_of(call, worlds)
        # For a crash: to read the world once more would be another instant, or another crash.
        g.line = caller.line
        return self._response(respond(call, caller, worlds), caller.line)

    def _response(self, answer: Answer, line: WorldHeader | None) -> Response:
        own = [(HEADER, str(line or NO_WORLD))] if state_of(self).world_header else []
        # As a list the body is taken as it is: its length stands in the headers already.
        return VerbatimResponse([answer.body], answer.status_line, headers=[*answer.headers, *own])

    def _crashed(self, _: InternalServerError) -> Response:
        """A bug of ours looks to the vendor's client as one of theirs would; Flask has logged the traceback."""
        return self._response(SERVER_ERROR, g.get("line"))

    def refuses(self, environ: "WSGIEnvironment") -> bool:
        """Whether the control API refuses a request whatever its body says: its guard does, or it has no such route."""
        with self.control.request_context(environ):
            return request.routing_exception is not None or self.control.preprocess_request() is not None

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        """Answer as the vendor, or as the control API."""
        path = environ.get("PATH_INFO", "")
        if path in OPEN:
            return self.health.wsgi_app(environ, start_response)
        if is_control(path):
            return self.control.wsgi_app(environ, start_response)
        return super().wsgi_app(environ, start_response)


def create_app(
    simulation: WorldManager,
    *,
    library: Library | None = None,
    control_token: str | None = None,
    world_header: bool = True,
    performs: frozenset[str] = frozenset(),
    observed: "Observation | None" = None,
) -> MockApp:
    """Build the app around a simulation, which holds all state. Worlds begin with scenarios of `library`.

    With `world_header`, vendor answers say in `X-Mock-Oms` which instant of which world they are of. `performs` are the
    kinds of effects (`mock_oms.traffic.faults.fault.KINDS`) that a server before the app can perform; alone it performs none.
    `observed` is what is known of a real OMS.
    """
    return MockApp(
        State(
            simulation=simulation,
            library=library or Library(),
            control_token=control_token,
            redactor=Redactor(token_bytes(16), filter(None, (control_token, *simulation.confidential()))),
            world_header=world_header,
            performs=performs,
            observed=observed,
        )
    )
