"""The client of the control API, over the plugin's server: every answer is a value, every refusal a sentence."""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, reduce
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import create_server
from threading import Thread
from typing import Any

import httpx
import pytest

from mock_oms.client import Control, ControlError, Happened, UnreachableError, VerificationError, WishError, World
from mock_oms.client.connection import Connection
from mock_oms.client.failure_report import failure_report
from mock_oms.testing import running_server
from mock_oms.urls import Operation
from tests.typed import typed

pytestmark = pytest.mark.oms(scenario="restock")

PLAN, SKU, START = 41207, "TST-002-L", datetime(2024, 3, 5, 9, tzinfo=UTC)
LIST = "/api/v1/oms/orderexecutionplans/"
DETAIL = f"{LIST}{PLAN}/"


@cache
def http() -> httpx.Client:
    """One client for all tests, for to make one takes longer than to ask; it keeps no connection."""
    return httpx.Client(timeout=30, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


def vendor(world: World, path: str = LIST) -> httpx.Response:
    return http().get(f"{world.url}{path}", headers=world.headers)


def state(world: World, plan: int = PLAN) -> str:
    return str(vendor(world, f"{LIST}{plan}/").json()["state"])


def statuses(world: World, *paths: str) -> list[int]:
    return [vendor(world, path).status_code for path in paths]


def refused(said: str, call: Callable[..., object], *given: Any, **more: Any) -> ControlError:
    with pytest.raises(ControlError, match=said) as caught:
        call(*given, **more)
    return caught.value


# Scenarios and worlds


def test_scenarios_and_worlds_are_listed_the_default_world_first_which_cannot_be_closed(
    oms: World, oms_control: Control
) -> None:
    assert "restock" in {one.name: one.description for one in oms_control.scenarios()}["restock"]
    names = [one.name for one in oms_control.worlds()]
    assert (names[0], oms.name in names) == ("default", True)
    assert refused("default", oms_control.world().close).status == 409


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
    assert refused("There is no world wanted", world.facts).status == 404
    world.close()


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
    assert refused("does not become completed", oms.advance, until=(PLAN, "completed"), within="10m").status == 409
    assert oms.now == START
    oms.advance(until=(PLAN, "completed"), within="2h")
    assert (oms.now, state(oms)) == (START + timedelta(hours=1), "completed")


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
    assert (SKU in plan.missing[0], plan.next_attempt) == (True, START + timedelta(minutes=30))


@pytest.mark.oms(scenario="default")
def test_plans_are_listed_in_pages_and_by_state(oms: World) -> None:
    first, second = oms.plans(limit=2), oms.plans(limit=2, offset=1)
    assert (first.count > 2, first.plans[1]) == (True, second.plans[0])
    assert {one.state for one in oms.plans(state="pending").plans} == {"pending"}
    assert f"and {first.count - 10:,} more" in failure_report(oms)


@pytest.mark.parametrize("command", ["plan-cancel", 2])
def test_a_command_is_run_by_its_slug_or_its_transition_or_says_which_may_run(oms: World, command: str | int) -> None:
    error = refused("plan-c", oms.run, PLAN, "plan-complete")
    assert (error.status, error.legal) == (409, ("plan-cancel",))
    ran = oms.run(PLAN, command)
    assert (ran.plan, ran.from_, ran.to, ran.at) == (PLAN, "start", "cancelled", START)


def test_a_plan_is_completed_cancelled_or_rescheduled_now(oms: World) -> None:
    error = refused("Not before the first attempt: advance the clock by 60s first", oms.complete, PLAN)
    assert error.legal == ("plan-cancel",)
    oms.advance("60s")
    assert [oms.reschedule(PLAN).to, oms.complete(PLAN).to, oms.plan(PLAN).state] == ["pending", *["completed"] * 2]
    oms.reset()
    assert (oms.cancel(PLAN).to, oms.plan(PLAN).state) == ("cancelled", "cancelled")


# Stock


def test_stock_says_what_is_where_and_a_plan_where_its_items_are(oms: World) -> None:
    oms.advance("1m")
    oms.block("STORE01")
    page = oms.stock("TST-001-M")
    assert [(one.code, one.type, one.active) for one in page.locations] == [
        ("WH001", "warehouse", True),
        ("STORE01", "store", False),
    ]
    figures = [(one.location, one.stock_count, one.reservation_count, one.quantity) for one in page.stock]
    assert (page.count, figures) == (2, [("WH001", 5, 1, 4), ("STORE01", 0, 0, 0)])
    placed, waiting = oms.plan(PLAN).items
    assert (placed.sku, placed.location, placed.since) == ("TST-001-M", "WH001", START + timedelta(minutes=1))
    assert str(waiting.places[1]) == "STORE01 has 1 of which 3 are reserved (blocked)"


# Events


def test_a_restock_completes_the_plan_at_its_next_attempt_and_the_world_remembers_the_transitions(oms: World) -> None:
    oms.advance("1m")
    oms.restock(SKU, "WH001", 10)
    oms.advance("29m")
    assert state(oms) == "completed"
    assert [one.to for one in oms.transitions] == ["pending", "completed"]


def test_an_order_answers_with_its_plan_also_where_it_is_held(oms: World) -> None:
    assert state(oms, oms.order(["TST-001-M"], city="Ankara").plan) == "start"
    assert oms.plan(oms.order(["TST-001-M"], hold=True).plan).missing == ("it is held until it is confirmed",)


def test_a_blocked_location_is_opened_again(oms: World) -> None:
    oms.block("WH001")
    oms.open("WH001")
    said = {"location": "WH001"}
    assert [(one.word, one.said) for one in oms.events()] == [("block", said), ("open", said)]
    assert oms.events(since=1) == oms.events()[1:]
    assert oms.facts().line == vendor(oms).headers["X-Mock-Oms"]


@pytest.mark.parametrize(
    ("after", "event"),
    [
        ("1m", lambda oms: oms.cancel_item(PLAN, SKU)),
        ("1h", lambda oms: oms.refuse(PLAN, "WH001")),
        ("1h", lambda oms: oms.not_found(PLAN, "TST-001-M")),
        ("1s", lambda oms: oms.stock_service("down")),
        ("1s", lambda oms: oms.event(quota={"location": "STORE01", "max_quota": 5})),
    ],
    ids=range(5),
)
def test_an_event_happens_now(oms: World, after: str, event: Callable[[World], Happened]) -> None:
    now = oms.advance(after).now
    happened = event(oms)
    assert (happened.number, happened.at) == (1, now)


def test_what_is_wrong_with_a_field_is_in_the_message(oms: World) -> None:
    error = refused(r"restock.*count", oms.restock, SKU, "WH001", 0)
    assert (error.status, list(error.errors)) == (422, ["restock.count"])


# Arguments that cannot be sent

RATES = (float("nan"), float("inf"), -1, 86_401, "60", True, None)
RATE = r"rate: found .*; accepted: a number from 0 .*to 86400"
NAMES = ("", ".", "..", "default/plans", "Default", "a" * 64, "a\n")
DEEP = reduce(lambda deep, _: [deep], range(100_000), list[Any]())


@pytest.mark.parametrize(
    ("method", "argument", "values", "said"),
    [
        ("world", "name", NAMES, "accepted: 1 to 63 lower-case letters, digits and hyphens, no hyphen first"),
        ("world", "name", ("default/clock",), r"found 'default/clock'; .*; the nearest is default"),
        ("advance", "by", (None,), "by how much"),
        ("advance", "by", ("soon", ""), "is no duration; accepted: 90s"),
        ("advance", "by", (timedelta(milliseconds=1),), "parts of a second"),
        (
            "advance",
            "by",
            (-1, True, START, 1e12),
            r"found .*; accepted: text such as 30m, a number of seconds, or a timedelta",
        ),
        ("advance", "by", (1.5,), "has parts of a second"),
        ("advance", "until", (PLAN, (PLAN,), "41207=x", (PLAN, "x", "2h")), r"until: found .*; accepted: a plan and a"),
        ("advance_to", "moment", ("2024-03-05",), "found '2024-03-05'; accepted: a datetime with its zone"),
        ("run_at", "rate", RATES, RATE),
        ("open_world", "clock", [{"rate": rate} for rate in RATES], RATE),
        ("open_world", "clock", (60,), r'clock: found 60; accepted: a mapping such as \{"rate": 60\}'),
        ("order", "items", ("TST-001-M", 5, None), r'items: found .*; accepted: a list of SKUs, as in \["TST-001-M"\]'),
        ("event", "restock", (DEEP,), "nested too deeply"),
        ("fault", "effect", ("status",), "effect: found 'status' beside status; accepted: a mapping"),
        ("assert_polite", "max_requests", (-1,), "cannot be kept; accepted: 0 or more"),
    ],
)
def test_an_argument_that_cannot_be_sent_is_refused_with_what_is_accepted(
    oms: World, oms_control: Control, method: str, argument: str, values: tuple[Any, ...], said: str
) -> None:
    call = getattr(oms_control if method in {"world", "open_world"} else oms, method)
    beside = {"status": 503} if method == "fault" else {}
    for value in values:
        with pytest.raises(WishError, match=said):
            call(**{argument: value}, **beside)


def test_an_advance_is_by_a_duration_or_until_a_state_and_not_both(oms: World) -> None:
    with pytest.raises(ValueError, match="by how much"):
        oms.advance("1m", until=(PLAN, "pending"))


def test_what_json_cannot_write_is_refused_with_its_place(oms: World) -> None:
    for value, found in (
        *((float("nan"), "nan"), (float("-inf"), "-inf"), (b"5", "b'5'"), ({5}, r"\{5\}")),
        *((START, "2024-03-05T09:00:00"), (1 << 20_000, "a number of 20001 bits"), ("\ud800", "'\\\\ud800'")),
    ):
        with pytest.raises(WishError, match=rf"restock\.counts\[1\]: found {found}.*; accepted: "):
            oms.event(restock={"sku": SKU, "counts": [1, value]})


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
        assert (again.now, state(again)) == (oms.now, "cancelled")
    assert oms.restore(beginning).clock.now == START
    oms.advance("1h")
    assert (oms.reset().clock.now, oms.transitions) == (START, ())


def test_a_key_of_a_fault_that_is_said_twice_is_refused(oms: World) -> None:
    with pytest.raises(WishError, match="status: stands beside `effect`, and in it"):
        oms.fault(status=500, effect={"status": 503})
    assert oms.faults() == ()


def test_a_number_is_so_many_seconds_as_for_a_sleep(oms: World) -> None:
    start = oms.now
    oms.advance(60)
    oms.advance(30.0)
    assert oms.now - start == timedelta(seconds=90)


def test_the_failure_report_says_what_a_pending_plan_waits_for(oms: World) -> None:
    oms.advance("1m")
    lines = failure_report(oms).splitlines()
    assert lines[lines.index(f"  {PLAN} pending, next attempt 2024-03-05T09:30:00Z") + 1].startswith(
        "    TST-002-L has no place: "
    )


def test_the_failure_report_shows_events_and_transitions_and_how_to_make_the_world_again(oms: World) -> None:
    oms.advance("1m")
    oms.restock(SKU, "WH001", 10)
    report = failure_report(oms)
    for line in (
        f"world {oms.name}: scenario restock@",
        "1  2024-03-05T09:01:00Z  restock ",
        f"2024-03-05T09:01:00Z  plan {PLAN}: start -> pending, attempt 1",
    ):
        assert line in report
    assert report.splitlines()[-1].endswith("| mock-oms world new --snapshot -")


def test_the_failure_report_says_how_faults_and_limits_were_added(oms: World, oms_control: Control) -> None:
    oms.limit(quota={"limit": 100, "window": timedelta(minutes=1)}, token={"requests": 50})
    with oms.fault(status=503, times=1):
        statuses(oms, LIST, LIST)
    oms.fault(profile="slow")
    oms_control.world(oms.name).fault(delay=timedelta(seconds=1), on="detail")
    report = failure_report(oms)
    assert '  1  2024-03-05T09:00:00Z  {"on": "any", "status": 503, "times": 1}, taken away since\n' in report
    assert '  3  2024-03-05T09:00:00Z  {"on": "detail", "delay": "1s"}, met by 0 of 0 requests\n' in report
    assert report.splitlines()[-5:] == [
        "Then add what no snapshot holds to the world that this opens:",
        """  mock-oms fault add '{"on":"any","status":503,"times":1}' --world NAME""",
        """  mock-oms fault add '{"profile":"slow"}' --world NAME""",
        """  mock-oms fault add '{"on": "detail", "delay": "1s"}' --world NAME""",
        "  mock-oms limit set --quota 100/1m --token 50 --world NAME",
    ]
    with oms_control.open_world(scenario="restock") as again:
        for command in report.splitlines()[-4:]:
            typed(*shlex.split(command.replace("NAME", again.name))[1:], "--url", oms.url)
        assert ([one.said for one in again.faults()][1:], again.limits()) == (
            [one.said for one in oms.faults()],
            oms.limits(),
        )
    oms.reset()
    assert "Then add " not in failure_report(oms)


def test_the_failure_report_makes_a_world_again_whose_scenario_was_sent(oms_control: Control) -> None:
    short: dict[str, Any] = {"description": "x", "plans": [{"state": "completed", "count": 2}]}
    for scenario, knows in (
        (short, "Where a mock runs (MOCK_OMS_URL"),
        (
            {**short, "description": "x" * 20_000},
            "Where a mock runs that knows the scenario inline, which is too long to stand here (MOCK",
        ),
    ):
        with oms_control.open_world(scenario=scenario) as world:
            *_, where, command = failure_report(world).splitlines()
            assert where.startswith(knows)
            snapshot = json.loads(shlex.split(command)[5])
            assert snapshot["scenario"].get("document") == (short if scenario is short else None)
            if scenario is short:
                with oms_control.open_world(snapshot=snapshot) as again:
                    assert vendor(again).content == vendor(world).content


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
    ids=range(6),
)
def test_what_turns_a_clock_or_replays_a_log_may_take_longer(oms: World, turn: Any) -> None:
    with silent_server() as url, pytest.raises(UnreachableError, match=r"within 0\.2s"):
        turn(World(Connection(url, None, patience=0.01), oms.facts()))


def test_a_server_that_is_no_mock_is_one_sentence() -> None:
    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n")

    with HTTPServer(("127.0.0.1", 0), Stranger) as server, Control(f"http://127.0.0.1:{server.server_port}") as control:
        thread = Thread(target=server.handle_request)
        thread.start()
        refused("answered 200 with text/html instead of JSON: is it a mock-oms", control.worlds)
        thread.join()


# Faults


@pytest.mark.parametrize(
    "said",
    [
        {"on": "detail", "plan": PLAN, "effect": {"status": 404}},
        {"on": "detail", "plan": PLAN, "status": 404},
        {"on": "detail", "state": "start", "effect": {"delay": "1ms"}, "status": 404},
        {"on": "detail", "status": 404, "delay": timedelta(milliseconds=1)},
        {"status": 404, "times": 2},
    ],
)
def test_keys_of_the_effect_may_stand_inside_it_or_beside_it(oms: World, said: dict[str, Any]) -> None:
    fault = oms.fault(**said)
    assert statuses(oms, DETAIL, DETAIL, DETAIL) == [404, 404, 200 if "times" in said else 404]
    assert fault.met == (2 if "times" in said else 3)


def test_a_fault_ends_with_its_block_also_where_it_is_gone_already(oms: World) -> None:
    with oms.fault(status=500) as fault:
        assert ([one.id for one in oms.faults()], statuses(oms, LIST)) == ([fault.id], [500])
    assert (oms.faults(), statuses(oms, LIST)) == ((), [200])
    with oms.fault(status=500) as fault:
        oms.clear_faults()
    fault.remove()
    assert oms.faults() == ()


def test_a_fault_tells_what_it_is(oms: World) -> None:
    (fact,) = oms.fault(connection="truncate", fraction=0.25, on="list").facts()
    assert fact.said == {"on": "list", "effect": {"connection": "truncate", "fraction": 0.25}}
    assert (fact.origin, fact.since, fact.seen, fact.met) == ("control API", oms.now, 0, 0)


def test_a_profile_ends_with_its_block_and_leaves_the_limits_as_they_were(oms: World) -> None:
    oms.limit(quota={"limit": 3, "window": "1h"}, token={"after": timedelta(hours=2)})
    before = oms.limits()
    with oms.fault(profile="rate-limited") as profile:
        assert oms.limits()["quota"] == {"limit": 10, "window": "1m"}
        with pytest.raises(WishError, match="only the limits quota, login"):
            _ = profile.id
    assert oms.limits() == before


def test_what_is_no_fault_is_refused_with_the_place(oms: World) -> None:
    refused(re.escape("status: found 200; accepted: 401, "), oms.fault, status=200)
    refused("tims: unknown key; the nearest is times", oms.fault, status=503, tims=2)


def test_the_profiles_that_can_be_added_are_named(oms: World, oms_control: Control) -> None:
    assert [one.name for one in oms.profiles()] == ["down", "drifting", "flaky", "rate-limited", "slow"]
    assert oms_control.profiles() == oms.profiles()


def test_a_quota_is_held_and_lifted(oms: World) -> None:
    oms.limit(quota={"limit": 1, "window": "1m"})
    assert statuses(oms, LIST, LIST) == [200, 429]
    assert (oms.limit(), statuses(oms, LIST)) == ({}, [200])


# Requests


def test_requests_are_read_with_what_became_of_them_and_forgotten(oms: World, oms_control: Control) -> None:
    before = oms_control.requests().total
    statuses(oms, LIST, DETAIL[:-1], DETAIL)
    httpx.get(f"{oms.url}{LIST}", headers={"Authorization": "Token nobody"}, timeout=30, trust_env=False)
    page = oms.requests()
    assert [one.status for one in page.requests] == [200, 301, 200]
    assert [one.operation for one in page.requests] == [Operation.LIST, None, Operation.DETAIL]
    assert (page.total, page.evicted, page.matched) == (3, 0, 3)
    assert (oms.request(2).hint is not None, oms.token in str(page)) == (True, False)
    oms.clear_requests()
    assert (oms.requests().total, oms.facts().requests) == (0, 0)
    unknown = oms_control.requests(status=401, limit=1)
    assert (unknown.total, unknown.requests[0].world) == (before + 1, None)


def test_requests_are_filtered_and_the_failure_report_shows_them_with_fault_and_hint(oms: World) -> None:
    with oms.fault(status=503, on="list", times=1):
        statuses(oms, LIST, LIST, "/nowhere")
    assert [one.number for one in oms.requests(fault="status 503").requests] == [1]
    assert [one.number for one in oms.requests(fault=False, since=1).requests] == [2, 3]
    assert [one.number for one in oms.requests(unmatched=True).requests] == [3]
    assert [one.number for one in oms.requests(before=3, limit=1).requests] == [2]
    report = failure_report(oms)
    assert f"GET {LIST} -> 503, met the fault status 503 - This is fault 1" in report
    assert "GET /nowhere -> 404 - /nowhere leads nowhere" in report


def test_the_failure_report_counts_the_requests_that_it_does_not_show(oms: World) -> None:
    statuses(oms, *[LIST] * 22)
    assert "  2 earlier\n  3  2024-" in failure_report(oms)


# Verification


def test_what_was_asked_is_verified_and_what_was_not_fails_with_the_nearest(oms: World) -> None:
    statuses(oms, LIST, DETAIL)
    assert oms.verify("detail", plan=PLAN, min=1).found == 1
    assert oms.verify(order=["list", {"operation": "detail", "state": "start"}], within="1h").found == 2
    with pytest.raises(VerificationError) as caught:
        oms.verify("detail", plan=PLAN, min=2)
    assert str(caught.value).splitlines()[0] == "expected at least 2 detail requests of plan 41207, found 1: number 2."
    with pytest.raises(AssertionError, match="nearest: number 2: plan is 41207, not 1"):
        oms.verify("detail", plan=1)
    refused("accepted: exactly alone, or min and max", oms.verify, "list", min=1, exactly=1)


def test_a_client_that_behaves_badly_is_not_polite_unless_that_is_allowed_by_name(oms: World) -> None:
    with pytest.raises(VerificationError, match="No request was made"):
        oms.assert_polite()
    statuses(oms, LIST, LIST, LIST, LIST, LIST)
    with pytest.raises(VerificationError, match=r"python-httpx\S+ at 127.0.0.1, poll interval: .*\n.*, connections: "):
        oms.assert_polite()
    oms.assert_polite(max_requests=5, allow=("poll interval", "connections"))


def test_a_budget_is_held_or_named_with_what_went_over_it_and_clients_are_reported_on(oms: World) -> None:
    statuses(oms, LIST, LIST)
    oms.assert_polite(max_requests=2)
    with pytest.raises(VerificationError, match=re.escape("Over it: 2.")):
        oms.assert_polite(max_requests=1)
    with pytest.raises(WishError, match="no check 'pace'"):
        oms.assert_polite(allow="pace")
    (client,) = oms.report()
    assert (client.requests, client.operations) == (2, (("list", 2),))
    assert client.findings[0].check == "poll interval"


def test_a_program_can_say_that_it_waits_for_each_answer(oms: World) -> None:
    waited = []

    @contextmanager
    def waiting() -> Iterator[None]:
        waited.append("begun")
        yield
        waited.append("over")

    with Control(oms.url, waiting=waiting) as control:
        control.worlds()
        assert waited == ["begun", "over"]
