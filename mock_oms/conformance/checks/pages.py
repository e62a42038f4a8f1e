"""Checks of pages: sizes, links, and that together they show every row once."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from mock_oms.conformance.checks.answers import ParsedCrawl, ParsedPage, WholeCrawl
from mock_oms.conformance.checks.check import Check, Violation
from mock_oms.conformance.crawl import LinkAddress, Question, address_of
from mock_oms.conformance.finding import Severity

_PAGES_WALK = frozenset({Question.WALK})
_SIZED = frozenset({Question.SIZED})
_NO_PAGE = "no page of the list could be read"


def unpaged(seen: ParsedCrawl) -> str | None:
    """Why nothing is said of pages under a bare array."""
    return "the switch list is array: there are no pages" if seen.rules.answers.list == "array" else None


def restless(seen: ParsedCrawl) -> str | None:
    """Why rows may come twice or not at all: of a list that moves while it is walked nothing else is known."""
    if seen.rules.answers.order == "unstable":
        return "the switch order is unstable: rows repeat and vanish between pages"
    counts = {page.count for page in seen.walked()}
    if _settled(seen) or len(counts) <= 1:
        return None
    return f"the list changed while it was walked: `count` was from {min(counts)} to {max(counts)}"


def _settled(seen: ParsedCrawl) -> bool:
    """Whether the first page, asked for again, begins with the same plans: then nothing was added or removed."""
    again = [page for page in seen.pages if page.answered.question is Question.AGAIN]
    first = seen.walked()[:1]
    return bool(first and again) and (first[0].ids, first[0].count) == (again[-1].ids, again[-1].count)


def _either(*reasons: Callable[[ParsedCrawl], str | None]) -> Callable[[ParsedCrawl], str | None]:
    return lambda seen: next(filter(None, (reason(seen) for reason in reasons)), None)


def _partial(seen: ParsedCrawl) -> str | None:
    return None if seen.survey.whole else "the walk did not reach the end of the list"


def _walk(seen: ParsedCrawl) -> Iterator[WholeCrawl]:
    return seen.whole(of="the pages after it")


def _repeated(_: WholeCrawl, seen: ParsedCrawl) -> Iterator[Violation]:
    times = Counter(one.id for one in seen.rows_of_the_walk())
    for plan, often in times.items():
        if often > 1:
            yield Violation(message=f"plan {plan} is in {often} rows of the list", expected=1, found=often)


def _lost(_: WholeCrawl, seen: ParsedCrawl) -> Iterator[Violation]:
    counted = seen.walked()[0].count
    shown = len({one.id for one in seen.rows_of_the_walk()})
    if shown != counted:
        message = f"`count` says {counted}, and all pages together show {shown} plans"
        yield Violation(message=message, place="count", expected=counted, found=shown)


def _counts(page: ParsedPage, seen: ParsedCrawl) -> Iterator[Violation]:
    counted = seen.walked()[0].count
    if page.count != counted:
        message = "`count` is another one, though the list did not move"
        yield Violation(message=message, place="count", expected=counted, found=page.count)


def _pages_walked(seen: ParsedCrawl) -> Iterator[ParsedPage]:
    return iter(seen.walked())


def _inner(seen: ParsedCrawl) -> Iterator[ParsedPage]:
    """Pages of the walk after which another one comes."""
    walked = seen.walked()
    size = len(walked[0].rows) if walked else 0
    return (page for page in walked if page.number * size < page.count)


def _short(page: ParsedPage, seen: ParsedCrawl) -> Iterator[Violation]:
    size = len(seen.walked()[0].rows)
    if len(page.rows) != size:
        message = "a page that is not the last has another number of rows than the first"
        yield Violation(message=message, place="results", expected=size, found=len(page.rows))


def _default(seen: ParsedCrawl) -> Iterator[ParsedPage]:
    name = seen.rules.answers.page_size_parameter
    for page in seen.walked()[:1]:
        longer = page.count > min(seen.rules.answers.page_size, len(page.rows))
        if name not in dict(page.answered.exchange.query) and longer:
            yield page


def _shows(page: ParsedPage, seen: ParsedCrawl) -> Iterator[Violation]:
    """Another size than the default's; a list that is no longer than the default tells only of a smaller one."""
    wanted = min(seen.rules.answers.page_size, page.count)
    if len(page.rows) != wanted:
        yield Violation(message="the page has another size", place="results", expected=wanted, found=len(page.rows))


def _asked_for(seen: ParsedCrawl, *, above: bool) -> Iterator[ParsedPage]:
    """Pages with a size of our own, `above` the maximum or within it, of lists that are long enough to show it."""
    limit = seen.rules.answers.max_page_size
    for page in _of_our_own(seen):
        size = _size(page, seen)
        if size and (size > limit) is above and page.count > min(size, limit):
            yield page


def _of_our_own(seen: ParsedCrawl) -> Iterator[ParsedPage]:
    return (page for page in seen.pages if page.answered.question is Question.SIZED)


def _unsized(seen: ParsedCrawl) -> Iterator[ParsedPage]:
    """Pages that were asked for with a size that is none, or by a name that the contract does not have."""
    counted = {page.count for page in seen.walked()[:1]}
    return (page for page in _of_our_own(seen) if _size(page, seen) is None and page.count in counted)


def _heeded(page: ParsedPage, seen: ParsedCrawl) -> Iterator[Violation]:
    first = seen.walked()[0]
    if len(page.rows) != len(first.rows):
        message = "the page has another size than where no size is asked for"
        yield Violation(message=message, place="results", expected=len(first.rows), found=len(page.rows))


def _size(page: ParsedPage, seen: ParsedCrawl) -> int | None:
    text = dict(page.answered.exchange.query).get(seen.rules.answers.page_size_parameter, "")
    return int(text) if text.isdecimal() and int(text) else None


def _sized(page: ParsedPage, seen: ParsedCrawl) -> Iterator[Violation]:
    size = min(_size(page, seen) or 0, seen.rules.answers.max_page_size)
    wanted = max(0, min(size, page.count - (page.number - 1) * size))
    if len(page.rows) != wanted:
        yield Violation(message="the page has another size", place="results", expected=wanted, found=len(page.rows))


PAGE_CHECKS: tuple[Check[ParsedPage] | Check[WholeCrawl], ...] = (
    Check(
        name="no-row-twice",
        claim="No plan is in two rows of the list.",
        over=_walk,
        flaws=_repeated,
        lacking=_NO_PAGE,
        needs=_PAGES_WALK,
        source="framework",
        unless=restless,
    ),
    Check(
        name="no-row-lost",
        claim="All pages together show as many plans as `count` says.",
        over=_walk,
        flaws=_lost,
        lacking=_NO_PAGE,
        needs=_PAGES_WALK,
        source="framework",
        unless=_either(unpaged, restless, _partial),
    ),
    Check(
        name="count-agrees",
        claim="While the list does not move, `count` is the same on every page.",
        over=_pages_walked,
        flaws=_counts,
        lacking=_NO_PAGE,
        needs=_PAGES_WALK | {Question.AGAIN},
        source="framework",
        unless=_either(unpaged, lambda seen: None if _settled(seen) else "the list moved during the visit"),
    ),
    Check(
        name="pages-are-full",
        claim="Every page that is not the last has as many rows as the first.",
        over=_inner,
        flaws=_short,
        lacking="the list has one page only",
        needs=_PAGES_WALK,
        source="framework",
        unless=_either(unpaged, restless),
    ),
    Check(
        name="default-page-size",
        claim="A page has the size of the switch page_size, where none is asked for.",
        over=_default,
        flaws=_shows,
        lacking="the list is not longer than one page of the default size",
        needs=_PAGES_WALK,
        source="OMS samples: state logs",
        severity=Severity.COSMETIC,
        unless=unpaged,
    ),
    Check(
        name="page-size-asked-for",
        claim="A page has the size that is asked for, up to the maximum.",
        over=lambda seen: _asked_for(seen, above=False),
        flaws=_sized,
        lacking="no page was asked for that is smaller than the list, by the parameter of the switch",
        needs=_SIZED,
        source="OMS samples: state logs",
        unless=unpaged,
    ),
    Check(
        name="greatest-page-size",
        claim="A size above the maximum is read as the maximum.",
        over=lambda seen: _asked_for(seen, above=True),
        flaws=_sized,
        lacking="no page above the maximum was asked for of a list that is longer than the maximum",
        needs=_SIZED,
        source="OMS samples: state logs",
        unless=unpaged,
    ),
    Check(
        name="other-sizes-ignored",
        claim="A size that is no positive integer, or that another parameter names, is ignored.",
        over=_unsized,
        flaws=_heeded,
        lacking="no page was asked for with a size that is none",
        needs=_SIZED,
        source="framework",
        severity=Severity.UNKNOWN,
        unless=_either(unpaged, restless),
    ),
)


_LISTS = frozenset({Question.WALK, Question.LAST, Question.SIZED, Question.AGAIN})
_WALK = frozenset({Question.WALK, Question.LAST})
_SOURCE = "OMS samples, framework"


def _number(link: LinkAddress) -> int:
    """The number of the page that a link leads to.

    :raises ValueError: it is no number.
    """
    return int(link.parameter("page") or 1)


def _walked(seen: ParsedCrawl) -> Iterator[ParsedPage]:
    return (page for page in seen.pages if page.answered.question in _WALK)


def _misled(page: ParsedPage, link: Any, name: str, wanted: int | None) -> Iterator[Violation]:
    """A link that leads to another page than `wanted`, None being no page at all."""
    found = None if link is None else _number(address_of(link))
    if found != wanted:
        message = f"`{name}` of page {page.number} leads to another page"
        yield Violation(message=message, place=name, expected=_told(wanted), found=_told(found))


def _told(number: int | None) -> str:
    return "null" if number is None else f"page {number}"


def _following(page: ParsedPage, seen: ParsedCrawl) -> Iterator[Violation]:
    size = len(seen.walked()[0].rows)
    more = page.number * size < page.count
    yield from _misled(page, page.next, "next", page.number + 1 if more else None)


def _preceding(page: ParsedPage, _: ParsedCrawl) -> Iterator[Violation]:
    yield from _misled(page, page.previous, "previous", page.number - 1 if page.number > 1 else None)


def _linked(seen: ParsedCrawl) -> Iterator[ParsedPage]:
    return (page for page in seen.pages if isinstance(page.next, str) or isinstance(page.previous, str))


def _each(
    flaws: Callable[[LinkAddress, ParsedPage, ParsedCrawl], Iterator[Violation]],
) -> Callable[[ParsedPage, ParsedCrawl], Iterator[Violation]]:
    """What is wrong with each link of a page."""

    def both(page: ParsedPage, seen: ParsedCrawl) -> Iterator[Violation]:
        for name, link in (("next", page.next), ("previous", page.previous)):
            for flaw in flaws(address_of(link), page, seen) if isinstance(link, str) else ():
                yield Violation(
                    message=f"`{name}` {flaw.message}",
                    place=name,
                    expected=flaw.expected,
                    found=link,
                    severity=flaw.severity,
                )

    return both


def _elsewhere(link: LinkAddress, page: ParsedPage, seen: ParsedCrawl) -> Iterator[Violation]:
    home, path = address_of(seen.survey.target), page.answered.exchange.path
    if not link.absolute:
        yield Violation(message="is not absolute", expected="an address with scheme and host")
    elif home.absolute and link.host != home.host:
        yield Violation(message="leads to another host", expected=home.host)
    elif link.path != path:
        yield Violation(message="leads to another path", expected=path)
    elif home.absolute and link.scheme != home.scheme:
        message = "has another scheme, as behind a proxy that does not tell it"
        yield Violation(message=message, expected=home.scheme, severity=Severity.COSMETIC)


def _forgetful(link: LinkAddress, page: ParsedPage, _: ParsedCrawl) -> Iterator[Violation]:
    wanted = sorted(pair for pair in page.answered.exchange.query if pair[0] != "page")
    if sorted(link.without("page")) != wanted:
        yield Violation(message="does not keep the other parameters", expected="&".join(f"{a}={b}" for a, b in wanted))


def _untidy(link: LinkAddress, _: ParsedPage, __: ParsedCrawl) -> Iterator[Violation]:
    names = [name for name, _ in link.query]
    if names != sorted(names):
        yield Violation(message="does not have its parameters in order", expected=", ".join(sorted(names)))
    elif link.parameter("page") == "1":
        yield Violation(message="names page 1, which the framework leaves out", expected="no `page`")


LINK_CHECKS: tuple[Check[ParsedPage], ...] = (
    Check(
        name="next-leads-on",
        claim="`next` leads to the page after, and is null on the last one: the chain ends.",
        over=_walked,
        flaws=_following,
        lacking=_NO_PAGE,
        needs=_WALK,
        source=_SOURCE,
        unless=unpaged,
    ),
    Check(
        name="previous-leads-back",
        claim="`previous` leads to the page before, and is null on the first one.",
        over=_walked,
        flaws=_preceding,
        lacking=_NO_PAGE,
        needs=_WALK,
        source=_SOURCE,
        unless=unpaged,
    ),
    Check(
        name="links-stay",
        claim="`next` and `previous` are absolute and stay on the host and the path that was asked.",
        over=_linked,
        flaws=_each(_elsewhere),
        lacking="no page with a link was met",
        needs=_LISTS,
        source=_SOURCE,
        unless=unpaged,
    ),
    Check(
        name="links-keep-parameters",
        claim="`next` and `previous` keep the other parameters of the query.",
        over=_linked,
        flaws=_each(_forgetful),
        lacking="no page with a link was met",
        needs=_LISTS,
        source=_SOURCE,
        unless=unpaged,
    ),
    Check(
        name="links-in-order",
        claim="The parameters of `next` and `previous` are in alphabetical order, without `page` for the first page.",
        over=_linked,
        flaws=_each(_untidy),
        lacking="no page with a link was met",
        needs=_LISTS,
        source=_SOURCE,
        severity=Severity.COSMETIC,
        unless=unpaged,
    ),
)
