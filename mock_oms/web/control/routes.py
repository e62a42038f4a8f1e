"""How a route of the control API is declared: what it reads, what it answers, what it refuses."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from mock_oms.registry import Lease
from mock_oms.web.control.bodies import Parser
from mock_oms.web.guard import refusals_of
from mock_oms.web.state import current_state

View = TypeVar("View", bound=Callable[..., Any])

if TYPE_CHECKING:
    from flask import Blueprint as _Flask

    class Blueprint(_Flask):
        """What flask-smorest, which has no types, adds to Flask's blueprint."""

        _prepare_doc_cbks: list[Callable[..., dict[str, Any]]]

        def arguments(self, schema: Any, *, location: str = "json", **more: Any) -> Callable[[View], View]:
            """The view gets what the schema loads."""

        def response(self, code: int, schema: Any = None, **more: Any) -> Callable[[View], View]:
            """What the view returns is dumped by the schema."""

        def alt_response(self, code: int, response: str) -> Callable[[View], View]:
            """The view may answer so, too."""

        def doc(self, **more: Any) -> Callable[[View], View]:
            """More of the description."""
else:
    from flask_smorest import Blueprint

#: A world in the path that never was, or is no more.
_WORLD = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


class Routes(Blueprint):
    """Routes that `/_mock/openapi.json` describes; their descriptions are the views' docstrings."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, **more: Any) -> None:
        super().__init__(name, __name__, **more)
        self._prepare_doc_cbks.append(self._prepare_guard_doc)

    @staticmethod
    def _prepare_guard_doc(
        doc: dict[str, Any], doc_info: dict[str, Any], *, api: Any, method: str, **_: Any
    ) -> dict[str, Any]:
        """What the guard refuses, on every route that is not open."""
        if "security" not in doc_info.get("manual_doc", {}):
            doc["responses"] |= {int(status): status.name for status in refusals_of(method, api.control_token)}
        return doc

    def reads(self, schema: Any, example: Any, *, required: bool = True) -> Callable[[View], View]:
        """The view gets the body, loaded; one that is not `required` may be left out."""

        def decorate(view: View) -> View:
            return self.arguments(schema, required=required, example=example)(
                self.refuses(HTTPStatus.BAD_REQUEST)(view)
            )

        return decorate

    def of_a_world(self, view: View) -> View:
        """The view is about the world in its path."""
        return self.refuses(*_WORLD)(view)

    def refuses(self, *statuses: int) -> Callable[[View], View]:
        """The view may answer so, with a problem."""

        def decorate(view: View) -> View:
            for status in statuses:
                view = self.alt_response(int(status), HTTPStatus(status).name)(view)
            return view

        return decorate


def routes(name: str, description: str) -> Routes:
    """The routes of one noun."""
    return Routes(name, url_prefix="/_mock", description=description)


def leased(world: str) -> Lease:
    """The world of this name; whoever asks for it uses it."""
    return current_state().simulation.lease(world)


def world_time(lease: Lease) -> datetime:
    """What a world's clock shows by now; nobody waits for whoever changes the world."""
    return lease.world.glance(current_state().simulation.time())[1]
