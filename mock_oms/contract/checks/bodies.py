"""Checks of every answer: it is no failure, has a described status and media type, and fits its schema."""

import json
from collections.abc import Iterator

from mock_oms.contract.checks.check import Check, Flaw
from mock_oms.contract.checks.masking import Rows
from mock_oms.contract.checks.schemas import flaws_by_schema
from mock_oms.contract.checks.seen import PAGES, SINGLE, UNREAD, Answered, Seen, Sight
from mock_oms.findings.finding import Severity
from mock_oms.survey.survey import Question

_FAILURE, _OK = 500, 200
_JSON = "application/json"
_EVERY = frozenset(Question)
_NOTHING_ASKED = "nothing was asked"


def _answers(seen: Seen) -> Iterator[Answered]:
    return iter(seen.answers)


def _failures(one: Answered, _: Seen) -> Iterator[Flaw]:
    if one.exchange.status >= _FAILURE:
        yield Flaw(message="the server failed", expected="a status below 500", found=one.exchange.status)


def _undescribed(one: Answered, seen: Seen) -> Iterator[Flaw]:
    described = seen.rules.statuses(one.exchange)
    if str(one.exchange.status) not in described:
        statuses = ", ".join(sorted(described))
        yield Flaw(message="the contract has no such status here", expected=statuses, found=one.exchange.status)


def _media(one: Answered, seen: Seen) -> Iterator[Flaw]:
    described = seen.rules.response(one.exchange)
    found = one.exchange.header("content-type") or ""
    wanted = [*(described or {"content": ()})["content"]]
    essence = found.partition(";")[0].strip().lower()
    if described and essence not in wanted:
        yield Flaw(
            message="the media type is another one", place="header content-type", expected=wanted[0], found=found
        )
    elif essence == _JSON and found != _JSON:
        message = "JSON has no charset, and the framework sends none"
        place = "header content-type"
        yield Flaw(message=message, place=place, expected=_JSON, found=found, severity=Severity.COSMETIC)


def _in_json(seen: Seen) -> Iterator[Answered]:
    """Answers that should be JSON: by what the contract says of them, or by what they say of themselves."""
    for one in seen.answers:
        described = seen.rules.response(one.exchange)
        if _JSON in (one.exchange.header("content-type") or "") or (described and [*described["content"]] == [_JSON]):
            yield one


def _unread(one: Answered, _: Seen) -> Iterator[Flaw]:
    if one.data is UNREAD:
        start = one.exchange.body[:60].decode("utf-8", "replace")
        yield Flaw(message="the body is no JSON", expected="JSON in UTF-8", found=start)


def _refusals(seen: Seen) -> Iterator[Answered]:
    return (one for one in seen.answers if one.exchange.status != _OK and one.data is not UNREAD)


def _misfits(one: Answered, seen: Seen) -> Iterator[Flaw]:
    described = seen.rules.response(one.exchange)
    media = (described or {"content": {}})["content"].get(_JSON)
    for flaw in flaws_by_schema(seen.rules, media["schema"], one.data) if media else ():
        # Which words a refusal has is the business of a check of its own.
        if flaw.place != "detail" or not isinstance(one.data["detail"], str):
            yield flaw


def _lists(seen: Seen) -> Iterator[Answered]:
    return (one for one in seen.to(*PAGES) if one.exchange.status == _OK and one.data is not UNREAD)


def _list_misfits(one: Answered, seen: Seen) -> Iterator[Flaw]:
    """What surrounds the rows: the rows themselves are looked at one by one, each form of a plan once."""
    described = seen.rules.response(one.exchange)
    if described:
        yield from flaws_by_schema(seen.rules, described["content"][_JSON]["schema"], _without_rows(one.data))


def _without_rows(data: object) -> object:
    if isinstance(data, list):
        return Rows((row for row in data if not isinstance(row, dict)), len(data))
    if isinstance(data, dict) and isinstance(data.get("results"), list):
        return {**data, "results": _without_rows(data["results"])}
    return data


def _plans(seen: Seen) -> Iterator[Sight]:
    """Each plan once in each form that it was seen in, also those that have no id."""
    met: set[str] = set()
    for one in (*seen.sights, *_nameless(seen)):
        form = json.dumps(one.plan, sort_keys=True)
        if form not in met:
            met.add(form)
            yield one


def _nameless(seen: Seen) -> Iterator[Sight]:
    for one in seen.to(*PAGES, *SINGLE):
        if one.exchange.status == _OK and isinstance(one.data, dict):
            single = one.question in SINGLE
            rows = [one.data] if single else one.data.get("results")
            for place, row in enumerate(rows if isinstance(rows, list) else ()):
                if isinstance(row, dict) and type(row.get("id")) is not int:
                    yield Sight(answered=one, place="" if single else f"results[{place}]", plan=row)


def _plan_misfits(one: Sight, seen: Seen) -> Iterator[Flaw]:
    return flaws_by_schema(seen.rules, {"$ref": "#/components/schemas/OrderExecutionPlan"}, one.plan)


CHECKS: tuple[Check[Answered] | Check[Sight], ...] = (
    Check(
        name="no-failure",
        reads_anything=True,
        claim="No question makes the server fail.",
        over=_answers,
        flaws=_failures,
        lacking=_NOTHING_ASKED,
        needs=_EVERY,
        source="framework: a wrong question is refused with a status below 500",
    ),
    Check(
        name="status-described",
        reads_anything=True,
        claim="Every answer has a status that the contract describes for its path.",
        over=_answers,
        flaws=_undescribed,
        lacking=_NOTHING_ASKED,
        needs=_EVERY,
        source="framework",
    ),
    Check(
        name="media-type",
        reads_anything=True,
        claim="Every answer has the media type that the contract describes.",
        over=_answers,
        flaws=_media,
        lacking=_NOTHING_ASKED,
        needs=_EVERY,
        source="framework",
    ),
    Check(
        name="body-is-json",
        reads_anything=True,
        claim="Every body that is to be JSON can be read as JSON.",
        over=_in_json,
        flaws=_unread,
        lacking="no answer was to be JSON",
        needs=_EVERY,
        source="framework",
    ),
    Check(
        name="schema-of-lists",
        reads_anything=True,
        claim="Every list has the shape that the contract describes, around its rows.",
        over=_lists,
        flaws=_list_misfits,
        lacking="no list could be read",
        needs=PAGES,
        source="OMS samples",
    ),
    Check(
        name="schema-of-plans",
        reads_anything=True,
        claim="Every plan fits the schema of the contract, in the list and by itself.",
        over=_plans,
        flaws=_plan_misfits,
        lacking="no plan was met",
        needs=PAGES | SINGLE,
        source="plans page",
    ),
    Check(
        name="schema-of-refusals",
        reads_anything=True,
        claim="Every refusal in JSON fits the schema of the contract.",
        over=_refusals,
        flaws=_misfits,
        lacking="no refusal in JSON was met",
        needs=_EVERY - PAGES - SINGLE,
        source="framework",
    ),
)
