"""Load on a server that is killed under it, and what must be there when it is started again."""

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from threading import Thread
from typing import Any, NamedTuple

import httpx

from tests.system.running import Running

THREADS = 6
#: A server is killed when it has answered up to so many requests.
MOST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A world as it must be: whether it is open, its token (None: any), its log, its time and its faults."""

    is_open: bool = False
    token: str | None = None
    log: tuple[Any, ...] = ()
    now: datetime = datetime.fromisoformat("2024-03-05T09:00:00Z")
    faults: int = 0

    def allows(self, found: "Known") -> bool:
        """Whether what was found is this."""
        return replace(found, token=self.token and found.token) == self


class Attempt(NamedTuple):
    """A request, the status that it must have, and its world afterwards."""

    method: str
    path: str
    body: Any
    status: int
    after: Known


class Driver:
    """Drives a world of its own, and lets events happen to the one that all share; one request at a time."""

    def __init__(self, name: str, random: Random, numbers: "count[int]") -> None:
        self.name, self._random, self._numbers = name, random, numbers
        self.known = self.pending = Known()
        self.answers = 0
        #: Of the shared world: what was answered, by its number in the log, and what was not.
        self.shared: dict[int, int] = {}
        self.unanswered: set[int] = set()

    def drive(self, http: httpx.Client) -> None:
        with suppress(httpx.TransportError):  # nobody answers any more
            while True:
                if self._random.random() < 0.25:
                    self._share(http)
                else:
                    faulty = self.known.is_open and self._random.random() < 0.2
                    self._try(http, self._surround() if faulty else self._next())
                self.answers += 1

    def _share(self, http: httpx.Client) -> None:
        number = next(self._numbers)
        self.unanswered.add(number)
        answer = http.post("worlds/default/events", json=_arrival(number))
        assert answer.status_code == 201, answer.text
        self.shared[answer.json()["number"]] = number
        self.unanswered.remove(number)

    def _try(self, http: httpx.Client, attempt: Attempt) -> None:
        self.pending = attempt.after
        answer = http.request(attempt.method, attempt.path, json=attempt.body)
        assert answer.status_code == attempt.status, answer.text
        opened = attempt.status == 201 and attempt.path == "worlds"
        self.known = replace(attempt.after, token=answer.json()["token"]) if opened else attempt.after
        self.pending = self.known

    def _next(self) -> Attempt:
        path, known = f"worlds/{self.name}", self.known
        if not known.is_open:
            return Attempt("POST", "worlds", {"name": self.name, "scenario": "restock"}, 201, Known(is_open=True))
        match self._random.choices(("event", "refused", "advance", "reset", "close"), (10, 2, 5, 1, 1))[0]:
            case "event":
                number = next(self._numbers)
                after = replace(known, log=(*known.log, number))
                return Attempt("POST", f"{path}/events", _arrival(number), 201, after)
            case "refused":
                return Attempt("POST", f"{path}/events", {"block": "NOWHERE"}, 422, known)
            case "advance":
                seconds = self._random.choice((1, 60, 1800))
                after = replace(known, now=known.now + timedelta(seconds=seconds))
                return Attempt("POST", f"{path}/clock/advance", {"by": f"{seconds}s"}, 200, after)
            case "reset":
                return Attempt("POST", f"{path}/reset", None, 200, Known(is_open=True, token=known.token))
        return Attempt("DELETE", path, None, 204, Known())

    def _surround(self) -> Attempt:
        path, known = f"worlds/{self.name}/faults", self.known
        if known.faults and self._random.random() < 0.2:
            return Attempt("DELETE", path, None, 204, replace(known, faults=0))
        fault = {"on": "list", "effect": {"status": 503}}
        return Attempt("POST", path, fault, 201, replace(known, faults=known.faults + 1))

    def verify(self, found: Known) -> None:
        """What is there now must be what was answered, or that and the request that was not answered any more."""
        assert self.known.allows(found) or self.pending.allows(found), (self.known, self.pending, found)
        self.known = self.pending = found


class Drivers:
    """Threads that drive one server after another over the same worlds."""

    def __init__(self, seed: int) -> None:
        first, *others = (Random(f"{seed} {one}") for one in range(THREADS + 1))  # noqa: S311  a test, not a secret
        self._random, numbers = first, count(1)
        self._all = [Driver(f"w{one}", random, numbers) for one, random in enumerate(others)]

    @property
    def answered(self) -> int:
        return sum(one.answers for one in self._all)

    def load_until_killed(self, running: Running) -> None:
        """Drive a server and kill it amid that, without warning."""
        wanted = self.answered + self._random.randrange(1, MOST)
        with _control(running.address) as http:
            threads = [Thread(target=one.drive, args=(http,)) for one in self._all]
            for thread in threads:
                thread.start()
            while self.answered < wanted and any(thread.is_alive() for thread in threads):
                time.sleep(0.001)
            running.process.kill()
            running.process.wait(timeout=30)
            for thread in threads:
                thread.join()

    def verify(self, address: str) -> None:
        """Whatever was answered is there, and nothing that was refused or never asked for."""
        with _control(address) as http:
            tokens = {one["name"]: one["token"] for one in http.get("worlds").raise_for_status().json()["worlds"]}
            for one in self._all:
                one.verify(_found(http, one.name, tokens.pop(one.name, None)))
            assert list(tokens) == ["default"]
            log = _log(http, "default")
        answered = {number: arrived for one in self._all for number, arrived in one.shared.items()}
        unanswered = {number for one in self._all for number in one.unanswered}
        assert {number: log[number - 1] for number in answered} == answered
        assert set(log) - set(answered.values()) <= unanswered
        assert len(set(log)) == len(log)


def _control(address: str) -> httpx.Client:
    return httpx.Client(base_url=f"{address}/_mock/", trust_env=False, timeout=30)


def _arrival(number: int) -> dict[str, Any]:
    """An event that is told from all others by its count."""
    return {"restock": {"sku": "TST-002-L", "location": "WH001", "count": number}}


def _found(http: httpx.Client, name: str, token: str | None) -> Known:
    if token is None:
        return Known()
    now = http.get(f"worlds/{name}/clock").raise_for_status().json()["now"]
    faults = http.get(f"worlds/{name}/faults").raise_for_status().json()["faults"]
    log = tuple(_log(http, name))
    return Known(is_open=True, token=token, log=log, now=datetime.fromisoformat(now), faults=len(faults))


def _log(http: httpx.Client, name: str) -> list[int]:
    events = http.get(f"worlds/{name}/events").raise_for_status().json()["events"]
    assert [one["number"] for one in events] == list(range(1, len(events) + 1))
    return [one["restock"]["count"] for one in events]
