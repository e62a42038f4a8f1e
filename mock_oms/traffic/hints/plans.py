"""Hints about the list, its pages and parameters, and about ids that no plan has."""

import re
from collections.abc import Collection, Iterable

from mock_oms.text import nearest
from mock_oms.traffic.hints.facts import HintFacts, HintRules, HintWords, always, reads, shown, status_is, where
from mock_oms.urls import Operation

_NAMES_SHOWN = 5
_WORLDS_SHOWN = 3
_STATE = frozenset({"state", "states", "status"})
_SIZES = frozenset({"limit", "page_size", "pagesize", "per_page", "size", "count"})
#: Names, before any `__`, by which a client would filter or sort.
_FILTERS = frozenset(
    {"id", "pk", "order", "created_date", "modified_date", "search", "q", "ordering", "sort", "order_by", "filter"}
)
_PLACEHOLDER = re.compile(r"[<{$%:\[(].*|none|null|nil|undefined|nan|true|false|id|pk", re.IGNORECASE)


def _number(text: str) -> int | None:
    """The whole number that a text is, by Python's rules, or None where it is none."""
    try:
        return int(text)
    except ValueError:
        return None


def _page(facts: HintFacts) -> int:
    return _number(facts.parameters.get("page", "")) or 0


def _size(facts: HintFacts) -> str | None:
    return facts.parameters.get(facts.answers.page_size_parameter)


def _size_number(facts: HintFacts) -> int:
    return _number(_size(facts) or "") or 0


def _other_than(facts: HintFacts, read: Iterable[str]) -> list[str]:
    return [name for name in facts.parameters if name not in {*read, "format"}]


def no_parameters(facts: HintFacts) -> list[str]:
    """The parameters of a request that reads none."""
    return _other_than(facts, ())


def _unread(facts: HintFacts) -> list[str]:
    return _other_than(facts, ("page", facts.answers.page_size_parameter))


def _listed(names: list[str]) -> str:
    """A few of these names, safe to be shown."""
    more = len(names) - _NAMES_SHOWN
    some = ", ".join(shown(name) or "(no name)" for name in names[:_NAMES_SHOWN])
    return f"{some} and {more} more" if more > 0 else some


def _unread_are(facts: HintFacts) -> str:
    names = _unread(facts)
    return f"{_listed(names)} {'is' if len(names) == 1 else 'are'}"


def _stems(names: Iterable[str]) -> set[str]:
    return {name.partition("__")[0].lower() for name in names}


def _nearest(facts: HintFacts) -> list[str]:
    """The parameters that are read and that the unread ones resemble."""
    read = ("page", facts.answers.page_size_parameter, "format")
    found = (nearest(name.strip().lower(), read, 0.7) for name in _unread(facts)[:_NAMES_SHOWN])
    return list(dict.fromkeys(one for one in found if one))


def _plan(facts: HintFacts) -> int | None:
    return _number(facts.id) if facts.plan is None else facts.plan


def _worlds_with(facts: HintFacts) -> Collection[str]:
    plan = _plan(facts)
    return () if plan is None else facts.worlds_with(plan)


def _other_worlds(facts: HintFacts) -> str:
    names = sorted(_worlds_with(facts))
    more = len(names) - _WORLDS_SHOWN
    return ", ".join(names[:_WORLDS_SHOWN]) + (f" and {more} more" if more > 0 else "")


PLAN_WORDS: HintWords = {
    "page": lambda f: shown(f.parameters.get("page", "")),
    "page number": _page,
    "pages": lambda f: "1 page" if f.pages == 1 else f"{f.pages} pages",
    "last served": lambda f: f.last_served(_page(f)),
    "unread are": _unread_are,
    "nearest": lambda f: ", ".join(_nearest(f)),
    "size parameter": lambda f: f.answers.page_size_parameter,
    "size": lambda f: shown(_size(f) or ""),
    "page size": lambda f: f.answers.page_size,
    "max page size": lambda f: f.answers.max_page_size,
    "id": lambda f: shown(f.id),
    "plan": _plan,
    "plan of order": lambda f: f.plan_of_order(f.id),
    "other worlds": _other_worlds,
    "parameters": lambda f: _listed(no_parameters(f)),
}

_NO_SUCH_PAGE: HintRules = {
    "page={page} is no number; accepted: 1, 2, 3 and so on, or last.": lambda f: (
        _number(f.parameters.get("page", "1")) is None
    ),
    "page={page} cannot be: pages are counted from 1.": lambda f: _page(f) < 1,
    "The list has {pages} now; page {page number} was there at request {last served}: it has shrunk.": lambda f: (
        f.pages is not None and f.last_served(_page(f)) is not None
    ),
    "The list has {pages} now, page={page} is past its end: go by next.": lambda f: f.pages is not None,
    "page={page} is past the end of the list: go by next until it is null.": always,
}

_IGNORED_BY_LIST: HintRules = {
    "The vendor documents no filter: {unread are} ignored, plans in every state are listed.": lambda f: (
        _stems(f.parameters) & _STATE
    ),
    "The vendor documents neither filters nor sorting: {unread are} ignored.": lambda f: _stems(_unread(f)) & _FILTERS,
    "The list is one bare array here (switch list): its query is ignored.": lambda f: (
        f.answers.list == "array" and f.parameters
    ),
    "{unread are} ignored: the size of a page is {size parameter}= here.": lambda f: (
        {name.lower() for name in _unread(f)} & _SIZES
    ),
    "{size parameter}={size} is too much: a page has at most {max page size} plans.": lambda f: (
        _size_number(f) > f.answers.max_page_size
    ),
    "{size parameter}={size} is no size and ignored: a page then has {page size} plans.": lambda f: (
        _size(f) is not None and _size_number(f) < 1
    ),
    "offset is ignored: the list is read page by page, by page= or by going to next.": lambda f: (
        "offset" in f.parameters
    ),
    "{unread are} ignored; probably meant: {nearest}.": _nearest,
    "{unread are} ignored: the list reads page and {size parameter} only.": _unread,
}

_NO_SUCH_PLAN: HintRules = {
    "{id} stands where the id belongs: probably a variable was never filled in.": lambda f: _PLACEHOLDER.fullmatch(
        f.id
    ),
    "{id} is an order, not a plan: the plan of this order is {plan of order}.": lambda f: (
        f.plan_of_order(f.id) is not None
    ),
    "Plan {plan} is none of this world; it exists in {other worlds}: probably this is another world's token.": _worlds_with,
    "{id} is no plan's id: ids are whole numbers, as the list shows them.": lambda f: _plan(f) is None,
    "No plan of this world has the id {id}; the list shows those that are there.": always,
}

PLAN_HINTS: HintRules = {
    **where(
        lambda f: f.operation is Operation.LIST,
        {**where(status_is(404), _NO_SUCH_PAGE), **where(status_is(200), where(reads, _IGNORED_BY_LIST))},
    ),
    **where(
        lambda f: f.operation is Operation.DETAIL,
        {
            **where(status_is(404), _NO_SUCH_PLAN),
            **where(
                status_is(200),
                {"A single plan has no parameters: {parameters} did nothing.": lambda f: reads(f) and no_parameters(f)},
            ),
        },
    ),
}
