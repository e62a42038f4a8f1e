"""Nonsense on the socket: HTTP that is nearly right, and bytes that are not, in any pieces.

`python -m tests.system.fuzzing --seconds 120` looks for two minutes, with another seed each time.
"""

import argparse
import logging
import random
import re
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

import psutil
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from mock_oms.server.asgi.http_limits import Bounds
from mock_oms.worlds.store import DEFAULT
from tests.system.wired import LIST, LOGIN, PATIENCE, Wired, wired

#: Seconds after which a server that waits for nobody gives a client up.
HASTE = 0.03
#: Examples after which memory, files and threads are what they are: the rings of both journals are full.
WARM = 3_000

#: The first of each are taken more often than the others: what is wrong everywhere is refused at the first place.
METHODS = [*b"GET POST HEAD PUT PATCH DELETE OPTIONS TRACE CONNECT get BREW".split(), b""]
TARGETS = [
    *(LIST.encode() + rest for rest in (b"", b"41207/", b"?page=2&limit=5", b"?format=api&status=completed")),
    *(LOGIN.encode(), b"/", b"*", b"//", b"/nowhere", b"http://shop" + LIST.encode(), b"/_mock"),
    *(b"/_mock/" + path for path in b"health/live worlds worlds/default scenarios openapi.yaml".split()),
    *(b"/_mock/worlds/default/" + path for path in b"requests?limit=1 faults plans".split()),
]
VERSIONS = [b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/1.1 ", b""]
GOOD = b"""Authorization: Token mock-oms-token
Accept: application/json; indent=4
Content-Type: application/json
Content-Type: application/x-www-form-urlencoded; charset=utf-7
Content-Type: multipart/form-data; boundary=x
Connection: close
Expect: 100-continue
Trailer: X""".splitlines()
BAD = [
    b"Authorization: Bearer \xff\xfe",
    b"X-Request-Id: \x01",
    b"X: " + b"x" * 9_000,
    *b"""Host: a/b
Authorization: Token
Accept: text/html;q=x,*/*;q=9
Connection: keep-alive, Upgrade
Upgrade: websocket
Upgrade: h2c
Content-Length: 5
Content-Length: 99999999999999999999
Content-Length: -1
Transfer-Encoding: chunked
Transfer-Encoding: gzip, chunked
 folded
: nameless""".splitlines(),
]
BODIES = [
    *(b"", b"{}", b'{"username": "default", "password": "mock-oms"}', b'{"name": "fuzz", "scenario": "default"}'),
    b"username=default&password=mock-oms",
    b"--x\r\nContent-Disposition: form-data; name=username\r\n\r\ndefault\r\n--x--\r\n",
    *(b"[" * 2_000, b"\xff\xfe\x00", b"x" * 70_000),
]


def _mostly(parts: list[bytes], usual: int) -> st.SearchStrategy[bytes]:
    return st.one_of(*[st.sampled_from(parts[:usual])] * 6, st.sampled_from(parts))


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """A request as it should be, but for what each of its parts may be by itself."""
    body = draw(st.sampled_from(BODIES))
    framing = draw(st.sampled_from(["length", "length", "chunks", "none"]))
    own = {"length": [b"Content-Length: %d" % len(body)], "chunks": [b"Transfer-Encoding: chunked"], "none": []}
    lines = [b"Host: 127.0.0.1", *draw(st.lists(st.sampled_from(GOOD), max_size=4)), *own[framing]]
    if framing == "chunks":
        body = (b"%x;a=b\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\nTrailer: 1\r\n\r\n"
    if draw(st.integers(0, 4)) == 0:
        lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(BAD)))
    first = b" ".join([draw(_mostly(METHODS, 2)), draw(st.sampled_from(TARGETS)), draw(_mostly(VERSIONS, 1))])
    return b"\r\n".join([first, *lines, b"", b""]) + body


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """Some requests in a row, in which a few places were cut out, doubled, or written over."""
    octets = b"".join(draw(st.lists(requests(), min_size=1, max_size=3)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(octets)))
        end = min(len(octets), at + draw(st.integers(0, 20)))
        mark = st.sampled_from(b" \r\n:/?#%&=,;\"'\\\x00\x7f\xff\t").map(lambda octet: bytes([octet]))
        new = draw(st.one_of(st.just(octets[at:end] * 2), st.binary(max_size=8), mark))
        octets = octets[:at] + new + octets[end:]
    return octets


@st.composite
def traffic(draw: st.DrawFn) -> list[bytes]:
    """What one client sends, in the pieces in which it sends it."""
    octets = draw(st.one_of(spoilt(), spoilt(), spoilt(), st.binary(max_size=300)))
    cuts = sorted(draw(st.lists(st.integers(0, len(octets)), max_size=4)))
    return [octets[a:b] for a, b in zip([0, *cuts], [*cuts, len(octets)], strict=True)]


class Weight(NamedTuple):
    """What a process takes: bytes, files, threads."""

    memory: int
    files: int
    threads: int


#: What may be more at the end than after the first examples.
MOST = Weight(40_000_000, 8, 8)


def weighed() -> Weight:
    process = psutil.Process()
    return Weight(process.memory_info().rss, process.num_fds(), threading.active_count())


class Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(self.format(record))


@dataclass(slots=True)
class Attack:
    """A server under fire. `errors` is what it logged of itself, `statuses` counts all that it answered."""

    server: Wired
    errors: Errors
    statuses: Counter[int] = field(default_factory=Counter)
    sent: int = 0
    before: Weight = field(default_factory=weighed)

    def fire(self, pieces: list[bytes]) -> None:
        """Send it, wait until the server has closed, and see that nothing is broken."""
        answer = self._answer(pieces)
        found = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]
        self.statuses.update(found)
        self.sent += 1
        assert not [status for status in found if status >= 500], answer
        errors, self.errors.found = self.errors.found, []
        assert not errors, errors
        alive = self._answer([b"GET /_mock/health/live HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"])
        assert alive.startswith(b"HTTP/1.1 200 OK")
        for lease in self.server.simulation.leases():
            if lease.world.origin.name != DEFAULT:
                self.server.simulation.close(lease.world.origin.name)
        if self.sent == WARM:
            self.before = weighed()

    def _answer(self, pieces: list[bytes]) -> bytes:
        got = b""
        with socket.create_connection(self.server.address, timeout=PATIENCE) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with suppress(ConnectionResetError, BrokenPipeError):
                for piece in pieces:
                    connection.sendall(piece)
            with suppress(ConnectionResetError):
                while more := connection.recv(65_536):
                    got += more
        return got

    def judge(self) -> Weight:
        now = weighed()
        grown = [after - before for after, before in zip(now, self.before, strict=True)]
        assert all(one < most for one, most in zip(grown, MOST, strict=True)), (self.before, now)
        return now


@contextmanager
def attacked() -> Iterator[Attack]:
    """A server that waits for nobody, and writes its errors down."""
    bounds = Bounds(head_seconds=HASTE, lingering_seconds=HASTE, unread_seconds=HASTE, idle_seconds=0)
    errors = Errors()
    logging.getLogger().addHandler(errors)
    try:
        with wired(bounds=bounds, patience=HASTE, late=timedelta()) as server:
            yield Attack(server, errors)
    finally:
        logging.getLogger().removeHandler(errors)


def fire_examples(attack: Attack, examples: int, number: int | None = None) -> None:
    """Let Hypothesis look for traffic that breaks the server; what it finds is raised, as small as it can be.

    Without the `number` of a seed it looks at the same examples each time.
    """
    ours = settings(deadline=None, database=None, suppress_health_check=[*HealthCheck])

    @settings(ours, max_examples=examples, derandomize=number is None)
    @given(traffic())
    def each(pieces: list[bytes]) -> None:
        attack.fire(pieces)

    (each if number is None else seed(number)(each))()


def fuzz(seconds: float) -> None:
    """Look for so long, and print what was met."""
    logging.getLogger().addHandler(logging.NullHandler())  # or warnings would be printed, a line for each refusal
    until = time.monotonic() + seconds
    with attacked() as attack:
        while time.monotonic() < until:
            number = random.SystemRandom().getrandbits(32)
            sys.stdout.write(f"seed {number}: {attack.sent:,} connections, {weighed()}\n")
            sys.stdout.flush()
            fire_examples(attack, 200, number)
        after = attack.judge()
    sys.stdout.write(f"{attack.sent:,} connections; before {attack.before}, after {after}\n")
    sys.stdout.write(f"answers by status: {dict(sorted(attack.statuses.items()))}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    fuzz(parser.parse_args().seconds)
