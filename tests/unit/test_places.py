"""Places: the same member of all plans is one of them, whatever the keys of a map are."""

import json

import pytest

from mock_oms.conformance.shapes import above, format_of, is_member, json_type, parent, walked


@pytest.mark.parametrize(("value", "found"), [
    ({"items": [{"id": 1}, {"id": 2}]}, "items, items[], items[].id, items[], items[].id"),
    # Keys of a context are data in any layout.
    ({"context": {"1": {"stock_locations": {"Kadikoy": {"88": {"sku": "A"}}}}}},
     ("context, context{}, context{}.stock_locations, context{}.stock_locations{}, context{}.stock_locations{}{}, "
     "context{}.stock_locations{}{}.sku")),
    ({"context": {"2024-03-05": {"700451": {"WH001": {"quantity": "5.00"}}}}},
     "context, context{}, context{}{}, context{}{}{}, context{}{}{}.quantity"),
    # Keys that are no names are data everywhere; digits and hyphens stand in names, too.
    ({"by_mail": {"ayse@kisi.example": 1}}, "by_mail, by_mail{}"), ({"tr-tr": 1, "address1": 2}, "tr-tr, address1"),
    ({"attributes": {"renk": "Kırmızı"}}, "attributes"),  # what a shop fills as it likes is not looked into
], ids=["rows", "context", "other context", "no names", "names", "attributes"])  # fmt: skip
def test_the_same_member_of_all_plans_is_one_place(value: object, found: str) -> None:
    assert [place for place, _ in walked(value, "plan")] == ["plan", *(f"plan.{one}" for one in found.split(", "))]


def test_a_place_knows_what_holds_it_and_is_not_followed_absurdly_deep() -> None:
    place = "plan.context{}.stock_locations"
    assert list(above(place)) == ["plan.context{}", "plan.context", "plan"]
    assert parent("plan") == ""
    assert [is_member(one) for one in (place, "plan.context{}", "plan")] == [True, False, False]
    assert len(list(walked(json.loads("[" * 900 + "]" * 900), "plan"))) < 300


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
