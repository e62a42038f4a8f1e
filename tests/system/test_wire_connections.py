"""Answers that break, or come late: resets, silence, bodies that are not whole or slow, and delays; from a socket."""

import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from mock_oms.traffic.journal.journal import Filter
from mock_oms.urls import Operation
from tests.system.wired import EARLY, LIST, PATIENCE, Wired, World, wired

DETAIL = f"{LIST}41207/"
TARGETS = [(LIST, "GET"), (DETAIL, "GET"), (LIST, "HEAD"), (LIST, "OPTIONS"), ("/nowhere/", "GET")]


@pytest.fixture(scope="module")
def server() -> Iterator[Wired]:
    with wired(late=timedelta(milliseconds=60)) as running:
        yield running


def broken(server: Wired, kind: str, **more: Any) -> World:
    return server.faulty(connection=kind, **more)


@pytest.mark.parametrize(("kind", "end"), [("reset", "reset"), ("empty", "eof")])
def test_a_connection_ends_before_any_octet_of_the_request_that_meets_the_fault(
    server: Wired, kind: str, end: str
) -> None:
    world = broken(server, kind)
    answers = [world.ask(target, method) for target, method in TARGETS]
    assert {(one.end, one.status, one.body) for one in answers} == {(end, None, b"")}
    assert [(one.status, one.fault) for one in world.entries()] == [(None, f"connection {kind}")] * len(TARGETS)
    with server.world({"on": "detail", "effect": {"connection": kind}}).connected() as wire:
        assert (wire.ask().status, wire.ask(DETAIL).status) == (200, None)


@pytest.mark.parametrize("kind", ["reset", "empty", "truncate", "stall", "dribble"])
def test_the_next_connection_is_sound_when_the_fault_is_over(server: Wired, kind: str) -> None:
    more = {"max": "20ms"} if kind in {"stall", "dribble"} else {}
    world = server.world({"on": "any", "times": 1, "effect": {"connection": kind, **more}})
    assert world.ask().end != "complete"
    assert (world.ask().status, world.ask().end) == (200, "complete")
    assert [one.hint is None for one in world.entries()] == [False, True, True]


@pytest.mark.parametrize("target", [LIST, DETAIL])
def test_a_truncated_body_is_a_fraction_of_what_its_length_says(server: Wired, target: str) -> None:
    whole = server.world().ask(target).body
    for fraction in (0.001, 0.1, 0.5, 0.99):
        answer = broken(server, "truncate", fraction=fraction).ask(target)
        assert (answer.status, answer.end, answer["content-length"]) == (200, "eof", str(len(whole)))
        assert answer.body == whole[: int(len(whole) * fraction)]


def test_a_stall_sends_the_headers_and_nothing_until_its_max(server: Wired) -> None:
    world = broken(server, "stall", max="50ms")
    answer = world.ask(DETAIL)
    assert (answer.status, answer.end, answer.body) == (200, "eof", b"")
    assert answer["content-length"] == str(len(server.world().ask(DETAIL).body))
    assert answer.took >= 0.05 - EARLY
    assert world.entries()[0].gave_up is None


def server_answers(world: World) -> None:
    """One round trip: the loop has seen everything that arrived before."""
    with socket.create_connection(world.address, timeout=PATIENCE) as connection:
        connection.sendall(b"GET /_mock/health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        while connection.recv(4096):
            pass


@pytest.mark.parametrize(("kind", "more"), [("stall", {}), ("dribble", {"bytes_per_second": 20})])
@pytest.mark.parametrize("behind", [(), (LIST,)], ids=["alone", "pipeline"])
def test_who_leaves_an_answer_that_is_held_back_has_given_up(
    server: Wired, kind: str, more: dict[str, Any], behind: tuple[str, ...]
) -> None:
    world = broken(server, kind, **more)
    with world.connected() as wire:
        wire.send(DETAIL, *behind)
        assert wire.socket.recv(65_536).startswith(b"HTTP/1.1 200 OK")
    for _ in range(200):
        if (gave_up := world.entries()[0].gave_up) is not None:
            break
        server_answers(world)
    assert gave_up is not None
    assert gave_up >= 0


def test_a_dribbling_body_comes_whole_and_slowly_or_is_cut_off_at_its_max(server: Wired) -> None:
    whole = server.world().ask(DETAIL).body
    answer = broken(server, "dribble", bytes_per_second=len(whole) * 7).ask(DETAIL)
    assert (answer.status, answer.end, answer.body) == (200, "complete", whole)
    assert answer.took >= 0.1 - EARLY
    cut = broken(server, "dribble", bytes_per_second=1000, max="150ms").ask(DETAIL)
    assert (cut.status, cut.end, cut["content-length"], cut.body) == (200, "eof", str(len(whole)), whole[:100])
    with broken(server, "dribble", bytes_per_second=1_000_000).connected() as wire:  # which leaves it open
        assert [(one.end, one.body) for one in (wire.ask(DETAIL), wire.ask(DETAIL))] == [("complete", whole)] * 2


def test_requests_that_follow_in_the_pipeline_get_nothing_from_a_broken_connection(
    server: Wired, caplog: pytest.LogCaptureFixture
) -> None:
    world = server.world({"on": "list", "effect": {"connection": "empty"}})
    with caplog.at_level(logging.ERROR), world.connected() as wire:
        wire.send(DETAIL, LIST, DETAIL)
        assert wire.answer().status == 200
        assert (wire.answer().status, wire.answer().end) == (None, "eof")
        server_answers(world)
    assert [entry.fault for entry in world.entries()] == [None, "connection empty"]
    assert caplog.messages == []


@pytest.mark.parametrize("kind", ["reset", "empty", "truncate"])
def test_a_broken_connection_in_a_pipeline_holds_nothing_up(server: Wired, kind: str) -> None:
    world = broken(server, kind)
    with world.connected() as wire:
        wire.send(DETAIL, DETAIL)
        assert wire.answer().end in {"eof", "reset"}
    server_answers(world)
    assert len(world.entries()) == 1


@pytest.mark.smoke
def test_a_pipeline_is_answered_in_its_order(server: Wired) -> None:
    world = server.world({"on": "list", "times": 1, "effect": {"delay": "50ms"}})
    with world.connected() as wire:
        wire.send(LIST, DETAIL, "/nowhere/", DETAIL, LIST)
        found = [wire.answer() for _ in range(5)]
    assert [one.status for one in found] == [200, 200, 404, 200, 200]
    first, plan = world.ask(LIST), world.ask(DETAIL)
    assert [one.body for one in (*found[:2], *found[3:])] == [first.body, plan.body, plan.body, first.body]
    with world.connected() as wire:  # whose client reads late
        wire.send(*[LIST, DETAIL] * 60)
        server_answers(world)
        found = [wire.answer() for _ in range(120)]
    assert [(one.body, one.end) for one in found] == [(one.body, "complete") for one in (first, plan)] * 60


@pytest.mark.parametrize("kind", ["reset", "empty", "truncate", "stall", "dribble"])
def test_a_broken_connection_is_no_error_in_the_log_and_the_answer_to_head_has_its_headers(
    server: Wired, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = broken(server, kind, **({"max": "10ms"} if kind in {"stall", "dribble"} else {}))
    with caplog.at_level(logging.WARNING):
        answers = [world.ask(target, method) for target, method in TARGETS]
        server_answers(world)
    assert caplog.messages == []
    if kind not in {"reset", "empty"}:
        head, sound = answers[2], server.world().ask(LIST, "HEAD")
        assert (head.status, head.body, head.vendors) == (200, b"", sound.vendors)


# Delays


def delaying(server: Wired, delay: Any, **more: Any) -> World:
    return server.faulty(delay=delay, **more)


@pytest.mark.parametrize(
    ("delay", "least", "most"),
    [("50ms", 0.05, 0.05), ({"lognormal": {"median": "30ms", "sigma": 0.5}, "max": "60ms"}, 0.0, 0.06)],
)
@pytest.mark.parametrize("target", [LIST, DETAIL, "/nowhere/"])
def test_an_answer_comes_so_late_and_is_the_same(
    server: Wired, delay: Any, least: float, most: float, target: str
) -> None:
    world, sound = delaying(server, delay), server.world().ask(target)
    answer = world.ask(target)
    assert (answer.status, answer.vendors, answer.body) == (sound.status, sound.vendors, sound.body)
    (entry,) = world.entries()
    assert entry.fault == "delay"
    assert least - EARLY <= entry.duration < most + PATIENCE  # of a machine that has other things to do
    assert least - EARLY <= answer.took


def test_a_delay_between_the_chunks_sends_the_headers_at_once_and_is_whole_however_short_the_body(
    server: Wired,
) -> None:
    for target in (LIST, DETAIL):
        with delaying(server, {"fixed": "60s", "place": "between"}).connected() as wire:
            wire.send(target)
            first = wire.socket.recv(4096)
        assert (first[:15], first[-4:]) == (b"HTTP/1.1 200 OK", b"\r\n\r\n")
    for target in (DETAIL, f"{LIST}404404/"):
        answer = delaying(server, {"fixed": "100ms", "place": "between"}).ask(target)
        assert (answer.end, answer.body) == ("complete", server.world().ask(target).body)
        assert answer.took >= 0.1 - EARLY


@pytest.mark.parametrize("place", ["before", "between"])
def test_other_methods_are_late_too_and_the_connection_goes_on(server: Wired, place: str) -> None:
    sound = server.world()
    with delaying(server, {"fixed": "20ms", "place": place}).connected() as wire:
        for method in ("HEAD", "OPTIONS", "POST"):
            late, prompt = wire.ask(LIST, method), sound.ask(LIST, method)
            assert (late.status, late.vendors) == (prompt.status, prompt.vendors)
            # Between head and body: a HEAD is whole before.
            assert late.took >= 0.02 - EARLY or (method, place) == ("HEAD", "between")
        assert wire.ask().body == sound.ask().body


EFFECTS: list[dict[str, Any]] = [{"status": 503}, {"body": "html"}, {"shape": "bare-array"}, {"connection": "truncate"}]


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_delay_stands_beside_another_effect(server: Wired, effect: dict[str, Any]) -> None:
    late, prompt = delaying(server, "40ms", **effect), server.faulty(**effect)
    answer, other = late.ask(), prompt.ask()
    assert (answer.status, answer.end, answer.body) == (other.status, other.end, other.body)
    assert answer.took >= 0.04 - EARLY


def test_who_does_not_wait_has_given_up_and_was_answered_nothing(server: Wired) -> None:
    world = delaying(server, "60s")
    with world.connected() as wire:
        wire.send(DETAIL)
    for _ in range(500):
        server.world().ask()
        if world.entries():
            break
    (entry,) = world.entries()
    assert (entry.status, entry.fault) == (None, "delay")
    assert entry.gave_up is not None
    assert entry.gave_up < 60


def test_a_request_that_waits_in_a_delay_is_under_way(server: Wired) -> None:
    world = delaying(server, "60s")
    with world.connected() as wire:
        wire.send(DETAIL)
        page = None
        for _ in range(500):
            server.world().ask()
            if (page := world.lease.traffic.journal.page(Filter(), 1)).under_way:
                break
    assert page is not None
    assert (page.total, [(one.operation, one.plan) for one in page.under_way]) == (0, [(Operation.DETAIL, 41207)])


def test_a_late_answer_is_of_the_moment_when_it_leaves(server: Wired) -> None:
    for delay in ("100ms", "2s", "20s"):  # longer where this machine is too busy to turn the clock in time
        world = delaying(server, delay)
        with world.connected() as wire:
            wire.send(DETAIL)
            server.world().ask()
            world.lease.world.advance(timedelta(minutes=1))
            answer = wire.answer()
        if b'"state":"completed"' in answer.body:
            break
    assert b'"state":"completed"' in answer.body
    assert " now=2024-03-05T09:01:00Z " in answer["x-mock-oms"]


@pytest.mark.parametrize("target", [LIST, f"{LIST}404404/"])
def test_the_slow_token_gets_the_answer_of_the_default_world_late(server: Wired, target: str) -> None:
    answer, prompt = server.default.ask(target, Authorization="Token fail-slow"), server.default.ask(target)
    assert (answer.status, answer.body) == (prompt.status, prompt.body)
    assert answer.took >= 0.06 - EARLY
    assert any(entry.fault == "delay" for entry in server.default.entries())
