"""The dashboard's files: what is given, as what, to whom, and that nothing else is."""

import re
from itertools import product
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from mock_oms.api.control import dashboard
from tests.api.control import Server, server

SECRET = "control-token-7"
SHELL = ("/_mock/", "/_mock/docs")
FILES = tuple(f"/_mock/page/{name}" for name in sorted(dashboard.page_files()))
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
#: What a browser sends that follows a link on another site, through a proxy, by a name that is not this machine's.
FROM_ELSEWHERE = {
    "Host": "mock.example.com",
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-Mode": "navigate",
    "X-Forwarded-For": "192.0.2.7",
}
HOSTILE = (
    "..", "../", "../guard.py", "../dashboard/main.js", "./main.js", "main.js/", "main.js/.", "main.js/../main.js",
    "views/../main.js", "%2e%2e/guard.py", "%2e%2e%2fguard.py", "..%5cguard.py", "..\\guard.py", "%5cmain.js",
    "/etc/passwd", "%2fetc%2fpasswd", "/main.js", "%2fmain.js", "C:%5cWindows%5cwin.ini", "file:%2f%2f%2fetc%2fpasswd",
    "main.js%00", "%00main.js", "main.js%00.css", "main.js%0a", "%0d%0aX-Evil: 1", "main.js%20", "MAIN.JS", "Main.js",
    "%ff%fe", "%c0%ae%c0%ae/guard.py", "main.js;x", "main.js.", "main.js::$DATA", "a" * 5000, "../" * 500 + "etc/passwd",
    "", "/", "//", "index.html", "views", "vendor", "views/", "main", "~", "{{7*7}}", "%7b%7b7*7%7d%7d",
)  # fmt: skip


@pytest.fixture(scope="module")
def mock() -> Server:
    return server()


@pytest.fixture(scope="module")
def locked() -> Server:
    return server(control_token=SECRET)


def asked(mock: Server, path: str, method: str = "GET", address: str = "127.0.0.1", **headers: str) -> TestResponse:
    return mock.client.open(path, method=method, headers=headers, environ_base={"REMOTE_ADDR": address})


def from_elsewhere(mock: Server, path: str, method: str = "GET") -> TestResponse:
    return asked(mock, path, method, "192.0.2.7", **FROM_ELSEWHERE)


# What is given


def test_the_page_and_every_file_beside_it_are_given_as_what_they_are(mock: Server) -> None:
    types = {"html": "text/html", "css": "text/css", "js": "text/javascript", "mjs": "text/javascript"}
    types = {suffix: f"{kind}; charset=utf-8" for suffix, kind in types.items()} | {"svg": "image/svg+xml"}
    assert {"/_mock/page/main.js", "/_mock/page/style.css"} <= {*FILES}
    for path in (*SHELL, *FILES):
        answer = asked(mock, path)
        name = "index.html" if path in SHELL else path.removeprefix("/_mock/page/")
        assert (answer.status_code, answer.data) == (200, (dashboard.FOLDER / name).read_bytes()), path
        assert answer.content_type == types[name.rpartition(".")[2]], path


def test_every_file_has_the_policy_of_the_page_and_the_other_safe_headers(mock: Server) -> None:
    wanted = {
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-cache",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    for path in (*SHELL, *FILES):
        headers = asked(mock, path).headers
        assert {name: headers.get(name) for name in wanted} == wanted, path


def test_a_file_that_a_browser_has_is_not_sent_again_until_it_changes(
    mock: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "FOLDER", tmp_path)
    for name, path in (("index.html", "/_mock/"), ("main.js", "/_mock/page/main.js")):
        (tmp_path / name).write_text("1", encoding="utf-8")
        etag = asked(mock, path).headers["ETag"]
        again = asked(mock, path, **{"If-None-Match": etag})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
        assert (again.headers["Content-Security-Policy"], again.headers["Cache-Control"]) == (POLICY, "no-cache")
        (tmp_path / name).write_text("2", encoding="utf-8")
        anew = asked(mock, path, **{"If-None-Match": etag})
        assert (anew.status_code, anew.data, anew.headers["ETag"] == etag) == (200, b"2", False)


def test_a_head_says_the_length_and_sends_nothing(mock: Server) -> None:
    for path in (*SHELL, *FILES):
        whole, head = asked(mock, path), asked(mock, path, "HEAD")
        assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(whole.data))), path


def test_the_shell_refers_to_what_is_there_by_addresses_beside_both_of_its_own(mock: Server) -> None:
    page = asked(mock, "/_mock/").text
    referred = re.findall(r"""(?:src|href)=["']([^"']*)""", page)
    assert {"page/main.js", "page/style.css"} <= {*referred}
    assert [one for one in referred if one.startswith("page/") and f"/_mock/{one}" not in FILES] == []
    assert [one for one in referred if not re.match("page/|data:|openapi[.]", one)] == []
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|javascript:|https?://", page)
    assert re.search(r"<noscript>.*/_mock/openapi\.json.*</noscript>", page, re.DOTALL)
    assert (page.startswith("<!doctype html>"), '<html lang="en">' in page, 'id="app"' in page) == (True, True, True)


def test_without_a_slash_at_the_end_a_browser_is_led_to_the_page_with_its_query(mock: Server) -> None:
    for sent, query in (("", ""), ("?world=mine&x=%2F", "?world=mine&x=%2F"), ("?a b\u0131", "?a%20b%C4%B1")):
        answer = asked(mock, f"/_mock{sent}")
        assert (answer.status_code, answer.headers["Location"], answer.data) == (302, f"_mock/{query}", b"")
    prefixed = mock.client.get("/_mock", base_url="http://localhost/shop")
    assert prefixed.headers["Location"] == "_mock/"


def test_a_query_ends_no_header(mock: Server) -> None:
    environ = {"QUERY_STRING": 'a\r\nX-Evil: 1\x00"<>\\'}
    answer = mock.client.get("/_mock", environ_overrides=environ)
    assert (answer.status_code, "X-Evil" in answer.headers) == (302, False)
    assert answer.headers["Location"] == "_mock/?a%0D%0AX-Evil:%201%00%22%3C%3E%5C"


# What is not


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_no_spelling_of_a_name_leads_out_of_the_folder_or_to_another_file(name: str, mock: Server) -> None:
    answer = asked(mock, f"/_mock/page/{name}")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert "There is nothing at this path: " in answer.get_json()["detail"]


def test_what_is_no_part_of_the_page_is_not_given_though_it_lies_there(
    mock: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside, inside = tmp_path / "beside", tmp_path / "inside"
    for folder in (beside, inside, inside / "views"):
        folder.mkdir()
    for name in ("main.js", "LICENSE", "secret.txt", "page.py", ".env", "main.js.map", "views/a.mjs"):
        (inside / name).write_text("x", encoding="utf-8")
    (beside / "other.js").write_text("other", encoding="utf-8")
    (inside / "linked").symlink_to(beside)
    (inside / "loop").symlink_to(inside)
    (inside / "broken.js").symlink_to(beside / "nothing.js")
    monkeypatch.setattr(dashboard, "FOLDER", inside)
    given = {name: asked(mock, f"/_mock/page/{name}").status_code for name in ("main.js", "views/a.mjs")}
    names = ("LICENSE", "secret.txt", "page.py", ".env", "main.js.map", "linked/other.js", "loop/main.js", "broken.js")
    refused = {name: asked(mock, f"/_mock/page/{name}").status_code for name in names}
    assert (given, refused) == (dict.fromkeys(given, 200), dict.fromkeys(names, 404))


def test_the_page_is_read_and_nothing_else_is_done_with_it(mock: Server) -> None:
    for path, method in product((*SHELL, FILES[0]), ("POST", "PUT", "PATCH", "DELETE")):
        assert asked(mock, path, method).status_code == 405, (method, path)


# To whom


def test_with_a_control_token_the_page_is_given_to_everybody_and_is_what_others_get(
    mock: Server, locked: Server
) -> None:
    for path in ("/_mock", *SHELL, *FILES):
        answer = from_elsewhere(locked, path)
        assert (answer.status_code, answer.data) == (302 if path == "/_mock" else 200, asked(mock, path).data), path
        assert SECRET not in answer.text
        for sent in ("", "Bearer wrong", "Basic eDp5", f"Bearer {SECRET}"):
            again = asked(locked, path, **FROM_ELSEWHERE, Authorization=sent)
            assert (again.status_code, again.data) == (answer.status_code, answer.data), (path, sent)


def test_beside_the_page_everything_stays_behind_the_token(locked: Server) -> None:
    paths = ("/_mock/openapi.json", "/_mock/openapi.yaml", "/_mock/worlds", "/_mock/page", "/_mock/docs/", "/_mock//")
    for path in (*paths, "/_mock/docs/../worlds", "/_mock/docs%0a", "/_mock/pages/main.js"):
        assert from_elsewhere(locked, path).status_code == 401, path
    for path, method in product(("/_mock", *SHELL, *FILES), ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")):
        assert from_elsewhere(locked, path, method).status_code == 401, (method, path)


def test_without_one_the_page_is_given_where_the_rest_is(mock: Server) -> None:
    for path in ("/_mock", *SHELL, *FILES, "/_mock/page/nothing.js"):
        assert asked(mock, path, address="192.0.2.7").status_code == 403, path
        assert asked(mock, path, Host="rebound.example.com").status_code == 421, path
        assert asked(mock, path, **{"X-Forwarded-For": "127.0.0.1"}).status_code == 403, path
        assert asked(mock, path, **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}).status_code == 403
        assert asked(mock, path, Origin="http://example.com").status_code == 403, path


def test_nobody_learns_from_the_page_whether_a_guess_is_the_token(locked: Server) -> None:
    """Secrets are taken out of what a problem repeats: a guess that is gone from it would have been right."""
    for before, after in (
        ("/_mock/page/", ""),
        ("/_mock/page/", ".js"),
        ("/_mock/page//", ""),
        ("/_mock/page/%2f", ""),
    ):
        right, wrong = (from_elsewhere(locked, f"{before}{guess}{after}") for guess in (SECRET, "control-token-8"))
        assert (right.status_code, right.data) == (404, wrong.data)


def test_a_browser_is_told_of_an_icon_that_it_need_not_ask_the_vendor_for(mock: Server) -> None:
    """Else it asks for /favicon.ico, which stands among the requests that name no world."""
    assert re.search(r"""<link[^>]*rel=["']icon["']""", asked(mock, "/_mock/").text)
