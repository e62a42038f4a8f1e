"""A visit over a real connection: to the mock, to the real project, and to servers that misbehave."""

import socket
import ssl
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from mock_oms.conformance.crawl import Crawl, Question
from mock_oms.conformance.crawler.crawler import CrawlStep, crawl_target, opened
from mock_oms.conformance.crawler.session import Credentials, Politeness, Session, Timing
from mock_oms.conformance.crawler.target import (
    BudgetSpentError,
    ConnectionLostError,
    StoppedError,
    Target,
    ThrottledError,
    UntrustedHostError,
)
from mock_oms.server.tls import tls_for
from mock_oms.testing import running_server
from mock_oms.urls import Operation
from tests.drf.fake_world import FULL, WORLDS
from tests.drf.serving import real_oms
from tests.strange_oms import LIST, Answered, Answering, Asked, as_json, listed, never, orderly, strange_oms

SECRET = "s3cret-token-of-a-customer"
START = datetime(2024, 3, 5, 9, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands still unless somebody sleeps by it."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    @property
    def timing(self) -> Timing:
        return Timing(now=self.now, counter=lambda: self.seconds, sleep=self.sleep)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)


def crawled(answer: Answering, budget: int = 200) -> tuple[Crawl, list[Asked]]:
    """A visit to an OMS that answers so, at once, and what it was asked."""
    with strange_oms(answer) as oms:
        target = Target(url=oms.url, token=SECRET)
        return crawl_target(target, Politeness(max_requests=budget), timing=Clock().timing), oms.asked


@pytest.fixture(scope="module")
def of_the_mock() -> Crawl:
    with running_server() as server:
        return crawl_target(Target(url=server.url, token=server.token), timing=Clock().timing)


# Visits that end well


def test_a_crawl_of_the_mock_asks_every_question_in_the_fixed_order_and_sees_the_whole_list(of_the_mock: Crawl) -> None:
    order = dict.fromkeys(one.question for one in of_the_mock.asked)
    assert list(order) == [
        *(Question.WALK, Question.SIZED, Question.LAST, Question.DETAIL, Question.NO_PLAN, Question.HUGE_ID),
        *(Question.NO_PAGE, Question.NO_TOKEN, Question.WRONG_TOKEN, Question.OTHER_MEDIA, Question.NO_SLASH),
        *(Question.REPEATED, Question.AGAIN),
    ]
    assert (of_the_mock.whole, of_the_mock.ended, of_the_mock.notes) == (True, None, ())


def test_a_crawl_of_the_mock_meets_the_answers_that_its_questions_are_about(of_the_mock: Crawl) -> None:
    statuses = {question: {one.status for one in of_the_mock.of(question)} for question in Question}
    assert statuses == {
        **{key: {200} for key in Question},
        **{key: {404} for key in (Question.NO_PLAN, Question.HUGE_ID, Question.NO_PAGE)},
        **{key: {401} for key in (Question.NO_TOKEN, Question.WRONG_TOKEN)},
        Question.OTHER_MEDIA: {406},
        Question.NO_SLASH: {301},
    }
    known = {(one.question, one.exchange.operation) for one in of_the_mock.asked}
    assert {operation for question, operation in known if question is Question.NO_SLASH} == {None}
    assert {(Question.WALK, Operation.LIST), (Question.HUGE_ID, Operation.DETAIL)} <= known
    assert next(of_the_mock.of(Question.NO_PAGE)).target == f"{LIST}?page=1000000"


def test_the_real_project_is_visited_as_the_mock_is(tmp_path: Path) -> None:
    with real_oms(tmp_path, list(WORLDS[FULL].values()), page_size=20, not_found="model") as url:
        crawl = crawl_target(Target(url=url, token=FULL), timing=Clock().timing)
    assert (crawl.whole, crawl.ended) == (True, None)
    assert [len(one.content["results"]) for one in crawl.of(Question.WALK)] == [20, 5]
    assert [one.status for one in crawl.of(Question.HUGE_ID, Question.NO_SLASH)] == [404, 301, 301]


def test_an_array_is_walked_in_one_request() -> None:
    crawl, _ = crawled(lambda _: as_json([{"id": 3, "state": "start"}]))
    assert crawl.whole
    assert len(list(crawl.of(Question.WALK))) == 1
    assert not list(crawl.of(Question.LAST))


def test_a_long_list_without_pages_is_not_asked_for_again_and_again() -> None:
    crawl, _ = crawled(lambda _: as_json([{"id": one, "state": "x" * 200} for one in range(6_000)]))
    assert Counter(one.question for one in crawl.asked)[Question.SIZED] == 1


def test_an_empty_list_is_visited_without_a_plan() -> None:
    crawl, _ = crawled(orderly(0))
    assert (crawl.whole, crawl.ended) == (True, None)
    assert not list(crawl.of(Question.DETAIL))


# Politeness


def test_everything_is_asked_by_get_and_says_who_asks() -> None:
    _, asked = crawled(orderly(30))
    assert {(one.method, one.headers["User-Agent"].partition("/")[0]) for one in asked} == {
        ("GET", "mock-oms-contract")
    }


def test_a_list_of_100_000_plans_is_covered_within_200_requests() -> None:
    crawl, asked = crawled(orderly(100_000))
    assert {one.question for one in crawl.asked} == set(Question)
    assert len(asked) <= 200
    assert (crawl.whole, crawl.ended) == (False, None)
    assert "as many as the budget has for it" in crawl.notes[0]


@pytest.mark.parametrize("budget", [1, 2, 5, 20, 40])
def test_no_budget_is_exceeded_and_its_end_is_said(budget: int) -> None:
    crawl, asked = crawled(orderly(500), budget)
    assert len(asked) == budget
    assert crawl.ended == str(BudgetSpentError(budget)) or budget > 30


def test_requests_keep_their_distance() -> None:
    clock = Clock()
    with strange_oms(orderly(3)) as oms:
        crawl = crawl_target(Target(url=oms.url), Politeness(rate=2), timing=clock.timing)
    gaps = {
        later.exchange.asked - earlier.exchange.asked
        for earlier, later in zip(crawl.asked, crawl.asked[1:], strict=False)
    }
    assert gaps == {timedelta(seconds=0.5)}
    assert len(clock.slept) == len(crawl.asked) - 1


def test_time_that_an_answer_took_is_not_waited_again() -> None:
    clock = Clock()

    def slow(asked: Asked) -> Answered:
        clock.seconds += 3
        return orderly(0)(asked)

    with strange_oms(slow) as oms:
        crawl = crawl_target(Target(url=oms.url), Politeness(rate=1), timing=clock.timing)
    assert not clock.slept
    assert crawl.asked[0].exchange.took == timedelta(seconds=3)


def test_progress_is_told_after_each_request() -> None:
    steps: list[CrawlStep] = []
    with strange_oms(orderly(25)) as oms:
        crawl = crawl_target(Target(url=oms.url), Politeness(rate=1_000), steps.append, Clock().timing)
    assert [one.done for one in steps] == list(range(1, len(crawl.asked) + 1))
    assert steps[-1].planned >= steps[-1].done
    assert steps[0].asking == "walk"


# What ends it


def after(number: int, answer: Answered) -> Answering:
    """In good order so many times, and then only this."""
    orders = orderly(30)
    return lambda asked: orders(asked) if asked.number <= number else answer


def test_the_first_429_ends_a_visit_and_says_until_when() -> None:
    crawl, asked = crawled(after(6, as_json({"detail": "Request was throttled."}, 429, Retry_After="90")))
    assert len(asked) == 7
    assert crawl.asked[-1].exchange.status == 429
    assert crawl.ended is not None
    # 1.5 s at the usual two per second have passed before the fourth request, and so on
    assert "429 to request 7 (Retry-After: 90)" in crawl.ended
    assert "before 2024-03-05T09:01:33Z" in crawl.ended


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("Tue, 05 Mar 2024 10:00:00 GMT", datetime(2024, 3, 5, 10, tzinfo=UTC)),
        ("0", START),
        ("soon", None),
        ("-5", None),
        ("9" * 30, None),
        (None, None),
    ],
)
def test_whatever_a_429_says_of_a_time_is_understood_or_told(said: str | None, until: datetime | None) -> None:
    headers = {} if said is None else {"Retry-After": said}
    with (
        strange_oms(lambda _: Answered(status=429, headers=headers)) as oms,
        Session(Target(url=oms.url), timing=Clock().timing) as session,
    ):
        session.get(LIST)
        with pytest.raises(ThrottledError) as stopped:
            session.get(LIST)
    assert stopped.value.until == until
    assert len(oms.asked) == 1


def test_what_no_address_can_hold_is_not_asked_and_said_in_one_sentence() -> None:
    with (
        strange_oms(lambda _: Answered()) as oms,
        Session(Target(url=oms.url), timing=Clock().timing) as session,
        pytest.raises(StoppedError, match="what no address can hold"),
    ):
        session.get(f"{LIST}?page={'9' * 100_000}")
    assert oms.asked == []


def test_two_failures_in_a_row_end_a_visit() -> None:
    crawl, asked = crawled(after(9, Answered(status=503)))
    assert len(asked) == 11
    assert crawl.ended is not None
    assert "failed twice in a row (request 11 was answered 503)" in crawl.ended


def test_failures_with_good_answers_between_them_do_not_end_a_visit() -> None:
    orders = orderly(30)
    crawl, _ = crawled(lambda asked: Answered(status=500) if asked.number % 2 == 0 else orders(asked))
    assert crawl.ended is None


def test_a_connection_that_is_lost_in_the_middle_ends_a_visit_and_keeps_what_was_seen() -> None:
    crawl, _ = crawled(after(4, Answered(headers={"Content-Length": "nonsense"})))
    assert len(crawl.asked) == 4
    assert crawl.ended is not None
    assert "gave no answer" in crawl.ended


def test_nobody_who_answers_is_an_error_with_the_address() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ConnectionLostError, match=f"{url} gave no answer .*Is the address right"):
            crawl_target(Target(url=url, token=SECRET), timing=Clock().timing)


def test_a_name_that_no_host_can_have_is_an_error_with_the_address() -> None:
    url = f"http://{'o' * 64}.example.net"
    with pytest.raises(ConnectionLostError, match=f"{url} gave no answer"):
        crawl_target(Target(url=url), timing=Clock().timing)


def test_a_server_that_does_not_answer_is_given_up_after_the_patience() -> None:
    released = Event()
    with strange_oms(never(released)) as oms:
        try:
            with pytest.raises(ConnectionLostError, match=r"did not answer within 0\.1 seconds"):
                crawl_target(Target(url=oms.url), Politeness(patience=0.1), timing=Clock().timing)
        finally:
            released.set()


def test_an_answer_that_takes_longer_than_the_patience_is_given_up_though_it_drips() -> None:
    clock = Clock()

    def drip(asked: Asked) -> Answered:
        clock.seconds += 31
        return orderly(3)(asked)

    with strange_oms(drip) as oms, pytest.raises(ConnectionLostError, match="did not answer within 30 seconds"):
        crawl_target(Target(url=oms.url), timing=clock.timing)


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (as_json({"detail": "Invalid token."}, 401), "answered 401 to the first page of the list: is the token right"),
        (Answered(status=403), "answered 403"),
        (Answered(status=404), "is this the address of an OMS?"),
        (Answered(status=502), "answered 502"),
        (
            Answered(status=302, headers={"Location": "http://user:secret@127.0.0.1:1/login?customer=Ayse"}),
            "redirects to http://…@127.0.0.1:1/login?…, and",
        ),
    ],
)
def test_a_list_that_does_not_open_ends_a_visit_after_one_request(first: Answered, said: str) -> None:
    crawl, asked = crawled(lambda _: first)
    assert (len(asked), opened(crawl)) == (1, False)
    assert crawl.ended is not None
    assert said in crawl.ended


def test_a_first_page_that_is_no_json_is_kept_for_the_checks() -> None:
    crawl, _ = crawled(lambda _: Answered(body=b"<html>Log in</html>", headers={"Content-Type": "text/html"}))
    assert opened(crawl)
    assert (crawl.whole, crawl.ended) == (False, None)
    assert next(crawl.of(Question.WALK)).body == b"<html>Log in</html>"


# Links


def test_no_redirect_is_followed() -> None:
    with strange_oms(orderly(3)) as elsewhere:
        crawl, _ = crawled(after(3, Answered(status=302, headers={"Location": f"{elsewhere.url}{LIST}"})))
    assert not elsewhere.asked
    assert crawl.ended is None


def test_a_next_link_to_another_host_ends_the_walk_with_a_note_and_that_host_is_not_asked() -> None:
    with strange_oms(orderly(3)) as elsewhere:

        def lead_away(asked: Asked) -> Answered:
            return listed(asked, count=30, following=f"{elsewhere.url}{LIST}?page=2")

        crawl, _ = crawled(lead_away)
        assert not elsewhere.asked
    assert (crawl.whole, crawl.ended) == (False, None)
    assert f"leads to another host, which is not asked ('{elsewhere.url}" in crawl.notes[0]


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (lambda asked: listed(asked, count=30, following="?page=2"), f"leads to {LIST}?page=2 again"),
        (
            lambda asked: Answered(status=404) if asked.page == 2 else listed(asked, count=30),
            "?page=2, which was answered with no page",
        ),
    ],
    ids=["a circle", "a page that is none"],
)
def test_where_the_links_lead_no_further_the_walk_ends_with_a_note(answer: Answering, note: str) -> None:
    crawl, _ = crawled(answer)
    assert (len(list(crawl.of(Question.WALK))), crawl.whole) == (2, False)
    assert note in crawl.notes[0]


# The token


def test_the_token_is_sent_where_it_is_meant_and_nowhere_else() -> None:
    crawl, asked = crawled(orderly(12))
    sent = [one.headers.get("Authorization") for one in asked]
    by_question = {question: {sent[one.number - 1] for one in crawl.of(question)} for question in Question}
    assert by_question == {
        **{key: {f"Token {SECRET}"} for key in Question},
        Question.NO_TOKEN: {None},
        Question.WRONG_TOKEN: {"Token not-a-token"},
    }


def test_a_target_of_the_bearer_kind_is_asked_so() -> None:
    with strange_oms(orderly(1)) as oms, Session(Target(url=oms.url, token=SECRET, keyword="Bearer")) as session:
        session.get(LIST)
        session.get(LIST, credentials=Credentials.WRONG)
    assert [one.headers["Authorization"] for one in oms.asked] == [f"Bearer {SECRET}", "Bearer not-a-token"]


def test_a_server_that_repeats_the_token_does_not_bring_it_into_the_crawl() -> None:
    def repeat(asked: Asked) -> Answered:
        said = asked.headers.get("Authorization", "")
        return as_json({"count": 1, "next": f"?{said}", "results": [{"id": said}]}, X_You_Said=said)

    crawl, _ = crawled(repeat)
    assert SECRET not in repr(crawl)
    assert not [one for one in crawl.asked if SECRET.encode() in one.exchange.body]
    assert "[the token]" in repr(crawl)


def test_a_cookie_does_not_stand_in_for_the_token() -> None:
    _, asked = crawled(
        lambda asked: listed(asked, count=3) if asked.number > 1 else as_json([], Set_Cookie="session=1")
    )
    assert not [one for one in asked if "Cookie" in one.headers]


def test_no_error_shows_the_token() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        target = Target(url=f"http://127.0.0.1:{unused.getsockname()[1]}", token=SECRET)
        with pytest.raises(StoppedError) as stopped:
            crawl_target(target, timing=Clock().timing)
    whole = stopped.getrepr(style="long", showlocals=True)
    assert SECRET not in str(stopped.value)
    assert stopped.value.__suppress_context__
    assert SECRET not in str(whole).replace("SECRET", "")


# TLS


@pytest.fixture
def other_authority(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "other.pem"
    with tls_for("", (), file):
        yield file


def test_https_is_asked_where_its_authority_is_trusted(tmp_path: Path) -> None:
    with running_server(tls="on", tls_ca=tmp_path / "ca.pem") as server:
        crawl = crawl_target(
            Target(url=server.url, token=server.token, ca=server.ca), Politeness(max_requests=3), timing=Clock().timing
        )
    assert opened(crawl)


def test_a_certificate_of_another_authority_is_refused_with_the_way_out(tmp_path: Path, other_authority: Path) -> None:
    with running_server(tls="on", tls_ca=tmp_path / "ca.pem") as server:
        target = Target(url=server.url, token=SECRET, ca=other_authority)
        with pytest.raises(UntrustedHostError, match=r"is not trusted .* --ca names the file"):
            crawl_target(target, timing=Clock().timing)


def test_a_file_without_certificates_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    with pytest.raises(ValueError, match="it holds no certificates") as refusal:
        Session(Target(url="https://127.0.0.1:1", ca=empty))
    assert not isinstance(refusal.value, ssl.SSLError)
