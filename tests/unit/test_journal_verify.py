import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.traffic.journal.verification import Count, RequestPattern, Verification, VerificationResult, verified
from mock_oms.urls import Operation
from tests.entries import START, entry
from tests.profiles import examples

values = {
    "operation": st.sampled_from((Operation.LIST, Operation.DETAIL)),
    "plan": st.sampled_from((7, 8)),
    "status": st.sampled_from((200, 503)),
    "page": st.sampled_from((1, 2)),
    "state": st.sampled_from(("pending", "completed")),
    "method": st.sampled_from(("GET", "POST")),
}


def possible(said: dict[str, Any]) -> bool:
    kinds = {
        said.get("operation"),
        "list" if "page" in said else None,
        "detail" if {"plan", "state"} & {*said} else None,
    }
    return len(kinds - {None}) < 2


patterns = st.fixed_dictionaries({}, optional=values).filter(bool).filter(possible)
minutes = st.integers(0, 9)
Said = dict[str, Any]


def made(rows: list[tuple[int, Said]]) -> list[JournalEntry]:
    ordered = enumerate(sorted(rows, key=lambda row: row[0]), 1)
    return [entry(number, at=START + timedelta(minutes=minute), **said) for number, (minute, said) in ordered]


journals = st.lists(st.tuples(minutes, st.fixed_dictionaries(values)), max_size=8).map(made)


def judged(verification: Verification, entries: list[JournalEntry], evicted: int = 0) -> VerificationResult:
    return verified(verification, entries, START + timedelta(minutes=9), evicted)


def has(one: JournalEntry, said: Said) -> bool:
    return all(getattr(one, name) == value for name, value in said.items())


@examples(60)
@given(journals, patterns, st.integers(0, 3), st.integers(0, 3), minutes)
def test_a_count_holds_when_it_is_met(
    entries: list[JournalEntry], said: Said, low: int, more: int, within: int
) -> None:
    found = sum(has(one, said) for one in entries if one.at >= START + timedelta(minutes=9 - within))
    for count, holds in (
        (Count(min=low + 1), found > low),
        (Count(max=low), found <= low),
        (Count(exactly=low), found == low),
        (Count(min=low, max=low + more), low <= found <= low + more),
    ):
        wanted = Verification(pattern=RequestPattern(**said), count=count, within=timedelta(minutes=within))
        verdict = judged(wanted, entries)
        assert (verdict.ok, verdict.found) == (holds, found)


@examples(60)
@given(journals, st.lists(patterns, min_size=1, max_size=3))
def test_an_order_holds_exactly_when_some_choice_has_it(entries: list[JournalEntry], said: list[Said]) -> None:
    choices = itertools.combinations(entries, len(said))
    holds = any(all(map(has, choice, said)) for choice in choices)
    order = tuple(RequestPattern(**step) for step in said)
    assert judged(Verification(order=order), entries).ok is holds


@examples(60)
@given(journals, patterns)
def test_the_nearest_requests_share_most_and_are_the_newest_of_those(entries: list[JournalEntry], said: Said) -> None:
    verdict = judged(Verification(pattern=RequestPattern(**said), count=Count(min=100)), entries)
    missed = {one.number: sum(getattr(one, name) != value for name, value in said.items()) for one in entries}
    expected = sorted((count, -number) for number, count in missed.items() if count)[:3]
    assert [(len(near.differs), -near.entry.number) for near in verdict.nearest] == expected


DETAILS = RequestPattern(operation=Operation.DETAIL, plan=41207)
THREE = [
    entry(1, page=1),
    entry(2, operation=Operation.DETAIL, plan=7, state="pending"),
    entry(3, operation=Operation.DETAIL, plan=41207, state="pending"),
]


def like(count: Count, within: timedelta | None = None, **said: Any) -> Verification:
    return Verification(pattern=RequestPattern(**said), count=count, within=within)


REASONS = {
    "expected at least 2 detail requests of plan 41207, found 1: number 3.": like(
        Count(min=2), operation=Operation.DETAIL, plan=41207
    ),
    "expected at least 1 detail request of plan 41207, found 1: number 3.": Verification(pattern=DETAILS),
    "expected no detail requests, found 2: numbers 2, 3.": like(Count(exactly=0), operation=Operation.DETAIL),
    "expected 1 to 3 POST requests with status 404, found none.": like(Count(min=1, max=3), status=404, method="POST"),
    "expected at most 2 requests for page 1 within 300s of world time, found none.": like(
        Count(max=2), timedelta(minutes=5), page=1
    ),
    "expected one list request after number 3 (step 2 of 2 of the order), found none.": Verification(
        order=(DETAILS, RequestPattern(operation=Operation.LIST))
    ),
    "the 2 steps of the order were found: numbers 1, 3.": Verification(order=(RequestPattern(page=1), DETAILS)),
    "expected at least 1 detail request of plan 41207, found 1: number 3. "
    "expected one request for page 2 (step 1 of 1 of the order), found none.": Verification(
        pattern=DETAILS, order=(RequestPattern(page=2),)
    ),
}


@pytest.mark.parametrize("reason", REASONS)
def test_the_reason_is_a_sentence_that_says_what_was_expected_and_what_was_found(reason: str) -> None:
    assert judged(REASONS[reason], THREE).reason == reason


def test_the_reason_says_that_requests_were_evicted() -> None:
    verdict = judged(Verification(pattern=DETAILS, count=Count(min=2)), THREE, evicted=12)
    assert verdict.reason.endswith("number 3. 12 older requests were evicted from the journal and not looked at.")
    assert verdict.evicted == 12


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("wanted", "evicted", "until", "holds"),
    [
        (like(Count(max=2), plan=7), 2, None, False),
        (like(Count(max=2), plan=7), 1, None, True),  # with the one that was lost there are two at most
        (like(Count(exactly=0), status=404), 1, None, False),
        (like(Count(exactly=2), operation=Operation.DETAIL), 1, None, False),
        (like(Count(min=1, max=3), operation=Operation.DETAIL), 2, None, False),
        (like(Count(min=2), operation=Operation.DETAIL), 9, None, True),
        (Verification(order=(RequestPattern(page=1), DETAILS)), 1, None, False),
        (Verification(pattern=DETAILS, order=(RequestPattern(page=1), DETAILS)), 1, None, False),
        # The journal lost nothing of the last ten minutes, or perhaps something of just ten minutes ago.
        (like(Count(exactly=0), 10 * MINUTE, status=404), 9, START - 2 * MINUTE, True),
        (Verification(order=(RequestPattern(page=1), DETAILS), within=10 * MINUTE), 9, START - 2 * MINUTE, True),
        (like(Count(exactly=0), 10 * MINUTE, status=404), 9, START - MINUTE, False),
        (Verification(order=(RequestPattern(page=1), DETAILS), within=10 * MINUTE), 9, START - MINUTE, False),
    ],
)
def test_an_upper_bound_and_an_order_do_not_hold_where_requests_were_evicted_that_may_break_them(
    wanted: Verification, evicted: int, until: datetime | None, holds: bool
) -> None:
    verdict = verified(wanted, THREE, START + 9 * MINUTE, evicted, evicted_until=until)
    assert (verdict.ok, "Clear the requests" in verdict.reason) == (holds, not holds)


WAITING = [entry(4, operation=Operation.DETAIL, plan=41207, status=None)]


@pytest.mark.parametrize(
    ("wanted", "holds", "under_way"),
    [
        (like(Count(exactly=1), plan=41207), False, 1),
        (like(Count(max=2), plan=41207), True, 1),
        (like(Count(exactly=0), status=404), False, 1),
        (like(Count(exactly=0), state="completed"), False, 1),
        (like(Count(min=2), plan=41207), False, 1),
        (like(Count(exactly=1), plan=7), True, 0),
        (like(Count(exactly=1), operation=Operation.LIST), True, 0),
        (Verification(order=(DETAILS, DETAILS)), False, 1),
    ],
)
def test_a_request_under_way_may_yet_match_in_what_is_known_of_it(
    wanted: Verification, holds: bool, under_way: int
) -> None:
    verdict = verified(wanted, THREE, START, 0, under_way=WAITING)
    assert (verdict.ok, verdict.under_way) == (holds, under_way)
    said = "1 request that may match is under way, without an answer: number 4."
    assert (said in verdict.reason) is (under_way == 1)


def test_many_numbers_are_cut_short() -> None:
    verdict = judged(like(Count(min=1), operation=Operation.LIST), [entry(number) for number in range(1, 12)])
    assert verdict.reason.endswith("found 11: numbers 1, 2, 3, 4, 5, 6, 7, 8 and 3 more.")


def test_the_nearest_requests_say_what_they_have_otherwise() -> None:
    verdict = judged(like(Count(min=1), operation=Operation.DETAIL, plan=41207, status=404), THREE)
    assert [(near.entry.number, near.differs) for near in verdict.nearest] == [
        (3, ("status is 200, not 404",)),
        (2, ("plan is 7, not 41207", "status is 200, not 404")),
        (1, ("operation is list, not detail", "plan is none, not 41207", "status is 200, not 404")),
    ]


def test_where_too_many_were_found_none_is_called_nearest() -> None:
    assert judged(Verification(pattern=DETAILS, count=Count(exactly=0)), THREE).nearest == ()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"min": -1}, "A count of -1 requests cannot be; accepted: 0 or more."),
        ({"exactly": 1, "min": 1}, "exactly beside min or max; accepted: exactly alone, or min and max."),
        ({"min": 3, "max": 2}, "at least 3 and at most 2 never comes; turn them round."),
        ({}, "A count of any number of requests always holds; accepted: exactly, max, or a min from 1."),
        ({"min": 0}, "always holds"),
    ],
)
def test_a_count_that_contradicts_itself_is_refused(said: dict[str, int], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Count(**said)


def test_a_pattern_that_no_request_can_match_is_refused_for_of_it_there_are_never_too_many() -> None:
    said: list[Said] = [
        {"operation": Operation.LOGIN, "plan": 7},
        {"operation": Operation.LIST, "plan": 7},
        {"operation": Operation.LIST, "state": "pending"},
        {"operation": Operation.DETAIL, "page": 1},
        {"plan": 7, "page": 1},
    ]
    for one in said:
        with pytest.raises(
            ValueError, match=r"^No request is of this kind: plan and state are said of a detail, page of a list\.$"
        ):
            RequestPattern(**one)


def test_a_pattern_and_a_verification_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="accepted: at least one of operation, plan, status, page, state, method"):
        RequestPattern()
    with pytest.raises(ValueError, match="accepted: a pattern, an order, or both"):
        Verification()
