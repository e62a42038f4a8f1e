"""What a test of the page works with: worlds of its own, pages, and what those pages did that no page may do."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, WebSocket

from mock_oms.client import World
from mock_oms.client.control import Control

#: Widths that the page is made for, with the height of such a window.
HEIGHTS = {390: 844, 1366: 850}
#: Addresses that are the page itself and its files; the rest below /_mock is the control API, which may refuse.
_OWN_FILE = re.compile(r"/_mock(/(docs|page/.*)?)?")
#: These are in the page already.
_NO_REQUEST = {"about", "blob", "data"}
#: Called in the page; the name says whose it is.
_REPORT = "__tests_report"
_LISTEN = f"""
document.addEventListener("securitypolicyviolation", event =>
    window.{_REPORT}(`${{event.effectiveDirective}} by ${{event.blockedURI}} ${{event.sample}}`.trim()));
"""
#: What is told by a task of its own (a rejection that nobody handled) is told before this is over.
_SETTLE = "() => new Promise(done => setTimeout(() => setTimeout(done)))"
_AXE = Path(__file__).parent / "vendor/axe.min.js"


class Browsing:
    """For one test: `world` opens a world, `page` shows it; at the end no page may have done what none may."""

    def __init__(self, browser: Browser, control: Control) -> None:
        self.control = control
        self._browser = browser
        self._worlds: list[World] = []
        self._contexts: list[BrowserContext] = []
        self._offences: list[str] = []
        self._expected: list[str] = []

    def world(self, scenario: str | Mapping[str, Any] = "restock", **more: Any) -> World:
        """A world of this test alone; `more` is as in `Control.open_world`."""
        self._worlds.append(self.control.open_world(scenario=scenario, **more))
        return self._worlds[-1]

    def page(self, where: World | str, route: str = "", *, width: int = 1366, dark: bool = False, **more: Any) -> Page:
        """A window at a route of a world, or at an address; `more` is as in `Browser.new_context`.

        Each has a profile of its own: nothing that one keeps is in another. `page.context.new_page()` is one more tab.
        """
        scheme = "dark" if dark else "light"
        context = self._browser.new_context(
            **{
                "viewport": {"width": width, "height": HEIGHTS[width]},
                "color_scheme": scheme,
                "locale": "en-US",
                "timezone_id": "UTC",
                "service_workers": "block",
                **more,
            }
        )
        self._contexts.append(context)
        address = where if isinstance(where, str) else address_of(where, route)
        self._watch(context, origin(address))
        page = context.new_page()
        page.goto(address)
        return page

    def expect(self, offence: str) -> None:
        """Let this regular expression be found in one offence or more; the test fails if it is in none."""
        self._expected.append(offence)

    def offences(self) -> list[str]:
        """What the pages did until now that no page may do; each is told once, here or as a failure at the end."""
        for context in self._contexts:
            for page in context.pages:
                page.evaluate(_SETTLE)
        told, self._offences = self._offences, []
        return told

    def close(self) -> None:
        """Close pages and worlds.

        :raises AssertionError: a page did what none may, or not what a test expected.
        """
        try:
            found = self.offences()
        finally:
            contexts, worlds, self._contexts, self._worlds = self._contexts, self._worlds, [], []
            for context in contexts:
                context.close()
            for world in worlds:
                world.close()
        expected, self._expected = self._expected, []
        wrong = [one for one in found if not any(re.search(pattern, one) for pattern in expected)]
        wrong += [f"not found: {one}" for one in expected if not any(re.search(one, text) for text in found)]
        assert not wrong, "\n".join(["What the pages did that none may do, or was expected in vain:", *wrong])

    def _watch(self, context: BrowserContext, allowed: str) -> None:
        def console(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                self._offences.append(f"console {message.type}: {message.text} ({message.location['url']})")

        def request(sent: Request | WebSocket) -> None:
            if urlsplit(sent.url).scheme not in _NO_REQUEST and origin(sent.url) != allowed:
                self._offences.append(f"request to another host: {sent.url}")

        def response(got: Response) -> None:
            if got.status >= 400 and origin(got.url) == allowed and _OWN_FILE.fullmatch(urlsplit(got.url).path):
                self._offences.append(f"no file of the page: {got.status} for {got.url}")

        context.expose_binding(_REPORT, lambda _, text: self._offences.append(f"policy violated: {text}"))
        context.add_init_script(_LISTEN)
        context.on("console", console)
        context.on("weberror", lambda error: self._offences.append(f"error that nobody handled: {error.error}"))
        context.on("request", request)
        context.on("response", response)
        context.on("page", lambda page: page.on("websocket", request))


def address_of(world: World, route: str = "") -> str:
    """Where the page shows a world: at `/_mock/#/WORLD/ROUTE`."""
    return "/".join(filter(None, (f"{world.url}/_mock/#", quote(world.name, safe=""), route)))


def origin(address: str) -> str:
    """Host and port of an address; ws:// and http:// are told apart by none of the rules."""
    return urlsplit(address).netloc


def accessibility_violations(page: Page) -> list[str]:
    """What axe-core finds on a page as it is now: the rule, what is wrong, and where.

    It is evaluated by the debugger, which no policy of the page concerns.
    """
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {violation['help']}: {', '.join(str(node['target']) for node in violation['nodes'])}"
        for violation in found["violations"]
    ]
