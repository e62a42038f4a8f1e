"""`python -m bench.peers`: measure the mock beside its peers, print the tables and write them down."""

import argparse
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.peers.cpu import measured_cpu
from bench.peers.endurance import endured
from bench.peers.machine import cores, described, versions
from bench.peers.report import page
from bench.peers.results import Results
from bench.peers.rounds import FULL, QUICK, Extent, Race, sample_of
from bench.peers.sample import BenchError

_PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
_TOLD_TO_STOP = 128 + signal.SIGTERM


def main() -> int:
    """Run, and return the exit code: 2 where nothing can be measured."""
    options = _options()
    # So that all that was started is stopped: this signal alone would end us on the spot.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TOLD_TO_STOP))
    begun = time.monotonic()
    try:
        text = measured(QUICK if options.quick else FULL)
    except BenchError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    print(f"\n{text}")
    file = options.to or (None if options.quick else _PAGE)
    if file:
        file.write_text(text)
        print(f"Written to {file}")
    print(f"It took {(time.monotonic() - begun) / 60:.0f} minutes.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, printed but not written down")
    parser.add_argument("--to", type=Path, metavar="FILE", help="where to write the page instead of docs/benchmarks.md")
    return parser.parse_args()


def measured(extent: Extent) -> str:
    """The page of a run.

    :raises BenchError: the mock itself or the load cannot be run.
    """
    where, machine = cores(), described()
    results, sample = Results(), sample_of(where.server)
    Race(extent=extent, cores=where, sample=sample, results=results).run()
    results.cpu = measured_cpu(extent, where, sample)
    results.endurance = endured(extent, where, sample)
    today = datetime.now(UTC).date()
    return page(results, sample, extent, day=today, machine=machine, versions=versions())


if __name__ == "__main__":
    sys.exit(main())
