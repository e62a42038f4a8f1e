"""Which values of the switches the answers speak for: each rule of the table counts what it saw of every value."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from mock_oms.answers import Answers
from mock_oms.observed.counting import type_of
from mock_oms.observed.document import Evidence
from mock_oms.observed.reading import details, pages, plans
from mock_oms.survey.survey import Question, Survey

_MOMENT, _DAY = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}"), re.compile(r"\d{4}-\d{2}-\d{2}")
_SLUGS = re.compile(r"[a-z][a-z0-9_-]*(,\s?[a-z][a-z0-9_-]*)*")
_MODEL = re.compile(r"No \w+ matches the given query\.")
#: Rows from which an order can be told; two are in some order by chance.
_ENOUGH = 4
_OK, _UNAUTHORIZED, _MISSING = 200, 401, 404
#: Pages larger than any switch can say.
_LARGEST = 1000


def evidence_in(survey: Survey) -> Mapping[str, Evidence]:
    """What was seen of each switch, in the order of the switches; one of which nothing was seen is left out."""
    found = {name: Counter(map(str, rule(survey))) for name, rule in _RULES.items()}
    return {name: Evidence(seen=dict(sorted(count.items()))) for name, count in found.items() if count}


def proposed(evidence: Mapping[str, Evidence]) -> Mapping[str, str | int]:
    """The switches of which one value alone was seen; what is no value of a switch, such as `other`, proposes none."""
    single = {name: next(iter(one.seen)) for name, one in evidence.items() if len(one.seen) == 1}
    numbers = {name for name in single if isinstance(getattr(Answers(), name), int)}
    values = {name: int(value) if name in numbers else value for name, value in single.items() if value != OTHER}
    return _raised(values)


#: What was seen and is no value that the switch has.
OTHER = "other"


def _raised(values: dict[str, str | int]) -> Mapping[str, str | int]:
    """No page is larger than the largest: where one was seen that is, the maximum follows."""
    size, most = (values.get(name, getattr(Answers(), name)) for name in ("page_size", "max_page_size"))
    return {**values, "max_page_size": size} if int(size) > int(most) else values


def _list(survey: Survey) -> Iterator[str]:
    for page in pages(survey):
        yield "array" if page.is_array else "envelope"


def _page_size(survey: Survey) -> Iterator[int]:
    """The length of every page whose size nobody asked for, and after which there is another."""
    for page in pages(survey, Question.WALK, Question.AGAIN):
        if page.has_next and not page.asked and 0 < len(page.rows) <= _LARGEST:
            yield len(page.rows)


def _page_size_parameter(survey: Survey) -> Iterator[str]:
    """A parameter by which a page has another length than by itself."""
    usual = set(_page_size(survey))
    for page in pages(survey, Question.SIZED, Question.WALK):
        for name, size in page.asked.items():
            if usual and len(page.rows) not in usual and 0 < len(page.rows) <= size:
                yield name


def _max_page_size(survey: Survey) -> Iterator[int]:
    """The length of a page that more rows were asked of, by a parameter that works, than came, and more were there."""
    works = set(_page_size_parameter(survey))
    for page in pages(survey, Question.SIZED, Question.WALK):
        for name, size in page.asked.items():
            if name in works and page.has_next and 0 < len(page.rows) < size and len(page.rows) <= _LARGEST:
                yield len(page.rows)


def _order(survey: Survey) -> Iterator[str]:
    walked = [row for page in pages(survey, Question.WALK) for row in page.rows if isinstance(row, dict)]
    ids = [row.get("id") for row in walked]
    if len(ids) < _ENOUGH or not all(type(one) is int for one in ids):
        return
    yield next((name for name, holds in _ORDERS if holds(ids, walked)), OTHER)


def _rises(values: Sequence[Any], *, strictly: bool) -> bool:
    pairs = list(pairwise(values))
    return all(one < two if strictly else one <= two for one, two in pairs)


def _by_change(_: Sequence[Any], rows: Sequence[Mapping[str, Any]]) -> bool:
    dates = [row.get("modified_date") for row in rows]
    return all(isinstance(one, str) for one in dates) and len(set(dates)) > 1 and _rises(dates, strictly=False)


_ORDERS: tuple[tuple[str, Callable[[Sequence[Any], Sequence[Mapping[str, Any]]], bool]], ...] = (
    ("-id", lambda ids, _: _rises(ids[::-1], strictly=True)),
    ("id", lambda ids, _: _rises(ids, strictly=True)),
    ("modified_date", _by_change),
)


#: The forms of a state, by their types.
_STATES = {"string": "string", "object": "object"}


def _state(survey: Survey) -> Iterator[str]:
    for plan in plans(survey):
        if "state" in plan:
            yield _STATES.get(type_of(plan["state"]).removeprefix("empty "), OTHER)


def _commands(survey: Survey) -> Iterator[str]:
    """The form of the commands; empty lists speak for `empty` only where no plan has any command."""
    forms = [_form(plan["commands"]) for plan in plans(survey) if "commands" in plan]
    told = [one for one in forms if one]
    yield from told or ["empty" for plan in plans(survey) if plan.get("commands") == [] and not _ended(plan)]


def _form(commands: Any) -> str | None:  # noqa: ANN401  where JSON enters
    """None where there is nothing in it that has a form."""
    if commands in ([], ""):
        return None
    if isinstance(commands, list):
        return "objects" if all(isinstance(one, dict) for one in commands) else OTHER
    if not isinstance(commands, str):
        return OTHER
    if _SLUGS.fullmatch(commands):
        return "comma"
    return _form_of_text(commands)


def _form_of_text(text: str) -> str | None:
    try:
        content = json.loads(text)
    except ValueError:
        return OTHER
    return "json" if isinstance(content, list) else OTHER


def _ended(plan: Mapping[str, Any]) -> bool:
    state = plan.get("state")
    return (state.get("enum_value") if isinstance(state, dict) else state) in {"cancelled", "completed"}


def _dates(survey: Survey) -> Iterator[str]:
    for plan in plans(survey):
        for name in ("created_date", "modified_date"):
            if isinstance(plan.get(name), str):
                yield _date_form(plan[name])


def _date_form(text: str) -> str:
    if _MOMENT.match(text):
        return "datetime"
    return "date" if _DAY.fullmatch(text) else OTHER


def _auth(survey: Survey) -> Iterator[str]:
    """What is announced to whoever sends no token; `both` cannot be told from one of the two."""
    for one in survey.of(Question.NO_TOKEN):
        if one.status == _OK:
            yield "off"
        if one.status == _UNAUTHORIZED:
            scheme = (one.header("www-authenticate") or "").partition(" ")[0].lower()
            yield scheme if scheme in {"token", "bearer"} else OTHER


def _not_found(survey: Survey) -> Iterator[str]:
    # What is no number at all is not looked for among the plans, and refused in the short words by every release.
    asked = tuple(one for one in survey.asked if one.exchange.path.rstrip("/").rpartition("/")[2].isdecimal())
    for text in details(replace(survey, asked=asked), _MISSING, Question.NO_PLAN):
        model = "model" if _MODEL.fullmatch(text) else OTHER
        yield "short" if text == "Not found." else model


_RULES: Mapping[str, Callable[[Survey], Iterator[str | int]]] = MappingProxyType(
    {
        "list": _list,
        "page_size": _page_size,
        "max_page_size": _max_page_size,
        "page_size_parameter": _page_size_parameter,
        "order": _order,
        "state": _state,
        "commands": _commands,
        "dates": _dates,
        "auth": _auth,
        "not_found": _not_found,
    }
)
