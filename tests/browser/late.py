"""Answers that come late: a request of a page that goes on only when a test says so."""

from playwright.sync_api import Page, Route


class Held:
    """Requests of a page for an address (a glob), held back."""

    def __init__(self, page: Page, address: str) -> None:
        self._holds = True
        self._routes: list[Route] = []
        page.route(address, self._hold)

    def _hold(self, route: Route) -> None:
        if self._holds:
            self._routes.append(route)
        else:
            route.continue_()

    def hold_no_more(self) -> None:
        """Let further requests pass."""
        self._holds = False

    def go_on(self) -> None:
        """Let what was held go on, and further requests pass."""
        self.hold_no_more()
        routes, self._routes = self._routes, []
        for route in routes:
            route.continue_()
