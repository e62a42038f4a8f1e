"""Reading what a request says: a body that is JSON and means one thing, and a query without strangers."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser

from mock_oms.web.control.problems import InvalidFieldsError, UnreadableBodyError


def parsed(body: bytes) -> Any:
    """The JSON of a body; an empty one is `{}`, for every route that needs keys asks for them.

    :raises UnreadableBodyError: it is not JSON, or a key stands twice in it.
    """
    if not body:
        return {}
    try:
        return json.loads(body, object_pairs_hook=_once_each, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UnreadableBodyError(f"The body is not JSON that can be read: {reason}. Send one JSON object.") from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


class Parser(FlaskParser):
    """webargs, with our sentences, and with unknown keys of a query refused as those of a body are."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {}  # noqa: RUF012  as webargs declares it

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002  webargs' signature
        """The body's JSON; the guard has seen to its content type."""
        return parsed(req.get_data())

    def load_querystring(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002  webargs' signature
        """The query; of a key that stands twice, neither is taken."""
        twice = {key: [f"stands {len(given)} times; accepted: once."] for key, given in req.args.lists() if given[1:]}
        if twice:
            raise InvalidFieldsError(twice)
        return req.args.to_dict()

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        """Raise what the table of problems knows; webargs has put the messages under the name of their location."""
        (messages,) = error.messages_dict.values()
        raise InvalidFieldsError.of(ValidationError(messages, data=_of(error))) from None


def _of(error: ValidationError) -> Any:
    return error.data if isinstance(error.data, Mapping) else {}
