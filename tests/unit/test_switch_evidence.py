"""The values of switches that answers show: a switch is shown by one value alone, and not where answers disagree."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from mock_oms.conformance.crawl import Exchange, Question, contents_of, contents_of_bodies
from mock_oms.conformance.switch_evidence import added, counted, settled, shown, with_maximum
from mock_oms.urls import Operation
from tests.crawls import PLANS, crawl_of, exchange

Node = dict[str, Any]
Answer = tuple[Question, Exchange]


def page(rows: Sequence[object], *, more: bool = False) -> Node:
    return {"count": 99, "next": "http://oms.test/?page=2" if more else None, "previous": None, "results": list(rows)}


def rows(number: int) -> list[Node]:
    return [{"id": one} for one in range(number, 0, -1)]


def walked(content: object) -> Answer:
    return Question.WALK, exchange(PLANS, content)


def sized(query: str, content: object) -> Answer:
    return Question.SIZED, exchange(f"{PLANS}?{query}", content)


def refused(status: int, said: str, path: str = "41207") -> Answer:
    answer = exchange(f"{PLANS}{path}/", {"detail": said}, status=status, operation=Operation.DETAIL)
    return Question.NO_PLAN, answer


def of_answers(*answers: Answer) -> Any:
    return shown(counted(contents_of(crawl_of(*answers))))


def of_plans(*plans: Node) -> Any:
    return shown(counted(contents_of_bodies(plans)))


FULL, REST = page(rows(10), more=True), page(rows(2))
FEW, GROWN = sized("limit=2", page(rows(2), more=True)), sized("page_size=250", page(rows(8)))


@pytest.mark.parametrize("body", [5, "x", None, {"detail": "Not found."}, {"results": None}])
def test_what_is_no_list_shows_no_form_of_lists(body: object) -> None:
    assert "list" not in of_answers(walked(body))
    assert "list" not in shown(counted(contents_of_bodies([body])))


def of_page(length: int) -> tuple[Question, Exchange]:
    return walked(page(rows(length), more=True))


@pytest.mark.parametrize(("answers", "switch", "value"), [
    # Pages with and without an envelope show neither.
    ([walked(REST), (Question.AGAIN, exchange(PLANS, rows(2)))], "list", None),
    # Full pages of two lengths show no page size, nor does one of a length that no switch has.
    ([of_page(5), of_page(5), walked(REST)], "page_size", 5),
    ([of_page(5), of_page(7)], "page_size", None),
    ([of_page(0)], "page_size", None), ([of_page(1001)], "page_size", None),
    # Nor does a page whose size was asked for, or one whose link leads nowhere.
    ([(Question.WALK, exchange(f"{PLANS}?limit=5", page(rows(5), more=True)))], "page_size", None),
    *(([walked({**page(rows(5)), "next": link})], "page_size", None) for link in ("", False, None, 0)),
    # A list that fits into a page shows its parameter by a page of just the length that was asked for.
    ([walked(page(rows(7))), FEW], "page_size_parameter", "limit"),
    ([walked(page(rows(7))), GROWN], "page_size_parameter", None),
    # A parameter that worked up to a maximum shows both, also where that is the usual length.
    ([walked(FULL), sized("limit=250", page(rows(100), more=True))], "page_size_parameter", "limit"),
    ([walked(FULL), sized("limit=250", page(rows(100), more=True))], "max_page_size", 100),
    ([walked(FULL), FEW, sized("limit=250", FULL)], "max_page_size", 10),
    # One that never worked shows no maximum.
    ([walked(FULL), sized("page_size=250", FULL)], "max_page_size", None),
])  # fmt: skip
def test_pages_show_their_form_and_their_sizes(answers: Any, switch: str, value: object) -> None:
    assert of_answers(*answers).get(switch) == value


TIMES = ("2024-03-05T09:00:00Z", "2024-03-05T09:00:00.500000Z", "2024-03-05T13:00:00+03:00", "2024-03-05T10:00:00Z")


@pytest.mark.parametrize(("numbers", "dates", "order"), [
    # The order of three rows is chance, and a row that comes twice is in none.
    ((3, 2, 1), (None,) * 3, None), ((4, 3, 2, 1), (None,) * 4, "-id"), ((4, 3, 3, 1), (None,) * 4, None),
    # Changes are ordered by their moments and not as texts; at one moment or at none they are in no order.
    ((5, 2, 9, 7), TIMES, "modified_date"), ((5, 2, 9, 7), TIMES[::-1], None),
    ((5, 2, 9, 7), TIMES[:1] * 4, None), ((5, 2, 9, 7), tuple("abcd"), None),
])  # fmt: skip
def test_rows_are_in_an_order_or_in_none(numbers: Sequence[int], dates: Sequence[object], order: str | None) -> None:
    made = [{"id": number, "modified_date": date} for number, date in zip(numbers, dates, strict=True)]
    assert of_answers(walked(page(made[:2], more=True)), walked(page(made[2:]))).get("order") == order


@pytest.mark.parametrize(("states", "form"), [
    (["start", ""], "string"), (["7"], "string"), ([{"enum_value": "start"}, {}], "object"), ([None], None),
    ([7], None), (["start", None], None), (["start", {}], None), ([{}, "start"], None),
])  # fmt: skip
def test_a_state_is_a_text_or_an_object_or_nothing_that_is_shown(states: list[object], form: str | None) -> None:
    assert of_plans(*({"id": 1, "state": state} for state in states)).get("state") == form


@pytest.mark.parametrize(("commands", "form"), [
    (["plan-cancel", "", []], "comma"), (['["plan-cancel"]', "[]"], "json"),
    ([[{"slug": "plan-cancel"}], []], "objects"), (["plan-cancel", '["plan-cancel"]'], None),
    (["plan-cancel", [{}]], None), (["Not a list; really"], None), (["[" * 100_000], None), ([None], None),
    ([[{}], None], None),
])  # fmt: skip
def test_commands_are_of_one_form_or_of_none_that_is_shown(commands: list[object], form: str | None) -> None:
    assert of_plans(*({"id": 1, "state": "completed", "commands": one} for one in commands)).get("commands") == form


@pytest.mark.parametrize(("state", "form"), [
    ("pending", "empty"), ("start", "empty"), ({"enum_value": "pending"}, "empty"),
    # A plan that may have ended says nothing by having no commands.
    *dict.fromkeys(("completed", "cancelled", "on_hold", None)).items(),
    ({}, None), ({"enum_value": []}, None),
])  # fmt: skip
def test_commands_are_left_out_where_a_plan_waits_without_any(state: object, form: str | None) -> None:
    waiting = {"id": 1, "state": state, "commands": []}
    assert of_plans(waiting).get("commands") == form
    assert of_plans(waiting, {"id": 2, "commands": "plan-cancel"})["commands"] == "comma"


@pytest.mark.parametrize(("created", "modified", "form"), [
    ("2024-03-05T09:00:00Z", "2024-03-05T12:00:00+03:00", "datetime"), (None, "2024-03-05", "date"),
    ("2024-03-05T09:00:00Z", "2024-03-05", None), ("1.50", None, None), (None, None, None),
])  # fmt: skip
def test_both_dates_of_a_plan_say_how_dates_are_written(created: object, modified: object, form: str | None) -> None:
    assert of_plans({"id": 1, "created_date": created, "modified_date": modified}).get("dates") == form


def order(amount: object, shipping: object = "49.90", **more: object) -> Node:
    items = [{"net_amount": "100.00"}, {"net_amount": "20.10"}]
    return {"order": {"amount": amount, "shipping_amount": shipping, "orderitem_set": items, **more}}


@pytest.mark.parametrize(("orders", "value"), [
    ([order("120.10")], "items"), ([order("170.00")], "with_shipping"), ([order("120.1", "49.9")], "items"),
    ([order("120.10"), order("170.00")], None), ([order("99.00")], None), ([order(170, 49.9)], "with_shipping"),
    # What was sent free shows neither, and what is no amount shows nothing.
    ([order("120.10", "0.00")], None), ([order("120.10", "0.00"), order("170.00")], "with_shipping"),
    ([{"order": None}, {"order": {}}, order("NaN"), order("many"), order(None), order([])], None),
    ([order("1.00", orderitem_set=None), order("1.00", orderitem_set=[7]), order("170.00")], "with_shipping"),
])  # fmt: skip
def test_the_amount_of_an_order_that_paid_for_shipping_shows_whether_that_is_in_it(
    orders: list[Node], value: str | None
) -> None:
    assert of_plans(*orders).get("order_amount") == value


def tokenless(status: int, scheme: str | None, target: str = PLANS) -> Answer:
    headers: Any = {} if scheme is None else {"www_authenticate": scheme}
    return Question.NO_TOKEN, exchange(target, {}, status=status, **headers)


@pytest.mark.parametrize(("answers", "way"), [
    ([tokenless(401, "Token"), tokenless(401, "Token")], "token"),
    ([tokenless(401, 'Bearer realm="api"')], "bearer"),
    ([tokenless(401, "Token"), tokenless(404, None)], "token"),
    ([tokenless(200, None), tokenless(404, None)], "off"),
    ([tokenless(403, "Token")], None), ([tokenless(401, None)], None),
    ([tokenless(401, "Token"), tokenless(401, "Bearer")], None),
    ([tokenless(401, "Token"), tokenless(200, None)], None),
])  # fmt: skip
def test_the_scheme_is_shown_by_a_401_without_a_token_alone(answers: Any, way: str | None) -> None:
    assert of_answers(*answers).get("auth") == way


@pytest.mark.parametrize(("answers", "form"), [
    ([refused(404, "Not found.")], "short"),
    ([refused(404, "No OrderExecutionPlan matches the given query.")], "model"),
    ([refused(404, "No FulfilmentPlan matches the given query.")], "model"),
    ([refused(404, "Bulunamadı.")], None),
    ([refused(404, "Not found."), refused(404, "Bulunamadı.")], None),
    ([refused(400, "Not found.")], None),
    ([refused(404, "Not found.", path="no-plan")], None),
    ([refused(404, "Not found.", path="no-plan"), refused(404, "No Plan matches the given query.")], "model"),
])  # fmt: skip
def test_the_sentence_of_a_missing_plan_is_shown_by_a_404_of_its_number(answers: Any, form: str | None) -> None:
    assert of_answers(*answers).get("not_found") == form


def test_answers_that_are_counted_one_by_one_show_what_they_show_together() -> None:
    bodies = [
        page([{"id": 9, "state": "pending", "commands": []}, {"id": 8, "commands": "plan-cancel"}], more=True),
        page([{"id": 7, "state": "start", "modified_date": "2024-03-05"}, {"id": 6}], more=True),
    ]
    one_by_one: Any = {}
    for body in bodies:
        one_by_one = added(json.loads(json.dumps(one_by_one)), counted(contents_of_bodies([body], Question.AGAIN)))
    together = counted(contents_of_bodies(bodies, Question.AGAIN))
    assert {name: dict(sorted(seen.items())) for name, seen in one_by_one.items()} == together
    assert shown(one_by_one) == shown(together)
    assert shown(together)["page_size"] == 2


def test_no_count_holds_anything_of_a_plan() -> None:
    strange = {"id": 41207, "state": ["Ayşe"], "commands": "Ayşe!", "modified_date": "Ayşe"}
    visit = [walked(page([strange] * 4)), refused(404, "Ayşe."), tokenless(401, "Ayşe")]
    counts = counted(contents_of(crawl_of(*visit)))
    assert {value for seen in counts.values() for value in seen} == {"envelope", "other"}


def test_plans_without_commands_count_for_nothing_beside_others_and_a_large_page_brings_its_own_maximum() -> None:
    assert settled({"commands": {"empty": 3, "comma": 1}}) == {"commands": {"comma": 1}}
    assert settled({"commands": {"empty": 3}}) == {"commands": {"empty": 3}}
    assert with_maximum({"page_size": 250}) == {"page_size": 250, "max_page_size": 250}
    assert with_maximum({"page_size": 250, "max_page_size": 300}) == {"page_size": 250, "max_page_size": 300}
