"""Old captures: plans, lists, refusals and archives of requests."""

import base64
import json
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import assume, given

from mock_oms.api.har import har
from mock_oms.conformance.recorder.allowed import UnknownFieldError
from mock_oms.conformance.recorder.captures import PARAMETERS, address, header, named, scrubbed_capture
from mock_oms.conformance.recorder.pseudonyms import RecordingError
from tests.entries import entry
from tests.profiles import examples
from tests.recorded import MADE, TEXTS, at, real_plans, scrubbed, survivors, walk

PLANS = real_plans()
URL = "https://oms.dukkancim.com.tr/api/v1/oms/orderexecutionplans/"
ACCEPT = {"name": "Accept", "value": "application/json"}
HEADERS = ({"name": "Authorization", "value": "Token 0123456789abcdef"}, ACCEPT)


def archive(text: str, *, url: str = URL, **content: Any) -> dict[str, Any]:
    request = {"method": "GET", "url": url, "httpVersion": "HTTP/1.1", "cookies": [], "headers": [*HEADERS]}
    answer = {"status": 200, "statusText": "OK", "content": {"mimeType": "application/json", "text": text, **content}}
    entry = {"startedDateTime": "2024-03-05T09:00:00.000Z", "time": 12.5, "request": request, "response": answer}
    return {"log": {"version": "1.2", "creator": {"name": "Firefox"}, "entries": [entry]}}


def content_of(found: Any) -> Any:
    return json.loads(found["log"]["entries"][0]["response"]["content"]["text"])


PAGE = {"count": 4, "next": f"{URL}?page=2", "previous": None, "results": PLANS}
BASE64 = archive(base64.b64encode(json.dumps(PLANS).encode()).decode(), encoding="base64")


@pytest.mark.parametrize("capture", [
    PLANS, PLANS[0], PAGE, archive(json.dumps(PLANS), url=f"{URL}41207/?page=3"), BASE64,
], ids=["list", "plan", "page", "archive", "base64"])  # fmt: skip
def test_nothing_of_the_originals_is_left_of_a_capture(capture: Any) -> None:
    left = json.dumps(scrubbed_capture(capture, walk()), ensure_ascii=False)
    assert survivors(PLANS, left) == []
    assert [word for word in ("dukkancim", "0123456789abcdef", "Authorization", "41207") if word in left] == []


def test_a_plan_of_a_page_or_of_an_archive_is_the_plan_alone() -> None:
    wanted = [scrubbed(plan) for plan in PLANS]
    assert scrubbed_capture(PAGE, walk())["results"] == content_of(scrubbed_capture(BASE64, walk())) == wanted


def test_a_page_leads_to_another_host_and_only_a_sentence_of_the_framework_stays() -> None:
    left = scrubbed_capture({**PAGE, "next": f"{URL}?page=2&secret=Ay%C5%9Fe", "results": []}, walk())["next"]
    assert left.startswith("https://oms.example.com/api/v1/oms/orderexecutionplans/?page=2&")
    assert "secret" not in left
    for said in ("Not found.", "Request was throttled. Expected available in 17 seconds.", "Ayşe may not see this."):
        wanted = MADE.text(said) if "Ayşe" in said else said
        assert scrubbed_capture({"detail": said}, walk())["detail"] == wanted


def test_an_archive_keeps_what_was_asked_and_joins_the_plan() -> None:
    left = scrubbed_capture(archive(json.dumps(PLANS[0]), url=f"{URL}{PLANS[0]['id']}/?page=3"), walk())
    request = left["log"]["entries"][0]["request"]
    assert request["url"] == f"https://oms.example.com/api/v1/oms/orderexecutionplans/{content_of(left)['id']}/?page=3"
    assert ACCEPT in request["headers"]


@pytest.mark.parametrize("content", [{}, {"encoding": "base64"}])
def test_nothing_is_left_of_a_body_that_cannot_be_read(content: dict[str, str]) -> None:
    left = scrubbed_capture(archive("<h1>Sayın Ayşe Yılmaz</h1>", **content), walk("hash"))
    assert "Yılmaz" not in json.dumps(left, ensure_ascii=False)


def test_what_a_server_or_a_program_says_in_an_archive_is_not_kept() -> None:
    found = archive("[]", mimeType="application/ayse")
    found["log"]["browser"] = {"name": "Ayse Yilmaz", "version": "5321112233"}
    entry = found["log"]["entries"][0]
    entry["request"] |= {"method": "AYSE", "httpVersion": "ayse/1"}
    names = ["Accept", "Vary", "Allow", "Cache-Control", "Retry-After", "Content-Length", "X-Frame-Options"]
    entry["request"]["headers"] = [{"name": name, "value": "ayse 5321112233"} for name in names]
    entry["response"]["statusText"] = "Sayin Ayse Yilmaz"
    left = scrubbed_capture(found, walk())
    text = json.dumps(left, ensure_ascii=False).lower()
    assert [one for one in ("ayse", "yilmaz", "5321112233", "firefox") if one in text] == []
    assert left["log"]["entries"][0]["response"]["statusText"] == "OK"


@pytest.mark.parametrize(("form_of", "name", "value", "stays"), [
    (header, "Content-Type", "application/json; charset=utf-8", True),
    (header, "Accept", "text/html, application/json;q=0.9, */*;q=0.8", True),
    (header, "Vary", "Accept, Cookie", True),
    (header, "Allow", "GET, HEAD, OPTIONS", True),
    (header, "Cache-Control", "no-cache, max-age=0", True),
    (header, "Accept-Encoding", "gzip, deflate, br", True),
    (header, "Referrer-Policy", "same-origin", True),
    (header, "Retry-After", "17", True),
    (header, "Content-Length", "٥٣٢١٢٣٤٥", False),
    (header, "Content-Length", "53212345", False),
    (header, "Retry-After", "٥٣٢", False), (header, "Retry-After", "5321234", False),
    (header, "Accept", "532 111 22 33", False), (header, "Accept", "532111", False),
    (header, "Server", "nginx", False), (PARAMETERS.get, "page", "2", True),
    (PARAMETERS.get, "page", "532123456", False), (PARAMETERS.get, "page", "٥٣٢", False),
    (PARAMETERS.get, "limit", "٥٣", False), (PARAMETERS.get, "q", "2", False),
], ids=range(20))  # fmt: skip
def test_a_header_or_a_parameter_keeps_words_of_programs_alone_and_no_number_of_a_person(
    form_of: Any, name: str, value: str, stays: bool
) -> None:
    assert named(form_of, name, value, walk())[1] == (value if stays else MADE.text(value))


@examples(80)
@given(TEXTS)
def test_the_same_value_is_the_same_in_a_path(text: str) -> None:
    assume(text not in {"api", "v1", "i1", "oms", "auth", "login"})
    assert unquote(address(f"/api/{quote(text, safe='')}/", walk(), "")) == f"/api/{MADE.text(text)}/"


@pytest.mark.parametrize("written", ["Ayşe", "Ay%C5%9Fe", "Ay%c5%9fe"])
def test_a_path_says_the_same_however_it_is_written(written: str) -> None:
    left = address(f"https://oms.test/{written}/", walk(), "")
    assert unquote(left) == f"https://oms.example.com/{MADE.text('Ayşe')}/"
    assert address(f"https://[{written}", walk(), "") == MADE.text(f"https://[{written}")  # which is no address


def test_what_a_program_adds_to_an_archive_is_left_out_and_that_of_our_own_journal_is_known() -> None:
    before = scrubbed_capture(archive("[]"), walk())
    for where in (("log",), ("log", "entries", 0), ("log", "entries", 0, "response", "content")):
        found = archive("[]")
        at(found, where)["_initiator"] = {"url": "https://intranet.dukkancim.com.tr"}
        assert scrubbed_capture(found, walk()) == before
    left = scrubbed_capture(har([entry(plan=41207, world="mine")], "1.0"), walk())
    assert [key for key in left["log"]["entries"][0] if key.startswith("_")] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("initiator", {"url": "https://ayse.com.tr"}), ("request", {"url": 5}), ("request", {"headers": ["Ayse"]})],
    ids=["initiator", "url", "headers"],
)
def test_what_the_format_does_not_have_is_unknown(field: str, value: Any) -> None:
    found = archive("[]")
    found["log"]["entries"][0][field] = value
    with pytest.raises(UnknownFieldError, match=rf"log\.entries\[\]\.{field}"):
        scrubbed_capture(found, walk())
    assert "ayse" not in json.dumps(scrubbed_capture(found, walk("drop"))).lower()


def test_what_is_no_capture_is_refused_and_a_count_as_long_as_the_number_of_a_person_stops_the_run() -> None:
    for found in (5, "Ayşe", None, {}, {"name": "Ayşe"}, {"log": "Ayşe"}):
        with pytest.raises(RecordingError, match="neither a plan, a list of plans nor an archive"):
            scrubbed_capture(found, walk())
    for count in ("12345678901", 12345678902):
        with pytest.raises(UnknownFieldError, match="count"):
            scrubbed_capture({"count": count, "next": None, "previous": None, "results": []}, walk())
