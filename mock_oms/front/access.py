"""The log of requests: one line each, for people or for machines, written in batches that cost next to nothing."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, TextIO

from mock_oms.front.record import Record, client_of

#: Seconds that a line may wait for others, and how many wait at most: more at once would hold answers up.
_PATIENCE = 0.05
_TOGETHER = 50


class AccessLog:
    """Lines of one server. `stream` gets them a few moments after the answers have left, and all of them at the end."""

    def __init__(self, form: Literal["text", "json"], stream: TextIO) -> None:
        self._line = _FORMS[form]
        self._stream = stream
        self._waiting: list[Record] = []

    def add(self, record: Record) -> None:
        """Log a request; only from the event loop."""
        if not self._waiting:
            asyncio.get_running_loop().call_later(_PATIENCE, self.flush)
        self._waiting.append(record)
        if len(self._waiting) >= _TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        records, self._waiting = self._waiting, []
        if records:
            self._stream.write("".join(map(self._line, records)))
            self._stream.flush()


def _target(record: Record) -> str:
    path: str = record.scope["raw_path"].decode("latin-1")
    query: bytes = record.scope["query_string"]
    return f"{path}?{record.redactor.redacted_query(query.decode('latin-1'))}" if query else path


def _json(record: Record) -> str:
    facts: dict[str, Any] = {
        "time": record.arrived.isoformat(timespec="milliseconds"),
        "level": "info",
        "client": client_of(record.scope),
        "method": record.scope["method"],
        "path": _target(record),
        "status": record.status,
        "world": record.world,
        "operation": record.operation,
        "fault": record.fault,
        "hint": record.hint,
    }
    return f"{json.dumps(facts, ensure_ascii=False)}\n"


def _text(record: Record) -> str:
    world = f" world={record.world}" if record.world else ""
    fault = f" fault={record.fault!r}" if record.met else ""
    hint = f" - {record.hint}" if record.hint else ""
    what = f'{client_of(record.scope)} "{record.scope["method"]} {_target(record)}" {record.status or "-"}'
    return f"{_clock(record.arrived)} {what}{world}{fault}{hint}\n"


def _clock(moment: datetime) -> str:
    """The time of day here; people read the log beside their clock."""
    return moment.astimezone().time().isoformat("seconds")


_FORMS: Mapping[str, Callable[[Record], str]] = {"text": _text, "json": _json}
