"""The control API through Flask's test client, around a real simulation and a wall clock that is set by hand."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from secrets import token_bytes
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mock_oms.api.app import MockApp, create_app
from mock_oms.api.state import KEY, State
from mock_oms.scenarios.library import Library
from mock_oms.traffic.journal.redaction import Redactor
from mock_oms.worlds.manager import WorldManager

PLAN = 41207
SKU = "TST-002-L"
LIST = "/api/v1/oms/orderexecutionplans/"


class Wall:
    """A wall clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, kw_only=True)
class Server:
    """A mock without a socket."""

    simulation: WorldManager
    client: FlaskClient
    wall: Wall = field(default_factory=Wall)

    @property
    def app(self) -> MockApp:
        """The app that it asks."""
        assert isinstance(self.client.application, MockApp)
        return self.client.application

    def ask(self, method: str, path: str, body: Any = None) -> TestResponse:
        """A request to the control API."""
        sent = {} if body is None else {"json": body}
        return self.client.open(f"/_mock{path}", method=method, **sent)

    def done(self, method: str, path: str, body: Any = None) -> Any:
        """What a request that succeeds answers."""
        answer = self.ask(method, path, body)
        assert answer.status_code in {200, 201, 204}, answer.text
        return answer.get_json(silent=True)

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the problem of a request that is refused."""
        answer = self.ask(method, path, body)
        assert answer.content_type == "application/problem+json", answer.text
        problem = answer.get_json()
        assert problem["status"] == answer.status_code
        assert problem["detail"].endswith(".")
        return answer.status_code, problem

    def opened(self, name: str = "mine", **wanted: Any) -> Any:
        """A world over the scenario `restock`, or what is wanted instead."""
        wish = wanted if "snapshot" in wanted else {"scenario": "restock", **wanted}
        return self.done("POST", "/worlds", {"name": name, **wish})

    def vendor(self, token: str, path: str = LIST) -> TestResponse:
        """What the vendor's client reads."""
        return self.client.get(path, headers={"Authorization": f"Token {token}"})

    def bytes_of(self, token: str) -> tuple[bytes, bytes]:
        """The list and a plan, as they leave."""
        return self.vendor(token).data, self.vendor(token, f"{LIST}{PLAN}/").data


def server(
    scenario: str = "restock",
    *,
    library: Library | None = None,
    control_token: str | None = None,
    performs: frozenset[str] = frozenset(),
    simulation: WorldManager | None = None,
    wall: Wall | None = None,
) -> Server:
    """A fresh mock; nothing of one test is seen by another. What it `performs` it only says: no server is before it."""
    library, wall = library or _shipped(), wall or Wall()
    simulation = simulation or WorldManager(library.load(scenario), wall=wall)
    secrets = filter(None, (control_token, *simulation.confidential()))
    state = State(
        simulation=simulation,
        library=library,
        control_token=control_token,
        redactor=Redactor(token_bytes(16), secrets),
        world_header=True,
        performs=performs,
    )
    return Server(simulation=simulation, client=_Client(_app(control_token), state), wall=wall)


@cache
def _shipped() -> Library:
    """One library for many tests: it reads each of our scenarios once."""
    return Library()


@cache
def _app(control_token: str | None) -> MockApp:
    """One app for many tests: to build its routes takes longer than most tests."""
    library = _shipped()
    return create_app(WorldManager(library.load("restock")), library=library, control_token=control_token)


class _Client(FlaskClient):
    """A client that gives the shared app the state of its own test before each request."""

    def __init__(self, app: MockApp, state: State) -> None:
        super().__init__(app, app.response_class, use_cookies=False)
        self._apps, self._state = (app, app.control, app.health), state

    def open(self, *sent: Any, **more: Any) -> TestResponse:
        for app in self._apps:
            app.extensions[KEY] = self._state
        return super().open(*sent, **more)
