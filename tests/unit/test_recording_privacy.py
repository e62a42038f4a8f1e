import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.conformance.recorder.allowed import Unknown, UnknownFieldError
from mock_oms.conformance.recorder.allowed import scrubbed as scrubbed_all
from tests.profiles import examples
from tests.recorded import KEPT, MADE, MONEY, NUMBERS, TEXTS, at, changed, real_plans, scrubbed, survivors, walk
from tests.worlds import Tale, rendered, tales

#: A letter that is in nothing that we make up.
MARK = "ψ"
MARKED = st.text(min_size=3, max_size=12).map(lambda text: f"{MARK}{text}{MARK}")
JSON = st.recursive(
    st.one_of(MARKED, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(MARKED, inner, max_size=3)),
    max_leaves=8,
)


PLANS = real_plans()
PLAN = PLANS[-1]
ITEM = ("orderexecutionplanitem_set", 0)


def marked(value: Any, name: str, draw: Any) -> Any:
    """The same plan with marks in every text that the allow-list does not keep, and in the keys of free rooms."""
    if isinstance(value, dict):
        free = name == "attributes"
        return {draw(MARKED) if free else key: marked(one, "" if free else key, draw) for key, one in value.items()}
    if isinstance(value, list):
        return [marked(one, name, draw) for one in value]
    return draw(MARKED) if isinstance(value, str) and name not in KEPT | MONEY else value


#: Places of which the allow-list does not know every field.
ROOMS: tuple[tuple[Any, ...], ...] = (
    (), ("order",), ("order", "customer"), ("order", "state"), ("order", "extra_field"), ITEM, (*ITEM, "order_item"),
    ("context",),
)  # fmt: skip


@examples(15)
@given(st.data())
def test_no_text_outside_the_allow_list_survives_and_an_unknown_place_stops_the_run(data: st.DataObject) -> None:
    plan = marked(data.draw(st.sampled_from(PLANS)), "", data.draw)
    assert MARK not in json.dumps(scrubbed(plan), ensure_ascii=False)
    strange = changed(plan, data.draw(JSON), (*data.draw(st.sampled_from(ROOMS)), data.draw(MARKED)))
    how: tuple[Unknown, ...] = ("drop", "hash")
    for unknown in how:
        assert MARK not in json.dumps(scrubbed(strange, walk(unknown)), ensure_ascii=False)
    with pytest.raises(UnknownFieldError):
        scrubbed(strange)


@examples(6)
@given(tales())
def test_plans_of_any_world_are_known_and_nothing_of_them_survives(tale: Tale) -> None:
    plans = [one for one in rendered(tale.worlds()[-1], tale.scenario).values() if "order" in one]
    left = json.dumps([scrubbed(plan) for plan in plans], ensure_ascii=False)
    assert [one for one in survivors(plans, left) if one != "2018-01-01"] == []


def test_nothing_of_real_names_survives() -> None:
    left = json.dumps([scrubbed(plan) for plan in PLANS], ensure_ascii=False)
    assert survivors(PLANS, left) == []
    every = json.dumps(PLANS, ensure_ascii=False)
    assert {"İbrahim Işıl", "Ğülşen 🎁", "ZEYTİN-42"} <= set(survivors(PLANS, every))


PRODUCT = (*ITEM, "order_item", "product")
#: Places of every sort in which a pseudonym stands.
PLACES: tuple[tuple[Any, ...], ...] = (
    *(("order", field) for field in ("number", "notes", "cargo_company", "shipping_option_slug")),
    *(("order", "customer", field) for field in ("first_name", "last_name", "email", "phone_number")),
    *(("order", "shipping_address", field) for field in ("title", "postcode", "latitude")),
    *((*PRODUCT, field) for field in ("sku", "base_code", "barcode", "name", "id")),
    *((*ITEM, "stock_location", field) for field in ("id", "erp_code", "name")),
)


@examples(40)
@given(st.one_of(TEXTS, NUMBERS))
def test_the_same_value_is_the_same_wherever_it_stands_in_a_plan(value: Any) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    plan = changed(PLAN, value, *PLACES, ("strange",))
    plan = changed(plan, {text: [value, {"two": value}]}, (*PRODUCT, "attributes"), ("stranger",))
    plan["context"] = {"1": {"stock_locations": {text: {text: {"sku": value}}}}}
    left = scrubbed(plan, walk("hash"))
    found = [*(at(left, place) for place in PLACES), left[MADE.text("strange")]]
    for free in (at(left, (*PRODUCT, "attributes")), left[MADE.text("stranger")]):
        ((key, (one, two)),) = free.items()
        found += [key, one, two[MADE.text("two")]]
    ((code, items),) = left["context"]["1"]["stock_locations"].items()
    ((number, figures),) = items.items()
    found += [code, number, figures["sku"]]
    assert {one if isinstance(one, str) else json.dumps(one) for one in found} == {MADE.text(text)}


def test_a_sku_that_is_kept_stays_in_its_own_fields_only() -> None:
    left = scrubbed(changed(PLAN, "ZEYTİN-42", *PLACES), walk(keep="sku"))
    kept = [place for place in PLACES if at(left, place) == "ZEYTİN-42"]
    assert kept == [(*PRODUCT, "sku"), (*PRODUCT, "base_code")]
    assert {at(left, place) for place in PLACES} == {"ZEYTİN-42", MADE.text("ZEYTİN-42")}


def test_joins_within_a_plan_and_across_plans_survive() -> None:
    plans = [scrubbed(plan) for plan in PLANS]
    plan = plans[-1]
    order_items = {one["id"] for one in plan["order"]["orderitem_set"]}
    seen = {int(item) for at in plan["context"].values() for cell in at["stock_locations"].values() for item in cell}
    assert seen == order_items == {one["order_item"]["id"] for one in plan["orderexecutionplanitem_set"]}
    assert {one["order_execution_plan"] for one in plan["orderexecutionplanitem_set"]} == {plan["id"]}
    skus = {one["product"]["sku"] for plan in plans for one in plan["order"]["orderitem_set"]}
    figures = [one for plan in plans for at in plan["context"].values() for one in at["stock_locations"].values()]
    assert {cell["sku"] for one in figures for cell in one.values()} <= skus
    assert len(skus) == 2


def test_states_types_quantities_commands_and_the_order_of_fields_are_kept_and_location_codes_on_demand() -> None:
    for plan in PLANS:
        left = scrubbed(plan)
        assert (left["state"], left["commands"], list(left)) == (plan["state"], plan["commands"], list(plan))
        assert left["order"]["payment_type"] == plan["order"]["payment_type"]
        assert {one["quantity"] for one in left["orderexecutionplanitem_set"]} == {1}
    assert '"WH1": {' in json.dumps(scrubbed(PLAN, walk(keep="erp_code")))


@pytest.mark.parametrize(("place", "value", "path"), [
    (("order", "customer", "loyalty"), None, "order.customer.loyalty"),
    (("order", "loyalty"), None, "order.loyalty"),
    ((*ITEM, "loyalty"), None, "orderexecutionplanitem_set[].loyalty"),
    (("loyalty",), None, "loyalty"),
    (("commands",), '[{"operator": "Ayşe"}]', "commands[].operator"),
])  # fmt: skip
def test_an_unknown_field_is_named_with_its_path(place: tuple[Any, ...], value: Any, path: str) -> None:
    with pytest.raises(UnknownFieldError) as refused:
        scrubbed(changed(PLAN, value, place))
    assert refused.value.paths == (path,)


def test_the_name_of_an_unknown_field_is_shown_only_where_it_is_like_a_fields() -> None:
    names = ("ayse@example.com", "Ayşe Yılmaz", "+905321112233", "tel5321112233", "a.b", "\x1b[31m", "Yilmaz", "x" * 61)
    strange = changed(PLAN, None, *(("order", "customer", name) for name in (*names, "loyaltyPoints")))
    with pytest.raises(UnknownFieldError) as refused:
        scrubbed(strange)
    shown = [f"a name of {len(name)} characters" for name in names]
    assert refused.value.paths == tuple(f"order.customer.{name}" for name in dict.fromkeys([*shown, "loyaltyPoints"]))


QUANTITY, TAX_RATE = (*ITEM, "quantity"), ("order", "orderitem_set", 0, "tax_rate")


@pytest.mark.parametrize(("place", "value"), [
    (("state",), True), (("state",), {"name": 5, "note": "x"}), (("commands",), 5.5), (("context",), ["x"]),
    (("context",), {"many": {}}), (("order", "amount"), True), (("order", "amount"), 10**40),
    (("order", "date_placed"), 5), (("order", "payment_type"), []), (QUANTITY, [1]), (QUANTITY, 5321112233),
    (QUANTITY, "1234.567"), (QUANTITY, "5321112"), (QUANTITY, "0.5321112"), (TAX_RATE, "1000"),
    (TAX_RATE, "5321112233"), (TAX_RATE, "20.12345"),
])  # fmt: skip
def test_a_field_that_holds_another_form_stops_the_run(place: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(UnknownFieldError, match=str(place[-1])):
        scrubbed(changed(PLAN, value, place))


@pytest.mark.parametrize(("place", "value"), [
    (("commands",), "plan-cancel,plan-reschedule"),
    (("commands",), "reschedule, cancel"), (("commands",), ""), (("commands",), []),
    (("commands",), '[{"slug":"plan-cancel"}]'), (QUANTITY, 1), (QUANTITY, "1.000"), (QUANTITY, 250000),
    (QUANTITY, -3),
])  # fmt: skip
def test_what_is_kept_stays_as_it_was_written(place: tuple[Any, ...], value: Any) -> None:
    assert at(scrubbed(changed(PLAN, value, place)), place) == value


def test_a_plan_that_is_nested_too_deeply_is_one_text_below_and_what_is_none_is_nothing() -> None:
    deep = json.loads("[" * 200 + '"Ayşe"' + "]" * 200)
    assert "Ayşe" not in json.dumps(scrubbed({**PLAN, "deep": deep}, walk("hash")), ensure_ascii=False)
    assert scrubbed_all([None, 5, "Ayşe", ["Ayşe"]], walk("drop")) == [None] * 4


@pytest.mark.parametrize(("place", "value"), [
    (("state",), "ayse_yilmaz"), (("state",), "Ayşe Yılmaz"),
    (("commands",), "plan-cancel, ara-05321112233"),
    (("commands",), [{"slug": "ayse-yilmaz", "name": "Ayşe'yi ara", "command_code": "ayse"}]),
    (("order", "state", "name"), "Ayşe Yılmaz bekliyor"),
    (("order", "state", "translations", "tr-tr", "name"), "Ayşe Yılmaz bekliyor"),
    (("order", "payment_type"), "ayse"), (("order", "delivery_type"), "AyseYilmaz"), (("order", "currency"), "AYS"),
    (("order", "language_code"), "ay-se"), ((*ITEM, "state"), "ayse"),
])  # fmt: skip
def test_a_word_that_nobody_knows_becomes_a_pseudonym_also_beside_a_known_one(
    place: tuple[Any, ...], value: Any
) -> None:
    left = json.dumps(scrubbed(changed(PLAN, value, place)), ensure_ascii=False).lower()
    assert [one for one in ('"ays"', "ayse", "ayşe", "ay-se", "yılmaz", "yilmaz", "0532", '"ara') if one in left] == []
    assert scrubbed({**PLAN, "commands": "plan-cancel, ayse"})["commands"].startswith("plan-cancel, ")


@pytest.mark.parametrize(
    ("date", "is_moved"), [("2024-03-05", True), ("1985-03-04", False), ("9999-12-31", False), ("soon", False)]
)
def test_only_a_date_that_an_oms_wrote_is_moved_by_the_offset(date: str, is_moved: bool) -> None:
    left = scrubbed(changed(PLAN, date, ("order", "date_placed"), ("order", "notes")))["order"]
    assert left["notes"] == MADE.text(date) != MADE.moved(date)
    assert left["date_placed"] == (MADE.moved(date) if is_moved else MADE.text(date))
