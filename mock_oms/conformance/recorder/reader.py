"""Reading an OMS for a recording: the list page by page, details where they say more, and the list again and again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from mock_oms.conformance.crawl import Exchange
from mock_oms.conformance.recorder import scenario
from mock_oms.conformance.recorder.pseudonyms import RecordingError
from mock_oms.conformance.recorder.rules import EndedError, RuleWalk, UnknownFieldError
from mock_oms.conformance.recorder.scenario import FullError, Recording, room_in, scrubbed, scrubbed_all, weight
from mock_oms.conformance.switch_evidence import Counts, added
from mock_oms.urls import Operation

LIST = "/api/v1/oms/orderexecutionplans/"
Query = tuple[tuple[str, str], ...]
_OK, _FAILED = 200, 500
#: Characters of a link that are followed at most.
_LONGEST = 4_096
_WAYS_OUT = {
    401: "Is the token right?",
    403: "May the owner of the token see plans?",
    404: "Is the address that of an OMS?",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPage:
    """The rows of a page, what the list says of its length, and the link to the next page, whatever stands there."""

    body: Any
    rows: list[Any]
    count: int
    link: Any = None


def number_of(query: Query | None) -> int:
    """The number of the page that a query asks for, 0 where it asks for none."""
    word = dict(query or ()).get("page", "")
    return int(word) if word.isdecimal() and word.isascii() else 0


def has_failed(exchange: Exchange) -> bool:
    """Whether the OMS failed, so that the same question may be answered another time."""
    return exchange.status >= _FAILED


def page_in(exchange: Exchange) -> RecordedPage:
    """The page in an answer, an array or an envelope.

    :raises RecordingError: it is none.
    """
    body = content_of(exchange)
    if isinstance(body, list):
        return RecordedPage(body=body, rows=body, count=len(body))
    if not isinstance(body, dict) or not isinstance(body.get("results"), list):
        raise RecordingError(f"The answer to {exchange.path} holds no list of plans; is this the address of an OMS?")
    count = body.get("count")
    rows = body["results"]
    whole = count if isinstance(count, int) else len(rows)
    return RecordedPage(body=body, rows=rows, count=whole, link=body.get("next"))


def content_of(exchange: Exchange) -> Any:
    """The JSON of an answer.

    :raises RecordingError: it was refused, or is none.
    """
    if exchange.status != _OK:
        raise RecordingError(
            f"The OMS answered {exchange.status} to GET {exchange.path}; accepted: 200. {_way_out(exchange)}"
        )
    try:
        return exchange.content
    except (ValueError, RecursionError):
        raise RecordingError(f"The answer to GET {exchange.path} is no JSON.") from None


def _way_out(exchange: Exchange) -> str:
    usual = "Look into its log before the next run." if has_failed(exchange) else "Is the address that of an OMS?"
    return _WAYS_OUT.get(exchange.status, usual)


def following(page: RecordedPage) -> Query | None:
    """The query of the next page, None after the last; wherever the link leads, nobody but the target is asked.

    :raises RecordingError: it leads to something else than the list, or is longer than addresses are.
    """
    link = page.link
    if not isinstance(link, str):
        return None
    if len(link) > _LONGEST:
        raise RecordingError(
            f"The link to the next page has {len(link):,} characters; accepted: {_LONGEST:,}. It is not followed."
        )
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("?")
    if parts.path not in {LIST, ""} or not parts.query:
        raise RecordingError("The link to the next page does not lead to the list, and is not followed.")
    return tuple(parse_qsl(parts.query, keep_blank_values=True))


def created(row: Any) -> datetime | None:
    """When a plan was created, None where it does not say so; a time without a zone is in UTC."""
    said = row.get("created_date") if isinstance(row, Mapping) else None
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def paths(value: Any, path: str = "") -> Iterator[str]:
    """The paths of all fields, without the numbers of lists."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield f"{path}.{key}"
            yield from paths(one, f"{path}.{key}")
    elif isinstance(value, list):
        for one in value:
            yield from paths(one, f"{path}[]")


#: Details that are read to see whether they say more than the list.
SAMPLE = 10
#: Pages after which what was seen is kept, and not only at the end.
KEPT_EVERY = 10
#: An id that no plan has yet: the last one that a database usually has.
_MISSING = 2**31 - 1


class ListSession(Protocol):
    """What the reader needs of a session: one polite GET after the other."""

    def get(self, path: str, query: Query, /) -> Exchange:
        """The answer to a GET.

        :raises EndedError: nothing more may be asked.
        """


@dataclass(slots=True, kw_only=True)
class Reader:
    """Reads into `recording`. `elapsed` is the time since the recording began.

    `progress` is told how many plans were seen, and of how many; `kept` is called every ten pages and at
    each end, whatever ends it.
    Original ids are in memory alone, for as long as details may be asked for.
    """

    asks: ListSession
    walk: RuleWalk
    recording: Recording
    elapsed: Callable[[], timedelta]
    since: datetime | None = None
    progress: Callable[[int, int], None] = lambda _seen, _of: None
    kept: Callable[[], None] = lambda: None
    _originals: dict[int, Any] = field(default_factory=dict, repr=False)
    _listed: dict[int, Any] = field(default_factory=dict, repr=False)
    _richer: bool = False
    _room: int = field(init=False)
    _count: int = 0
    _read: int = 0

    def __post_init__(self) -> None:
        self._room = room_in(self.recording)

    def read(self) -> None:
        """Read the list once, from the page on that was read last, then details.

        :raises RecordingError: the first answer is no list, or a field is unknown.
        """
        self._guarded(self._first)

    def watch(self, span: timedelta, every: timedelta, sleep: Callable[[float], None]) -> None:
        """Read the list again and again until `span` after the beginning; what has changed is seen then."""
        while not self.recording.ended and self.elapsed() + every <= span:
            sleep(every.total_seconds())
            self._guarded(self._again)

    def _guarded(self, read: Callable[[], None]) -> None:
        """Let what ends a recording end it; what was seen holds, unless nothing was."""
        try:
            read()
        except UnknownFieldError:
            raise
        except (EndedError, RecordingError) as error:
            if not self.recording.plans:
                raise RecordingError(str(error)) from None
            self.recording.ended, self.recording.full = str(error), isinstance(error, FullError)
        finally:
            if self.recording.plans:
                self.kept()

    def _first(self) -> None:
        page = self.recording.page
        try:
            self._pages((("page", str(page)),) if page > 1 else ())
        finally:  # what a walk has seen that ended early is not new either
            self.recording.first = self.elapsed()
        self._details()
        self._refusal()

    def _again(self) -> None:
        self._pages(())

    def _pages(self, query: Query) -> None:
        asked: set[Query] = set()
        wish: Query | None = query
        while wish is not None:
            if wish in asked:
                raise RecordingError("The links to the next page lead in a circle.")
            asked.add(wish)
            page = page_in(self._listing(wish))
            wanted = [row for row in page.rows if self._is_wanted(row)]
            self._see(wanted, page)
            wish = None if page.rows and not wanted and _is_falling(page.rows) else following(page)
            self._turn(number_of(wish))

    def _listing(self, query: Query) -> Exchange:
        """A page of the list; one failure is not the end, and who asks ends at the second in a row."""
        exchange = self._ask(LIST, query)
        return self._ask(LIST, query) if has_failed(exchange) else exchange

    def _turn(self, page: int) -> None:
        self.recording.page = page
        self._read += 1
        if self._read % KEPT_EVERY == 0:
            self.kept()

    def _see(self, rows: list[Any], page: RecordedPage) -> None:
        at, self._count = self.elapsed(), page.count
        bodies = scrubbed_all(rows, self.walk)
        self._learn(scenario.of_answer(page.body))
        for row, body in zip(rows, bodies, strict=True):
            if body is not None:
                self._see_plan(row.get("id"), body, at)
        self.progress(len(self.recording.plans), max(page.count, len(self.recording.plans)))

    def _see_plan(self, original: Any, body: dict[str, Any], at: timedelta) -> None:
        number = body.get("id")
        if isinstance(number, int) and self._listed.get(number) == body:
            return
        if isinstance(number, int) and number not in self._listed and self.recording.holds(number, body):
            self._listed[number], self._originals[number] = body, original
            return
        seen = (self._detail(original) or body) if self._richer else body
        if isinstance(number, int) and number not in self.recording.plans:
            self._fill(weight(seen), f"{len(self.recording.plans)} of {self._count} plans")
        self.recording.saw(seen, at)
        if isinstance(number, int):
            self._listed[number], self._originals[number] = body, original

    def _fill(self, size: int, filled: str) -> None:
        if size > self._room:
            raise FullError(filled)
        self._room -= size

    def _refusal(self) -> None:
        """See how a missing plan is refused; where nothing more may be asked, that is no loss."""
        try:
            exchange = self.asks.get(f"{LIST}{_MISSING}/", ())
        except EndedError:
            return
        self._learn(scenario.of_refusal(exchange))

    def _learn(self, counts: Counts) -> None:
        self.recording.shapes = added(self.recording.shapes, counts)

    def _details(self) -> None:
        """Read some details, and all of them where they have fields that the list has not."""
        numbers = list(self._originals)
        sample = numbers[:: max(1, len(numbers) // SAMPLE)][:SAMPLE]
        for number in sample:
            self._compare(number)
        for number in numbers if self._richer else ():
            if number not in sample:
                self._compare(number)

    def _compare(self, number: int) -> None:
        detail = self._detail(self._originals[number])
        if detail is None:
            return
        if set(paths(detail)) - set(paths(self._listed[number])):
            self._richer = True
            self._fill(weight(detail) - weight(self._listed[number]), "plans, not all of them with their details")
            self.recording.replace(number, detail)
        elif detail.get("id") == number:
            self.recording.saw(detail, self.elapsed())

    def _detail(self, original: Any) -> dict[str, Any] | None:
        """A plan in full; None where the OMS does not show it."""
        exchange = self._ask(f"{LIST}{original}/", ())
        try:
            content = content_of(exchange)
            self._learn(scenario.of_answer(content))
            return scrubbed(content, self.walk)
        except UnknownFieldError:
            raise
        except RecordingError:
            return None

    def _ask(self, path: str, query: Query) -> Exchange:
        exchange = self.asks.get(path, query)
        operation = Operation.LIST if path == LIST else Operation.DETAIL
        self.recording.took[operation].append(exchange.took.total_seconds())
        return exchange

    def _is_wanted(self, row: Any) -> bool:
        moment = created(row)
        return self.since is None or moment is None or moment >= self.since


def _is_falling(rows: list[Any]) -> bool:
    """Whether the newest plans come first, so that whatever follows is older still."""
    moments = [moment for moment in map(created, rows) if moment]
    return moments == sorted(moments, reverse=True)
