"""Checks of the links between pages: where `next` and `previous` lead, and what they carry."""

from collections.abc import Callable, Iterator
from typing import Any

from mock_oms.conformance.checks.answers import Page, Seen
from mock_oms.conformance.checks.check import Check, Flaw
from mock_oms.conformance.checks.pages import unpaged
from mock_oms.conformance.crawl import Address, Question, address_of
from mock_oms.conformance.finding import Severity

_LISTS = frozenset({Question.WALK, Question.LAST, Question.SIZED, Question.AGAIN})
_WALK = frozenset({Question.WALK, Question.LAST})
_SOURCE = "OMS samples, framework"
_NO_PAGE = "no page of the list could be read"


def _number(link: Address) -> int:
    """The number of the page that a link leads to.

    :raises ValueError: it is no number.
    """
    return int(link.parameter("page") or 1)


def _walked(seen: Seen) -> Iterator[Page]:
    return (page for page in seen.pages if page.answered.question in _WALK)


def _misled(page: Page, link: Any, name: str, wanted: int | None) -> Iterator[Flaw]:
    """A link that leads to another page than `wanted`, None being no page at all."""
    found = None if link is None else _number(address_of(link))
    if found != wanted:
        message = f"`{name}` of page {page.number} leads to another page"
        yield Flaw(message=message, place=name, expected=_told(wanted), found=_told(found))


def _told(number: int | None) -> str:
    return "null" if number is None else f"page {number}"


def _following(page: Page, seen: Seen) -> Iterator[Flaw]:
    size = len(seen.walked()[0].rows)
    more = page.number * size < page.count
    yield from _misled(page, page.next, "next", page.number + 1 if more else None)


def _preceding(page: Page, _: Seen) -> Iterator[Flaw]:
    yield from _misled(page, page.previous, "previous", page.number - 1 if page.number > 1 else None)


def _linked(seen: Seen) -> Iterator[Page]:
    return (page for page in seen.pages if isinstance(page.next, str) or isinstance(page.previous, str))


def _each(flaws: Callable[[Address, Page, Seen], Iterator[Flaw]]) -> Callable[[Page, Seen], Iterator[Flaw]]:
    """What is wrong with each link of a page."""

    def both(page: Page, seen: Seen) -> Iterator[Flaw]:
        for name, link in (("next", page.next), ("previous", page.previous)):
            for flaw in flaws(address_of(link), page, seen) if isinstance(link, str) else ():
                yield Flaw(
                    message=f"`{name}` {flaw.message}",
                    place=name,
                    expected=flaw.expected,
                    found=link,
                    severity=flaw.severity,
                )

    return both


def _elsewhere(link: Address, page: Page, seen: Seen) -> Iterator[Flaw]:
    home, path = address_of(seen.survey.target), page.answered.exchange.path
    if not link.absolute:
        yield Flaw(message="is not absolute", expected="an address with scheme and host")
    elif home.absolute and link.host != home.host:
        yield Flaw(message="leads to another host", expected=home.host)
    elif link.path != path:
        yield Flaw(message="leads to another path", expected=path)
    elif home.absolute and link.scheme != home.scheme:
        message = "has another scheme, as behind a proxy that does not tell it"
        yield Flaw(message=message, expected=home.scheme, severity=Severity.COSMETIC)


def _forgetful(link: Address, page: Page, _: Seen) -> Iterator[Flaw]:
    wanted = sorted(pair for pair in page.answered.exchange.query if pair[0] != "page")
    if sorted(link.without("page")) != wanted:
        yield Flaw(message="does not keep the other parameters", expected="&".join(f"{a}={b}" for a, b in wanted))


def _untidy(link: Address, _: Page, __: Seen) -> Iterator[Flaw]:
    names = [name for name, _ in link.query]
    if names != sorted(names):
        yield Flaw(message="does not have its parameters in order", expected=", ".join(sorted(names)))
    elif link.parameter("page") == "1":
        yield Flaw(message="names page 1, which the framework leaves out", expected="no `page`")


LINK_CHECKS: tuple[Check[Page], ...] = (
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
