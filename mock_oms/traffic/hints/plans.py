"""Hints about the list, its pages and parameters, and about ids that no plan has."""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

from mock_oms.traffic.hints.facts import HintFacts, HintRules, always, met, reads, shown, where
from mock_oms.urls import Operation

_NAMES_SHOWN = 5
_STATE = frozenset({"state", "states", "status"})
_SIZES = frozenset({"limit", "page_size", "pagesize", "per_page", "size", "count"})
#: Names, before any `__`, by which a client would filter or sort.
_FILTERS = frozenset(
    {"id", "pk", "order", "created_date", "modified_date", "search", "q", "ordering", "sort", "order_by", "filter"}
)


def number(text: str) -> int | None:
    """The whole number that a text is, by Python's rules, or None where it is none."""
    try:
        return int(text)
    except ValueError:
        return None


def _page(facts: HintFacts) -> int:
    return number(facts.parameters.get("page", "")) or 0


def _size(facts: HintFacts) -> str | None:
    return facts.parameters.get(facts.answers.page_size_parameter)


def ignored(facts: HintFacts, read: Iterable[str]) -> list[str]:
    """The names of the parameters that are none of these."""
    return [name for name in facts.parameters if name not in {*read, "format"}]


def listed(names: list[str]) -> str:
    """A few of these names, safe to be shown."""
    more = len(names) - _NAMES_SHOWN
    return ", ".join(shown(name) or "(no name)" for name in names[:_NAMES_SHOWN]) + (
        f" and {more} more" if more > 0 else ""
    )


def _unread(facts: HintFacts) -> list[str]:
    return ignored(facts, ("page", facts.answers.page_size_parameter))


def _stem(name: str) -> str:
    return name.partition("__")[0].lower()


def _nearest(facts: HintFacts) -> list[str]:
    """The parameters that are read and that the unread ones resemble."""
    read = ("page", facts.answers.page_size_parameter, "format")
    return [
        one
        for name in _unread(facts)[:_NAMES_SHOWN]
        for one in get_close_matches(name.strip().lower(), read, n=1, cutoff=0.7)
    ]


def _are(names: list[str]) -> str:
    return f"{listed(names)} {'is' if len(names) == 1 else 'are'}"


_MISSING: HintRules = (
    (
        lambda facts: number(facts.parameters.get("page", "1")) is None,
        lambda facts: f"page={shown(facts.parameters['page'])} is no number; accepted: 1, 2, 3 and so on, or last.",
    ),
    (lambda facts: _page(facts) < 1, lambda facts: f"page={_page_text(facts)} cannot be: pages are counted from 1."),
    (
        lambda facts: facts.pages is not None and facts.last_served(_page(facts)) is not None,
        lambda facts: (
            f"The list has {_pages(facts)} now; page {_page(facts)} was there at request "
            f"{facts.last_served(_page(facts))}: it has shrunk."
        ),
    ),
    (
        lambda facts: facts.pages is not None,
        lambda facts: f"The list has {_pages(facts)} now, page={_page_text(facts)} is past its end: go by next.",
    ),
    (always, lambda facts: f"page={_page_text(facts)} is past the end of the list: go by next until it is null."),
)


def _pages(facts: HintFacts) -> str:
    return "1 page" if facts.pages == 1 else f"{facts.pages} pages"


def _page_text(facts: HintFacts) -> str:
    return shown(facts.parameters.get("page", ""))


_READ: HintRules = (
    (
        lambda facts: {_stem(name) for name in facts.parameters} & _STATE,
        lambda facts: (
            f"The vendor documents no filter: {_are(_unread(facts))} ignored, plans in every state are listed."
        ),
    ),
    (
        lambda facts: {_stem(name) for name in _unread(facts)} & _FILTERS,
        lambda facts: f"The vendor documents neither filters nor sorting: {_are(_unread(facts))} ignored.",
    ),
    (
        lambda facts: facts.answers.list == "array" and facts.parameters,
        "The list is one bare array here (switch list): its query is ignored.",
    ),
    (
        lambda facts: {name.lower() for name in _unread(facts)} & _SIZES,
        lambda facts: (
            f"{_are(_unread(facts))} ignored: the size of a page is {facts.answers.page_size_parameter}= here."
        ),
    ),
    (
        lambda facts: (number(_size(facts) or "") or 0) > facts.answers.max_page_size,
        lambda facts: (
            f"{facts.answers.page_size_parameter}={shown(_size(facts) or '')} is too much: "
            f"a page has at most {facts.answers.max_page_size} plans."
        ),
    ),
    (
        lambda facts: _size(facts) is not None and (number(_size(facts) or "") or 0) < 1,
        lambda facts: (
            f"{facts.answers.page_size_parameter}={shown(_size(facts) or '')} is no size and ignored: "
            f"a page then has {facts.answers.page_size} plans."
        ),
    ),
    (
        lambda facts: "offset" in facts.parameters,
        "offset is ignored: the list is read page by page, by page= or by going to next.",
    ),
    (
        _nearest,
        lambda facts: f"{_are(_unread(facts))} ignored; probably meant: {', '.join(dict.fromkeys(_nearest(facts)))}.",
    ),
    (
        _unread,
        lambda facts: (
            f"{_are(_unread(facts))} ignored: the list reads page and {facts.answers.page_size_parameter} only."
        ),
    ),
)

LIST_HINTS: HintRules = where(
    lambda facts: facts.operation is Operation.LIST,
    (
        *where(met(404), _MISSING),
        *where(met(200), where(reads, _READ)),
    ),
)


_PLACEHOLDER = re.compile(r"[<{$%:\[(].*|none|null|nil|undefined|nan|true|false|id|pk", re.IGNORECASE)
_WORLDS_SHOWN = 3


def _number(facts: HintFacts) -> int | None:
    return number(facts.id) if facts.plan is None else facts.plan


def _elsewhere(facts: HintFacts) -> Collection[str]:
    plan = _number(facts)
    return () if plan is None else facts.worlds_with(plan)


def _other_worlds(facts: HintFacts) -> str:
    names = sorted(_elsewhere(facts))
    more = len(names) - _WORLDS_SHOWN
    others = ", ".join(names[:_WORLDS_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return (
        f"Plan {_number(facts)} is none of this world; it exists in {others}: probably this is another world's token."
    )


_PLANS_MISSING: HintRules = (
    (
        lambda facts: _PLACEHOLDER.fullmatch(facts.id),
        lambda facts: f"{shown(facts.id)} stands where the id belongs: probably a variable was never filled in.",
    ),
    (
        lambda facts: facts.plan_of_order(facts.id) is not None,
        lambda facts: (
            f"{shown(facts.id)} is an order, not a plan: the plan of this order is {facts.plan_of_order(facts.id)}."
        ),
    ),
    (_elsewhere, _other_worlds),
    (
        lambda facts: _number(facts) is None,
        lambda facts: f"{shown(facts.id)} is no plan's id: ids are whole numbers, as the list shows them.",
    ),
    (always, lambda facts: f"No plan of this world has the id {shown(facts.id)}; the list shows those that are there."),
)

_PLANS_READ: HintRules = (
    (
        lambda facts: ignored(facts, ()),
        lambda facts: f"A single plan has no parameters: {listed(ignored(facts, ()))} did nothing.",
    ),
)

PLAN_HINTS: HintRules = where(
    lambda facts: facts.operation is Operation.DETAIL,
    (
        *where(met(404), _PLANS_MISSING),
        *where(met(200), where(reads, _PLANS_READ)),
    ),
)
