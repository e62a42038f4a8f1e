"""The crawler: every question to one OMS in a fixed order, as far as the budget and the patience of the host go."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import NamedTuple, TypeVar
from urllib.parse import quote, unquote, urljoin, urlsplit

from mock_oms.conformance.crawl import AnsweredQuestion, Crawl, Exchange, ListPage, Question, read_page
from mock_oms.conformance.crawler.session import (
    JSON,
    LIST,
    BudgetSpentError,
    Credentials,
    Politeness,
    Session,
    StoppedError,
    Target,
)
from mock_oms.dataclass import dataclass
from mock_oms.urls import without_query

_TOKEN = "is the token right, and may it read plans? Where it is sent as Bearer, say {bearer}."  # noqa: S105  a sentence, no secret
#: What the first answer means, by its status.
_MEANS: Mapping[int, str] = {400: "is the host right?", 401: _TOKEN, 403: _TOKEN, 404: "is this the address of an OMS?"}
_OK, _CHOICES, _REFUSED, _THROTTLED = 200, 300, 400, 429
#: Bytes of a list without pages from which on it is not asked for again and again.
_LONG = 2**20
#: Characters of a link that are followed at most, and shown.
_LONGEST_LINK, _SHOWN = 4_096, 200


def followed(link: str, target: Target) -> tuple[str, str]:
    """The path with its query that a link of the target leads to, and what is odd of it; or no path, and why not."""
    what, path, scheme = "", "", ""
    try:
        whole = urljoin(target.origin + LIST, link)
        parts = urlsplit(whole)
        path, scheme = parts.path + (f"?{parts.query}" if parts.query else ""), parts.scheme
        if not target.shows(whole):
            what = "leads to another host, which is not asked"
        elif parts.path != LIST:
            what = "leads to something else than the list, which is not asked"
        elif len(link) > _LONGEST_LINK or not (link.isascii() and link.isprintable()) or " " in link:
            what = "has more in it than an address can hold"
    except ValueError:
        what = "is no address"
    if what:
        shown = link if len(link) <= _SHOWN else f"{link[:_SHOWN]}…"
        return "", f"The walk ended: the link to the next page {what} ({shown!r})."
    here = urlsplit(target.url).scheme
    odd = f"Links to the next page begin with {scheme}://; they were followed with {here}://."
    return path, "" if scheme == here else odd


#: The id of a plan, as a path can hold it.
Id = int | str


class PlanRow(NamedTuple):
    """A plan of a list: its id, and its state as text."""

    id: Id
    state: str


def plan_rows(page: ListPage) -> tuple[PlanRow, ...]:
    """The plans of a page; rows without an id are passed over."""
    return tuple(
        PlanRow(row["id"], str(row.get("state")))
        for row in page.rows
        if isinstance(row, Mapping) and type(row.get("id")) in {int, str} and row["id"] != ""
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRequest:
    """One request of a crawl, and why it is made."""

    question: Question
    path: str = LIST
    accept: str = JSON
    credentials: Credentials = "own"


#: Page sizes: a small one, one above every likely maximum, two that are invalid, and the same under the other name.
#: The last one has what `next` is to keep.
_SIZED = ("limit=2", "page_size=2", "limit=250", "page_size=250", "limit=0", "limit=many", "z=1&limit=2&a=2")
#: Far past the last page, before the first, and no number.
_NO_PAGE = ("1000000", "0", "no-page")
#: Above every id in the list by so much that nobody makes a plan with it meanwhile.
_FAR = 1_000_000
_HUGE = 2**63
#: Requests whose number does not depend on the list: those above, three ids, a huge one, the last page, the first again,
#: and five about the list and a plan each.
FIXED = len(_SIZED) + len(_NO_PAGE) + 3 + 1 + 1 + 1 + 5 * 2
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
    return (PlannedRequest(question=Question.SIZED, path=f"{LIST}?{query}") for query in _SIZED[: 1 if few else None])


LAST = PlannedRequest(question=Question.LAST, path=f"{LIST}?page=last")
#: The first page once more.
AGAIN = PlannedRequest(question=Question.AGAIN)


def missing(ids: Sequence[Id], *, few: bool) -> Iterator[PlannedRequest]:
    """Plans and pages that do not exist; a huge id is a question of its own, for an old framework fails on it."""
    known = [one for one in ids if isinstance(one, int)]
    yield from details((max(known, default=0) + _FAR, *({0} - set(known)), "no-plan"), Question.NO_PLAN)
    yield from details((_HUGE,), Question.HUGE_ID)
    for page in _NO_PAGE[: 1 if few else None]:
        yield PlannedRequest(question=Question.NO_PAGE, path=f"{LIST}?page={page}")


def formatted(plan: Id | None, *, few: bool) -> Iterator[PlannedRequest]:
    """The list and a plan with `format=json`; `few`: without the list, which is long."""
    paths = (*([] if few else [LIST]), *(one.path for one in details([] if plan is None else [plan])))
    return (PlannedRequest(question=Question.FORMAT, path=f"{path}?format=json") for path in paths)


def refused(plan: Id | None) -> Iterator[PlannedRequest]:
    """What is refused or redirected, of the list and of one plan; where there is none, of one that is missing."""
    paths = (LIST, *(one.path for one in details([_FAR if plan is None else plan])))
    yield from (PlannedRequest(question=Question.NO_TOKEN, path=path, credentials="none") for path in paths)
    yield from (PlannedRequest(question=Question.WRONG_TOKEN, path=path, credentials="wrong") for path in paths)
    yield from (PlannedRequest(question=Question.OTHER_MEDIA, path=path, accept="application/xml") for path in paths)
    yield from (PlannedRequest(question=Question.NO_SLASH, path=path.removesuffix("/")) for path in paths)


#: Takes after each request how many were made, how many there will be as far as is known, and the question.
Progress = Callable[[int, int, str], None]


def crawl_target(target: Target, politeness: Politeness | None = None, progress: Progress = lambda *_: None) -> Crawl:
    """Crawl a target in a session of its own; a `CrawlError` where it cannot begin."""
    with Session(target, politeness or Politeness()) as session:
        return crawl_session(session, session.politeness.max_requests, progress)


def crawl_session(session: Session, budget: int, progress: Progress = lambda *_: None) -> Crawl:
    """Crawl with at most `budget` requests of a session; a `ConnectionLostError` where the first gets no answer."""
    crawler = _Crawler(session=session, budget=budget_of(budget), progress=progress)
    closed, stopped = None, None
    try:
        closed = crawler.crawl()
    except StoppedError as error:
        if not crawler.answered:
            raise
        stopped = error
    stopped = stopped or session.ended
    return Crawl(
        target=session.target.url,
        answered=tuple(crawler.answered),
        whole=crawler.whole,
        ended=closed or (str(stopped) if stopped else None),
        cut_short=closed is not None or is_cut(stopped),
        notes=tuple(dict.fromkeys(crawler.notes)),
    )


def is_cut(stopped: StoppedError | None) -> bool:
    """Whether something else than its budget ended a session."""
    return stopped is not None and not isinstance(stopped, BudgetSpentError)


def opened(crawl: Crawl) -> bool:
    """Whether the list opened, so that there was something to see."""
    return any(one.status == _OK for one in crawl.of(Question.WALK))


def plans_of(crawl: Crawl) -> tuple[str, ...]:
    """The ids of the plans that were read one by one, each once."""
    read = (one for one in crawl.of(Question.DETAIL) if one.status == _OK)
    return tuple(dict.fromkeys(unquote(one.path.removeprefix(LIST).rstrip("/")) for one in read))


@dataclass(slots=True, kw_only=True)
class _Crawler:
    session: Session
    budget: RequestBudget
    progress: Progress
    answered: list[AnsweredQuestion] = field(default_factory=list)
    rows: list[PlanRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    whole: bool = False
    planned: int = 0

    def crawl(self) -> str | None:
        """Why nothing more is asked after the first answer, or what was there shows nothing; a session that ends raises."""
        self.planned = self.budget.all
        first = self._ask(PlannedRequest(question=Question.WALK))
        if first.status not in {_OK, _THROTTLED}:  # the session says what 429 means
            target = self.session.target
            if _CHOICES <= first.status < _REFUSED:
                to = without_query(first.header("location") or "nowhere")
                return f"{target.url} redirects to {to}, and no redirect is followed; name the address that is meant."
            means = _MEANS.get(first.status, "is the OMS in order?").format(bearer=target.bearer)
            return f"{target.url} answered {first.status} to the first page of the list: {means}"
        page = _page_in(first)
        if page is not None:
            rows, count = plan_rows(page), page.count or 0
            pages, plans = -(-count // len(rows)) if rows else 1, min(self.budget.details, count)
            self.planned = FIXED + min(pages, self.budget.pages) + plans + min(plans, self.budget.repeated)
            self._walk(page)
        few = page is not None and page.is_array and len(first.body) > _LONG
        plans_read = sampled(self.rows, self.budget.details)
        sample = next(iter(plans_read), None)
        for request in (
            *sized(few=few),
            *([LAST] if page is not None and not page.is_array else []),
            *details(plans_read),
            *formatted(sample, few=few),
            *missing([row.id for row in self.rows], few=few),
            *refused(sample),
            *details(spread(plans_read, self.budget.repeated), Question.REPEATED),
            AGAIN,
        ):
            self._ask(request)
        if page is None or page.rows or self.rows:
            return None
        return f"{self.session.target.url} shows no plan, so nobody knows what its plans are like; ask when it has one."

    def _walk(self, page: ListPage) -> None:
        self.rows.extend(plan_rows(page))
        seen: set[str] = set()
        for walked in range(1, self.budget.pages + 1):
            if page.next is None:
                self.whole = True
                return
            path, note = followed(str(page.next), self.session.target)
            if path in seen:
                path, note = "", f"The walk ended: the link to the next page leads to {path} again."
            if note:
                self.notes.append(note)
            if not path:
                return
            if walked == self.budget.pages:
                self.notes.append(f"The walk ended after {walked} pages, as many as the budget has for it.")
                return
            seen.add(path)
            found = _page_in(self._ask(PlannedRequest(question=Question.WALK, path=path)))
            if found is None:
                self.notes.append(f"The walk ended at {path}, which was answered with no page.")
                return
            self.rows.extend(plan_rows(found))
            page = found

    def _ask(self, request: PlannedRequest) -> Exchange:
        exchange = self.session.get(request.path, accept=request.accept, credentials=request.credentials)
        self.answered.append(AnsweredQuestion(question=request.question, exchange=exchange))
        done = len(self.answered)
        self.progress(done, max(self.planned, done), request.question)
        return exchange


def _page_in(exchange: Exchange) -> ListPage | None:
    return read_page(exchange.content) if exchange.status == _OK else None
