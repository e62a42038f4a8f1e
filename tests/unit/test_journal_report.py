"""The report on a client tells good manners from bad ones, on clients whose manners are known."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.domain.lifecycle import TERMINAL
from mock_oms.traffic.journal.client_report import ClientFinding, client_report, polite
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.urls import Operation
from tests.entries import Client, entry, ports


def findings(client: Client) -> dict[str, ClientFinding]:
    (report,) = client_report(client.entries, TERMINAL)
    return {finding.check: finding for finding in report.findings}


def verdicts(client: Client) -> dict[str, str]:
    return {name: finding.verdict for name, finding in findings(client).items()}


def a_polite_poller() -> Client:
    """Polls twice a minute, reads what changed, doubles its waits under fire, and gives up on a stall."""
    client = Client()
    for plan in (7, 8, 9):
        client.polls()
        client.reads(plan, "completed")
        client.waits(30)
    for seconds in (17, 34, 68):
        client.polls(status=503, retry_after=17, fault="status 503")
        client.waits(seconds)
    client.polls(status=200, fault="connection stall", gave_up=10.0)
    return client


def a_hammering_one() -> Client:
    """Polls ten times a second on a new connection each time, whatever it is answered, and waits out every stall."""
    client, ports_ = Client(), ports()
    for status in (200, 200, 200, 503, 503, 503, 503, 200):
        client.polls(status=status, client=next(ports_))
        client.waits(0.1)
    client.polls(status=200, fault="connection stall", client=next(ports_))
    return client


def one_that_reads_every_row_again() -> Client:
    """Reads the list and then each of its plans, those that are done too."""
    client = Client()
    for _ in range(3):
        client.polls()
        for plan in range(1, 11):
            client.reads(plan, "completed" if plan == 1 else "pending")
        client.waits(60)
    return client


def one_that_ignores_retry_after(**more: Any) -> Client:
    """Comes back after two seconds, though it is told to wait 17."""
    client = Client(**more)
    for status in (429, 429, 200):
        client.polls(status=status, retry_after=17 if status == 429 else None)
        client.waits(2)
    return client


def test_a_polite_poller_is_found_good_in_everything() -> None:
    assert verdicts(a_polite_poller()) == {
        "poll interval": "good",
        "back-off": "good",
        "retry-after": "good",
        "redirects": "good",
        "details per plan": "good",
        "finished plans": "good",
        "connections": "good",
        "time-outs": "good",
    }


def test_a_hammering_client_is_found_bad_in_pace_back_off_connections_and_time_outs() -> None:
    found = verdicts(a_hammering_one())
    assert {name for name, verdict in found.items() if verdict == "bad"} == {
        "poll interval",
        "back-off",
        "connections",
        "time-outs",
    }


def test_reading_every_row_again_is_found_bad_with_the_requests_that_did_it() -> None:
    found = findings(one_that_reads_every_row_again())
    assert (found["details per plan"].verdict, found["finished plans"].verdict) == ("bad", "warn")
    assert found["details per plan"].numbers == tuple(range(2, 34))[:10] + tuple(range(13, 23)) + tuple(range(24, 34))
    assert found["finished plans"].numbers == (13, 24)


def test_ignoring_retry_after_is_found_bad_with_both_requests() -> None:
    found = findings(one_that_ignores_retry_after())["retry-after"]
    assert (found.verdict, found.numbers) == ("bad", (1, 2, 3))


def test_in_a_frozen_world_an_early_request_shows_nothing_about_retry_after() -> None:
    assert verdicts(one_that_ignores_retry_after(frozen=True))["retry-after"] == "unknown"


def test_in_a_frozen_world_wall_time_that_passed_is_enough_for_retry_after() -> None:
    client = Client(frozen=True)
    client.polls(status=429, retry_after=2)
    client.waits(2)
    client.polls()
    assert verdicts(client)["retry-after"] == "good"


def test_a_clock_that_was_turned_instead_of_sleeping_shows_nothing_about_retry_after() -> None:
    client = Client()
    client.polls(status=429, retry_after=17)
    client.turns(17)
    client.polls()
    assert verdicts(client)["retry-after"] == "unknown"


def test_what_was_under_way_when_the_answer_came_is_no_early_request() -> None:
    client = Client()
    client.polls(status=429, retry_after=5, duration=1.0)
    client.waits(0.5)
    client.reads(7)
    client.waits(5.5)
    client.polls()
    assert findings(client)["retry-after"].numbers == (1, 3)
    assert verdicts(client)["retry-after"] == "good"


@pytest.mark.parametrize(
    ("waits", "verdict"),
    [
        ((1, 2, 4), "good"),
        ((0.1, 0.2, 0.4), "good"),
        ((5, 5, 5), "warn"),
        ((0.1, 0.1, 0.1), "bad"),
        ((0, 0, 0), "bad"),
        ((2,), "good"),
        ((0.1,), "warn"),
        ((), "unknown"),
    ],
)
def test_a_back_off_is_what_grows(waits: tuple[float, ...], verdict: str) -> None:
    client = Client()
    for seconds in waits:
        client.polls(status=503)
        client.waits(seconds)
    client.polls(status=200 if waits else 503)
    assert verdicts(client)["back-off"] == verdict


def test_waiting_as_long_as_told_needs_no_growth() -> None:
    client = Client()
    for _ in range(3):
        client.polls(status=429, retry_after=1)
        client.waits(1)
    client.polls()
    assert verdicts(client)["back-off"] == "good"


def refused_and_back(*waits: float, retry_after: int | None = None, frozen: bool = False) -> ClientFinding:
    """What is found of the back-off of a client that is refused before each of these waits."""
    client = Client(frozen=frozen)
    for seconds in waits:
        client.polls(status=429, retry_after=retry_after)
        client.waits(seconds)
    client.polls()
    return findings(client)["back-off"]


def test_a_back_off_that_grows_from_a_retry_before_its_time_is_bad() -> None:
    finding = refused_and_back(0.00674, 2.36, 60.7, retry_after=59)
    assert finding.verdict == "bad"
    assert finding.sentence == (
        "After 429 or 5xx it asked again after 6.74 ms, 2.36 s, 60.7 s of wall time: sooner than Retry-After says."
    )


@pytest.mark.parametrize(
    ("waits", "verdict"), [((1, 60, 2), "warn"), ((2, 8, 2.1, 30), "good"), ((2, 8, 1.9, 30), "warn")]
)
def test_a_wait_that_is_far_shorter_than_the_one_before_is_no_good_back_off(
    waits: tuple[float, ...], verdict: str
) -> None:
    finding = refused_and_back(*waits)
    assert (finding.verdict, "far shorter than the one before" in finding.sentence) == (verdict, verdict == "warn")


def test_a_wait_may_be_far_shorter_than_the_one_before_where_retry_after_says_so() -> None:
    client = Client()
    for told in (60, 5):
        client.polls(status=429, retry_after=told)
        client.waits(told)
    client.polls()
    assert verdicts(client)["back-off"] == "good"


def test_the_waits_of_a_back_off_are_all_told_by_the_clock_that_passed_more_time() -> None:
    client = Client(frozen=True)
    for seconds in (1, 2, 4):
        client.polls(status=503)
        client.waits(0.5)
        client.turns(seconds)
    client.polls()
    assert "again after 1 s, 2 s, 4 s of world time: it takes its time." in findings(client)["back-off"].sentence
    assert "again after 1 s, 2 s of wall time: it takes its time." in refused_and_back(1, 2, frozen=True).sentence


def test_where_both_clocks_pass_alike_the_time_of_a_slow_refusal_is_no_wait() -> None:
    client = Client()
    for _ in range(2):
        client.polls(status=503, duration=9.5)
        client.waits(9.6)
    client.polls()
    finding = findings(client)["back-off"]
    assert finding.verdict == "bad"
    assert "again after 0.1 s, 0.1 s of wall time" in finding.sentence


def test_two_troubles_with_an_answer_between_them_are_two_back_offs() -> None:
    client = Client()
    for seconds in (5, 1):
        client.polls(status=503)
        client.waits(seconds)
        client.polls()
        client.waits(60)
    assert verdicts(client)["back-off"] == "good"


@pytest.mark.parametrize(("seconds", "verdict"), [(0.5, "bad"), (1, "warn"), (9, "warn"), (10, "good"), (1800, "good")])
def test_the_pace_of_polls_is_judged_by_the_median(seconds: float, verdict: str) -> None:
    client = Client()
    for pause in (seconds, seconds, seconds, 0):
        client.polls()
        client.waits(pause)
    assert verdicts(client)["poll interval"] == verdict


def test_polls_between_which_a_test_turns_the_clock_are_judged_by_world_time() -> None:
    client = Client(frozen=True)
    for _ in range(4):
        client.polls()
        client.turns(60)
    finding = findings(client)["poll interval"]
    assert finding.verdict == "good"
    assert finding.sentence == "It polls the list every 0 s of wall time, 60 s (jitter 0%) of world time."


def test_an_interval_is_told_with_its_jitter() -> None:
    client = Client()
    for pause in (10, 20, 30, 20, 20, 0):
        client.polls()
        client.waits(pause)
    assert "every 20 s (jitter 60%) of wall time" in findings(client)["poll interval"].sentence


def test_an_interval_that_varies_by_more_than_itself_is_told_with_its_range() -> None:
    client = Client()
    for pause in (0.01, 0.9, 0.9, 60, 60, 0):
        client.polls()
        client.waits(pause)
    sentence = findings(client)["poll interval"].sentence
    assert "every 0.9 s (most of them after 0.366 s to 60 s) of wall time" in sentence
    assert "jitter" not in sentence


def test_further_pages_of_a_poll_are_no_polls() -> None:
    client = Client()
    for page in (1, 2, 3, 4):
        client.polls(page=page)
    assert verdicts(client)["poll interval"] == "unknown"


@pytest.mark.parametrize(("times", "verdict"), [(0, "good"), (1, "warn"), (2, "bad")])
def test_a_redirect_is_pardoned_once(times: int, verdict: str) -> None:
    client = Client()
    client.polls()
    for _ in range(times):
        client.polls(status=301, operation=None, path="/api/v1/oms/orderexecutionplans")
        client.polls()
    finding = findings(client)["redirects"]
    assert finding.verdict == verdict
    assert f"followed the redirect {times} time" in finding.sentence or not times


def test_a_request_before_a_redirect_did_not_follow_it() -> None:
    client = Client()
    client.polls()
    client.waits(1)
    client.polls(status=301, operation=None, path="/api/v1/oms/orderexecutionplans")
    assert findings(client)["redirects"].sentence.endswith("followed the redirect 0 times: each cost a request.")


def test_a_few_details_after_a_long_list_are_no_n_plus_one() -> None:
    client = Client()
    for _ in range(3):
        client.polls(size=50_000)
        for plan in (1, 2, 3, 4):
            client.reads(plan)
    assert verdicts(client)["details per plan"] == "good"


@pytest.mark.parametrize(
    ("states", "verdict"),
    [
        (("pending", "pending"), "unknown"),
        (("pending", "completed"), "good"),
        (("completed", "completed"), "warn"),
        (("completed", "completed", "completed", "completed"), "bad"),
        (("cancelled", "cancelled"), "warn"),
        (("completed", "pending", "pending", "completed"), "warn"),
    ],
)
def test_asking_for_a_plan_that_is_done_is_found_until_it_is_reopened(states: tuple[str, ...], verdict: str) -> None:
    client = Client()
    for state in states:
        client.reads(7, state)
        client.waits(1)
    assert verdicts(client)["finished plans"] == verdict


def test_asking_twice_at_once_is_not_asking_after_the_plan_was_done() -> None:
    client = Client()
    client.reads(7, "completed", duration=1.0)
    client.waits(0.5)
    client.reads(7, "completed")
    assert verdicts(client)["finished plans"] == "good"


def test_connections_that_a_fault_cut_do_not_count_against_the_client() -> None:
    client, new = Client(), ports()
    for _ in range(6):
        client.polls(client=next(new), fault="connection reset", status=None)
    client.polls(client=next(new))
    assert verdicts(client)["connections"] == "good"


@pytest.mark.parametrize(("gave_up", "verdict"), [(10.0, "good"), (30.0, "good"), (31.0, "bad"), (None, "bad")])
def test_a_stall_shows_whether_there_is_a_time_out(gave_up: float | None, verdict: str) -> None:
    client = Client()
    client.polls(fault="connection stall", gave_up=gave_up)
    assert verdicts(client)["time-outs"] == verdict


def test_clients_are_told_apart_by_agent_and_address_but_not_by_port() -> None:
    entries = [
        entry(1, user_agent="a", client="10.0.0.1:1"),
        entry(2, user_agent="b", client="10.0.0.1:2"),
        entry(3, user_agent="a", client="10.0.0.1:3", operation=None),
        entry(4, user_agent="a", client="10.0.0.2:1", operation=Operation.LOGIN),
    ]
    assert [
        (one.user_agent, one.address, one.requests, one.operations) for one in client_report(entries, TERMINAL)
    ] == [
        ("a", "10.0.0.1", 2, (("list", 1), ("unmatched", 1))),
        ("b", "10.0.0.1", 1, (("list", 1),)),
        ("a", "10.0.0.2", 1, (("login", 1),)),
    ]


@pytest.mark.parametrize("script", [a_polite_poller, a_hammering_one, one_that_reads_every_row_again])
def test_every_finding_is_a_sentence_and_shows_requests_of_its_client(script: Callable[[], Client]) -> None:
    client = script()
    known = {one.number for one in client.entries}
    for finding in findings(client).values():
        assert finding.sentence[0].isupper()
        assert finding.sentence.endswith(".")
        assert known.issuperset(finding.numbers)
        assert len(set(finding.numbers)) == len(finding.numbers)


def every(seconds: float, count: int) -> list[JournalEntry]:
    client = Client()
    for _ in range(count):
        client.polls()
        client.waits(seconds)
    return client.entries


@pytest.mark.parametrize(
    ("entries", "budget", "over"),
    [
        (every(1, 5), {}, ()),
        (every(1, 5), {"max_requests": 5}, ()),
        (every(1, 5), {"max_requests": 3}, (4, 5)),
        (every(1, 5), {"max_requests": 0}, (1, 2, 3, 4, 5)),
        (every(0.25, 5), {"max_per_second": 4}, ()),
        (every(0.25, 5), {"max_per_second": 2}, (3, 4, 5)),
        (every(2, 3), {"max_per_second": 0.5}, ()),
        (every(1, 3), {"max_per_second": 0.5}, (2, 3)),
        (every(0, 3), {"max_requests": 2, "max_per_second": 2}, (3,)),
        (every(1, 2), {"max_requests": 3, "evicted": 2}, (2,)),
    ],
)
def test_a_budget_names_the_requests_beyond_it(entries: list[JournalEntry], budget: Any, over: tuple[int, ...]) -> None:
    finding = polite(entries, **budget)
    assert (finding.numbers, finding.verdict) == (over, "bad" if over else "good")


def test_a_budget_that_evicted_requests_alone_went_beyond_is_not_kept() -> None:
    finding = polite([], 3, evicted=4)
    assert finding.verdict == "bad"
    assert finding.sentence.endswith("4 of them were evicted, and nobody looked at their pace.")


def test_the_sentence_of_a_budget_says_what_was_allowed_and_what_was_made() -> None:
    assert polite(every(1, 5), 3, 0.5).sentence == (
        "Allowed: 3 in all and 0.5 a second; made: 5 requests, 4 of them over the budget."
    )


@given(pauses=st.lists(st.integers(0, 1500), max_size=12), rate=st.integers(1, 4))
def test_a_rate_is_kept_exactly_when_no_second_holds_more(pauses: list[int], rate: int) -> None:
    client, times, now = Client(), [], 0
    for pause in pauses:
        client.polls()
        times.append(now)
        client.waits(pause / 1000)
        now += pause
    fullest = max((sum(start <= time < start + 1000 for time in times) for start in times), default=0)
    assert (polite(client.entries, max_per_second=rate).verdict == "good") is (fullest <= rate)


@pytest.mark.parametrize(
    ("budget", "sentence"),
    [((-1, None), "A budget of -1 requests cannot be kept"), ((None, 0.0), "A budget of 0 requests a second cannot")],
)
def test_a_budget_that_nobody_can_keep_is_refused(budget: tuple[int | None, float | None], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        polite([], *budget)
