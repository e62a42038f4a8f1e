"""The log of requests: one line each, for people or for machines, written in batches that cost next to nothing."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, TextIO

from mock_oms.server.asgi.journal_record import JournalRecord, client_of
from mock_oms.server.log import PAINT, PLAIN, Colours

#: Seconds that a line may wait for others, and how many wait at most: more at once would hold answers up.
_PATIENCE = 0.05
_TOGETHER = 50


class AccessLog:
    """Lines of one server. `stream` gets them a few moments after the answers have left, and all of them at the end."""

    def __init__(self, form: Literal["text", "json"], stream: TextIO, *, colour: bool = False) -> None:
        self._line = _json if form == "json" else _people(PAINT if colour else PLAIN)
        self._stream = stream
        self._waiting: list[JournalRecord] = []

    def add(self, record: JournalRecord) -> None:
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
            # All lines at once: to look into each would cost the more the more requests there are.
            self._stream.write(records[0].redactor.without_known("".join(map(self._line, records))))
            self._stream.flush()


def _target(record: JournalRecord) -> str:
    """Path and query, without what would steer a terminal."""
    target: str = record.scope["raw_path"].decode("latin-1")
    query: bytes = record.scope["query_string"]
    if query:
        target = f"{target}?{record.redactor.logged_query(query.decode('latin-1'))}"
    return target if target.isprintable() else repr(target)[1:-1]


def _hint(record: JournalRecord) -> str | None:
    return None if record.hint is None else record.redactor.without_mailboxes(record.hint)


def _json(record: JournalRecord) -> str:
    facts: dict[str, Any] = {
        "time": record.arrived.isoformat(timespec="milliseconds"),
        "level": "info",
        "request_id": record.request_id,
        "client": client_of(record.scope),
        "method": record.scope["method"],
        "path": _target(record),
        "status": record.status,
        "duration_ms": round(record.duration * 1000, 3),
        "world": record.world,
        "operation": record.aim.word,
        "fault": record.fault,
        "hint": _hint(record),
    }
    return f"{json.dumps(facts, ensure_ascii=False)}\n"


def _people(paint: Colours) -> Callable[[JournalRecord], str]:
    def line(record: JournalRecord) -> str:
        world = f" world={record.world}" if record.world else ""
        fault = paint["fault"].format(f" fault={record.fault!r}") if record.met else ""
        hint = paint["dim"].format(f" - {_hint(record)}") if record.hint else ""
        what = f'{client_of(record.scope)} "{record.scope["method"]} {_target(record)}"'
        status = paint[_mood(record.status)].format(record.status or "-")
        return f"{_clock(record.arrived)} {what} {status}{world} id={record.request_id}{fault}{hint}\n"

    return line


def _mood(status: int | None) -> str:
    """The colour of a status: good, one that sends elsewhere, wrong, broken; of none too."""
    if status is None:
        return "fault"
    return _MOODS.get(status // 100, "good")


_MOODS = {3: "elsewhere", 4: "wrong", 5: "fault"}


def _clock(moment: datetime) -> str:
    """The time of day here; people read the log beside their clock."""
    return moment.astimezone().time().isoformat("seconds")
