"""The requests of a crawl beside the walk: how the budget is divided, which plans are read, which links are followed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from mock_oms.conformance.crawl import ListPage, Question
from mock_oms.conformance.crawler.session import JSON, LIST, Credentials
from mock_oms.conformance.crawler.target import Target

#: Characters of a link that are followed at most, and shown.
_LONGEST, _SHOWN = 4_096, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPage:
    """The path with its query of the next request; or a `problem`, why it is not followed. `remark`: what is odd."""

    path: str = ""
    problem: str = ""
    remark: str = ""


def followed(link: str, target: Target) -> NextPage:
    """What becomes of a link in an answer of the target."""
    what, path, scheme = "", "", ""
    try:
        whole = urljoin(target.origin + LIST, link)
        parts = urlsplit(whole)
        path, scheme = parts.path + (f"?{parts.query}" if parts.query else ""), parts.scheme
        if not target.shows(whole):
            what = "leads to another host, which is not asked"
        elif parts.path != LIST:
            what = "leads to something else than the list, which is not asked"
        elif len(link) > _LONGEST or not (link.isascii() and link.isprintable()) or " " in link:
            what = "has more in it than an address can hold"
    except ValueError:
        what = "is no address"
    if what:
        shown = link if len(link) <= _SHOWN else f"{link[:_SHOWN]}…"
        return NextPage(problem=f"the link to the next page {what} ({shown!r}).")
    here = urlsplit(target.url).scheme
    odd = f"Links to the next page begin with {scheme}://; they were followed with {here}://."
    return NextPage(path=path, remark="" if scheme == here else odd)


#: The id of a plan, as a path can hold it.
Id = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """A plan of a list: its id, and its state as text."""

    id: Id
    state: str


def plan_rows(page: ListPage) -> tuple[PlanRow, ...]:
    """The plans of a page; rows without an id are passed over."""
    return tuple(
        PlanRow(id=row["id"], state=str(row.get("state")))
        for row in page.rows
        if isinstance(row, Mapping) and _is_id(row.get("id"))
    )


def _is_id(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and value != "")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRequest:
    """One request of a crawl, and why it is made."""

    question: Question
    path: str = LIST
    query: tuple[tuple[str, str], ...] = ()
    accept: str = JSON
    credentials: Credentials = Credentials.OWN


#: Page sizes: a small one, one above every likely maximum, two that are invalid, and the same under the other name.
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
#: Above every id in the list by so much that nobody makes a plan with it meanwhile.
_FAR = 1_000_000
_HUGE = 2**63
#: Requests whose number does not depend on the list: those above, three ids, a huge one, the last page, the first again,
#: and four about the list and a plan each.
FIXED = len(_SIZED) + len(_NO_PAGE) + 3 + 1 + 1 + 1 + 4 * 2
#: More plans than so many tell nothing new; nor do more of them a second time.
_DETAILS, _REPEATED = 60, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBudget:
    """How many requests each part of a crawl may make, whose number depends on the list."""

    pages: int
    details: int
    repeated: int

    @property
    def all(self) -> int:
        """The most requests that a crawl makes."""
        return FIXED + self.pages + self.details + self.repeated


def budget_of(budget: int) -> RequestBudget:
    """A budget divided so that every question is asked; with one that is too small the last ones are not."""
    rest = max(0, budget - FIXED)
    details, repeated = max(1, min(_DETAILS, rest * 3 // 10)), max(1, min(_REPEATED, rest // 10))
    return RequestBudget(pages=max(2, rest - details - repeated), details=details, repeated=repeated)


T = TypeVar("T")


def spread(values: Sequence[T], number: int) -> tuple[T, ...]:
    """So many of some values at even distances, the first and the last among them; all, where there are no more."""
    if len(values) <= number:
        return tuple(values)
    return tuple(values[place * (len(values) - 1) // max(1, number - 1)] for place in range(number))


def sampled(rows: Iterable[PlanRow], number: int) -> tuple[Id, ...]:
    """The ids of so many plans: the first of each state, then at even distances; each once."""
    first: dict[str, Id] = {}
    for row in rows:
        first.setdefault(row.state, row.id)
    chosen = tuple(dict.fromkeys(first.values()))[:number]
    left = [one for one in dict.fromkeys(row.id for row in rows) if one not in set(chosen)]
    return (*chosen, *spread(left, number - len(chosen)))


def details(ids: Iterable[Id], question: Question = Question.DETAIL) -> Iterator[PlannedRequest]:
    """Plans by their ids."""
    return (PlannedRequest(question=question, path=f"{LIST}{quote(str(one), safe='')}/") for one in ids)


def sized(*, few: bool) -> Iterator[PlannedRequest]:
    """Pages of other sizes; `few`: one, for a long list that comes whole each time."""
    return (PlannedRequest(question=Question.SIZED, query=query) for query in _SIZED[: 1 if few else None])


LAST = PlannedRequest(question=Question.LAST, query=(("page", "last"),))
#: The first page once more.
AGAIN = PlannedRequest(question=Question.AGAIN)


def missing(ids: Sequence[Id], *, few: bool) -> Iterator[PlannedRequest]:
    """Plans and pages that do not exist; a huge id is a question of its own, for an old framework fails on it."""
    known = [one for one in ids if isinstance(one, int)]
    yield from details((max(known, default=0) + _FAR, *({0} - set(known)), "no-plan"), Question.NO_PLAN)
    yield from details((_HUGE,), Question.HUGE_ID)
    for page in _NO_PAGE[: 1 if few else None]:
        yield PlannedRequest(question=Question.NO_PAGE, query=(("page", page),))


def refused(plan: Id | None) -> Iterator[PlannedRequest]:
    """What is refused or redirected, of the list and of one plan; where there is none, of one that is missing."""
    paths = (LIST, *(one.path for one in details([_FAR if plan is None else plan])))
    kinds: tuple[tuple[Question, dict[str, Any]], ...] = (
        (Question.NO_TOKEN, {"credentials": Credentials.NONE}),
        (Question.WRONG_TOKEN, {"credentials": Credentials.WRONG}),
        (Question.OTHER_MEDIA, {"accept": "application/xml"}),
    )
    yield from (PlannedRequest(question=question, path=path, **given) for question, given in kinds for path in paths)
    yield from (PlannedRequest(question=Question.NO_SLASH, path=path.removesuffix("/")) for path in paths)
