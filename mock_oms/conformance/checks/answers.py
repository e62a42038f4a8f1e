"""A survey as the checks read it: its bodies as JSON, its pages, and every sight of a plan in order."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from itertools import pairwise
from math import gcd
from operator import getitem
from typing import Any, Self

from mock_oms.conformance.checks.masking import words_of
from mock_oms.conformance.crawl import AnsweredQuestion, Crawl, Exchange, Question
from mock_oms.contract.document import Node
from mock_oms.contract.openapi import contract_for
from mock_oms.switches import Switches

CENT = Decimal("0.01")
#: Cents: a recording's factor is below it. Amounts may be whole for other reasons, and are no coarser for that.
_GREATEST = 100
_AMOUNTS = ("amount", "shipping_amount", "discount_amount")
_ITEM_AMOUNTS = ("price", "net_amount", "retail_price", "tax_amount", "discount_amount")
_FORM = re.compile(r"-?(\d{1,40})\.(\d\d)", re.ASCII)


def unit_of(plans: Iterable[Mapping[str, Any]]) -> Decimal:
    """The greatest amount of which all amounts are multiples: from 0.01 to 1.00; amounts of another form are no matter.

    A recording multiplies amounts by a whole factor, and with them what rounding to the cent left over.
    """
    common = gcd(*(cents for plan in plans for cents in _cents(plan.get("order"))))
    return min(common or 1, _GREATEST) * CENT


def _cents(order: Any) -> Iterator[int]:
    if not isinstance(order, dict):
        return
    items = order.get("orderitem_set")
    rows = [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []
    said = [order.get(name) for name in _AMOUNTS] + [row.get(name) for row in rows for name in _ITEM_AMOUNTS]
    for one in said:
        found = _FORM.fullmatch(one) if isinstance(one, str) else None
        if found:
            yield int(found[1] + found[2])


_PLANS = "orderexecutionplans"
_LIST = f"/api/v1/oms/{_PLANS}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The switches that are expected, with the contract's document under them, and the words that it knows.

    `show_values`: findings show whatever stands in an answer, customers' data among it.
    """

    answers: Switches
    document: Node
    words: frozenset[str]
    show_values: bool = False

    @classmethod
    def under(cls, answers: Switches, *, show_values: bool = False) -> Self:
        """The rules under these switches."""
        document = contract_for(answers)
        return cls(answers=answers, document=document, words=words_of(document), show_values=show_values)

    def statuses(self, exchange: Exchange) -> Node:
        """What the contract describes for the path of an exchange, by status as text."""
        path = self.document["paths"][described_path(exchange)]
        found: Node = path["get"]["responses"]
        return found

    def response(self, exchange: Exchange) -> Node | None:
        """What the contract says of this answer; None where it has no word on such a status."""
        found = self.statuses(exchange).get(str(exchange.status))
        return None if found is None else self.resolved(found)

    def resolved(self, node: Node) -> Node:
        """A node of the document, or what it refers to."""
        if "$ref" not in node:
            return node
        found: Any = reduce(getitem, node["$ref"].split("/")[1:], self.document)
        return self.resolved(found)


def described_path(exchange: Exchange) -> str:
    """The path under which the contract describes a request, wherever in a host the API begins."""
    after = exchange.path.partition(_PLANS)[2]
    if after in {"", "/"}:
        return _LIST.removesuffix("/") + after
    return f"{_LIST}{{id}}/" if after.endswith("/") else f"{_LIST}{{text}}"


def is_list(exchange: Exchange) -> bool:
    """Whether a request is about the list, not about one plan."""
    return "{" not in described_path(exchange)


PAGES = frozenset({Question.WALK, Question.LAST, Question.AGAIN, Question.SIZED})
SINGLE = frozenset({Question.DETAIL, Question.REPEATED})
_OK, _THROTTLED = 200, 429

#: In the place of a body that is no JSON.
UNREAD = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedAnswer:
    """An answer with what its body says; `data` is `UNREAD` where that is no JSON."""

    question: Question
    exchange: Exchange
    data: Any

    @property
    def request(self) -> str:
        """The request, without a token."""
        return f"{self.exchange.method} {self.exchange.target}"

    @property
    def place(self) -> str:
        """The answer as a whole."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """An answer of the list in its envelope."""

    answered: ParsedAnswer
    number: int
    count: int
    next: Any
    previous: Any
    rows: list[Any]

    @property
    def request(self) -> str:
        """The request, without a token."""
        return self.answered.request

    @property
    def place(self) -> str:
        """The answer as a whole."""
        return ""

    @property
    def ids(self) -> tuple[Any, ...]:
        """The ids of its rows, None for a row that has none."""
        return tuple(row.get("id") if isinstance(row, dict) else None for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPlan:
    """A plan as one answer shows it; `place` is where it stands there."""

    answered: ParsedAnswer
    place: str
    plan: dict[str, Any]

    @property
    def request(self) -> str:
        """The request, without a token."""
        return self.answered.request

    @property
    def id(self) -> int:
        """The id that the plan says it has."""
        found: int = self.plan["id"]
        return found

    @property
    def order(self) -> int | None:
        """The id of its order, None where that cannot be read."""
        order = self.plan.get("order")
        found = order.get("id") if isinstance(order, dict) else None
        return found if isinstance(found, int) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTwice:
    """A plan at one time and at a later one."""

    earlier: SeenPlan
    later: SeenPlan

    @property
    def request(self) -> str:
        """The later request."""
        return self.later.request

    @property
    def place(self) -> str:
        """Where the plan stands in the later answer."""
        return self.later.place


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeCrawl:
    """A survey as a subject: what is true of all answers together."""

    request: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedCrawl:
    """A survey, read once for all checks. A 429 tells of our pace only, so it is left out.

    `unit` is what amounts are multiples of, as far as it was seen.
    """

    survey: Crawl
    rules: Rules
    answers: tuple[ParsedAnswer, ...]
    pages: tuple[ParsedPage, ...]
    sights: tuple[SeenPlan, ...]
    unit: Decimal

    @classmethod
    def of(cls, survey: Crawl, rules: Rules) -> Self:
        """The survey, read."""
        answers = tuple(_read(one) for one in survey.asked if one.exchange.status != _THROTTLED)
        sights = tuple(sight for one in answers for sight in _sights(one))
        return cls(
            survey=survey,
            rules=rules,
            answers=answers,
            pages=tuple(_pages(answers)),
            sights=sights,
            unit=unit_of(one.plan for one in sights),
        )

    def to(self, *questions: Question) -> Iterator[ParsedAnswer]:
        """The answers to these questions."""
        return (one for one in self.answers if one.question in questions)

    def walked(self) -> tuple[ParsedPage, ...]:
        """The pages of the walk."""
        return tuple(one for one in self.pages if one.answered.question is Question.WALK)

    def whole(self, *, of: str) -> Iterator[WholeCrawl]:
        """All answers together as one subject, unless the walk has no page."""
        for page in self.walked()[:1]:
            yield WholeCrawl(request=f"{page.request} and {of}")

    def histories(self) -> dict[int, list[SeenPlan]]:
        """Every sight of each plan, in the order in which they were seen."""
        found: dict[int, list[SeenPlan]] = {}
        for one in self.sights:
            found.setdefault(one.id, []).append(one)
        return found

    def pairs(self) -> Iterator[PlanTwice]:
        """Each sight of a plan with the one before."""
        for sights in self.histories().values():
            yield from (PlanTwice(earlier=one, later=two) for one, two in pairwise(sights))

    def rows_of_the_walk(self) -> Iterator[SeenPlan]:
        """The plans that the walk showed."""
        return (one for one in self.sights if one.answered.question is Question.WALK)


def _read(asked: AnsweredQuestion) -> ParsedAnswer:
    try:
        data = json.loads(asked.exchange.body)
    except (ValueError, RecursionError):
        data = UNREAD
    return ParsedAnswer(question=asked.question, exchange=asked.exchange, data=data)


def _pages(answers: tuple[ParsedAnswer, ...]) -> Iterator[ParsedPage]:
    size = 0
    for one in answers:
        data = one.data
        if one.question in PAGES and one.exchange.status == _OK and _is_envelope(data):
            size = size or len(data["results"])
            yield ParsedPage(
                answered=one,
                number=_number(one.exchange, data["count"], size),
                count=data["count"],
                next=data.get("next"),
                previous=data.get("previous"),
                rows=data["results"],
            )


def _is_envelope(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("results"), list) and isinstance(data.get("count"), int)


def _number(exchange: Exchange, count: int, size: int) -> int:
    text = dict(exchange.query).get("page") or "1"
    if text == "last":
        return max(1, -(-count // max(1, size)))
    return int(text) if text.isdecimal() else 1


def _sights(one: ParsedAnswer) -> Iterator[SeenPlan]:
    """The plans in an answer, whichever shape the list has; what is no object with an id is left to the schema."""
    if one.exchange.status != _OK:
        return
    if one.question in SINGLE:
        yield from _sight(one, "", one.data)
    elif one.question in PAGES and is_list(one.exchange):
        enveloped = isinstance(one.data, dict)
        rows = one.data.get("results") if enveloped else one.data
        for place, row in enumerate(rows if isinstance(rows, list) else ()):
            yield from _sight(one, f"{'results' if enveloped else ''}[{place}]", row)


def _sight(one: ParsedAnswer, place: str, plan: Any) -> Iterator[SeenPlan]:
    if isinstance(plan, dict) and type(plan.get("id")) is int:
        yield SeenPlan(answered=one, place=place, plan=plan)
