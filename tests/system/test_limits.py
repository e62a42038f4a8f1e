"""Every limit of the server on a real socket: what it answers, and that it goes on answering others."""

import logging
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest

from mock_oms.api import guard
from mock_oms.server.asgi.http_limits import RESERVE, Bounds
from mock_oms.server.asgi.request import MAX_BODY
from tests.system import forked
from tests.system.running import plain_environment
from tests.system.wired import EARLY, LIST, LOGIN, PATIENCE, Wired, wired

#: Seconds after which a hasty server gives up; a client whose thread waits for its turn must be quicker.
SOON = 0.5
HEAD = b"GET /_mock/health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n"
ALIVE = HEAD + b"\r\n"
LAST = HEAD + b"Connection: close\r\n\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Wired]:
    with wired() as running:
        yield running


@pytest.fixture(scope="module")
def hasty() -> Iterator[Wired]:
    """A server that waits for nobody, but for a next request."""
    bounds = Bounds(head_seconds=SOON, lingering_seconds=SOON, unread_seconds=SOON, idle_seconds=600)
    with wired(bounds=bounds, patience=SOON) as running:
        yield running


def connect(server: Wired) -> socket.socket:
    return socket.create_connection(server.address, timeout=PATIENCE)


def everything(connection: socket.socket) -> bytes:
    """What comes until the server closes; a reset is an error."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def answer_to(server: Wired, *pieces: bytes) -> bytes:
    """What the server says to these pieces, each sent by itself."""
    with connect(server) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        return everything(connection)


def statuses(answers: bytes) -> list[int]:
    """Of all answers in a row, none of whose bodies speaks of HTTP/1.1."""
    return [int(one[:3]) for one in answers.split(b"HTTP/1.1 ")[1:]]


def posted(target: str, length: int, more: str = "", method: str = "POST") -> bytes:
    return f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n{more}\r\n".encode()


def chunked(target: str, more: str = "", method: str = "POST") -> bytes:
    return posted(target, 0, more, method).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")


LONG = b"GET /" + b"x" * Bounds().target + b" HTTP/1.1\r\n\r\n"
LARGE = HEAD + b"X: " + b"x" * 40_000
SENTENCES = {
    414: b"The address of the request is longer than 8,192 bytes, which is all that is read.\n",
    431: b", which is all that is read.\n",
}


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ([LONG], 414),
        ([LONG[:3_000], LONG[3_000:6_000], LONG[6_000:]], 414),
        ([b"GET /" + b"x" * 20_000], 414),
        ([b"GET /?" + b"x=1&" * 3_000 + b" HTTP/1.1\r\n\r\n"], 414),
        ([LARGE + b"\r\n\r\n"], 431),
        ([LARGE], 431),
        ([HEAD + b"".join(b"X-%d: 1\r\n" % number for number in range(100)) + b"\r\n"], 431),
        ([b"nonsense\r\n\r\n"], 400),
        ([chunked(LOGIN), b"nonsense\r\n"], 400),
        ([chunked(LOGIN, "Expect: 100-continue\r\n") + b"nonsense\r\n"], 400),
        ([chunked(LIST), *[b"1000\r\n" + b"x" * 0x1000 + b"\r\n"] * 17], 413),
        ([posted("/nowhere/", 1_000_000), b"x" * 1_000_000], 413),
    ],
)
def test_what_is_too_much_or_no_http_is_refused_in_plain_text_and_the_connection_ends(
    server: Wired, pieces: list[bytes], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = answer_to(server, *pieces)
    assert statuses(answer) == [status]
    assert answer.endswith(SENTENCES.get(status, b""))
    assert b"\r\nconnection: close\r\n" in answer
    assert caplog.messages == []


@pytest.mark.smoke
def test_a_refusal_is_counted_and_logged_with_its_reason(server: Wired, caplog: pytest.LogCaptureFixture) -> None:
    before = server.http_limits.refused[431]
    with caplog.at_level(logging.WARNING):
        answer = answer_to(server, LARGE)
    says = "Request line and headers are larger than 32,768 bytes, which is all that is read."
    assert b"\r\ncontent-type: text/plain; charset=utf-8\r\n" in answer
    assert answer.endswith(f"{says}\n".encode())
    assert f"with 431 before the request was read: {says}" in caplog.text
    metrics = answer_to(server, LAST.replace(b"health/live", b"metrics"))
    assert b'\nmock_oms_refused_total{status="431"} %d.0\n' % (before + 1) in metrics


#: What does not end, and what is answered.
UNENDED = [
    ([posted(LOGIN, 9), b"x"], [408]),
    ([posted(LIST, 9, method="GET"), b"x"], [408]),
    ([HEAD], [408]),
    ([ALIVE + HEAD], [200, 408]),
    ([b""], []),
    ([b"\r\n"], []),
]


def test_what_does_not_end_is_a_408_after_the_answers_before_it_and_silence_is_none(hasty: Wired) -> None:
    with ThreadPoolExecutor(len(UNENDED)) as threads:
        answers = list(threads.map(lambda case: answer_to(hasty, *case[0]), UNENDED))
    assert [statuses(answer) for answer in answers] == [found for _, found in UNENDED]
    for (pieces, _), answer in zip(UNENDED, answers, strict=True):
        assert (b"headers of the request did not arrive within 0.5 seconds." in answer) == (HEAD in b"".join(pieces))
        assert (b"\r\n\r\nThe body of the request did not arrive in time.\n" in answer) == (pieces[-1] == b"x")


def test_what_trails_a_body_is_no_header_and_a_body_of_mostly_framing_is_refused() -> None:
    with wired(bounds=Bounds(framed=500)) as server:
        trailer = f"0\r\nAuthorization: Token {server.default.token}\r\n\r\n".encode()
        head = chunked(LIST, "Connection: close\r\n", "GET")
        assert statuses(answer_to(server, head, trailer)) == [401]
        assert statuses(answer_to(server, chunked(LIST), b"1\r\nx\r\n" * 200)) == [413]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("target", [LIST, LOGIN, "/nowhere/"])
def test_a_body_that_is_announced_too_large_is_refused_before_it_is_sent(
    server: Wired, method: str, target: str
) -> None:
    answer = answer_to(server, posted(target, MAX_BODY + 1, method=method))
    assert answer.startswith(b"HTTP/1.1 413 Request Entity Too Large\r\n")
    assert b"\r\nconnection: close\r\n" in answer
    assert answer.endswith(b"<h1>413 Request Entity Too Large</h1>\r\n</body>\r\n</html>\r\n")


def test_a_body_of_just_the_limit_and_large_headers_within_the_bound_are_read(server: Wired) -> None:
    found = [server.default.ask(LIST, method, b"x" * MAX_BODY).status for method in ("GET", "POST")]
    assert [*found, server.default.ask(X="x" * 30_000).status] == [200, 405, 200]


def test_more_is_not_read_of_a_refused_body_than_a_bound(server: Wired) -> None:
    with connect(server) as connection, pytest.raises((ConnectionResetError, BrokenPipeError)):
        connection.sendall(posted("/nowhere/", 1_000_000_000) + b"x" * 100_000_000)


def test_a_refused_body_is_in_the_journal_of_its_world_and_the_control_api_says_so_in_its_own_words(
    server: Wired,
) -> None:
    world = server.world()
    world.ask(LIST, "POST", b"x" * (MAX_BODY + 1))
    (entry,) = world.entries()
    told = (entry.status, entry.operation, (entry.hint or "")[:34])
    assert told == (413, "list", "The body is longer than the 65536 ")
    answer = answer_to(server, posted("/_mock/worlds", guard.MAX_WORLD + 1, "Content-Type: application/json\r\n"))
    assert statuses(answer) == [413]
    assert [part in answer for part in (guard.TOO_LARGE.encode(), b"\r\nconnection: close\r\n")] == [True, True]


JSON = "Content-Type: application/json\r\n"
#: What the control API refuses whatever its body says.
REFUSED_ON_HEAD = [
    (posted("/_mock/worlds", 990_000, JSON).replace(b"127.0.0.1", b"shop.example"), 421),
    (posted("/_mock/worlds", 990_000, f"{JSON}Origin: http://shop.example\r\n"), 403),
    (posted("/_mock/worlds", 990_000), 415),
    (posted("/_mock/worlds", guard.MAX_WORLD + 1, JSON), 413),
    (posted("/_mock/worlds", 990_000, JSON, "PATCH"), 405),
    (posted("/_mock/nowhere", 990_000, JSON), 404),
    (posted("/_mock/worlds/a%2Fb", 990_000, JSON, "PUT"), 404),
]


def test_what_the_control_api_refuses_on_the_head_is_answered_before_the_body_comes(server: Wired) -> None:
    found = [(answer_to(server, head), status) for head, status in REFUSED_ON_HEAD]
    assert [statuses(answer) for answer, _ in found] == [[status] for _, status in found]
    assert [answer for answer, _ in found if b"\r\nconnection: close\r\n" not in answer] == []


def test_who_says_nothing_after_an_answer_is_closed() -> None:
    with wired(bounds=Bounds(idle_seconds=0)) as server:
        assert statuses(answer_to(server, ALIVE)) == [200]


ADVANCE = b'{"by": "1h"}'
#: What a client sends before it says that it will send no more, and what is answered.
HALF = [
    (ALIVE, [200]),
    (ALIVE * 9, [200] * 9),
    (posted("/_mock/worlds/default/clock/advance", len(ADVANCE), JSON) + ADVANCE, [200]),
    (ALIVE + posted(LOGIN, 4) + b"a=bc" + ALIVE, [200, 415, 200]),
    (chunked(LIST, method="PUT") + b"1\r\na\r\n0\r\n\r\n", [401]),
    (ALIVE + b"nonsense\r\n\r\n", [200, 400]),
    (ALIVE + HEAD, [200]),
    (ALIVE + posted(LOGIN, 9) + b"x", [200]),
    (HEAD, []),
    (posted(LOGIN, 9) + b"x", []),
    (b"", []),
]


def test_who_sends_no_more_is_answered_what_was_asked_for_and_closed(server: Wired) -> None:
    before = server.default.lease.world.latest.clock.shown
    found = []
    for sent, wanted in HALF:
        with connect(server) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            answers = everything(connection)
        found += [(sent, statuses(answers))] if statuses(answers) != wanted else []
    assert found == []
    assert server.default.lease.world.latest.clock.shown - before == timedelta(hours=1)


def test_who_sends_no_more_while_an_answer_is_held_back_has_hung_up(server: Wired) -> None:
    world = server.faulty(delay="1m")
    with world.connected() as wire:
        wire.send(LIST)
        wire.socket.shutdown(socket.SHUT_WR)
        assert everything(wire.socket) == b""
    while not [one for one in world.entries() if one.gave_up is not None]:
        assert server.default.ask().status == 200
    assert [one.status for one in world.entries()] == [None]


def test_a_blank_line_after_an_answer_keeps_no_connection_open(hasty: Wired) -> None:
    with connect(hasty) as connection:
        connection.sendall(ALIVE)
        assert connection.recv(65_536).endswith(b"}\n")
        connection.sendall(b"\r\n")
        assert everything(connection) == b""


def test_nonsense_behind_a_whole_request_is_refused_after_its_answer(server: Wired) -> None:
    world = server.world({"on": "list", "effect": {"delay": "50ms"}})
    request = f"GET {LIST} HTTP/1.1\r\nHost: shop\r\nAuthorization: Token {world.token}\r\n\r\n".encode()
    assert statuses(answer_to(server, request * 2 + b"nonsense\r\n\r\n")) == [200, 200, 400]


def test_many_requests_in_a_row_are_answered_and_more_than_may_wait_are_a_503_after_the_answers(server: Wired) -> None:
    assert statuses(answer_to(server, ALIVE * 700 + LAST)) == [200] * 701
    with wired(bounds=Bounds(most_waiting=3, waiting=2)) as few:
        assert statuses(answer_to(few, ALIVE * 9)) == [200, 200, 200, 200, 503]


def held(stack: ExitStack, server: Wired, number: int, sent: bytes = b"") -> list[socket.socket]:
    """Connections that have sent so much, and stay until the end of the block."""
    found = [stack.enter_context(connect(server)) for _ in range(number)]
    for one in found:
        one.sendall(sent)
    return found


def answered(connection: socket.socket) -> None:
    """Ask on a connection that stays."""
    connection.sendall(ALIVE)
    answer = b""
    while not answer.endswith(b"}\n"):  # the head may come by itself
        more = connection.recv(65_536)
        assert more
        answer += more
    assert answer.startswith(b"HTTP/1.1 200")


def test_a_new_connection_takes_the_place_of_the_one_that_was_idle_for_longest() -> None:
    with wired(bounds=Bounds(connections=3, idle_seconds=60)) as server, ExitStack() as stack:
        idle = held(stack, server, 3)
        answered(idle[0])
        begun = time.perf_counter()
        while time.perf_counter() - begun < 5 * EARLY:  # the loop's clock counts in milliseconds
            answered(idle[1])
            answered(idle[2])
        assert server.default.ask().status == 200
        assert everything(idle[0]) == b""
        answered(idle[2])
        assert server.http_limits.closed["idle"] >= 1


def test_a_new_connection_is_worth_more_than_a_head_that_does_not_end() -> None:
    with wired(bounds=Bounds(connections=2)) as server, ExitStack() as stack:
        held(stack, server, 2, HEAD)
        assert (server.default.ask().status, server.http_limits.closed["idle"] >= 1) == (200, True)


def test_where_every_connection_is_in_use_a_new_one_is_a_503() -> None:
    with wired(bounds=Bounds(connections=2, lingering_seconds=0.05)) as server, ExitStack() as stack:
        held(stack, server, 2, posted(LOGIN, 9) + b"x")
        assert [statuses(answer_to(server)) for _ in range(3)] == [[503]] * 3
        assert server.http_limits.refused[503] == 3


def test_who_does_not_read_is_hung_up_on(hasty: Wired) -> None:
    with connect(hasty) as connection:
        connection.sendall(ALIVE.replace(b"health/live", b"openapi.yaml") * 600)
        while not hasty.http_limits.closed["unread"]:
            assert statuses(answer_to(hasty, LAST)) == [200]


@pytest.mark.parametrize(
    ("says", "connections"),
    [
        ("b = Bounds(connections=400); raise_file_limit(b); print(HttpLimits(b).most)", 400),
        ("print(HttpLimits().most)", 256 - RESERVE),
    ],
)
def test_the_server_allows_itself_the_files_that_its_connections_need_and_no_more_connections_than_files(
    says: str, connections: int
) -> None:
    lines = (
        "import resource as r",
        "from mock_oms.server.asgi.http_limits import Bounds, HttpLimits, raise_file_limit",
        "r.setrlimit(r.RLIMIT_NOFILE, (256, r.getrlimit(r.RLIMIT_NOFILE)[1]))",
        says,
    )
    done = forked.run("python", "-c", "\n".join(lines), environment=plain_environment())
    assert (done.stdout, done.stderr) == (f"{connections}\n", "")


@pytest.mark.parametrize("sent", [b"", HEAD], ids=["idle", "slow"])
def test_five_hundred_connections_hold_nobody_up(server: Wired, sent: bytes) -> None:
    with ExitStack() as stack:
        held(stack, server, 500, sent)
        assert [server.default.ask().status for _ in range(5)] == [200] * 5
