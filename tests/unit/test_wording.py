"""The framework's sentences: whatever the mock refuses with is recognised, and nothing that holds somebody's words."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from mock_oms.api.rest_framework import throttled
from mock_oms.contract.wording import is_sentence, model_in
from mock_oms.switches import Switches
from tests.drf.cases import CASES
from tests.drf.fake_world import FakeSimulation, app_of
from tests.drf.wire import Sent, call

#: What the framework says and the mock never does.
UNSAID = (
    "Incorrect authentication credentials.",
    "Malformed request.",
    "A server error occurred.",
    "Request was throttled.",
)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(one)


@cache
def refusals() -> tuple[tuple[str, Sent], ...]:
    """Every sentence with which the mock refuses one of the requests that are compared with the framework's own."""
    rows = [sent for name, sents in CASES.items() for sent in (sents[::10] if name.startswith("queries") else sents)]
    turns = (
        (Switches(), rows),
        (Switches(not_found="model"), CASES["ids"]),
        (Switches(auth="bearer"), CASES["authorization"]),
    )
    apps = [(app_of(FakeSimulation(answers)).wsgi_app, sents) for answers, sents in turns]
    asked = [(call(app, sent), sent) for app, sents in apps for sent in sents]
    refused = [(one.body, sent) for one, sent in asked if one.status >= "4" and one.body.startswith(b"{")]
    return tuple({text: sent for body, sent in refused for text in texts(json.loads(body))}.items())


def recognised() -> list[str]:
    return [*UNSAID, *(text for text, _ in refusals() if is_sentence(text))]


def test_every_sentence_of_the_mock_is_recognised_but_where_it_repeats_what_is_nobody_elses_word() -> None:
    strange = {text: sent for text, sent in refusals() if not is_sentence(text)}
    assert [text for text, sent in strange.items() if not _repeats(text, sent)] == []
    assert len(strange) < len(refusals()) / 4


def _repeats(text: str, sent: Sent) -> bool:
    kind = sent.headers.get("Content-Type", "")
    said = (f'"{sent.method}"', kind, kind.partition("boundary=")[2])
    return any(one in text for one in said if one)


def test_no_sentence_is_recognised_with_anything_around_it_or_inside() -> None:
    spoilt = [f"{text[:at]}gulsah{text[at:]}" for text in recognised() for at in range(len(text) + 1)]
    assert [text for text in (*spoilt, *(f"{text}\n" for text in recognised()), "", ".") if is_sentence(text)] == []


KNOWN = (
    *UNSAID,
    "Invalid token header. Token string should not contain spaces.",
    'Method "PATCH" not allowed.',
    'Unsupported media type "application/xml" in request.',
    'Unsupported charset "bz2" in request Content-Type header.',
    "Multipart form parse error - Invalid boundary in multipart: None",
    "Multipart form parse error - Request max total header size exceeded.",
    "Invalid data. Expected a dictionary, but got list.",
    "Surrogate characters are not allowed: U+D800.",
    "JSON parse error - Illegal trailing comma before end of object: line 1 column 9 (char 8)",
    "JSON parse error - Out of range float values are not JSON compliant: 'NaN'",
    *(throttled(seconds).data["detail"] for seconds in (1, 17)),
)
SOMEBODYS = (
    'Method "gulsah" not allowed.',
    'Method "GULSAH" not allowed.',
    "JSON parse error - Expecting value: line 532123456 column 1 (char 0)",
    'Unsupported media type "text/gulsah" in request.',
    'Unsupported media type "text/plain; charset=gulsah" in request.',
    "Multipart form parse error - Invalid boundary in multipart: gulsah",
    "Multipart form parse error - Invalid non-ASCII Content-Type in multipart: gülşah",
    "JSON parse error - gulsah",
    "Request was throttled. Expected available in 905321170042 seconds.",
    "Request was throttled. Expected available in 5321170 seconds.",
    "Request was throttled. Expected available in {n} seconds.",
    "Surrogate characters are not allowed: U+0041.",
)


def test_a_sentence_of_the_framework_is_recognised_and_none_that_repeats_somebodys_word() -> None:
    assert [text for text in (*KNOWN, *SOMEBODYS) if is_sentence(text)] == list(KNOWN)


@pytest.mark.parametrize(("text", "names"), [
    ("No Gulsah matches the given query.", True), ("No Plan matches the given query.", True),
    ("No Şube matches the given query.", True), ("Not found.", False), ("No  matches the given query.", False),
    ("No a b matches the given query.", False), ("No X matches the query.", False),
])  # fmt: skip
def test_a_missing_row_of_another_model_is_known_and_none_of_the_frameworks_sentences(text: str, names: bool) -> None:
    assert (model_in(text) is not None) is names
    assert is_sentence(text) is (text == "Not found.")
