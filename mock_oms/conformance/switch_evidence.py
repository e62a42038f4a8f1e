"""Which value of each switch an OMS shows by its answers: every rule of the table counts what it sees of each value."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from mock_oms.conformance.crawl import CrawlContents, ListPage, Question
from mock_oms.contract.wording import NOT_FOUND, model_in
from mock_oms.switches import Switches

#: How often each value of a switch was seen, by the switch. No value is anybody's: each is a word of the switch or a
#: number of rows, so that counts can be kept.
Counts = Mapping[str, Mapping[str, int]]
#: What was seen and is no value that the switch has.
OTHER = "other"

_MOMENT, _DAY = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}"), re.compile(r"\d{4}-\d{2}-\d{2}")
_SLUGS = re.compile(r"[a-z][a-z0-9_-]*(,\s?[a-z][a-z0-9_-]*)*")
#: States of plans that have commands, unless plans never show any. A state that nobody knows may be an end.
_WAITING = {"start", "pending"}
#: Rows from which an order can be told; fewer are in some order by chance.
_ENOUGH = 4
_OK, _UNAUTHORIZED = 200, 401
#: Pages larger than any switch can say.
_LARGEST = 1000


def counted(contents: CrawlContents) -> Counts:
    """What was seen of each switch; one of which nothing was seen is left out.

    Switches may also be counted one by one and `added`, but for what only several pages show: the order, the parameter
    of a page's size, and the largest page.
    """
    found = {name: Counter(map(str, rule(contents))) for name, rule in _RULES.items()}
    return {name: dict(sorted(count.items())) for name, count in found.items() if count}


def added(counts: Counts, more: Counts) -> dict[str, dict[str, int]]:
    """What was seen before, and what was seen since."""
    names = dict.fromkeys((*counts, *more))
    return {name: dict(Counter(counts.get(name, {})) + Counter(more.get(name, {}))) for name in names}


def settled(counts: Counts) -> Counts:
    """The counts without plans that have no commands, where another plan has some: they show nothing."""
    filled = {value: count for value, count in counts.get("commands", {}).items() if value != "empty"}
    return {**counts, "commands": filled} if filled else counts


def shown(counts: Counts) -> Mapping[str, str | int]:
    """The switches of which one value alone was seen, in their order; one that contradicts itself shows none."""
    seen = settled(counts)
    values = ((one, tuple(seen.get(one.name, ()))) for one in fields(Switches))
    return {
        one.name: int(texts[0]) if isinstance(one.default, int) else texts[0]
        for one, texts in values
        if len(texts) == 1 and texts != (OTHER,)
    }


def with_maximum(values: Mapping[str, str | int]) -> Mapping[str, str | int]:
    """No page is larger than the largest: where one was seen that is, the maximum follows."""
    size, most = (values.get(name, getattr(Switches(), name)) for name in ("page_size", "max_page_size"))
    return {**values, "max_page_size": size} if int(size) > int(most) else values


def _default_pages(contents: CrawlContents) -> Iterator[ListPage]:
    """The pages whose request named no size."""
    return (page for page in contents.of(Question.WALK, Question.AGAIN) if not page.sizes)


def _page_size(contents: CrawlContents) -> Iterator[int]:
    """The length of every page whose request named no size, and after which there is another."""
    sizes = (len(page.rows) for page in _default_pages(contents) if page.has_next)
    return (size for size in sizes if 0 < size <= _LARGEST)


def _page_size_parameter(contents: CrawlContents) -> Iterator[str]:
    """A parameter by which a page has another length than by itself.

    Of a list that fits into one page nobody knows how long a full one is: then there must be as many rows as it said.
    """
    full = set(_page_size(contents))
    usual = full or {len(page.rows) for page in _default_pages(contents)}
    for page in contents.of(Question.SIZED, Question.WALK):
        rows = len(page.rows)
        for name, size in page.sizes.items():
            if usual and rows not in usual and 0 < rows <= size and (full or rows == size):
                yield name


def _max_page_size(contents: CrawlContents) -> Iterator[int]:
    """The length of a page that more rows were asked of, by a parameter that works, than came, and more were there."""
    works = set(_page_size_parameter(contents))
    for page in contents.of(Question.SIZED, Question.WALK):
        for name, size in page.sizes.items():
            if name in works and page.has_next and 0 < len(page.rows) < size and len(page.rows) <= _LARGEST:
                yield len(page.rows)


def _order(contents: CrawlContents) -> Iterator[str]:
    """The order of the walk; `unstable` cannot be told from a list that changed while it was read."""
    rows = [row for page in contents.of(Question.WALK) for row in page.rows if isinstance(row, dict)]
    ids: list[Any] = [row.get("id") for row in rows]
    if len(ids) < _ENOUGH or any(type(one) is not int for one in ids):
        return
    # By their moments, for as texts a whole second comes after its parts: it is written without them.
    changed = [moment for row in rows if (moment := moment_of(row.get("modified_date"))) is not None]
    if all(one > two for one, two in pairwise(ids)):
        yield "-id"
    elif all(one < two for one, two in pairwise(ids)):
        yield "id"
    elif len(changed) == len(rows) and len(set(changed)) > 1 and all(one <= two for one, two in pairwise(changed)):
        yield "modified_date"
    else:
        yield OTHER


def moment_of(text: object) -> datetime | None:
    """A time as an OMS writes it, None where it is none; one without a zone is in UTC."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _members(contents: CrawlContents, *names: str) -> Iterator[Any]:
    return (plan[name] for plan in contents.plans for name in names if name in plan)


def _commands(contents: CrawlContents) -> Iterator[str]:
    """The form of the commands; a plan without any is evidence only while it waits, see `settled`."""
    for plan in contents.plans:
        commands, state = plan.get("commands", ""), plan.get("state")
        name = state.get("enum_value") if isinstance(state, dict) else state
        if isinstance(commands, list) and commands:
            yield "objects" if all(isinstance(one, dict) for one in commands) else OTHER
        elif isinstance(commands, str) and _SLUGS.fullmatch(commands):
            yield "comma"
        elif commands not in ([], ""):
            try:
                yield "json" if isinstance(json.loads(commands), list) else OTHER
            except (TypeError, ValueError, RecursionError):
                yield OTHER
        elif commands == [] and isinstance(name, str) and name in _WAITING:
            yield "empty"


def _dates(contents: CrawlContents) -> Iterator[str]:
    for date in _members(contents, "created_date", "modified_date"):
        if isinstance(date, str):
            yield "datetime" if _MOMENT.match(date) else "date" if _DAY.fullmatch(date) else OTHER


def _order_amount(contents: CrawlContents) -> Iterator[str]:
    """Whether the amount of an order that paid for shipping holds that, too, or is what its items cost alone."""
    for order in (one for one in _members(contents, "order") if isinstance(one, dict)):
        try:
            items = sum((Decimal(str(item["net_amount"])) for item in order["orderitem_set"]), Decimal(0))
            amount, shipping = (Decimal(str(order[name])) for name in ("amount", "shipping_amount"))
            if shipping > 0:
                yield "items" if amount == items else "with_shipping" if amount == items + shipping else OTHER
        except (ArithmeticError, KeyError, TypeError, ValueError):
            continue


def _auth(contents: CrawlContents) -> Iterator[str]:
    """What the answer to a request without a token announces; `both` cannot be told from one of the two."""
    for one in contents.tokenless:
        scheme = (one.header("www-authenticate") or "").partition(" ")[0].lower()
        if one.status == _OK:
            yield "off"
        elif one.status == _UNAUTHORIZED:
            yield scheme if scheme in {"token", "bearer"} else OTHER


def _unauthenticated(contents: CrawlContents) -> Iterator[str]:
    for one in contents.tokenless:
        if one.status == _UNAUTHORIZED:
            has_detail = isinstance(one.content, dict) and isinstance(one.content.get("detail"), str)
            yield "detail" if has_detail else OTHER if one.body else "empty"


#: For each switch, what yields a value of it (or `OTHER`) as often as it is seen.
_RULES: Mapping[str, Callable[[CrawlContents], Iterator[str | int]]] = {
    "list": lambda contents: ("array" if page.is_array else "envelope" for page in contents.pages),
    "page_size": _page_size,
    "max_page_size": _max_page_size,
    "page_size_parameter": _page_size_parameter,
    "order": _order,
    "state": lambda contents: (
        "string" if isinstance(state, str) else "object" if isinstance(state, dict) else OTHER
        for state in _members(contents, "state")
    ),
    "commands": _commands,
    "dates": _dates,
    "order_amount": _order_amount,
    "auth": _auth,
    "unauthenticated": _unauthenticated,
    "not_found": lambda contents: (
        "short" if text == NOT_FOUND else "model" if model_in(text) else OTHER for text in contents.missing
    ),
}
