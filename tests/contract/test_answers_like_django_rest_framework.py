"""The mock and a real project of Django REST framework answer the same requests with the same octets."""

import functools
from collections.abc import Callable, Iterable
from datetime import timedelta
from urllib.parse import unquote
from wsgiref.types import WSGIApplication

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mock_oms.switches import Switches
from mock_oms.traffic.faults.limits import LimitCounter, Limits, Quota
from tests.drf import tables
from tests.drf.cases import CASES, TOKEN
from tests.drf.fake_world import FakeSimulation, app_of
from tests.drf.project import django_app, rate_throttle
from tests.drf.wire import Received, Sent, call
from tests.faults import START
from tests.profiles import examples

DEFAULT = Switches()

#: Every value of every switch that is a setting of Django REST framework, and the subjects that it can change.
VARIANTS: dict[str, tuple[Switches, tuple[str, ...]]] = {
    "bearer": (Switches(auth="bearer"), ("authorization",)),
    "both": (Switches(auth="both"), ("authorization",)),
    "off": (Switches(auth="off"), ("authorization", "other worlds")),
    "array": (Switches(list="array"), ("queries", "other worlds")),
    "page_size": (Switches(page_size_parameter="page_size"), ("queries",)),
    "sizes": (Switches(page_size=20, max_page_size=7), ("queries", "other worlds")),
    "empty": (Switches(unauthenticated="empty"), ("authorization",)),
    "model": (Switches(not_found="model"), ("ids",)),
}
#: Variants with as many requests as `sizes`, of which Hypothesis tries some and the slow tests all.
LONG = {"array", "page_size"}

#: What the mock does otherwise on purpose, why, and how to tell such a request.
DEVIATIONS: dict[str, Callable[[Switches, Sent], bool]] = {
    "A magic token fails even where authentication is off: it was made for nothing else.": (
        lambda answers, sent: answers.auth == "off" and "fail-" in sent.headers.get("Authorization", "")
    ),
    "An underscore in Host is let through, for names of compose services have them; Django says 400.": (
        lambda _, sent: "_" in sent.headers.get("Host", "")
    ),
    "At the root, the 404 page of a browser names the page for people; the vendor has no such page.": (
        lambda _, sent: (
            unquote(sent.target).partition("?")[0] in {"", "/"} and "text/html" in sent.headers.get("Accept", "")
        )
    ),
    "Everything under /_mock is the control API; the vendor has nothing there.": (
        lambda _, sent: unquote(sent.target).startswith("/_mock")
    ),
    "JSON that is nested too deeply for Python's parser is a parse error; Django has no answer to it (500).": (
        lambda _, sent: sent.body.startswith((b"[" * 1000, b'{"a":' * 1000))
    ),
    "A stale cookie of Django's own is not deleted: a client of the API is never given one.": (
        lambda _, sent: "sessionid" in sent.headers.get("Cookie", "")
    ),
}


def _deviates(answers: Switches, sent: Sent) -> bool:
    return any(applies(answers, sent) for applies in DEVIATIONS.values())


def _label(subject: str, index: int, sent: Sent) -> str:
    return f"{subject} {index:03} {sent.method} {sent.target[-40:]}".encode("ascii", "backslashreplace").decode()


def _rows(subjects: Iterable[str]) -> dict[str, Sent]:
    return {_label(name, at, sent): sent for name in subjects for at, sent in enumerate(CASES[name])}


@functools.cache
def _pair(answers: Switches) -> tuple[WSGIApplication, WSGIApplication]:
    return app_of(FakeSimulation(answers)).wsgi_app, django_app(answers)


def _both(answers: Switches, sent: Sent) -> list[Received]:
    return [call(application, sent) for application in _pair(answers)]


def _unlike(answers: Switches, subjects: Iterable[str]) -> tuple[set[str], dict[str, list[Received]]]:
    """The statuses that the mock answered with, and both answers to each request that the two answer otherwise."""
    asked = {label: sent for label, sent in _rows(subjects).items() if not _deviates(answers, sent)}
    answered = {label: _both(answers, sent) for label, sent in asked.items()}
    statuses = {mock.status[:3] for mock, _ in answered.values()}
    return statuses, {label: [mock, real] for label, (mock, real) in answered.items() if mock != real}


def test_the_mock_answers_as_the_framework_does() -> None:
    statuses, unlike = _unlike(DEFAULT, CASES)
    assert unlike == {}
    # Guards the tables: a typo in the token or the path would make every comparison a trivial one.
    assert statuses == {"200", "301", "400", "401", "403", "404", "405", "406", "415", "429", "500"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in VARIANTS]
)
def test_under_another_switch_the_mock_answers_as_the_framework_does_with_that_setting(name: str) -> None:
    statuses, unlike = _unlike(*VARIANTS[name])
    assert unlike == {}
    assert "200" in statuses


_ANY_TEXT = st.text(st.characters(codec="latin-1", min_codepoint=32), max_size=12)
_ANY_OCTETS = st.binary(max_size=8).map(lambda raw: "".join(f"%{octet:02X}" for octet in raw))


def _one_of(*tables: Iterable[str]) -> st.SearchStrategy[str]:
    return st.one_of(*(st.sampled_from(sorted(table)) for table in tables), _ANY_TEXT)


_paths = st.one_of(
    st.builds(
        "{}{}{}".format,
        st.just(tables.LIST),
        _one_of(tables.IDS) | _ANY_OCTETS,
        st.sampled_from(("", "/", ".json", "//")),
    ),
    st.sampled_from((tables.LIST, tables.LIST, tables.LIST, tables.LOGIN)),
    _one_of(tables.PATHS).map(lambda path: path.partition("?")[0]),
)
_parameters = st.lists(_one_of(text[1:] for text in (*tables.QUERIES, *tables.FORMATS)) | _ANY_OCTETS, max_size=4)
_logins = st.sampled_from([(row.headers.get("Content-Type", ""), row.body) for row in CASES["logins"]])


@st.composite
def _requests(draw: st.DrawFn) -> Sent:
    path, query = draw(_paths), "&".join(draw(_parameters))
    content_type, body = draw(st.just(("", b"")) | _logins)
    headers = {
        "Host": draw(st.just("oms.test") | st.sampled_from(tables.HOSTS)),
        "Authorization": draw(st.just(TOKEN["Authorization"]) | _one_of(tables.AUTHORIZATIONS)),
        "Accept": draw(st.just("*/*") | _one_of(tables.ACCEPTS)),
        "Content-Type": content_type,
    }
    method = draw(st.just("GET") | st.sampled_from(tables.METHODS))
    return Sent(method=method, target=f"{path}?{query}" if query else path, headers=headers, body=body)


@examples(120)
@given(answers=st.sampled_from([DEFAULT, *(answers for answers, _ in VARIANTS.values())]), sent=_requests())
def test_whatever_is_combined_the_two_answer_alike(answers: Switches, sent: Sent) -> None:
    assume(not _deviates(answers, sent))
    mock, real = _both(answers, sent)
    assert mock == real


#: Seconds between requests, in quarters: floats are exact then, as our spans are.
GAPS = st.lists(st.integers(0, 400).map(lambda quarters: quarters / 4), max_size=60)


@examples(100)
@given(limit=st.integers(1, 6), period=st.sampled_from("dhms"), gaps=GAPS)
def test_a_quota_allows_and_refuses_what_the_framework_does_with_the_same_wait(
    limit: int, period: str, gaps: list[float]
) -> None:
    times = [sum(gaps[: place + 1]) for place in range(len(gaps))]
    at = [0.0]
    throttle = rate_throttle(f"{limit}/{period}", lambda: at[0])
    quota = Quota(limit=limit, window=timedelta(seconds={"s": 1, "m": 60, "h": 3600, "d": 86_400}[period]))
    meter = LimitCounter(limits=Limits(quota=quota, login=quota), since=START)
    for seconds in times:
        at[0], now = seconds, START + timedelta(seconds=seconds)
        real = throttle()
        wanted = None if real.allow_request(None, None) else timedelta(seconds=real.wait())
        meter, wait = meter.wait(now)
        meter, login_wait = meter.wait(now, login=True)
        assert wait == login_wait == wanted
