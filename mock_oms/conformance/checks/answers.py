"""A crawl as the checks read it: its bodies as JSON, its pages, and every plan as often as it was seen."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from math import gcd
from typing import Any, Self

from mock_oms.conformance.crawl import Crawl, Exchange, Question, read_page
from mock_oms.contract.document import Node, resolve_ref, words_of
from mock_oms.contract.openapi import contract_for
from mock_oms.dataclass import dataclass
from mock_oms.switches import Switches

PAGES = frozenset({Question.WALK, Question.LAST, Question.AGAIN, Question.SIZED})
SINGLE = frozenset({Question.DETAIL, Question.REPEATED})
_OK, _THROTTLED = 200, 429
_LIST = "/api/v1/oms/orderexecutionplans/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a check looks at: the request that shows it, without a token, and its place there, empty for all of it."""

    request: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedAnswer(Subject):
    """An answer with what its body says; `data` is `NO_JSON` where that is no JSON."""

    question: Question
    exchange: Exchange
    data: Any

    @property
    def status(self) -> int:
        """The status."""
        return self.exchange.status

    @property
    def ok(self) -> bool:
        """Whether the status is 200."""
        return self.status == _OK


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage(ParsedAnswer):
    """An answer of the list in its envelope."""

    number: int
    count: int
    rows: tuple[Any, ...]

    @property
    def ids(self) -> tuple[Any, ...]:
        """The ids of its rows, None for a row that has none."""
        return tuple(row.get("id") if isinstance(row, dict) else None for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPlan(Subject):
    """A plan as one answer shows it."""

    answer: ParsedAnswer
    plan: dict[str, Any]

    @property
    def id(self) -> int:
        """The id that the plan says it has."""
        return int(self.plan["id"])

    @property
    def order(self) -> int | None:
        """The id of its order, None where that cannot be read."""
        order = self.plan.get("order")
        found = order.get("id") if isinstance(order, dict) else None
        return found if isinstance(found, int) else None


@lru_cache(16)
def _contract(switches: Switches) -> tuple[Node, frozenset[str]]:
    """The contract under these switches and its words, for every crawl: nobody writes into it."""
    document = contract_for(switches)
    return document, words_of(document)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTwice(Subject):
    """Two plans, or one plan at two times; the later one is the subject."""

    earlier: SeenPlan
    later: SeenPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedCrawl:
    """A crawl, read once for all checks. A 429 says something of our pace only, so it is left out.

    `document` is the contract under the `switches` that are expected, `words` those that it has. With `show_values`
    findings show whatever an answer holds, customers' data included.
    `plans` are in the order in which they were seen. `unit` is what all amounts in them are multiples of.
    """

    crawl: Crawl
    switches: Switches
    document: Node
    words: frozenset[str]
    show_values: bool
    answers: tuple[ParsedAnswer, ...]
    pages: tuple[ParsedPage, ...]
    plans: tuple[SeenPlan, ...]
    unit: Decimal

    @classmethod
    def of(cls, crawl: Crawl, switches: Switches, *, show_values: bool = False) -> Self:
        """The crawl, read where these switches are expected."""
        document, words = _contract(switches)
        answers = tuple(
            ParsedAnswer(
                request=f"{exchange.method} {exchange.target}",
                question=one.question,
                exchange=exchange,
                data=exchange.content,
            )
            for one in crawl.answered
            if (exchange := one.exchange).status != _THROTTLED
        )
        plans = tuple(plan for one in answers for plan in objects_in(one) if has_id(plan.plan))
        return cls(
            crawl=crawl,
            switches=switches,
            document=document,
            words=words,
            show_values=show_values,
            answers=answers,
            pages=tuple(_pages(answers)),
            plans=plans,
            unit=unit_of(one.plan for one in plans),
        )

    def statuses(self, exchange: Exchange) -> Node:
        """What the contract describes for the path of an exchange, by status as text."""
        # The API may begin anywhere in a host.
        after = exchange.path.partition("orderexecutionplans")[2]
        inner = f"{_LIST}{{id}}/" if after.endswith("/") else f"{_LIST}{{text}}"
        path = _LIST.removesuffix("/") + after if after in {"", "/"} else inner
        found: Node = self.document["paths"][path]["get"]["responses"]
        return found

    def response(self, exchange: Exchange) -> Node | None:
        """What the contract says of this answer; None where it does not have the status."""
        found = self.statuses(exchange).get(str(exchange.status))
        return None if found is None else resolve_ref(self.document, found)

    def to(self, *questions: Question) -> Iterator[ParsedAnswer]:
        """The answers to these questions."""
        return (one for one in self.answers if one.question in questions)

    def walked(self) -> tuple[ParsedPage, ...]:
        """The pages of the walk."""
        return tuple(one for one in self.pages if one.question is Question.WALK)

    def plans_of_the_walk(self) -> Iterator[SeenPlan]:
        """The plans that the walk showed."""
        return (one for one in self.plans if one.answer.question is Question.WALK)

    def pairs(self, key: Callable[[SeenPlan], int | None] = lambda one: one.id) -> Iterator[PlanTwice]:
        """Each plan with the one before that has the same key: its id, if nothing else is said. None is no key."""
        alike: dict[int, list[SeenPlan]] = {}
        for one in self.plans:
            if (found := key(one)) is not None:
                alike.setdefault(found, []).append(one)
        for plans in alike.values():
            yield from pairs_of(plans)


def pairs_of(plans: Iterable[SeenPlan]) -> Iterator[PlanTwice]:
    """Each plan with the one before."""
    for earlier, later in pairwise(plans):
        yield PlanTwice(request=later.request, place=later.place, earlier=earlier, later=later)


def _pages(answers: Iterable[ParsedAnswer]) -> Iterator[ParsedPage]:
    size = 0
    for one in answers:
        page = read_page(one.data) if one.question in PAGES and one.ok else None
        if page is not None and page.count is not None and not page.is_array:
            size = size or len(page.rows)
            number = dict(one.exchange.query).get("page") or "1"
            last = max(1, -(-page.count // max(1, size)))
            yield ParsedPage(
                request=one.request,
                question=one.question,
                exchange=one.exchange,
                data=one.data,
                number=last if number == "last" else int(number) if number.isdecimal() else 1,
                count=page.count,
                rows=page.rows,
            )


def objects_in(one: ParsedAnswer) -> Iterator[SeenPlan]:
    """The objects where an answer should have plans, whichever shape the list has."""
    single = one.question in SINGLE
    if not one.ok or not (single or one.question in PAGES):
        return
    in_envelope = isinstance(one.data, dict)
    rows = [one.data] if single else one.data.get("results") if in_envelope else one.data
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict):
            place = "" if single else f"{'results' if in_envelope else ''}[{number}]"
            yield SeenPlan(request=one.request, place=place, answer=one, plan=row)


def has_id(plan: Mapping[str, Any]) -> bool:
    """Whether an object has an integer as its id, and so is read as a plan; any other is left to the schema."""
    return type(plan.get("id")) is int


CENT = Decimal("0.01")
#: Cents: a recording's factor is below it. Amounts may be whole for other reasons, and are no coarser for that.
_GREATEST = 100
_AMOUNTS = ("amount", "shipping_amount", "discount_amount")
_ITEM_AMOUNTS = ("price", "net_amount", "retail_price", "tax_amount", "discount_amount")
_FORM = re.compile(r"-?(\d{1,40})\.(\d\d)", re.ASCII)


def unit_of(plans: Iterable[Mapping[str, Any]]) -> Decimal:
    """The greatest amount of which all amounts are multiples: from 0.01 to 1.00; amounts of another form do not count.

    A recording multiplies amounts by a whole factor, and with them what rounding to the cent left over.
    """
    amounts: list[Any] = []
    for plan in plans:
        order = plan.get("order")
        if isinstance(order, dict):
            amounts += (order.get(name) for name in _AMOUNTS)
            items = order.get("orderitem_set")
            rows = (row for row in items if isinstance(row, dict)) if isinstance(items, list) else ()
            amounts += (row.get(name) for row in rows for name in _ITEM_AMOUNTS)
    written = (_FORM.fullmatch(one) for one in amounts if isinstance(one, str))
    return min(gcd(*(int(one[1] + one[2]) for one in written if one)) or 1, _GREATEST) * CENT
