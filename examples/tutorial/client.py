"""A client of order execution plans that reads every page, waits, tries again, and fails aloud."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Self

import httpx

FIRST_PAGE = "/api/v1/oms/orderexecutionplans/"
FINAL = frozenset({"completed", "cancelled"})

#: What may be better in a moment. A 401 or a 404 stays what it is, however often we ask.
TEMPORARY = frozenset({429, 500, 502, 503, 504})


class GaveUpError(Exception):
    """The OMS stayed busy or broken for as many tries as we make."""


class Client:
    """Reads plans. `sleep` takes seconds; `tries` is how often one page is asked for."""

    def __init__(self, url: str, token: str, *, sleep: Callable[[float], object] = time.sleep, tries: int = 5) -> None:
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Token {token}"}, timeout=10)
        self._sleep, self._tries = sleep, tries

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def states(self) -> dict[int, str]:
        """The state of every plan, by its id."""
        return {plan["id"]: plan["state"] for page in self._pages() for plan in page["results"]}

    def watch(self, plan: int, every: float = 300) -> Iterator[str]:
        """Each state of a plan as it is seen, until the last; `every` is in seconds."""
        seen = ""
        while seen not in FINAL:
            if seen:
                self._sleep(every)
            before, seen = seen, self.states()[plan]
            if seen != before:
                yield seen

    def _pages(self) -> Iterator[dict[str, Any]]:
        url: str | None = FIRST_PAGE
        while url:
            page = self._page(url)
            yield page
            url = page["next"]  # not .get(): a page without it is not the last one, but a changed contract

    def _page(self, url: str) -> dict[str, Any]:
        wait = 0.0
        for tried in range(self._tries):
            if tried:
                self._sleep(wait)
            page, wait = self._asked(url, 2.0**tried)
            if page is not None:
                return page
        raise GaveUpError(f"{url} was asked {self._tries} times in vain.")

    def _asked(self, url: str, wait: float) -> tuple[dict[str, Any] | None, float]:
        """The page; or None, and the seconds to wait: those that the OMS named, or `wait`."""
        try:
            answer = self._http.get(url)
            if answer.status_code not in TEMPORARY:
                page: dict[str, Any] = answer.raise_for_status().json()
                return page, wait
        except (httpx.TransportError, ValueError):
            # The connection broke, the body ended early, or it was no JSON.
            return None, wait
        named = answer.headers.get("Retry-After", "")
        return None, float(named) if named.isdecimal() else wait
