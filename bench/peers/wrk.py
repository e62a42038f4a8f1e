"""Load by `wrk` from a core of its own, and what it reports."""

import re
import subprocess
from dataclasses import dataclass

from bench.peers.sample import HEADERS, PATIENCE, BenchError
from bench.peers.table import which

_MILLISECONDS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}
#: Seconds beyond the load itself after which a `wrk` is taken to hang.
_GRACE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One measurement: good answers per second, milliseconds at the median and the 99th percentile, and failures.

    `answered` counts all answers; `failures` those that were no 2xx or 3xx, and connections that broke.
    """

    rate: float
    p50: float
    p99: float
    answered: int
    failures: int


def load(url: str, *, connections: int, seconds: int, core: int) -> Load:
    """Ask for one address as fast as it answers.

    :raises BenchError: `wrk` ends badly or not at all.
    """
    headers = [word for name, value in HEADERS.items() for word in ("-H", f"{name}: {value}")]
    amount = ["-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", f"{PATIENCE}s", "--latency"]
    command = ["taskset", "-c", str(core), which("wrk") or "wrk", *amount, *headers, url]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + _GRACE, check=False)
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"wrk did not end {_GRACE} s after its {seconds} s on {url}.") from error
    if done.returncode:
        raise BenchError(f"wrk ended with code {done.returncode} on {url}: {done.stderr.strip()}")
    return read(done.stdout)


def read(text: str) -> Load:
    """The report of `wrk --latency`.

    :raises BenchError: it is none.
    """
    answered, failures = int(_found(r"\n\s+(\d+) requests in ", text)[1]), _failures(text)
    good = max(0, answered - failures) / max(1, answered)
    return Load(
        rate=good * float(_found(r"Requests/sec:\s+([\d.]+)", text)[1]),
        p50=_milliseconds(_found(r"\n\s+50%\s+([\d.]+)(us|ms|s|m)\s", text)),
        p99=_milliseconds(_found(r"\n\s+99%\s+([\d.]+)(us|ms|s|m)\s", text)),
        answered=answered,
        failures=failures,
    )


def _found(pattern: str, text: str) -> re.Match[str]:
    found = re.search(pattern, text)
    if found is None:
        raise BenchError(f"The report of wrk has no {pattern!r}; it says: {text!r}")
    return found


def _milliseconds(found: re.Match[str]) -> float:
    return float(found[1]) * _MILLISECONDS[found[2]]


def _failures(text: str) -> int:
    """Both lines stand there only where something failed."""
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return sum(int(number) for found in (wrong, broken) if found for number in found.groups())
