"""The client of the control API, over the plugin's server: every answer is a value, every refusal a sentence."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import create_server
from threading import Thread
from typing import Any

import httpx
import pytest

from mock_oms.client import Control, ControlError, Happened, UnreachableError, WishError, World
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


def test_scenarios_and_worlds_are_listed_the_default_world_first(oms: World, oms_control: Control) -> None:
    assert "restock" in {one.name: one.description for one in oms_control.scenarios()}["restock"]
    names = [one.name for one in oms_control.worlds()]
    assert (names[0], oms.name in names) == ("default", True)


@pytest.mark.parametrize(("ttl", "shown"), [("2h", "2h"), (timedelta(minutes=90), "1h30m"), (None, None)])
def test_a_world_is_opened_as_it_was_wanted_and_closed_at_the_end_of_its_block(
    oms_control: Control, ttl: Any, shown: str | None
) -> None:
    clock = {"start": datetime(2025, 1, 1, tzinfo=UTC), "rate": 0}
    with oms_control.open_world(scenario="restock", seed=3, name="wanted", ttl=ttl, clock=clock) as world:
        facts = world.facts()
        assert oms_control.world("wanted").token == world.token
    assert (facts.name, facts.scenario, facts.seed, facts.ttl) == ("wanted", "restock", 3, shown)
    assert facts.clock.now == datetime(2025, 1, 1, tzinfo=UTC)
    with pytest.raises(ControlError, match="There is no world wanted") as caught:
        world.facts()
    assert caught.value.status == 404
    world.close()


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


# Time


def test_advancing_answers_with_the_time_and_the_transitions_that_it_caused(oms: World) -> None:
    turned = oms.advance("1m")
    (step,) = turned
    assert (step.plan, step.from_, step.to, step.at) == (PLAN, "start", "pending", START + timedelta(minutes=1))
    assert (turned.now, turned.rate) == (START + timedelta(minutes=1), 0)
    assert oms.advance(timedelta(hours=1)).now == oms.now == START + timedelta(minutes=61)
    assert oms.advance_to(START + timedelta(hours=2)).now == START + timedelta(hours=2)


def test_the_clock_is_advanced_until_a_plan_is_in_a_state_or_left_alone(oms: World) -> None:
    with pytest.raises(ControlError) as caught:
        oms.advance(until=(PLAN, "completed"), within="10m")
    assert (caught.value.status, oms.now) == (409, START)
    oms.advance(until=(PLAN, "completed"), within="2h")
    assert (oms.now, state_for_the_vendors_client(oms)) == (START + timedelta(hours=1), "completed")


def test_a_clock_runs_and_is_frozen_again(oms: World) -> None:
    oms.run_at(60)
    assert oms.clock.rate == 60
    oms.freeze()
    assert oms.clock.rate == 0


# Plans


def test_a_plan_says_why_it_waits(oms: World) -> None:
    oms.advance("1m")
    plan = oms.plan(PLAN)
    assert (plan.state, next(one.slug for one in plan.legal), len(plan.history)) == ("pending", "plan-reschedule", 2)
    assert "TST-002-L" in plan.missing[0]
    assert plan.next_attempt == START + timedelta(minutes=30)


@pytest.mark.oms(scenario="default")
def test_plans_are_listed_in_pages_and_by_state(oms: World) -> None:
    first, second = oms.plans(limit=2), oms.plans(limit=2, offset=1)
    assert (first.count > 2, first.plans[1]) == (True, second.plans[0])
    assert {one.state for one in oms.plans(state="pending").plans} == {"pending"}
    assert f"and {first.count - 10:,} more" in failure_report(oms)


@pytest.mark.parametrize("command", ["plan-cancel", 2])
def test_a_command_is_run_by_its_slug_or_its_transition(oms: World, command: str | int) -> None:
    ran = oms.run(PLAN, command)
    assert (ran.plan, ran.from_, ran.to, ran.at) == (PLAN, "start", "cancelled", START)


def test_a_command_that_may_not_run_now_says_which_may(oms: World) -> None:
    with pytest.raises(ControlError) as caught:
        oms.run(PLAN, "plan-complete")
    assert (caught.value.status, caught.value.legal) == (409, ("plan-cancel",))


# Events


def test_a_restock_completes_the_plan_at_its_next_attempt_and_the_world_remembers_the_transitions(oms: World) -> None:
    oms.advance("1m")
    oms.restock("TST-002-L", "WH001", 10)
    oms.advance("29m")
    assert state_for_the_vendors_client(oms) == "completed"
    assert [one.to for one in oms.transitions] == ["pending", "completed"]


def test_an_order_answers_with_its_plan_also_where_it_is_held(oms: World) -> None:
    assert state_for_the_vendors_client(oms, oms.order(["TST-001-M"], city="Ankara").plan) == "start"
    assert oms.plan(oms.order(["TST-001-M"], hold=True).plan).missing == ("it is held until it is confirmed",)


def test_a_blocked_location_is_opened_again(oms: World) -> None:
    oms.block("WH001")
    oms.open("WH001")
    said = {"location": "WH001"}
    assert [(one.word, one.said) for one in oms.events()] == [("block", said), ("open", said)]
    answer = httpx.get(f"{oms.url}/api/v1/oms/orderexecutionplans/", headers=oms.headers, trust_env=False)
    assert oms.facts().line == answer.headers["X-Mock-Oms"]


@pytest.mark.parametrize(
    ("after", "event"),
    [
        ("1m", lambda oms: oms.cancel_item(PLAN, "TST-002-L")),
        ("1h", lambda oms: oms.refuse(PLAN, "WH001")),
        ("1h", lambda oms: oms.not_found(PLAN, "TST-001-M")),
        ("1s", lambda oms: oms.stock_service("down")),
        ("1s", lambda oms: oms.event(quota={"location": "STORE01", "max_quota": 5})),
    ],
    ids=["cancel_item", "refuse", "not_found", "stock_service", "event"],
)
def test_an_event_happens_now(oms: World, after: str, event: Callable[[World], Happened]) -> None:
    now = oms.advance(after).now
    happened = event(oms)
    assert (happened.number, happened.at) == (1, now)


def test_what_is_wrong_with_a_field_is_in_the_message(oms: World) -> None:
    with pytest.raises(ControlError, match=r"restock.*count") as caught:
        oms.restock("TST-002-L", "WH001", 0)
    assert (caught.value.status, list(caught.value.errors)) == (422, ["restock.count"])


# Arguments that cannot be sent

RATES = (float("nan"), float("inf"), -1, 86_401, "60", True, None)
CLOCKS = tuple({"rate": rate} for rate in RATES)
NAMES = ("", ".", "..", "default/plans", "Default", "a" * 64, "a\n")
RATE = r"rate: found .*; accepted: a number from 0 .*to 86400"


@pytest.mark.parametrize(
    ("method", "argument", "values", "said"),
    [
        ("world", "name", NAMES, "accepted: 1 to 63 lower-case letters, digits and hyphens, no hyphen first"),
        ("world", "name", ("default/clock",), r"found 'default/clock'; .*; the nearest is default"),
        ("advance", "by", (None,), "by how much"),
        ("advance", "by", ("soon", ""), "is no duration; accepted: 90s"),
        ("advance", "by", (timedelta(milliseconds=1),), "parts of a second"),
        ("advance", "by", (60, 1.5, True, START), r"found .*; accepted: 30m, or a timedelta"),
        ("advance", "until", (PLAN, (PLAN,), "41207=x", (PLAN, "x", "2h")), r"until: found .*; accepted: a plan and a"),
        ("advance_to", "moment", ("2024-03-05",), "found '2024-03-05'; accepted: a datetime with its zone"),
        ("run_at", "rate", RATES, RATE),
        ("open_world", "clock", CLOCKS, RATE),
        ("open_world", "clock", (60,), r'clock: found 60; accepted: a mapping such as \{"rate": 60\}'),
        ("order", "items", ("TST-001-M", 5, None), r'items: found .*; accepted: a list of SKUs, as in \["TST-001-M"\]'),
    ],
)
def test_an_argument_that_cannot_be_sent_is_refused_with_what_is_accepted(
    oms: World, oms_control: Control, method: str, argument: str, values: tuple[Any, ...], said: str
) -> None:
    call = getattr(oms_control if method in {"world", "open_world"} else oms, method)
    for value in values:
        with pytest.raises(WishError, match=said):
            call(**{argument: value})


def test_an_advance_is_by_a_duration_or_until_a_state_and_not_both(oms: World) -> None:
    with pytest.raises(ValueError, match="by how much"):
        oms.advance("1m", until=(PLAN, "pending"))


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


# The world as a whole


def test_a_snapshot_makes_the_same_world_again_or_is_put_back_or_a_reset_returns_to_the_beginning(
    oms: World, oms_control: Control
) -> None:
    beginning = oms.snapshot()
    oms.advance("1m")
    oms.run(PLAN, "plan-cancel")
    with oms_control.open_world(snapshot=oms.snapshot()) as again:
        assert (again.now, state_for_the_vendors_client(again)) == (oms.now, "cancelled")
    assert oms.restore(beginning).clock.now == START
    oms.advance("1h")
    assert oms.reset().clock.now == START
    assert oms.transitions == ()


def test_the_failure_report_shows_events_and_transitions_and_how_to_make_the_world_again(oms: World) -> None:
    oms.advance("1m")
    oms.restock("TST-002-L", "WH001", 10)
    report = failure_report(oms)
    assert f"world {oms.name}: scenario restock@" in report
    assert "1  2024-03-05T09:01:00Z  restock " in report
    assert f"2024-03-05T09:01:00Z  plan {PLAN}: start -> pending, attempt 1" in report
    assert report.splitlines()[-1].endswith("| mock-oms world new --snapshot -")


# Nobody there


def test_a_mock_that_is_not_there_is_one_sentence() -> None:
    with Control("http://127.0.0.1:9") as control, pytest.raises(UnreachableError, match="No mock-oms answers at"):
        control.worlds()


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
        lambda world: Control(world.url, patience=0.01).open_world(snapshot={}),
    ],
    ids=["advance", "advance_to", "run_at", "restore", "clock", "open_world"],
)
def test_what_turns_a_clock_or_replays_a_log_may_take_longer(oms: World, turn: Any) -> None:
    with silent_server() as url, pytest.raises(UnreachableError, match=r"within 0\.2s"):
        turn(World(Connection(url, None, patience=0.01), oms.facts()))


class _Stranger(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_server_that_is_no_mock_is_one_sentence() -> None:
    said = "answered 200 with text/html instead of JSON: is it a mock-oms"
    with HTTPServer(("127.0.0.1", 0), _Stranger) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        with Control(f"http://127.0.0.1:{server.server_port}") as control, pytest.raises(ControlError, match=said):
            control.worlds()
        thread.join()
