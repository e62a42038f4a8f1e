from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.traffic.journal.journal import Filter, Journal
from mock_oms.urls import Operation
from tests.entries import START, Kept, entry
from tests.profiles import examples

said = {
    "operation": st.none() | st.sampled_from(Operation),
    "plan": st.none() | st.integers(1, 3),
    "status": st.none() | st.sampled_from((200, 404, 503)),
    "state": st.none() | st.sampled_from(("pending", "completed")),
    "fault": st.none() | st.sampled_from(("status 503", "delay")),
}
journals = st.lists(st.fixed_dictionaries(said), max_size=30)
flags = st.none() | st.booleans()
filters = st.builds(
    Filter, **{**said, "since": st.none() | st.integers(0, 30), "unmatched": flags, "fault": said["fault"] | flags}
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
    if filter.unmatched is not None and filter.unmatched != (one.operation is None):
        return False
    if isinstance(filter.fault, bool) and filter.fault != (one.fault is not None):
        return False
    if isinstance(filter.fault, str) and filter.fault != one.fault:
        return False
    named = [(filter.operation, one.operation), (filter.plan, one.plan), (filter.status, one.status)]
    return all(value is None or value == actual for value, actual in [*named, (filter.state, one.state)])


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


def test_an_entry_is_made_only_when_somebody_reads_it() -> None:
    class Unreadable(Kept):
        def entry(self) -> JournalEntry:
            raise AssertionError

    journal = Journal(1)
    journal.append(Unreadable(entry(1)))
    journal.append(Kept(entry(2)))
    assert [one.number for one in journal.entries()] == [2]


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
