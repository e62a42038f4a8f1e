"""The measurements: all peers alive at once, each asked in turn, round by round."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from statistics import median

from bench.peers.changing import changing
from bench.peers.results import GOAL, Point, Results, Weight, Workload
from bench.peers.running import Running, check, started
from bench.peers.sample import BenchError, Sample, sample_from
from bench.peers.table import OURS, PEERS, Peer
from bench.peers.wrk import Load, load

CONNECTIONS = (1, GOAL, 64)
_SHARED = (Workload.DETAIL, Workload.PAGE)
_OWN = (Workload.CHANGING, Workload.FLASK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is measured: rounds, seconds of each measurement, seconds of each warming up, starts of each peer.

    `many` requests are answered by the mock that is weighed before and after, unless `patience` seconds are over.
    """

    rounds: int
    seconds: int
    warm: int
    starts: int
    many: int
    patience: int


FULL = Extent(rounds=2, seconds=4, warm=5, starts=2, many=1_000_000, patience=600)
QUICK = Extent(rounds=1, seconds=2, warm=3, starts=1, many=20_000, patience=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """The core that serves, and the one that asks."""

    server: int
    load: int


def sample_of(core: int) -> Sample:
    """The bodies that a mock answers.

    :raises BenchError: it does not start.
    """
    with started(OURS, Sample(detail=b"", page=b""), core) as running:
        return sample_from(running.port)


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """One run over all peers, which fills `results`."""

    extent: Extent
    cores: Cores
    sample: Sample
    results: Results

    def run(self) -> None:
        """Start all peers, warm them up, measure them in turn, and weigh them at the end.

        :raises BenchError: the mock itself cannot be measured; a peer that cannot is left out, with a sentence.
        """
        with ExitStack() as stack:
            alive = [one for one in (self._joined(peer, stack) for peer in PEERS) if one]
            for running, workload in product(alive, _SHARED):
                self._measured(running, workload, GOAL, self.extent.warm)
            for number in range(1, self.extent.rounds + 1):
                print(f"Round {number} of {self.extent.rounds}", flush=True)
                self._round(alive)
            for running in alive:
                self._weigh(running)

    def _joined(self, peer: Peer, stack: ExitStack) -> Running | None:
        print(f"Starting {peer.name}", flush=True)
        try:
            return self._start(peer, stack)
        except (BenchError, OSError) as error:
            self._leave_out(peer, error)
            return None

    def _start(self, peer: Peer, stack: ExitStack) -> Running:
        missing = peer.missing()
        if missing:
            raise BenchError(missing)
        seconds = [self._seconds_to_answer(peer) for _ in range(self.extent.starts - 1)]
        running = stack.enter_context(started(peer, self.sample, self.cores.server))
        first = running.resident()
        if peer is not OURS:  # our list names our own port, which is another with every start
            check(running, self.sample)
        seconds.append(running.seconds_to_answer)
        self.results.weights[peer.name] = Weight(first=first, last=first, seconds=median(seconds))
        return running

    def _seconds_to_answer(self, peer: Peer) -> float:
        with started(peer, self.sample, self.cores.server) as running:
            return running.seconds_to_answer

    def _leave_out(self, peer: Peer, reason: Exception) -> None:
        if peer is OURS:
            raise BenchError(f"The mock itself cannot be measured: {reason}") from reason
        self.results.left_out[peer.name] = str(reason)
        print(f"{peer.name} is left out: {reason}", flush=True)

    def _round(self, alive: list[Running]) -> None:
        for workload, connections in product(_SHARED, CONNECTIONS):
            for running in alive:
                self._note(running, workload, connections)
        for workload in _OWN:
            self._note(alive[0], workload, GOAL)

    def _note(self, running: Running, workload: Workload, connections: int) -> None:
        """Measure, and keep what was measured."""
        found = self._measured(running, workload, connections, self.extent.seconds)
        if found:
            self.results.loads[Point(running.peer.name, workload, connections)].append(found)
            print(f"  {running.peer.name}, {workload}, {connections}: {found.rate:,.0f}/s", flush=True)

    def _measured(self, running: Running, workload: Workload, connections: int, seconds: int) -> Load | None:
        """One measurement; None of a peer that has ceased to answer, now or before."""
        if running.peer.name in self.results.left_out:
            return None
        try:
            running.forget()
            return self._load(running, workload, connections, seconds)
        except (BenchError, OSError) as error:
            self._leave_out(running.peer, BenchError(f"it ceased to answer: {error}"))
            return None

    def _load(self, running: Running, workload: Workload, connections: int, seconds: int) -> Load:
        url = running.url(workload.path(running.peer))
        if workload is not Workload.CHANGING:
            return load(url, connections=connections, seconds=seconds, core=self.cores.load)
        begun = time.monotonic()
        with changing(running.url("")) as happened:
            found = load(url, connections=connections, seconds=seconds, core=self.cores.load)
        self.results.changes.append(len(happened) / (time.monotonic() - begun))
        return found

    def _weigh(self, running: Running) -> None:
        weights, name = self.results.weights, running.peer.name
        if name in self.results.left_out:
            return
        try:
            weights[name] = weights[name].after(running.resident())
        except BenchError as error:
            self._leave_out(running.peer, error)
