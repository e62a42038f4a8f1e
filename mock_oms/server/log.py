"""The log on standard error: lines for people, or JSON lines for machines; it holds no header, and no secret."""

import atexit
import json
import logging
import logging.config
import os
import select
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import RawIOBase, TextIOWrapper
from types import TracebackType
from typing import Any, BinaryIO, Literal, TextIO, cast

from mock_oms.text import counted

LogFormatter = Literal["text", "json"]
_CRASHES = logging.getLogger("mock_oms.crash")


class JsonLines(logging.Formatter):
    """One JSON object for each record."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": time, "level": record.levelname.lower(), "message": record.getMessage()}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class Redacted(logging.Formatter):
    """Another formatter's lines, with the secrets taken out: a traceback quotes whatever broke."""

    def __init__(self, form: logging.Formatter, without_secrets: Callable[[str], str]) -> None:
        super().__init__()
        self._form, self._without_secrets = form, without_secrets

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        return self._without_secrets(self._form.format(record))


def redact_log(without_secrets: Callable[[str], str]) -> None:
    """Let everything that is logged from now on pass through this."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(Redacted(handler.formatter or logging.Formatter(), without_secrets))


def _descriptor_of(file: TextIO) -> int | None:
    try:
        file.flush()
        return file.fileno()
    except (OSError, ValueError):
        return None


#: Bytes that wait at most for whoever reads standard error, and seconds that an end waits for him.
_MOST, _PATIENCE = 1_000_000, 1.0


class _InAThread(RawIOBase):
    """Bytes for a file, written by a thread where it takes no more now: a full pipe that nobody reads holds nobody up."""

    def __init__(self, file: TextIO, form: LogFormatter) -> None:
        self._file, self._form = file, form
        self._waiting: list[bytes] = []
        self._size = self._lost = 0
        self._changed = threading.Condition()
        self._descriptor, self._poll = _descriptor_of(file), select.poll()
        if self._descriptor is not None:
            self._poll.register(self._descriptor, select.POLLOUT)
        threading.Thread(target=self._run, name="mock-oms-log", daemon=True).start()

    def isatty(self) -> bool:
        """Whether the file is a terminal."""
        return self._file.isatty()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401  whatever has bytes
        """Take the bytes; they are lost where too many wait already."""
        rest = bytes(data)
        with self._changed:
            if not self._size and not self._lost:
                rest = self._left(rest)
            if self._size and self._size + len(rest) > _MOST:
                self._lost += rest.count(b"\n")
            elif rest:
                rest = self._said_of_losses() + rest  # these lines came before
                self._waiting.append(rest)
                self._size += len(rest)
                self._changed.notify_all()
        return len(data)

    def _left(self, data: bytes) -> bytes:
        """What is left when the file has taken what it takes without a wait: a thread for each line would cost more than it."""
        if self._descriptor is None:
            return data
        while data and self._poll.poll(0) == [(self._descriptor, select.POLLOUT)]:
            try:
                data = data[os.write(self._descriptor, data[: select.PIPE_BUF]) :]
            except OSError:
                break
        return data

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._lost)
                text = b"".join(self._waiting) + self._said_of_losses()
                self._waiting.clear()
                self._size = len(text)  # nobody writes past this, also where it tells of losses alone
            with suppress(OSError):
                self._file.buffer.write(text)
                self._file.flush()
            with self._changed:
                self._size = sum(map(len, self._waiting))
                self._changed.notify_all()

    def _said_of_losses(self) -> bytes:
        """A line about the lines that were lost since the last one, if any were."""
        if not self._lost:
            return b""
        sentence = f"{counted(self._lost, 'line')} of the log lost, for nobody read it in time."
        self._lost = 0
        line = event_line("lost", sentence, level="warning") if self._form == "json" else f"{sentence}\n"
        return line.encode()

    def drain(self) -> None:
        """Wait for whoever reads, but not long."""
        with self._changed:
            self._changed.wait_for(lambda: not self._size, _PATIENCE)


@contextmanager
def log_in_a_thread(form: LogFormatter) -> Iterator[Callable[[], None]]:
    """Log in this form, and let a thread write what is said on standard error; gives what waits until all of it is said."""
    before = sys.stderr
    raw = _InAThread(before, form)
    atexit.register(raw.drain)  # a crash is logged when nothing else is left
    # The type says that a buffer is needed, but only what `RawIOBase` has is used: it takes all at once.
    sys.stderr = TextIOWrapper(cast("BinaryIO", raw), "utf-8", "backslashreplace", write_through=True)
    set_up_log(form)  # uvicorn does it too, but what was stored is read before
    try:
        yield raw.drain
    finally:
        raw.drain()
        sys.stderr = before


def event_line(event: str, message: str, *, level: str = "info", **facts: Any) -> str:  # noqa: ANN401  JSON
    """A line for machines about something that is no request; `message` is what people would read."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = {"time": now, "level": level, "event": event, **facts, "message": message}
    return f"{json.dumps(line, ensure_ascii=False)}\n"


def log_config(form: LogFormatter) -> dict[str, Any]:
    """The configuration for `logging.config.dictConfig` and uvicorn: warnings and errors."""
    text = {"format": "%(asctime)s %(message)s", "datefmt": "%H:%M:%S"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"form": text if form == "text" else {"()": JsonLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "form"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }


def set_up_log(form: LogFormatter) -> None:
    """Log in this form from now on; as JSON also what Python itself writes: warnings, and tracebacks of crashes."""
    logging.config.dictConfig(log_config(form))
    if form == "json":
        logging.captureWarnings(capture=True)
        sys.excepthook = _log_crash
        threading.excepthook = _log_other_crash
        sys.unraisablehook = _log_other_crash


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _CRASHES.critical("%s: %s", kind.__name__, error, exc_info=(kind, error, trace))


def _log_other_crash(crash: "threading.ExceptHookArgs | sys.UnraisableHookArgs") -> None:
    _log_crash(crash.exc_type, crash.exc_value or crash.exc_type(), crash.exc_traceback)
