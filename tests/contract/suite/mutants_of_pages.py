"""Mutants of the list: its envelope, its pages, its links and its order."""

from typing import Any

from mock_oms.conformance.crawl import Question
from tests.contract.suite.changes import (
    LISTS,
    Change,
    Node,
    contents,
    page,
    sized,
    then,
    turned,
    without_page,
)

_LIST = "http://oms.test/api/v1/oms/orderexecutionplans/"


def _next(link: str | None) -> Any:
    return lambda content: content.update(next=link)


def _previous(link: str | None) -> Any:
    return lambda content: content.update(previous=link)


def _in_links(old: str, new: str) -> Change:
    """Every link of the list, with one text in the place of another."""

    def edited(content: Node) -> None:
        for name in ("next", "previous"):
            content[name] = content[name] and content[name].replace(old, new)

    return contents(edited, *LISTS)


def _repeat_a_row() -> Change:
    kept: list[Node] = []
    return then(
        page(0, lambda content: kept.append(content["results"][-1])),
        page(1, lambda content: content["results"].__setitem__(0, kept[-1])),
    )


def _one_more(content: Node) -> None:
    content["count"] += 1


#: The check that claims it, what is wrong, and how.
OF_PAGES: tuple[tuple[str, str, Change], ...] = (
    ("schema-of-lists", "`count` is text", contents(lambda one: one.update(count=str(one["count"])), *LISTS)),
    ("schema-of-lists", "`next` is missing", contents(lambda one: one.pop("next") and None, *LISTS)),
    ("schema-of-lists", "the list is a bare array", turned(list="array")),
    ("schema-of-lists", "the envelope has a field more", contents(lambda one: one.update(pages=4), *LISTS)),
    ("no-row-lost", "a page is lost", then(page(0, _next(f"{_LIST}?page=3")), without_page(1))),
    ("no-row-lost", "`count` is one too high", contents(_one_more, *LISTS)),
    ("no-row-lost", "a row is lost from the last page", page(3, lambda one: one["results"].pop())),
    ("no-row-twice", "a row is repeated on the next page", _repeat_a_row()),
    ("no-row-twice", "a page has a row twice", page(1, lambda one: one["results"].__setitem__(1, one["results"][0]))),
    ("count-agrees", "`count` is another one on the second page", page(1, _one_more)),
    ("pages-are-full", "the second page is short of a row", page(1, lambda one: one["results"].pop())),
    ("default-page-size", "pages have four rows, not three", turned(page_size=4)),
    ("page-size-asked-for", "a size that is asked for is one too small", sized("=2", lambda one: one["results"].pop())),
    ("greatest-page-size", "there is no greatest size", turned(max_page_size=1000)),
    ("other-sizes-ignored", "size 0 is an empty page", sized("=0", lambda one: one["results"].clear())),
    ("next-leads-on", "the chain ends after one page", page(0, _next(None))),
    ("next-leads-on", "the last page leads back to the first", page(3, _next(_LIST))),
    ("next-leads-on", "`next` leads to the page itself", page(1, _next(f"{_LIST}?page=2"))),
    ("previous-leads-back", "the second page has no `previous`", page(1, _previous(None))),
    ("previous-leads-back", "`previous` leads to the first page always", page(2, _previous(_LIST))),
    ("links-stay", "links are relative", _in_links("http://oms.test", "")),
    ("links-stay", "links lead to another host", _in_links("oms.test", "internal.test")),
    ("links-stay", "links lead to another path", _in_links("/oms/", "/")),
    ("links-stay", "links have another scheme", _in_links("http:", "https:")),
    ("links-keep-parameters", "links forget the other parameters", _in_links("&z=1", "")),
    ("links-in-order", "`previous` names page 1", page(1, _previous(f"{_LIST}?page=1"))),
    (
        "links-in-order",
        "parameters are in the order of the request",
        sized("z=1", _next(f"{_LIST}?z=1&page=3&limit=2&a=2")),
    ),
    ("list-in-order", "the oldest plan comes first", turned(order="id")),
    (
        "rows-agree",
        "a page of another size is older",
        contents(
            lambda one: [row["order"].update(payment_type="cash") for row in one["results"]] and None, Question.SIZED
        ),
    ),
)
