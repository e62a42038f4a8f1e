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

Steps = list[tuple[str, Any]]


def findings(client: Client) -> dict[str, ClientFinding]:
    (report,) = client_report(client.entries, TERMINAL)
    return {finding.check: finding for finding in report.findings}


def found(verdict: str, client: Client) -> list[str]:
    return [name for name, finding in findings(client).items() if finding.verdict == verdict]


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


def test_a_polite_poller_is_found_good_in_everything() -> None:
    assert len(found("good", a_polite_poller())) == len(findings(a_polite_poller())) == 8


def test_a_hammering_client_is_found_bad_in_pace_back_off_connections_and_time_outs() -> None:
    assert found("bad", a_hammering_one()) == ["poll interval", "back-off", "connections", "time-outs"]


def test_reading_every_row_again_is_found_bad_with_the_requests_that_did_it() -> None:
    told = findings(one_that_reads_every_row_again())
    assert (told["details per plan"].verdict, told["finished plans"].verdict) == ("bad", "warn")
    assert told["details per plan"].numbers == (*range(2, 12), *range(13, 23), *range(24, 34))
    assert told["finished plans"].numbers == (13, 24)


def played(*steps: tuple[str, Any], frozen: bool = False) -> Client:
    """A client that polls with an answer, reads a plan, waits, or turns the world's clock, step by step."""
    client = Client(frozen=frozen)
    for step, what in steps:
        if step == "polls":
            client.polls(**what)
        elif step == "reads":
            client.reads(**{"plan": 7, **what})
        else:
            getattr(client, step)(what)
    return client


def refused(*waits: float, by: str = "waits", **answer: Any) -> Steps:
    """A poll that is refused before each of these waits, and one that is answered."""
    pairs = [(("polls", {"status": 503, **answer}), (by, seconds)) for seconds in waits]
    return [*(step for pair in pairs for step in pair), ("polls", {})]


def told_to_wait(*pairs: tuple[int, float]) -> Steps:
    """The same, each with this `Retry-After` before this wait."""
    steps = [refused(seconds, status=429, retry_after=told)[:2] for told, seconds in pairs]
    return [*(step for pair in steps for step in pair), ("polls", {})]


# What was under way when the answer came is no early request.
UNDER_WAY: Steps = [
    ("polls", {"status": 429, "retry_after": 5, "duration": 1.0}),
    *(("waits", 0.5), ("reads", {}), ("waits", 5.5), ("polls", {})),
]


@pytest.mark.parametrize(
    ("steps", "frozen", "verdict", "numbers"),
    [
        (told_to_wait((17, 2), (17, 2)), False, "bad", (1, 2, 3)),
        (told_to_wait((17, 2), (17, 2)), True, "unknown", (1, 2, 3)),
        (told_to_wait((2, 2)), True, "good", (1, 2)),
        (refused(17, by="turns", status=429, retry_after=17), False, "unknown", (1, 2)),
        (UNDER_WAY, False, "good", (1, 3)),
    ],
)
def test_retry_after_is_honoured_by_waiting_in_wall_time(
    steps: Steps, frozen: bool, verdict: str, numbers: tuple[int, ...]
) -> None:
    told = findings(played(*steps, frozen=frozen))["retry-after"]
    assert (told.verdict, told.numbers) == (verdict, numbers)


@pytest.mark.parametrize(
    ("steps", "verdict", "says"),
    [
        (refused(1, 2, 4), "good", "again after 1 s, 2 s, 4 s of wall time: it takes its time."),
        (refused(0.1, 0.2, 0.4), "good", "it takes its time"),
        (refused(5, 5, 5), "warn", "the waits do not grow, or it asked again at once"),
        (refused(0.1, 0.1, 0.1), "bad", "the waits do not grow and are shorter than a second"),
        (refused(0, 0, 0), "bad", "shorter than a second"),
        (refused(2), "good", "it takes its time"),
        (refused(0.1), "warn", "or it asked again at once"),
        ([("polls", {"status": 503})], "unknown", "It never asked again after a 429 or 5xx."),
        (told_to_wait((1, 1), (1, 1), (1, 1)), "good", "it takes its time"),
        (told_to_wait((60, 60), (5, 5)), "good", "it takes its time"),
        (
            told_to_wait((59, 0.00674), (59, 2.36), (59, 60.7)),
            "bad",
            "again after 6.74 ms, 2.36 s, 60.7 s of wall time: s",
        ),
        (told_to_wait((59, 0.00674)), "bad", "sooner than Retry-After says."),
        (refused(1, 60, 2), "warn", "one wait is far shorter than the one before"),
        (refused(2, 8, 2.1, 30), "good", "it takes its time"),
        (refused(2, 8, 1.9, 30), "warn", "one wait is far shorter than the one before"),
        # the time of a slow refusal is no wait, where both clocks pass alike
        (refused(9.6, 9.6, duration=9.5), "bad", "again after 0.1 s, 0.1 s of wall time"),
        # two troubles with an answer between them are two back-offs
        ([*refused(5), ("waits", 60), *refused(1), ("waits", 60)], "good", "it takes its time"),
    ],
)
def test_a_back_off_is_what_grows_or_waits_as_long_as_told(steps: Steps, verdict: str, says: str) -> None:
    finding = findings(played(*steps))["back-off"]
    assert (finding.verdict, says in finding.sentence) == (verdict, True)


def test_the_waits_of_a_back_off_are_all_told_by_the_clock_that_passed_more_time() -> None:
    refusal = [("polls", {"status": 503}), ("waits", 0.5)]
    steps = [*refusal, ("turns", 1), *refusal, ("turns", 2), *refusal, ("turns", 4), ("polls", {})]
    told = findings(played(*steps, frozen=True))["back-off"]
    assert "again after 1 s, 2 s, 4 s of world time: it takes its time." in told.sentence
    assert "again after 1 s, 2 s of wall" in findings(played(*refused(1, 2), frozen=True))["back-off"].sentence


def _polled(pause: float, by: str = "waits") -> Steps:
    return [("polls", {}), (by, pause)]


def polling(*pauses: float, by: str = "waits") -> ClientFinding:
    steps = [step for pause in pauses for step in _polled(pause, by)]
    return findings(played(*steps, frozen=by == "turns"))["poll interval"]


@pytest.mark.parametrize(("seconds", "verdict"), [(0.5, "bad"), (1, "warn"), (9, "warn"), (10, "good"), (1800, "good")])
def test_the_pace_of_polls_is_judged_by_the_median(seconds: float, verdict: str) -> None:
    assert polling(seconds, seconds, seconds, 0).verdict == verdict


@pytest.mark.parametrize(
    ("finding", "says"),
    [
        (polling(10, 20, 30, 20, 20, 0), "every 20 s (jitter 60%) of wall time"),
        (polling(0.01, 0.9, 0.9, 60, 60, 0), "every 0.9 s (most of them after 0.366 s to 60 s) of wall time, 0.9 s (m"),
        (polling(60, 60, 60, 60, by="turns"), "every 0 s of wall time, 60 s (jitter 0%) of world time."),
    ],
)
def test_an_interval_is_told_with_its_jitter_or_its_range(finding: ClientFinding, says: str) -> None:
    assert says in finding.sentence


NEW = ports()
MOVED = ("polls", {"status": 301, "operation": None, "path": "/api/v1/oms/orderexecutionplans"})
CASES: dict[str, tuple[str, str, Steps]] = {
    "further pages are no polls": ("poll interval", "unknown", [("polls", {"page": page}) for page in (1, 2, 3, 4)]),
    "no redirect": ("redirects", "good", [("polls", {})]),
    "one redirect is pardoned": ("redirects", "warn", [("polls", {}), MOVED, ("polls", {})]),
    "two are not": ("redirects", "bad", [("polls", {}), MOVED, ("polls", {}), MOVED, ("polls", {})]),
    "few details after a long list are no n plus one": (
        "details per plan",
        "good",
        [("polls", {"size": 50_000}), *(("reads", {"plan": plan}) for plan in (1, 2, 3, 4))] * 3,
    ),
    "asking twice at once is not asking after the plan was done": (
        "finished plans",
        "good",
        [("reads", {"state": "completed", "duration": 1.0}), ("waits", 0.5), ("reads", {"state": "completed"})],
    ),
    "connections that a fault cut do not count": (
        "connections",
        "good",
        [("polls", {"client": next(NEW), "fault": "connection reset", "status": None}) for _ in range(6)]
        + [("polls", {"client": next(NEW)})],
    ),
    **{
        f"a stall, given up after {after}": (
            "time-outs",
            verdict,
            [("polls", {"fault": "connection stall", "gave_up": after})],
        )
        for after, verdict in ((10.0, "good"), (30.0, "good"), (31.0, "bad"), (None, "bad"))
    },
}


@pytest.mark.parametrize(("check", "verdict", "steps"), CASES.values(), ids=CASES)
def test_a_client_is_found(check: str, verdict: str, steps: Steps) -> None:
    assert findings(played(*steps))[check].verdict == verdict


@pytest.mark.parametrize(
    ("after", "times"), [([], 0), ([("polls", {})], 1), ([("polls", {}), MOVED, ("polls", {})], 2)]
)
def test_a_request_before_a_redirect_did_not_follow_it(after: list[Any], times: int) -> None:
    sentence = findings(played(("polls", {}), ("waits", 1), MOVED, *after))["redirects"].sentence
    assert f"followed the redirect {times} time" in sentence


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
    steps = [step for state in states for step in (("reads", {"state": state}), ("waits", 1))]
    assert findings(played(*steps))["finished plans"].verdict == verdict


def test_clients_are_told_apart_by_agent_and_address_but_not_by_port() -> None:
    entries = [
        entry(1, user_agent="a", client="10.0.0.1:1"),
        entry(2, user_agent="b", client="10.0.0.1:2"),
        entry(3, user_agent="a", client="10.0.0.1:3", operation=None),
        entry(4, user_agent="a", client="10.0.0.2:1", operation=Operation.LOGIN),
    ]
    reports = client_report(entries, TERMINAL)
    assert [(one.user_agent, one.address, one.requests, one.operations) for one in reports] == [
        ("a", "10.0.0.1", 2, (("list", 1), ("unmatched", 1))),
        ("b", "10.0.0.1", 1, (("list", 1),)),
        ("a", "10.0.0.2", 1, (("login", 1),)),
    ]


@pytest.mark.parametrize("script", [a_polite_poller, a_hammering_one, one_that_reads_every_row_again])
def test_every_finding_is_a_sentence_and_shows_requests_of_its_client(script: Callable[[], Client]) -> None:
    client = script()
    known = {one.number for one in client.entries}
    for finding in findings(client).values():
        assert (finding.sentence[0].isupper(), finding.sentence[-1]) == (True, ".")
        assert known.issuperset(finding.numbers)
        assert len(set(finding.numbers)) == len(finding.numbers)


def every(seconds: float, count: int) -> list[JournalEntry]:
    return played(*[("polls", {}), ("waits", seconds)] * count).entries


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
    says = "Allowed: 3 in all and 0.5 a second; made: 5 requests, 4 of them over the budget."
    assert polite(every(1, 5), 3, 0.5).sentence == says


@given(pauses=st.lists(st.integers(0, 1500), max_size=12), rate=st.integers(1, 4))
def test_a_rate_is_kept_exactly_when_no_second_holds_more(pauses: list[int], rate: int) -> None:
    times = [sum(pauses[:number]) for number in range(len(pauses))]
    client = played(*(step for pause in pauses for step in _polled(pause / 1000)))
    fullest = max((sum(start <= time < start + 1000 for time in times) for start in times), default=0)
    assert (polite(client.entries, max_per_second=rate).verdict == "good") is (fullest <= rate)


@pytest.mark.parametrize(
    ("budget", "sentence"),
    [((-1, None), "A budget of -1 requests cannot be kept"), ((None, 0.0), "A budget of 0 requests a second cannot")],
)
def test_a_budget_that_nobody_can_keep_is_refused(budget: tuple[int | None, float | None], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        polite([], *budget)
