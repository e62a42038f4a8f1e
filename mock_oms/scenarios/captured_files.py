"""Captured plans in files: one plan, a list, pages of the list, or an archive of requests (HAR) with such answers in it."""

import base64
import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from mock_oms.domain.events import HIGHEST_ID
from mock_oms.domain.setup import CapturedPlan
from mock_oms.scenarios.errors import Lines, ScenarioError
from mock_oms.scenarios.yaml_file import MAX_BYTES, MAX_DEPTH, MAX_NODES, flow, measured
from mock_oms.text import counted, read_file, shortened

Plan = dict[str, Any]

#: An archive may hold much that is no plan.
MOST_OF_CAPTURE = 50_000_000
#: Values of a file, which may hold much that is no plan; levels of a scenario around a plan.
_MOST_VALUES, _AROUND = 10 * MAX_NODES, 4
#: Documents in one file; digits of a number, of which YAML makes a text where it has more.
_MOST_DOCUMENTS, _MOST_DIGITS = 10_000, 640
_BLANKS = re.compile(r"[ \t\r\n]*")
#: The list, and one plan, behind whatever stands before them at a gateway.
_PLANS_PATH = re.compile(r"/oms/orderexecutionplans(?:/[^/]+)?/?\Z")
_LIST = "GET /api/v1/oms/orderexecutionplans/"
_OK = 200


class CaptureError(Exception):
    """A file holds no captured plans; the message goes on after its name, and ends with a full stop."""


def captures_in(content: bytes) -> list[Any]:
    """The documents of JSON in a file: mostly one, or several one after the other, as a loop of requests leaves them.

    :raises CaptureError: it holds none, or one beyond the bounds of a scenario.
    """
    if content.startswith(b"\x1f\x8b"):
        raise CaptureError("is compressed with gzip; unpack it first.")
    try:
        text = content.decode(json.detect_encoding(content)).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise CaptureError("is neither UTF-8 nor UTF-16; save it as UTF-8.") from None
    decoder = json.JSONDecoder(parse_constant=_no_number, parse_float=_number, parse_int=_whole)
    documents: list[Any] = []
    at = _behind_blanks(text, 0)
    try:
        while at < len(text):
            found, at = decoder.raw_decode(text, at)
            documents.append(found)
            if len(documents) > _MOST_DOCUMENTS:
                raise CaptureError(f"holds more than {_MOST_DOCUMENTS:,} documents of JSON.")
            at = _behind_blanks(text, at)
    except (ValueError, RecursionError) as error:
        raise CaptureError(_no_json(text, error)) from None
    if not documents:
        raise CaptureError("is empty.")
    values_in(documents)
    if "\\ud" in text or "\\uD" in text:
        try:
            json.dumps(documents, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise CaptureError(r"has half a letter in it, such as \ud83d alone.") from None
    return documents


def _behind_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks else at


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number that a scenario can have")


def _whole(text: str) -> int:
    return int(text) if len(text) <= _MOST_DIGITS else _no_number(f"{text[:20]}…")


def _number(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_number(shortened(text))


def _no_json(text: str, error: ValueError | RecursionError) -> str:
    """Why a text is no JSON, and the way out; nothing that stands in it is shown."""
    begin = text.lstrip()
    if begin.startswith("<"):
        return f"holds HTML or XML, perhaps a login or an error; save what answers {_LIST} with 200."
    if re.match(r"HTTP/\d", begin):
        return "begins with the head of an answer; save its body alone (curl without -i)."
    if not isinstance(error, json.JSONDecodeError):
        return f"is no JSON: {'it is nested too deeply' if isinstance(error, RecursionError) else error}."
    where = f"line {error.lineno}, column {error.colno}"
    if error.msg.startswith("Unterminated string"):
        return f"ends within the text that begins at {where}: it was cut off; save it again."
    if error.pos >= len(text.rstrip()):
        return f"ends too early, at {where}: it was cut off; save it again."
    return f"is no JSON: {error.msg} at {where}."


def values_in(documents: list[Any]) -> int:
    """How many values there are.

    :raises CaptureError: it is more than any scenario could hold, or deeper.
    """
    found = 0
    for values, depth in measured(documents):
        if values > _MOST_VALUES:
            raise CaptureError(f"holds more than {_MOST_VALUES:,} values.")
        if depth > MAX_DEPTH - _AROUND:
            raise CaptureError(f"is nested more than {MAX_DEPTH - _AROUND} levels deep.")
        found = values
    return found - 1


def answers_in(documents: Iterable[Any]) -> list[Any]:
    """The answers in documents: each a page, a list or a plan; of an archive, those of the two endpoints.

    :raises CaptureError: an archive holds none.
    """
    answers: list[Any] = []
    for one in documents:
        log = one.get("log") if isinstance(one, dict) else None
        answers += _archived(log) if isinstance(log, dict) else [one]
    return answers


def _archived(log: Mapping[str, Any]) -> list[Any]:
    """The answers of the vendor's two endpoints in an archive (HAR 1.2)."""
    entries = log.get("entries")
    entries = [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    texts = [archived_text(content) for content in map(_content, entries) if content is not None]
    if not texts:
        requests = counted(len(entries), "request")
        raise CaptureError(f"is an archive (HAR) of {requests}, and none is {_LIST} or one plan, answered with 200.")
    answers: list[Any] = []
    for text in filter(None, texts):
        try:
            answers += captures_in(text.encode())
        except CaptureError as error:
            raise CaptureError(f"is an archive (HAR), and an answer in it {error}") from None
    if not answers:
        raise CaptureError("is an archive (HAR) whose answers have no bodies; save it again with content.")
    return answers


def _content(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The content of an entry's answer, if that is one of the two endpoints."""
    request, response = entry.get("request"), entry.get("response")
    if not isinstance(request, dict) or not isinstance(response, dict) or response.get("status") != _OK:
        return None
    path = re.sub("[?#].*", "", str(request.get("url")), flags=re.DOTALL)
    if request.get("method") != "GET" or not _PLANS_PATH.search(path):
        return None
    content = response.get("content")
    return content if isinstance(content, dict) else {}


def archived_text(content: Mapping[str, Any]) -> str:
    """The body of an answer in an archive, read where it is in base64.

    :raises CaptureError: it is in base64, and cannot be read.
    """
    text = content.get("text")
    text = text if isinstance(text, str) else ""
    if content.get("encoding") != "base64":
        return text
    try:
        return base64.b64decode(text).decode()
    except ValueError:
        raise CaptureError("has an answer whose base64 cannot be read.") from None


def plans_in(answers: Iterable[Any]) -> list[Plan]:
    """Every plan in these answers, in their order.

    :raises CaptureError: there is none, or something stands in the place of one.
    """
    plans = [plan for answer in answers for plan in _plans(answer)]
    if not plans:
        raise CaptureError("holds a list without plans; save one that has some.")
    return plans


def _plans(answer: Any, *, inner: bool = False) -> Iterator[Plan]:
    if isinstance(answer, list) and not inner:
        for one in answer:
            yield from _plans(one, inner=True)
    elif isinstance(answer, dict) and isinstance(answer.get("results"), list):
        for one in answer["results"]:
            if not isinstance(one, dict):
                raise CaptureError("has a page with something in it that is no plan.")
            yield one
    elif isinstance(answer, dict) and not answer.keys().isdisjoint(("id", "state")):
        yield answer
    elif isinstance(answer, dict) and "detail" in answer:
        said = shortened(str(answer["detail"]))
        raise CaptureError(f"holds what an OMS says to a request that it refuses ({said!r}); save an answer with 200.")
    else:
        raise CaptureError("holds neither a plan, a list of plans, a page of it nor an archive of requests (HAR).")


def latest(plans: Iterable[Plan]) -> list[Plan]:
    """Each plan once, by its id: the one with the latest `modified_date`, of equal ones the last."""
    found: dict[Any, Plan] = {}
    for number, plan in enumerate(plans):
        wanted = CapturedPlan(raw=plan).wanted_id
        key = ("no id", number) if wanted is None else wanted
        if key not in found or modified(plan) >= modified(found[key]):
            found[key] = plan
    return list(found.values())


def modified(plan: Mapping[str, Any]) -> datetime:
    """When a plan was changed last; one that does not say so, longer ago than any other."""
    try:
        found = datetime.fromisoformat(str(plan.get("modified_date")))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)


def with_captured_plans(data: Mapping[str, Any], lines: Lines) -> tuple[Any, Lines]:
    """The document of a scenario file, and its lines, with the plans of each `raw: FILE` in the place of its name.

    A file stands in the scenario's folder or below it. `captured` of the lines are those that were named.

    :raises ScenarioError: one cannot be read, leads out of that folder, or holds no plans that a scenario can have.
    """
    folder = Path(os.path.realpath(lines.file.parent))
    entries = [one if isinstance(one, Mapping) else {} for one in data["plans"]]
    names = {number: one["raw"] for number, one in enumerate(entries) if isinstance(one.get("raw"), str)}
    captured = tuple(lines.file.parent / name for name in dict.fromkeys(names.values()) if "\0" not in name)
    read: dict[str, _File] = {}
    errors: dict[int, str] = {}
    size = values = 0
    for number, name in names.items():
        found = read[name] = read.get(name) or _read(folder, name)
        if found.error:
            errors[number] = found.error
        size, values = size + found.size, values + found.values
        if size > MAX_BYTES or values > MAX_NODES:
            most = f"{MAX_BYTES // 1_000_000} MB, or {MAX_NODES:,} values"
            errors[number] = f"{shortened(name)} makes the scenario larger than {most}; keep fewer plans."
            break
    if errors:
        problems = (lines.problem(("plans", number, "raw"), said) for number, said in errors.items())
        raise ScenarioError(problems, captured=captured)
    plans: list[Any] = []
    numbers = {place: line for place, line in lines.numbers.items() if place[:1] != ("plans",) or len(place) == 1}
    moved: dict[Any, list[int]] = {}
    for number, plan in enumerate(data["plans"]):
        # Another key beside `raw` is an error, which is said once.
        some = read[names[number]].plans[: 1 if len(plan) > 1 else None] if number in names else ()
        more = [{**plan, "raw": one} for one in some] or [plan]
        moved[number] = [*range(len(plans), len(plans) + len(more))]
        plans += more
    for place, line in lines.numbers.items():
        if place[:1] == ("plans",) and len(place) > 1:
            numbers |= {("plans", new, *place[2:]): line for new in moved[place[1]]}
    return {**data, "plans": plans}, replace(lines, numbers=numbers, captured=captured)


class _File(NamedTuple):
    """What a file holds: its plans, their bytes in a scenario and their values, or why it has none."""

    plans: Sequence[Plan] = ()
    size: int = 0
    values: int = 0
    error: str = ""


def _read(folder: Path, name: str) -> _File:
    """What a captured file holds that a scenario in this folder names."""
    try:
        plans = _usable(latest(plans_in(answers_in(captures_in(_content_of(folder, name))))))
        return _File(plans, sum(len(flow(one).encode()) for one in plans), values_in([*plans]))
    except CaptureError as error:
        return _File(error=f"{shortened(name) or 'no name'} {error}")


def _content_of(folder: Path, name: str) -> bytes:
    """The bytes of a captured file that a scenario in this folder names."""
    try:
        file = Path(os.path.realpath(folder / name))
        if Path(name).is_absolute() or not file.is_relative_to(folder):
            raise CaptureError("is not in the scenario's folder; copy it there, and name it relative to the scenario.")
        content = read_file(file, MOST_OF_CAPTURE + 1)
    except (OSError, ValueError) as error:  # a name with a zero in it is no path
        raise CaptureError(
            f"cannot be read: {getattr(error, 'strerror', None) or 'it is no name of a file'}."
        ) from None
    if len(content) > MOST_OF_CAPTURE:
        raise CaptureError(f"is larger than {MOST_OF_CAPTURE // 1_000_000} MB.")
    return content


def _usable(plans: list[Plan]) -> list[Plan]:
    """These plans, if a scenario can have each of them."""
    for number, plan in enumerate(plans, 1):
        captured = CapturedPlan(raw=plan)
        if not captured.is_usable:
            lacks = (
                f"no `id`, a whole number from 1 to {HIGHEST_ID}"
                if captured.wanted_id is None
                else "no `state` that the mock knows"
            )
            raise CaptureError(f"has a plan (number {number} of {len(plans)}) with {lacks}.")
    return plans
