"""Answers that come late: every distribution and place, seen from a socket and in the journal."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.system.wired import EARLY, LIST, Wired, World, wired

DETAIL = f"{LIST}41207/"
#: How much later than meant an answer may come on a machine that has other things to do.
SLACK = 5.0


@pytest.fixture(scope="module")
def server() -> Iterator[Wired]:
    with wired(late=timedelta(milliseconds=60)) as running:
        yield running


def delaying(server: Wired, delay: Any, **more: Any) -> World:
    return server.world({"on": "any", "effect": {"delay": delay, **more}})


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
    assert least - EARLY <= entry.duration < most + SLACK
    assert least - EARLY <= answer.took


@pytest.mark.parametrize("target", [LIST, DETAIL])
def test_a_delay_between_the_chunks_sends_the_headers_at_once(server: Wired, target: str) -> None:
    world = delaying(server, {"fixed": "150ms", "place": "between"})
    with world.connected() as wire:
        wire.send(target)
        first = wire.socket.recv(4096, socket.MSG_PEEK)
        answer = wire.answer()
    assert first.startswith(b"HTTP/1.1 200 OK")
    assert first.endswith(b"\r\n\r\n")
    assert answer.took >= 0.1 - EARLY


def test_a_delay_between_the_chunks_is_as_long_as_it_says_however_short_the_body(server: Wired) -> None:
    for target in (DETAIL, f"{LIST}404404/"):
        answer = delaying(server, {"fixed": "100ms", "place": "between"}).ask(target)
        assert answer.end == "complete"
        assert answer.took >= 0.1 - EARLY
        assert answer.body == server.world().ask(target).body


@pytest.mark.parametrize("place", ["before", "between"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST"])
def test_other_methods_are_late_too_and_the_connection_goes_on(server: Wired, place: str, method: str) -> None:
    world, sound = delaying(server, {"fixed": "20ms", "place": place}), server.world()
    with world.connected() as wire:
        answer, after = wire.ask(LIST, method), wire.ask()
    assert (answer.status, answer.vendors) == (sound.ask(LIST, method).status, sound.ask(LIST, method).vendors)
    assert after.body == sound.ask().body


@pytest.mark.parametrize(
    "effect", [{"status": 503}, {"body": "html"}, {"shape": "bare-array"}, {"connection": "truncate"}]
)
def test_a_delay_stands_beside_another_effect(server: Wired, effect: dict[str, Any]) -> None:
    late, prompt = delaying(server, "40ms", **effect), server.world({"on": "any", "effect": effect})
    answer, other = late.ask(), prompt.ask()
    assert (answer.status, answer.end, answer.body) == (other.status, other.end, other.body)
    assert answer.took >= 0.04 - EARLY


def test_who_does_not_wait_has_given_up_and_was_answered_nothing(server: Wired) -> None:
    world = delaying(server, "30s")
    with world.connected() as wire:
        wire.send(DETAIL)
    for _ in range(500):
        server.world().ask()
        if world.entries():
            break
    (entry,) = world.entries()
    assert (entry.status, entry.fault) == (None, "delay")
    assert entry.gave_up is not None
    assert entry.gave_up < 5


def test_a_late_answer_is_of_the_moment_when_it_leaves(server: Wired) -> None:
    world = delaying(server, "100ms")
    with world.connected() as wire:
        wire.send(DETAIL)
        server.world().ask()
        world.lease.world.advance(timedelta(minutes=1))
        answer = wire.answer()
    assert b'"state":"completed"' in answer.body
    assert " now=2024-03-05T09:01:00Z " in answer["x-mock-oms"]


@pytest.mark.parametrize("target", [LIST, f"{LIST}404404/"])
def test_the_slow_token_gets_the_answer_of_the_default_world_late(server: Wired, target: str) -> None:
    answer, prompt = server.default.ask(target, Authorization="Token fail-slow"), server.default.ask(target)
    assert (answer.status, answer.body) == (prompt.status, prompt.body)
    assert answer.took >= 0.06 - EARLY
    assert any(entry.fault == "delay" for entry in server.default.entries())
