"""Requests that are known by their octets are answered, and written down, as if each of them had been parsed."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import StringIO
from itertools import pairwise
from typing import Any, Literal

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.server import ServerState

from mock_oms.api.app import create_app
from mock_oms.domain.errors import WorldError
from mock_oms.server.asgi.access_log import AccessLog
from mock_oms.server.asgi.application import Application
from mock_oms.server.asgi.http_limits import Bounds, HttpLimits
from mock_oms.server.asgi.http_protocol import HttpProtocol
from mock_oms.traffic.faults.fault import KINDS, Effect, Fault, FaultTarget
from mock_oms.traffic.faults.limits import Expiry, Limits, Quota
from mock_oms.traffic.metrics import MetricName
from tests.api.test_cached_answers import PLANS, STEPS, Play, Step, requests
from tests.drf.tables import LIST
from tests.drf.wire import Sent
from tests.profiles import examples
from tests.worlds import CODES, documents, happenings

#: What is drawn by lot: marks of servers, names of worlds and hashes; and what a clock says that nobody turns.
_BY_LOT = re.compile(r"\b[0-9a-f]{8}\b")
_DURATION = re.compile(r'"duration_ms": [0-9.e-]+')


class Wire(asyncio.Transport):
    """The transport of a connection whose client reads everything at once."""

    def __init__(self, port: int) -> None:
        super().__init__({"peername": ("127.0.0.1", port), "sockname": ("127.0.0.1", 8080)})
        self.octets, self.is_closed = b"", False

    def write(self, data: Any) -> None:
        """Send."""
        self.octets += data

    def is_closing(self) -> bool:
        """Whether it is closed."""
        return self.is_closed

    def close(self) -> None:
        """Close."""
        self.is_closed = True

    abort = close
    can_write_eof = pause_reading = resume_reading = lambda _: None  # type: ignore[assignment]


@dataclass
class Served:
    """A manager behind the server's own protocol; `knows`: requests are recognised. `parsed` counts the others."""

    play: Play
    knows: bool
    form: Literal["text", "json"] = "text"
    hints: bool = True
    log: StringIO = field(default_factory=StringIO)
    bounds: Bounds = Bounds()
    parsed: int = 0
    port: int = 50_000

    def __post_init__(self) -> None:
        app = create_app(self.play.simulation, performs=KINDS)
        self._log = AccessLog(self.form, self.log)
        self.front = Application(app, log=self._log, hints=self.hints, http_limits=HttpLimits(self.bounds))
        more: Any = {"ws": "none", "lifespan": "off", "interface": "asgi3", "log_config": None, "access_log": False}
        more["timeout_keep_alive"] = self.bounds.idle_seconds
        self._config = uvicorn.Config(self._counted, http=HttpProtocol, **more)
        self._runner, self._state = asyncio.Runner(), ServerState()
        self._state.default_headers = [(b"date", b"today")]
        self._config.load()
        self._config.app = self.front
        self.connect()

    async def _counted(self, scope: Any, receive: Any, send: Any) -> None:
        self.parsed += 1
        await self.front(scope, receive, send)

    def connect(self) -> None:
        """Begin another connection."""

        async def connect() -> None:
            self.port += 1
            self.wire = Wire(self.port)
            self._protocol = HttpProtocol(self._config, self._state, {})
            self._protocol.access_log = False  # whatever handlers the loggers have here
            self._protocol.connection_made(self.wire)
            if not self.knows:
                self._protocol._answer_again = None  # noqa: SLF001  there is no such switch

        self._runner.run(connect())

    def ask(self, *pieces: bytes) -> str:
        """What leaves after these pieces came, one by one and at once."""
        if self.wire.is_closed:
            self.connect()

        async def ask() -> None:
            for piece in pieces:
                if not self.wire.is_closed:
                    self._protocol.data_received(piece)
            while self._state.tasks:
                await asyncio.wait(tuple(self._state.tasks))

        self.wire.octets = b""
        self._runner.run(ask())
        return self.plain(self.wire.octets.decode("latin-1"))

    def rest(self, seconds: float) -> bool:
        """Let some time pass; whether the connection is still open then."""
        self._runner.run(asyncio.sleep(seconds))
        return not self.wire.is_closed

    def plain(self, text: str) -> str:
        """A text without what is drawn by lot."""
        for place, lease in enumerate(self.play.leases):
            text = text.replace(lease.token, f"<token {place}>")
        return _DURATION.sub("", _BY_LOT.sub("<lot>", text))

    def written(self) -> list[str]:
        """Journals, log and metrics, without what is drawn by lot."""
        self._log.flush()
        simulation, metrics = self.play.simulation, self.play.simulation.metrics
        journals = [simulation.unknown_tokens, *(lease.traffic.journal for lease in self.play.leases)]
        entries = [str(replace(entry, duration=0)) for journal in journals for entry in journal.entries()]
        timings = {kind: sum(timing.classes) for kind, timing in metrics.timings.items()}
        counts = [metrics.hits, metrics.evicted, timings, [metrics.counted(name) for name in MetricName]]
        uses = [lease.used for lease in self.play.leases]
        numbers = [(journal.total, journal.appended, journal.gone) for journal in journals]
        return [self.plain(one) for one in (*entries, self.log.getvalue(), str(counts), str(uses), str(numbers))]

    def close(self) -> None:
        """End."""
        self._runner.close()


@contextmanager
def both(sections: dict[str, Any], **more: Any) -> Iterator[tuple[Served, Served]]:
    """One that knows requests beside one that parses them all."""
    knowing, parsing = (Served(Play.of(sections), knows, **more) for knows in (True, False))
    try:
        yield knowing, parsing
    finally:
        knowing.close()
        parsing.close()


def octets(sent: Sent) -> bytes:
    """A request as it goes over the wire."""
    length = {"Content-Length": str(len(sent.body))} if sent.body else {}
    lines = [f"{name}: {value}" for name, value in {**sent.headers, **length}.items()]
    return "\r\n".join([f"{sent.method} {sent.target} HTTP/1.1", *lines, "", ""]).encode("latin-1") + sent.body


def _let_some_meet_a_fault(play: Play, which: int, amount: int, _: Any) -> None:
    fault = Fault(on=FaultTarget.ANY, effect=Effect(status=503), times=1 + amount % 2)
    lease = play.leases[which % len(play.leases)]
    lease.traffic.add([fault], lease.world.instant().world.now, "test")


def _limit(play: Play, which: int, amount: int, _: Any) -> None:
    quota = Quota(limit=2, window=timedelta(minutes=1))
    limits = (Limits(quota=quota), Limits(token=Expiry(requests=3)), Limits())[amount % 3]
    lease = play.leases[which % len(play.leases)]
    lease.traffic.limit(limits, lease.world.instant().world.now)


def _close(play: Play, which: int, _: int, __: Any) -> None:
    name = play.world(which).origin.name
    with suppress(Exception):
        play.simulation.close(name)


_step = st.tuples(
    st.sampled_from((*STEPS, _let_some_meet_a_fault, _limit, _limit, _close)),
    st.integers(0, 3),
    st.sampled_from((-1, 0, 1, 59, 60, 600, 1800)),
    happenings(CODES),
)
_more = st.fixed_dictionaries(
    {},
    optional={
        "X-Request-Id": st.sampled_from(("mine", "a b")),
        "User-Agent": st.sampled_from(("one", "another")),
        "Connection": st.sampled_from(("close", "keep-alive", "upgrade")),
        "Upgrade": st.just("h2c"),
        "Expect": st.just("100-continue"),
        "Padding": st.sampled_from(("x" * 2_000, "x" * 3_000)),
    },
)
_asked = st.tuples(
    requests(), st.one_of(st.just({}), st.just({}), _more), st.sampled_from(("1.1", "1.1", "1.1", "1.0"))
)
#: How the octets of a few requests arrive: each by itself, together, or cut somewhere.
_cuts = st.one_of(st.none(), st.none(), st.lists(st.integers(1, 600), max_size=3))


@examples(12)
@given(
    documents(),
    st.sampled_from((0, 0, 1, 60)),
    st.lists(_asked, min_size=1, max_size=4),
    st.lists(st.tuples(_step, _cuts), max_size=6),
    st.sampled_from(("text", "json")),
    st.booleans(),
)
def test_a_known_request_is_answered_and_written_down_as_one_that_is_parsed(
    document: dict[str, Any],
    rate: int,
    asked: list[tuple[tuple[int, str, Sent], dict[str, str], str]],
    steps: list[tuple[tuple[Step, int, int, Any], list[int] | None]],
    form: Literal["text", "json"],
    hints: bool,
) -> None:
    with both({**document, "clock": {"rate": rate}}, form=form, hints=hints) as pair:
        for cuts in (None, None):
            _same(pair, asked, cuts)
        for (step, which, amount, written), cuts in steps:
            for served in pair:
                with suppress(WorldError):
                    step(served.play, which, amount, written)
            _same(pair, asked, cuts)
            _same(pair, asked, None)
        assert pair[0].written() == pair[1].written()


def _same(pair: tuple[Served, Served], asked: Iterable[Any], cuts: list[int] | None) -> None:
    """Ask both the same, each with the tokens of its own worlds."""
    found = []
    for served in pair:
        heads = []
        for (which, scheme, bare), more, version in asked:
            token = served.play.leases[which % len(served.play.leases)].token
            headers = {"Authorization": f"{scheme} {token}", **bare.headers, **more}
            heads.append(
                octets(replace(bare, headers=headers)).replace(b"HTTP/1.1\r\n", f"HTTP/{version}\r\n".encode(), 1)
            )
        if cuts is None:
            found.append([served.ask(head) for head in heads])
        else:
            whole, places = b"".join(heads), (0, *sorted(cuts), None)
            found.append([served.ask(*(whole[a:b] for a, b in pairwise(places)))])
    assert found[0] == found[1]


def head(target: str = f"{LIST}7001/", version: str = "1.1", method: str = "GET", **headers: str) -> bytes:
    """A request to the world `other`."""
    lines = {"Host": "shop", "Authorization": "Token other", **headers}
    return octets(Sent(method=method, target=target, headers=lines)).replace(
        b"HTTP/1.1\r\n", f"HTTP/{version}\r\n".encode()
    )


@pytest.fixture
def served() -> Iterator[Served]:
    found = Served(Play.of({"plans": PLANS, "clock": {"rate": 0}}), knows=True, hints=False)
    yield found
    found.close()


@pytest.mark.parametrize("target", [LIST, f"{LIST}7001/", f"{LIST}?page=2&limit=5"])
def test_what_the_cache_has_answered_once_is_no_longer_parsed_on_any_connection(served: Served, target: str) -> None:
    answers = [served.ask(head(target)) for _ in range(3)]
    served.connect()
    answers += [served.ask(head(target)) for _ in range(3)]
    assert (len(set(answers)), served.parsed) == (1, 2)
    assert answers[0].startswith("HTTP/1.1 200 OK\r\ndate: today\r\n")
    assert served.play.simulation.metrics.hits == 5
    assert [entry.number for entry in served.play.leases[1].traffic.journal.entries()] == [1, 2, 3, 4, 5, 6]


PARSED: dict[str, list[bytes]] = {
    "it comes in pieces": [head()[:20], head()[20:]],
    "two come at once": [head() * 2],
    "the rest of another one comes with it": [head()[:20], head()[20:] + head()],
    "the body of another one comes with it": [head(method="POST", **{"Content-Length": "1"}), b"x" + head()],
    "it stands in the body of another one": [head(method="POST", **{"Content-Length": str(len(head()))}), head()],
    "another one is being answered": [head(f"{LIST}?x={'x' * 300}"), head()],
    "it asks for headers only": [head(method="HEAD")],
    "it is the last one": [head(Connection="close")],
    "it is of an older kind": [head(version="1.0")],
    "it is long": [head(Padding="x" * 3_000)],
    "a line is missing": [head()[:-2], b"\r\n"],
}


@pytest.mark.parametrize("why", PARSED)
def test_a_request_is_parsed_where(why: str, served: Served) -> None:
    served.ask(head())
    served.ask(head())
    for _ in range(3):
        before, count = served.parsed, max(1, b"".join(PARSED[why]).count(b" HTTP/1"))
        answer = served.ask(*PARSED[why])
        assert served.parsed - before == (1 if "body of another" in why and "stands" in why else count)
        assert answer.startswith("HTTP/1.1 ")


def test_a_known_request_is_parsed_when_anything_may_have_changed(served: Served) -> None:
    play = served.play
    lease = play.leases[1]

    def is_parsed() -> bool:
        before = served.parsed
        served.ask(head())
        return served.parsed > before

    changes = (
        lambda: lease.world.advance(timedelta(days=1)),
        lambda: _let_some_meet_a_fault(play, 1, 0, None),
        lambda: _limit(play, 1, 0, None),
        lambda: _close(play, 1, 0, None),
        lambda: play.leases.append(
            play.simulation.open(scenario=lease.world.origin.scenario, name="other", token="other")
        ),
        lambda: setattr(play.wall, "now", play.wall.now + timedelta(hours=2)),
    )
    for change in changes:
        lease.traffic.clear()
        lease.traffic.limit(Limits(), lease.world.instant().world.now)
        assert [is_parsed() for _ in range(3)][2] is (play.simulation.lease_of_token("other", play.wall.now) is None)
        change()
        assert is_parsed()


@pytest.mark.parametrize(("idle", "is_open"), [(0, False), (60, True)])
def test_a_connection_waits_for_the_next_request_after_a_known_one_and_no_longer_for_the_first(
    idle: int, is_open: bool
) -> None:
    bounds = Bounds(head_seconds=0.02, idle_seconds=idle)
    served = Served(Play.of({"plans": PLANS}), knows=True, hints=False, bounds=bounds)
    served.ask(head())
    served.ask(head())
    served.connect()
    assert served.ask(head()).startswith("HTTP/1.1 200 OK")
    assert served.parsed == 2
    assert served.rest(0.1) is is_open
    served.connect()
    assert not served.rest(0.1)
    served.close()
