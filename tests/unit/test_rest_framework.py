"""Rules of Django REST framework that the tables of the contract tests do not reach, or not by themselves."""

import pytest

from mock_oms.api.rest_framework import accepted_json, presented_token, throttled
from mock_oms.text import framework_json


@pytest.mark.parametrize(("accept", "expected"), [
    (None, "application/json"),
    ("*/*; indent=2", "application/json;indent=2"),
    ("text/html, application/json; indent=4", "application/json; indent=4"),
    ("*/*, application/json; indent=4", "application/json; indent=4"),
    ("application/json;q=0", "application/json;q=0"),
    ("text/html", None), ("", None),
])  # fmt: skip
def test_the_most_specific_range_that_allows_json_is_taken(accept: str | None, expected: str | None) -> None:
    assert accepted_json(accept) == expected


def test_a_token_names_its_world_and_a_throttled_call_is_told_when_to_come_back() -> None:
    words = ([b"BEARER", b"x"], [b"Basic", b"x"], [b"Token"])
    assert [presented_token(one) for one in words] == ["x", None, None]
    said = [throttled(seconds).data["detail"].partition(" in ")[2] for seconds in (1, 2)]
    assert said == ["1 second.", "2 seconds."]


def test_json_has_no_blanks_and_keeps_its_letters_but_not_what_ends_a_line_of_javascript() -> None:
    assert framework_json({"a": "ğ\u2028", "b": [1, 2]}) == b'{"a":"\xc4\x9f\\u2028","b":[1,2]}'
    assert framework_json({"a": "\u2028"}, 1) == b'{\n "a": "\\u2028"\n}'
