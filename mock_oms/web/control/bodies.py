"""Reading what a request says: a body that is JSON and means one thing, and a query without strangers."""

import json
from collections import Counter
from typing import Any, NoReturn

from flask import Request
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser

from mock_oms.domain.errors import cut
from mock_oms.web.control.problems import InvalidFieldsError, UnreadableBodyError

#: Digits of a whole number; none that means anything here has more than 19, and thousands would take time to read.
MAX_DIGITS = 100


def parsed(body: bytes) -> Any:
    """The JSON of a body; an empty one is `{}`, for every route that needs keys asks for them.

    :raises UnreadableBodyError: it is not JSON, or a key stands twice in it.
    """
    if not body:
        return {}
    try:
        return json.loads(body, object_pairs_hook=_once_each, parse_constant=_no_number, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UnreadableBodyError(f"The body is not JSON that can be read: {reason}. Send one JSON object.") from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        (key, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {cut(repr(key))} stands twice")
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

    def load_querystring(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002  webargs' signature
        """The query; of a key that stands twice, neither is taken."""
        twice = {
            cut(key): [f"stands {len(given)} times; accepted: once."] for key, given in req.args.lists() if given[1:]
        }
        if twice:
            raise InvalidFieldsError(twice)
        return req.args.to_dict()

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        """Raise what the table of problems knows; webargs has put the messages under the name of their location."""
        (messages,) = error.messages_dict.values()
        raise InvalidFieldsError.of(messages, error.data) from None
