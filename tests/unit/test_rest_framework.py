"""The rules of Django REST framework by themselves; whether they are its rules is for the contract tests to say."""

import pytest

from mock_oms.api.exchange import Refused
from mock_oms.api.rest_framework import (
    Auth,
    accepted_json,
    check_credentials,
    compact,
    indent_of,
    indented,
    link,
    page_number,
    page_size,
    plan_id,
    presented_token,
    throttled,
)
from mock_oms.switches import Switches

URL = "http://oms.test/plans/"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("*/*; indent=2", "application/json;indent=2"),
        ("text/html, application/json; indent=4", "application/json; indent=4"),
        ("*/*, application/json; indent=4", "application/json; indent=4"),
        ("application/json;q=0", "application/json;q=0"),
        ("text/html", None),
        ("", None),
    ],
)
def test_the_most_specific_range_that_allows_json_is_taken(accept: str | None, expected: str | None) -> None:
    assert accepted_json(accept) == expected


@pytest.mark.parametrize(("text", "expected"), [("4", 4), ("0", None), ("99", 8), ("-1", None), ("x", None)])
def test_indentation_is_kept_between_none_and_eight(text: str, expected: int | None) -> None:
    assert indent_of(f"application/json; indent={text}") == expected


@pytest.mark.parametrize(
    ("words", "auth", "text"),
    [
        ([], "token", "Authentication credentials were not provided."),
        ([b"Bearer", b"x"], "token", "Authentication credentials were not provided."),
        ([b"Bearer"], "both", "Invalid token header. No credentials provided."),
        ([b"Token", b"x", b"y"], "token", "Invalid token header. Token string should not contain spaces."),
        ([b"token", b"\xff"], "token", "Invalid token header. Token string should not contain invalid characters."),
    ],
)
def test_an_authorization_header_without_a_token_is_refused_in_its_own_words(
    words: list[bytes], auth: Auth, text: str
) -> None:
    with pytest.raises(Refused) as refusal:
        check_credentials(words, auth)
    assert (refusal.value.status, refusal.value.data) == (401, {"detail": text})


def test_where_authentication_is_off_no_header_is_refused() -> None:
    check_credentials([b"Token"], "off")


@pytest.mark.parametrize(("words", "token"), [([b"BEARER", b"x"], "x"), ([b"Basic", b"x"], None), ([b"Token"], None)])
def test_a_token_names_its_world_under_either_keyword(words: list[bytes], token: str | None) -> None:
    assert presented_token(words) == token


@pytest.mark.parametrize(("seconds", "unit"), [(1, "second."), (2, "seconds.")])
def test_a_throttled_call_is_told_when_to_come_back(seconds: int, unit: str) -> None:
    assert throttled(seconds).data["detail"].endswith(f"in {seconds} {unit}")


@pytest.mark.parametrize("text", ["7", "+7", "007", " 7\n", "٧", "７"])
def test_an_id_is_whatever_python_takes_for_an_integer(text: str) -> None:
    assert plan_id(text) == 7


def test_json_has_no_blanks_and_keeps_its_letters_but_not_what_ends_a_line_of_javascript() -> None:
    assert compact({"a": "ğ\u2028", "b": [1, 2]}) == b'{"a":"\xc4\x9f\\u2028","b":[1,2]}'
    assert indented(b'{"a":"\xe2\x80\xa8"}', 1) == b'{\n "a": "\\u2028"\n}'


@pytest.mark.parametrize(("text", "size"), [("5", 5), ("1000", 100), ("0", 10), ("-1", 10), ("x", 10), ("", 10)])
def test_a_page_size_is_capped_and_anything_odd_is_the_default(text: str, size: int) -> None:
    assert page_size({"limit": text}, Switches()) == size


@pytest.mark.parametrize("text", ["0", "4", "-1", "x", "1.0", "9" * 5_000])
def test_a_page_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        page_number(text, pages=3)


@pytest.mark.parametrize(("text", "number"), [(None, 1), ("", 1), ("3", 3), ("last", 3)])
def test_a_page_is_a_number_or_the_last_or_by_default_the_first(text: str | None, number: int) -> None:
    assert page_number(text, pages=3) == number


def test_a_link_sorts_its_parameters_and_leaves_out_the_first_page() -> None:
    assert link(f"{URL}?page=2&limit=5&b=%C3%A7", 3) == f"{URL}?b=%C3%A7&limit=5&page=3"
    assert link(f"{URL}?page=2&limit=5", 1) == f"{URL}?limit=5"
    assert link(f"{URL}?page=2", 1) == URL
