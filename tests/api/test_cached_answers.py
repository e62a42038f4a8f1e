"""Cached answers are what Flask would answer now: octets, headers and their order, whatever happened in between."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPMethod
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.domain.errors import WorldError
from mock_oms.rendering.order_steps import delivery_steps
from mock_oms.scenarios.schema import read_event
from mock_oms.server.asgi.connection import Outgoing
from mock_oms.server.asgi.request import MAX_BODY
from mock_oms.worlds.leases import Lease
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.open_world import OpenWorld
from mock_oms.worlds.snapshot import Snapshot
from tests.api.control import Wall
from tests.api.fronted import Fronted
from tests.drf.cases import CASES, TOKEN
from tests.drf.tables import ACCEPTS, LIST, QUERIES
from tests.drf.wire import Sent
from tests.profiles import examples
from tests.worlds import CODES, INSTANT, documents, happenings, meant, scenario

PLANS = [{"id": 7001, "items": ["A"]}, {"state": "completed", "count": 24}]
#: Every so manieth row is asked in `make test`, each in `make test-slow`.
STRIDES = pytest.mark.parametrize("stride", [4, pytest.param(1, marks=pytest.mark.slow)])


def is_plain(sent: Sent) -> bool:
    """Whether the HTTP parser lets the request through, so that the front sees it."""
    texts = (sent.target, *sent.headers.values())
    return (
        all(text.isascii() and text.isprintable() for text in texts)
        and sent.method in HTTPMethod.__members__
        and " " not in sent.target
        and sent.target.startswith("/")
        and "#" not in sent.target
        and len(sent.body) <= MAX_BODY
        and not {"Content-Length", "Transfer-Encoding"} & set(sent.headers)
    )


ROWS = [sent for rows in CASES.values() for sent in rows if is_plain(sent)]


def wanted_of(fronted: Fronted, sent: Sent) -> Outgoing:
    wanted = fronted.alone(sent)
    return replace(wanted, body=b"") if sent.method == "HEAD" else wanted


def same(fronted: Fronted, sent: Sent) -> None:
    """Ask three times, and Flask once; all answers are one."""
    wanted = wanted_of(fronted, sent)
    for answer in fronted.asked([sent, sent, sent]):
        assert answer == wanted, sent


@pytest.fixture(scope="module")
def fronted() -> Fronted:
    return Fronted(WorldManager(scenario(clock={"rate": 0}, plans=PLANS)))


@STRIDES
def test_the_rows_of_the_tables_are_answered_as_by_flask_the_first_time_and_again(
    fronted: Fronted, stride: int
) -> None:
    plain = [sent for sent in ROWS if sent.method == "GET" and not sent.body]
    wanted = [(sent, wanted_of(fronted, sent)) for sent in (*plain[::stride], *ROWS[:: 10 * stride])]
    rows = [(sent, answer) for sent, answer in wanted if answer.status == 200] + wanted[::3]
    first, again = (fronted.asked(sent for sent, _ in rows) for _ in range(2))
    assert [sent for (sent, wanted), *both in zip(rows, first, again, strict=True) if both != [wanted] * 2] == []
    cached = [sent for sent, answer in rows if answer.status == 200 and sent.method == "GET" and not sent.body]
    assert len(cached) > 100
    before = fronted.from_cache
    fronted.asked(cached)
    assert fronted.from_cache - before > 0.8 * len(cached)


@dataclass(frozen=True, slots=True)
class Play:
    """A simulation with several worlds that begin alike, whose clock outside is a test's."""

    wall: Wall
    simulation: WorldManager
    fronted: Fronted
    leases: list[Lease]

    @classmethod
    def of(cls, sections: Mapping[str, Any]) -> "Play":
        wall, one = Wall(), scenario(**sections)
        simulation = WorldManager(one, wall=wall)
        leases = [simulation.lease("default"), simulation.open(scenario=one, name="other", token="other")]
        return cls(wall, simulation, Fronted(simulation), leases)

    def world(self, which: int) -> OpenWorld:
        return self.leases[which % len(self.leases)].world


def _let_time_pass(play: Play, which: int, microseconds: int, __: Any) -> None:
    """To the next step of a world, or a little beside it."""
    instant = play.world(which).instant()
    due = instant.world.next_due
    if due is not None and instant.clock.rate:
        play.wall.now += max(timedelta(), (due - instant.world.now) / instant.clock.rate)
    play.wall.now += timedelta(microseconds=microseconds)


def _advance(play: Play, which: int, amount: int, __: Any) -> None:
    play.world(which).advance(timedelta(seconds=max(0, amount)))


def _advance_for_hours(play: Play, which: int, amount: int, __: Any) -> None:
    """Past steps of orders."""
    play.world(which).advance(timedelta(hours=amount % 90))


def _advance_to_the_next_step(play: Play, which: int, amount: int, __: Any) -> None:
    world = play.world(which).instant().world
    if world.next_due is not None:
        span = world.next_due - world.now + timedelta(microseconds=amount % 3 - 1)
        play.world(which).advance(max(timedelta(), span))


def _apply_an_event(play: Play, which: int, _: int, written: Any) -> None:
    world = play.world(which)
    world.apply(read_event(meant(world.instant().world, written)))


def _reset(play: Play, which: int, _: int, __: Any) -> None:
    play.world(which).reset()


def _run_at_another_rate(play: Play, which: int, amount: int, __: Any) -> None:
    play.world(which).set_clock(rate=(0, 1, 60)[amount % 3])


def _restore(play: Play, which: int, _: int, __: Any) -> None:
    """Restore a world from a snapshot of itself, and open another one from it."""
    world = play.world(which)
    instant, origin = world.instant(), world.origin
    snapshot = Snapshot(
        scenario=origin.scenario,
        seed=origin.seed,
        start=origin.start,
        now=instant.world.now,
        rate=instant.clock.rate,
        log=instant.log,
    )
    world.put(play.simulation.replayed(snapshot))
    if len(play.leases) < 4:
        play.leases.append(play.simulation.restore(snapshot))


Step = Callable[[Play, int, int, Any], None]
STEPS: tuple[Step, ...] = (
    *(_let_time_pass, _advance, _advance_for_hours, _advance_to_the_next_step, _apply_an_event, _apply_an_event),
    *(_reset, _run_at_another_rate, _restore),
)

_ids = st.sampled_from((1, 2, 3, 777, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 999_999))
_queries = st.sampled_from(("", "", "", "?page=1", "?page=2", "?limit=2&page=2", "?limit=1", "?page=last", "?x=y"))
_plain = st.one_of(_ids.map("{}/".format), _queries).map(f"{LIST}{{}}".format)
_odd = st.sampled_from(QUERIES).filter(lambda query: is_plain(Sent(target=query.replace("?", "/?", 1))))
_schemes = st.sampled_from(("Token", "Token", "Token", "token", "Bearer", "Basic"))
_headers = st.fixed_dictionaries(
    {},
    optional={
        "Accept": st.sampled_from([text for text in ACCEPTS if text.isascii() and text.isprintable()]),
        "Host": st.sampled_from(("a", "localhost:8080", "UPPER", "[::1]", "_", "a b", "")),
        "Content-Type": st.sampled_from(("application/json", "text/plain")),
        "X-Forwarded-Host": st.just("elsewhere"),
    },
)


@st.composite
def requests(draw: st.DrawFn) -> tuple[int, str, Sent]:
    """A request with the number of the world and the word that it names it by."""
    method = draw(st.sampled_from(("GET",) * 8 + ("HEAD", "OPTIONS", "POST")))
    target = draw(st.one_of(_plain, _plain, _odd.map(f"{LIST}{{}}".format)))
    sent = Sent(method=method, target=target, headers={"Host": "shop", **draw(_headers)})
    return draw(st.integers(0, 3)), draw(_schemes), sent


_answers = st.fixed_dictionaries(
    {},
    optional={
        "list": st.sampled_from(("envelope", "envelope", "array")),
        "page_size": st.integers(1, 6),
        "max_page_size": st.integers(10, 12),
        "page_size_parameter": st.sampled_from(("limit", "page_size")),
        "order": st.sampled_from(("-id", "id", "modified_date", "unstable")),
        "state": st.sampled_from(("string", "object")),
        "commands": st.sampled_from(("objects", "empty", "json", "comma")),
        "dates": st.sampled_from(("datetime", "date")),
        "order_amount": st.sampled_from(("items", "with_shipping")),
        "auth": st.sampled_from(("token", "token", "bearer", "both", "off")),
        "not_found": st.sampled_from(("short", "model")),
    },
)
_step = st.tuples(
    st.sampled_from(STEPS), st.integers(0, 3), st.sampled_from((-1, 0, 1, 59, 60, 600, 1800)), happenings(CODES)
)


@examples(16)
@given(
    documents(),
    _answers,
    st.sampled_from((0, 0, 1, 60)),
    st.lists(requests(), min_size=2, max_size=5),
    st.lists(_step, max_size=6),
)
def test_a_cached_answer_is_what_flask_would_answer_now(
    document: dict[str, Any],
    answers: dict[str, Any],
    rate: int,
    asked: list[tuple[int, str, Sent]],
    steps: list[tuple[Step, int, int, Any]],
) -> None:
    play = Play.of({**document, "answers": answers, "clock": {"rate": rate}})
    _ask_all(play, asked)
    for step, which, amount, written in steps:
        with suppress(WorldError):
            step(play, which, amount, written)
        _ask_all(play, asked)


def _ask_all(play: Play, asked: list[tuple[int, str, Sent]]) -> None:
    """The front first: it must not need anybody to take the steps that are due."""
    for which, scheme, bare in asked:
        token = play.leases[which % len(play.leases)].token
        sent = replace(bare, headers={"Authorization": f"{scheme} {token}", **bare.headers})
        first, again = play.fronted.asked([sent, sent])
        assert first == again == wanted_of(play.fronted, sent)


@pytest.mark.parametrize("target", [LIST, f"{LIST}7001/", f"{LIST}?page=2&limit=5", f"{LIST}?page=last&q=x"])
def test_a_plain_request_is_answered_from_the_cache_the_second_time(fronted: Fronted, target: str) -> None:
    accepts: tuple[dict[str, str], ...] = ({}, {"Accept": "*/*"}, {"Accept": "application/json; indent=2"})
    for accept in accepts:
        sent = Sent(target=target, headers={**TOKEN, "Host": f"{len(target)}.test", **accept})
        fronted.ask(sent)
        before = fronted.from_cache
        fronted.asked([sent] * 5)
        assert fronted.from_cache - before == 5


@pytest.mark.parametrize(("target", "made"), [(f"{LIST}?page=3&limit=3", 1), (f"{LIST}404404/", 30)])
def test_of_a_crowd_that_asks_the_same_flask_answers_one_unless_its_answer_is_none_to_cache(
    fronted: Fronted, target: str, made: int
) -> None:
    sent, before = Sent(target=target, headers=TOKEN), fronted.by_flask
    answers = fronted.at_once([sent] * 30)
    assert fronted.by_flask - before == made
    assert answers == [fronted.alone(sent)] * 30


def test_after_every_change_of_the_world_answers_are_made_again() -> None:
    play = Play.of({"plans": PLANS, "clock": {"rate": 0}})
    sent = Sent(target=LIST, headers={"Host": "shop", "Authorization": "Token other"})
    used = []
    for step in (_advance_to_the_next_step, _reset, _restore, _advance_to_the_next_step):
        before = play.fronted.from_cache
        same(play.fronted, sent)
        used.append(play.fronted.from_cache - before)
        step(play, 1, 1, None)
    assert used[:3] == [2, 2, 2]


def test_without_the_header_of_our_own_cached_answers_are_flasks_too() -> None:
    plain = Fronted(WorldManager(scenario(clock={"rate": 0}, plans=PLANS)), world_header=False)
    for target in (LIST, f"{LIST}7001/", f"{LIST}404404/"):
        same(plain, Sent(target=target, headers=TOKEN))
    assert b"x-mock-oms" not in dict(plain.ask(Sent(target=LIST, headers=TOKEN)).headers)


def test_a_header_that_is_repeated_is_for_flask_to_judge(fronted: Fronted) -> None:
    sent = Sent(target=LIST, headers={**TOKEN, "accept": "application/json", "Accept": "text/html"})
    same(fronted, sent)
    same(fronted, replace(sent, headers={**TOKEN, "authorization": "Token nope"}))


@pytest.mark.parametrize("rate", [1, 60])
@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_a_cached_answer_holds_until_the_very_moment_of_the_next_step(rate: int, beside: int) -> None:
    play = Play.of({"plans": PLANS, "clock": {"rate": rate}})
    sent = Sent(target=f"{LIST}7001/", headers={"Host": "shop", "Authorization": "Token other"})
    play.fronted.ask(sent)
    _let_time_pass(play, 1, beside, None)
    answer = play.fronted.ask(sent)
    assert answer == play.fronted.alone(sent)
    assert (b'"state":"start"' in answer.body) is (beside < 0)


def _steps_of(play: Play, plan: int) -> list[datetime]:
    """When the order of a plan comes a step further, from now on."""
    world = play.world(1).instant().world
    found = world.find(plan)
    assert found is not None
    return [one.at for one in delivery_steps(world.setup.seed, "tr_TR", found[1]) if one.at > world.now + INSTANT]


SETTLED = {
    "plans": [{"id": 7001, "items": ["A"]}, {"state": "completed"}],
    "backlog": {"count": 1, "states": {"completed": 1}},
}


@pytest.mark.parametrize("rate", [0, 3600])
@pytest.mark.parametrize("plan", [7001, 7002, 1])
def test_list_and_detail_are_right_beside_each_step_of_an_order_and_after_a_reset(plan: int, rate: int) -> None:
    play = Play.of({**SETTLED, "clock": {"rate": rate}})
    world, headers = play.world(1), {"Host": "shop", "Authorization": "Token other"}
    asked = [Sent(target=target, headers=headers) for target in (f"{LIST}{plan}/", LIST)]
    world.advance(timedelta(minutes=1))
    seen: list[list[bytes]] = []
    steps = _steps_of(play, plan)
    for at in (moment for step in steps for moment in (step - INSTANT, step)):
        world.set_clock(now=at, rate=rate)
        answers = play.fronted.asked([*asked, *asked])
        assert answers == [wanted_of(play.fronted, one) for one in (*asked, *asked)]
        seen.append([one.body for one in answers[:2]])
    for before, after in zip(seen[::2], seen[1::2], strict=True):
        assert before[0] != after[0]
        assert before[1] != after[1]
    world.reset()
    for one in asked:
        same(play.fronted, one)
        assert play.fronted.ask(one).body not in seen[-1]


def test_an_answer_of_a_frozen_world_comes_from_the_cache_until_the_next_step_of_an_order() -> None:
    play = Play.of({**SETTLED, "clock": {"rate": 0}})
    world, sent = play.world(1), Sent(target=LIST, headers={"Host": "shop", "Authorization": "Token other"})
    world.advance(timedelta(minutes=1))
    first = min(at for plan in (7001, 7002, 1) for at in _steps_of(play, plan))
    play.fronted.ask(sent)
    used = []
    for at in (first - INSTANT, first, first + INSTANT):
        world.set_clock(now=at)
        before = play.fronted.from_cache
        same(play.fronted, sent)
        used.append(play.fronted.from_cache - before)
    assert used == [3, 2, 3]


@pytest.mark.parametrize("state", ["pending", "completed"])
def test_after_a_reset_no_answer_of_a_later_time_is_given_though_the_contents_are_the_same(state: str) -> None:
    play = Play.of({"plans": [], "backlog": {"count": 1, "states": {state: 1}}, "clock": {"rate": 0}})
    sent = Sent(target=f"{LIST}1/", headers={"Host": "shop", "Authorization": "Token other"})
    first = play.fronted.ask(sent).body
    play.world(1).advance(timedelta(days=11))
    assert play.fronted.ask(sent).body != first
    play.world(1).reset()
    assert play.fronted.ask(sent).body == first
