"""Places: the same member of all plans is one of them, whatever the keys of a map are."""

import json

import pytest

from mock_oms.conformance.shapes import above, format_of, is_member, json_type, parent, parts, walked


def places(value: object, root: str = "plan") -> list[str]:
    return [place for place, _ in walked(value, root)]


def test_rows_of_an_array_are_one_place() -> None:
    assert places({"items": [{"id": 1}, {"id": 2}]}) == [
        "plan",
        "plan.items",
        "plan.items[]",
        "plan.items[].id",
        "plan.items[]",
        "plan.items[].id",
    ]


@pytest.mark.parametrize(
    ("context", "place"),
    [
        ({"1": {"date": "x", "stock_locations": {"Kadikoy": {"88": {"sku": "A"}}}}},
         "plan.context{}.stock_locations{}{}.sku"),
        ({"2024-03-05": {"700451": {"WH001": {"quantity": "5.00"}}}}, "plan.context{}{}{}.quantity"),
    ],
)  # fmt: skip
def test_keys_of_a_context_are_data_in_any_layout(context: object, place: str) -> None:
    assert place in places({"context": context})


def test_keys_that_are_no_names_are_data_everywhere() -> None:
    assert "plan.by_mail{}" in places({"by_mail": {"ayse@kisi.example": 1}})


def test_names_of_members_are_kept_with_digits_and_hyphens() -> None:
    assert places({"tr-tr": 1, "address1": 2}) == ["plan", "plan.tr-tr", "plan.address1"]


def test_what_a_shop_fills_as_it_likes_is_not_looked_into() -> None:
    assert places({"attributes": {"renk": "Kırmızı"}}) == ["plan", "plan.attributes"]


def test_what_is_nested_absurdly_is_not_followed_to_its_end() -> None:
    assert len(places(json.loads("[" * 900 + "]" * 900))) < 300


def test_a_place_knows_its_steps_and_what_holds_it() -> None:
    place = "plan.context{}.stock_locations"
    assert parts(place) == ("plan", "context", "{}", "stock_locations")
    assert list(above(place)) == ["plan.context{}", "plan.context", "plan"]
    assert parent("plan") == ""
    assert [is_member(one) for one in (place, "plan.context{}", "plan")] == [True, False, False]


@pytest.mark.parametrize(("text", "name"), [
    ("2024-03-05T09:00:00.000000Z", "date-time in UTC/6"),
    ("2024-03-05T09:00:00Z", "date-time in UTC"),
    ("2024-03-05T12:00:00+03:00", "date-time with an offset"),
    ("2024-03-05 09:00:00", "date-time without a zone"),
    ("2024-03-05", "date"), ("-5.00", "decimal/2"),
    ("https://a.example/?page=2", "absolute address"),
    ("4400917731", "text"), ("", None),
])  # fmt: skip
def test_a_format_is_told_from_a_text(text: str, name: str | None) -> None:
    assert format_of(text) == name


@pytest.mark.parametrize(
    ("value", "name"),
    [(True, "boolean"), (1, "integer"), (1.0, "number"), ("", "string"), ([], "array"), ({}, "object"), (None, "null")],
)
def test_a_type_is_named_as_in_json_schema(value: object, name: str) -> None:
    assert json_type(value) == name
