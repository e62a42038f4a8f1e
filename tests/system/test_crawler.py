"""A crawl over a real connection: to the mock, to the real project, and to servers that misbehave."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from mock_oms.conformance.crawl import Crawl, Question
from mock_oms.conformance.crawler.crawler import crawl_session, crawl_target, opened
from mock_oms.conformance.crawler.session import ConnectionLostError, Politeness, Session, StoppedError, Target
from mock_oms.server.tls import tls_for
from mock_oms.testing import running_server
from mock_oms.urls import Operation
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

    def session(self, target: Target, **politeness: Any) -> Session:
        now = lambda: START + timedelta(seconds=self.seconds)  # noqa: E731
        return Session(target, Politeness(**politeness), now=now, counter=lambda: self.seconds, sleep=self.sleep)

    def crawl(self, url: str, token: str | None = SECRET, ca: Path | None = None, **politeness: Any) -> Crawl:
        with self.session(Target(url=url, token=token, ca=ca), **politeness) as session:
            return crawl_session(session, session.politeness.max_requests)


def crawled(answer: Answering, budget: int = 200) -> tuple[Crawl, list[Asked]]:
    """A crawl of an OMS that answers so, at once, and what it was asked."""
    with strange_oms(answer) as oms:
        return Clock().crawl(oms.url, max_requests=budget), oms.asked


@contextmanager
def nobody() -> Iterator[str]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


@pytest.fixture(scope="module")
def of_the_mock() -> Crawl:
    with running_server() as server:
        return Clock().crawl(server.url, server.token)


def test_a_crawl_of_the_mock_asks_every_question_in_the_fixed_order_and_sees_the_whole_list(of_the_mock: Crawl) -> None:
    order = (
        "walk sized last detail format no_plan huge_id no_page no_token wrong_token other_media no_slash repeated again"
    )
    found = dict.fromkeys(one.question for one in of_the_mock.answered)
    assert [one.name.lower() for one in found] == order.split()
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
    known = {(one.question, one.exchange.operation) for one in of_the_mock.answered}
    assert {operation for question, operation in known if question is Question.NO_SLASH} == {None}
    assert {(Question.WALK, Operation.LIST), (Question.HUGE_ID, Operation.DETAIL)} <= known
    assert next(of_the_mock.of(Question.NO_PAGE)).target == f"{LIST}?page=1000000"


def test_an_array_is_walked_in_one_request_a_long_one_asked_for_once_and_an_empty_list_has_no_plan() -> None:
    crawl, _ = crawled(lambda _: as_json([{"id": 3, "state": "start"}]))
    assert (crawl.whole, len([*crawl.of(Question.WALK)]), [*crawl.of(Question.LAST)]) == (True, 1, [])
    crawl, _ = crawled(lambda _: as_json([{"id": one, "state": "x" * 20_000} for one in range(60)]))
    assert len([*crawl.of(Question.SIZED)]) == 1
    crawl, _ = crawled(orderly(0))
    assert (crawl.whole, crawl.cut_short, [*crawl.of(Question.DETAIL)]) == (True, True, [])
    assert str(crawl.ended).endswith("shows no plan, so nobody knows what its plans are like; ask when it has one.")


def test_everything_is_asked_by_get_and_says_who_asks() -> None:
    _, asked = crawled(orderly(30))
    said = {(one.method, one.headers["User-Agent"].partition("/")[0]) for one in asked}
    assert said == {("GET", "mock-oms-contract")}


def test_a_list_of_100_000_plans_is_covered_within_200_requests() -> None:
    crawl, asked = crawled(orderly(100_000))
    assert {one.question for one in crawl.answered} == set(Question)
    assert (len(asked) <= 200, crawl.whole, crawl.ended) == (True, False, None)
    assert "as many as the budget has for it" in crawl.notes[0]


@pytest.mark.parametrize("budget", [1, 2, 5, 20, 40])
def test_no_budget_is_exceeded_and_its_end_is_said(budget: int) -> None:
    crawl, asked = crawled(orderly(500), budget)
    assert len(asked) == budget
    assert crawl.ended == f"The budget of {budget} requests is spent; --max-requests allows more." or budget > 30


def test_requests_keep_their_distance_and_progress_is_told_after_each() -> None:
    clock, steps = Clock(), list[tuple[int, int, str]]()
    with strange_oms(orderly(25)) as oms, clock.session(Target(url=oms.url), rate=2) as session:
        crawl = crawl_session(session, 200, lambda *step: steps.append(step))
    asked = [one.exchange.sent_at for one in crawl.answered]
    assert {later - earlier for earlier, later in pairwise(asked)} == {timedelta(seconds=0.5)}
    assert len(clock.slept) == len(asked) - 1
    assert [done for done, _, _ in steps] == list(range(1, len(asked) + 1))
    assert (steps[-1][1] >= steps[-1][0], steps[0][2]) == (True, "walk")


@pytest.mark.parametrize(("took", "said"), [(3, None), (31, "did not answer within 30 seconds")])
def test_time_that_an_answer_took_is_not_waited_again_and_too_long_a_drip_is_given_up(
    took: int, said: str | None
) -> None:
    clock = Clock()

    def slow(asked: Asked) -> Answered:
        clock.seconds += took
        return orderly(0)(asked)

    with strange_oms(slow) as oms, pytest.raises(ConnectionLostError, match=said) if said else nullcontext():
        crawl = clock.crawl(oms.url, rate=1)
        assert crawl.answered[0].exchange.took == timedelta(seconds=3)
    assert not clock.slept


def after(number: int, answer: Answered) -> Answering:
    """In good order so many times, and then only this."""
    orders = orderly(30)
    return lambda asked: orders(asked) if asked.number <= number else answer


REDIRECT = {"Location": "http://user:secret@127.0.0.1:1/login?customer=Ayse"}


@pytest.mark.parametrize(
    ("good", "answer", "asked", "says"),
    [
        # 1.5 s at the usual two per second have passed before the fourth request, and so on
        (6, as_json({}, 429, Retry_After="90"), 7, "429 to request 7 (Retry-After: 90).* before 2024-03-05T09:01:33Z"),
        (9, Answered(status=503), 11, "failed twice in a row (request 11 was answered 503)"),
        (4, Answered(headers={"Content-Length": "nonsense"}), 5, "gave no answer"),
        (0, as_json({}, 401), 1, "answered 401 to the first page of the list: is the token right"),
        (0, Answered(status=403), 1, "answered 403"),
        (0, Answered(status=404), 1, "is this the address of an OMS?"),
        (0, Answered(status=502), 1, "answered 502"),
        (0, Answered(status=302, headers=REDIRECT), 1, "redirects to http://…@127.0.0.1:1/login?…, and"),
    ],
)
def test_what_ends_a_crawl_is_said_and_what_was_seen_is_stored(
    good: int, answer: Answered, asked: int, says: str
) -> None:
    crawl, found = crawled(after(good, answer))
    assert (len(found), opened(crawl)) == (asked, good > 0)
    assert len(crawl.answered) == (good if says == "gave no answer" else asked)
    assert [part in (crawl.ended or "") for part in says.split(".*")] == [True] * len(says.split(".*"))


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("Tue, 05 Mar 2024 10:00:00 GMT", "should ask before 2024-03-05T10:00:00Z"),
        ("0", "should ask before 2024-03-05T09:00:00Z"),
        *((said, "does not say for how long") for said in ("soon", "-5", "9" * 30, None)),
    ],
)
def test_whatever_a_429_says_of_a_time_is_understood_or_told(said: str | None, until: str) -> None:
    headers = {} if said is None else {"Retry-After": said}
    with (
        strange_oms(lambda _: Answered(status=429, headers=headers)) as oms,
        Clock().session(Target(url=oms.url)) as session,
    ):
        session.get(LIST)
        with pytest.raises(StoppedError, match=until):
            session.get(LIST)
    assert len(oms.asked) == 1


def test_what_no_address_can_hold_is_not_asked_and_said_in_one_sentence() -> None:
    with (
        strange_oms(lambda _: Answered()) as oms,
        Clock().session(Target(url=oms.url)) as session,
        pytest.raises(StoppedError, match="what no address can hold"),
    ):
        session.get(f"{LIST}?page={'9' * 100_000}")
    assert oms.asked == []


def test_failures_with_good_answers_between_them_do_not_end_a_crawl() -> None:
    orders = orderly(30)
    crawl, _ = crawled(lambda asked: Answered(status=500) if asked.number % 2 == 0 else orders(asked))
    assert crawl.ended is None


def test_nobody_who_answers_is_an_error_with_the_address_and_without_the_token() -> None:
    with nobody() as url:
        target = Target(url=url, token=SECRET)
        with pytest.raises(ConnectionLostError, match=f"{url} gave no answer .*Is the address right") as lost:
            crawl_target(target)
    assert lost.value.__suppress_context__
    shown = f"{lost.value} {lost.getrepr(style='long', showlocals=True)}"
    assert SECRET not in shown.replace("SECRET", "")


def test_a_name_that_no_host_can_have_is_an_error_with_the_address() -> None:
    with pytest.raises(ConnectionLostError, match=f"http://{'o' * 64}.example.net gave no answer"):
        Clock().crawl(f"http://{'o' * 64}.example.net")


def test_a_server_that_does_not_answer_is_given_up_after_the_patience() -> None:
    released = Event()
    with strange_oms(never(released)) as oms:
        try:
            with pytest.raises(ConnectionLostError, match=r"did not answer within 0\.1 seconds"):
                Clock().crawl(oms.url, patience=0.1)
        finally:
            released.set()


def test_a_first_page_that_is_no_json_is_kept_for_the_checks() -> None:
    crawl, _ = crawled(lambda _: Answered(body=b"<html>Log in</html>", headers={"Content-Type": "text/html"}))
    assert (opened(crawl), crawl.whole, crawl.ended) == (True, False, None)
    assert next(crawl.of(Question.WALK)).body == b"<html>Log in</html>"


def test_no_redirect_and_no_next_link_to_another_host_is_followed() -> None:
    with strange_oms(orderly(3)) as elsewhere:
        crawl, _ = crawled(after(3, Answered(status=302, headers={"Location": f"{elsewhere.url}{LIST}"})))
        assert crawl.ended is None
        crawl, _ = crawled(lambda asked: listed(asked, count=30, following=f"{elsewhere.url}{LIST}?page=2"))
    assert (elsewhere.asked, crawl.whole, crawl.ended) == ([], False, None)
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
        session.get(LIST, credentials="wrong")
    assert [one.headers["Authorization"] for one in oms.asked] == [f"Bearer {SECRET}", "Bearer not-a-token"]


def test_a_server_that_repeats_the_token_does_not_bring_it_into_the_crawl() -> None:
    def repeat(asked: Asked) -> Answered:
        said = asked.headers.get("Authorization", "")
        return as_json({"count": 1, "next": f"?{said}", "results": [{"id": said}]}, X_You_Said=said)

    crawl, _ = crawled(repeat)
    assert SECRET not in repr(crawl)
    assert not [one for one in crawl.answered if SECRET.encode() in one.exchange.body]
    assert "[the token]" in repr(crawl)


def test_a_cookie_does_not_stand_in_for_the_token() -> None:
    first = as_json([], Set_Cookie="session=1")
    _, asked = crawled(lambda asked: listed(asked, count=3) if asked.number > 1 else first)
    assert not [one for one in asked if "Cookie" in one.headers]


def test_https_is_asked_where_its_authority_is_trusted_and_refused_with_the_way_out_elsewhere(tmp_path: Path) -> None:
    with running_server(tls="on", tls_ca=tmp_path / "ca.pem") as server:
        assert opened(Clock().crawl(server.url, server.token, server.ca, max_requests=3))
        with (
            tls_for("", (), tmp_path / "other.pem"),
            pytest.raises(ConnectionLostError, match=r"is not trusted .* --ca names the file"),
        ):
            Clock().crawl(server.url, ca=tmp_path / "other.pem")


def test_a_file_without_certificates_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    with pytest.raises(ValueError, match="it holds no certificates") as refusal:
        Session(Target(url="https://127.0.0.1:1", ca=tmp_path / "empty.pem"))
    assert not isinstance(refusal.value, ssl.SSLError)
