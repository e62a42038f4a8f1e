"""Load on a server that is killed under it, and what must be there when it is started again."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from threading import Condition, Thread
from typing import Any

import httpx

from tests.system.running import Running

THREADS = 6
#: A server is killed when it has answered up to so many requests.
MOST = 120
_SKU = "TST-002-L"
_FAULT = {"on": "list", "effect": {"status": 503}}
_SPANS = (1, 60, 1800)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A request, the status that it must have, and its world afterwards."""

    method: str
    path: str
    body: Any = None
    status: int = 200
    after: Known


class Driver:
    """Drives a world of its own, and lets events happen to the one that all share; one request at a time."""

    def __init__(self, name: str, random: Random, numbers: "count[int]") -> None:
        self.name, self._random, self._numbers = name, random, numbers
        self.known = self.pending = Known()
        #: Of the shared world: what was answered, by its number in the log, and what was not.
        self.shared: dict[int, int] = {}
        self.unanswered: set[int] = set()

    def drive(self, http: httpx.Client, tally: "Tally") -> None:
        """Make requests until nobody answers any more."""
        try:
            while True:
                if self._random.random() < 0.25:
                    self._share(http)
                elif self.known.is_open and self._random.random() < 0.2:
                    self._try(http, self._surround())
                else:
                    self._try(http, self._next())
                tally.add()
        except httpx.TransportError:
            return
        finally:
            tally.end()

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
            body = {"name": self.name, "scenario": "restock"}
            return Attempt(method="POST", path="worlds", body=body, status=201, after=Known(is_open=True))
        kind = self._random.choices(("event", "refused", "advance", "reset", "close"), (10, 2, 5, 1, 1))[0]
        if kind == "event":
            number = next(self._numbers)
            after = replace(known, log=(*known.log, number))
            return Attempt(method="POST", path=f"{path}/events", body=_arrival(number), status=201, after=after)
        if kind == "refused":
            return Attempt(method="POST", path=f"{path}/events", body={"block": "NOWHERE"}, status=422, after=known)
        if kind == "advance":
            seconds = self._random.choice(_SPANS)
            after = replace(known, now=known.now + timedelta(seconds=seconds))
            return Attempt(method="POST", path=f"{path}/clock/advance", body={"by": f"{seconds}s"}, after=after)
        if kind == "reset":
            return Attempt(method="POST", path=f"{path}/reset", after=Known(is_open=True, token=known.token))
        return Attempt(method="DELETE", path=path, status=204, after=Known())

    def _surround(self) -> Attempt:
        path, known = f"worlds/{self.name}/faults", self.known
        if known.faults and self._random.random() < 0.2:
            return Attempt(method="DELETE", path=path, status=204, after=replace(known, faults=0))
        after = replace(known, faults=known.faults + 1)
        return Attempt(method="POST", path=path, body=_FAULT, status=201, after=after)

    def verify(self, found: Known) -> None:
        """What is there now must be what was answered, or that and the request that was not answered any more."""
        assert self.known.allows(found) or self.pending.allows(found), (self.known, self.pending, found)
        self.known = self.pending = found


class Tally:
    """Counts the answers, and wakes whoever waits for so many; also if the drivers have ended before."""

    def __init__(self, drivers: int) -> None:
        self.answers, self._driving = 0, drivers
        self._changed = Condition()

    def add(self) -> None:
        """One more answer."""
        with self._changed:
            self.answers += 1
            self._changed.notify_all()

    def end(self) -> None:
        """One driver less."""
        with self._changed:
            self._driving -= 1
            self._changed.notify_all()

    def wait_for(self, answers: int) -> None:
        """Return when there are so many answers."""
        with self._changed:
            self._changed.wait_for(lambda: self.answers >= answers or not self._driving, timeout=30)


class Drivers:
    """Threads that drive one server after another over the same worlds."""

    def __init__(self, seed: int) -> None:
        first, *others = (Random(f"{seed} {one}") for one in range(THREADS + 1))  # noqa: S311  a test, not a secret
        self._random, numbers = first, count(1)
        self._all = [Driver(f"w{one}", random, numbers) for one, random in enumerate(others)]
        self.answered = 0

    def load_until_killed(self, running: Running) -> None:
        """Drive a server and kill it amid that, without warning."""
        tally = Tally(THREADS)
        with _control(running.address) as http:
            threads = [Thread(target=one.drive, args=(http, tally)) for one in self._all]
            for thread in threads:
                thread.start()
            tally.wait_for(self._random.randrange(1, MOST))
            running.process.kill()
            running.process.wait(timeout=10)
            for thread in threads:
                thread.join()
        self.answered += tally.answers

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
    return {"restock": {"sku": _SKU, "location": "WH001", "count": number}}


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
