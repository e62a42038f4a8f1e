"""Hints about the list, its pages and parameters, and about ids that no plan has."""

import re
from collections.abc import Iterable, Iterator

from mock_oms.text import nearest
from mock_oms.traffic.hints.facts import HintFacts, listed, reads, shown
from mock_oms.urls import Operation

_STATE = frozenset({"state", "states", "status"})
_SIZES = frozenset({"limit", "page_size", "pagesize", "per_page", "size", "count"})
#: Names, before any `__`, by which a client would filter or sort.
_FILTERS = frozenset(
    {"id", "pk", "order", "created_date", "modified_date", "search", "q", "ordering", "sort", "order_by", "filter"}
)
_PLACEHOLDER = re.compile(r"[<{$%:\[(].*|none|null|nil|undefined|nan|true|false|id|pk", re.IGNORECASE)


def plan_hints(f: HintFacts) -> Iterator[str]:
    """Why the list has no such page, or the world no such plan, and which parameters are ignored."""
    match f.operation, f.status:
        case Operation.LIST, 404:
            yield from _no_such_page(f)
        case Operation.LIST, 200 if reads(f):
            yield from _ignored_by_list(f)
        case Operation.DETAIL, 404:
            yield from _no_such_plan(f)
        case Operation.DETAIL, 200 if reads(f):
            names = [name for name in f.parameters if name != "format"]
            if names:
                yield f"A single plan has no parameters: {listed(names)} did nothing."


def _no_such_page(f: HintFacts) -> Iterator[str]:
    text = f.parameters.get("page")
    page, number = shown(text or ""), 0 if text is None else _number(text)
    pages = "1 page" if f.pages == 1 else f"{f.pages} pages"
    if number is None:
        yield f"page={page} is no number; accepted: 1, 2, 3 and so on, or last."
    elif number < 1:
        yield f"page={page} cannot be: pages are counted from 1."
    elif f.pages is None:
        yield f"page={page} is past the end of the list: follow next until it is null."
    elif (last_served := f.last_served(number)) is not None:
        yield f"The list has {pages} now; page {number} was there at request {last_served}: it has shrunk."
    else:
        yield f"The list has {pages} now; page={page} is past its end; follow next."


def _ignored_by_list(f: HintFacts) -> Iterator[str]:
    size_parameter = f.answers.page_size_parameter
    size = f.parameters.get(size_parameter)
    number, size_said = _number(size or "") or 0, f"{size_parameter}={shown(size or '')}"
    unread = [name for name in f.parameters if name not in {"page", size_parameter, "format"}]
    unread_are = f"{listed(unread)} {'is' if len(unread) == 1 else 'are'}"
    if _stems(f.parameters) & _STATE:
        yield f"The vendor documents no filter: {unread_are} ignored, plans in every state are listed."
    if _stems(unread) & _FILTERS:
        yield f"The vendor documents neither filters nor sorting: {unread_are} ignored."
    if f.answers.list == "array" and f.parameters:
        yield "The list is one bare array here (switch list): its query is ignored."
    if not _SIZES.isdisjoint(map(str.lower, unread)):
        yield f"{unread_are} ignored: set the size of a page with {size_parameter}=."
    if number > f.answers.max_page_size:
        yield f"{size_said} is too much: a page has at most {f.answers.max_page_size} plans."
    if size is not None and number < 1:
        yield f"{size_said} is no size and ignored: a page then has {f.answers.page_size} plans."
    if "offset" in f.parameters:
        yield "offset is ignored: the list is read page by page, by page= or by going to next."
    # The parameters that are read and that the unread ones resemble.
    alike = (nearest(name.strip().lower(), ("page", size_parameter, "format"), 0.7) for name in unread[:5])
    if meant := ", ".join(dict.fromkeys(filter(None, alike))):
        yield f"{unread_are} ignored; probably meant: {meant}."
    if unread:
        yield f"{unread_are} ignored: the list reads page and {size_parameter} only."


def _stems(names: Iterable[str]) -> set[str]:
    return {name.partition("__")[0].lower() for name in names}


def _no_such_plan(f: HintFacts) -> Iterator[str]:
    text, plan = shown(f.id), _number(f.id) if f.plan is None else f.plan
    if _PLACEHOLDER.fullmatch(f.id):
        yield f"{text} stands where the id belongs: probably a variable was never filled in."
    elif (of_order := f.plan_of_order(f.id)) is not None:
        yield f"{text} is an order, not a plan: the plan of this order is {of_order}."
    elif plan is None:
        yield f"{text} is no plan's id: ids are whole numbers, as the list shows them."
    elif worlds := f.worlds_with(plan):
        others = listed(sorted(worlds), 3)
        yield f"Plan {plan} is not in this world; it exists in {others}: probably this is another world's token."
    else:
        yield f"No plan of this world has the id {text}; the list shows those that are there."


def _number(text: str) -> int | None:
    """The whole number that a text is, by Python's rules, or None where it is none."""
    try:
        return int(text)
    except ValueError:
        return None
