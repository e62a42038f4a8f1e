"""The machine in words, its cores, and the versions of all that took part."""

import os
import platform
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import psutil

from bench.peers.rounds import Cores
from bench.peers.sample import BenchError
from bench.peers.table import PEERS, package_version, which

_REPOSITORY = Path(__file__).parents[2]
#: What tells the version of a program that is none of npm's.
_PROGRAMS = {"nginx": "-v", "java": "-version", "node": "--version", "wrk": "-v"}
_NEEDED = ("wrk", "taskset")
_GB = 1e9


def cores() -> Cores:
    """The first two cores that we may use; this process stays on the one that asks.

    :raises BenchError: there is only one, or what binds and loads them is missing.
    """
    for program in _NEEDED:
        if which(program) is None:
            raise BenchError(
                f"`{program}` is not on the path, and nothing is measured without it; see `make bench-setup`."
            )
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) == 1:
        raise BenchError("There is one core; two are needed, one that serves and one that asks.")
    os.sched_setaffinity(0, {allowed[1]})
    return Cores(server=allowed[0], load=allowed[1])


def described() -> str:
    """Processor, cores, memory, system, and how much else it has to do."""
    memory, busy = psutil.virtual_memory().total / _GB, os.getloadavg()[0]
    hardware = f"{psutil.cpu_count()} cores of {_processor()}, {memory:.0f} GB of memory"
    return f"{hardware}, Linux {platform.release()}, with a load of {busy:.1f} before the run"


def _processor() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return found[1].strip() if found else platform.machine()


def versions() -> Iterator[tuple[str, str]]:
    """Names and versions, ours first."""
    yield (
        "mock-oms",
        f"{version('mock-oms')} ({_said(['git', '-C', str(_REPOSITORY), 'describe', '--always', '--dirty'])})",
    )
    yield "Python", platform.python_version()
    for name, flag in _PROGRAMS.items():
        program = which(name)
        yield name, _number(_said([program, flag])) if program else "missing"
    for package in dict.fromkeys(peer.package for peer in PEERS if peer.package):
        yield package, package_version(package)


def _said(command: list[str]) -> str:
    """All that a program says, whichever way and however it ends."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout.strip()


def _number(text: str) -> str:
    found = re.search(r"\d+(\.\w+)+", text)
    return found[0] if found else text
