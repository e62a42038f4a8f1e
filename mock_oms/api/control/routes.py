"""How a route of the control API is declared: what it reads, what it answers, what it refuses."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

from flask import Request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser

from mock_oms.api.control.errors import InvalidFieldsError, ProblemError
from mock_oms.api.guard import refusals_of
from mock_oms.api.state import current_state
from mock_oms.scenarios.fields import Word
from mock_oms.text import shortened
from mock_oms.worlds.leases import Lease

#: Digits of a whole number; none that means anything here has more than 19, and thousands would take time to read.
MAX_DIGITS = 100
_WHOLE = re.compile(f"[0-9]{{1,{MAX_DIGITS}}}")


def parsed(body: bytes) -> Any:
    """The JSON of a body; an empty one is `{}`, for every route that needs keys asks for them.

    :raises ProblemError: it is not JSON, or a key stands twice in it.
    """
    if not body:
        return {}
    try:
        return json.loads(body, object_pairs_hook=_once_each, parse_constant=_no_number, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        sentence = f"The body is not JSON that can be read: {reason}. Send one JSON object."
        raise ProblemError(HTTPStatus.BAD_REQUEST, sentence) from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        (key, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {shortened(repr(key))} stands twice")
    return found


def _whole(digits: str) -> int:
    count = len(digits.removeprefix("-"))
    if count > MAX_DIGITS:
        raise ValueError(f"it has a number of {count} digits; accepted: up to {MAX_DIGITS}")
    return int(digits)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


class Parser(FlaskParser):
    """webargs, with our sentences, and with unknown keys of a query refused as those of a body are."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {}  # noqa: RUF012  as webargs declares it

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002  webargs' signature
        """The body's JSON; the guard has seen to its content type."""
        return parsed(req.get_data())

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """The query, its values as a body would have them; of a key that stands twice, neither is taken.

        What may be any word, such as a SKU, stays text: `007` is one, and so is `true`.
        """
        repeated = {key: len(given) for key, given in req.args.lists() if given[1:]}
        if repeated:
            raise InvalidFieldsError(
                {shortened(key): [f"stands {count} times; accepted: once."] for key, count in repeated.items()}
            )
        words = {key for key, field in schema.fields.items() if type(field) is Word}
        return {key: value if key in words else _as_json(value) for key, value in req.args.items()}

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        """Raise an error of the table; webargs has put the messages under the name of their location."""
        (messages,) = error.messages_dict.values()
        raise InvalidFieldsError.of(messages, error.data) from None


def _as_json(value: str) -> str | int:
    known = {"true": True, "false": False}
    return known[value] if value in known else int(value) if _WHOLE.fullmatch(value) else value


View = TypeVar("View", bound=Callable[..., Any])


class Routes(Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """Routes that `/_mock/openapi.json` describes; their descriptions are the views' docstrings."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, description: str, *, of_a_world: bool = False) -> None:
        prefix = "/_mock/worlds/<world:world>" if of_a_world else "/_mock"
        super().__init__(name, __name__, url_prefix=prefix, description=description)
        self.of_a_world = of_a_world
        self._prepare_doc_cbks.append(self._prepare_guard_doc)

    @staticmethod
    def _prepare_guard_doc(
        doc: dict[str, Any], doc_info: dict[str, Any], *, api: Any, method: str, **_: Any
    ) -> dict[str, Any]:
        """What the guard refuses, on every route that is not open."""
        if "security" not in doc_info.get("manual_doc", {}):
            doc["responses"] |= {int(status): status.name for status in refusals_of(method, api.control_token)}
        return doc

    def handles(
        self,
        method: str,
        path: str,
        answer: Any = None,
        *,
        body: Any = None,
        query: Any = None,
        doc: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Callable[[View], View]:
        """A route. Its view gets what the schema `body` or `query` loads, and returns what the schema `answer` dumps.

        `body` is a pair of schema and example, `optional_body` one that may be left out. `refuses` are statuses beside
        those that follow from the rest: a world in a path may never have been, or be no more. `doc` adds to the
        description.
        """
        schema, example = body or more.pop("optional_body", (None, None))
        statuses = [*more.pop("refuses", ()), *((404, 410) if self.of_a_world or "<world:world>" in path else ())]
        statuses += (400,) if schema else ()
        status = more.pop("status", 200)

        def decorate(view: View) -> View:
            first, *words = view.__name__.split("_")
            view = self.doc(operationId="".join((first, *map(str.title, words))), **doc or {})(view)
            for one in statuses:
                view = self.alt_response(one, HTTPStatus(one).name)(view)
            view = self.response(status, answer, **more)(view)
            if schema is not None:
                view = self.arguments(schema, required=body is not None, example=example)(view)
            if query is not None:
                view = self.arguments(query, location="query")(view)
            return self.route(path, methods=[method])(view)  # type: ignore[no-any-return]

        return decorate


def leased(world: str) -> Lease:
    """The world of this name; a request for it counts as use."""
    return current_state().simulation.lease(world)


def world_time(lease: Lease) -> datetime:
    """What a world's clock shows by now, without waiting for a change of the world to end."""
    return lease.world.glance(current_state().simulation.time())[1]
