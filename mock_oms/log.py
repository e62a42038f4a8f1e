"""The log on standard error: lines for people, or JSON lines for machines; it holds no header, hence no token."""

import json
import logging
from datetime import UTC, datetime
from typing import Any, Literal


class JsonLines(logging.Formatter):
    """One JSON object for each record; an access record is taken apart into its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        line: dict[str, Any] = {"time": _moment(record), "level": record.levelname.lower(), **_said(record)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _said(record: logging.LogRecord) -> dict[str, Any]:
    if record.name == "uvicorn.access" and isinstance(record.args, tuple):
        client, method, path, _, status = record.args
        return {"client": client, "method": method, "path": path, "status": status}
    return {"message": record.getMessage()}


def log_config(form: Literal["text", "json"]) -> dict[str, Any]:
    """The configuration for `logging.config.dictConfig` and uvicorn: requests, warnings and errors."""
    text = {"format": "%(asctime)s %(message)s", "datefmt": "%H:%M:%S"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"form": text if form == "text" else {"()": JsonLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "form"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {"uvicorn.access": {"level": "INFO"}},
    }
