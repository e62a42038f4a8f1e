"""Broken connections, seen from a socket: resets, silence, and bodies that are not whole or slow."""

import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.system.wired import EARLY, LIST, Wired, World, wired

DETAIL = f"{LIST}41207/"


@pytest.fixture(scope="module")
def server() -> Iterator[Wired]:
    with wired() as running:
        yield running


def broken(server: Wired, kind: str, **more: Any) -> World:
    return server.world({"on": "any", "effect": {"connection": kind, **more}})


TARGETS = [(LIST, "GET"), (DETAIL, "GET"), (LIST, "HEAD"), (LIST, "OPTIONS"), ("/nowhere/", "GET")]


@pytest.mark.parametrize(("kind", "end"), [("reset", "reset"), ("empty", "eof")])
@pytest.mark.parametrize(("target", "method"), TARGETS)
def test_a_connection_ends_before_any_octet_and_has_no_status_in_the_journal(
    server: Wired, kind: str, end: str, target: str, method: str
) -> None:
    world = broken(server, kind)
    answer = world.ask(target, method)
    assert (answer.end, answer.status, answer.body) == (end, None, b"")
    (entry,) = world.entries()
    assert (entry.status, entry.fault) == (None, f"connection {kind}")


@pytest.mark.parametrize("kind", ["reset", "empty", "truncate", "stall", "dribble"])
def test_the_next_connection_is_sound_when_the_fault_is_over(server: Wired, kind: str) -> None:
    more = {"max": "20ms"} if kind in {"stall", "dribble"} else {}
    world = server.world({"on": "any", "times": 1, "effect": {"connection": kind, **more}})
    assert world.ask().end != "complete"
    assert (world.ask().status, world.ask().end) == (200, "complete")
    assert [one.hint is None for one in world.entries()] == [False, True, True]


@pytest.mark.parametrize("kind", ["reset", "empty"])
def test_a_connection_breaks_at_the_request_that_meets_the_fault_and_not_before(server: Wired, kind: str) -> None:
    world = server.world({"on": "detail", "effect": {"connection": kind}})
    with world.connected() as wire:
        assert wire.ask().status == 200
        assert wire.ask(DETAIL).status is None


@pytest.mark.parametrize("fraction", [0.001, 0.1, 0.5, 0.99])
@pytest.mark.parametrize("target", [LIST, DETAIL])
def test_a_truncated_body_is_a_fraction_of_what_its_length_says(server: Wired, fraction: float, target: str) -> None:
    whole = server.world().ask(target).body
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
    with socket.create_connection(world.address, timeout=5) as connection:
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
    assert 0 <= gave_up < 5


def test_a_dribbling_body_comes_whole_and_slowly(server: Wired) -> None:
    whole = server.world().ask(DETAIL).body
    answer = broken(server, "dribble", bytes_per_second=len(whole) * 7).ask(DETAIL)
    assert (answer.status, answer.end, answer.body) == (200, "complete", whole)
    assert answer.took >= 0.1 - EARLY


def test_a_dribbling_body_is_cut_off_at_its_max(server: Wired) -> None:
    whole = server.world().ask(DETAIL).body
    answer = broken(server, "dribble", bytes_per_second=1000, max="150ms").ask(DETAIL)
    assert (answer.status, answer.end, answer["content-length"]) == (200, "eof", str(len(whole)))
    assert answer.body == whole[:100]


def test_a_dribbling_answer_leaves_the_connection_open(server: Wired) -> None:
    world = server.world({"on": "any", "times": 1, "effect": {"connection": "dribble", "bytes_per_second": 1_000_000}})
    with world.connected() as wire:
        first, second = wire.ask(), wire.ask()
    assert (first.end, second.end, first.body) == ("complete", "complete", second.body)


@pytest.mark.parametrize("kind", ["truncate", "stall", "dribble"])
def test_a_broken_answer_to_head_has_its_headers(server: Wired, kind: str) -> None:
    more = {"max": "20ms"} if kind != "truncate" else {}
    answer = broken(server, kind, **more).ask(LIST, "HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.vendors == server.world().ask(LIST, "HEAD").vendors


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


def test_a_pipeline_is_answered_in_its_order(server: Wired) -> None:
    world = server.world({"on": "list", "times": 1, "effect": {"delay": "50ms"}})
    with world.connected() as wire:
        wire.send(LIST, DETAIL, "/nowhere/", DETAIL, LIST)
        found = [wire.answer() for _ in range(5)]
    assert [one.status for one in found] == [200, 200, 404, 200, 200]
    assert found[0].body == found[4].body
    assert found[1].body == found[3].body


def test_a_client_that_reads_late_gets_everything_in_order(server: Wired) -> None:
    world = server.world()
    first, plan = world.ask(LIST), world.ask(DETAIL)
    with world.connected() as wire:
        wire.send(*[LIST, DETAIL] * 60)
        server_answers(world)
        found = [wire.answer() for _ in range(120)]
    assert [one.body for one in found] == [first.body, plan.body] * 60
    assert {one.end for one in found} == {"complete"}


@pytest.mark.parametrize("kind", ["reset", "empty", "truncate", "stall", "dribble"])
def test_a_broken_connection_is_no_error_in_the_log(server: Wired, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    more = {"max": "10ms"} if kind in {"stall", "dribble"} else {}
    world = broken(server, kind, **more)
    with caplog.at_level(logging.WARNING):
        for target, method in TARGETS:
            world.ask(target, method)
        server_answers(world)
    assert caplog.messages == []
