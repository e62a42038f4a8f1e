"""Rules of Django REST framework that the tables of the contract tests do not reach, or not by themselves."""

from io import BytesIO
from typing import Any

import pytest

from mock_oms.api.exchange import Call
from mock_oms.api.rest_framework import accepted_json, parsed, presented_token, throttled
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


#: Forms of a body, each with its type; of some charsets the codecs take time that grows with the square of a length.
BODIES = (
    ("application/json; charset={}", '{"username": "ğ"}'),
    ("application/x-www-form-urlencoded; charset={}", "username=ğ"),
    (
        "multipart/form-data; boundary=B; charset={}",
        '--B\r\nContent-Disposition: form-data; name="username"\r\n\r\nğ\r\n--B--\r\n',
    ),
    (
        "multipart/form-data; boundary=B",
        '--B\r\nContent-Disposition: form-data; name="username"\r\nContent-Type: text/plain; charset={}\r\n\r\nğ\r\n--B--\r\n',
    ),
)


def test_a_body_is_read_as_utf_8_whatever_charset_it_names() -> None:
    def read(kind: str, body: str, charset: str) -> object:
        sent = body.replace("{}", charset).encode()
        said: dict[str, Any] = {
            "root": "",
            "query": "",
            "scheme": "http",
            "host": "shop",
            "accept": None,
            "authorization": "",
        }
        return parsed(
            Call(
                method="POST",
                path="/",
                **said,
                content_type=kind.format(charset),
                content_length=len(sent),
                stream=BytesIO(sent),
            )
        )

    charsets = ("punycode", "idna", "utf-7", "utf-16", "zip", "base64", "nope", "")
    found = {(kind, charset): read(kind, body, charset) for kind, body in BODIES for charset in charsets}
    assert {case: data for case, data in found.items() if data != {"username": "ğ"}} == {}
