"""What a visit asks: how the budget is shared out, which plans are looked at, and every question beside the walk."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

from mock_oms.asking.pages import Id, Row
from mock_oms.asking.session import JSON, LIST, Credentials
from mock_oms.survey.survey import Question

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
class Wish:
    """One request that is wanted, and why."""

    question: Question
    path: str = LIST
    query: tuple[tuple[str, str], ...] = ()
    accept: str = JSON
    credentials: Credentials = Credentials.OWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many requests each part of a visit may make, whose number depends on the list."""

    pages: int
    details: int
    repeated: int

    @property
    def all(self) -> int:
        """The most requests that a visit makes."""
        return FIXED + self.pages + self.details + self.repeated


def shared(budget: int) -> Share:
    """A budget shared out so that each kind of question is asked; one that is too small ends before the last ones."""
    rest = max(0, budget - FIXED)
    details, repeated = min(_DETAILS, rest * 3 // 10), min(_REPEATED, rest // 10)
    kept = max(1, details), max(1, repeated)
    return Share(pages=max(2, rest - sum(kept)), details=kept[0], repeated=kept[1])


def spread(values: Sequence[T], number: int) -> tuple[T, ...]:
    """So many of some values at even distances, the first and the last among them; all, where there are no more."""
    if len(values) <= number:
        return tuple(values)
    if number == 1:
        return (values[0],)
    return tuple(values[place * (len(values) - 1) // (number - 1)] for place in range(number))


def sampled(rows: Iterable[Row], number: int) -> tuple[Id, ...]:
    """The ids of so many plans: the first of each state, then at even distances; each once."""
    first: dict[str, Id] = {}
    for row in rows:
        first.setdefault(row.state, row.id)
    ids = tuple(dict.fromkeys(row.id for row in rows))
    chosen = tuple(dict.fromkeys(first.values()))[:number]
    left = [one for one in ids if one not in set(chosen)]
    return (*chosen, *spread(left, number - len(chosen)))[:number] if number > len(chosen) else chosen


def sized(*, few: bool) -> Iterator[Wish]:
    """Pages of other sizes; of a list that comes whole each time, and is long, one is enough."""
    for query in _SIZED[: 1 if few else None]:
        yield Wish(question=Question.SIZED, query=query)


def last() -> Iterator[Wish]:
    """The last page."""
    yield Wish(question=Question.LAST, query=(("page", "last"),))


def details(ids: Iterable[Id], question: Question = Question.DETAIL) -> Iterator[Wish]:
    """Plans by their ids."""
    for one in ids:
        yield Wish(question=question, path=_path(one))


def strange(ids: Sequence[Id], *, few: bool) -> Iterator[Wish]:
    """What is not there, in the order of the visit; a huge id stands alone, for an old framework fails on it."""
    known = [one for one in ids if isinstance(one, int)]
    missing: tuple[Id, ...] = (max(known, default=0) + _FAR, *({0} - set(known)), _NO_PLAN)
    yield from details(missing, Question.NO_PLAN)
    yield from details((_HUGE,), Question.HUGE_ID)
    for page in _NO_PAGE[: 1 if few else None]:
        yield Wish(question=Question.NO_PAGE, query=(("page", page),))


def refused(plan: Id | None) -> Iterator[Wish]:
    """What is refused or redirected, of the list and of one plan; where there is none, of one that is missing."""
    paths = (LIST, _path(_FAR if plan is None else plan))
    yield from (Wish(question=Question.NO_TOKEN, path=path, credentials=Credentials.NONE) for path in paths)
    yield from (Wish(question=Question.WRONG_TOKEN, path=path, credentials=Credentials.WRONG) for path in paths)
    yield from (Wish(question=Question.OTHER_MEDIA, path=path, accept=_OTHER) for path in paths)
    yield from (Wish(question=Question.NO_SLASH, path=path.removesuffix("/")) for path in paths)


def again() -> Iterator[Wish]:
    """The first page once more."""
    yield Wish(question=Question.AGAIN)


def _path(plan: Id) -> str:
    return f"{LIST}{quote(str(plan), safe='')}/"
