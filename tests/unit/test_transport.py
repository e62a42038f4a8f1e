"""The client's own HTTP: connections that are used again, and answers in whatever pieces they come."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

import pytest

from mock_oms.client import Control, UnreachableError
from mock_oms.client.connection import Connection

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
CLOSE = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
EARLY = b"HTTP/1.1 100 Continue\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def answering(*connections: Sequence[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers each request of a connection with the next octets, and closes it then; what it was sent."""
    asked: list[bytes] = []

    def serve() -> None:
        for answers in connections:
            client, _ = listener.accept()
            with client:
                for answer in answers:
                    asked.append(client.recv(65_536))
                    client.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        thread.join()


def test_a_connection_is_used_again_until_the_server_closes_it() -> None:
    with answering([OK, EARLY + OK], [CLOSE], [OK]) as (url, asked):
        connection = Connection(url, None)
        assert [connection.ask("GET", "worlds") for _ in range(4)] == [{}] * 4
        connection.close()
    assert len(asked) == 4


def test_what_is_no_whole_answer_is_one_sentence() -> None:
    answers = {
        b"": r"\(Server disconnected without sending a response\.\)",
        b"nonsense\r\n\r\n": r"\(illegal status line",
        OK[:-1]: r"\(peer closed connection without sending complete message body",
    }
    with answering(*([answer] for answer in answers)) as (url, asked), Control(url) as control:
        for said in answers.values():
            with pytest.raises(UnreachableError, match=said):
                control.worlds()
    assert len(asked) == 3


def test_lines_are_the_same_in_whatever_pieces_they_come() -> None:
    body = "id: ş\r\n\ndata: a\u2028b\nrest".encode()
    chunks = b"".join(b"1\r\n%c\r\n" % octet for octet in body)
    with answering([CHUNKED + chunks + b"0\r\n\r\n"]) as (url, _):
        assert list(Connection(url, None).lines("stream")) == ["id: ş", "", "data: a\u2028b"]


def test_a_user_in_the_address_is_sent_unless_there_is_a_control_token() -> None:
    with answering([OK], [OK]) as (url, asked):
        with_user = url.replace("//", "//me:s%40cret@") + "/a b/"
        for token in (None, "mine"):
            Connection(with_user, token).ask("GET", "worlds", query={"unmatched": True, "state": "a&b"})
    heads = [one.decode().splitlines() for one in asked]
    assert [head[0] for head in heads] == ["GET /a%20b/_mock/worlds?unmatched=true&state=a%26b HTTP/1.1"] * 2
    assert ["Authorization: Basic bWU6c0BjcmV0" in heads[0], "Authorization: Bearer mine" in heads[1]] == [True, True]
    assert [line for head in heads for line in head if line == url.replace("http://", "Host: ")] != []


def test_a_connection_that_is_forgotten_does_not_complain(recwarn: pytest.WarningsRecorder) -> None:
    with answering([OK]) as (url, _):
        assert Connection(url, None).ask("GET", "worlds") == {}
    assert list(recwarn) == []
