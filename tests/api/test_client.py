"""The client of the control API, over the plugin's server: every answer is a value, every refusal a sentence."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import create_server
from threading import Thread
from typing import Any

import httpx
import pytest

from mock_oms.client import Control, ControlError, UnreachableError, WishError, World
from mock_oms.client.connection import Connection
from mock_oms.client.failure_report import failure_report
from mock_oms.testing import running_server

pytestmark = pytest.mark.oms(scenario="restock")

PLAN = 41207
START = datetime(2024, 3, 5, 9, tzinfo=UTC)


def state_for_the_vendors_client(world: World, plan: int = PLAN) -> str:
    answer = httpx.get(f"{world.url}/api/v1/oms/orderexecutionplans/{plan}/", headers=world.headers, trust_env=False)
    return str(answer.json()["state"])


# Scenarios and worlds


def test_scenarios_are_named_with_their_descriptions(oms_control: Control) -> None:
    found = {one.name: one.description for one in oms_control.scenarios()}
    assert "restock" in found["restock"]


def test_the_default_world_is_the_first_of_all_worlds(oms: World, oms_control: Control) -> None:
    names = [one.name for one in oms_control.worlds()]
    assert names[0] == "default"
    assert oms.name in names


def test_a_world_is_opened_as_it_was_wished(oms_control: Control) -> None:
    clock = {"start": datetime(2025, 1, 1, tzinfo=UTC), "rate": 0}
    with oms_control.open_world(scenario="restock", seed=3, name="wished", ttl="2h", clock=clock) as world:
        facts = world.facts()
    assert (facts.name, facts.scenario, facts.seed, facts.ttl) == ("wished", "restock", 3, "2h")
    assert facts.clock.now == datetime(2025, 1, 1, tzinfo=UTC)


def test_a_world_without_a_ttl_lives_for_ever(oms_control: Control) -> None:
    with oms_control.open_world(ttl=None) as world:
        assert world.facts().ttl is None


def test_a_ttl_may_be_a_span_of_time(oms_control: Control) -> None:
    with oms_control.open_world(ttl=timedelta(minutes=90)) as world:
        assert world.facts().ttl == "1h30m"


def test_the_line_of_a_world_is_that_of_the_vendors_answers(oms: World) -> None:
    oms.block("WH001")
    answer = httpx.get(f"{oms.url}/api/v1/oms/orderexecutionplans/", headers=oms.headers, trust_env=False)
    assert oms.facts().line == answer.headers["X-Mock-Oms"]


def test_the_end_of_a_with_block_closes_the_world(oms_control: Control) -> None:
    with oms_control.open_world() as world:
        pass
    with pytest.raises(ControlError) as caught:
        world.facts()
    assert caught.value.status == 404


def test_to_close_a_world_twice_is_no_error(oms_control: Control) -> None:
    with oms_control.open_world() as world:
        world.close()
    assert world.name not in {one.name for one in oms_control.worlds()}


def test_the_default_world_cannot_be_closed(oms_control: Control) -> None:
    with pytest.raises(ControlError, match="default") as caught:
        oms_control.world().close()
    assert caught.value.status == 409


def test_a_line_of_the_timeline_that_was_refused_is_among_the_facts(tmp_path: Path) -> None:
    line = "{at: 5m, sell: {sku: A, location: W, count: 9}}"
    text = f"description: x\nstock: {{A: {{W: 1}}}}\nlocations: {{W: {{}}}}\nplans: []\ntimeline: [{line}]\n"
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with running_server(scenario="mine", scenarios=tmp_path) as server:
        world = server.control.world()
        world.advance("10m")
        (missed,) = world.facts().missed
    assert (missed.origin, missed.reason) == ("timeline[0] of mine.yaml", "W has 1 of A free: 9 cannot be sold.")


def test_a_world_is_found_by_its_name(oms: World, oms_control: Control) -> None:
    assert oms_control.world(oms.name).token == oms.token


def test_a_name_that_no_world_has_is_refused_with_a_sentence(oms_control: Control) -> None:
    with pytest.raises(ControlError, match="There is no world nowhere"):
        oms_control.world("nowhere")


@pytest.mark.parametrize("name", ["", ".", "..", "default/clock", "default/plans", "Default", "a" * 64, "a\n"])
def test_what_is_no_name_of_a_world_is_refused_before_it_becomes_an_address(oms_control: Control, name: str) -> None:
    with pytest.raises(WishError, match="accepted: 1 to 63 lower-case letters, digits and hyphens, no hyphen first"):
        oms_control.world(name)


def test_what_is_no_name_of_a_world_is_refused_with_the_nearest(oms_control: Control) -> None:
    with pytest.raises(WishError, match=r"found 'default/clock'; .*; the nearest is default"):
        oms_control.world("default/clock")


def test_two_worlds_do_not_see_each_other(oms: World, oms_control: Control) -> None:
    with oms_control.open_world(scenario="restock") as other:
        other.run(PLAN, "plan-cancel")
        assert (state_for_the_vendors_client(oms), state_for_the_vendors_client(other)) == ("start", "cancelled")


# Time


def test_advancing_answers_with_the_transitions_it_caused(oms: World) -> None:
    (step,) = oms.advance("1m")
    assert (step.plan, step.from_, step.to, step.at) == (PLAN, "start", "pending", START + timedelta(minutes=1))
    assert state_for_the_vendors_client(oms) == "pending"


def test_the_clock_is_advanced_by_a_span_of_time(oms: World) -> None:
    oms.advance(timedelta(hours=1))
    assert oms.now == START + timedelta(hours=1)


def test_the_clock_is_advanced_until_a_plan_is_in_a_state(oms: World) -> None:
    oms.advance(until=(PLAN, "completed"), within="2h")
    assert (oms.now, state_for_the_vendors_client(oms)) == (START + timedelta(hours=1), "completed")


def test_a_state_that_never_comes_leaves_the_clock_alone(oms: World) -> None:
    with pytest.raises(ControlError) as caught:
        oms.advance(until=(PLAN, "completed"), within="10m")
    assert (caught.value.status, oms.now) == (409, START)


def test_the_clock_is_advanced_to_a_time(oms: World) -> None:
    oms.advance_to(START + timedelta(minutes=5))
    assert oms.now == START + timedelta(minutes=5)


def test_a_clock_runs_and_is_frozen_again(oms: World) -> None:
    oms.run_at(60)
    assert oms.clock.rate == 60
    oms.freeze()
    assert oms.clock.rate == 0


@pytest.mark.parametrize("wish", [{}, {"by": "1m", "until": (PLAN, "pending")}], ids=["neither", "both"])
def test_an_advance_is_by_a_duration_or_until_a_state(oms: World, wish: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="by how much"):
        oms.advance(**wish)  # type: ignore[arg-type]  # one of them is the wrong wish


@pytest.mark.parametrize("span", ["soon", "", timedelta(milliseconds=1)])
def test_what_is_no_duration_is_refused_before_it_is_sent(oms: World, span: str | timedelta) -> None:
    with pytest.raises(ValueError, match=r"duration|second"):
        oms.advance(span)


@pytest.mark.parametrize("span", [60, 1.5, True, START])
def test_what_is_no_kind_of_duration_is_refused_with_what_is(oms: World, span: Any) -> None:
    with pytest.raises(WishError, match=f"{re.escape(f'found {span!r}')}; accepted: 30m, or a timedelta"):
        oms.advance(span)


@pytest.mark.parametrize("until", [PLAN, (PLAN,), "41207=completed", (PLAN, "completed", "2h")])
def test_a_goal_is_a_pair_of_plan_and_state(oms: World, until: Any) -> None:
    with pytest.raises(
        WishError, match=r"until: found .*; accepted: a plan and a state, as in \(41207, \"completed\"\)"
    ):
        oms.advance(until=until)


def test_a_time_that_is_no_datetime_is_refused_with_what_is_accepted(oms: World) -> None:
    with pytest.raises(WishError, match="found '2024-03-05'; accepted: a datetime with its zone"):
        oms.advance_to("2024-03-05")  # type: ignore[arg-type]  # the wrong wish


@pytest.mark.parametrize("rate", [float("nan"), float("inf"), -1, 86_401, "60", True, None])
def test_a_rate_that_no_clock_runs_at_is_refused_before_it_is_sent(oms: World, oms_control: Control, rate: Any) -> None:
    with pytest.raises(WishError, match=r"rate: found .*; accepted: a number from 0 .*to 86400"):
        oms.run_at(rate)
    with pytest.raises(WishError, match=r"rate: found .*; accepted: a number from 0 .*to 86400"):
        oms_control.open_world(clock={"rate": rate})


def test_a_clock_that_is_no_mapping_is_refused_with_what_is_accepted(oms_control: Control) -> None:
    with pytest.raises(WishError, match=r'clock: found 60; accepted: a mapping such as \{"rate": 60\}'):
        oms_control.open_world(clock=60)  # type: ignore[arg-type]  # the wrong wish


def test_a_turn_of_the_clock_tells_what_the_clock_shows_since(oms: World) -> None:
    turned = oms.advance("1m")
    assert (turned.now, turned.rate, len(turned)) == (START + timedelta(minutes=1), 0, 1)


# Plans


def test_a_plan_tells_why_it_waits(oms: World) -> None:
    oms.advance("1m")
    plan = oms.plan(PLAN)
    assert (plan.state, next(one.slug for one in plan.legal), len(plan.history)) == ("pending", "plan-reschedule", 2)
    assert "TST-002-L" in plan.missing[0]
    assert plan.next_attempt == START + timedelta(minutes=30)


@pytest.mark.parametrize(("state", "count"), [(None, 1), ("start", 1), ("completed", 0)])
def test_plans_are_listed_by_state(oms: World, state: str | None, count: int) -> None:
    page = oms.plans(state=state)
    assert (page.count, len(page.plans)) == (count, count)


@pytest.mark.oms(scenario="default")
def test_plans_are_listed_in_pages(oms: World) -> None:
    first, second = oms.plans(limit=2), oms.plans(limit=2, offset=1)
    assert first.count > 2
    assert first.plans[1] == second.plans[0]


def test_a_command_is_run_by_its_slug(oms: World) -> None:
    ran = oms.run(PLAN, "plan-cancel")
    assert (ran.plan, ran.from_, ran.to, ran.at) == (PLAN, "start", "cancelled", START)


def test_a_command_is_run_by_its_transition(oms: World) -> None:
    assert oms.run(PLAN, 2).to == "cancelled"


def test_a_command_that_may_not_run_now_says_which_may(oms: World) -> None:
    with pytest.raises(ControlError) as caught:
        oms.run(PLAN, "plan-complete")
    assert (caught.value.status, caught.value.legal) == (409, ("plan-cancel",))


def test_a_plan_that_does_not_exist_is_refused(oms: World) -> None:
    with pytest.raises(ControlError) as caught:
        oms.plan(1)
    assert caught.value.status == 404


# Events


def test_a_restock_completes_the_plan_at_its_next_attempt(oms: World) -> None:
    oms.advance("1m")
    oms.restock("TST-002-L", "WH001", 10)
    oms.advance("29m")
    assert state_for_the_vendors_client(oms) == "completed"


def test_an_order_answers_with_its_plan(oms: World) -> None:
    plan = oms.order(["TST-001-M"], city="Ankara").plan
    assert state_for_the_vendors_client(oms, plan) == "start"


def test_an_order_that_is_held_answers_with_its_plan_too(oms: World) -> None:
    plan = oms.order(["TST-001-M"], hold=True).plan
    assert oms.plan(plan).missing == ("it is held until it is confirmed",)


def test_a_blocked_location_is_opened_again(oms: World) -> None:
    oms.block("WH001")
    oms.open("WH001")
    assert [(one.word, one.said) for one in oms.events()] == [
        ("block", {"location": "WH001"}),
        ("open", {"location": "WH001"}),
    ]


def test_an_item_is_cancelled_out_of_a_plan(oms: World) -> None:
    oms.advance("1m")
    assert oms.cancel_item(PLAN, "TST-002-L").transitions[-1].to == "completed"


def test_a_location_refuses_its_package(oms: World) -> None:
    oms.advance("1h")
    assert oms.refuse(PLAN, "WH001").number == 1


def test_a_location_misses_a_unit(oms: World) -> None:
    oms.advance("1h")
    assert oms.not_found(PLAN, "TST-001-M").at == START + timedelta(hours=1)


def test_the_stock_service_goes_down(oms: World) -> None:
    oms.stock_service("down")
    (step,) = oms.advance("1m")
    assert step.to == "pending"


def test_any_word_of_a_timeline_is_an_event(oms: World) -> None:
    assert oms.event(quota={"location": "STORE01", "max_quota": 5}).number == 1


def test_what_is_wrong_with_a_field_is_in_the_message(oms: World) -> None:
    with pytest.raises(ControlError, match=r"restock.*count") as caught:
        oms.restock("TST-002-L", "WH001", 0)
    assert caught.value.status == 422
    assert caught.value.errors


@pytest.mark.parametrize("items", ["TST-001-M", 5, None])
def test_an_order_is_of_a_list_of_skus(oms: World, items: Any) -> None:
    with pytest.raises(WishError, match=r'items: found .*; accepted: a list of SKUs, as in \["TST-001-M"\]'):
        oms.order(items)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (b"5", "b'5'"),
        ({5}, r"\{5\}"),
        (START, "2024-03-05T09:00:00"),
        (1 << 20_000, "a number of 20001 bits"),
        ("\ud800", "'\\\\ud800'"),
    ],
    ids=["nan", "infinity", "bytes", "set", "datetime", "huge", "surrogate"],
)
def test_what_json_cannot_write_is_refused_with_its_place(oms: World, value: object, found: str) -> None:
    with pytest.raises(WishError, match=rf"restock\.counts\[1\]: found {found}.*; accepted: "):
        oms.event(restock={"sku": "TST-002-L", "counts": [1, value]})


def test_what_is_nested_too_deeply_is_refused(oms: World) -> None:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(WishError, match="nested too deeply"):
        oms.event(restock=nested)


# The world as a whole


def test_a_snapshot_makes_the_same_world_again(oms: World, oms_control: Control) -> None:
    oms.advance("1m")
    oms.run(PLAN, "plan-cancel")
    with oms_control.open_world(snapshot=oms.snapshot()) as again:
        assert (again.now, state_for_the_vendors_client(again)) == (oms.now, "cancelled")


def test_a_snapshot_is_put_back(oms: World) -> None:
    saved = oms.snapshot()
    oms.advance("1h")
    assert oms.restore(saved).clock.now == START


def test_a_reset_returns_to_the_beginning(oms: World) -> None:
    oms.advance("1h")
    assert oms.reset().clock.now == START
    assert oms.transitions == ()


def test_a_world_remembers_the_transitions_that_it_caused(oms: World) -> None:
    oms.advance("1m")
    oms.run(PLAN, "plan-cancel")
    assert [one.to for one in oms.transitions] == ["pending", "cancelled"]


def test_the_account_of_a_world_tells_events_and_transitions_and_how_to_make_it_again(oms: World) -> None:
    oms.advance("1m")
    oms.restock("TST-002-L", "WH001", 10)
    told = failure_report(oms)
    assert f"world {oms.name}: scenario restock@" in told
    assert "1  2024-03-05T09:01:00Z  restock " in told
    assert f"2024-03-05T09:01:00Z  plan {PLAN}: start -> pending, attempt 1" in told
    assert told.splitlines()[-1].endswith("| mock-oms world new --snapshot -")


@pytest.mark.oms(scenario="default")
def test_the_account_of_a_large_world_shows_its_first_plans(oms: World) -> None:
    assert f"and {oms.plans().count - 10:,} more" in failure_report(oms)


# Nobody there


def test_a_mock_that_is_not_there_is_one_sentence() -> None:
    with Control("http://127.0.0.1:9") as control, pytest.raises(UnreachableError, match="No mock-oms answers at"):
        control.worlds()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "https://", "ftp://127.0.0.1", "http://127.0.0.1:x", "127.0.0.1:8080", "http://a?b"]
)
def test_an_address_that_is_none_is_called_so(url: str) -> None:
    with pytest.raises(WishError, match=r"is no address of a mock; accepted: one such as http://127.0.0.1:8080"):
        Control(url)


@pytest.mark.parametrize("token", ["", "gehéim", "two words", "a\n"])
def test_a_control_token_that_no_header_carries_is_refused_by_name(token: str) -> None:
    with pytest.raises(WishError, match=r"The control token .*; accepted: visible ASCII without blanks") as caught:
        Control("http://127.0.0.1:9", token)
    assert not token or token not in str(caught.value)


@contextmanager
def silent_server() -> Iterator[str]:
    """Somebody who takes every request and never answers."""
    with create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_mock_that_is_at_work_for_long_is_not_called_absent() -> None:
    said = r"127.0.0.1:\d+ did not answer within 0\.01s; it may still be at work"
    with silent_server() as url, Control(url, patience=0.01) as control, pytest.raises(UnreachableError, match=said):
        control.worlds()


@pytest.mark.parametrize(
    "turn",
    [
        lambda world: world.advance("1m"),
        lambda world: world.advance_to(START),
        lambda world: world.run_at(1),
        lambda world: world.restore({}),
        lambda world: world.clock,
    ],
    ids=["advance", "advance_to", "run_at", "restore", "clock"],
)
def test_what_turns_a_clock_is_waited_for_longer(oms: World, turn: Any) -> None:
    with silent_server() as url, pytest.raises(UnreachableError, match=r"within 0\.2s"):
        turn(World(Connection(url, None, patience=0.01), oms.facts()))


def test_a_snapshot_that_is_opened_is_waited_for_longer() -> None:
    late = pytest.raises(UnreachableError, match=r"within 0\.2s")
    with silent_server() as url, Control(url, patience=0.01) as control, late:
        control.open_world(snapshot={})


class _Stranger(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def another_server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Stranger) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_server_that_is_no_mock_is_one_sentence() -> None:
    said = "answered 200 with text/html instead of JSON: is it a mock-oms"
    with another_server() as url, Control(url) as control, pytest.raises(ControlError, match=said):
        control.worlds()
