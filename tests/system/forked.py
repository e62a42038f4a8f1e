"""Processes that are forked from one interpreter which has imported the package: they start in a tenth of the time.

Each is a real process, with its own signals, streams, environment, folder and exit code. Where what Python does before
it runs a command is the point (PYTHONPATH, warnings, what is imported), a test starts a fresh interpreter instead.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NoReturn

from _pytest.config import default_plugins

#: What a forked process finds imported, beside every command.
_IMPORTED = (
    *("mock_oms.server.run", "mock_oms.testing", "mock_oms.client", "mock_oms.api.control.api", "httpx", "pytest"),
    *("mock_oms.conformance.checks", "prometheus_client", "cryptography.x509", "trustme", "uvloop", "anyio.to_thread"),
    *("httpcore", "certifi", "encodings.idna", "uvicorn.loops.uvloop", "unittest", "execnet"),
    *(f"_pytest.{name}" for name in default_plugins),
)


class Forked:
    """A process, as far as tests use a `subprocess.Popen`; its command is `mock-oms`, `pytest` or `python` with words.

    `streams` are its standard input, output and error; `stderr` is where a test reads what it says.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        streams: tuple[int, int, int],
        *,
        folder: Path | None = None,
        stderr: IO[str] | None = None,
    ) -> None:
        self._channel, its = socket.socketpair()
        with its:
            socket.send_fds(_parent(), [b"x"], [its.fileno(), *streams])
        job = {"command": [*command], "environment": {**environment}, "folder": str(folder or Path.cwd())}
        self._channel.sendall(f"{json.dumps(job)}\n".encode())
        self._said = b""
        self.pid, self.stderr = self._number(), stderr
        self.returncode: int | None = None

    def _number(self) -> int:
        """What is said next: the process's id, and at its end its exit code."""
        while b"\n" not in self._said:
            more = self._channel.recv(100)
            assert more, "who forks has ended"
            self._said += more
        number, _, self._said = self._said.partition(b"\n")
        return int(number)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and answer with its exit code.

        :raises TimeoutError: it runs on.
        """
        if self.returncode is None:
            self._channel.settimeout(timeout)
            self.returncode = self._number()
            self._channel.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@contextmanager
def started(*command: str, environment: Mapping[str, str], folder: Path | None = None) -> Iterator[Forked]:
    """A process whose output and errors are both read from `stderr`; it is killed at the end, if it runs on."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as said, Path(os.devnull).open() as nothing:
        with os.fdopen(writing) as its:
            streams = (nothing.fileno(), its.fileno(), its.fileno())
            process = Forked(command, environment, streams, folder=folder, stderr=said)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def run(
    *command: str, environment: Mapping[str, str], folder: Path | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """What a command came to, with nothing on its standard input."""
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err, Path(os.devnull).open() as nothing:
        streams = (nothing.fileno(), out.fileno(), err.fileno())
        process = Forked(command, environment, streams, folder=folder)
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
        said = [(file.seek(0), file.read())[1] for file in (out, err)]
    return subprocess.CompletedProcess(command, code, *said)


@cache
def _parent() -> socket.socket:
    """The interpreter that all are forked from; it ends with this process."""
    mine, its = socket.socketpair()
    with its:
        words = [sys.executable, "-P", __file__, str(its.fileno())]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCK_OMS_")}
        process = subprocess.Popen(words, pass_fds=[its.fileno()], env=environment)

    def end() -> None:
        mine.close()
        process.wait()

    atexit.register(end)
    return mine


def _fork_for_each(control: socket.socket) -> None:
    """Fork whenever somebody asks for it, until nobody is there any more."""
    while True:
        _, descriptors, *_ = socket.recv_fds(control, 1, 4)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not descriptors:
            return
        if os.fork() == 0:
            control.close()
            _become(*descriptors)
        for one in descriptors:
            os.close(one)


def _become(channel: int, *streams: int) -> NoReturn:
    """Read what to run, and fork once more: this one waits for the end of that one, and says its exit code."""
    with socket.socket(fileno=channel) as connection, connection.makefile("rw") as lines:
        job = json.loads(lines.readline())
        pid = os.fork()
        if pid:
            for one in streams:
                os.close(one)
            lines.write(f"{pid}\n")
            lines.flush()
            lines.write(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n")
            lines.flush()
            os._exit(0)
    for number, one in enumerate(streams):
        os.dup2(one, number)
        os.close(one)
    code = _code_of(partial(_run, job["command"], job["environment"], job["folder"]))
    sys.stdout.flush()
    # As at any end, but for the modules: taking those to pieces, which all share, takes longer than most commands.
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001
    atexit._run_exitfuncs()  # noqa: SLF001
    os._exit(code)


def _code_of(runs: Callable[[], None]) -> int:
    try:
        runs()
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  as Python does
        traceback.print_exc()
        return 1
    return 0


def _run(command: list[str], environment: Mapping[str, str], folder: str) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.argv = command
    name, *arguments = command
    if name == "mock-oms":
        import_module("mock_oms.cli.main").main(arguments, prog_name=name)
    elif name == "pytest":
        # Of what is imported already it would say that it cannot rewrite its assertions.
        sys.exit(import_module("pytest").main(["-W", "ignore::pytest.PytestAssertRewriteWarning", *arguments]))
    elif arguments[0] == "-c":
        sys.argv = arguments
        sys.path.insert(0, "")
        exec(compile(arguments[1], "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102  as Python does
    else:
        sys.argv = arguments
        sys.path.insert(0, str(Path(arguments[0]).parent.absolute()))
        runpy.run_path(arguments[0], run_name="__main__")


def main(control: int) -> None:
    """Import everything once, and fork until nobody is there any more."""
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # which the background of a shell ignores, and all would inherit
    for name in _IMPORTED:
        import_module(name)
    program = import_module("mock_oms.cli.main").main
    list(program.commands.values())
    # What is only imported when it is wanted.
    import_module("click.testing").CliRunner().invoke(program, ["plans", "--scenario", "restock"])
    gc.freeze()
    _fork_for_each(socket.socket(fileno=control))


if __name__ == "__main__":
    main(int(sys.argv[1]))
