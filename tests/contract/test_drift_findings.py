"""Two mocks compared: no difference where only data differ, each change found where it is, each switch by its name."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields, replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.conformance.crawl import Crawl, Exchange, Question
from mock_oms.conformance.drift import SWITCH_SEVERITIES, Comparison, proposed
from mock_oms.conformance.observation_file import SavedFileError, saved_members, saved_observation
from mock_oms.conformance.shapes import captured_shapes, observed_shapes, sentence
from mock_oms.conformance.switch_evidence import _RULES
from mock_oms.contract.observation import Host
from mock_oms.domain.lifecycle import State
from mock_oms.switches import Switches
from mock_oms.traffic.faults.body_changes import reshaped_body
from mock_oms.traffic.faults.fault import Shape
from tests.contract.judging import faults, judge_of
from tests.contract.test_switches import turned
from tests.crawls import NOW
from tests.drifts import (
    Change,
    changed,
    contract,
    crawl_of_view,
    drift,
    drift_of_plans,
    findings,
    mutated,
    patched,
    rewritten,
    shapes,
    summary,
)
from tests.profiles import examples

#: A plan in each state, on two pages of three, each asked for once: to read lists takes most of a comparison's time.
HERE = crawl_of_view(
    plans=[*({"state": state} for state in State), {"id": 7, "items": ["A", "B"], "created": "-40m"}],
    answers={"page_size": 3},
)
REPEATING = {Question.SIZED, Question.LAST, Question.REPEATED, Question.AGAIN}
HERE = replace(HERE, answered=tuple(one for one in HERE.answered if one.question not in REPEATING))
SECRET = "Gulsah"  # a word of a customer's


@cache
def whole() -> Crawl:
    """Two pages of ten, and each of them asked for in many ways."""
    return crawl_of_view()


@examples(3)
@given(
    seeds=st.tuples(st.integers(1, 99), st.integers(1, 99)),
    minutes=st.tuples(st.integers(0, 600), st.integers(0, 600)),
    plans=st.integers(1, 12),
    stock=st.integers(0, 3),
    code=st.sampled_from(["WH001", "Kadikoy", "şube-7", "99"]),
)
def test_the_same_mock_with_another_seed_at_another_time_shows_no_difference(
    seeds: tuple[int, int], minutes: tuple[int, int], plans: int, stock: int, code: str
) -> None:
    sections = {
        "locations": {code: {"type": "warehouse"}},
        "stock": {"A": {code: stock}},
        "plans": [{"items": ["A", "A"], "count": plans}],
    }
    a, b = (
        crawl_of_view(seed=seed, after=timedelta(minutes=after), **sections)
        for seed, after in zip(seeds, minutes, strict=True)
    )
    assert summary(drift(a, b)) == []


@turned
def test_a_switch_is_a_difference_by_its_name_alone_and_none_between_mocks_that_both_have_it(
    turn: dict[str, Any],
) -> None:
    other = crawl_of_view(answers=turn)
    found = drift(whole(), other)
    told = {switch: value for switch, value in turn.items() if {switch: value} not in INVISIBLE}
    assert found.answers == told
    assert {check for check, _, _ in summary(found)} == ({"same-switches"} if told else set())
    assert summary(drift(crawl_of_view(seed=4, answers=turn), other)) == []


#: `both` announces what `token` does; an order that changes is none; this list is too short to show a maximum of 100.
INVISIBLE: list[dict[str, Any]] = [{"auth": "both"}, {"order": "unstable"}, {"page_size": 100}]
INVISIBLE += [{"max_page_size": most} for most in (10, 12, 1000)]


def test_a_maximum_is_shown_by_a_list_that_is_longer() -> None:
    assert observed_shapes(crawl_of_view(answers={"max_page_size": 12}), NOW).shown["max_page_size"] == 12


def test_the_answers_of_a_comparison_make_a_scenario_answer_like_the_other() -> None:
    other = crawl_of_view(answers={"state": "object", "page_size": 5, "not_found": "model", "dates": "date"})
    shown = dict(drift(whole(), other).answers)
    assert summary(drift(crawl_of_view(answers=shown), other)) == []


def test_a_page_that_no_scenario_may_have_comes_with_a_maximum_that_lets_it_in() -> None:
    here, there = (observed_shapes(crawl_of_view(answers={"page_size": size}), NOW) for size in (5, 6))
    there = replace(there, answers={**there.answers, "page_size": 250})
    assert dict(proposed(here, there)) == {"page_size": 250, "max_page_size": 250}


def _without(name: str) -> Change:
    return rewritten(lambda plan: plan.pop(name))


def _with(**given: Any) -> Change:
    return rewritten(lambda plan: plan.update(given))


def _of_order(name: str, value: Any) -> Change:
    return rewritten(lambda plan: plan["order"].update({name: value}))


def _every_second(plan: dict[str, Any]) -> None:
    if plan["id"] % 2:
        del plan["order"]["notes"]


def _headers(change: Callable[[Exchange], Iterable[tuple[str, str]]]) -> Change:
    return lambda _, one: replace(one, headers=tuple(change(one)))


def _plus(*more: tuple[str, str]) -> Change:
    return _headers(lambda one: (*one.headers, *more))


def _minus(name: str) -> Change:
    return _headers(lambda one: (two for two in one.headers if two[0] != name))


def _told(of: Comparison) -> set[str]:
    return {" ".join(one).strip() for one in summary(of)}


def _location(plan: dict[str, Any]) -> None:
    for item in plan["orderexecutionplanitem_set"]:
        if item["stock_location"] is not None:
            item["stock_location"]["erp_code"] = None


#: A change of every answer, and all that is told of it.
MUTANTS: dict[str, tuple[Change, set[str]]] = {
    "a member is gone": (_without("context"), {"same-fields breaking plan.context"}),
    "a member is new": (_with(warehouse={"id": 1}), {"same-fields additive plan.warehouse"}),
    "a member is not always there": (rewritten(_every_second), {"same-fields breaking plan.order.notes"}),
    "a number became text": (_of_order("id", "x"), {"same-types breaking plan.order.id"}),
    "an object became text": (_of_order("customer", "x"), {"same-types breaking plan.order.customer"}),
    "an amount became a number": (_of_order("amount", 1.5), {"same-types breaking plan.order.amount"}),
    "null where none was": (_of_order("currency", None), {"same-nulls breaking plan.order.currency"}),
    "null below what may be null": (
        rewritten(_location),
        {"same-nulls breaking plan.orderexecutionplanitem_set[].stock_location.erp_code"},
    ),
    "null where the contract allows it": (_of_order("notes", None), set()),
    "a state that nobody knows": (_with(state="on_hold"), {"same-values breaking plan.state"}),
    "a state that the contract knows": (_with(state="pending"), set()),
    "an offset instead of Z": (
        _with(modified_date="2024-03-05T12:00:00.000000+03:00"),
        {"same-formats breaking plan.modified_date"},
    ),
    "fewer digits": (_of_order("amount", "1.5"), {"same-formats cosmetic plan.order.amount"}),
    "other words in free text": (_of_order("notes", "zile basmayın"), set()),
    "a header is new": (_plus(("x-frame", "1")), {"same-headers additive header of 7 characters (b044)"}),
    "a header is gone": (_minus("www-authenticate"), {"same-headers breaking header www-authenticate"}),
    "a header of no client is gone": (_minus("x-frame-options"), {"same-headers cosmetic header x-frame-options"}),
    "a list in a header is in another order": (
        _headers(lambda one: ((it, "HEAD, get, OPTIONS" if it == "allow" else said) for it, said in one.headers)),
        {"same-headers cosmetic header allow"},
    ),
    "a proxy adds its own": (
        _headers(lambda one: (*one.headers, ("via", "1.1 x"), ("cf-ray", "8f2"), ("x-request-id", str(one.number)))),
        set(),
    ),
    "403 instead of 401": (
        changed(Question.NO_TOKEN, Question.WRONG_TOKEN, status=403),
        {"same-statuses breaking status"},
    ),
    "another wording": (changed(Question.OTHER_MEDIA, body=b'{"detail":"Nein."}'), {"same-wording cosmetic"}),
    "a refusal without detail": (
        changed(Question.NO_PAGE, body=b'{"message":"Invalid page."}'),
        {"same-fields breaking error.detail", "same-fields additive error.message"},
    ),
    "HTML instead of JSON": (
        changed(Question.HUGE_ID, body=b"<p>", headers=(("content-type", "text/html"),)),
        {f"same-headers breaking header {name}" for name in ("content-type", "allow")}
        | {f"same-headers cosmetic header {name}" for name in (
            "x-frame-options", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy")},
    ),
}  # fmt: skip


def test_a_change_is_told_where_it_is_and_how_bad_it_is() -> None:
    told = {name: _told(drift(HERE, mutated(HERE, change))) for name, (change, _) in MUTANTS.items()}
    assert told == {name: expected for name, (_, expected) in MUTANTS.items()}


#: What drift finds of each shape of contract drift, at least, and the keyword of the schema that it breaks.
#: Shuffled or lost rows break none: they are for the checks of one side.
SHAPES: dict[Shape, tuple[str, str]] = {
    Shape.MISSING_NEXT: ("same-fields breaking page.next", "required"),
    Shape.NULL_FIELD: ("same-nulls breaking plan.order", "type"),
    Shape.EXTRA_FIELD: ("same-fields additive plan.fulfilment_score", "additionalProperties"),
    Shape.UNKNOWN_STATE: ("same-values breaking plan.state", "enum"),
    Shape.ID_AS_STRING: ("same-types breaking plan.id", "type"),
    Shape.NO_TIMEZONE: ("same-formats breaking plan.created_date", "format"),
    Shape.BARE_ARRAY: ("same-switches breaking switch list", "type"),
    Shape.COMMANDS_AS_STRING: ("same-switches breaking switch commands", "type"),
}


@pytest.mark.parametrize("kind", SHAPES)
def test_each_shape_of_contract_drift_is_found_and_breaks_the_schema(kind: Shape) -> None:
    def apply(_: Question, exchange: Exchange) -> Exchange:
        if exchange.status != 200 or exchange.operation is None:
            return exchange
        return replace(exchange, body=reshaped_body(kind, exchange.body, previous=None))

    finding, keyword = SHAPES[kind]
    other = mutated(HERE, apply)
    assert finding in _told(drift(HERE, other))
    judge = judge_of(contract().document, {"$ref": "#/components/schemas/PlanPage"})
    assert keyword in {one.validator for one in judge.iter_errors(next(other.of(Question.WALK)).content)}


def test_a_difference_in_list_and_detail_is_one_finding_that_names_both_and_where_the_contract_is_from() -> None:
    (one,) = findings(drift(HERE, mutated(HERE, _without("context"))))
    assert "GET /api/v1/oms/orderexecutionplans/; " in one.request
    assert "GET /api/v1/oms/orderexecutionplans/{id}/" in one.request
    assert (one.provenance, one.source[:10]) == ("documented", "plans page")


def test_below_what_is_gone_nothing_more_is_said() -> None:
    assert _told(drift(HERE, mutated(HERE, _without("order")))) == {"same-fields breaking plan.order"}


def test_a_member_that_was_only_sometimes_there_may_be_missing_for_want_of_data() -> None:
    plan = {"id": 1, "gift": 1}
    assert summary(drift_of_plans([plan, {"id": 2}], [{"id": 3}])) == [("same-fields", "unknown", "plan.gift")]


def test_answers_that_say_too_many_requests_are_not_compared() -> None:
    assert summary(drift(HERE, mutated(HERE, changed(Question.HUGE_ID, status=429, body=b"{}")))) == []


def test_notes_say_what_only_one_side_showed_or_was_asked_and_what_cut_a_crawl_short() -> None:
    notes = " ".join(drift(HERE, crawl_of_view(after=timedelta(), plans=[{"state": "start"}])).notes)
    assert [one for one in ("plan.orderexecutionplanitem_set[].stock_location", "page_size") if one not in notes] == []
    asked = tuple(one for one in HERE.answered if one.question is not Question.HUGE_ID)
    other = drift(HERE, replace(HERE, answered=asked, target="there"))
    assert "Not compared: 'huge id', of which there shows nothing." in other.notes
    assert "here: Enough." in drift(HERE, replace(HERE, whole=False, ended="Enough.")).notes


# --- Captured bodies -------------------------------------------------------------------------------------------------
def test_captured_bodies_are_compared_without_statuses_and_headers() -> None:
    page = json.loads(next(HERE.of(Question.WALK)).body)
    found = drift(captured_shapes(page, NOW), HERE)
    assert summary(found) == []
    assert {one.check: one.unseen is None for one in found.results} == {
        "same-switches": True, "same-statuses": False, "same-headers": False, "same-fields": True, "same-types": True,
        "same-nulls": True, "same-values": True, "same-formats": True, "same-wording": False,
    }  # fmt: skip


def test_a_captured_plan_is_compared_with_the_details() -> None:
    plan = json.loads(next(HERE.of(Question.DETAIL)).body) | {"id": "7"}
    assert summary(drift(HERE, captured_shapes(plan, NOW))) == [("same-types", "breaking", "plan.id")]


# --- Patches ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", [*list(MUTANTS)[:5], "null where none was", "null below what may be null"])
def test_under_the_patched_contract_the_other_side_fits(name: str) -> None:
    other = mutated(HERE, MUTANTS[name][0])
    before = contract().document
    after = patched(before, drift(HERE, other).contract)
    plans = [json.loads(one.body) for one in other.of(Question.DETAIL)]
    schema = {"$ref": "#/components/schemas/OrderExecutionPlan"}
    unfit = [[fault for plan in plans for fault in faults(one, schema, plan)] for one in (before, after)]
    assert unfit[0]
    assert unfit[1] == []


def test_a_patch_names_only_what_the_contract_knows() -> None:
    found = drift_of_plans([{"id": 1, "x": {"y": 1}}], [{"id": 1, "x": {"y": "1"}}])
    assert summary(found) == [("same-types", "breaking", "plan.x.y")]
    assert found.contract == ()


def test_the_contract_knows_every_place_that_the_mock_shows() -> None:
    shown = {place for one in shapes(HERE).situations.values() for place in one.fields}
    known = contract()
    assert sorted(one for one in shown if not one.startswith("error") and not known.at(one)) == []


# --- Keeping ---------------------------------------------------------------------------------------------------------
def test_an_observation_is_the_same_after_it_was_saved() -> None:
    seen = replace(shapes(HERE), host=Host.PUBLIC)
    assert saved_observation(json.loads(json.dumps(saved_members(seen)))) == seen


def test_nothing_of_a_plan_is_kept_but_words_of_the_vendor() -> None:
    plan = json.loads(next(HERE.of(Question.DETAIL)).body)
    order = plan["order"]
    secret = (order["number"], order["customer"]["email"], order["shipping_address"]["line"], order["amount"])
    text = json.dumps(saved_members(shapes(HERE)), ensure_ascii=False)
    assert [one for one in secret if one in text] == []


#: How a word of a customer's could come into what is kept or said.
WAYS: dict[str, Change] = {
    "a refusal": changed(*Question, status=400, body=f'{{"detail":"{SECRET} has no plan 7."}}'.encode()),
    "a state": _with(state=SECRET),
    "a context": _with(context={"1": {"date": "2024-03-05", SECRET: 1}, SECRET: "x"}),
    "the name of a header": _plus((f"x-{SECRET}".lower(), "1")),
    "the value of a header": _plus(("www-authenticate", f'Bearer realm="{SECRET}"')),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_word_of_a_customer_is_kept_or_told_by(way: str) -> None:
    other = mutated(HERE, WAYS[way])
    said = [asdict(one) for one in findings(drift(HERE, other))]
    assert SECRET.lower() not in json.dumps([saved_members(observed_shapes(other, NOW)), said]).lower()


def test_notes_tell_what_is_wrong_with_an_address_and_not_the_address() -> None:
    notes = (
        "the link to the next page leads to another host, which is not asked ('https://oms.kisi.example/?c=(1)').",
        "The walk ended at /api/v1/oms/orderexecutionplans/?cursor=Gulsah, which was answered with no page.",
    )
    ended = "https://oms.kisi.example gave no answer (no name oms.kisi.example). Is the address right, and the OMS up?"
    assert observed_shapes(replace(HERE, notes=notes, ended=ended), NOW).notes == (
        "the link to the next page leads to another host, which is not asked.",
        "The walk ended at /api/v1/oms/orderexecutionplans/?…, which was answered with no page.",
        "the address gave no answer. Is the address right, and the OMS up?",
    )


def test_the_frameworks_sentences_are_kept_as_they_are() -> None:
    wording = {text for one in shapes(HERE).situations.values() for text in one.wording}
    assert wording >= {"Not found.", "Invalid page.", "Invalid token."}
    assert not [text for text in wording if text.startswith("text of")]


def test_a_sentence_that_nobody_knows_is_the_same_whatever_its_numbers() -> None:
    assert sentence("Gulsah has no plan 7.") == sentence("Gulsah has no plan 4711.")
    assert sentence("Gulsah has no plan 7.") != sentence("Gulsum has no plan 7.")


def test_of_the_address_of_an_oms_its_kind_is_kept() -> None:
    members = saved_members(observed_shapes(replace(HERE, target="https://oms.kisi.example"), NOW))
    assert "kisi" not in json.dumps(members)
    assert members["host"] == "public"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"kind": "mock-oms portrait 9"}, "accepted: 'mock-oms portrait 2'"),
        ({"kind": "mock-oms portrait 2", "target": "mock"}, "cannot be read"),
        ({"answers": {}, "situations": 5}, "cannot be read"),
    ],
)
def test_a_saved_file_that_was_changed_by_hand_is_refused_with_a_sentence(document: Any, words: str) -> None:
    with pytest.raises(SavedFileError, match=words):
        saved_observation(document)


def test_every_switch_has_a_severity_and_a_way_to_be_summary() -> None:
    assert set(_RULES) == set(SWITCH_SEVERITIES) == {one.name for one in fields(Switches)}
