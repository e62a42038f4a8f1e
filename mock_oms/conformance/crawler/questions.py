"""What a visit asks: how the budget is shared out, which plans are looked at, and every question beside the walk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from mock_oms.conformance.crawl import Exchange, Question
from mock_oms.conformance.crawler.session import JSON, LIST, Credentials
from mock_oms.conformance.crawler.target import Target

#: Characters of a link that are followed at most, and shown.
_LONGEST, _SHOWN = 4_096, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPage:
    """The path with its query to ask next; or an `objection`, why it is not asked. `remark` is what is odd about it."""

    path: str = ""
    objection: str = ""
    remark: str = ""


def followed(link: str, target: Target) -> NextPage:
    """What becomes of a link in an answer of the target."""
    try:
        whole = urljoin(target.origin + LIST, link)
        parts = urlsplit(whole)
    except ValueError:
        return _objection("is no address", link)
    if not target.shows(whole):
        return _objection("leads to another host, which is not asked", link)
    if parts.path != LIST:
        return _objection("leads to something else than the list, which is not asked", link)
    if len(link) > _LONGEST or not (link.isascii() and link.isprintable()) or " " in link:
        return _objection("has more in it than an address can hold", link)
    here = urlsplit(target.url).scheme
    odd = f"Links to the next page begin with {parts.scheme}://; they were followed with {here}://."
    query = f"?{parts.query}" if parts.query else ""
    return NextPage(path=parts.path + query, remark="" if parts.scheme == here else odd)


def _objection(what: str, link: str) -> NextPage:
    shown = link if len(link) <= _SHOWN else f"{link[:_SHOWN]}…"
    return NextPage(objection=f"the link to the next page {what} ({shown!r}).")


#: The id of a plan, as a path can hold it.
Id = int | str
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawledRow:
    """A plan of a list: its id, and its state as far as it can be told from others."""

    id: Id
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawledPage:
    """A page of the list. `paged` is false of a bare array; `count` is how many rows it says there are, or 0."""

    rows: tuple[CrawledRow, ...]
    next: str | None
    count: int
    paged: bool


def page_of(exchange: Exchange) -> CrawledPage | None:
    """The page in an answer, None where it is none; rows without an id are passed over."""
    content = _content(exchange)
    if isinstance(content, list):
        return CrawledPage(rows=_rows(content), next=None, count=len(content), paged=False)
    if not isinstance(content, Mapping) or not isinstance(content.get("results"), list):
        return None
    following, count = content.get("next"), content.get("count")
    return CrawledPage(
        rows=_rows(content["results"]),
        next=None if following is None else str(following),
        count=count if isinstance(count, int) else 0,
        paged=True,
    )


def _content(exchange: Exchange) -> Any:
    try:
        return exchange.content if exchange.status == _OK else None
    except (ValueError, RecursionError):
        return None


def _rows(found: list[Any]) -> tuple[CrawledRow, ...]:
    return tuple(
        CrawledRow(id=one["id"], state=str(one.get("state"))) for one in found if isinstance(one, dict) and _is_id(one)
    )


def _is_id(row: Mapping[str, Any]) -> bool:
    found = row.get("id")
    return (isinstance(found, int) and not isinstance(found, bool)) or (isinstance(found, str) and found != "")


T = TypeVar("T")

#: Sizes of our own: a small one, one above every maximum that is likely, two that are none, and the other name for it.
_SIZED = (
    (("limit", "2"),),
    (("page_size", "2"),),
    (("limit", "250"),),
    (("page_size", "250"),),
    (("limit", "0"),),
    (("limit", "many"),),
    (("z", "1"), ("limit", "2"), ("a", "2")),  # `next` keeps what it does not know
)
#: Far past the last page, before the first, and no number.
_NO_PAGE = ("1000000", "0", "no-page")
_NO_PLAN = "no-plan"
#: Above every id in the list by so much that nobody makes a plan with it meanwhile.
_FAR = 1_000_000
_HUGE = 2**63
_OTHER = "application/xml"
#: Questions whose number does not depend on the list: above, three ids, a huge one, the last page, the first again, and
#: four about the list and a plan each.
FIXED = len(_SIZED) + len(_NO_PAGE) + 3 + 1 + 1 + 1 + 4 * 2
#: Looking at more than so many plans tells nothing new; nor at more of them twice.
_DETAILS, _REPEATED = 60, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRequest:
    """One request that is wanted, and why."""

    question: Question
    path: str = LIST
    query: tuple[tuple[str, str], ...] = ()
    accept: str = JSON
    credentials: Credentials = Credentials.OWN


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBudget:
    """How many requests each part of a visit may make, whose number depends on the list."""

    pages: int
    details: int
    repeated: int

    @property
    def all(self) -> int:
        """The most requests that a visit makes."""
        return FIXED + self.pages + self.details + self.repeated


def budget_of(budget: int) -> RequestBudget:
    """A budget shared out so that each kind of question is asked; one that is too small ends before the last ones."""
    rest = max(0, budget - FIXED)
    details, repeated = min(_DETAILS, rest * 3 // 10), min(_REPEATED, rest // 10)
    kept = max(1, details), max(1, repeated)
    return RequestBudget(pages=max(2, rest - sum(kept)), details=kept[0], repeated=kept[1])


def spread(values: Sequence[T], number: int) -> tuple[T, ...]:
    """So many of some values at even distances, the first and the last among them; all, where there are no more."""
    if len(values) <= number:
        return tuple(values)
    if number == 1:
        return (values[0],)
    return tuple(values[place * (len(values) - 1) // (number - 1)] for place in range(number))


def sampled(rows: Iterable[CrawledRow], number: int) -> tuple[Id, ...]:
    """The ids of so many plans: the first of each state, then at even distances; each once."""
    first: dict[str, Id] = {}
    for row in rows:
        first.setdefault(row.state, row.id)
    ids = tuple(dict.fromkeys(row.id for row in rows))
    chosen = tuple(dict.fromkeys(first.values()))[:number]
    left = [one for one in ids if one not in set(chosen)]
    return (*chosen, *spread(left, number - len(chosen)))[:number] if number > len(chosen) else chosen


def sized(*, few: bool) -> Iterator[PlannedRequest]:
    """Pages of other sizes; of a list that comes whole each time, and is long, one is enough."""
    for query in _SIZED[: 1 if few else None]:
        yield PlannedRequest(question=Question.SIZED, query=query)


def last() -> Iterator[PlannedRequest]:
    """The last page."""
    yield PlannedRequest(question=Question.LAST, query=(("page", "last"),))


def details(ids: Iterable[Id], question: Question = Question.DETAIL) -> Iterator[PlannedRequest]:
    """Plans by their ids."""
    for one in ids:
        yield PlannedRequest(question=question, path=_path(one))


def strange(ids: Sequence[Id], *, few: bool) -> Iterator[PlannedRequest]:
    """What is not there, in the order of the visit; a huge id stands alone, for an old framework fails on it."""
    known = [one for one in ids if isinstance(one, int)]
    missing: tuple[Id, ...] = (max(known, default=0) + _FAR, *({0} - set(known)), _NO_PLAN)
    yield from details(missing, Question.NO_PLAN)
    yield from details((_HUGE,), Question.HUGE_ID)
    for page in _NO_PAGE[: 1 if few else None]:
        yield PlannedRequest(question=Question.NO_PAGE, query=(("page", page),))


def refused(plan: Id | None) -> Iterator[PlannedRequest]:
    """What is refused or redirected, of the list and of one plan; where there is none, of one that is missing."""
    paths = (LIST, _path(_FAR if plan is None else plan))
    yield from (PlannedRequest(question=Question.NO_TOKEN, path=path, credentials=Credentials.NONE) for path in paths)
    yield from (
        PlannedRequest(question=Question.WRONG_TOKEN, path=path, credentials=Credentials.WRONG) for path in paths
    )
    yield from (PlannedRequest(question=Question.OTHER_MEDIA, path=path, accept=_OTHER) for path in paths)
    yield from (PlannedRequest(question=Question.NO_SLASH, path=path.removesuffix("/")) for path in paths)


def again() -> Iterator[PlannedRequest]:
    """The first page once more."""
    yield PlannedRequest(question=Question.AGAIN)


def _path(plan: Id) -> str:
    return f"{LIST}{quote(str(plan), safe='')}/"
