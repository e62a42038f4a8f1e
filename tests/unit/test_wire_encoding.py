"""JSON and dates are written as Django REST framework writes them."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import fields

from mock_oms.rendering.encoding import Shape, day, encode, instant


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, None, True], "b": {}}, '{"a":[1,null,true],"b":{}}'),
        ("İstanbul Şişli", '"İstanbul Şişli"'),
        ('"\\/\n\x00', '"\\"\\\\/\\n\\u0000"'),
        ("\u2028\u2029", r'"\u2028\u2029"'),
        ("\U0001f4e6", '"\U0001f4e6"'),
    ],
    ids=["compact", "letters", "control", "separators", "beyond"],
)
def test_json_is_compact_and_escapes_only_what_it_must(value: object, text: str) -> None:
    assert encode(value) == text.encode()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@settings(deadline=None)
@given(value=json_values)
def test_json_reads_back_as_it_was(value: object) -> None:
    assert json.loads(encode(value)) == value


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_cannot_say_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"value": number})


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2024, 3, 5, 9, tzinfo=UTC), "2024-03-05T09:00:00.000000Z"),
        (datetime(2024, 3, 5, 9, 0, 0, 120, tzinfo=UTC), "2024-03-05T09:00:00.000120Z"),
        (datetime(2024, 3, 5, 1, 30, tzinfo=timezone(timedelta(hours=3))), "2024-03-04T22:30:00.000000Z"),
    ],
    ids=str,
)
def test_an_instant_is_utc_with_six_decimals(moment: datetime, text: str) -> None:
    assert instant(moment) == text
    assert day(moment) == text[:10]


def test_a_field_that_its_value_lacks_is_an_error_and_not_left_out() -> None:
    class Wrong(Shape):
        misspelt = fields.String()

    with pytest.raises(AttributeError, match="misspelt"):
        Wrong().dump(object())
