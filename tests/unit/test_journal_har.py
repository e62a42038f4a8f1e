import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st

from mock_oms.api.har import har
from mock_oms.urls import Operation
from tests.entries import entry
from tests.profiles import examples

Check = Callable[[Any], object]

PAIRS: Check = lambda pairs: all({*pair} == {"name", "value"} and all(map(TEXT, pair.values())) for pair in pairs)  # noqa: E731
TEXT: Check = lambda value: isinstance(value, str)  # noqa: E731
WHOLE: Check = lambda value: isinstance(value, int) and value >= -1  # noqa: E731
LENGTH: Check = lambda number: number >= 0  # noqa: E731
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
#: What both halves of an exchange hold.
HALF = {"httpVersion": TEXT, "cookies": PAIRS, "headers": PAIRS, "headersSize": WHOLE, "bodySize": WHOLE}
URL: Check = lambda url: urlsplit(url).scheme == "http" and urlsplit(url).netloc  # noqa: E731
#: What HAR 1.2 asks of each object of an entry, by the path to it; all of it must be there.
RULES: dict[str, dict[str, Check]] = {
    "": {"startedDateTime": TIME.fullmatch, "time": LENGTH, "cache": lambda cache: cache == {}},
    "request": {**HALF, "method": TEXT, "url": URL, "queryString": PAIRS},
    "response": {**HALF, "status": WHOLE, "statusText": TEXT, "redirectURL": TEXT},
    "timings": {"send": WHOLE, "wait": LENGTH, "receive": WHOLE},
}
#: Names that the format knows without asking for them.
MAY_BE = [
    "comment",
    "connection",
    "pageref",
    "serverIPAddress",
    "content",
    "postData",
    "request",
    "response",
    "timings",
]


def faults_of(archived: dict[str, Any]) -> list[str]:
    """The rules that an entry of an archive breaks."""
    broken = []
    for place, rules in RULES.items():
        part = archived[place] if place else archived
        broken += [f"{place} {name}" for name, holds in rules.items() if name not in part or not holds(part[name])]
        broken += [f"{place} {name}?" for name in part if not name.startswith("_") and name not in {*rules, *MAY_BE}]
    timings = archived["timings"]
    if archived["time"] != timings["send"] + timings["wait"] + timings["receive"]:
        broken.append("time is the sum of timings")
    return broken


entries = st.builds(
    lambda **said: entry(3, **said),
    status=st.none() | st.sampled_from((200, 301, 404, 418, 503)),
    operation=st.none() | st.sampled_from(Operation),
    query=st.text(st.characters(codec="latin-1"), max_size=12),
    headers=st.lists(st.tuples(st.sampled_from(("Host", "content-length", "X")), st.just("5")), max_size=3).map(tuple),
    location=st.none() | st.just("/x/"),
    duration=st.floats(0, 1e6),
    hint=st.none() | st.just("Why."),
    fault=st.none() | st.just("delay"),
    wall=st.datetimes(datetime(1970, 1, 1), datetime(2900, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)


@examples(25)
@given(entries)
def test_every_entry_of_an_archive_keeps_the_rules_of_the_format(one: Any) -> None:
    (archived,) = har([one], "1.0")["log"]["entries"]
    assert not faults_of(json.loads(json.dumps(archived, allow_nan=False)))


def test_an_archive_names_its_version_and_its_maker_and_says_that_bodies_are_missing() -> None:
    log = har([], "0.1.0")["log"]
    assert (log["version"], log["creator"], log["entries"]) == ("1.2", {"name": "mock-oms", "version": "0.1.0"}, [])
    assert "Bodies are not kept" in log["comment"]


def test_an_entry_keeps_what_was_asked_and_answered() -> None:
    headers = {"headers": (("host", "oms.test:8080"), ("accept", "*/*"))}
    answered = {"answer_headers": (("content-type", "application/json"),), "status": 503, "duration": 0.25, "size": 27}
    one = entry(7, query="page=2&q=%C3%A7+x", fault="status 503", hint="This is fault 1.", **headers, **answered)
    (archived,) = har([one], "1")["log"]["entries"]
    request, response = archived["request"], archived["response"]
    assert request["url"] == "http://oms.test:8080/api/v1/oms/orderexecutionplans/?page=2&q=%C3%A7+x"
    assert request["queryString"] == [{"name": "page", "value": "2"}, {"name": "q", "value": "ç x"}]
    assert (response["status"], response["statusText"]) == (503, "Service Unavailable")
    assert response["content"] == {"size": 27, "mimeType": "application/json", "comment": "Bodies are not kept."}
    assert (archived["time"], archived["_number"], archived["_fault"]) == (250, 7, "status 503")
    assert archived["comment"] == "This is fault 1."


def test_a_length_that_is_none_is_0_and_the_scheme_is_the_one_that_is_served() -> None:
    made = [entry(headers=(("Content-Length", text),)) for text in ("12", "x", "9" * 5_000)]
    requests = [one["request"] for one in har(made, "1", "https")["log"]["entries"]]
    assert [one["bodySize"] for one in requests] == [12, 0, 0]
    assert requests[0]["url"].startswith("https://")
