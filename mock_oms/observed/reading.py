"""The answers of a visit as pages, plans and refusals, as far as they can be read at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_oms.operations import Operation
from mock_oms.survey.exchange import Exchange
from mock_oms.survey.survey import Question, Survey

#: The parameters that may say how long a page is.
_SIZES = ("limit", "page_size")
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the list: `asked` are the lengths that the request named, by their parameters."""

    is_array: bool
    rows: tuple[Any, ...]
    has_next: bool
    asked: Mapping[str, int]


def pages(survey: Survey, *questions: Question) -> Iterator[Page]:
    """The pages that answer these questions, any where none is named."""
    for one in survey.of(*(questions or Question)):
        yield from pages_in(one)


def pages_in(exchange: Exchange) -> Iterator[Page]:
    """The page that an answer is, none where it is none."""
    if exchange.operation is not Operation.LIST or exchange.status != _OK:
        return
    content = content_of(exchange)
    is_array = isinstance(content, list)
    rows = content if is_array else content.get("results") if isinstance(content, dict) else None
    if isinstance(rows, list):
        after = isinstance(content, dict) and content.get("next") is not None
        yield Page(is_array=is_array, rows=tuple(rows), has_next=after, asked=_sizes(exchange))


def _sizes(exchange: Exchange) -> Mapping[str, int]:
    return {name: int(value) for name, value in exchange.query if name in _SIZES and _is_size(value)}


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004  longer than any page


def plans(survey: Survey) -> Iterator[Mapping[str, Any]]:
    """Every plan that was answered, as often as it was."""
    for page in pages(survey):
        yield from (row for row in page.rows if isinstance(row, dict))
    for one in survey.of(*Question):
        if one.operation is Operation.DETAIL and one.status == _OK:
            content = content_of(one)
            yield from [content] if isinstance(content, dict) else []


def details(survey: Survey, status: int, *questions: Question) -> Iterator[str]:
    """What refusals of this status say of themselves."""
    for one in survey.of(*questions):
        content = content_of(one) if one.status == status else None
        if isinstance(content, dict) and isinstance(content.get("detail"), str):
            yield content["detail"]


def content_of(exchange: Exchange) -> Any:  # noqa: ANN401  where JSON enters
    """The body as JSON, None where it is none."""
    try:
        return exchange.content
    except (ValueError, RecursionError):
        return None
