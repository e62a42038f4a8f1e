"""Answers that are not what they say: each kind spoils one thing, and leaves the rest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.text import framework_json
from mock_oms.traffic.faults.body_changes import broken_body, reshaped_body
from mock_oms.traffic.faults.fault import BrokenBody, Shape
from tests.profiles import examples

JSON = "application/json"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["İstanbul", "Ä°", 'a"\\:b', ""]
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
BODIES = st.dictionaries(TEXT, ANY_JSON, max_size=4) | st.lists(ANY_JSON, max_size=4)


def is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


@examples(30)
@given(BODIES)
def test_invalid_json_is_none_from_whatever_it_was_made(data: Any) -> None:
    body, content_type = broken_body(BrokenBody.INVALID_JSON, framework_json(data), JSON)
    assert (is_json(body), content_type) == (False, JSON)
    body.decode()


@pytest.mark.parametrize(
    ("kind", "body", "broken"),
    [
        # It breaks off inside a text, or has a comma too many.
        (BrokenBody.INVALID_JSON, b'{"a":1,"b":"text"}', (b'{"a":1,"b":"text', JSON)),
        (BrokenBody.INVALID_JSON, b"[1]", (b"[1],", JSON)),
        (BrokenBody.EMPTY, b'{"a":1}', (b"", JSON)),
        (BrokenBody.WRONG_CONTENT_TYPE, b'{"a":1}', (b'{"a":1}', "text/html; charset=utf-8")),
    ],
)
def test_each_kind_breaks_one_thing_and_leaves_the_rest(kind: BrokenBody, body: bytes, broken: object) -> None:
    assert broken_body(kind, body, JSON) == broken


def test_html_says_that_it_is() -> None:
    body, content_type = broken_body(BrokenBody.HTML, b"{}", JSON)
    assert (body.startswith(b"<!DOCTYPE html>"), content_type) == (True, "text/html")


@examples(40)
@given(BODIES)
def test_a_bad_encoding_is_no_utf_8_and_json_in_latin_5(data: Any) -> None:
    body, content_type = broken_body(BrokenBody.BAD_ENCODING, framework_json(data), JSON)
    assert content_type == JSON
    with pytest.raises(UnicodeDecodeError):
        body.decode()
    assert is_json(body.decode("iso-8859-9").encode())


TEXTS = {"city": "İstanbul, Muğla", "sign": "€ 🙂 ð", "count": 1}


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (TEXTS, TEXTS),
        # A letter is put in where none would be noticed.
        ({"id": 1, "name": "a"}, {"id": 1, "name": "aş"}),
        ({"id": 1}, {"idş": 1}),
        ([], ["ş"]),
        ({"name": "Ä°"}, {"name": "Ä°ş"}),
    ],
)
def test_a_bad_encoding_keeps_the_texts_and_has_a_letter_that_shows_it(data: Any, wanted: Any) -> None:
    body, _ = broken_body(BrokenBody.BAD_ENCODING, framework_json(data), JSON)
    assert json.loads(body.decode("iso-8859-9")) == wanted


# Shapes, on rows that are short enough to be read; tests/contract/test_shapes.py has real ones


def rows_after(kind: Shape, *rows: Any, previous: bytes | None = None) -> Any:
    page = {"count": len(rows), "next": None, "previous": None, "results": rows}
    return json.loads(reshaped_body(kind, framework_json(page), previous=previous))["results"]


@pytest.mark.parametrize("kind", Shape)
def test_what_is_no_plan_and_no_list_of_them_is_survived(kind: Shape) -> None:
    for body in (b"[]", b"{}", b"null", b"[1]", b'{"a": [1,  2]}'):
        assert type(json.loads(reshaped_body(kind, body, previous=None))) is type(json.loads(body)), body


@pytest.mark.parametrize("kind", sorted({*Shape} - {Shape.EXTRA_FIELD}))
def test_what_has_nothing_to_change_stays_as_it_is_to_the_byte(kind: Shape) -> None:
    assert reshaped_body(kind, b'{"a": [1,  2]}', previous=None) == b'{"a": [1,  2]}'


@pytest.mark.parametrize(("previous", "wanted"), [(b"9", [9, 1, 2]), (None, [1, 2, 3])])
def test_the_row_of_the_page_before_comes_first_and_one_goes(previous: bytes | None, wanted: list[int]) -> None:
    assert rows_after(Shape.DUPLICATE_ACROSS_PAGES, 1, 2, 3, previous=previous) == wanted


@pytest.mark.parametrize(("rows", "wanted"), [((1, 2, 3), [1, 3]), ((1, 2), [1]), ((1,), []), ((), [])])
def test_a_row_is_dropped_from_the_middle(rows: tuple[int, ...], wanted: list[int]) -> None:
    assert rows_after(Shape.DROP_FROM_PAGE, *rows) == wanted


@pytest.mark.parametrize("size", range(2, 12))
def test_a_shuffled_page_has_the_same_rows_in_another_order(size: int) -> None:
    rows = list(range(size))
    found = rows_after(Shape.SHUFFLE, *rows)
    assert (sorted(found), found != rows) == (rows, True)


def test_a_time_with_an_offset_loses_it_too() -> None:
    given = {"at": "2024-03-05T09:00:00+03:00", "day": "2024-03-05", "text": "at 2024-03-05T09:00:00Z"}
    found = json.loads(reshaped_body(Shape.NO_TIMEZONE, framework_json(given), previous=None))
    assert found == {**given, "at": "2024-03-05T09:00:00"}


def test_all_else_in_a_row_stays_to_the_byte() -> None:
    body = '{"count":1,"next":"İ","previous":null,"results":[{"id":1,"price":1.10,"sum":"1.10","line":"\\u2028"}]}'
    found = reshaped_body(Shape.ID_AS_STRING, body.encode(), previous=None).decode()
    assert found == body.replace('"id":1', '"id":"1"').replace("1.10,", "1.1,")
