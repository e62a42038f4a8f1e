"""The stream of a world through a real server, read from raw sockets."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest

from mock_oms.client import Control, ControlError, Lost, Moved, Requested, World
from mock_oms.server.asgi.answering import WORKERS
from mock_oms.server.asgi.event_streams import MAX_STREAMS
from mock_oms.testing import RunningServer, running_server
from mock_oms.traffic.journal.journal import JOURNAL_SIZE
from tests.streams import LIST, STREAM, Reader
from tests.system.running import serving

PLAN = 41207


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server(scenario="restock") as running:
        yield running


@pytest.fixture
def world(server: RunningServer) -> Iterator[World]:
    with server.control.open_world(scenario="restock") as opened:
        yield opened


def reader(world: World, headers: dict[str, str] | None = None, *, query: str = "") -> Reader:
    return Reader(world.url, STREAM.format(world.name) + query, headers)


def asked(world: World, path: str = LIST) -> None:
    httpx.get(world.url + path, headers=world.headers, trust_env=False)


# What is told


def test_it_is_a_stream_of_events_that_nobody_keeps(world: World) -> None:
    with reader(world) as stream:
        assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream")
        assert (stream.headers["cache-control"], "content-length" in stream.headers) == ("no-store", False)


def test_a_request_is_told_as_the_journal_has_it(world: World) -> None:
    with reader(world) as stream:
        asked(world, f"{LIST}{PLAN}/?token=secret")
        event = stream.event()
    assert event is not None
    data = event.data
    assert (event.kind, data["number"], data["operation"], data["plan"]) == ("request", 1, "detail", PLAN)
    assert (data["status"], data["state"], data["world"], data["fault"]) == (200, "start", world.name, None)
    assert "secret" not in data["query"]
    assert world.token not in str(data)
    assert "body" not in data


def test_a_request_from_kept_bytes_is_told_too(world: World) -> None:
    with reader(world) as stream:
        for _ in range(4):
            asked(world)
        assert [event.data["number"] for event in stream.events(4)] == [1, 2, 3, 4]


def test_a_hint_is_told(world: World) -> None:
    with reader(world) as stream:
        asked(world, LIST.rstrip("/"))
        event = stream.event()
    assert event is not None
    assert event.data["hint"]


def test_what_is_told_fits_into_ascii(world: World) -> None:
    with reader(world) as stream:
        latin = httpx.Headers({**world.headers, "User-Agent": "\x85ç"}, encoding="latin-1")
        httpx.get(world.url + LIST, headers=latin, trust_env=False)
        event = stream.event()
    assert event is not None
    assert event.data["user_agent"] == "\x85ç"


def test_an_advance_tells_its_transitions(world: World) -> None:
    with reader(world) as stream:
        world.advance("2m")
        event = stream.event()
    assert event is not None
    step = {"at": "2024-03-05T09:01:00Z", "plan": PLAN, "from": "start", "to": "pending", "cause": "attempt 1"}
    assert (event.kind, event.data) == ("transition", step)


def test_an_event_tells_its_transitions(world: World) -> None:
    with reader(world) as stream:
        plan = world.order(["TST-001-M"]).plan
        event = stream.event()
    assert event is not None
    assert (event.kind, event.data["plan"], event.data["from"]) == ("transition", plan, None)
    assert event.data["cause"] == "event 1: order"


def test_what_happened_before_is_told_first_in_the_order_of_the_worlds_time(world: World) -> None:
    asked(world)
    world.advance("2m")
    asked(world)
    with reader(world) as stream:
        assert [event.kind for event in stream.events(3)] == ["request", "transition", "request"]


def test_from_now_on_nothing_of_before_is_told(world: World) -> None:
    asked(world)
    world.advance("2m")
    with reader(world, query="?since=now") as stream:
        asked(world)
        event = stream.event()
    assert event is not None
    assert event.data["number"] == 2


def test_another_worlds_requests_are_not_told(world: World, server: RunningServer) -> None:
    with server.control.open_world(scenario="restock") as other, reader(world) as stream:
        asked(other)
        other.advance("2m")
        asked(world)
        event = stream.event()
    assert event is not None
    assert (event.kind, event.data["world"]) == ("request", world.name)


def test_after_a_reset_the_new_transitions_are_told(world: World) -> None:
    with reader(world) as stream:
        world.advance("2m")
        stream.events(1)
        world.reset()
        world.advance("35m")
        assert [event.data["cause"] for event in stream.events(2)] == ["attempt 1", "attempt 2"]


# Going on


@pytest.mark.parametrize("way", ["header", "query"])
def test_it_goes_on_after_the_last_id(world: World, way: str) -> None:
    asked(world)
    world.advance("35m")
    with reader(world) as stream:
        first, *others = stream.events(3)
    headers, query = ({"Last-Event-ID": first.id}, "") if way == "header" else ({}, f"?since={first.id}")
    with reader(world, headers, query=query) as again:
        assert again.events(2) == others
        asked(world)
        assert [event.kind for event in again.events(1)] == ["request"]


def test_the_header_wins_over_the_query(world: World) -> None:
    asked(world)
    asked(world)
    with reader(world) as stream:
        first, second = stream.events(2)
    with reader(world, {"Last-Event-ID": first.id}, query="?since=now") as again:
        assert again.events(1) == [second]


def test_every_event_has_an_id_of_its_own(world: World) -> None:
    for _ in range(3):
        asked(world)
        world.advance("30m")
    with reader(world) as stream:
        ids = [event.id for event in stream.events(6)]
    assert len(set(ids)) == 6


def test_after_the_id_of_another_world_everything_is_told(world: World, server: RunningServer) -> None:
    with server.control.open_world(scenario="restock") as other:
        asked(other)
        with reader(other) as stream:
            (foreign,) = stream.events(1)
    asked(world)
    with reader(world, {"Last-Event-ID": foreign.id}) as stream:
        assert [event.data["number"] for event in stream.events(1)] == [1]


def test_two_readers_are_told_the_same(world: World) -> None:
    with reader(world) as first, reader(world) as second:
        asked(world)
        world.advance("2m")
        assert first.events(2) == second.events(2)


# Readers that are too slow


#: A request that fills a stream quickly.
BULKY = "a" * 7_000


def flood(world: World, requests: int) -> None:
    """Many bulky requests over one connection."""
    flood_at(world.url, world.token, requests)


def flood_at(url: str, token: str, requests: int) -> None:
    where = urlsplit(url)
    one = f"GET {LIST} HTTP/1.1\r\nHost: x\r\nAuthorization: Token {token}\r\nUser-Agent: {BULKY}\r\n\r\n"
    with socket.create_connection((where.hostname, where.port), timeout=20) as client, client.makefile("rb") as answers:
        for _ in range(requests):
            client.sendall(one.encode())
            while (line := answers.readline()) != b"\r\n":
                if line.startswith(b"content-length: "):
                    length = int(line.split()[1])
            answers.read(length)


def test_a_reader_that_is_too_slow_is_told_how_many_it_lost_and_cut_off(world: World) -> None:
    with Reader(world.url, STREAM.format(world.name), window=4_096) as slow:
        flood(world, JOURNAL_SIZE * 3)
        *told, last = slow.rest()
    assert {event.kind for event in told} == {"request"}
    assert [event.data["number"] for event in told] == list(range(1, len(told) + 1))
    assert last.kind == "lost"
    with reader(world, {"Last-Event-ID": last.id}) as again:
        more, *kept = again.events(JOURNAL_SIZE + 1)
    assert len(told) + last.data["requests"] + more.data["requests"] == kept[0].data["number"] - 1 == JOURNAL_SIZE * 2


def test_a_reader_that_keeps_up_loses_nothing(world: World) -> None:
    with reader(world) as stream:
        for _ in range(4):
            flood(world, JOURNAL_SIZE // 2)
            assert {event.kind for event in stream.events(JOURNAL_SIZE // 2)} == {"request"}


def test_who_comes_back_too_late_is_told_how_many_it_lost(world: World) -> None:
    asked(world)
    with reader(world) as stream:
        (first,) = stream.events(1)
    flood(world, JOURNAL_SIZE + 5)
    with reader(world, {"Last-Event-ID": first.id}) as again:
        lost, *others = again.events(JOURNAL_SIZE + 1)
    assert (lost.kind, lost.data) == ("lost", {"requests": 5})
    assert [event.data["number"] for event in others] == list(range(7, JOURNAL_SIZE + 7))


# The end


def test_it_ends_when_the_world_is_closed(world: World) -> None:
    asked(world)
    with reader(world) as stream:
        world.close()
        assert [event.kind for event in stream.rest()] == ["request"]


def test_a_reader_that_hangs_up_leaves_its_place_to_another(world: World) -> None:
    admitted = 0
    for _ in range(100 * MAX_STREAMS):  # a 429: the server has not noticed yet that another one has gone
        with reader(world) as stream:
            admitted += stream.status == 200
        if admitted > MAX_STREAMS:
            break
    assert admitted > MAX_STREAMS


def test_it_ends_with_its_server() -> None:
    with ExitStack() as held:
        with running_server() as running:
            stream = held.enter_context(Reader(running.url, STREAM.format("default")))
        assert stream.rest() == []


def test_the_server_stops_at_once_though_streams_are_open() -> None:
    with ExitStack() as held:
        with serving("--scenario", "restock") as running:
            for _ in range(3):
                held.enter_context(Reader(running.address, STREAM.format("default")))
            log = running.stopped()
        assert running.process.returncode == 0
    assert [line for line in log if "stream" not in line] == []


def test_the_server_stops_at_once_though_a_reader_does_not_read() -> None:
    with serving("--scenario", "restock") as running, Reader(running.address, STREAM.format("default"), window=4_096):
        flood_at(running.address, "mock-oms-token", JOURNAL_SIZE - 100)
        log = running.stopped()
    assert [line for line in log if "/stream" not in line and LIST not in line] == []


# Bounds


def test_no_thread_is_held(world: World) -> None:
    with ExitStack() as held:
        streams = [held.enter_context(reader(world)) for _ in range(WORKERS * 2 + 4)]
        assert world.clock.rate == 0
        asked(world)
        assert {stream.event().data["number"] for stream in streams} == {1}  # type: ignore[union-attr]


def test_one_stream_too_many_is_refused() -> None:
    with running_server() as running, ExitStack() as held:
        for _ in range(MAX_STREAMS):
            assert held.enter_context(Reader(running.url, STREAM.format("default"))).status == 200
        refused = held.enter_context(Reader(running.url, STREAM.format("default")))
        assert refused.status == 429
        assert refused.body()["detail"].startswith(f"There are {MAX_STREAMS} streams open")


def test_a_head_request_opens_no_stream(world: World) -> None:
    answers = [httpx.head(world.url + STREAM.format(world.name), trust_env=False) for _ in range(MAX_STREAMS + 1)]
    assert {answer.status_code for answer in answers} == {200}


# The guard


def test_without_the_control_token_nothing_is_told() -> None:
    with running_server(control_token="right") as running:
        path = STREAM.format("default")
        with Reader(running.url, path) as silent, Reader(running.url, path, {"Authorization": "Bearer x"}) as wrong:
            assert (silent.status, wrong.status) == (401, 401)
        with Reader(running.url, path, {"Authorization": "Bearer right"}) as known:
            assert known.status == 200


def test_pages_of_other_sites_are_told_nothing(world: World) -> None:
    with reader(world, {"Origin": "http://evil.example"}) as stream:
        assert stream.status == 403


def test_under_another_name_nothing_is_told(world: World) -> None:
    where = urlsplit(world.url)
    with socket.create_connection((where.hostname, where.port), timeout=10) as client:
        path = STREAM.format(world.name)
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode())
        assert client.recv(4_096).startswith(b"HTTP/1.1 421")


# The client


def test_the_client_reads_typed_events(world: World) -> None:
    asked(world)
    world.advance("2m")
    stream = world.stream()
    first, second = next(stream), next(stream)
    assert isinstance(first, Requested)
    assert isinstance(second, Moved)
    assert (first.request.number, first.request.operation, first.request.user_agent[:12]) == (1, "list", "python-httpx")
    assert (second.transition.plan, second.transition.to) == (PLAN, "pending")
    assert next(world.stream(first.id)) == second


def test_the_clients_stream_ends_with_the_world(world: World) -> None:
    asked(world)
    stream = world.stream()
    next(stream)
    world.close()
    assert list(stream) == []


def test_the_client_is_told_what_is_lost(world: World) -> None:
    asked(world)
    first = next(world.stream())
    flood(world, JOURNAL_SIZE + 5)
    lost = next(world.stream(first.id))
    assert isinstance(lost, Lost)
    assert lost.requests == 5


def test_the_client_says_what_the_stream_refuses(world: World, server: RunningServer) -> None:
    with pytest.raises(ControlError, match="since: found 'x'; accepted: the id of an event of the stream, or now"):
        next(world.stream("x"))
    world.close()
    with Control(server.url), pytest.raises(ControlError, match="There is no world"):
        next(world.stream())
