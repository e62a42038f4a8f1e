"""The values of switches that answers show: one value alone seen is shown, and a switch that contradicts itself is not.

Most of these rules stand here because those who read visits, captures and recordings once disagreed about them.
"""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from mock_oms.conformance.crawl import Exchange, Question, contents_of, contents_of_bodies
from mock_oms.conformance.switch_evidence import added, counted, settled, shown, with_maximum
from mock_oms.urls import Operation
from tests.crawls import PLANS, crawl_of, exchange

Node = dict[str, Any]
Rows = Sequence[object]


def page(rows: Rows, *, more: bool = False) -> Node:
    return {"count": 99, "next": "http://oms.test/?page=2" if more else None, "previous": None, "results": list(rows)}


def rows(number: int) -> list[Node]:
    return [{"id": one} for one in range(number, 0, -1)]


def walked(content: object) -> tuple[Question, Exchange]:
    return Question.WALK, exchange(PLANS, content)


def sized(query: str, content: object) -> tuple[Question, Exchange]:
    return Question.SIZED, exchange(f"{PLANS}?{query}", content)


def of_visit(*asked: tuple[Question, Exchange]) -> Any:
    return shown(counted(contents_of(crawl_of(*asked))))


def of_plans(*plans: Node) -> Any:
    return shown(counted(contents_of_bodies(plans)))


def refused(status: int, said: str, path: str = "41207") -> tuple[Question, Exchange]:
    told = exchange(f"{PLANS}{path}/", {"detail": said}, status=status, operation=Operation.DETAIL)
    return Question.NO_PLAN, told


# The list and its pages


@pytest.mark.parametrize("body", [5, "x", None, {"detail": "Not found."}, {"results": None}])
def test_what_is_no_list_shows_no_form_of_lists(body: object) -> None:
    assert "list" not in of_visit(walked(body))
    assert "list" not in shown(counted(contents_of_bodies([body])))


def test_pages_with_and_without_an_envelope_show_neither() -> None:
    assert "list" not in of_visit(walked(page(rows(2))), (Question.AGAIN, exchange(PLANS, rows(2))))


def test_full_pages_of_two_lengths_show_no_page_size() -> None:
    one, other = page(rows(5), more=True), page(rows(7), more=True)
    assert of_visit(walked(one), walked(one), walked(page(rows(2))))["page_size"] == 5
    assert "page_size" not in of_visit(walked(one), walked(other))


@pytest.mark.parametrize("number", [0, 1001])
def test_a_page_of_a_length_that_no_switch_has_shows_no_page_size(number: int) -> None:
    assert "page_size" not in of_visit(walked(page(rows(number), more=True)))


def test_a_page_whose_size_was_asked_for_shows_no_page_size() -> None:
    assert "page_size" not in of_visit((Question.WALK, exchange(f"{PLANS}?limit=5", page(rows(5), more=True))))


def test_a_list_that_fits_into_a_page_shows_its_parameter_by_a_page_of_just_the_length_that_was_asked_for() -> None:
    whole = walked(page(rows(7)))
    assert of_visit(whole, sized("limit=2", page(rows(2), more=True)))["page_size_parameter"] == "limit"
    grown = sized("page_size=250", page(rows(8)))
    assert "page_size_parameter" not in of_visit(whole, grown)


def test_a_parameter_that_was_heard_up_to_a_maximum_works() -> None:
    found = of_visit(walked(page(rows(10), more=True)), sized("limit=250", page(rows(100), more=True)))
    assert (found["page_size_parameter"], found["max_page_size"]) == ("limit", 100)


def test_a_maximum_that_is_the_usual_length_is_shown() -> None:
    few, many = sized("limit=2", page(rows(2), more=True)), sized("limit=250", page(rows(10), more=True))
    assert of_visit(walked(page(rows(10), more=True)), few, many)["max_page_size"] == 10


def test_a_parameter_that_was_never_heard_shows_no_maximum() -> None:
    found = of_visit(walked(page(rows(10), more=True)), sized("page_size=250", page(rows(10), more=True)))
    assert "max_page_size" not in found


# The order


def in_order(*plans: tuple[object, object]) -> Any:
    made = [{"id": number, "modified_date": date} for number, date in plans]
    return of_visit(walked(page(made[:2], more=True)), walked(page(made[2:]))).get("order")


def test_the_order_of_three_rows_is_chance() -> None:
    assert in_order((3, None), (2, None), (1, None)) is None
    assert in_order((4, None), (3, None), (2, None), (1, None)) == "-id"


def test_a_row_that_comes_twice_is_in_no_order() -> None:
    assert in_order((4, None), (3, None), (3, None), (1, None)) is None


def test_changes_are_ordered_by_their_moments_and_not_as_texts() -> None:
    times = ("2024-03-05T09:00:00Z", "2024-03-05T09:00:00.500000Z", "2024-03-05T13:00:00+03:00", "2024-03-05T10:00:00Z")
    assert in_order(*zip((5, 2, 9, 7), times, strict=True)) == "modified_date"
    assert in_order(*zip((5, 2, 9, 7), times[::-1], strict=True)) is None


@pytest.mark.parametrize("times", [["2024-03-05T09:00:00Z"] * 4, [*"abcd"]])
def test_changes_at_one_moment_or_at_none_are_no_order(times: list[str]) -> None:
    assert in_order(*zip((5, 2, 9, 7), times, strict=True)) is None


# The plans


@pytest.mark.parametrize(
    ("states", "form"),
    [
        (["start", ""], "string"),
        (["7"], "string"),
        ([{"enum_value": "start"}, {}], "object"),
        ([None], None),
        ([7], None),
        (["start", None], None),
        (["start", {}], None),
        ([{}, "start"], None),
    ],
)
def test_a_state_is_a_text_or_an_object_or_nothing_that_is_shown(states: list[object], form: str | None) -> None:
    assert of_plans(*({"id": 1, "state": state} for state in states)).get("state") == form


@pytest.mark.parametrize(
    ("commands", "form"),
    [
        (["plan-cancel", "", []], "comma"),
        (['["plan-cancel"]', "[]"], "json"),
        ([[{"slug": "plan-cancel"}], []], "objects"),
        (["plan-cancel", '["plan-cancel"]'], None),
        (["plan-cancel", [{}]], None),
        (["Not a list; really"], None),
        (["[" * 100_000], None),
        ([None], None),
        ([[{}], None], None),
    ],
)
def test_commands_are_of_one_form_or_of_none_that_is_shown(commands: list[object], form: str | None) -> None:
    assert of_plans(*({"id": 1, "state": "completed", "commands": one} for one in commands)).get("commands") == form


@pytest.mark.parametrize("state", ["pending", "start", {"enum_value": "pending"}])
def test_nobody_is_told_commands_where_a_plan_waits_without_any(state: object) -> None:
    waiting = {"id": 1, "state": state, "commands": []}
    assert of_plans(waiting)["commands"] == "empty"
    assert of_plans(waiting, {"id": 2, "commands": "plan-cancel"})["commands"] == "comma"


@pytest.mark.parametrize("state", ["completed", "cancelled", "on_hold", None, {}, {"enum_value": []}])
def test_a_plan_that_may_have_ended_says_nothing_by_having_no_commands(state: object) -> None:
    assert "commands" not in of_plans({"id": 1, "state": state, "commands": []})


@pytest.mark.parametrize(
    ("dates", "form"),
    [
        ({"created_date": "2024-03-05T09:00:00Z", "modified_date": "2024-03-05T12:00:00+03:00"}, "datetime"),
        ({"created_date": None, "modified_date": "2024-03-05"}, "date"),
        ({"created_date": "2024-03-05T09:00:00Z", "modified_date": "2024-03-05"}, None),
        ({"created_date": "1.50"}, None),
        ({"created_date": None}, None),
    ],
)
def test_both_dates_of_a_plan_say_how_dates_are_written(dates: Node, form: str | None) -> None:
    assert of_plans({"id": 1, **dates}).get("dates") == form


# Refusals


def tokenless(status: int, scheme: str | None, target: str = PLANS) -> tuple[Question, Exchange]:
    headers: Any = {} if scheme is None else {"www_authenticate": scheme}
    return Question.NO_TOKEN, exchange(target, {}, status=status, **headers)


@pytest.mark.parametrize(
    ("asked", "way"),
    [
        ([tokenless(401, "Token"), tokenless(401, "Token")], "token"),
        ([tokenless(401, 'Bearer realm="api"')], "bearer"),
        ([tokenless(401, "Token"), tokenless(404, None)], "token"),
        ([tokenless(200, None), tokenless(404, None)], "off"),
        ([tokenless(403, "Token")], None),
        ([tokenless(401, None)], None),
        ([tokenless(401, "Token"), tokenless(401, "Bearer")], None),
        ([tokenless(401, "Token"), tokenless(200, None)], None),
    ],
)
def test_who_sends_no_token_is_told_which_by_a_401_alone(
    asked: list[tuple[Question, Exchange]], way: str | None
) -> None:
    assert of_visit(*asked).get("auth") == way


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([refused(404, "Not found.")], "short"),
        ([refused(404, "No OrderExecutionPlan matches the given query.")], "model"),
        ([refused(404, "No FulfilmentPlan matches the given query.")], "model"),
        ([refused(404, "Bulunamadı.")], None),
        ([refused(404, "Not found."), refused(404, "Bulunamadı.")], None),
        ([refused(400, "Not found.")], None),
        ([refused(404, "Not found.", path="no-plan")], None),
        ([refused(404, "Not found.", path="no-plan"), refused(404, "No Plan matches the given query.")], "model"),
    ],
)
def test_a_missing_plan_is_told_by_a_404_to_its_number(
    asked: list[tuple[Question, Exchange]], said: str | None
) -> None:
    assert of_visit(*asked).get("not_found") == said


# Counting


def test_answers_that_are_counted_one_by_one_show_what_they_show_together() -> None:
    bodies = [
        page([{"id": 9, "state": "pending", "commands": []}, {"id": 8, "commands": "plan-cancel"}], more=True),
        page([{"id": 7, "state": "start", "modified_date": "2024-03-05"}, {"id": 6}], more=True),
    ]
    one_by_one: Any = {}
    for body in bodies:
        kept = json.loads(json.dumps(one_by_one))
        one_by_one = added(kept, counted(contents_of_bodies([body], Question.AGAIN)))
    together = counted(contents_of_bodies(bodies, Question.AGAIN))
    assert {name: dict(sorted(seen.items())) for name, seen in one_by_one.items()} == together
    assert shown(one_by_one) == shown(together)
    assert shown(together)["page_size"] == 2


def test_no_count_holds_anything_of_a_plan() -> None:
    strange = {"id": 41207, "state": ["Ayşe"], "commands": "Ayşe!", "modified_date": "Ayşe"}
    visit = [walked(page([strange] * 4)), refused(404, "Ayşe."), tokenless(401, "Ayşe")]
    counts = counted(contents_of(crawl_of(*visit)))
    assert {value for seen in counts.values() for value in seen} == {"envelope", "other"}


def test_plans_without_commands_count_for_nothing_beside_others() -> None:
    assert settled({"commands": {"empty": 3, "comma": 1}}) == {"commands": {"comma": 1}}
    assert settled({"commands": {"empty": 3}}) == {"commands": {"empty": 3}}


def test_a_page_above_the_usual_maximum_brings_its_own() -> None:
    assert with_maximum({"page_size": 250}) == {"page_size": 250, "max_page_size": 250}
    assert with_maximum({"page_size": 250, "max_page_size": 300}) == {"page_size": 250, "max_page_size": 300}


@pytest.mark.parametrize("link", ["", False, None, 0])
def test_a_link_that_leads_nowhere_is_no_next_page(link: object) -> None:
    assert "page_size" not in of_visit(walked({**page(rows(5), more=True), "next": link}))
