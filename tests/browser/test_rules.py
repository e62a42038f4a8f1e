"""What no page may do is reported, and so is what people with a screen reader cannot use."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.browser.browsing import Browsing, accessibility_violations

_POLICY = {
    "Content-Security-Policy": "default-src 'self'; img-src data:; connect-src *; require-trusted-types-for 'script'"
}
#: Without an icon of its own, a browser asks for /favicon.ico.
_WELL = (
    "<!doctype html><html lang=en><title>A page</title><link rel=icon href='data:,'><main><h1>Well</h1></main></html>"
)


@contextmanager
def _serving(content: str, headers: Mapping[str, str]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path.partition("?")[0] == "/_mock/"
            self.send_response(200 if found else 404)
            for name, value in {"Content-Type": "text/html", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content.encode() if found else b"")

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/_mock/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def address() -> Iterator[str]:
    """A page that does nothing wrong, under a policy."""
    with _serving(_WELL, _POLICY) as address:
        yield address


def test_a_page_that_does_nothing_wrong_has_no_offence(browsing: Browsing, address: str) -> None:
    page = browsing.page(address)
    page.evaluate("() => { console.log('told'); console.info('told'); return fetch('?again=yes'); }")
    assert accessibility_violations(page) == []
    assert browsing.offences() == []


@pytest.mark.parametrize("kind", ["error", "warn"])
def test_an_error_or_a_warning_on_the_console_is_reported(browsing: Browsing, address: str, kind: str) -> None:
    browsing.page(address).evaluate(f"() => console.{kind}('wrong')")
    (offence,) = browsing.offences()
    assert offence.startswith(f"console {'warning' if kind == 'warn' else kind}: wrong")


@pytest.mark.parametrize(
    "script", ["setTimeout(() => { throw new Error('wrong'); })", "void Promise.reject(new Error('wrong'))"]
)
def test_an_error_and_a_rejection_that_nobody_handles_are_reported(
    browsing: Browsing, address: str, script: str
) -> None:
    browsing.page(address).evaluate(f"() => {{ {script} }}")
    (offence,) = browsing.offences()
    assert offence.startswith("error that nobody handled: wrong")


@pytest.mark.parametrize(
    ("script", "directive"),
    [
        ("try { document.body.innerHTML = '<b>'; } catch {}", "require-trusted-types-for by trusted-types-sink"),
        ("document.body.append(Object.assign(document.createElement('style'), {textContent: 'b {}'}))", "style-src"),
    ],
)
def test_what_the_policy_forbids_is_reported(browsing: Browsing, address: str, script: str, directive: str) -> None:
    browsing.page(address).evaluate(f"() => {{ {script} }}")
    assert [one for one in browsing.offences() if one.startswith(f"policy violated: {directive}")]


@pytest.mark.parametrize(
    "script",
    [
        "fetch(url, {mode: 'no-cors'}).then(() => {})",
        "new Promise(done => { new WebSocket(url).onclose = () => done(); })",
    ],
)
def test_a_request_to_another_host_is_reported(browsing: Browsing, script: str) -> None:
    with _serving(_WELL, {}) as address, _serving(_WELL, {}) as other:
        browsing.page(address).evaluate(f"url => {script}", other)
        found = browsing.offences()
    assert [
        one for one in found if one.startswith("request to another host: ") and one.endswith(other.partition("/")[2])
    ]


def test_a_file_of_the_page_that_is_missing_is_reported(browsing: Browsing, address: str) -> None:
    page = browsing.page(address)
    page.evaluate("() => fetch('page/missing.js').then(() => {})")
    page.evaluate("() => fetch('worlds/refused').then(() => {})")
    found = browsing.offences()
    assert f"no file of the page: 404 for {address}page/missing.js" in found
    assert not [one for one in found if one.startswith("no file of the page") and "worlds" in one]


def test_an_offence_that_a_test_expects_must_happen(browsing: Browsing, address: str) -> None:
    browsing.page(address).evaluate("() => console.error('status of 409')")
    browsing.expect("status of 4")
    browsing.close()
    browsing.expect("status of 500")
    with pytest.raises(AssertionError, match="not found: status of 500"):
        browsing.close()


def test_a_test_whose_page_breaks_a_rule_fails(browsing: Browsing, address: str) -> None:
    browsing.page(address).evaluate("() => console.error('wrong')")
    with pytest.raises(AssertionError, match=r"What the pages did.*\nconsole error: wrong"):
        browsing.close()


def test_what_axe_finds_is_told_with_its_place(browsing: Browsing) -> None:
    with _serving(_WELL.replace("</main>", "<img src='data:,'></main>"), _POLICY) as address:
        found = accessibility_violations(browsing.page(address))
    assert found == ["image-alt: Images must have alternative text: ['img']"]
