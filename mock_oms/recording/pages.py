"""An answer of the list as rows, and the query of the page after it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mock_oms.recording.errors import RecordingError
from mock_oms.survey.exchange import Exchange

LIST = "/api/v1/oms/orderexecutionplans/"
Query = tuple[tuple[str, str], ...]
_OK, _FAILED = 200, 500
#: Characters of a link that are followed at most.
_LONGEST = 4_096
_WAYS_OUT = {
    401: "Is the token right?",
    403: "May the owner of the token see plans?",
    404: "Is the address that of an OMS?",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The rows of a page, what the list says of its length, and the link to the next page, whatever stands there."""

    body: Any
    rows: list[Any]
    count: int
    link: Any = None


def number_of(query: Query | None) -> int:
    """The number of the page that a query asks for, 0 where it asks for none."""
    word = dict(query or ()).get("page", "")
    return int(word) if word.isdecimal() and word.isascii() else 0


def has_failed(exchange: Exchange) -> bool:
    """Whether the OMS failed, so that the same question may be answered another time."""
    return exchange.status >= _FAILED


def page_in(exchange: Exchange) -> Page:
    """The page in an answer, an array or an envelope.

    :raises RecordingError: it is none.
    """
    body = content_of(exchange)
    if isinstance(body, list):
        return Page(body=body, rows=body, count=len(body))
    if not isinstance(body, dict) or not isinstance(body.get("results"), list):
        raise RecordingError(f"The answer to {exchange.path} holds no list of plans; is this the address of an OMS?")
    count = body.get("count")
    rows = body["results"]
    whole = count if isinstance(count, int) else len(rows)
    return Page(body=body, rows=rows, count=whole, link=body.get("next"))


def content_of(exchange: Exchange) -> Any:
    """The JSON of an answer.

    :raises RecordingError: it was refused, or is none.
    """
    if exchange.status != _OK:
        raise RecordingError(
            f"The OMS answered {exchange.status} to GET {exchange.path}; accepted: 200. {_way_out(exchange)}"
        )
    try:
        return exchange.content
    except (ValueError, RecursionError):
        raise RecordingError(f"The answer to GET {exchange.path} is no JSON.") from None


def _way_out(exchange: Exchange) -> str:
    usual = "Look into its log before the next run." if has_failed(exchange) else "Is the address that of an OMS?"
    return _WAYS_OUT.get(exchange.status, usual)


def following(page: Page) -> Query | None:
    """The query of the next page, None after the last; wherever the link leads, nobody but the target is asked.

    :raises RecordingError: it leads to something else than the list, or is longer than addresses are.
    """
    link = page.link
    if not isinstance(link, str):
        return None
    if len(link) > _LONGEST:
        raise RecordingError(
            f"The link to the next page has {len(link):,} characters; accepted: {_LONGEST:,}. It is not followed."
        )
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("?")
    if parts.path not in {LIST, ""} or not parts.query:
        raise RecordingError("The link to the next page does not lead to the list, and is not followed.")
    return tuple(parse_qsl(parts.query, keep_blank_values=True))


def created(row: Any) -> datetime | None:
    """When a plan was created, None where it does not say so; a time without a zone is in UTC."""
    said = row.get("created_date") if isinstance(row, Mapping) else None
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def paths(value: Any, path: str = "") -> Iterator[str]:
    """The paths of all fields, without the numbers of lists."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield f"{path}.{key}"
            yield from paths(one, f"{path}.{key}")
    elif isinstance(value, list):
        for one in value:
            yield from paths(one, f"{path}[]")
