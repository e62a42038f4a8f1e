"""The stream of what happens in a world, read in pieces and from any position on."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.domain.events import Block
from mock_oms.scenarios.library import Library
from mock_oms.traffic.faults.limits import Limits, Quota
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.traffic.journal.journal import JOURNAL_SIZE, Journal
from mock_oms.worlds.event_stream import EventStream, PlanMoved, RequestsLost, StreamItem, StreamPosition, WorldChanged
from mock_oms.worlds.leases import Lease
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.open_world import OpenWorld
from mock_oms.worlds.store import DEFAULT
from tests.api.control import Wall
from tests.entries import Kept, entry
from tests.faults import fault
from tests.profiles import examples

RESTOCK = Library().load("restock")
acts = st.lists(st.sampled_from(["ask", "advance", "reset", "clear"]), max_size=12)


def opened() -> Lease:
    return WorldManager(RESTOCK).lease(DEFAULT)


def asked(lease: Lease, requests: int = 1) -> None:
    journal = lease.traffic.journal
    for _ in range(requests):
        journal.append(Kept(entry(journal.next_number(), at=lease.world.latest.world.now)))


ACTS: dict[str, Any] = {
    "ask": asked,
    "advance": lambda lease: lease.world.advance(timedelta(minutes=30)),
    "reset": lambda lease: lease.world.reset(),
    "clear": lambda lease: lease.traffic.journal.clear(),
}


def lived(acts: list[str]) -> Lease:
    lease = opened()
    for one in acts:
        ACTS[one](lease)
    return lease


def kinds(happenings: list[StreamItem]) -> list[type]:
    return [type(one.what) for one in happenings]


def journal_of(*numbers: int, size: int = JOURNAL_SIZE) -> Journal:
    journal = Journal(size)
    for number in numbers:
        journal.append(Kept(entry(number)))
    return journal


@examples(60)
@given(acts, st.lists(st.integers(1, 4), max_size=30))
def test_in_pieces_it_is_told_as_at_once(happens: list[str], pieces: list[int]) -> None:
    lease = lived(happens)
    following = EventStream(lease)
    told = [one for piece in [*pieces, 99] for one in following.next(piece)]
    assert told == EventStream(lease).next(99)


@examples(40)
@given(acts)
def test_after_each_place_the_rest_is_told(happens: list[str]) -> None:
    lease = lived(happens)
    told = EventStream(lease).next(99)
    for number, one in enumerate(told, 1):
        assert EventStream(lease, one.place).next(99) == told[number:]


@examples(40)
@given(acts, acts)
def test_whoever_reads_at_once_loses_nothing_and_reads_nothing_twice(first: list[str], then: list[str]) -> None:
    lease = opened()
    following, told = EventStream(lease), []
    for one in (*first, *then):
        ACTS[one](lease)
        told += following.next(99)
    assert sum(isinstance(one.what, JournalEntry) for one in told) == [*first, *then].count("ask")
    assert RequestsLost not in kinds(told)
    assert len({one.place for one in told}) == len(told)


@examples(50)
@given(acts)
def test_a_place_is_read_as_it_is_written(happens: list[str]) -> None:
    for one in EventStream(lived(happens)).next(99):
        assert StreamPosition.parse(str(one.place)) == one.place


@pytest.mark.parametrize(
    "text", ["", "now", "1.2.3", "0123456-1.2.3", "012345678-1.2.3", "01234567-1.2.-3", "01234567-1.2"]
)
def test_what_is_no_place_names_none(text: str) -> None:
    assert StreamPosition.parse(text) is None


def test_what_a_scenario_begins_with_is_not_told() -> None:
    lease = WorldManager(Library().load("default")).lease(DEFAULT)
    assert lease.world.latest.world.contents.chronicle
    assert EventStream(lease).next(99) == []


def test_a_request_comes_after_the_steps_before_it() -> None:
    told = EventStream(lived(["ask", "advance", "ask"])).next(99)
    assert kinds(told) == [JournalEntry, PlanMoved, PlanMoved, JournalEntry]


def test_what_the_journal_has_dropped_is_told_as_a_number() -> None:
    lease = lived(["ask"])
    following = EventStream(lease)
    following.next(99)
    asked(lease, JOURNAL_SIZE + 3)
    assert following.is_overtaken
    assert RequestsLost not in kinds(EventStream(lease).next(1))  # from the beginning nothing counts as lost
    lost, *others = following.next(2)
    assert lost.what == RequestsLost(3)
    assert kinds(others) == [JournalEntry]
    assert not following.is_overtaken


def test_a_place_ahead_of_everything_is_the_end() -> None:
    lease = lived(["ask", "advance"])
    place = StreamPosition(mark=lease.mark, requests=99, steps=99)
    assert EventStream(lease, place).next(99) == []
    assert EventStream(lease, place).place == EventStream.from_now(lease).place


def test_after_a_reset_every_step_of_the_new_life_is_told() -> None:
    lease = lived(["advance"])
    place = EventStream.from_now(lease).place
    lease.world.reset()
    lease.world.advance(timedelta(minutes=30))
    assert kinds(EventStream(lease, place).next(99)) == [PlanMoved, PlanMoved]


@pytest.mark.parametrize(
    ("act", "calls"),
    [
        (lambda world: world.advance(timedelta(seconds=30)), 0),
        (lambda world: world.advance(timedelta(minutes=1)), 1),
        (lambda world: world.apply(Block(location="WH001")), 1),
        (lambda world: (world.advance(timedelta(minutes=1)), world.reset()), 2),
    ],
    ids=["nothing moves", "a plan moves", "an event", "a reset"],
)
def test_a_listener_is_called_on_changes_until_it_is_ignored(act: Callable[[OpenWorld], object], calls: int) -> None:
    world, called = opened().world, list[int]()
    listener = partial(called.append, 1)
    world.listen(listener)
    act(world)
    assert len(called) == calls
    world.ignore(listener)
    world.reset()
    assert len(called) == calls


# The world itself


@pytest.mark.parametrize(
    "act",
    [
        lambda lease: lease.world.advance(timedelta(seconds=30)),
        lambda lease: lease.world.set_clock(rate=60),
        lambda lease: lease.world.apply(Block(location="WH001")),
        lambda lease: lease.world.advance(timedelta(minutes=30)),
        lambda lease: lease.world.reset(),
        lambda lease: lease.traffic.add([fault(ttl="30s")], lease.world.latest.world.now, "by hand"),
        lambda lease: lease.traffic.limit(
            Limits(login=Quota(limit=1, window=timedelta(minutes=1))), lease.world.latest.world.now
        ),
        lambda lease: setattr(lease, "ttl", timedelta(minutes=9)),
    ],
    ids=["advanced", "another rate", "an event", "a plan has moved", "a reset", "a fault", "a limit", "another ttl"],
)
def test_a_reader_is_told_of_the_world_at_first_and_when_it_has_changed(act: Callable[[Lease], object]) -> None:
    lease = opened()
    following, other = EventStream(lease), EventStream(lease)
    assert kinds(following.changed()) == [WorldChanged]
    assert following.changed() == []
    act(lease)
    (told,) = following.changed()
    assert told.what == WorldChanged(lease, lease.world.latest)
    assert following.changed() == []
    assert kinds(other.changed()) == [WorldChanged]


def test_neither_time_nor_a_request_changes_the_world_but_the_end_of_a_fault_and_a_step_do() -> None:
    wall = Wall()
    lease = WorldManager(RESTOCK, wall=wall).open(RESTOCK, rate=1)
    lease.traffic.add([fault(ttl="30s")], lease.world.latest.world.now, "by hand")
    following = EventStream(lease)
    assert kinds(following.changed()) == [WorldChanged]
    asked(lease)
    wall.now += timedelta(seconds=20)
    assert following.changed() == []
    wall.now += timedelta(seconds=20)
    assert kinds(following.changed()) == [WorldChanged]
    assert lease.traffic.active(lease.world.latest.world.now) == ()


def test_a_reader_is_told_of_the_world_at_the_place_that_it_has_reached() -> None:
    lease = lived(["ask", "advance"])
    following = EventStream(lease)
    (first,) = following.changed()
    *_, last = following.next(99)
    lease.world.advance(timedelta(minutes=1))
    (again,) = following.changed()
    assert (first.place.requests, first.place.steps, again.place) == (0, 0, last.place)
    assert kinds(EventStream(lease, last.place).changed()) == [WorldChanged]


def test_to_be_told_of_the_world_takes_no_step_that_is_due() -> None:
    wall = Wall()
    lease = WorldManager(RESTOCK, wall=wall).open(RESTOCK, rate=60)
    wall.now += timedelta(minutes=5)
    (told,) = EventStream(lease).changed()
    assert isinstance(told.what, WorldChanged)
    assert (told.what.instant.world.contents, lease.world.is_due()) == (lease.world.beginning.contents, True)


def test_the_journal_is_read_on_in_the_order_of_its_writing_and_what_it_has_lost_is_counted() -> None:
    missing, entries = journal_of(2, 1, 3).after(1, 2)
    assert (missing, [one.number for one in entries]) == (0, [1, 3])
    short = journal_of(1, 2, 3, 4, 5, size=2)
    missing, entries = short.after(1, 9)
    assert (missing, [one.number for one in entries], short.gone, short.appended) == (2, [4, 5], 3, 5)


def test_an_entry_that_was_amended_is_read_on_as_amended() -> None:
    journal = journal_of(1)
    journal.amend(1, gave_up=0.5)
    assert journal.after(0, 1)[1][0].gave_up == 0.5


def test_places_in_a_journal_outlive_a_restart() -> None:
    journal = journal_of(1)
    journal.restart()
    assert (journal.appended, journal.gone) == (1, 1)
