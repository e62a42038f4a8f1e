"""What a visit must know of a page: its rows, and where the next one is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mock_oms.survey.exchange import Exchange

#: The id of a plan, as a path can hold it.
Id = int | str
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A plan of a list: its id, and its state as far as it can be told from others."""

    id: Id
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the list. `paged` is false of a bare array; `count` is how many rows it says there are, or 0."""

    rows: tuple[Row, ...]
    next: str | None
    count: int
    paged: bool


def page_of(exchange: Exchange) -> Page | None:
    """The page in an answer, None where it is none; rows without an id are passed over."""
    content = _content(exchange)
    if isinstance(content, list):
        return Page(rows=_rows(content), next=None, count=len(content), paged=False)
    if not isinstance(content, Mapping) or not isinstance(content.get("results"), list):
        return None
    following, count = content.get("next"), content.get("count")
    return Page(
        rows=_rows(content["results"]),
        next=None if following is None else str(following),
        count=count if isinstance(count, int) else 0,
        paged=True,
    )


def _content(exchange: Exchange) -> Any:  # noqa: ANN401  where JSON enters
    try:
        return exchange.content if exchange.status == _OK else None
    except (ValueError, RecursionError):
        return None


def _rows(found: list[Any]) -> tuple[Row, ...]:
    return tuple(
        Row(id=one["id"], state=str(one.get("state"))) for one in found if isinstance(one, dict) and _is_id(one)
    )


def _is_id(row: Mapping[str, Any]) -> bool:
    found = row.get("id")
    return (isinstance(found, int) and not isinstance(found, bool)) or (isinstance(found, str) and found != "")
