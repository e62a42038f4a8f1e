"""The crawler: every question to one OMS in a fixed order, as far as the budget and the patience of the host go."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from mock_oms.conformance.crawl import AnsweredQuestion, Crawl, Exchange, ListPage, Question, content_of, read_page
from mock_oms.conformance.crawler.requests import (
    AGAIN,
    FIXED,
    LAST,
    PlannedRequest,
    PlanRow,
    RequestBudget,
    budget_of,
    details,
    followed,
    missing,
    plan_rows,
    refused,
    sampled,
    sized,
    spread,
)
from mock_oms.conformance.crawler.session import LIST, Politeness, Session, Timing
from mock_oms.conformance.crawler.target import BudgetSpentError, StoppedError, Target
from mock_oms.urls import without_query

_TOKEN = "is the token right, and may it read plans? Where it is sent as Bearer, say {bearer}."  # noqa: S105  a sentence, no secret
#: What the first answer means, by its status.
_MEANS: Mapping[int, str] = {
    400: "is the host right?",
    401: _TOKEN,
    403: _TOKEN,
    404: "is this the address of an OMS?",
}
_OK, _CHOICES, _REFUSED, _THROTTLED = 200, 300, 400, 429
#: Bytes of a list without pages from which on it is not asked for again and again.
_LONG = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlStep:
    """How far a crawl is: requests that were made, how many there will be as far as is known, the current question."""

    done: int
    planned: int
    asking: str


Progress = Callable[[CrawlStep], None]


def crawl_target(
    target: Target,
    politeness: Politeness | None = None,
    progress: Progress = lambda _: None,
    timing: Timing | None = None,
) -> Crawl:
    """Crawl a target in a session of its own.

    :raises mock_oms.conformance.crawler.target.ConnectionLostError: the first request gets no answer.
    :raises mock_oms.conformance.crawler.target.TargetError: the authorities to trust cannot be read.
    """
    with Session(target, politeness or Politeness(), timing or Timing()) as session:
        return crawl_session(session, session.politeness.max_requests, progress)


def crawl_session(session: Session, budget: int, progress: Progress = lambda _: None) -> Crawl:
    """Crawl in a session that stays open; `budget` is how many requests of it the crawl may use.

    :raises mock_oms.conformance.crawler.target.ConnectionLostError: the first request gets no answer.
    """
    crawler = _Crawler(session=session, budget=budget_of(budget), progress=progress)
    closed, stopped = None, None
    try:
        closed = crawler.crawl()
    except StoppedError as error:
        if not crawler.asked:
            raise
        stopped = error
    stopped = stopped or session.ended
    return Crawl(
        target=session.target.url,
        asked=tuple(crawler.asked),
        whole=crawler.whole,
        ended=closed or (str(stopped) if stopped else None),
        cut_short=closed is not None or _is_cut(stopped),
        notes=tuple(dict.fromkeys(crawler.notes)),
    )


def is_cut_short(session: Session) -> bool:
    """Whether something else than its budget ended a session."""
    return _is_cut(session.ended)


def _is_cut(stopped: StoppedError | None) -> bool:
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
    asked: list[AnsweredQuestion] = field(default_factory=list)
    rows: list[PlanRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    whole: bool = False
    planned: int = 0

    def crawl(self) -> str | None:
        """Why nothing more is asked after the first answer, None where everything is; a session that ends raises."""
        self.planned = self.budget.all
        first = self._ask(PlannedRequest(question=Question.WALK))
        if first.status not in {_OK, _THROTTLED}:  # the session says what 429 means
            return self._why_closed(first)
        page = _page_in(first)
        if page is not None:
            rows, count = plan_rows(page), page.count or 0
            pages, plans = -(-count // len(rows)) if rows else 1, min(self.budget.details, count)
            self.planned = FIXED + min(pages, self.budget.pages) + plans + min(plans, self.budget.repeated)
            self._walk(page)
        few = page is not None and page.is_array and len(first.body) > _LONG
        plans_read = sampled(self.rows, self.budget.details)
        self._ask_all(sized(few=few))
        self._ask_all([LAST] if page is not None and not page.is_array else [])
        self._ask_all(details(plans_read))
        self._ask_all(missing([row.id for row in self.rows], few=few))
        self._ask_all(refused(plans_read[0] if plans_read else None))
        self._ask_all(details(spread(plans_read, self.budget.repeated), Question.REPEATED))
        self._ask(AGAIN)
        return None

    def _why_closed(self, first: Exchange) -> str:
        target = self.session.target
        if _CHOICES <= first.status < _REFUSED:
            place = without_query(first.header("location") or "nowhere")
            return f"{target.url} redirects to {place}, and no redirect is followed; name the address that is meant."
        means = _MEANS.get(first.status, "is the OMS in order?").format(bearer=target.bearer)
        return f"{target.url} answered {first.status} to the first page of the list: {means}"

    def _walk(self, page: ListPage) -> None:
        self.rows.extend(plan_rows(page))
        seen: set[str] = set()
        for _ in range(self.budget.pages - 1):
            path = self._following(page, seen)
            if path is None:
                return
            found = _page_in(self._ask(PlannedRequest(question=Question.WALK, path=path)))
            if found is None:
                self.notes.append(f"The walk ended at {path}, which was answered with no page.")
                return
            self.rows.extend(plan_rows(found))
            page = found
        if self._following(page, seen) is not None:
            self.notes.append(f"The walk ended after {self.budget.pages} pages, as many as the budget has for it.")

    def _following(self, page: ListPage, seen: set[str]) -> str | None:
        """The path of the next page, None where the walk ends."""
        if page.next is None:
            self.whole = True
            return None
        link = followed(str(page.next), self.session.target)
        if link.problem or link.path in seen:
            why = link.problem or f"the link to the next page leads to {link.path} again."
            self.notes.append(f"The walk ended: {why}")
            return None
        if link.remark:
            self.notes.append(link.remark)
        seen.add(link.path)
        return link.path

    def _ask_all(self, requests: Iterable[PlannedRequest]) -> None:
        for request in requests:
            self._ask(request)

    def _ask(self, request: PlannedRequest) -> Exchange:
        exchange = self.session.get(request.path, request.query, accept=request.accept, credentials=request.credentials)
        self.asked.append(AnsweredQuestion(question=request.question, exchange=exchange))
        done = len(self.asked)
        self.progress(CrawlStep(done=done, planned=max(self.planned, done), asking=request.question))
        return exchange


def _page_in(exchange: Exchange) -> ListPage | None:
    return read_page(content_of(exchange)) if exchange.status == _OK else None
