"""Reading an OMS for a recording: what is asked for, what is remembered, and how it ends."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mock_oms.conformance.crawler.session import LIST
from mock_oms.conformance.recorder.pseudonyms import RecordingError
from mock_oms.conformance.recorder.scenario import answers_of, recording_of, scenario_of
from tests.recorded import FakeOms, changed, real_plans, walk


def test_watching_records_what_changes() -> None:
    oms = FakeOms(real_plans())
    reader = oms.read()
    oms.watch(reader)
    assert scenario_of(reader.recording).commands == 0
    pending = next(plan for plan in oms.plans if plan["state"] == "pending")
    pending |= {"state": "cancelled", "commands": [], "modified_date": "2024-03-05T10:07:00.000000Z"}
    oms.watch(reader)
    written = scenario_of(reader.recording)
    assert (written.commands, "run: plan-cancel" in written.text, "changed in" in written.text) == (1, True, False)


def test_details_are_all_read_only_where_they_say_more_and_are_then_what_is_recorded() -> None:
    plan = real_plans()[0]
    oms = FakeOms([{**plan, "id": number} for number in range(1, 50)], size=100)
    oms.read()
    assert len(oms.requests) == 1 + 10 + 1  # the list, ten details, and a plan that is not there
    oms = FakeOms(real_plans(), extra={"context": {"1": {"date": "2024-03-05", "stock_locations": {}}}})
    oms.plans = [{key: one for key, one in plan.items() if key != "context"} for plan in oms.plans]
    reader = oms.read()
    oms.watch(reader)
    assert len(oms.requests) == 2 + 4 + 1 + 2  # two pages, four details, one that is missing, and the pages once more
    assert all("context" in one[-1].body and len(one) == 1 for one in reader.recording.plans.values())


def test_an_end_in_the_middle_keeps_what_was_seen_and_the_next_run_goes_on_from_there() -> None:
    recording = FakeOms(real_plans(), most=1).read().recording
    assert (len(recording.plans), recording.ended, recording.page) == (2, "Enough.", 2)
    assert "was new" not in scenario_of(recording).text
    oms = FakeOms(real_plans())
    oms.read(recording)
    assert oms.requests[0].endswith("?2")
    assert [len(seen) for seen in recording.plans.values()] == [1] * 4


def test_since_leaves_out_older_plans_by_their_dates_and_stops_at_a_page_of_them() -> None:
    since = datetime(2024, 3, 3, tzinfo=UTC)
    plans = [{**plan, "created_date": f"2024-03-0{4 - at}T00:00:00Z"} for at, plan in enumerate(real_plans())]
    oms = FakeOms(plans, size=1)
    assert len(oms.read(since=since).recording.plans) == 2
    assert [one for one in oms.requests if one.startswith(f"{LIST}?")] == [f"{LIST}?", f"{LIST}?2", f"{LIST}?3"]
    for date, left in (("2024-03-02", 0), ("2024-03-03", 1), ("yesterday", 1), (5, 1)):
        oms = FakeOms([{**plans[0], "created_date": date}])
        assert len(oms.read(since=since, walk=walk("hash")).recording.plans) == left


def test_a_list_without_an_envelope_is_one_page() -> None:
    oms = FakeOms(real_plans(), most=1)
    array = json.dumps(oms.plans).encode()
    recording = oms.read(get=lambda path, query: replace(oms.get(path, query), body=array)).recording
    assert (len(recording.plans), answers_of(recording.shapes)["list"], recording.page) == (4, "array", 0)


@pytest.mark.parametrize(("link", "sentence"), [
    (f"https://oms.test{LIST}?page=2", "The links to the next page lead in a circle."),
    ("https://elsewhere.example.com/x/?page=2", "does not lead to the list"),
    ("https://[oms.test?page=2", "does not lead to the list"),
    (f"https://oms.test{LIST}?page={'9' * 100_000}", "accepted: 4,096"),
], ids=["circle", "elsewhere", "none", "long"])  # fmt: skip
def test_a_link_that_leads_nowhere_ends_it_and_keeps_what_was_seen(link: str, sentence: str) -> None:
    recording = FakeOms(real_plans(), link=link).read().recording
    assert len(recording.plans) >= 2
    assert sentence in str(recording.ended)


@pytest.mark.parametrize(("failing", "plans"), [({1}, 4), ({2}, 4), ({3}, 4), ({2, 3}, 2)], ids=range(4))
def test_two_failures_in_a_row_are_the_end_one_is_not_and_nobody_doubts_the_token(failing: Any, plans: int) -> None:
    recording = FakeOms(real_plans(), failing=frozenset(failing)).read().recording
    assert len(recording.plans) == plans
    assert ("answered 500" in str(recording.ended), "token" in str(recording.ended)) == (plans == 2, False)


def test_nobody_is_asked_for_plans_that_a_file_has_no_room_for() -> None:
    plan = changed(real_plans()[0], "x" * 400_000, ("order", "orderitem_set", 0, "product", "sku"))
    oms = FakeOms([{**plan, "id": number} for number in range(1, 41)])
    recording = oms.read(walk=walk(keep="sku")).recording
    written = scenario_of(recording)
    assert 1 < written.plans == len(recording.plans) < 20
    assert len(oms.requests) <= written.plans // 2 + 1
    assert "of 40 plans" in str(recording.ended)
    assert (recording.full, written.left_out) == (True, 0)


def test_what_was_seen_is_saved_every_ten_pages_at_the_end_and_at_an_interruption() -> None:
    seen: list[int] = []
    saved: list[int] = []
    plan = real_plans()[0]
    plans = [{**plan, "id": number} for number in range(1, 26)]
    FakeOms(plans, size=1).read(progress=lambda plans, _: seen.append(plans), save=lambda: saved.append(seen[-1]))
    assert saved == [10, 20, 25]

    def interrupt(_seen: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        FakeOms(plans).read(progress=interrupt, save=lambda: saved.append(0))
    assert saved == [10, 20, 25, 0]


def test_what_was_seen_of_a_switch_before_an_interruption_counts_when_it_goes_on() -> None:
    plans = real_plans()
    lines = FakeOms(plans, size=1, most=2).read().recording.lines()
    before = recording_of(json.loads(json.dumps(line)) for line in lines)
    oms = FakeOms([{**plan, "state": {"enum_value": plan["state"]}} for plan in plans], size=1)
    shapes = oms.read(before).recording.shapes
    assert shapes["state"].keys() == {"string", "object"}
    assert "state" not in answers_of(shapes)


def test_switches_are_learnt_from_details_and_from_a_missing_plan_if_the_budget_lasts() -> None:
    sentences = {
        "Not found.": "short",
        "No OrderExecutionPlan matches the given query.": "model",
        "No Plan matches the given query.": "model",
        "Bulunamadı.": "other",
    }
    for sentence, learnt in sentences.items():
        shapes = FakeOms(real_plans(), missing=sentence).read().recording.shapes
        assert shapes["not_found"] == {learnt: 1}
    recording = FakeOms(real_plans(), most=6).read().recording
    assert (recording.ended, recording.shapes.get("not_found")) == (None, None)
    oms = FakeOms([{**plan, "commands": []} for plan in real_plans()], extra={"commands": "plan-cancel"})
    assert answers_of(oms.read().recording.shapes)["commands"] == "comma"


@pytest.mark.parametrize(("status", "body", "sentence"), [
    (200, b"null", "holds no list of plans"), (200, b"{}", "holds no list of plans"), (200, b"<h1>", "is no JSON"),
    (200, b"[" * 100_000, "is no JSON"), (401, b"{}", "Is the token right"),
    (403, b"{}", "May the owner of the token see plans"),
    (404, b"{}", "Is the address that of an OMS"),
    (418, b"{}", "Is the address that of an OMS"),
    (503, b"", "Look into its log"),
], ids=range(9))  # fmt: skip
def test_a_first_answer_that_is_no_list_is_refused_with_the_way_out(status: int, body: bytes, sentence: str) -> None:
    oms = FakeOms([])
    answer = replace(oms.get(LIST, ()), status=status, body=body)
    with pytest.raises(RecordingError, match=sentence):
        oms.read(get=lambda *_: answer)
