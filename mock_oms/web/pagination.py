"""The list, page by page: page numbers, sizes and links as Django REST framework's `PageNumberPagination` has them."""

import json
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from mock_oms.answers import Answers
from mock_oms.web.django import absolute_url, query_parameters
from mock_oms.web.exchange import Call
from mock_oms.web.rest_framework import not_found
from mock_oms.web.worlds import ReadableWorld
from mock_oms.wording import INVALID_PAGE

_PAGE = "page"


def listed(call: Call, reading: ReadableWorld) -> bytes:
    """The list in the shape of the `list` switch: the page asked for in its envelope, or all plans as a bare array."""
    if reading.answers.list == "array":
        return _array(reading.page(1, max(1, reading.count)))
    return _envelope(call, query_parameters(call), reading)


def _envelope(call: Call, parameters: Mapping[str, str], reading: ReadableWorld) -> bytes:
    count, size = reading.count, page_size(parameters, reading.answers)
    pages = max(1, -(-count // size))
    number = page_number(parameters.get(_PAGE), pages)
    following = link(absolute_url(call), number + 1) if number < pages else None
    previous = link(absolute_url(call), number - 1) if number > 1 else None
    head = f'{{"count":{count},"next":{json.dumps(following)},"previous":{json.dumps(previous)},"results":'
    return b"%s%s}" % (head.encode(), _array(reading.page(number, size)))


def _array(rows: list[bytes]) -> bytes:
    return b"[%s]" % b",".join(rows)


def page_size(parameters: Mapping[str, str], answers: Answers) -> int:
    """The size asked for, at most the maximum; the default where it is missing or no positive integer."""
    try:
        size = int(parameters[answers.page_size_parameter])
    except (KeyError, ValueError):
        return answers.page_size
    return min(size, answers.max_page_size) if size > 0 else answers.page_size


def page_number(text: str | None, pages: int) -> int:
    """The number of a page that exists (`last` is one, nothing is the first); refuses (404) all others."""
    if text == "last":
        return pages
    try:
        number = int(text or 1)
    except ValueError:
        raise not_found(INVALID_PAGE) from None
    if not 1 <= number <= pages:
        raise not_found(INVALID_PAGE)
    return number


def link(url: str, number: int) -> str:
    """The address of another page: parameters sorted by name, `page` left out for the first."""
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    query.pop(_PAGE, None)
    if number > 1:
        query[_PAGE] = [str(number)]
    return urlunsplit(parts._replace(query=urlencode(sorted(query.items()), doseq=True)))
