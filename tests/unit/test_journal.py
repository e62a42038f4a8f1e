import gc
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.traffic.journal.journal import JOURNAL_BYTES, Filter, Journal, JournalSpace
from mock_oms.urls import Operation
from tests.entries import START, Kept, entry
from tests.profiles import examples

said = {
    "operation": st.none() | st.sampled_from(Operation),
    "plan": st.none() | st.integers(1, 3),
    "page": st.none() | st.integers(1, 2),
    "status": st.none() | st.sampled_from((200, 404, 503)),
    "state": st.none() | st.sampled_from(("pending", "completed")),
    "fault": st.none() | st.sampled_from(("status 503", "delay")),
}
journals = st.lists(st.fixed_dictionaries(said), max_size=30)
flags = st.none() | st.booleans()
filters = st.builds(
    Filter,
    **{**said, "unmatched": flags, "fault": said["fault"] | flags},
    number=st.none() | st.integers(1, 9),
    since=st.none() | st.integers(0, 30),
    before=st.none() | st.integers(1, 31),
)


def filled(rows: list[dict[str, Any]], size: int = 1000) -> Journal:
    journal = Journal(size)
    for row in rows:
        journal.append(Kept(entry(journal.next_number(), **row)))
    return journal


def wanted(filter: Filter, one: JournalEntry) -> bool:  # noqa: A002
    """What a filter means, said once more and at length."""
    if filter.since is not None and one.number <= filter.since:
        return False
    if filter.before is not None and one.number >= filter.before:
        return False
    if filter.unmatched is not None and filter.unmatched != (one.operation is None):
        return False
    if isinstance(filter.fault, bool) and filter.fault != (one.fault is not None):
        return False
    if isinstance(filter.fault, str) and filter.fault != one.fault:
        return False
    names = ("number", "operation", "plan", "page", "status", "state")
    return all(getattr(filter, name) in (None, getattr(one, name)) for name in names)


@examples(80)
@given(journals, filters, st.integers(0, 12), st.integers(1, 30))
def test_a_journal_is_what_a_plain_loop_keeps(rows: list[dict[str, Any]], only: Filter, limit: int, size: int) -> None:
    journal = filled(rows, size)
    numbers = [one.number for one in journal.entries()]
    assert numbers == list(range(1, len(rows) + 1))[-size:]
    assert journal.total == len(rows) == len(numbers) + journal.gone
    expected = [one for one in journal.entries() if wanted(only, one)]
    page = journal.page(only, limit)
    assert list(page.entries) == (expected[-limit:] if limit else [])
    assert (page.matched, page.total, page.evicted) == (len(expected), journal.total, journal.gone)


def test_numbers_are_unique_and_none_is_lost_under_many_threads() -> None:
    journal, threads, each = Journal(100), 16, 500

    def work(_: int) -> list[int]:
        taken = []
        for _ in range(each):
            number = journal.next_number()
            journal.append(Kept(entry(number)))
            journal.amend(number, gave_up=1.0)
            taken.append(number)
        return taken

    with ThreadPoolExecutor(threads) as pool:
        numbers = [number for taken in pool.map(work, range(threads)) for number in taken]
    assert sorted(numbers) == list(range(1, threads * each + 1))
    assert (journal.total, len(journal.entries()), journal.gone) == (8000, 100, 7900)


def test_entries_stand_in_the_order_of_arrival_also_where_one_was_answered_later() -> None:
    journal = Journal()
    for number in (2, 3, 1):
        journal.append(Kept(entry(number)))
    assert [one.number for one in journal.entries()] == [1, 2, 3]


def test_entries_are_made_of_those_only_that_are_shown() -> None:
    made = []

    class Noted(Kept):
        def entry(self) -> JournalEntry:
            made.append(self.number)
            return super().entry()

    journal = Journal(4)
    for number in range(1, 7):
        journal.append(Noted(entry(number, status=200 if number % 2 else 503)))
    page = journal.page(Filter(status=503), 1)
    assert ([one.number for one in page.entries], page.matched, journal.numbers, made) == ([6], 2, [3, 4, 5, 6], [6])


def heavy(space: JournalSpace, *weights: int) -> Journal:
    journal = Journal(space=space)
    for weight in weights:
        journal.append(Kept(entry(journal.next_number()), weight))
    return journal


def test_the_oldest_requests_leave_a_journal_that_holds_too_many_bytes_and_are_counted() -> None:
    space = JournalSpace()
    journal = heavy(space, JOURNAL_BYTES // 2, 1, JOURNAL_BYTES // 2, JOURNAL_BYTES // 2)
    assert (journal.numbers, journal.gone, space.metrics.evicted) == ([3, 4], 2, 2)
    assert heavy(space, JOURNAL_BYTES + 1).numbers == []


def test_where_all_journals_hold_too_much_the_largest_give_way() -> None:
    space = JournalSpace(most=1_600)
    small, one, other = heavy(space, 100, 100), heavy(space, *[100] * 5), heavy(space, *[100] * 12)
    assert [journal.held for journal in (small, one, other)] == [200, 500, 800]
    del other
    gc.collect()
    assert (heavy(space, *[100] * 7).held, one.held, space.metrics.evicted) == (700, 500, 4)


@examples(60)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 300)), max_size=60))
def test_journals_never_hold_more_together_than_there_is_and_none_below_its_share_loses_any(
    happens: list[tuple[int, int]],
) -> None:
    space, given_to = JournalSpace(most=1_000), Counter[int]()
    journals = [Journal(space=space) for _ in range(4)]
    for at, weight in happens:
        journals[at].append(Kept(entry(journals[at].next_number()), weight))
        given_to[at] += weight
        assert sum(one.held for one in journals) <= 1_000
        assert [one.held for number, one in enumerate(journals) if given_to[number] <= 200 and one.gone] == []


def test_an_amendment_changes_the_entry_and_is_forgotten_with_it() -> None:
    journal = filled([{}, {}], size=2)
    journal.amend(1, gave_up=2.5)
    assert [one.gave_up for one in journal.entries()] == [2.5, None]
    journal.append(Kept(entry(3)))
    journal.amend(1, gave_up=2.5)
    journal.append(Kept(entry(1)))
    assert [one.gave_up for one in journal.entries()] == [None, None]


def test_a_request_is_under_way_until_it_is_appended_or_its_answer_fails() -> None:
    journal, first, second = Journal(), Kept(entry(1)), Kept(entry(2, operation=Operation.DETAIL))
    seen = []

    def look(only: Filter = Filter()) -> None:  # noqa: B008  a frozen value
        page = journal.page(only, 10)
        seen.append(([one.number for one in page.under_way], [one.number for one in page.entries]))

    with suppress(OSError), journal.under_way(first), journal.under_way(second):
        look()
        look(Filter(operation=Operation.LIST))
        journal.append(first)
        look()
        raise OSError
    look()
    assert seen == [([1, 2], []), ([1], []), ([2], [1]), ([], [1])]


def test_a_journal_knows_up_to_which_time_it_lost_requests() -> None:
    times = [START + timedelta(minutes=minute) for minute in (1, 3, 2, 5)]
    journal = filled([{"at": at} for at in times], size=1)
    assert journal.page(Filter(), 1).evicted_until == times[1]
    journal.clear()
    assert journal.page(Filter(), 1).evicted_until is None


def test_clearing_forgets_entries_but_not_where_the_numbers_were_and_a_restart_both() -> None:
    journal = filled([{}] * 5, size=2)
    journal.clear()
    assert (journal.entries(), journal.total, journal.next_number()) == ((), 0, 6)
    journal.append(Kept(entry(6)))
    journal.amend(6, gave_up=1.0)
    journal.restart()
    assert (journal.total, journal.next_number()) == (0, 1)
    journal.append(Kept(entry(6)))
    assert journal.entries() == (entry(6),)


@pytest.mark.parametrize(("client", "address"), [("127.0.0.1:5", "127.0.0.1"), ("[::1]:5", "[::1]"), ("unix", "unix")])
def test_the_address_of_a_client_leaves_out_its_port(client: str, address: str) -> None:
    assert entry(client=client).address == address
