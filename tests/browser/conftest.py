"""A browser for each process of the tests, a server, and what one test does with them."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from mock_oms.client.control import Control
from tests.browser.browsing import Browsing
from tests.browser.chromium import ARGUMENTS, NoChromiumError, chromium
from tests.system.running import Running, serving

#: Milliseconds until what a test waits for counts as never coming.
_PATIENCE = 30_000


# A hook, because what a fixture skips has a line of the summary for each test.
def pytest_runtest_setup() -> None:
    """Without a Chromium a test is skipped, at one place for all, and fails under CI."""
    try:
        chromium()
    except NoChromiumError as error:
        missing = f"browser tests did not run: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)


# Not of the session: while Playwright runs, no other test of this process could start an event loop.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    """A real server, with nothing in it but the default world."""
    with serving() as running:
        yield running


@pytest.fixture
def browsing(browser: Browser, server: Running) -> Iterator[Browsing]:
    with Control(server.address) as control:
        opened = Browsing(browser, control)
        yield opened
        opened.close()
