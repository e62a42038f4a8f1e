"""What a server does to its machine: it opens its own files alone, and calls nobody."""

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from mock_oms.settings import shipped
from tests.streams import STREAM, Reader
from tests.system.everything import Client, everything
from tests.system.running import program, serving

#: Python runs this before anything else; a hook cannot be taken away again. It forbids what it writes down.
HOOK = """
import os, sys
_log = os.open(os.environ["WATCHED_BY"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
_CALLS = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname",
          "socket.gethostbyaddr", "urllib.Request", "http.client.connect", "ftplib.connect", "smtplib.connect")
_RUNS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.startfile", "pty.spawn")
def _hook(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)):
        os.write(_log, f"open {os.path.realpath(os.fsdecode(args[0]))!a}\\n".encode())
    elif event in _CALLS or event in _RUNS:
        os.write(_log, f"{event} {args!a}\\n".encode())
        raise PermissionError(event)
sys.addaudithook(_hook)
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a server was seen doing, up to its banner, from then on, and when it ended; and its sockets."""

    start: list[str]
    run: list[str]
    stop: list[str]
    sockets: set[int]
    port: int
    folder: Path


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A server that kept worlds in a folder while it was asked for everything."""
    folder = tmp_path_factory.mktemp("watched")
    for name in ("outside.yaml", "outside", "outside.jsonl"):
        (folder / name).write_text("description: Never read.\nplans: []\n")
    for inside in ("hook", "inside", "inside/scenarios"):
        (folder / inside).mkdir()
    (folder / "hook" / "sitecustomize.py").write_text(HOOK)
    log = folder / "log"
    path = os.pathsep.join(filter(None, (str(folder / "hook"), os.environ.get("PYTHONPATH"))))
    options = ["--scenarios", str(folder / "inside" / "scenarios"), "--state", str(folder / "inside" / "state")]
    more = {"PYTHONPATH": path, "WATCHED_BY": str(log)}
    with serving(*options, program=program(), more=more) as running:
        start = log.read_text().splitlines()
        client = Client(running.address)
        with Reader(running.address, STREAM.format("default")) as reader:
            assert len(list(everything(client, "mock-oms-token"))) > 300
            assert reader.event()
            sockets = {one.laddr.port for one in psutil.Process(running.process.pid).net_connections() if one.laddr}
        assert client.answered("GET", "/_mock/health/ready")["status"] == "ready"
        run = log.read_text().splitlines()[len(start) :]
        running.stopped()
        stop = log.read_text().splitlines()[len(start) + len(run) :]
    return Watched(start, run, stop, sockets, int(running.address.rpartition(":")[2]), folder)


def opened(lines: list[str]) -> set[Path]:
    return {Path(line.removeprefix("open ").strip("'\"")) for line in lines if line.startswith("open ")}


def own(watched: Watched) -> list[Path]:
    """The folders that a server may read: Python's, our package with what it ships, and those that it was given."""
    python: list[str] = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    ours = [shipped("scenarios"), Path(__file__).parents[2] / "mock_oms", watched.folder / "inside"]
    # What Python looks for before its own folder, where it has none of that name.
    archives = [one for one in sys.path if one.endswith(".zip")]
    machine = [Path(one) for one in (*python, *archives, "/proc", "/sys/fs/cgroup")]
    return [one.resolve() for one in (*machine, *ours, shipped("openapi.yaml"))]


def test_no_request_makes_it_open_a_file_outside_its_folders(watched: Watched) -> None:
    folders = own(watched)
    found = opened(watched.run)
    assert any(one.is_relative_to(watched.folder / "inside" / "state" / "worlds") for one in found)
    assert not [one for one in found if not any(one.is_relative_to(folder) for folder in folders)]


def test_no_name_in_a_request_leads_to_a_file(watched: Watched) -> None:
    assert not [
        one for one in opened(watched.run) if "outside" in one.name or one.match("/etc/*") or "environ" in one.name
    ]


def test_every_kept_world_has_a_file_of_its_own_name_and_no_other_file_is_made(watched: Watched) -> None:
    kept = {one.relative_to(watched.folder / "inside" / "state").parts[0] for one in _files(watched)}
    assert kept <= {"worlds", "scenarios", "lock"}
    made = {one.name for one in watched.folder.iterdir()}
    assert made == {"outside.yaml", "outside", "outside.jsonl", "hook", "inside", "log"}


def _files(watched: Watched) -> list[Path]:
    return [one for one in (watched.folder / "inside" / "state").rglob("*") if one.is_file()]


def test_what_it_writes_is_for_its_own_user_alone(watched: Watched) -> None:
    state = watched.folder / "inside" / "state"
    found = [state, *state.rglob("*")]
    assert len(found) > 4
    assert {oct(one.stat().st_mode & 0o777) for one in found if one.is_file()} == {"0o600"}
    assert {oct(one.stat().st_mode & 0o777) for one in found if one.is_dir()} == {"0o700"}


@pytest.mark.parametrize("when", ["start", "run", "stop"])
def test_it_calls_nobody_and_runs_nothing(watched: Watched, when: str) -> None:
    assert not [line for line in getattr(watched, when) if not line.startswith("open ")]


def test_its_only_sockets_are_those_that_others_have_connected_to(watched: Watched) -> None:
    """The hook sees what Python does; this sees the event loop too, which is written in C."""
    assert watched.sockets == {watched.port}


def test_the_hook_would_have_seen_it(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(HOOK)
    code = "import socket; socket.create_connection(('127.0.0.1', 9))"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "WATCHED_BY": str(tmp_path / "log")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert "PermissionError: socket." in done.stderr
    assert "socket.getaddrinfo" in (tmp_path / "log").read_text()
