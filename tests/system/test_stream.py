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


def request_list(world: World, path: str = LIST) -> None:
    httpx.get(world.url + path, headers=world.headers, timeout=30, trust_env=False)


@pytest.mark.smoke
def test_requests_and_transitions_are_sent_as_they_happen(world: World) -> None:
    with reader(world) as stream:
        assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream")
        assert (stream.headers["cache-control"], "content-length" in stream.headers) == ("no-store", False)
        latin = httpx.Headers({**world.headers, "User-Agent": "\x85ç"}, encoding="latin-1")
        httpx.get(f"{world.url}{LIST}{PLAN}/?token=secret", headers=latin, timeout=30, trust_env=False)
        world.advance("2m")
        for _ in range(3):
            request_list(world)  # the last one from cached bytes
        first, step, *others = stream.events(5)
    data = first.data
    assert (first.kind, data["number"], data["operation"], data["plan"]) == ("request", 1, "detail", PLAN)
    assert (data["status"], data["state"], data["world"], data["fault"]) == (200, "start", world.name, None)
    assert (data["user_agent"], "secret" in data["query"], "body" in data) == ("\x85ç", False, False)
    assert world.token not in str(data)
    cause = {"at": "2024-03-05T09:01:00Z", "plan": PLAN, "from": "start", "to": "pending", "cause": "attempt 1"}
    assert (step.kind, step.data) == ("transition", cause)
    assert [one.data["number"] for one in others] == [2, 3, 4]


def test_it_goes_on_after_the_last_id_of_which_the_header_wins(world: World) -> None:
    request_list(world)
    world.advance("35m")
    with reader(world) as stream:
        first, *others = stream.events(3)
    with reader(world, query=f"?since={first.id}") as again:
        assert again.events(2) == others
    with reader(world, {"Last-Event-ID": first.id}, query="?since=now") as again:
        assert again.events(2) == others
        request_list(world)
        assert [event.kind for event in again.events(1)] == ["request"]


def test_after_the_id_of_another_world_everything_is_sent(world: World, server: RunningServer) -> None:
    with server.control.open_world(scenario="restock") as other:
        request_list(other)
        with reader(other) as stream:
            (foreign,) = stream.events(1)
    request_list(world)
    with reader(world, {"Last-Event-ID": foreign.id}) as stream:
        assert [event.data["world"] for event in stream.events(1)] == [world.name]


def test_a_reader_is_told_of_the_world_at_first_and_whenever_it_has_changed(world: World) -> None:
    path, shown = STREAM.format(world.name), f"{world.url}/_mock/worlds/{world.name}"
    with Reader(world.url, path, of_world=True) as stream:
        first = stream.event()
        assert first is not None
        assert first.data == httpx.get(shown, timeout=30, trust_env=False).json()
        request_list(world)
        world.run_at(60)
        world.freeze()
        frozen = next(event for event in iter(stream.event, None) if event.data["clock"]["rate"] == 0)
        assert frozen.data["requests"] == 1
        world.restock("TST-002-L", "WH001", 1)
        restocked = stream.event()
        assert restocked is not None
        assert restocked.data["events"] == 1
    with reader(world, {"Last-Event-ID": restocked.id}) as again:
        request_list(world)
        assert [event.data["number"] for event in again.events(1)] == [2]


# Readers that are too slow


def flood(url: str, token: str, requests: int) -> None:
    """Many bulky requests over one connection, which fill a stream quickly."""
    where = urlsplit(url)
    one = f"GET {LIST} HTTP/1.1\r\nHost: x\r\nAuthorization: Token {token}\r\nUser-Agent: {'a' * 6_000}\r\n\r\n"
    with socket.create_connection((where.hostname, where.port), timeout=30) as client, client.makefile("rb") as answers:
        for _ in range(requests):
            client.sendall(one.encode())
            while (line := answers.readline()) != b"\r\n":
                if line.startswith(b"content-length: "):
                    length = int(line.split()[1])
            answers.read(length)


def test_a_reader_that_is_too_slow_is_told_how_many_it_lost_and_cut_off(world: World) -> None:
    with Reader(world.url, STREAM.format(world.name), window=4_096) as slow:
        flood(world.url, world.token, JOURNAL_SIZE * 3)
        *seen, last = slow.rest()
    assert {event.kind for event in seen} == {"request"}
    assert [event.data["number"] for event in seen] == list(range(1, len(seen) + 1))
    assert last.kind == "lost"
    lost = next(world.stream(last.id))
    with reader(world, {"Last-Event-ID": last.id}) as again:
        more, *stored = again.events(JOURNAL_SIZE + 1)
    assert len(seen) + last.data["requests"] + more.data["requests"] == stored[0].data["number"] - 1 == JOURNAL_SIZE * 2
    assert isinstance(lost, Lost)
    assert lost.requests == more.data["requests"]


# The end


def test_a_reader_that_hangs_up_leaves_its_place_to_another(world: World) -> None:
    admitted = 0
    for _ in range(100 * MAX_STREAMS):  # a 429: the server has not noticed yet that another one has gone
        with reader(world) as stream:
            admitted += stream.status == 200
        if admitted > MAX_STREAMS:
            break
    assert admitted > MAX_STREAMS


def test_the_server_stops_at_once_though_streams_are_open_and_one_is_not_read() -> None:
    with serving("--scenario", "restock") as running, ExitStack() as held:
        for window in (None, None, 4_096):
            held.enter_context(Reader(running.address, STREAM.format("default"), window=window))
        flood(running.address, "mock-oms-token", JOURNAL_SIZE - 100)
        log = running.stopped()
        assert running.process.returncode == 0
    assert [line for line in log if "/stream" not in line and LIST not in line] == []


# Bounds


def test_no_thread_is_held(world: World) -> None:
    with ExitStack() as held:
        streams = [held.enter_context(reader(world)) for _ in range(WORKERS * 2 + 4)]
        assert world.clock.rate == 0
        request_list(world)
        assert {stream.event().data["number"] for stream in streams} == {1}  # type: ignore[union-attr]


def test_one_stream_too_many_is_refused_but_a_head_request_opens_none() -> None:
    with running_server() as running, ExitStack() as held:
        heads = [httpx.head(running.url + STREAM.format("default"), trust_env=False) for _ in range(MAX_STREAMS + 1)]
        assert {answer.status_code for answer in heads} == {200}
        for _ in range(MAX_STREAMS):
            assert held.enter_context(Reader(running.url, STREAM.format("default"))).status == 200
        refused = held.enter_context(Reader(running.url, STREAM.format("default")))
        assert refused.status == 429
        assert refused.body()["detail"].startswith(f"There are {MAX_STREAMS} streams open")


# The guard


def test_without_the_control_token_or_under_another_name_nothing_is_told(world: World) -> None:
    with running_server(control_token="right") as running:
        path = STREAM.format("default")
        with Reader(running.url, path) as silent, Reader(running.url, path, {"Authorization": "Bearer x"}) as wrong:
            assert (silent.status, wrong.status) == (401, 401)
        with Reader(running.url, path, {"Authorization": "Bearer right"}) as known:
            assert known.status == 200
    where = urlsplit(world.url)
    with socket.create_connection((where.hostname, where.port), timeout=30) as client:
        path = STREAM.format(world.name)
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode())
        assert client.recv(4_096).startswith(b"HTTP/1.1 421")


# The client


def test_the_client_reads_typed_events_until_the_world_is_closed(world: World) -> None:
    request_list(world)
    world.advance("2m")
    stream, raw = world.stream(), reader(world)
    first, second = next(stream), next(stream)
    assert isinstance(first, Requested)
    assert isinstance(second, Moved)
    assert (first.request.number, first.request.operation, first.request.user_agent[:12]) == (1, "list", "python-httpx")
    assert (second.transition.plan, second.transition.to) == (PLAN, "pending")
    assert next(world.stream(first.id)) == second
    world.close()
    assert (list(stream), [event.kind for event in raw.rest()]) == ([], ["request", "transition"])
    raw.close()


def test_the_client_says_what_the_stream_refuses(world: World, server: RunningServer) -> None:
    with pytest.raises(ControlError, match="since: found 'x'; accepted: the id of an event of the stream, or now"):
        next(world.stream("x"))
    world.close()
    with Control(server.url), pytest.raises(ControlError, match="There is no world"):
        next(world.stream())
