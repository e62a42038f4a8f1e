"""What one cached answer costs the mock: microseconds of CPU, and where they go."""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.peers.results import GOAL, Cpu
from bench.peers.rounds import Cores, Extent
from bench.peers.running import started
from bench.peers.sample import Sample
from bench.peers.table import OURS, Peer
from bench.peers.wrk import load

_SAMPLED = Path(__file__).with_name("sampled.py")


def measured_cpu(extent: Extent, cores: Cores, sample: Sample) -> Cpu:
    """Ask two mocks for a detail: one as it is, and one that looks what it is doing, which costs it something.

    :raises BenchError: they cannot be started, or cease to answer.
    """
    print("Measuring the CPU of one answer", flush=True)

    def asked(peer: Peer) -> float:
        with started(peer, sample, cores.server) as running:
            url = running.url(peer.detail)
            load(url, connections=GOAL, seconds=1, core=cores.load)
            before = sum(running.process.cpu_times()[:2])
            answered = load(url, connections=GOAL, seconds=extent.seconds, core=cores.load).answered
            return (sum(running.process.cpu_times()[:2]) - before) / max(1, answered)

    seconds = asked(OURS)
    with TemporaryDirectory(prefix="mock-oms-bench-") as folder:
        file = Path(folder, "parts.json")
        asked(replace(OURS, program="python", command=(str(_SAMPLED), str(file), *OURS.command)))
        parts = json.loads(file.read_text())
    whole = sum(parts.values())
    return Cpu(seconds=seconds, parts={part: count / whole for part, count in parts.items()})
