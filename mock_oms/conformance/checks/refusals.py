"""Checks of refusals: each wrong request has its status, its form, its words and its headers."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from mock_oms.conformance.checks.answers import ParsedAnswer, ParsedCrawl
from mock_oms.conformance.checks.check import Check, Checks, Subjects, Violation
from mock_oms.conformance.checks.pages import without_pages
from mock_oms.conformance.checks.schemas import ANSWERS
from mock_oms.conformance.crawl import NO_JSON, Question, is_numbered, query_of
from mock_oms.conformance.finding import Severity
from mock_oms.contract.document import resolve_ref
from mock_oms.urls import without_query

CHECKS = Checks()
_MOVED, _UNAUTHORIZED = 301, 401


class Refusal(NamedTuple):
    """How a question is refused; `example` is the example of the contract that has the words."""

    name: str
    claim: str
    status: int
    example: str


REFUSALS: Mapping[Question, Refusal] = {
    Question.NO_PLAN: Refusal("unknown-plan", "A plan that does not exist is 404.", 404, "id"),
    Question.HUGE_ID: Refusal("huge-id", "A huge id is 404, as any unknown one.", 404, "id"),
    Question.NO_PAGE: Refusal("unknown-page", "A page that does not exist is 404.", 404, "page"),
    Question.NO_TOKEN: Refusal("no-token", "Whoever has no token is refused with 401.", 401, "missing"),
    Question.WRONG_TOKEN: Refusal("wrong-token", "Whoever has a wrong token is refused with 401.", 401, "unknown"),
    Question.OTHER_MEDIA: Refusal("other-media", "Whoever accepts no JSON is refused with 406.", 406, "html"),
    Question.NO_SLASH: Refusal("no-slash", "A path without its final slash is sent to the one with it.", 301, ""),
}


def _has_detail(one: ParsedAnswer) -> bool:
    return isinstance(one.data, dict) and isinstance(one.data.get("detail"), str)


def _is_refused(one: ParsedAnswer, crawl: ParsedCrawl) -> Iterator[Violation]:
    wanted = REFUSALS[one.question].status
    if one.status != wanted:
        yield Violation("the status is another one", expected=wanted, found=one.status)
    elif wanted == _UNAUTHORIZED and crawl.switches.unauthenticated == "empty":
        if one.exchange.body:
            yield Violation("the switch unauthenticated is empty, and a body came", expected="", found=one.data)
    elif wanted != _MOVED and not _has_detail(one):
        yield Violation("a refusal is an object with a text `detail`", expected='{"detail": …}', found=one.data)


def _not_refused(question: Question, crawl: ParsedCrawl) -> str | None:
    """Why a question is not refused under the switches."""
    if question in {Question.NO_TOKEN, Question.WRONG_TOKEN} and crawl.switches.auth == "off":
        return "the switch auth is off: nobody needs a token"
    return without_pages(crawl) if question is Question.NO_PAGE else None


def _answers_to(question: Question) -> Subjects[ParsedAnswer]:
    return Subjects(lambda crawl: crawl.to(question), f"the question {question.value!r} was not asked")


CHECKS += (
    Check(
        name=refusal.name,
        claim=refusal.claim,
        subjects=_answers_to(question),
        violations=_is_refused,
        source="framework",
        unless=(partial(_not_refused, question),),
    )
    for question, refusal in REFUSALS.items()
)


def _right_refusals(crawl: ParsedCrawl) -> Iterator[ParsedAnswer]:
    """The refusals that have the status and the form that they should have, and words."""
    for question, refusal in REFUSALS.items():
        if refusal.example and not _not_refused(question, crawl):
            yield from (one for one in crawl.to(question) if one.status == refusal.status and _has_detail(one))


@CHECKS.add(
    Subjects(_right_refusals, "no refusal of the expected form was met"), "framework", severity=Severity.COSMETIC
)
def words_of_refusals(one: ParsedAnswer, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Every refusal says what Django REST framework says."""
    response = crawl.response(one.exchange) or {}
    examples = response["content"]["application/json"]["examples"]
    name = REFUSALS[one.question].example
    if name == "id" and "other" in examples and not is_numbered(one.exchange):
        name = "other"  # what is no integer never gets as far as the model, so nothing names it
    wanted, found = examples[name]["value"]["detail"], one.data["detail"]
    if found != wanted:
        yield Violation("the words are others", "detail", wanted, found)


@CHECKS.add(
    Subjects(lambda crawl: (one for one in crawl.to(Question.NO_SLASH) if one.status == _MOVED), "no redirect was met"),
    "framework",
)
def location_of_redirects(one: ParsedAnswer, _: ParsedCrawl) -> Iterator[Violation]:
    """A redirect leads to the same path with its slash, and keeps the query."""
    place, found = "header location", one.exchange.header("location")
    wanted = f"{one.exchange.path}/" + one.exchange.target.removeprefix(one.exchange.path)
    if found is None:
        yield Violation("nothing says where to go", place, wanted)
        return
    there, shown = urlsplit(found), without_query(found)
    if (there.path, query_of(found)) != (urlsplit(wanted).path, query_of(wanted)):
        yield Violation("it leads elsewhere", place, wanted, shown)
    elif there.scheme and there.netloc:
        yield Violation("the framework leaves out the host", place, wanted, shown, severity=Severity.COSMETIC)


def _have_headers(one: ParsedAnswer, crawl: ParsedCrawl, *names: str) -> Iterator[Violation]:
    """What is wrong with these headers, by the contract; names as it writes them."""
    described = (crawl.response(one.exchange) or {}).get("headers", {})
    for name in names:
        if name in described:
            wanted = resolve_ref(crawl.document, described[name])["schema"]["const"]
            found = one.exchange.header(name.lower())
            if found != wanted:
                message = "the header is missing" if found is None else "the header says something else"
                yield Violation(message, f"header {name.lower()}", wanted, found or "")


@CHECKS.add(
    Subjects(lambda crawl: (one for one in crawl.answers if one.status == _UNAUTHORIZED), "no 401 was met"), "framework"
)
def www_authenticate(one: ParsedAnswer, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Every 401 names the scheme that is asked for."""
    return _have_headers(one, crawl, "WWW-Authenticate")


@CHECKS.add(
    Subjects(  # a redirect is made before any view
        lambda crawl: (one for one in crawl.answers if one.status in {200, 401, 404, 406} and one.data is not NO_JSON),
        "no answer of a view was met",
    ),
    "framework",
    severity=Severity.COSMETIC,
)
def allow(one: ParsedAnswer, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Every answer of a view says which methods the view has."""
    return _have_headers(one, crawl, "Allow")


@CHECKS.add(ANSWERS, "framework: Django's default middleware", severity=Severity.COSMETIC)
def security_headers(one: ParsedAnswer, crawl: ParsedCrawl) -> Iterator[Violation]:
    """Every answer has the headers that Django's own middleware adds."""
    names = ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy")
    return _have_headers(one, crawl, *names)
