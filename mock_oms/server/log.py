"""The log on standard error: lines for people, or JSON lines for machines; it holds no header, and no secret."""

import json
import logging
import logging.config
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, TextIO

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


def event_line(event: str, message: str, *, level: str = "info", **facts: Any) -> str:  # noqa: ANN401  JSON
    """A line for machines about something that is no request; `message` is what people would read."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = {"time": now, "level": level, "event": event, **facts, "message": message}
    return f"{json.dumps(line, ensure_ascii=False)}\n"


def wants_colour(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether text is coloured: on a terminal, unless NO_COLOR or FORCE_COLOR say otherwise; NO_COLOR wins.

    Either of them counts if it is not empty.
    """
    if environment.get("NO_COLOR"):
        return False
    return bool(environment.get("FORCE_COLOR")) or stream.isatty()


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
