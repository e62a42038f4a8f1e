"""A peer as a process: started on its core, asked until it answers, weighed, and stopped whatever happens."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from bench.peers.sample import BenchError, Sample, ask
from bench.peers.table import Peer

#: Seconds that a peer has until its first answer, and then to stop when it is told to.
_START, _STOP = 90.0, 5.0
#: Seconds between two questions whether it answers yet.
_GLANCE = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A peer that answers; `seconds_to_answer` counts from the start of its process to its first good detail."""

    peer: Peer
    process: psutil.Process
    port: int
    seconds_to_answer: float

    def url(self, path: str) -> str:
        """The address of a path of it."""
        return f"http://127.0.0.1:{self.port}{path}"

    def resident(self) -> int:
        """The bytes resident in memory, of its process and of all that it started.

        :raises BenchError: it has ended.
        """
        if not self.process.is_running() or self.process.status() == psutil.STATUS_ZOMBIE:
            raise BenchError("its process has ended.")
        family = [self.process, *self.process.children(recursive=True)]
        return sum(one.memory_info().rss for one in family)

    def forget(self) -> None:
        """Let it drop what it has recorded, if it records without bound."""
        if self.peer.forget:
            method, path = self.peer.forget
            ask(self.port, path, method)


@contextmanager
def started(peer: Peer, sample: Sample, core: int) -> Iterator[Running]:
    """A peer that serves the sample, on one core.

    :raises BenchError: it does not start, or does not answer what the sample says.
    """
    with TemporaryDirectory(prefix="mock-oms-bench-") as name, _process(peer, sample, core, Path(name)) as running:
        yield running


@contextmanager
def _process(peer: Peer, sample: Sample, core: int, folder: Path) -> Iterator[Running]:
    port = _free_port()
    _write(peer, sample, port, folder)
    command = ["taskset", "-c", str(core), *peer.words(port=port, folder=folder)]
    begun = time.perf_counter()
    with _spawned(command, folder) as child:
        process = psutil.Process(child.pid)
        try:
            _wait(peer, child, port)
            yield Running(peer=peer, process=process, port=port, seconds_to_answer=time.perf_counter() - begun)
        finally:
            _stop(child)


def _spawned(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """In a group of its own, which is ended as one."""
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere, cwd=folder, start_new_session=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write(peer: Peer, sample: Sample, port: int, folder: Path) -> None:
    folder.chmod(0o755)  # the worker of an nginx that root starts is somebody else
    for name, content in peer.files(sample, port, str(folder)).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def _wait(peer: Peer, child: subprocess.Popen[bytes], port: int) -> None:
    """Return at the first good answer; a 4xx or 5xx is an answer that may get better while it starts."""
    patience = time.monotonic() + _START
    told: Exception | None = None
    while child.poll() is None and time.monotonic() < patience:
        try:
            ask(port, peer.detail)
        except (OSError, BenchError) as error:
            told = error
            time.sleep(_GLANCE)
        else:
            return
    ended = f"ended with code {child.returncode}" if child.poll() is not None else f"took longer than {_START:g} s"
    raise BenchError(f"it {ended} before it answered ({told}).")


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started: told first, then made to, even where it has died and left workers."""
    child.terminate()
    with suppress(subprocess.TimeoutExpired):
        child.wait(_STOP)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def check(running: Running, sample: Sample) -> None:
    """Ask once for each body.

    :raises BenchError: the peer does not serve what the sample says.
    """
    peer = running.peer
    for path, wanted in ((peer.detail, sample.detail), (peer.page, sample.page)):
        body = ask(running.port, path)
        if not peer.likeness.holds(body, wanted):
            raise BenchError(f"{path} is not {peer.likeness} ({len(body)} bytes instead of {len(wanted)}).")
