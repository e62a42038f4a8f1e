"""A mock that any command starts, as a process of its own: its address is read from its banner, and it is ended with us."""

import os
import re
import shlex
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from queue import Empty, Queue
from threading import Thread

from mock_oms.client.errors import WishError
from mock_oms.settings import environment_variable
from mock_oms.text import printable

#: Seconds until a command must have said where it serves, and after which one that was asked to end is killed.
PATIENCE, GRACE = 30.0, 5.0
#: How a banner names the address, for people and, in JSON, for machines; others may write something in front of it.
_ANNOUNCED = re.compile(r"\bServing on (https?://[^\s\"]+)")
#: How many of its last lines are shown of a command that serves nowhere.
_LAST_LINES = 20


@contextmanager
def command_running(command: str, settings: Mapping[str, object], patience: float = PATIENCE) -> Iterator[str]:
    """The address of the mock that `command`, such as `uvx mock-oms serve`, starts on a free port; then it is ended.

    It finds `settings`, by their names in `mock_oms.settings.Settings`, in its environment.

    :raises WishError: it cannot be started, or has ended or said nothing of an address after `patience` seconds.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise WishError(f"The command {command!r} cannot be split into words: {error}.") from None
    if not words:
        raise WishError("The command has no words; accepted: one such as 'uvx mock-oms serve'.")
    said = {environment_variable(name): str(value) for name, value in settings.items() if value is not None}
    environment = {**os.environ, environment_variable("port"): "0", **said}
    try:
        # A group of its own: what it starts itself, as uvx does, ends with it; Ctrl+C is for us alone.
        process = subprocess.Popen(  # noqa: S603  the user's own command
            words,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise WishError(f"The command {command!r} cannot be started: {error.strerror}.") from None
    lines: Queue[str | None] = Queue()
    reader = Thread(target=_read, args=(process, lines), name="mock-oms-command", daemon=True)
    reader.start()
    try:
        yield _address(command, lines, patience)
    finally:
        _end(process)
        reader.join(GRACE)
        if process.stdout is not None and not reader.is_alive():
            process.stdout.close()


def _read(process: "subprocess.Popen[str]", lines: "Queue[str | None]") -> None:
    """Pass the lines on up to the address; then read on, or the server would wait for somebody who reads."""
    said = False
    with suppress(OSError, ValueError):
        for line in process.stdout or ():
            if not said:
                lines.put(line)
                said = _ANNOUNCED.search(line) is not None
    lines.put(None)


def _address(command: str, lines: "Queue[str | None]", patience: float) -> str:
    last: deque[str] = deque(maxlen=_LAST_LINES)
    until, what = time.monotonic() + patience, f"has not said within {patience:g} s where it serves"
    while (left := until - time.monotonic()) > 0:
        try:
            line = lines.get(timeout=left)
        except Empty:
            break
        if line is None:
            what = "has ended before it served"
            break
        if found := _ANNOUNCED.search(line):
            return found[1]
        last.append(printable(line.rstrip()))
    shown = "".join(f"\n  {one}" for one in last) if last else " It has printed nothing."
    raise WishError(f"The command {command!r} {what}.{' Its last lines:' if last else ''}{shown}")


def _end(process: "subprocess.Popen[str]") -> None:
    """Ask its whole group to end, and kill what has not."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
