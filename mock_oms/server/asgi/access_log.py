"""The log of requests: one line each, for people or for machines, written in batches that cost next to nothing."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, TextIO

from click import style

from mock_oms.server.asgi.request import JournalRecord

#: Seconds that a line may wait for others, and how many lines and letters of queries wait: more would hold answers up.
_PATIENCE = 0.05
_TOGETHER, _LETTERS = 50, 4_000
#: Letters of a path, and of a query, that a line shows: no client needs more, and each is looked at. Of a longer one a
#: line shows nothing, because a part of a secret at its end would not be known for one.
_LONGEST = 500
_GOOD, _FAULT = {"fg": "green"}, {"fg": "red", "bold": True}
#: How statuses look that are no success, by their first digit; no status at all is a fault.
_LOOKS: Mapping[int, Mapping[str, Any]] = {0: _FAULT, 3: {"fg": "cyan"}, 4: {"fg": "yellow"}, 5: _FAULT}

#: The time of day here, of a second: people read the log beside their clock, and to ask the zone takes as long as a line.
_time_of_day = lru_cache(8)(lambda second: datetime.fromtimestamp(second, UTC).astimezone().time().isoformat())


class AccessLog:
    """Lines of one server. `stream` gets them a few moments after the answers have left, and all of them at the end."""

    def __init__(self, form: Literal["text", "json"], stream: TextIO, *, colour: bool = False) -> None:
        self._is_json, self._style = form == "json", style if colour else lambda text, **_: text
        self._stream = stream
        self._waiting: list[JournalRecord] = []
        self._letters = 0

    def add(self, record: JournalRecord) -> None:
        """Log a request; only from the event loop."""
        if not self._waiting:
            asyncio.get_running_loop().call_later(_PATIENCE, self.flush)
        self._waiting.append(record)
        self._letters += len(record.scope["query_string"])
        if len(self._waiting) >= _TOGETHER or self._letters >= _LETTERS:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        records, self._waiting, self._letters = self._waiting, [], 0
        if records:
            # All lines at once: to look into each would cost the more the more requests there are.
            lines = "".join(_json(record) if self._is_json else _text(record, self._style) for record in records)
            self._stream.write(records[0].redactor.without_known(lines))
            self._stream.flush()


def _path(record: JournalRecord) -> str:
    """Path and query, without what would steer a terminal."""
    path, query = (record.scope[name].decode("latin-1") for name in ("raw_path", "query_string"))
    path = record.redactor.logged_path(path) if len(path) <= _LONGEST else f"/… ({len(path):,} letters)"
    if query:
        shown = record.redactor.logged_query(query) if len(query) <= _LONGEST else f"… ({len(query):,} letters)"
        path = f"{path}?{shown}"
    return path if path.isprintable() else repr(path)[1:-1]


def _json(record: JournalRecord) -> str:
    facts = {
        "time": record.arrived.isoformat(timespec="milliseconds"),
        "level": "info",
        "request_id": record.request_id,
        "client": record.client,
        "method": record.scope["method"],
        "path": _path(record),
        "status": record.status,
        "duration_ms": round(record.duration * 1000, 3),
        "world": record.world,
        "operation": record.target.word,
        "fault": record.fault,
        "hint": record.hint and record.redactor.without_mailboxes(record.hint),
    }
    return f"{json.dumps(facts, ensure_ascii=False)}\n"


def _text(record: JournalRecord, style: Callable[..., str]) -> str:
    time = _time_of_day(record.arrived.timestamp() // 1)
    status = style(str(record.status or "-"), **_LOOKS.get((record.status or 0) // 100, _GOOD))
    world = f" world={record.world}" if record.world else ""
    fault = style(f" fault={record.fault!r}", **_FAULT) if record.met else ""
    hint = style(f" - {record.redactor.without_mailboxes(record.hint)}", dim=True) if record.hint else ""
    what = f'{record.client} "{record.scope["method"]} {_path(record)}"'
    return f"{time} {what} {status}{world} id={record.request_id}{fault}{hint}\n"
