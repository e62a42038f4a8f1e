"""What comes late, twice or not at all: the page shows the world that is looked at, as it is."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from playwright.sync_api import APIResponse, Page, Route, expect

from mock_oms.api.app import create_app
from mock_oms.scenarios.library import Library
from mock_oms.worlds.manager import WorldManager
from tests.browser.browsing import Browsing
from tests.browser.late import Held


def _status(page: Page, word: str) -> None:
    expect(page.get_by_role("banner").get_by_role("status")).to_have_text(word)


def _choose(page: Page, world: str) -> None:
    page.get_by_label("World", exact=True).select_option(world)
    expect(page.get_by_label("World", exact=True)).to_have_value(world)


def test_the_facts_of_a_world_that_come_late_are_not_those_of_the_next(browsing: Browsing) -> None:
    one, two = browsing.world(), browsing.world()
    two.advance("3h")
    page = browsing.page(two, "api")
    expect(page.get_by_role("time")).to_contain_text("12:00:00")
    held = Held(page, f"**/worlds/{one.name}")
    _choose(page, one.name)
    expect(page.get_by_role("time")).to_have_text("–")
    _choose(page, two.name)
    expect(page.get_by_role("time")).to_contain_text("12:00:00")
    held.hold_no_more()
    with page.expect_response(f"**/worlds/{one.name}"):
        held.go_on()
    expect(page.get_by_role("time")).to_contain_text("12:00:00")


def test_facts_that_were_asked_for_before_a_change_do_not_replace_those_after_it(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, "api")
    _status(page, "live")
    old: list[tuple[Route, APIResponse]] = []
    page.route(f"**/worlds/{world.name}", lambda route: old.append((route, route.fetch())))
    with page.expect_request(f"**/worlds/{world.name}"):
        page.get_by_role("button", name="Freeze").click()
    world.advance("2h")
    expect(page.get_by_role("time")).to_contain_text("11:00:00")
    with page.expect_response(f"**/worlds/{world.name}"):
        for route, response in old:
            route.fulfill(response=response)
    page.unroute(f"**/worlds/{world.name}")
    expect(page.get_by_role("time")).to_contain_text("11:00:00")
    expect(page.get_by_role("list", name="What happened, newest first")).to_contain_text("completed")


def test_under_a_server_that_cannot_stream_the_page_polls_and_tells_each_thing_once(browsing: Browsing) -> None:
    with _without_streams() as address:
        page = browsing.page(f"{address}/_mock/#/default/api")
        _status(page, "polling")
        page.get_by_role("button", name="Advance", exact=True).click()
        expect(page.get_by_role("time")).to_contain_text("09:30:00")
        happened = page.get_by_role("list", name="What happened, newest first").get_by_role("listitem")
        expect(happened).to_have_count(2)
        _status(page, "polling")
        expect(happened).to_have_count(2)
        browsing.close()


def test_a_page_that_waits_often_keeps_no_listener_of_each_time(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "api")
    page.add_init_script("""
        window.kept = 0;
        const {addEventListener, removeEventListener} = AbortSignal.prototype;
        AbortSignal.prototype.addEventListener = function (...all) { window.kept += 1; return addEventListener.apply(this, all); };
        AbortSignal.prototype.removeEventListener = function (...all) { window.kept -= 1; return removeEventListener.apply(this, all); };
    """)
    _end_streams_at_once(page)
    page.reload()
    _status(page, "polling")
    assert page.evaluate("window.kept") <= 1


def test_a_stream_that_cannot_be_read_is_closed(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "api")
    page.add_init_script("""
        const {fetch} = window;
        window.fetch = (path, more) => path.includes("/stream") ? Promise.resolve(new Response(new ReadableStream({
            start(to) { to.enqueue(new TextEncoder().encode("event: request\\ndata: {broken\\n\\n")); },
            cancel() { document.documentElement.className = 'closed'; },
        }))) : fetch(path, more);
    """)
    page.reload()
    expect(page.locator("html")).to_have_class("closed")


def test_a_stream_that_falls_silent_is_begun_anew(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "api")
    page.clock.install()
    page.add_init_script("""
        const {fetch} = window;
        window.begun = 0;
        window.fetch = (path, more) => path.includes("/stream") ? Promise.resolve(new Response(new ReadableStream({
            start(to) { window.begun += 1; to.enqueue(new TextEncoder().encode(": nothing happened\\n\\n")); },
        }))) : fetch(path, more);
    """)
    page.reload()
    _status(page, "live")
    page.clock.run_for(39_000)
    assert page.evaluate("window.begun") == 1
    page.clock.run_for(10_000)
    _status(page, "live")
    assert page.evaluate("window.begun") > 1


def test_after_a_clock_that_ran_went_back_nothing_is_told_of_the_life_before(browsing: Browsing) -> None:
    world = browsing.world("never-in-stock", clock={"rate": 1800})
    page = browsing.page(world, "api")
    page.clock.install()
    page.reload()
    happened = page.get_by_role("list", name="What happened, newest first").get_by_role("listitem")
    expect(happened.last).not_to_contain_text("start → pending")
    saved = world.snapshot()
    page.clock.fast_forward(60_000)
    world.restore(saved)
    expect(happened.last).to_contain_text("start → pending")


def test_a_view_that_was_left_asks_for_nothing_more(browsing: Browsing) -> None:
    world = browsing.world()
    page = browsing.page(world, "stock")
    for name in ("Plans", "Stock", "Worlds", "Plans", "Stock", "API"):
        link = page.get_by_role("navigation", name="Views").get_by_role("link", name=name)
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
    _status(page, "live")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    world.advance("30m")
    expect(page.get_by_role("list", name="What happened, newest first")).to_contain_text("09:30:00")
    assert [one for one in asked if "/stock" in one or "/plans" in one or "/lifecycle" in one] == []


def test_an_action_that_ends_after_its_view_was_left_loads_it_no_more(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "stock")
    held = Held(page, "**/events")
    with page.expect_request("**/events"):
        page.get_by_role("button", name="Block").first.click()
    page.get_by_role("link", name="API", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("openapi.json")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response("**/events"):
        held.go_on()
    page.get_by_role("link", name="The vendor's contract").click()
    expect(page.get_by_text("Choose a mark")).to_be_visible()
    assert [one for one in asked if "/stock" in one] == []


def test_the_page_says_that_the_mock_does_not_answer_and_goes_on_when_it_does(browsing: Browsing) -> None:
    page = browsing.page(browsing.world(), "worlds")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    browsing.expect("ERR_FAILED")
    page.route("**/_mock/**", lambda route: route.abort())
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_role("link", name="API").click()
    expect(page.get_by_role("alert")).to_have_text("The mock does not answer.")
    page.unroute("**/_mock/**")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("main")).to_contain_text("/_mock/worlds/{world}/clock")


@contextmanager
def _without_streams() -> Iterator[str]:
    """The address of a mock under a server of the standard library, which sends a stream as far as it is, and ends."""
    library = Library()
    app = create_app(WorldManager(library.load("restock")), library=library)
    with make_server("127.0.0.1", 0, app, server_class=_Threads, handler_class=_Quiet) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None: ...


def _end_streams_at_once(page: Page) -> None:
    def answer(route: Route) -> None:
        event = {"name": "another", "clock": {"now": "2024-03-05T09:00:00Z", "rate": 0}, "events": 0, "requests": 0}
        route.fulfill(content_type="text/event-stream", body=f"event: world\ndata: {json.dumps(event)}\n\n")

    page.route("**/stream?*", answer)
