"""Checks of pages: their sizes, their links, and that together they show every row once."""

from collections import Counter
from collections.abc import Callable, Iterator

from mock_oms.conformance.checks.answers import Page, Seen, Whole
from mock_oms.conformance.checks.check import Check, Flaw
from mock_oms.conformance.crawl import Question
from mock_oms.conformance.finding import Severity

_WALK = frozenset({Question.WALK})
_SIZED = frozenset({Question.SIZED})
_NO_PAGE = "no page of the list could be read"


def unpaged(seen: Seen) -> str | None:
    """Why nothing is said of pages under a bare array."""
    return "the switch list is array: there are no pages" if seen.rules.answers.list == "array" else None


def restless(seen: Seen) -> str | None:
    """Why rows may come twice or not at all: of a list that moves while it is walked nothing else is known."""
    if seen.rules.answers.order == "unstable":
        return "the switch order is unstable: rows repeat and vanish between pages"
    counts = {page.count for page in seen.walked()}
    if _settled(seen) or len(counts) <= 1:
        return None
    return f"the list changed while it was walked: `count` was from {min(counts)} to {max(counts)}"


def _settled(seen: Seen) -> bool:
    """Whether the first page, asked for again, begins with the same plans: then nothing was added or removed."""
    again = [page for page in seen.pages if page.answered.question is Question.AGAIN]
    first = seen.walked()[:1]
    return bool(first and again) and (first[0].ids, first[0].count) == (again[-1].ids, again[-1].count)


def _either(*reasons: Callable[[Seen], str | None]) -> Callable[[Seen], str | None]:
    return lambda seen: next(filter(None, (reason(seen) for reason in reasons)), None)


def _partial(seen: Seen) -> str | None:
    return None if seen.survey.whole else "the walk did not reach the end of the list"


def _walk(seen: Seen) -> Iterator[Whole]:
    return seen.whole(of="the pages after it")


def _repeated(_: Whole, seen: Seen) -> Iterator[Flaw]:
    times = Counter(one.id for one in seen.rows_of_the_walk())
    for plan, often in times.items():
        if often > 1:
            yield Flaw(message=f"plan {plan} is in {often} rows of the list", expected=1, found=often)


def _lost(_: Whole, seen: Seen) -> Iterator[Flaw]:
    counted = seen.walked()[0].count
    shown = len({one.id for one in seen.rows_of_the_walk()})
    if shown != counted:
        message = f"`count` says {counted}, and all pages together show {shown} plans"
        yield Flaw(message=message, place="count", expected=counted, found=shown)


def _counts(page: Page, seen: Seen) -> Iterator[Flaw]:
    counted = seen.walked()[0].count
    if page.count != counted:
        message = "`count` is another one, though the list did not move"
        yield Flaw(message=message, place="count", expected=counted, found=page.count)


def _walked(seen: Seen) -> Iterator[Page]:
    return iter(seen.walked())


def _inner(seen: Seen) -> Iterator[Page]:
    """Pages of the walk after which another one comes."""
    walked = seen.walked()
    size = len(walked[0].rows) if walked else 0
    return (page for page in walked if page.number * size < page.count)


def _short(page: Page, seen: Seen) -> Iterator[Flaw]:
    size = len(seen.walked()[0].rows)
    if len(page.rows) != size:
        message = "a page that is not the last has another number of rows than the first"
        yield Flaw(message=message, place="results", expected=size, found=len(page.rows))


def _default(seen: Seen) -> Iterator[Page]:
    name = seen.rules.answers.page_size_parameter
    for page in seen.walked()[:1]:
        longer = page.count > min(seen.rules.answers.page_size, len(page.rows))
        if name not in dict(page.answered.exchange.query) and longer:
            yield page


def _shows(page: Page, seen: Seen) -> Iterator[Flaw]:
    """Another size than the default's; a list that is no longer than the default tells only of a smaller one."""
    wanted = min(seen.rules.answers.page_size, page.count)
    if len(page.rows) != wanted:
        yield Flaw(message="the page has another size", place="results", expected=wanted, found=len(page.rows))


def _asked_for(seen: Seen, *, above: bool) -> Iterator[Page]:
    """Pages with a size of our own, `above` the maximum or within it, of lists that are long enough to show it."""
    limit = seen.rules.answers.max_page_size
    for page in _of_our_own(seen):
        size = _size(page, seen)
        if size and (size > limit) is above and page.count > min(size, limit):
            yield page


def _of_our_own(seen: Seen) -> Iterator[Page]:
    return (page for page in seen.pages if page.answered.question is Question.SIZED)


def _unsized(seen: Seen) -> Iterator[Page]:
    """Pages that were asked for with a size that is none, or by a name that the contract does not have."""
    counted = {page.count for page in seen.walked()[:1]}
    return (page for page in _of_our_own(seen) if _size(page, seen) is None and page.count in counted)


def _heeded(page: Page, seen: Seen) -> Iterator[Flaw]:
    first = seen.walked()[0]
    if len(page.rows) != len(first.rows):
        message = "the page has another size than where no size is asked for"
        yield Flaw(message=message, place="results", expected=len(first.rows), found=len(page.rows))


def _size(page: Page, seen: Seen) -> int | None:
    text = dict(page.answered.exchange.query).get(seen.rules.answers.page_size_parameter, "")
    return int(text) if text.isdecimal() and int(text) else None


def _sized(page: Page, seen: Seen) -> Iterator[Flaw]:
    size = min(_size(page, seen) or 0, seen.rules.answers.max_page_size)
    wanted = max(0, min(size, page.count - (page.number - 1) * size))
    if len(page.rows) != wanted:
        yield Flaw(message="the page has another size", place="results", expected=wanted, found=len(page.rows))


PAGE_CHECKS: tuple[Check[Page] | Check[Whole], ...] = (
    Check(
        name="no-row-twice",
        claim="No plan is in two rows of the list.",
        over=_walk,
        flaws=_repeated,
        lacking=_NO_PAGE,
        needs=_WALK,
        source="framework",
        unless=restless,
    ),
    Check(
        name="no-row-lost",
        claim="All pages together show as many plans as `count` says.",
        over=_walk,
        flaws=_lost,
        lacking=_NO_PAGE,
        needs=_WALK,
        source="framework",
        unless=_either(unpaged, restless, _partial),
    ),
    Check(
        name="count-agrees",
        claim="While the list does not move, `count` is the same on every page.",
        over=_walked,
        flaws=_counts,
        lacking=_NO_PAGE,
        needs=_WALK | {Question.AGAIN},
        source="framework",
        unless=_either(unpaged, lambda seen: None if _settled(seen) else "the list moved during the visit"),
    ),
    Check(
        name="pages-are-full",
        claim="Every page that is not the last has as many rows as the first.",
        over=_inner,
        flaws=_short,
        lacking="the list has one page only",
        needs=_WALK,
        source="framework",
        unless=_either(unpaged, restless),
    ),
    Check(
        name="default-page-size",
        claim="A page has the size of the switch page_size, where none is asked for.",
        over=_default,
        flaws=_shows,
        lacking="the list is not longer than one page of the default size",
        needs=_WALK,
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
