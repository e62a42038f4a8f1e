"""Arguments of the client, checked before they are sent: a refusal names what was found and what is accepted."""

import json
import os
import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from math import isfinite
from pathlib import Path
from types import NoneType
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError

from mock_oms.client.errors import WishError, is_refusal
from mock_oms.scenarios.errors import Place, as_path
from mock_oms.scenarios.fields import LONGEST, Rate, parse_duration, shown, write_duration
from mock_oms.text import certificates_in, nearest_clause
from mock_oms.urls import without_query
from mock_oms.worlds.world_header import WORLD, WORLD_ACCEPTED

__tracebackhide__ = is_refusal
#: No number of the control API is longer, and of longer ones Python may refuse to show the digits.
_BITS = 1_024
#: What no address of a mock has: a query, a fragment, and what cannot stand in any address.
_NO_ADDRESS = re.compile(r"[?#\x00-\x1f\x7f]|^[^/]*//[^/]*[\s<>\"\\^`{|}]")
_JSON = "what JSON can write: text, finite numbers, true, false, null, lists and mappings of these"


def address(url: str) -> str:
    """The address of a mock, without a slash at its end."""
    try:
        parsed = urlsplit(url)
        host = (parsed.hostname or "").encode("idna")  # as a socket does, whose error would say less
        is_one = bool(host) and parsed.scheme in {"http", "https"} and parsed.port != 0
    except ValueError:
        is_one = False
    if not is_one or _NO_ADDRESS.search(url):
        raise WishError(f"{without_query(url)!r} is no address of a mock; accepted: one such as http://127.0.0.1:8080.")
    return url.rstrip("/")


def trust(ca: Path | None) -> ssl.SSLContext:
    """Trust in the authorities of a file alone; None: in those of `SSL_CERT_FILE`, else in the usual ones."""
    if ca is None:
        file, folder = (os.environ.get(f"SSL_CERT_{kind}") or None for kind in ("FILE", "DIR"))
        context = ssl.create_default_context(cafile=file, capath=folder)
        if file is None and folder is None:
            with suppress(ImportError):  # Python of some makers finds no authorities of the machine
                import certifi  # noqa: PLC0415  not everybody has it

                context.load_verify_locations(certifi.where())
        return context
    try:
        return ssl.create_default_context(cadata=certificates_in(ca))
    except OSError as error:
        reason = "it holds no certificates" if isinstance(error, ssl.SSLError) else error.strerror
        raise WishError(
            f"{ca} is no file of authorities to trust: {reason}; mock-oms serve --tls-ca writes one."
        ) from None


def world_name(name: object, known: Callable[[], Iterable[str]]) -> str:
    """A name that a world can have; the refusal of another names the nearest of those that are `known`."""
    if isinstance(name, str) and re.fullmatch(WORLD, name):
        return name
    near = nearest_clause(str(name), known())
    raise WishError(f"world: found {shown(name)}; accepted: {WORLD_ACCEPTED}{near}.")


def duration(span: str | float | timedelta | None) -> str | None:
    """A duration as the control API reads it: `30m`, or a timedelta or a number of whole seconds; None stays None."""
    if span is None:
        return None
    if isinstance(span, (int, float)) and not isinstance(span, bool) and 0 <= span <= LONGEST.total_seconds():
        span = timedelta(seconds=span)
    if isinstance(span, timedelta):
        if span.microseconds:
            raise WishError(f"{span} has parts of a second; a world's clock is turned by whole seconds.")
        return write_duration(span)
    if not isinstance(span, str):
        raise WishError(f"found {span!r}; accepted: text such as 30m, a number of seconds, or a timedelta.")
    if parse_duration(span) is None:
        raise WishError(f"{span!r} is no duration; accepted: 90s, 30m, 1h30m, 2d.")
    return span


def moment(time: datetime) -> str:
    """A time as the control API reads it."""
    if not isinstance(time, datetime):
        raise WishError(f"found {time!r}; accepted: a datetime with its zone.")
    return time.isoformat()


def rate(value: float) -> float:
    """Seconds of world time in one real second."""
    try:
        return float(Rate(error_messages={"null": f"found nothing; accepted: {Rate.accepted}."}).deserialize(value))
    except ValidationError as error:
        raise WishError(f"rate: {error.messages[0]}") from None


def clock(given: Mapping[str, Any]) -> dict[str, Any]:
    """A clock to open a world with: `start`, a time, and `rate`."""
    if not isinstance(given, Mapping):
        raise WishError(f'clock: found {given!r}; accepted: a mapping such as {{"rate": 60}}.')
    plain: dict[str, Any] = {
        key: value.isoformat() if isinstance(value, datetime) else value for key, value in given.items()
    }
    return {**plain, "rate": rate(plain["rate"])} if "rate" in plain else plain


def goal(until: object) -> dict[str, Any]:
    """A plan, and the state that it is to come into."""
    if not isinstance(until, (tuple, list)) or len(until) != 2:  # noqa: PLR2004
        raise WishError(f'until: found {until!r}; accepted: a plan and a state, as in (41207, "completed").')
    plan, state = until
    return {"plan": plan, "state": state}


def skus(items: Iterable[str]) -> list[str]:
    """The SKUs of an order. One text is not taken for a list of its letters."""
    if isinstance(items, str) or not isinstance(items, Iterable):
        raise WishError(f'items: found {items!r}; accepted: a list of SKUs, as in ["TST-001-M"].')
    return list(items)


def without_none(given: Mapping[str, Any]) -> dict[str, Any]:
    """Without the arguments that were not given."""
    return {key: value for key, value in given.items() if value is not None}


def body(value: object) -> bytes:
    """A body as JSON, with a timedelta as a duration; the refusal names the place of a value that cannot be written."""
    try:
        try:
            return json.dumps(
                value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
            ).encode()
        except (TypeError, ValueError):
            place, found = next(_unwritable(value, ()), ((), "something else"))
    except RecursionError:
        raise WishError("What was to be sent is nested too deeply.") from None
    raise WishError(f"{as_path(place) or 'body'}: found {found}; accepted: {_JSON}.")


def _plain(value: object) -> object:
    if isinstance(value, timedelta):
        return write_duration(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(value)


def _unwritable(value: Any, place: Place) -> Iterator[tuple[Place, str]]:  # noqa: ANN401  whatever a caller passes
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _unwritable(inner, (*place, str(key)))
    elif isinstance(value, (list, tuple)):
        for number, inner in enumerate(value):
            yield from _unwritable(inner, (*place, number))
    elif isinstance(value, int) and value.bit_length() > _BITS:
        yield place, f"a number of {value.bit_length()} bits"
    else:
        finite = isfinite(value) if isinstance(value, float) else isinstance(value, (int, str, NoneType, timedelta))
        if not finite or (isinstance(value, str) and value.encode(errors="replace").decode() != value):
            yield place, shown(value)
