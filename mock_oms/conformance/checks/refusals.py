"""Checks of what is refused: each wrong question has its status, its form, its words and its headers."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from mock_oms.conformance.checks.answers import UNREAD, ParsedAnswer, ParsedCrawl
from mock_oms.conformance.checks.check import Check, Violation
from mock_oms.conformance.crawl import Question, address_of
from mock_oms.conformance.finding import Severity
from mock_oms.urls import without_query

_MOVED = 301

#: Each question: the name of its check, its claim, the status, and the example of the contract that has its words.
_REFUSED: Mapping[Question, tuple[str, str, int, str]] = MappingProxyType(
    {
        Question.NO_PLAN: ("unknown-plan", "A plan that does not exist is 404.", 404, "id"),
        Question.HUGE_ID: ("huge-id", "An id beyond all numbers is 404, as any other that is unknown.", 404, "id"),
        Question.NO_PAGE: ("unknown-page", "A page that does not exist is 404.", 404, "page"),
        Question.NO_TOKEN: ("no-token", "Whoever has no token is refused with 401.", 401, "missing"),
        Question.WRONG_TOKEN: ("wrong-token", "Whoever has a wrong token is refused with 401.", 401, "unknown"),
        Question.OTHER_MEDIA: ("other-media", "Whoever accepts no JSON is refused with 406.", 406, "html"),
        Question.NO_SLASH: ("no-slash", "A path without its final slash is sent to the one with it.", 301, ""),
    }
)


def _status(question: Question) -> Callable[[ParsedAnswer, ParsedCrawl], Iterator[Violation]]:
    wanted = _REFUSED[question][2]

    def flaws(one: ParsedAnswer, _: ParsedCrawl) -> Iterator[Violation]:
        if one.exchange.status != wanted:
            yield Violation(message="the status is another one", expected=wanted, found=one.exchange.status)
        elif wanted != _MOVED and not _is_detail(one.data):
            yield Violation(
                message="a refusal is an object with a text `detail`", expected='{"detail": …}', found=one.data
            )

    return flaws


def _is_detail(data: object) -> bool:
    return data is not UNREAD and isinstance(data, dict) and isinstance(data.get("detail"), str)


def _switched_off(question: Question) -> Callable[[ParsedCrawl], str | None]:
    """Why a question is not refused under the switches."""

    def why(seen: ParsedCrawl) -> str | None:
        answers = seen.rules.answers
        if answers.auth == "off" and question in {Question.NO_TOKEN, Question.WRONG_TOKEN}:
            return "the switch auth is off: nobody needs a token"
        if answers.list == "array" and question is Question.NO_PAGE:
            return "the switch list is array: there are no pages"
        return None

    return why


def _asking(question: Question) -> Callable[[ParsedCrawl], Iterator[ParsedAnswer]]:
    return lambda seen: seen.to(question)


def _check(question: Question) -> Check[ParsedAnswer]:
    name, claim, _, _ = _REFUSED[question]
    return Check(
        name=name,
        claim=claim,
        over=_asking(question),
        flaws=_status(question),
        lacking=f"the question {question.value!r} was not asked",
        needs=frozenset({question}),
        source="framework",
        unless=_switched_off(question),
    )


def _worded(seen: ParsedCrawl) -> Iterator[ParsedAnswer]:
    """The refusals that have the status and the form that they should have."""
    for question, (_, _, status, example) in _REFUSED.items():
        if example and not _switched_off(question)(seen):
            yield from (one for one in seen.to(question) if one.exchange.status == status and _is_detail(one.data))


def _words(one: ParsedAnswer, seen: ParsedCrawl) -> Iterator[Violation]:
    described = seen.rules.response(one.exchange) or {}
    examples = described["content"]["application/json"]["examples"]
    name = _REFUSED[one.question][3]
    if name == "id" and "other" in examples and not one.exchange.path.rstrip("/").rpartition("/")[2].isdecimal():
        name = "other"  # what is no integer never gets as far as the model, so nothing names it
    wanted, found = examples[name]["value"]["detail"], one.data["detail"]
    if found != wanted:
        yield Violation(message="the words are others", place="detail", expected=wanted, found=found)


def _redirects(seen: ParsedCrawl) -> Iterator[ParsedAnswer]:
    return (one for one in seen.to(Question.NO_SLASH) if one.exchange.status == _MOVED)


def _leads_astray(one: ParsedAnswer, _: ParsedCrawl) -> Iterator[Violation]:
    asked, found = one.exchange, one.exchange.header("location")
    wanted = f"{asked.path}/" + asked.target.removeprefix(asked.path)
    if found is None:
        yield Violation(message="nothing says where to go", place="header location", expected=wanted)
        return
    there, right, shown = address_of(found), address_of(wanted), without_query(found)
    if (there.path, there.query) != (right.path, right.query):
        yield Violation(message="it leads elsewhere", place="header location", expected=wanted, found=shown)
    elif there.absolute:
        message = "the framework leaves out the host"
        yield Violation(
            message=message, place="header location", expected=wanted, found=shown, severity=Severity.COSMETIC
        )


def _readable(seen: ParsedCrawl) -> Iterator[ParsedAnswer]:
    """Answers of the views; a redirect is made before any view."""
    return (one for one in seen.answers if one.exchange.status in {200, 401, 404, 406} and one.data is not UNREAD)


def _headers(*names: str) -> Callable[[ParsedAnswer, ParsedCrawl], Iterator[Violation]]:
    """What is wrong with these headers, by the contract; names as it writes them."""

    def flaws(one: ParsedAnswer, seen: ParsedCrawl) -> Iterator[Violation]:
        described = (seen.rules.response(one.exchange) or {}).get("headers", {})
        for name in names:
            if name in described:
                header = seen.rules.resolved(described[name])
                wanted, found = header["schema"]["const"], one.exchange.header(name.lower())
                if found != wanted:
                    yield _header_flaw(name, wanted, found)

    return flaws


def _header_flaw(name: str, wanted: str, found: str | None) -> Violation:
    return Violation(
        message="the header is missing" if found is None else "the header says something else",
        place=f"header {name.lower()}",
        expected=wanted,
        found=found or "",
    )


def _unauthorized(seen: ParsedCrawl) -> Iterator[ParsedAnswer]:
    return (one for one in seen.answers if one.exchange.status == 401)  # noqa: PLR2004  the status itself


_ALL_QUESTIONS = frozenset(Question)
_TOKENS = frozenset({Question.NO_TOKEN, Question.WRONG_TOKEN})

REFUSAL_CHECKS: tuple[Check[ParsedAnswer], ...] = (
    *(_check(question) for question in _REFUSED),
    Check(
        name="words-of-refusals",
        claim="Every refusal says what Django REST framework says.",
        over=_worded,
        flaws=_words,
        lacking="no refusal of the expected form was met",
        needs=frozenset(_REFUSED) - {Question.NO_SLASH},
        source="framework",
        severity=Severity.COSMETIC,
    ),
    Check(
        name="location-of-redirects",
        claim="A redirect leads to the same path with its slash, and keeps the query.",
        over=_redirects,
        flaws=_leads_astray,
        lacking="no redirect was met",
        needs=frozenset({Question.NO_SLASH}),
        source="framework",
    ),
    Check(
        name="www-authenticate",
        claim="Every 401 names the scheme that is asked for.",
        over=_unauthorized,
        flaws=_headers("WWW-Authenticate"),
        lacking="no 401 was met",
        needs=_TOKENS,
        source="framework",
    ),
    Check(
        name="allow",
        claim="Every answer of a view says which methods the view has.",
        over=_readable,
        flaws=_headers("Allow"),
        lacking="no answer of a view was met",
        needs=_ALL_QUESTIONS,
        source="framework",
        severity=Severity.COSMETIC,
    ),
    Check(
        name="security-headers",
        claim="Every answer has the headers that Django's own middleware adds.",
        over=lambda seen: iter(seen.answers),
        flaws=_headers("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy"),
        lacking="nothing was asked",
        needs=_ALL_QUESTIONS,
        source="framework: Django's default middleware",
        severity=Severity.COSMETIC,
    ),
)
