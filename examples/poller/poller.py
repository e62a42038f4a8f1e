"""A consumer of order execution plans: it polls by pages, backs off, and stops at terminal states."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PLANS = "/api/v1/oms/orderexecutionplans/"
TERMINAL = frozenset({"completed", "cancelled"})

#: Seconds before the first new try where the OMS names none; they double with each further one, up to the longest.
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
PATIENCE = 10.0


class GaveUpError(Exception):
    """The OMS stayed busy or broken for as many tries as we make."""


class Poller:
    """Reads plans from an OMS. `wait` gets seconds; `tries` is how often one page is asked for."""

    def __init__(
        self, url: str, token: str, *, wait: Callable[[float], object] = time.sleep, tries: int = 5, page_size: int = 50
    ) -> None:
        self.token = token
        self._first_page = f"{url.rstrip('/')}{PLANS}?limit={page_size}"
        self._wait, self._tries = wait, tries

    def plans(self) -> dict[int, str]:
        """The state of every plan, by its id."""
        return {plan["id"]: plan["state"] for page in self._pages() for plan in page["results"]}

    def in_state(self, state: str) -> list[int]:
        """The ids of the plans in a state, smallest first."""
        return sorted(plan for plan, found in self.plans().items() if found == state)

    def watch(self, plans: Iterable[int], every: float = 300.0) -> Iterator[tuple[int, str]]:
        """Each change of these plans as it is seen, until all are in a terminal state; `every` is in seconds."""
        seen: dict[int, str] = {}
        open_plans = set(plans)
        while True:
            now = self.plans()
            for plan in sorted(open_plans):
                if now[plan] != seen.get(plan):
                    yield plan, now[plan]
            seen = now
            open_plans = {plan for plan in open_plans if now[plan] not in TERMINAL}
            if not open_plans:
                return
            self._wait(every)

    def _pages(self) -> Iterator[dict[str, Any]]:
        url: str | None = self._first_page
        while url:
            page = self._page(url)
            yield page
            url = page["next"]

    def _page(self, url: str) -> dict[str, Any]:
        for tried in range(1, self._tries + 1):
            try:
                return self._asked(url)
            except HTTPError as error:
                with error:
                    _raise_unless_temporary(error)
                    reason, named = f"{error.code} {error.reason}", error.headers["Retry-After"]
            except (OSError, HTTPException, ValueError) as error:
                # A connection that breaks, a body that ends early, and one that is no JSON, may be better next time.
                reason, named = str(getattr(error, "reason", error)), None
            if tried < self._tries:
                self._wait(_pause(tried, named))
        raise GaveUpError(f"{url} was asked {self._tries} times; the last answer was: {reason}.")

    def _asked(self, url: str) -> dict[str, Any]:
        headers = {"Accept": "application/json", "Authorization": f"Token {self.token}"}
        with urlopen(Request(url, headers=headers), timeout=PATIENCE) as answer:  # noqa: S310  the caller's own address
            page: dict[str, Any] = json.load(answer)
            return page


def _raise_unless_temporary(error: HTTPError) -> None:
    """A wrong token or a wrong address stays wrong however often we ask."""
    if error.code != HTTPStatus.TOO_MANY_REQUESTS and error.code < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise error


def _pause(tried: int, named: str | None) -> float:
    """Seconds before the next try: those that the OMS named, or twice as many as last time."""
    if named and named.isdecimal():
        return float(named)
    return min(FIRST_WAIT * 2.0 ** (tried - 1), LONGEST_WAIT)


def main() -> None:
    """Print what changes at `OMS_URL`, asked with `OMS_TOKEN` each `OMS_EVERY` seconds, until every plan has ended."""
    # PID 1 of a container ends at SIGTERM only if it says so.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    poller = Poller(os.environ["OMS_URL"], os.environ["OMS_TOKEN"])
    for plan, state in poller.watch(poller.plans(), every=float(os.environ.get("OMS_EVERY", "300"))):
        print(f"plan {plan}: {state}", flush=True)


if __name__ == "__main__":
    main()
