"""Checks of ours for Schemathesis, about what no schema can say: pages hold every row once, in order, and count them.

Schemathesis reads this file by the name in SCHEMATHESIS_HOOKS; see run_schemathesis.py.
"""

from collections.abc import Iterator
from typing import Any

import requests
import schemathesis

#: Pages that a check goes through at most: a walk in steps of one row tells nothing that one in tens does not.
_LONGEST = 12
_PATIENCE = 30


def _page(response: Any) -> dict[str, Any] | None:
    """The page in an answer, if it is one of a list in its envelope."""
    if response.status_code != 200 or response.request.method != "GET":
        return None
    try:
        data = response.json()
    except ValueError:
        return None
    return data if isinstance(data, dict) and isinstance(data.get("results"), list) and "count" in data else None


def _ids(page: dict[str, Any]) -> list[int]:
    return [int(row["id"]) for row in page["results"]]


def _walked(response: Any) -> Iterator[list[int]]:
    """The ids of every page from the first one on; nothing, where this is not the first or there are too many."""
    page = _page(response)
    if page is None or page.get("previous") is not None or page["count"] > _LONGEST * max(1, len(page["results"])):
        return
    headers = {"Authorization": response.request.headers.get("Authorization", "")}
    while page is not None:
        yield _ids(page)
        following = page.get("next")
        answer = requests.get(following, headers=headers, timeout=_PATIENCE) if following else None
        page = _page(answer) if answer is not None else None


@schemathesis.check
def rows_are_in_the_order_of_the_contract(_: Any, response: Any, __: Any) -> None:
    """The newest plan, which has the highest id, comes first."""
    page = _page(response)
    ids = _ids(page) if page else []
    assert ids == sorted(ids, reverse=True), f"The rows are not sorted by -id: {ids}."


@schemathesis.check
def no_row_comes_twice(_: Any, response: Any, __: Any) -> None:
    ids = [one for page in _walked(response) for one in page]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    assert not twice, f"Rows come twice, on one page or on two: {twice}."


@schemathesis.check
def every_row_that_is_counted_comes(_: Any, response: Any, __: Any) -> None:
    found = {one for page in _walked(response) for one in page}
    page = _page(response)
    assert page is None or not found or len(found) == page["count"], (
        f"`count` says {page['count']}, and there are {len(found)} rows on all pages together."
    )
