"""What a rendered plan holds: every field of the vendor's shapes, with its type, under every switch; and how it is encoded."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import fields
from rpds import List

from mock_oms.domain.lifecycle import State, commands_in
from mock_oms.domain.plan import Attempt, Item, ItemState, Order, OrderItem, Plan, SeenFigures, Step
from mock_oms.domain.stock import Figures, Location, LocationType
from mock_oms.rendering.encoding import Shape, day, instant
from mock_oms.rendering.fake_data.generator import Generator
from mock_oms.rendering.orders import ITEM_VALUES, ORDER, ORDER_ITEM, PLAN, order_value
from mock_oms.rendering.renderer import Renderer
from mock_oms.switches import Switches
from mock_oms.text import framework_json
from tests.profiles import examples

NOW = datetime(2024, 3, 5, 9, tzinfo=UTC)
STATES = {
    State.START: (ItemState.WAITING,),
    State.PENDING: (ItemState.PLANNED, ItemState.OUT_OF_STOCK, ItemState.REFUSED),
    State.COMPLETED: (ItemState.PLANNED, ItemState.CANCELLED),
    State.CANCELLED: (ItemState.CANCELLED, ItemState.CANCELLED),
}
WAREHOUSE = Location(id=1, code="WH001", city="İstanbul")
STORE = Location(id=2, code="STORE01", city="Ankara", type=LocationType.STORE, max_quota=40, quota=3, active=False)

EVERY_ANSWER = [
    Switches(state="string", commands="objects", dates="datetime"),
    Switches(state="object", commands="empty", dates="datetime"),
    Switches(state="string", commands="json", dates="date"),
    Switches(state="object", commands="comma", dates="date"),
]


def a_plan(state: State = State.PENDING, *, number: int = 7001) -> tuple[Plan, Order]:
    items = tuple(
        OrderItem(id=number * 1000 + place, sku=f"TST-{place}", state=item)
        for place, item in enumerate(STATES[state], start=1)
    )
    order = Order(id=number + 5, created=NOW, modified=NOW, city="Bursa", items=items, plans=(number,))
    placed = {ItemState.PLANNED: "WH001"}
    rows = tuple(
        Item(id=one.id, order_item=one.id, sku=one.sku, state=one.state, location=placed.get(one.state), modified=NOW)
        for one in items
    )
    return Plan(id=number, order=order.id, state=state, created=NOW, modified=NOW, items=rows), order


def attempted(plan: Plan, *times: int) -> Plan:
    seen = tuple(
        SeenFigures(location=code, order_item=item.order_item, sku=item.sku, figures=Figures(count=1, reserved=6))
        for code in ("WH001", "STORE01")
        for item in plan.items
    )
    made = tuple(Attempt(number=number, at=NOW + timedelta(minutes=30 * number), seen=seen) for number in times)
    return replace(plan, attempts_newest_first=List(made[::-1]))


def rendered(plan: Plan, order: Order, answers: Switches | None = None, locale: str = "tr_TR") -> bytes:
    made = Generator(7, locale)
    locations = {place.code: (place, made.location_card(place)) for place in (WAREHOUSE, STORE)}
    return Renderer(answers or Switches()).plan(plan, order, made.particulars(order), locations)


def shown(plan: Plan, order: Order, answers: Switches | None = None) -> Any:
    return json.loads(rendered(plan, order, answers))


#: The vendor's objects, field:type; a question mark where null may stand, brackets around lists, @ before a switch.
SHAPES = {
    "country": "pk:int code:text name:text",
    "city": "pk:int name:text country:country",
    "township": "pk:int name:text city:city",
    "address": """
        id:int title:text line:text postcode:text notes:null is_active:bool city:city country:country township:township
        district:text latitude:text? longitude:text?""",
    "location": """
        id:int name:text erp_code:text stock_location_type:type omnitron_id:int address:address tags:[] conf:{}
        priority:int is_active:bool is_fulfillment_center:bool is_pickup_location:bool is_delivery_location:bool
        is_return_available:bool max_quota:int? quota:int email:text daytime_phone:text created_date:@dates
        modified_date:@dates""",
    "product": """
        id:int omnitron_id:int name:text base_code:text sku:text barcode:text? attributes:object attributes_kwargs:{}
        extra_attributes:{} productimage_set:[] remote_modified_date:@dates created_date:@dates modified_date:@dates""",
    "named": "name:text",
    "translations": "en-us:named tr-tr:named",
    "state": """
        id:int name:text config:{} enum_class:text enum_value:text content_type:int created_date:@dates
        modified_date:@dates translations:translations""",
    "item": """
        id:int omnitron_id:int state:state product:product price:money price_currency:text net_amount:money
        retail_price:money tax_rate:money tax_amount:money? discount_amount:money without_net_amount:null
        installment_interest_amount:null attributes:{} attributes_kwargs:{} image:null created_date:@dates
        modified_date:@dates""",
    "customer": "id:int first_name:text last_name:text email:text phone_number:text",
    "channel": "id:int name:text",
    "order": """
        id:int number:text omnitron_id:int state:state commands:[] date_placed:@dates channel:channel customer:customer
        shipping_address:address billing_address:address currency:text amount:money shipping_amount:money
        discount_amount:money payment_type:text delivery_type:text cargo_company:text? delivery_range:text?
        shipping_option_slug:text notes:text? has_gift_box:bool gift_box_note:text? language_code:text extra_field:{}
        created_date:@dates modified_date:@dates orderitem_set:[item]""",
    "plan_item": """
        id:int order_execution_plan:int state:text quantity:int order_item:item stock_location:location?
        created_date:@dates modified_date:@dates""",
    "command": "id:int name:text slug:text command_code:text source_state:text destination_state:text",
    "plan": """
        id:int state:@state order:order commands:@commands created_date:@dates modified_date:@dates
        orderexecutionplanitem_set:[plan_item] context:object""",
}
SCALARS = {
    "int": r"\d+",
    "text": r'".+"',
    "slugs": r'"[a-z,-]*"',
    "bool": r"true|false",
    "null": r"null",
    "money": r'"\d+\.\d\d"',
    "datetime": r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"',
    "day": r'"\d{4}-\d\d-\d\d"',
    "type": r'"(warehouse|store)"',
    "{}": r"\{\}",
    "[]": r"\[\]",
    "object": r"\{.*\}",
}
SWITCHED = {
    "state": {"string": "text", "object": "state"},
    "commands": {"objects": "[command]", "empty": "[]", "json": "text", "comma": "slugs"},
    "dates": {"datetime": "datetime", "date": "day"},
}


def misfits(value: Any, shape: str, answers: Switches, path: str = "") -> list[str]:
    """Where a JSON value has other fields, in another order, or other types than the shape of this name."""
    if shape.startswith("@"):
        shape = SWITCHED[shape[1:]][getattr(answers, shape[1:])]
    if shape.endswith("?"):
        return [] if value is None else misfits(value, shape[:-1], answers, path)
    if shape in SCALARS:
        return [] if re.fullmatch(SCALARS[shape], json.dumps(value)) else [f"{path} is {value!r}, not {shape}"]
    if shape.startswith("["):
        parts = [misfits(one, shape[1:-1], answers, f"{path}[{place}]") for place, one in enumerate(value)]
        return [misfit for part in parts for misfit in part]
    rows = [row.split(":", 1) for row in SHAPES[shape].split()]
    if list(value) != [name for name, _ in rows]:
        return [f"{path} has {list(value)}"]
    parts = [misfits(value[name], kind, answers, f"{path}.{name}") for name, kind in rows]
    return [misfit for part in parts for misfit in part]


@pytest.mark.parametrize("answers", EVERY_ANSWER, ids=lambda one: f"{one.state}-{one.commands}-{one.dates}")
@pytest.mark.parametrize("state", State)
def test_every_field_has_its_documented_type(state: State, answers: Switches) -> None:
    plan, order = a_plan(state)
    assert misfits(shown(attempted(plan, 1), order, answers), "plan", answers) == []


@pytest.mark.parametrize(("locale", "digest"), [("tr_TR", "645feed1fd892c32"), ("en_US", "2bd974684847dfd2")])
def test_rendered_bytes_never_change_unnoticed(locale: str, digest: str) -> None:
    assert sha256(rendered(*a_plan(), locale=locale)).hexdigest()[:16] == digest


@pytest.mark.parametrize("state", State)
def test_commands_and_the_state_object_are_those_of_the_state_in_every_form(state: State) -> None:
    forms = {form: shown(*a_plan(state), Switches(commands=form))["commands"] for form in ("objects", "json", "comma")}
    slugs = [command.slug for command in commands_in(state)]
    assert [command["slug"] for command in forms["objects"]] == slugs
    assert json.loads(forms["json"]) == forms["objects"]
    assert forms["comma"] == ",".join(slugs)
    assert all(command["source_state"] == state for command in forms["objects"])
    body = shown(*a_plan(state), Switches(state="object"))
    assert body["state"]["enum_value"] == state == shown(*a_plan(state))["state"]


def located(state: State, location: Location) -> list[Any]:
    """The locations that the items of a plan show, of which those that are placed are at this one."""
    plan, order = a_plan(state)
    items = tuple(replace(item, location=item.location and location.code) for item in plan.items)
    made = Generator(7, "tr_TR")
    places = {location.code: (location, made.location_card(location))}
    body = json.loads(Renderer(Switches()).plan(replace(plan, items=items), order, made.particulars(order), places))
    return [row["stock_location"] for row in body["orderexecutionplanitem_set"]]


def test_an_item_shows_its_location_as_it_is_now_once_it_is_placed() -> None:
    warehouse, *others = located(State.PENDING, WAREHOUSE)
    assert (warehouse["erp_code"], warehouse["max_quota"], others) == ("WH001", None, [None, None])
    store = located(State.COMPLETED, STORE)[0]
    assert (store["max_quota"], store["quota"], store["is_active"]) == (40, 3, False)
    assert (store["is_fulfillment_center"], store["is_pickup_location"]) == (False, True)
    assert [located(State.COMPLETED, replace(STORE, active=one))[0]["is_active"] for one in (True, False)] == [
        True,
        False,
    ]


def test_context_is_empty_and_then_holds_each_attempt_by_number_location_and_order_item() -> None:
    assert shown(*a_plan(State.START))["context"] == {}
    plan, order = a_plan(State.START)
    context = shown(attempted(plan, 1, 2), order)["context"]
    figures = {"sku": "TST-1", "quantity": "-5.00", "unit_type": "quantity"}
    figures |= {"stock_count": "1.00", "reservation_count": "6.00"}
    located = {"WH001": {"7001001": figures}, "STORE01": {"7001001": figures}}
    assert context == {
        "1": {"date": "2024-03-05T09:30:00.000000Z", "stock_locations": located},
        "2": {"date": "2024-03-05T10:00:00.000000Z", "stock_locations": located},
    }


def test_the_amount_of_an_order_holds_its_shipping_only_under_that_switch() -> None:
    plan, order = a_plan(State.START)
    particulars = replace(
        Generator(7, "tr_TR").particulars(order), amount=Decimal(100), shipping_amount=Decimal("49.90")
    )
    renderers = (Renderer(Switches(order_amount=one)) for one in ("items", "with_shipping"))
    bodies = [json.loads(one.plan(plan, order, particulars, {}))["order"] for one in renderers]
    assert [one["amount"] for one in bodies] == ["100.00", "149.90"]
    assert {one["shipping_amount"] for one in bodies} == {"49.90"}


def test_a_plan_of_part_of_an_order_shows_the_whole_order_and_no_location_that_was_not_given() -> None:
    plan, order = a_plan(State.PENDING)
    body = shown(replace(plan, items=plan.items[1:2]), order)
    assert [row["order_item"] for row in body["orderexecutionplanitem_set"]] == body["order"]["orderitem_set"][1:2]
    assert len(body["order"]["orderitem_set"]) == 3
    with pytest.raises(KeyError, match="WH001"):
        Renderer(Switches()).plan(plan, order, Generator(7, "tr_TR").particulars(order), {})


@pytest.mark.parametrize(("states", "value"), [
    ("cancelled cancelled", "100"), ("waiting waiting", "200"), ("waiting cancelled", "200"), ("", "200"),
    ("planned", "450"), ("planned cancelled", "450"), ("planned out_of_stock", "400"), ("planned waiting", "400"),
    ("refused", "400"), ("not_found planned", "400"),
    ("held waiting", "350"), ("held planned", "350"), ("held cancelled", "100"),
])  # fmt: skip
def test_an_order_is_as_far_as_its_items_say_and_waits_while_it_is_held(states: str, value: str) -> None:
    named = enumerate(states.removeprefix("held").split(), start=1)
    items = tuple(OrderItem(id=place, sku="X", state=ItemState(state)) for place, state in named)
    held = states.startswith("held")
    assert order_value(Order(id=1, created=NOW, modified=NOW, city="Rize", items=items, plans=(1,), held=held)) == value


def test_every_state_has_a_state_object_with_an_id_of_its_own() -> None:
    assert set(ITEM_VALUES) == set(ItemState)
    assert set(ITEM_VALUES.values()) <= set(ORDER_ITEM.objects(instant))
    assert set(PLAN.objects(instant)) == set(State)
    ids = [one["id"] for family in (ORDER, ORDER_ITEM, PLAN) for one in family.objects(instant).values()]
    assert len(ids) == len(set(ids)) == 24
    # The vendor spells a cancelled order with one l and a plan with two.
    assert ORDER.objects(instant)["100"]["name"] == "Canceled"
    assert PLAN.objects(instant)["cancelled"]["name"] == "Cancelled"


CAPTURED = {"id": 7001, "state": {"odd": "ş"}, "commands": "?", "modified_date": None, "context": {"x": [1.5, None]}}
MOVED = Switches(state="object", commands="comma", dates="date")


def captured(*, cancelled: bool = False) -> tuple[Plan, Order]:
    plan, order = a_plan(State.CANCELLED if cancelled else State.PENDING)
    step = Step(at=NOW, source=State.PENDING, target=State.CANCELLED, cause="plan-cancel")
    return replace(plan, raw=CAPTURED, history_newest_first=List([step] if cancelled else [])), order


@pytest.mark.parametrize("answers", [Switches(), MOVED], ids=["default", "other"])
def test_a_captured_plan_is_served_untouched_under_every_switch(answers: Switches) -> None:
    assert rendered(*captured(), answers) == json.dumps(CAPTURED, ensure_ascii=False, separators=(",", ":")).encode()


def test_a_captured_plan_that_moved_shows_what_moved_in_place_under_the_switches() -> None:
    before = dict(CAPTURED)
    body, other = (shown(*captured(cancelled=True), answers) for answers in (Switches(), MOVED))
    assert list(body.items()) == [
        ("id", 7001),
        ("state", "cancelled"),
        ("commands", []),
        ("modified_date", "2024-03-05T09:00:00.000000Z"),
        ("context", {"x": [1.5, None]}),
    ]
    assert (other["state"]["enum_value"], other["commands"], other["modified_date"]) == ("cancelled", "", "2024-03-05")
    assert before == CAPTURED


@pytest.mark.parametrize(("value", "text"), [
    ({"a": [1, None, True], "b": {}}, '{"a":[1,null,true],"b":{}}'),
    ("İstanbul Şişli", '"İstanbul Şişli"'), ('"\\/\n\x00', '"\\"\\\\/\\n\\u0000"'),
    ("\u2028\u2029", r'"\u2028\u2029"'), ("\U0001f4e6", '"\U0001f4e6"'),
], ids=["compact", "letters", "control", "separators", "beyond"])  # fmt: skip
def test_json_is_compact_and_escapes_only_what_it_must(value: object, text: str) -> None:
    assert framework_json(value) == text.encode()


@examples(80)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    )
)
def test_json_reads_back_as_it_was_and_what_it_cannot_say_is_refused(value: object) -> None:
    assert json.loads(framework_json(value)) == value
    for number in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not JSON compliant"):
            framework_json([value, number])


@pytest.mark.parametrize(("moment", "text"), [
    (datetime(2024, 3, 5, 9, tzinfo=UTC), "2024-03-05T09:00:00.000000Z"),
    (datetime(2024, 3, 5, 9, 0, 0, 120, tzinfo=UTC), "2024-03-05T09:00:00.000120Z"),
    (datetime(2024, 3, 5, 1, 30, tzinfo=timezone(timedelta(hours=3))), "2024-03-04T22:30:00.000000Z"),
], ids=str)  # fmt: skip
def test_an_instant_is_utc_with_six_decimals(moment: datetime, text: str) -> None:
    assert instant(moment) == text
    assert day(moment) == text[:10]


def test_a_field_that_its_value_lacks_is_an_error_and_not_left_out() -> None:
    class Wrong(Shape):
        misspelt = fields.String()

    with pytest.raises(AttributeError, match="misspelt"):
        Wrong().dump(object())
