"""Old captures: plans, lists, refusals and archives of requests."""

import base64
import json
from typing import Any

import pytest

from mock_oms.conformance.recorder.captures import scrubbed_capture
from mock_oms.conformance.recorder.pseudonyms import RecordingError, key_in
from mock_oms.conformance.recorder.rules import Unknown, UnknownFieldError
from mock_oms.conformance.recorder.scenario import scrubbed
from mock_oms.traffic.journal.har import har
from tests.entries import entry
from tests.recorded import real_plans, survivors, walk

PLANS = real_plans()
URL = "https://oms.dukkancim.com.tr/api/v1/oms/orderexecutionplans/"


def archive(text: str, *, url: str = URL, **content: Any) -> dict[str, Any]:
    headers = [
        {"name": "Authorization", "value": "Token 0123456789abcdef"},
        {"name": "Accept", "value": "application/json"},
    ]
    request = {
        "method": "GET",
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers,
        "queryString": [],
    }
    answer = {"status": 200, "statusText": "OK", "content": {"mimeType": "application/json", "text": text, **content}}
    entry = {"startedDateTime": "2024-03-05T09:00:00.000Z", "time": 12.5, "request": request, "response": answer}
    return {"log": {"version": "1.2", "creator": {"name": "Firefox", "version": "128.0"}, "entries": [entry]}}


def content_of(found: Any) -> Any:
    return json.loads(found["log"]["entries"][0]["response"]["content"]["text"])


@pytest.mark.parametrize(
    "capture", [PLANS, PLANS[0], {"count": 4, "next": f"{URL}?page=2", "previous": None, "results": PLANS}]
)
def test_nothing_of_the_originals_is_left_of_a_list_or_a_plan(capture: Any) -> None:
    left = json.dumps(scrubbed_capture(capture, walk()), ensure_ascii=False)
    assert survivors(PLANS, left) == []
    assert "dukkancim" not in left


def test_a_plan_of_a_list_is_the_plan_alone() -> None:
    page = {"count": 1, "next": None, "previous": None, "results": [PLANS[0]]}
    assert scrubbed_capture(page, walk())["results"] == [scrubbed(PLANS[0], walk())]


def test_the_next_page_stays_with_another_host() -> None:
    page = {"count": 4, "next": f"{URL}?page=2&secret=Ay%C5%9Fe", "previous": None, "results": []}
    left = scrubbed_capture(page, walk())["next"]
    assert left.startswith("https://oms.example.com/api/v1/oms/orderexecutionplans/?page=2&")
    assert "secret" not in left


@pytest.mark.parametrize("sentence", ["Not found.", "Request was throttled. Expected available in 17 seconds."])
def test_a_sentence_of_the_framework_stays(sentence: str) -> None:
    assert scrubbed_capture({"detail": sentence}, walk()) == {"detail": sentence}


def test_another_sentence_is_a_text() -> None:
    assert "Ayşe" not in scrubbed_capture({"detail": "Ayşe may not see this."}, walk())["detail"]


def test_an_archive_keeps_what_was_asked_and_loses_whose_it_was() -> None:
    left = scrubbed_capture(archive(json.dumps(PLANS), url=f"{URL}41207/?page=3"), walk())
    text = json.dumps(left, ensure_ascii=False)
    assert survivors(PLANS, text) == []
    assert not {word for word in ("dukkancim", "0123456789abcdef", "Authorization", "41207") if word in text}
    request = left["log"]["entries"][0]["request"]
    assert request["url"].startswith("https://oms.example.com/api/v1/oms/orderexecutionplans/")
    assert request["url"].endswith("/?page=3")
    assert {"name": "Accept", "value": "application/json"} in request["headers"]


def test_an_id_in_an_address_joins_the_plan() -> None:
    left = scrubbed_capture(archive(json.dumps(PLANS[0]), url=f"{URL}{PLANS[0]['id']}/"), walk())
    assert left["log"]["entries"][0]["request"]["url"].endswith(f"/{content_of(left)['id']}/")


def test_a_body_in_base64_is_read() -> None:
    text = base64.b64encode(json.dumps(PLANS).encode()).decode()
    left = scrubbed_capture(archive(text, encoding="base64"), walk())
    assert content_of(left) == [scrubbed(plan, walk()) for plan in PLANS]


def test_a_body_that_is_no_json_is_a_text() -> None:
    left = scrubbed_capture(archive("<h1>Sayın Ayşe Yılmaz</h1>"), walk())
    assert "Yılmaz" not in json.dumps(left, ensure_ascii=False)


def test_what_a_server_or_a_program_says_in_an_archive_is_not_kept() -> None:
    found = archive("[]", mimeType="application/ayse")
    found["log"]["browser"] = {"name": "Ayse Yilmaz", "version": "5321112233"}
    entry = found["log"]["entries"][0]
    entry["request"] |= {"method": "AYSE", "httpVersion": "ayse/1"}
    said = ["Accept", "Vary", "Allow", "Cache-Control", "Retry-After", "Content-Length", "X-Frame-Options"]
    entry["request"]["headers"] = [{"name": name, "value": "ayse 5321112233"} for name in said]
    entry["response"]["statusText"] = "Sayin Ayse Yilmaz"
    left = scrubbed_capture(found, walk())
    text = json.dumps(left, ensure_ascii=False).lower()
    assert [one for one in ("ayse", "yilmaz", "5321112233", "firefox") if one in text] == []
    assert left["log"]["entries"][0]["response"]["statusText"] == "OK"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Accept", "text/html, application/json;q=0.9, */*;q=0.8"),
        ("Vary", "Accept, Cookie"),
        ("Allow", "GET, HEAD, OPTIONS"),
        ("Cache-Control", "no-cache, max-age=0"),
        ("Accept-Encoding", "gzip, deflate, br"),
        ("Referrer-Policy", "same-origin"),
    ],
)
def test_a_header_that_tells_of_programs_is_kept(name: str, value: str) -> None:
    found = archive("[]")
    found["log"]["entries"][0]["request"]["headers"] = [{"name": name, "value": value}]
    left = scrubbed_capture(found, walk())["log"]["entries"][0]["request"]["headers"]
    assert left == [{"name": name, "value": value}]


@pytest.mark.parametrize("where", [("log",), ("log", "entries", 0), ("log", "entries", 0, "response", "content")])
def test_what_a_program_adds_to_an_archive_is_left_out(where: tuple[str | int, ...]) -> None:
    found = archive("[]")
    place: Any = found
    for step in where:
        place = place[step]
    before = scrubbed_capture(found, walk())
    place["_initiator"] = {"url": "https://intranet.dukkancim.com.tr"}
    assert scrubbed_capture(found, walk()) == before


def test_the_archive_of_our_own_journal_is_known() -> None:
    left = scrubbed_capture(har([entry(plan=41207, world="mine")], "1.0"), walk())
    assert [key for key in left["log"]["entries"][0] if key.startswith("_")] == []


def test_what_the_format_does_not_have_is_unknown() -> None:
    found = archive("[]")
    found["log"]["entries"][0]["initiator"] = {"url": "https://intranet.dukkancim.com.tr"}
    with pytest.raises(UnknownFieldError, match=r"log\.entries\[\]\.initiator"):
        scrubbed_capture(found, walk())
    assert "intranet" not in json.dumps(scrubbed_capture(found, walk(Unknown.DROP)))


@pytest.mark.parametrize("found", [5, "Ayşe", None, {}, {"name": "Ayşe"}, {"log": "Ayşe"}])
def test_what_is_no_capture_is_refused(found: Any) -> None:
    with pytest.raises(RecordingError, match="neither a plan, a list of plans nor an archive"):
        scrubbed_capture(found, walk())


def test_a_key_is_read_with_the_line_that_ends_it() -> None:
    assert key_in("ab" * 32 + "\n", "k") == b"\xab" * 32


@pytest.mark.parametrize("text", ["", "ab" * 31, "AB" * 32, "xy" * 32])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(RecordingError, match="k holds no key"):
        key_in(text, "k")


@pytest.mark.parametrize("count", ["12345678901", 12345678902])
def test_a_count_as_long_as_the_number_of_a_person_stops_the_run(count: object) -> None:
    page = {"count": count, "next": None, "previous": None, "results": []}
    with pytest.raises(UnknownFieldError, match="count"):
        scrubbed_capture(page, walk())
