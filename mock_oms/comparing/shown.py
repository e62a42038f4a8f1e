"""Which value of each switch an OMS shows by its answers; a switch that nothing tells about is left out."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from mock_oms.comparing.evidence import Evidence, Json, json_of, rows_of
from mock_oms.comparing.formats import family, format_of
from mock_oms.survey.exchange import Exchange

Value = str | int
_WAITING = {"start", "pending"}
_NAMED = re.compile(r"No \w+ matches the given query\.")


def shown_by(evidence: Evidence) -> Mapping[str, Value]:
    """The switches that could be told, in the order of the table below."""
    told = {switch: tell(evidence) for switch, tell in _TOLD.items()}
    return {switch: value for switch, value in told.items() if value is not None}


def _list(evidence: Evidence) -> Value | None:
    kinds = {"array" if isinstance(one, list) else "envelope" for one in evidence.pages}
    return kinds.pop() if len(kinds) == 1 else None


def _page_size(evidence: Evidence) -> Value | None:
    """Only a page that another follows is full."""
    return next((len(rows_of(one)) for one in evidence.pages if _follows(one)), None)


def _max_page_size(evidence: Evidence) -> Value | None:
    """A page that is shorter than was asked for, longer than usual, and not the last."""
    usual = _page_size(evidence)
    for exchange, body in evidence.sized:
        rows = len(rows_of(body))
        if _follows(body) and rows != usual and any(size > rows for _, size in _sizes(exchange)):
            return rows
    return None


def _page_size_parameter(evidence: Evidence) -> Value | None:
    """The parameter that gave as many rows as it said, on a page that would have had another length."""
    usual = next((len(rows_of(one)) for one in evidence.pages), None)
    for exchange, body in evidence.sized:
        for name, size in _sizes(exchange):
            if size != usual and len(rows_of(body)) == size:
                return name
    return None


def _sizes(exchange: Exchange) -> Iterator[tuple[str, int]]:
    return ((name, int(text)) for name, text in exchange.query if name in {"limit", "page_size"} and text.isdecimal())


def _order(evidence: Evidence) -> Value | None:
    """`unstable` cannot be told from a list that changed while it was read."""
    ids = [one.get("id") for one in evidence.rows if isinstance(one, Mapping)]
    if len(ids) < 2 or not all(isinstance(one, int) for one in ids):  # noqa: PLR2004
        return None
    moved = [_moment(one.get("modified_date")) for one in evidence.rows]
    orders: tuple[tuple[str, Sequence[Any]], ...] = (("-id", ids[::-1]), ("id", ids), ("modified_date", moved))
    return next((name for name, keys in orders if _rises(keys)), None)


def _rises(keys: Sequence[Any]) -> bool:
    return None not in keys and all(one <= other for one, other in pairwise(keys))


def _moment(text: object) -> str | None:
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=None).isoformat(timespec="microseconds")
    except ValueError:
        return None


def _state(evidence: Evidence) -> Value | None:
    kinds = {"object" if isinstance(one, Mapping) else "string" for one in _members(evidence, "state")}
    return kinds.pop() if len(kinds) == 1 else None


def _commands(evidence: Evidence) -> Value | None:
    """A plan that has ended has none anyway; one that waits has some, unless nobody is ever told."""
    found = list(_members(evidence, "commands"))
    texts = [one for one in found if isinstance(one, str)]
    if texts:
        return "json" if any(one.startswith("[") for one in texts) else "comma"
    if any(found):
        return "objects"
    return "empty" if any(_state_of(one) in _WAITING for one in _plans(evidence)) else None


def _state_of(plan: Mapping[str, Json]) -> Json:
    state = plan.get("state")
    return state.get("enum_value") if isinstance(state, Mapping) else state


def _dates(evidence: Evidence) -> Value | None:
    formats = {family(format_of(one) or "") for one in _members(evidence, "created_date")}
    if len(formats) != 1:
        return None
    return {"date": "date", "text": None, "": None}.get(formats.pop(), "datetime")


def _auth(evidence: Evidence) -> Value | None:
    """`both` announces what `token` announces, and cannot be told from it."""
    statuses = {one.status for one in evidence.tokenless}
    announced = {(one.header("www-authenticate") or "").partition(" ")[0].lower() for one in evidence.tokenless}
    if statuses == {200}:
        return "off"
    return announced.pop() if len(announced) == 1 and announced <= {"token", "bearer"} else None


def _not_found(evidence: Evidence) -> Value | None:
    bodies = (json_of(one) for one in evidence.missing)
    texts = {str(one.get("detail")) for one in bodies if isinstance(one, Mapping)}
    if len(texts) != 1:
        return None
    text = texts.pop()
    return "model" if _NAMED.fullmatch(text) else "short" if text == "Not found." else None


def _plans(evidence: Evidence) -> Iterator[Mapping[str, Json]]:
    return (one for one in (*evidence.rows, *evidence.plans) if isinstance(one, Mapping))


def _members(evidence: Evidence, name: str) -> Iterator[Json]:
    return (one[name] for one in _plans(evidence) if name in one)


def _follows(page: Json) -> bool:
    return isinstance(page, Mapping) and page.get("next") is not None


_TOLD: Mapping[str, Callable[[Evidence], Value | None]] = {
    "list": _list,
    "page_size": _page_size,
    "max_page_size": _max_page_size,
    "page_size_parameter": _page_size_parameter,
    "order": _order,
    "state": _state,
    "commands": _commands,
    "dates": _dates,
    "auth": _auth,
    "not_found": _not_found,
}
