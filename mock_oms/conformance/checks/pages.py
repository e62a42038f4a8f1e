"""Checks of pages: their sizes, their links, and that together they show every row once."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from mock_oms.conformance.checks.answers import ParsedCrawl, ParsedPage, Subject
from mock_oms.conformance.checks.check import Checks, Subjects, Violation
from mock_oms.conformance.crawl import Question, query_of
from mock_oms.conformance.finding import Severity

CHECKS = Checks()
_NO_PAGE = "no page of the list could be read"
_SAMPLES = "OMS samples: state logs"


def without_pages(crawl: ParsedCrawl) -> str | None:
    """Why nothing can be said of pages under a bare array."""
    return "the switch list is array: there are no pages" if crawl.switches.list == "array" else None


def list_moved(crawl: ParsedCrawl) -> str | None:
    """Why rows may come twice or not at all: nothing else is known of a list that moves while it is walked."""
    if crawl.switches.order == "unstable":
        return "the switch order is unstable: rows repeat and vanish between pages"
    counts = {page.count for page in crawl.walked()}
    if _same_at_the_end(crawl) or len(counts) <= 1:
        return None
    return f"the list changed while it was walked: `count` was from {min(counts)} to {max(counts)}"


def _same_at_the_end(crawl: ParsedCrawl) -> bool:
    """Whether the first page, requested again, begins with the same plans: then nothing was added or removed."""
    again = [page for page in crawl.pages if page.question is Question.AGAIN]
    first = crawl.walked()[:1]
    return bool(first and again) and (first[0].ids, first[0].count) == (again[-1].ids, again[-1].count)


def _first_size(crawl: ParsedCrawl) -> int:
    return len(crawl.walked()[0].rows)


def _requested_size(page: ParsedPage, crawl: ParsedCrawl) -> int | None:
    text = dict(page.exchange.query).get(crawl.switches.page_size_parameter, "")
    return int(text) if text.isdecimal() and int(text) else None


def _of_requested_size(crawl: ParsedCrawl, *, above: bool) -> Iterator[ParsedPage]:
    """Pages with a size of our own, `above` the maximum or within it, of lists that are long enough to show it."""
    limit = crawl.switches.max_page_size
    for page in crawl.pages:
        size = _requested_size(page, crawl) if page.question is Question.SIZED else None
        if size and (size > limit) is above and page.count > min(size, limit):
            yield page


def _of_ignored_size(crawl: ParsedCrawl) -> Iterator[ParsedPage]:
    """Pages that were requested with a size that is none, or by a name that the contract does not have."""
    counted = {page.count for page in crawl.walked()[:1]}
    for page in crawl.pages:
        if page.question is Question.SIZED and _requested_size(page, crawl) is None and page.count in counted:
            yield page


_WALK = Subjects(
    lambda crawl: (Subject(request=f"{page.request} and the pages after it") for page in crawl.walked()[:1]), _NO_PAGE
)
_WALKED = Subjects(lambda crawl: crawl.walked(), _NO_PAGE)
_WITHIN_MAXIMUM = Subjects(
    lambda crawl: _of_requested_size(crawl, above=False),
    "no page was asked for that is smaller than the list, by the parameter of the switch",
)
_ABOVE_MAXIMUM = Subjects(
    lambda crawl: _of_requested_size(crawl, above=True),
    "no page above the maximum was asked for of a list that is longer than the maximum",
)
_FOLLOWED = Subjects(
    lambda crawl: (page for page in crawl.walked() if page.number * _first_size(crawl) < page.count),
    "the list has one page only",
)
_DEFAULT = Subjects(  # a short list shows only that the default is not smaller
    lambda crawl: (one for one in crawl.walked()[:1] if one.count > min(crawl.switches.page_size, len(one.rows))),
    "the list is not longer than one page of the default size",
)
_IGNORED = Subjects(_of_ignored_size, "no page was asked for with a size that is none")
_PAGED, _PAGED_AND_STILL = (without_pages,), (without_pages, list_moved)


@CHECKS.add(_WALK, "framework", unless=(list_moved,))
def no_row_twice(_: Subject, crawl: ParsedCrawl) -> Iterator[Violation]:
    """No plan is in two rows of the list."""
    for plan, times in Counter(one.id for one in crawl.plans_of_the_walk()).items():
        if times > 1:
            yield Violation(f"plan {plan} is in {times} rows of the list", expected=1, found=times)


@CHECKS.add(
    _WALK,
    "framework",
    unless=(
        *_PAGED_AND_STILL,
        lambda crawl: None if crawl.crawl.whole else "the walk did not reach the end of the list",
    ),
)
def no_row_lost(_: Subject, crawl: ParsedCrawl) -> Iterator[Violation]:
    """All pages together show as many plans as `count` says."""
    counted = crawl.walked()[0].count
    shown = len({one.id for one in crawl.plans_of_the_walk()})
    if shown != counted:
        yield Violation(f"`count` says {counted}, and all pages together show {shown} plans", "count", counted, shown)


@CHECKS.add(
    _WALKED,
    "framework",
    unless=(*_PAGED, lambda crawl: None if _same_at_the_end(crawl) else "the list moved during the crawl"),
)
def count_agrees(page: ParsedPage, crawl: ParsedCrawl) -> Iterator[Violation]:
    """While the list does not move, `count` is the same on every page."""
    counted = crawl.walked()[0].count
    if page.count != counted:
        yield Violation("`count` is another one, though the list did not move", "count", counted, page.count)


def _has_rows(page: ParsedPage, wanted: int, message: str = "the page has another size") -> Iterator[Violation]:
    if len(page.rows) != wanted:
        yield Violation(message, "results", wanted, len(page.rows))


@CHECKS.add(_FOLLOWED, "framework", unless=_PAGED_AND_STILL)
def pages_are_full(page: ParsedPage, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Every page that is not the last has as many rows as the first."""
    return _has_rows(page, _first_size(crawl), "a page that is not the last has another number of rows than the first")


@CHECKS.add(_DEFAULT, _SAMPLES, severity=Severity.COSMETIC, unless=_PAGED)
def default_page_size(page: ParsedPage, crawl: ParsedCrawl) -> Iterator[Violation]:
    """A page has the size of the switch page_size, where none is asked for."""
    return _has_rows(page, min(crawl.switches.page_size, page.count))


@CHECKS.add(_WITHIN_MAXIMUM, _SAMPLES, unless=_PAGED)
def page_size_asked_for(page: ParsedPage, crawl: ParsedCrawl) -> Iterator[Violation]:
    """A page has the size that is asked for, up to the maximum."""
    size = min(_requested_size(page, crawl) or 0, crawl.switches.max_page_size)
    return _has_rows(page, max(0, min(size, page.count - (page.number - 1) * size)))


@CHECKS.add(_ABOVE_MAXIMUM, _SAMPLES, unless=_PAGED)
def greatest_page_size(page: ParsedPage, crawl: ParsedCrawl) -> Iterator[Violation]:
    """A size above the maximum is read as the maximum."""
    return page_size_asked_for(page, crawl)


@CHECKS.add(_IGNORED, "framework", severity=Severity.UNKNOWN, unless=_PAGED_AND_STILL)
def other_sizes_ignored(page: ParsedPage, crawl: ParsedCrawl) -> Iterator[Violation]:
    """A size that is no positive integer, or that another parameter names, is ignored."""
    return _has_rows(page, _first_size(crawl), "the page has another size than where no size is asked for")


_START_OR_END = frozenset({Question.WALK, Question.LAST})
_LINK_SOURCE = "OMS samples, framework"
_WALKED_OR_LAST = Subjects(lambda crawl: (page for page in crawl.pages if page.question in _START_OR_END), _NO_PAGE)
_LINKED = Subjects(lambda crawl: (page for page in crawl.pages if [*_links(page)]), "no page with a link was met")


def _links(page: ParsedPage) -> Iterator[tuple[str, str]]:
    return ((name, link) for name in ("next", "previous") if isinstance(link := page.data.get(name), str))


def _leads_to(page: ParsedPage, name: str, wanted: int | None) -> Iterator[Violation]:
    """A link that leads to another page than `wanted`, None being no page at all."""
    link = page.data.get(name)
    found = None if link is None else int(dict(query_of(link)).get("page") or 1)
    if found != wanted:
        shown = ["null" if number is None else f"page {number}" for number in (wanted, found)]
        yield Violation(f"`{name}` of page {page.number} leads to another page", name, *shown)


@CHECKS.add(_WALKED_OR_LAST, _LINK_SOURCE, unless=_PAGED)
def next_leads_on(page: ParsedPage, crawl: ParsedCrawl) -> Iterator[Violation]:
    """`next` leads to the page after, and is null on the last one."""
    more = page.number * _first_size(crawl) < page.count
    return _leads_to(page, "next", page.number + 1 if more else None)


@CHECKS.add(_WALKED_OR_LAST, _LINK_SOURCE, unless=_PAGED)
def previous_leads_back(page: ParsedPage, _: ParsedCrawl) -> Iterator[Violation]:
    """`previous` leads to the page before, and is null on the first one."""
    return _leads_to(page, "previous", page.number - 1 if page.number > 1 else None)


@CHECKS.add(_LINKED, _LINK_SOURCE, unless=_PAGED)
def links_stay(page: ParsedPage, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Links are absolute and stay on the host and path that was asked."""
    home, path = urlsplit(crawl.crawl.target), page.exchange.path
    for name, text in _links(page):
        link = urlsplit(text)
        if not (link.scheme and link.netloc):
            yield Violation(f"`{name}` is not absolute", name, "an address with scheme and host", text)
        elif home.netloc and link.netloc != home.netloc:
            yield Violation(f"`{name}` leads to another host", name, home.netloc, text)
        elif link.path != path:
            yield Violation(f"`{name}` leads to another path", name, path, text)
        elif home.netloc and link.scheme != home.scheme:
            message = f"`{name}` has another scheme, as behind a proxy that does not tell it"
            yield Violation(message, name, home.scheme, text, severity=Severity.COSMETIC)


@CHECKS.add(_LINKED, _LINK_SOURCE, unless=_PAGED)
def links_keep_parameters(page: ParsedPage, _: ParsedCrawl) -> Iterator[Violation]:
    """Links keep the other parameters of the query."""
    wanted = sorted(pair for pair in page.exchange.query if pair[0] != "page")
    for name, text in _links(page):
        if sorted(pair for pair in query_of(text) if pair[0] != "page") != wanted:
            expected = "&".join(f"{key}={value}" for key, value in wanted)
            yield Violation(f"`{name}` does not keep the other parameters", name, expected, text)


@CHECKS.add(_LINKED, _LINK_SOURCE, severity=Severity.COSMETIC, unless=_PAGED)
def links_in_order(page: ParsedPage, _: ParsedCrawl) -> Iterator[Violation]:
    """Parameters of links are in alphabetical order, without `page` for the first page."""
    for name, text in _links(page):
        names = [key for key, _ in query_of(text)]
        if names != sorted(names):
            message = f"`{name}` does not have its parameters in order"
            yield Violation(message, name, ", ".join(sorted(names)), text)
        elif dict(query_of(text)).get("page") == "1":
            yield Violation(f"`{name}` names page 1, which the framework leaves out", name, "no `page`", text)
