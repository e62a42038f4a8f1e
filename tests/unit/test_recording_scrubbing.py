"""What is left of plans, and above all what is not."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_oms.conformance.recorder.rules import KeptIfListed, RuleWalk, Unknown, UnknownFieldError
from mock_oms.conformance.recorder.scenario import scrubbed
from tests.recorded import KEPT, MONEY, real_plans, secrets_of, survivors, walk
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


def told(plan: dict[str, Any], how: RuleWalk | None = None) -> dict[str, Any]:
    found = scrubbed(plan, how or walk())
    assert found is not None
    return found


def marked(value: Any, name: str, draw: st.DrawFn) -> Any:
    """The same plan with marks in every text that the allow-list does not keep, and in the keys of free rooms."""
    if isinstance(value, dict):
        free = name == "attributes"
        return {draw(MARKED) if free else key: marked(one, "" if free else key, draw) for key, one in value.items()}
    if isinstance(value, list):
        return [marked(one, name, draw) for one in value]
    return draw(MARKED) if isinstance(value, str) and name not in KEPT | MONEY else value


@st.composite
def marked_plans(draw: st.DrawFn) -> dict[str, Any]:
    plan: dict[str, Any] = marked(draw(st.sampled_from(PLANS)), "", draw)
    return plan


@st.composite
def strange_plans(draw: st.DrawFn) -> dict[str, Any]:
    """Plans with any JSON in a place of which the allow-list knows nothing."""
    plan = json.loads(json.dumps(draw(marked_plans())))
    order, item = plan["order"], plan["orderexecutionplanitem_set"][0]
    rooms = (
        plan,
        order,
        order["customer"],
        order["state"],
        order["extra_field"],
        item,
        item["order_item"],
        plan["context"],
    )
    draw(st.sampled_from(rooms))[draw(MARKED)] = draw(JSON)
    return plan  # type: ignore[no-any-return]


@settings(max_examples=40, deadline=None)
@given(marked_plans())
def test_no_text_outside_the_allow_list_survives(plan: dict[str, Any]) -> None:
    assert MARK not in json.dumps(told(plan), ensure_ascii=False)


@settings(max_examples=60, deadline=None)
@given(strange_plans(), st.sampled_from([Unknown.DROP, Unknown.HASH]))
def test_nothing_survives_in_unknown_places(plan: dict[str, Any], unknown: Unknown) -> None:
    assert MARK not in json.dumps(told(plan, walk(unknown)), ensure_ascii=False)


@settings(max_examples=60, deadline=None)
@given(strange_plans())
def test_an_unknown_place_stops_the_run(plan: dict[str, Any]) -> None:
    with pytest.raises(UnknownFieldError):
        scrubbed(plan, walk())


@settings(max_examples=20, deadline=None)
@given(tales())
def test_plans_of_any_world_are_known_and_nothing_of_them_survives(tale: Tale) -> None:
    plans = [one for one in rendered(tale.worlds()[-1], tale.scenario).values() if "order" in one]
    left = json.dumps([told(plan) for plan in plans], ensure_ascii=False)
    assert [one for one in survivors(plans, left) if one != "2018-01-01"] == []


def test_nothing_of_real_names_survives() -> None:
    left = json.dumps([told(plan) for plan in PLANS], ensure_ascii=False)
    assert survivors(PLANS, left) == []
    assert {"İbrahim Işıl", "Ğülşen 🎁", "ZEYTİN-42", "WH1"} - {"WH1"} <= secrets_of(PLANS)


def test_joins_survive() -> None:
    plan = told(PLANS[-1])
    order_items = {one["id"] for one in plan["order"]["orderitem_set"]}
    seen = {int(item) for at in plan["context"].values() for cell in at["stock_locations"].values() for item in cell}
    assert seen == order_items == {one["order_item"]["id"] for one in plan["orderexecutionplanitem_set"]}
    assert {one["order_execution_plan"] for one in plan["orderexecutionplanitem_set"]} == {plan["id"]}


def test_skus_and_location_codes_join_across_plans() -> None:
    plans = [told(plan) for plan in PLANS]
    skus = {one["product"]["sku"] for plan in plans for one in plan["order"]["orderitem_set"]}
    figures = [one for plan in plans for at in plan["context"].values() for one in at["stock_locations"].values()]
    assert {cell["sku"] for one in figures for cell in one.values()} <= skus
    assert len(skus) == 2


def test_states_types_quantities_and_commands_are_kept() -> None:
    for plan in PLANS:
        left = told(plan)
        assert (left["state"], left["commands"]) == (plan["state"], plan["commands"])
        assert left["order"]["payment_type"] == plan["order"]["payment_type"]
        assert [one["quantity"] for one in left["orderexecutionplanitem_set"]] == [1] * len(
            left["orderexecutionplanitem_set"]
        )


def test_the_fields_keep_their_order() -> None:
    assert list(told(PLANS[0])) == list(PLANS[0])


def test_skus_and_codes_are_kept_on_demand() -> None:
    how = RuleWalk(pseudonyms=walk().pseudonyms, keep=frozenset({KeptIfListed.SKU, KeptIfListed.ERP_CODE}))
    left = json.dumps(told(PLANS[-1], how), ensure_ascii=False)
    assert "ZEYTİN-42" in left
    assert '"WH1": {' in left


@pytest.mark.parametrize(
    ("where", "path"),
    [
        (("order", "customer"), "order.customer.loyalty"),
        (("order",), "order.loyalty"),
        (("orderexecutionplanitem_set", 0), "orderexecutionplanitem_set[].loyalty"),
        ((), "loyalty"),
    ],
)
def test_an_unknown_field_is_named_with_its_path(where: tuple[Any, ...], path: str) -> None:
    plan = json.loads(json.dumps(PLANS[0]))
    room = plan
    for step in where:
        room = room[step]
    room["loyalty"] = None
    with pytest.raises(UnknownFieldError) as refused:
        scrubbed(plan, walk())
    assert refused.value.paths == (path,)


@pytest.mark.parametrize(
    ("field", "value"),
    [("state", True), ("state", {"name": 5, "note": "x"}), ("commands", 5.5), ("context", ["x"])],
)
def test_a_kept_field_that_holds_something_else_stops_the_run(field: str, value: Any) -> None:
    with pytest.raises(UnknownFieldError, match=field):
        scrubbed({**PLANS[0], field: value}, walk())


@pytest.mark.parametrize(
    "commands", ["plan-cancel,plan-reschedule", "reschedule, cancel", "", [], '[{"slug":"plan-cancel"}]']
)
def test_commands_are_kept_in_each_of_their_forms(commands: Any) -> None:
    assert told({**PLANS[0], "commands": commands})["commands"] == commands


def test_an_unknown_field_in_commands_inside_a_text_is_found() -> None:
    with pytest.raises(UnknownFieldError, match=r"commands\[\]\.operator"):
        scrubbed({**PLANS[0], "commands": '[{"operator": "Ayşe"}]'}, walk())


def test_hashed_fields_stay_equal_where_they_were_equal() -> None:
    strange = [{**PLANS[number], "card": "4111-Ayşe", "other": [{"card": "4111-Ayşe"}]} for number in (0, 1)]
    left = [told(plan, walk(Unknown.HASH)) for plan in strange]
    cards = [set(one) - set(PLANS[0]) for one in left]
    assert cards[0] == cards[1]
    assert len({json.dumps(one[key]) for one in left for key in cards[0] if isinstance(one[key], str)}) == 1


def test_a_plan_that_is_nested_too_deeply_is_one_text_below() -> None:
    deep: Any = "Ayşe"
    for _ in range(200):
        deep = [deep]
    assert "Ayşe" not in json.dumps(told({**PLANS[0], "deep": deep}, walk(Unknown.HASH)), ensure_ascii=False)


@pytest.mark.parametrize("plan", [None, 5, "Ayşe", ["Ayşe"]])
def test_what_is_no_plan_is_nothing(plan: Any) -> None:
    assert scrubbed(plan, walk(Unknown.DROP)) is None


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (("state",), "ayse_yilmaz"),
        (("state",), "Ayşe Yılmaz"),
        (("commands",), "plan-cancel, ara-05321112233"),
        (("commands",), [{"slug": "ayse-yilmaz", "name": "Ayşe'yi ara", "command_code": "ayse"}]),
        (("order", "state", "name"), "Ayşe Yılmaz bekliyor"),
        (("order", "state", "translations", "tr-tr", "name"), "Ayşe Yılmaz bekliyor"),
        (("order", "payment_type"), "ayse"),
        (("order", "delivery_type"), "AyseYilmaz"),
        (("order", "currency"), "AYS"),
        (("order", "language_code"), "ay-se"),
        (("orderexecutionplanitem_set", 0, "state"), "ayse"),
    ],
)
def test_a_word_that_nobody_knows_becomes_a_pseudonym(place: tuple[Any, ...], said: Any) -> None:
    plan = json.loads(json.dumps(PLANS[0]))
    room = plan
    for step in place[:-1]:
        room = room[step]
    room[place[-1]] = said
    left = json.dumps(told(plan), ensure_ascii=False).lower()
    assert [one for one in ("ays", "ay-se", "yılmaz", "yilmaz", "0532", '"ara') if one in left] == []


def test_a_known_word_beside_an_unknown_one_is_kept() -> None:
    left = told({**PLANS[0], "commands": "plan-cancel, ayse"})["commands"]
    assert left.startswith("plan-cancel, ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", 5321112233),
        ("quantity", "1234.567"),
        ("quantity", "5321112"),
        ("quantity", "0.5321112"),
    ],
)
def test_a_quantity_has_six_digits_at_most(field: str, value: Any) -> None:
    plan = json.loads(json.dumps(PLANS[0]))
    plan["orderexecutionplanitem_set"][0][field] = value
    with pytest.raises(UnknownFieldError, match=field):
        scrubbed(plan, walk())


@pytest.mark.parametrize("value", ["1000", "5321112233", "20.12345"])
def test_a_tax_rate_has_three_digits_before_the_point_at_most(value: str) -> None:
    plan = json.loads(json.dumps(PLANS[0]))
    plan["order"]["orderitem_set"][0]["tax_rate"] = value
    with pytest.raises(UnknownFieldError, match="tax_rate"):
        scrubbed(plan, walk())


@pytest.mark.parametrize("value", [1, "1.000", 250000, -3])
def test_a_quantity_is_kept_as_it_was_written(value: Any) -> None:
    plan = json.loads(json.dumps(PLANS[0]))
    plan["orderexecutionplanitem_set"][0]["quantity"] = value
    assert told(plan)["orderexecutionplanitem_set"][0]["quantity"] == value
