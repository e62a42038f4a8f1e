"""The control API as one thing: its routes, its description, and the form of its refusals."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from threading import Lock
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response
from flask.json import dumps
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Api
from werkzeug.routing import BaseConverter, IntegerConverter

from mock_oms import __version__
from mock_oms.api.control import schemas
from mock_oms.api.control.dashboard import dashboard
from mock_oms.api.control.errors import PROBLEM, guarded_app
from mock_oms.api.control.faults import faults
from mock_oms.api.control.field_types import EventField
from mock_oms.api.control.journal import journal
from mock_oms.api.control.pages import health, metrics, pages, vendor_contract
from mock_oms.api.control.routes import Routes
from mock_oms.api.control.stream import streams
from mock_oms.api.control.worlds import clock, events, lifecycles, plans, scenarios, worlds
from mock_oms.api.guard import MAX_WORLD
from mock_oms.api.state import State
from mock_oms.rendering.encoding import AnyField
from mock_oms.scenarios.fields import Whole
from mock_oms.scenarios.json_schema import Converter, event_shape, name_of_schema
from mock_oms.settings import Settings

_ROUTES = (
    health, metrics, scenarios, worlds, clock, plans, lifecycles, events, faults, journal, streams, vendor_contract
)  # fmt: skip
_BEARER = "controlToken"
#: From here on, generated clients of typed languages must be told that a number is a long one.
_INT32 = 2**31
_NOT_TAKEN = HTTPStatus.METHOD_NOT_ALLOWED
_METHODS = {"required": True, "schema": {"type": "string"}, "description": "The methods that the path takes."}


def _converter(base: type[BaseConverter], regex: str, **shape: Any) -> tuple[type[BaseConverter], dict[str, Any]]:
    return type("Converter", (base,), {"regex": regex, "part_isolating": True}), shape


#: Of numbers in a path, as many digits are read as they have, so that nobody makes us read a thousand of them. Names that
#: no world can have are looked up too: the 404 names the nearest.
_CONVERTERS = {
    "plan": _converter(IntegerConverter, "[0-9]{1,10}", type="integer", minimum=0, maximum=2**31 - 1, examples=[41207]),
    "number": _converter(
        IntegerConverter, "[0-9]{1,15}", type="integer", format="int64", minimum=0, maximum=10**15 - 1, examples=[1]
    ),
    "world": _converter(BaseConverter, "[^/]+", type="string", minLength=1, examples=["default"]),
    "scenario": _converter(BaseConverter, "[^/]+", type="string", minLength=1, examples=["restock"]),
}
_DESCRIPTION = (
    "Worlds, time, commands, events, faults and requests of a mock of Akinon's OMS. Each world has a token of its "
    "own: what reads the vendor's API with it reads that world. Times are ISO 8601 with a zone, durations are written "
    "1h30m. Refusals are `application/problem+json`, and their `detail` says what to do. A path that is asked by a "
    "method it does not take answers 405, and names those that it takes in `Allow`. Only a request that cannot be read "
    "is refused in plain text: 408 where it comes too slowly, 414 or 431 where its head is too large."
)


_SENT = "The control token. A mock that was started without one takes requests of its own machine, with none."


#: Entries of a list that become text at once: no other thread runs meanwhile, and an advance answers with 100,000 steps.
_PIECE = 500


class Json(DefaultJSONProvider):
    """Flask's JSON, with long lists written in pieces."""

    sort_keys = False

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """The same text."""

        def write(one: Any) -> str:
            return super(Json, self).dumps(one, **kwargs)

        is_compact = kwargs.get("separators") == (",", ":")
        return "".join(_pieces(obj, write)) if is_compact and _is_long(obj) else write(obj)


def _is_long(value: Any) -> bool:
    if isinstance(value, dict):
        return len(value) > _PIECE or any(map(_is_long, value.values()))
    return isinstance(value, list) and len(value) > _PIECE


def _pieces(value: Any, write: Callable[[Any], str]) -> Iterator[str]:
    if isinstance(value, dict) and value and all(isinstance(key, str) for key in value):
        for number, (key, one) in enumerate(value.items()):
            yield f"{',' if number else '{'}{write(key)}:"
            yield from _pieces(one, write)
        yield "}"
    elif isinstance(value, list) and len(value) > _PIECE:
        for first in range(0, len(value), _PIECE):
            yield f"{',' if first else '['}{write(value[first : first + _PIECE])[1:-1]}"
        yield "]"
    else:
        yield write(value)


class _Converter(Converter):
    """The converter of scenario files, which knows the kinds of value of the control API too."""

    def scenario2properties(self, field: AnyField, **_: Any) -> dict[str, Any]:
        """As for a scenario file; an event from outside has at least one item, and not too many."""
        if isinstance(field, Whole) and field.high >= _INT32:
            return {**field.shape, "format": "int64"}
        if not isinstance(field, EventField):
            return super().scenario2properties(field)
        shape = event_shape(self, field.word)
        items = {"items": {"minItems": 1, "maxItems": field.most_items}}
        return {"allOf": [shape, {"properties": items}]} if field.most_items else shape

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        """As the fields say; or one of several shapes."""
        if isinstance(schema, schemas.Addition):
            kinds = [self.nested(kind) for kind in schema.kinds]
            return {"description": type(schema).__doc__, "oneOf": kinds}
        return super().schema2jsonschema(schema)


class _Plugin(MarshmallowPlugin):
    Converter = _Converter


class _ControlApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest, with refusals in the form of RFC 9457 and none of its own.

    Routes are described when somebody wants to read that: it takes longer than all else that a start does for them.
    """

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = schemas.Problem
    control_token: str | None = None

    def __init__(self, app: Flask, **more: Any) -> None:
        self._describing, self._described = Lock(), False
        super().__init__(app, **more)

    def register_blueprint(self, blp: Routes, **_: Any) -> None:
        """Take the routes."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp)

    def description(self) -> dict[str, Any]:
        """The OpenAPI document."""
        with self._describing:
            if not self._described:
                self._describe()
                self._described = True
        found: dict[str, Any] = self.spec.to_dict()
        return found

    def _openapi_json(self) -> Response:
        return Response(dumps(self.description(), indent=2, sort_keys=False), mimetype="application/json")

    def _register_responses(self) -> None:
        """As the routes."""

    def _describe(self) -> None:
        for status in HTTPStatus:
            self.spec.components.response(status.name, _refusal(status), lazy=True)
        self.spec.components.response(_NOT_TAKEN.name, {**_refusal(_NOT_TAKEN), "headers": {"Allow": _METHODS}})
        for one in _ROUTES:
            one.register_views_in_doc(self, self._app, self.spec, name=one.name, parameters=None)
            self.spec.tag({"name": one.name, "description": one.description})

    def _register_pagination_header(self) -> None:
        """There is none: `limit` and `offset` say which page is wanted."""

    def _register_error_handlers(self) -> None:
        """They are registered in `add_control`, for the app answers as the vendor too."""


def _refusal(status: HTTPStatus) -> dict[str, Any]:
    return {"description": status.phrase, "content": {PROBLEM: {"schema": schemas.Problem}}}


def control_app(state: State) -> Flask:
    """The app of the control API: its guard, its routes and their description."""
    app = guarded_app(state)
    app.json = Json(app)
    app.url_map.converters |= {name: converter for name, (converter, _) in _CONVERTERS.items()}
    app.config.update(OPENAPI_URL_PREFIX="/_mock", OPENAPI_VERSION="3.1.0")
    app.config.update(MAX_CONTENT_LENGTH=MAX_WORLD)  # of a body in chunks, under another server than ours
    app.config.update(API_TITLE="mock_oms: the control API", API_VERSION=__version__)
    plugin = _Plugin(schema_name_resolver=name_of_schema)
    api = _ControlApi(app, spec_kwargs={"marshmallow_plugin": plugin, "info": {"description": _DESCRIPTION}})
    api.control_token = state.control_token
    for converter, shape in _CONVERTERS.values():
        api.register_converter(converter, lambda _, shape=shape: dict(shape))
    api.spec.components.security_scheme(_BEARER, {"type": "http", "scheme": "bearer", "description": _SENT})
    api.spec.options["security"] = [{_BEARER: []}, *([] if state.control_token else [{}])]
    api.spec.options["servers"] = [
        {"url": "/", "description": "The mock that this document comes from."},
        {"url": f"http://{Settings().host}:{Settings().port}", "description": "`mock-oms serve` with its defaults."},
    ]
    for one in _ROUTES:
        api.register_blueprint(one)
    app.register_blueprint(pages)
    app.register_blueprint(dashboard)
    return app
