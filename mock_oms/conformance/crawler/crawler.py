"""The crawler: every question to one OMS in a fixed order, as far as the budget and the patience of the host go."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from mock_oms.conformance.crawl import AnsweredQuestion, Crawl, Exchange, Question
from mock_oms.conformance.crawler.questions import (
    FIXED,
    CrawledPage,
    CrawledRow,
    PlannedRequest,
    RequestBudget,
    again,
    budget_of,
    details,
    followed,
    last,
    page_of,
    refused,
    sampled,
    sized,
    spread,
    strange,
)
from mock_oms.conformance.crawler.session import LIST, Politeness, Session, Timing
from mock_oms.conformance.crawler.target import BudgetSpentError, StoppedError, Target
from mock_oms.urls import without_query

_TOKEN = "is the token right, and may it read plans? Where it is sent as Bearer, say {bearer}"  # noqa: S105  a sentence, no secret
#: What the first answer means, by its status.
_MEANS: Mapping[int, str] = {
    400: "is the host right?",
    401: f"{_TOKEN}.",
    403: f"{_TOKEN}.",
    404: "is this the address of an OMS?",
}
_OK, _REDIRECTS, _CHOICES = 200, 400, 300
_THROTTLED = 429


def why_closed(first: Exchange, target: Target) -> str | None:
    """Why nothing more is asked after the first answer, None where more is."""
    if first.status in {_OK, _THROTTLED}:  # what 429 means the session says
        return None
    if _CHOICES <= first.status < _REDIRECTS:
        place = without_query(first.header("location") or "nowhere")
        return f"{target.url} redirects to {place}, and no redirect is followed; name the address that is meant."
    means = _MEANS.get(first.status, "is the OMS in order?")
    return f"{target.url} answered {first.status} to the first page of the list: {means.format(bearer=target.bearer)}"


#: Bytes of a list without pages from which on it is not asked for again and again.
_LONG = 2**20
_VISIT_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlStep:
    """How far a visit has come: requests that were made, how many there will be as far as is known, what is asked."""

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
    """Ask a target all that the checks want to know.

    :raises mock_oms.conformance.crawler.target.ConnectionLostError: nobody answers the first request.
    :raises mock_oms.conformance.crawler.target.TargetError: the authorities to trust cannot be read.
    """
    with Session(target, politeness or Politeness(), timing or Timing()) as session:
        return crawl_session(session, session.politeness.max_requests, progress)


def crawl_session(session: Session, budget: int, progress: Progress = lambda _: None) -> Crawl:
    """Crawl in a session that stays open; `budget` is how many requests of it the crawl may use.

    :raises mock_oms.conformance.crawler.target.ConnectionLostError: nobody answers the first request.
    """
    visitor = _Crawler(session=session, share=budget_of(budget), progress=progress)
    closed, stopped = None, None
    try:
        closed = visitor.ask_everything()
    except StoppedError as error:
        if not visitor.asked:
            raise
        stopped = error
    stopped = stopped or session.ended
    return Crawl(
        target=session.target.url,
        asked=tuple(visitor.asked),
        whole=visitor.whole,
        ended=closed or (str(stopped) if stopped else None),
        cut_short=closed is not None or _is_cut(stopped),
        notes=tuple(visitor.notes),
    )


def is_cut_short(session: Session) -> bool:
    """Whether something else than its budget ended a session."""
    return _is_cut(session.ended)


def _is_cut(stopped: StoppedError | None) -> bool:
    return stopped is not None and not isinstance(stopped, BudgetSpentError)


def opened(survey: Crawl) -> bool:
    """Whether the list opened, so that there was something to see."""
    return any(one.status == _VISIT_OK for one in survey.of(Question.WALK))


def plans_of(survey: Crawl) -> tuple[str, ...]:
    """The ids of the plans that were read one by one, each once."""
    read = (one for one in survey.of(Question.DETAIL) if one.status == _VISIT_OK)
    return tuple(dict.fromkeys(unquote(one.path.removeprefix(LIST).rstrip("/")) for one in read))


@dataclass(slots=True, kw_only=True)
class _Crawler:
    session: Session
    share: RequestBudget
    progress: Progress
    asked: list[AnsweredQuestion] = field(default_factory=list)
    rows: list[CrawledRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    whole: bool = False
    planned: int = 0

    def ask_everything(self) -> str | None:
        """Why there was nothing to ask, None where there was; a session that ends raises."""
        self.planned = self.share.all
        first = self._ask(PlannedRequest(question=Question.WALK))
        if closed := why_closed(first, self.session.target):
            return closed
        page = page_of(first)
        if page is not None:
            self._expect(page)
            self._walk(page)
        self._ask_beside(page, few=page is not None and not page.paged and len(first.body) > _LONG)
        return None

    def _ask_beside(self, page: CrawledPage | None, *, few: bool) -> None:
        plans = sampled(self.rows, self.share.details)
        self._ask_all(sized(few=few))
        self._ask_all(last() if page is not None and page.paged else ())
        self._ask_all(details(plans))
        self._ask_all(strange([row.id for row in self.rows], few=few))
        self._ask_all(refused(plans[0] if plans else None))
        self._ask_all(details(spread(plans, self.share.repeated), Question.REPEATED))
        self._ask_all(again())

    def _expect(self, page: CrawledPage) -> None:
        pages = -(-page.count // len(page.rows)) if page.rows else 1
        plans = min(self.share.details, page.count)
        self.planned = FIXED + min(pages, self.share.pages) + plans + min(plans, self.share.repeated)

    def _walk(self, page: CrawledPage) -> None:
        self.rows.extend(page.rows)
        seen: set[str] = set()
        for _ in range(self.share.pages - 1):
            path = self._following(page, seen)
            if path is None:
                return
            found = page_of(self._ask(PlannedRequest(question=Question.WALK, path=path)))
            if found is None:
                self._note(f"The walk ended at {path}, which was answered with no page.")
                return
            self.rows.extend(found.rows)
            page = found
        if self._following(page, seen) is not None:
            self._note(f"The walk ended after {self.share.pages} pages, as many as the budget has for it.")

    def _following(self, page: CrawledPage, seen: set[str]) -> str | None:
        """The path of the next page, None where the walk ends."""
        if page.next is None:
            self.whole = True
            return None
        link = followed(page.next, self.session.target)
        if link.objection or link.path in seen:
            self._note(f"The walk ended: {link.objection or f'the link to the next page leads to {link.path} again.'}")
            return None
        if link.remark:
            self._note(link.remark)
        seen.add(link.path)
        return link.path

    def _ask_all(self, wishes: Iterable[PlannedRequest]) -> None:
        for wish in wishes:
            self._ask(wish)

    def _ask(self, wish: PlannedRequest) -> Exchange:
        exchange = self.session.get(wish.path, wish.query, accept=wish.accept, credentials=wish.credentials)
        self.asked.append(AnsweredQuestion(question=wish.question, exchange=exchange))
        done = len(self.asked)
        self.progress(CrawlStep(done=done, planned=max(self.planned, done), asking=wish.question))
        return exchange

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)
