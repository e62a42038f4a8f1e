"""Reading an OMS for a recording: the list page by page, details where they say more, and the list again and again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from mock_oms.conformance.crawl import (
    NO_JSON,
    CrawlContents,
    Exchange,
    Question,
    contents_of_bodies,
    missing_texts,
    query_of,
    read_page,
)
from mock_oms.conformance.crawler.session import LIST, StoppedError
from mock_oms.conformance.recorder.allowed import RuleWalk, UnknownFieldError, scrubbed
from mock_oms.conformance.recorder.pseudonyms import RecordingError
from mock_oms.conformance.recorder.scenario import ROOM, FullError, ObservedPlan, Recording, weight
from mock_oms.conformance.switch_evidence import added, counted, moment_of
from mock_oms.dataclass import dataclass
from mock_oms.scenarios.yaml_file import MAX_BYTES
from mock_oms.urls import Operation

Query = tuple[tuple[str, str], ...]
_OK, _FAILED = 200, 500
#: Characters of a link that are followed at most.
_LONGEST = 4_096
_WAYS_OUT = {
    401: "Is the token right?",
    403: "May the owner of the token see plans?",
    404: "Is the address that of an OMS?",
}
#: Details that are read to see whether they say more than the list.
SAMPLE = 10
#: Pages after which the recording is saved, and not only at the end.
SAVED_EVERY = 10
#: An id that no plan has yet: the last one that a database usually has.
_MISSING = 2**31 - 1


def content_of(exchange: Exchange) -> Any:
    """The JSON of an answer; a `RecordingError` where it was refused, or is none."""
    if exchange.status != _OK:
        failed = "Look into its log before the next run." if exchange.status >= _FAILED else _WAYS_OUT[404]
        way_out = _WAYS_OUT.get(exchange.status, failed)
        raise RecordingError(f"The OMS answered {exchange.status} to GET {exchange.path}; accepted: 200. {way_out}")
    content = exchange.content
    if content is NO_JSON:
        raise RecordingError(f"The answer to GET {exchange.path} is no JSON.")
    return content


def next_query(link: Any) -> Query | None:
    """The query of the next page, None after the last; wherever the link leads, nobody but the target is asked.

    :raises RecordingError: it leads to something else than the list, or is longer than addresses are.
    """
    if not isinstance(link, str):
        return None
    if len(link) > _LONGEST:
        raise RecordingError(
            f"The link to the next page has {len(link):,} characters; accepted: {_LONGEST:,}. It is not followed."
        )
    try:
        query = query_of(link) if urlsplit(link).path in {LIST, ""} else ()
    except ValueError:
        query = ()
    if not query:
        raise RecordingError("The link to the next page does not lead to the list, and is not followed.")
    return query


def paths(value: Any, path: str = "") -> Iterator[str]:
    """The paths of all fields, without the numbers of lists."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield f"{path}.{key}"
            yield from paths(one, f"{path}.{key}")
    elif isinstance(value, list):
        for one in value:
            yield from paths(one, f"{path}[]")


@dataclass(slots=True, kw_only=True)
class Reader:
    """Reads into `recording`. `get` is one polite GET, `elapsed` the time since the recording began.

    `progress` is called with the number of plans seen, and of all; `save` every ten pages and at the end, whatever
    ends it. Original ids are in memory alone, for as long as details may be read.
    """

    get: Callable[[str, Query], Exchange]
    walk: RuleWalk
    recording: Recording
    elapsed: Callable[[], timedelta]
    since: datetime | None = None
    progress: Callable[[int, int], None] = lambda _seen, _of: None
    save: Callable[[], None] = lambda: None
    _originals: dict[int, Any] = field(default_factory=dict, repr=False)
    _listed: dict[int, Any] = field(default_factory=dict, repr=False)
    _richer: bool = False
    _room: int = field(init=False)

    def __post_init__(self) -> None:
        self._room = ROOM - sum(weight(observed[-1].body) for observed in self.recording.plans.values())

    def read(self) -> None:
        """Read the list once, from the page on that was read last, then details.

        :raises RecordingError: the first answer is no list, or a field is unknown.
        """
        self._until_it_ends(self._read_all)

    def watch(self, span: timedelta, every: timedelta, sleep: Callable[[float], None]) -> None:
        """Read the list again and again until `span` after the beginning; what has changed is seen then."""
        while not self.recording.ended and self.elapsed() + every <= span:
            sleep(every.total_seconds())
            self._until_it_ends(self._read_list)

    def _until_it_ends(self, read: Callable[[], None]) -> None:
        """Let what stops the reader end the recording; what was seen holds, unless nothing was."""
        try:
            read()
        except UnknownFieldError:
            raise
        except (StoppedError, RecordingError) as error:
            if not self.recording.plans:
                raise RecordingError(str(error)) from None
            self.recording.ended, self.recording.full = str(error), isinstance(error, FullError)
        finally:
            if self.recording.plans:
                self.save()

    def _read_all(self) -> None:
        page = self.recording.page
        try:
            self._read_list((("page", str(page)),) if page > 1 else ())
        finally:  # what a walk has seen that ended early is not new either
            self.recording.first = self.elapsed()
        self._read_details()
        try:
            refusal = self.get(f"{LIST}{_MISSING}/", ())
        except StoppedError:  # no loss
            return
        self._learn(CrawlContents(missing=tuple(missing_texts([refusal]))))

    def _read_list(self, query: Query | None = ()) -> None:
        seen: set[Query] = set()
        while query is not None:
            if query in seen:
                raise RecordingError("The links to the next page lead in a circle.")
            seen.add(query)
            exchange = self._timed(LIST, query)
            if exchange.status >= _FAILED:  # one failure is not the end; the session ends at the second in a row
                exchange = self._timed(LIST, query)
            query = self._read_page(exchange)
            number = dict(query or ()).get("page", "")
            self.recording.page = int(number) if number.isdecimal() and number.isascii() else 0
            if len(seen) % SAVED_EVERY == 0:
                self.save()

    def _read_page(self, exchange: Exchange) -> Query | None:
        """See the plans of a page; the query of the next one that is wanted."""
        at, body = self.elapsed(), content_of(exchange)
        page = read_page(body, Question.AGAIN)
        if page is None:
            what = f"The answer to {exchange.path} holds no list of plans"
            raise RecordingError(f"{what}; is this the address of an OMS?")
        moments = [moment_of(row.get("created_date")) if isinstance(row, dict) else None for row in page.rows]
        pairs = zip(page.rows, moments, strict=True)
        wanted = [row for row, moment in pairs if not (self.since and moment and moment < self.since)]
        count = len(page.rows) if page.count is None else page.count
        bodies = scrubbed(wanted, self.walk)
        self._learn(contents_of_bodies((body,), Question.AGAIN))
        for row, plan in zip(wanted, bodies, strict=True):
            if plan is not None:
                self._see(row.get("id"), plan, at, count)
        self.progress(len(self.recording.plans), max(count, len(self.recording.plans)))
        known = [moment for moment in moments if moment]
        if page.rows and not wanted and known == sorted(known, reverse=True):
            return None  # the newest come first: whatever follows is older still
        return next_query(page.next)

    def _see(self, original: Any, body: dict[str, Any], at: timedelta, count: int) -> None:
        """Remember a plan of the list, in full where details say more; `count` is the number of plans in all."""
        number = body.get("id")
        if not isinstance(number, int):
            self.recording.see(body, at)
            return
        if self._listed.get(number) == body:
            return
        if number in self._listed or not self.recording.holds(number, body):
            seen = (self._detail(original) or body) if self._richer else body
            if number not in self.recording.plans:
                self._fill(weight(seen), f"{len(self.recording.plans)} of {count} plans")
            self.recording.see(seen, at)
        self._listed[number], self._originals[number] = body, original

    def _fill(self, size: int, filled: str) -> None:
        if size > self._room:
            raise FullError(
                f"The file is full with {filled}: a scenario has at most {MAX_BYTES // 1_000_000} MB, and nothing more "
                "was asked. --since leaves out older plans."
            )
        self._room -= size

    def _learn(self, contents: CrawlContents) -> None:
        self.recording.shapes = added(self.recording.shapes, counted(contents))

    def _read_details(self) -> None:
        """Read some details, and all of them where they have fields that the list has not."""
        numbers = list(self._originals)
        sample = numbers[:: max(1, len(numbers) // SAMPLE)][:SAMPLE]
        for number in dict.fromkeys((*sample, *numbers)):
            if number not in sample and not self._richer:
                return
            detail = self._detail(self._originals[number])
            if detail and set(paths(detail)) - set(paths(self._listed[number])):
                self._richer = True
                more = weight(detail) - weight(self._listed[number])
                self._fill(more, "plans, not all of them with their details")
                seen = self.recording.plans[number]
                seen[-1] = ObservedPlan(seen[-1].at, detail)
            elif detail and detail.get("id") == number:
                self.recording.see(detail, self.elapsed())

    def _detail(self, original: Any) -> dict[str, Any] | None:
        """A plan in full; None where the OMS does not show it."""
        try:
            content = content_of(self._timed(f"{LIST}{original}/", ()))
        except RecordingError:
            return None
        self._learn(contents_of_bodies((content,), Question.AGAIN))
        return scrubbed([content], self.walk)[0]

    def _timed(self, path: str, query: Query) -> Exchange:
        exchange = self.get(path, query)
        operation = Operation.LIST if path == LIST else Operation.DETAIL
        self.recording.took[operation].append(exchange.took.total_seconds())
        return exchange
