"""How soon the dashboard shows its first view: `python -m bench.dashboard`. Prints lines; nothing is asserted."""

import statistics
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from mock_oms.api.control.dashboard import FOLDER
from mock_oms.testing import running_server
from tests.browser.chromium import ARGUMENTS, NoChromiumError, chromium

VIEWS = 9
GOAL = "goal 400 ms"
#: Runs before the page's own scripts: notes when the first row of a table is there, in milliseconds since the navigation began.
NOTE = """
window.firstRow = new Promise(done => new MutationObserver((_, watching) => {
    if (!document.querySelector("tbody tr")) return;
    watching.disconnect();
    done(performance.now());
}).observe(document, {childList: true, subtree: true}));
"""


def main() -> None:
    """Measure with a world of a few plans and with one of a million, a fresh profile each time."""
    ours = [one for one in FOLDER.rglob("*") if one.suffix in {".js", ".css", ".html"}]
    print(f"files of the page: {sum(map(size, ours)):,} bytes of ours, and {sum(map(size, FOLDER.rglob('*.mjs'))):,}")
    try:
        path = chromium()
    except NoChromiumError as error:
        print(f"The dashboard was not measured: {error}")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for scenario in ("restock", "large"):
            with running_server(scenario=scenario) as mock:
                times = [first_row(browser, f"{mock.url}/_mock/") for _ in range(VIEWS)]
            median, worst = statistics.median(times), max(times)
            print(f"first view with `{scenario}`: {median:.0f} ms, {worst:.0f} at worst of {VIEWS}; {GOAL}", flush=True)
        browser.close()


def size(file: Path) -> int:
    """Bytes of a file."""
    return file.stat().st_size


def first_row(browser: Browser, address: str) -> float:
    """Milliseconds from the start of the navigation until the first row of the table of plans is there."""
    context = browser.new_context()
    context.add_init_script(NOTE)
    page = context.new_page()
    page.goto(address)
    took = float(page.evaluate("() => window.firstRow"))
    context.close()
    return took


if __name__ == "__main__":
    main()
