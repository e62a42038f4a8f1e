"""A mock that answers very many requests, weighed before and after."""

import math
import time

from bench.peers.results import GOAL, Endurance
from bench.peers.rounds import Cores, Extent
from bench.peers.running import Running, started
from bench.peers.sample import Sample, ask
from bench.peers.table import OURS
from bench.peers.wrk import Load, load

#: The longest piece, in seconds; how many are needed is guessed from the rate of the one before.
_PIECE = 30


def endured(extent: Extent, cores: Cores, sample: Sample) -> Endurance:
    """Start a mock of its own and let it answer.

    :raises BenchError: it cannot be started, or ceases to answer.
    """
    print(f"Answering {extent.many:,} requests", flush=True)
    with started(OURS, sample, cores.server) as running:
        ask(running.port, OURS.page)
        before = running.resident()
        pieces = _pieces(running, extent, cores.load)
        return Endurance(
            answered=sum(piece.answered for piece in pieces),
            failures=sum(piece.failures for piece in pieces),
            before=before,
            after=running.resident(),
        )


def _pieces(running: Running, extent: Extent, core: int) -> list[Load]:
    end = time.monotonic() + extent.patience
    pieces = [_piece(running, extent.seconds, core)]
    while (left := extent.many - sum(piece.answered for piece in pieces)) > 0 and time.monotonic() < end:
        pieces.append(_piece(running, min(_PIECE, math.ceil(left / max(1.0, pieces[-1].rate))), core))
    return pieces


def _piece(running: Running, seconds: int, core: int) -> Load:
    return load(running.url(OURS.detail), connections=GOAL, seconds=seconds, core=core)
