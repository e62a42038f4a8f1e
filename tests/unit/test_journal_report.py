"""The report on a client tells good manners from bad ones, on clients whose manners are known."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.traffic.journal.client_report import ClientFinding, client_report, objections, polite
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.urls import Operation
from tests.entries import Client, entry, ports
from tests.profiles import examples


def findings(client: Client) -> dict[str, ClientFinding]:
    (report,) = client_report(client.entries)
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


def played(*steps: str | dict[str, Any], frozen: bool = False) -> Client:
    """A client that does so: `503/17` polls and is told to wait 17 s, `~2` waits, `+2` turns the world's clock.

    Any other word reads plan 7, which is in this state, and a mapping reads its plan or polls with this answer.
    """
    client = Client(frozen=frozen)
    for step in (word for one in steps for word in (one.split() if isinstance(one, str) else [one])):
        if isinstance(step, dict):
            (client.reads if "plan" in step else client.polls)(**step)
        elif step[0] in "~+":
            (client.waits if step[0] == "~" else client.turns)(float(step[1:]))
        elif step[0].isdigit():
            status, _, told = step.partition("/")
            client.polls(status=int(status), retry_after=int(told) if told else None)
        else:
            client.reads(7, step)
    return client


@pytest.mark.parametrize(
    ("steps", "frozen", "verdict", "numbers"),
    [
        (["429/17 ~2 429/17 ~2 200"], False, "bad", (1, 2, 3)),
        (["429/17 ~2 429/17 ~2 200"], True, "bad", (1, 2, 3)),
        (["429/17 200"], True, "bad", (1, 2)),
        (["429/2 ~2 200"], True, "good", (1, 2)),
        (["429/17 +17 200"], False, "unknown", (1, 2)),
        # What was under way when the answer came is no early request.
        ([{"status": 429, "retry_after": 5, "duration": 1.0}, "~0.5 pending ~5.5 200"], False, "good", (1, 3)),
    ],
)
def test_retry_after_means_wall_time(steps: list[Any], frozen: bool, verdict: str, numbers: tuple[int, ...]) -> None:
    told = findings(played(*steps, frozen=frozen))["retry-after"]
    assert (told.verdict, told.numbers) == (verdict, numbers)


EARLY = "again after 6.74 ms, 2.36 s, 60.7 s of wall time: sooner than Retry-After says."


@pytest.mark.parametrize(
    ("steps", "verdict", "says"),
    [
        ("503 ~1 503 ~2 503 ~4 200", "good", "again after 1 s, 2 s, 4 s of wall time: it takes its time."),
        ("503 ~0.1 503 ~0.2 503 ~0.4 200", "good", "it takes its time"),
        ("503 ~5 503 ~5 503 ~5 200", "warn", "the waits do not grow, or it asked again at once"),
        ("503 ~0.1 503 ~0.1 503 ~0.1 200", "bad", "the waits do not grow and are shorter than a second"),
        ("503 503 503 200", "bad", "it hardly waits"),
        ("503 ~0.05 503 ~0.001 503 ~0.09 200", "bad", "it hardly waits"),
        ("503 ~2 200", "good", "it takes its time"),
        ("503 ~0.1 200", "warn", "or it asked again at once"),
        ("503", "unknown", "It never asked again after a 429 or 5xx."),
        ("429/1 ~1 429/1 ~1 429/1 ~1 200", "good", "it takes its time"),
        ("429/60 ~60 429/5 ~5 200", "good", "it takes its time"),
        ("429/59 ~0.00674 429/59 ~2.36 429/59 ~60.7 200", "bad", EARLY),
        ("503 ~1 503 ~60 503 ~2 200", "warn", "one wait is far shorter than the one before"),
        ("503 ~2 503 ~8 503 ~2.1 503 ~30 200", "good", "it takes its time"),
        ("503 ~2 503 ~8 503 ~1.9 503 ~30 200", "warn", "one wait is far shorter than the one before"),
        # two troubles with an answer between them are two back-offs
        ("503 ~5 200 ~60 503 ~1 200 ~60", "good", "it takes its time"),
    ],
)
def test_a_back_off_is_what_grows_or_waits_as_long_as_told(steps: str, verdict: str, says: str) -> None:
    finding = findings(played(steps))["back-off"]
    assert (finding.verdict, says in finding.sentence) == (verdict, True)


@pytest.mark.parametrize(
    ("steps", "frozen", "says"),
    [
        (["503 ~0.5 +1 503 ~0.5 +2 503 ~0.5 +4 200"], True, "1 s, 2 s, 4 s of world time: it takes its time."),
        (["503 ~1 503 ~2 200"], True, "1 s, 2 s of wall"),
        # The time of a slow refusal is no wait, where both clocks pass alike.
        (
            [{"status": 503, "duration": 9.5}, "~9.6", {"status": 503, "duration": 9.5}, "~9.6 200"],
            False,
            "0.1 s, 0.1 s of wall",
        ),
    ],
)
def test_waits_are_told_by_the_clock_that_passed_more_time(steps: list[Any], frozen: bool, says: str) -> None:
    assert f"again after {says}" in findings(played(*steps, frozen=frozen))["back-off"].sentence


def polling(pauses: str, sign: str = "~") -> ClientFinding:
    steps = (f"200 {sign}{pause}" for pause in pauses.split())
    return findings(played(*steps, frozen=sign == "+"))["poll interval"]


@pytest.mark.parametrize(("seconds", "verdict"), [(0.5, "bad"), (1, "warn"), (9, "warn"), (10, "good"), (1800, "good")])
def test_the_pace_of_polls_is_judged_by_the_median(seconds: float, verdict: str) -> None:
    assert polling(f"{seconds} {seconds} {seconds} 0").verdict == verdict


@pytest.mark.parametrize(
    ("finding", "says"),
    [
        (polling("10 20 30 20 20 0"), "every 20 s (jitter 60%) of wall time"),
        (polling("0.01 0.9 0.9 60 60 0"), "every 0.9 s (most of them after 0.366 s to 60 s) of wall time, 0.9 s (m"),
        (polling("60 60 60 60", "+"), "every 0 s of wall time, 60 s (jitter 0%) of world time."),
    ],
)
def test_an_interval_is_told_with_its_jitter_or_its_range(finding: ClientFinding, says: str) -> None:
    assert says in finding.sentence


MOVED = {"status": 301, "operation": None, "path": "/api/v1/oms/orderexecutionplans"}
CUT = [{"client": f"127.0.0.1:{port}", "fault": "connection reset", "status": None} for port in range(6)]
READ = [{"size": 50_000}, *({"plan": plan} for plan in (1, 2, 3, 4))]
DONE = {"plan": 7, "state": "completed", "duration": 1.0}
STALLED = ((10.0, "good"), (30.0, "good"), (31.0, "bad"), (None, "bad"))


@pytest.mark.parametrize(
    ("check", "verdict", "client"),
    [
        ("poll interval", "unknown", played(*({"page": page} for page in (1, 2, 3, 4)))),
        ("redirects", "good", played("200")),
        ("redirects", "warn", played("200", MOVED, "200")),
        ("redirects", "bad", played("200", MOVED, "200", MOVED, "200")),
        ("details per plan", "good", played(*READ, *READ, *READ)),
        ("finished plans", "good", played(DONE, "~0.5 completed")),
        # Connections that a fault cut do not count against the client.
        ("connections", "good", played(*CUT, {"client": "127.0.0.1:39999"})),
        *(("time-outs", how, played({"fault": "connection stall", "gave_up": after})) for after, how in STALLED),
    ],
)
def test_a_client_is_found(check: str, verdict: str, client: Client) -> None:
    assert findings(client)[check].verdict == verdict


@pytest.mark.parametrize(("after", "times"), [([], 0), (["200"], 1), (["200", MOVED, "200"], 2)])
def test_a_request_before_a_redirect_did_not_follow_it(after: list[Any], times: int) -> None:
    sentence = findings(played("200 ~1", MOVED, *after))["redirects"].sentence
    assert (f"followed the redirect {times} time" in sentence, sentence[-21:]) == (True, " each cost a request.")


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
    steps = (f"{state} ~1" for state in states)
    assert findings(played(*steps))["finished plans"].verdict == verdict


def test_clients_are_told_apart_by_agent_and_address_but_not_by_port() -> None:
    entries = [
        entry(1, user_agent="a", client="10.0.0.1:1"),
        entry(2, user_agent="b", client="10.0.0.1:2"),
        entry(3, user_agent="a", client="10.0.0.1:3", operation=None),
        entry(4, user_agent="a", client="10.0.0.2:1", operation=Operation.LOGIN),
    ]
    reports = client_report(entries)
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
    return played(*[f"200 ~{seconds}"] * count).entries


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


def test_the_sentence_of_a_budget_says_what_was_allowed_what_was_made_and_what_was_evicted() -> None:
    says = "Allowed: 3 in all and 0.5 a second; made: 5 requests, 4 of them over the budget."
    assert polite(every(1, 5), 3, 0.5).sentence == says
    evicted = polite([], 3, evicted=4)
    assert evicted.verdict == "bad"
    assert evicted.sentence.endswith("4 of them were evicted, and nobody looked at their pace.")


def test_what_is_found_of_a_journal_that_lost_requests_is_bad_or_not_known() -> None:
    (report,) = client_report(a_polite_poller().entries, evicted=2)
    assert {one.verdict for one in report.findings} == {"unknown"}
    assert report.findings[3].sentence == (
        "It met no redirect. 2 older requests were evicted from the journal and not looked at."
    )
    (report,) = client_report(a_hammering_one().entries, evicted=2)
    assert {one.verdict for one in report.findings} == {"bad", "unknown"}


#: 58 of 61 answers are 429, and it asks again each minute all the same.
DEAF = played("200 ~60 200 ~60 200", *["~60 429/3600"] * 58)
BAD = ("back-off", "retry-after")


@pytest.mark.parametrize(
    ("entries", "demands", "said"),
    [
        (DEAF.entries, {}, ["poller/1.0 at 127.0.0.1, back-off: ", "poller/1.0 at 127.0.0.1, retry-after: "]),
        (DEAF.entries, {"allow": ["retry-after"]}, ["poller/1.0 at 127.0.0.1, back-off: "]),
        (DEAF.entries, {"allow": BAD}, []),
        (DEAF.entries, {"allow": BAD, "max_requests": 60}, ["Allowed: 60 in all; made: 61 requests, 1 of them"]),
        (a_polite_poller().entries, {}, []),
        (a_polite_poller().entries, {"max_requests": 100, "evicted": 2}, ["2 older requests were evicted"]),
        (
            a_polite_poller().entries,
            {"max_per_second": 9, "evicted": 1},
            ["Allowed: 9 a second", "1 older request was"],
        ),
        ([], {}, ["No request was made, so there is nothing to judge."]),
        ([], {"max_requests": 5}, ["No request was made, so there is nothing to judge."]),
        ([], {"max_requests": 0}, []),
        # Those that wait for their answer are requests, too.
        (every(1, 2), {"max_requests": 2, "under_way": [entry(9)]}, ["Allowed: 2 in all; made: 3 requests, 1 of them"]),
        ([], {"max_per_second": 1, "under_way": every(0, 2)}, ["Allowed: 1 a second; made: 2 requests, 1 of them"]),
    ],
)
def test_what_is_no_politeness_is_named(entries: list[JournalEntry], demands: Any, said: list[str]) -> None:
    found = objections(entries, **demands)
    assert [(one.startswith(start), one) for one, start in zip(found, said, strict=True)] == [
        (True, one) for one in found
    ]


def test_every_check_of_the_report_can_be_allowed_by_name_and_no_other() -> None:
    names = [one.check for one in client_report(a_hammering_one().entries)[0].findings]
    assert objections(a_hammering_one().entries, allow=names) == ()
    with pytest.raises(ValueError, match="no check 'pace'; accepted: poll interval, back-off"):
        objections([], allow=["pace"])


@examples(100)
@given(pauses=st.lists(st.integers(0, 1500), max_size=12), rate=st.integers(1, 4))
def test_a_rate_is_kept_exactly_when_no_second_holds_more(pauses: list[int], rate: int) -> None:
    times = [sum(pauses[:number]) for number in range(len(pauses))]
    client = played(*(f"200 ~{pause / 1000}" for pause in pauses))
    fullest = max((sum(start <= time < start + 1000 for time in times) for start in times), default=0)
    assert (polite(client.entries, max_per_second=rate).verdict == "good") is (fullest <= rate)


@pytest.mark.parametrize(
    ("budget", "sentence"),
    [((-1, None), "A budget of -1 requests cannot be kept"), ((None, 0.0), "A budget of 0 requests a second cannot")],
)
def test_a_budget_that_nobody_can_keep_is_refused(budget: tuple[int | None, float | None], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        polite([], *budget)
