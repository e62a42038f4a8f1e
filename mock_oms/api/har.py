"""Entries as an HTTP archive (HAR 1.2), for the tools that show one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from mock_oms.traffic.journal.entry import Headers, JournalEntry, length, parameters

_PROTOCOL = "HTTP/1.1"
_NOT_KEPT = "Bodies are not kept."
#: The archive has no null: a size that is not known.
_UNKNOWN = -1
_REASONS = {one.value: one.phrase for one in HTTPStatus}


def har(
    entries: Iterable[JournalEntry], creator_version: str, scheme: str = "http", *, left_out: str = ""
) -> dict[str, Any]:
    """The entries, oldest first, as a HAR document ready for JSON; `creator_version` is that of mock-oms, `scheme` that of every request.

    `left_out` is a sentence on requests that are not in it.
    What only a mock knows stands under names with an underscore, as the format wants it.
    """
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "mock-oms", "version": creator_version},
            "entries": [_entry(entry, scheme) for entry in entries],
            "comment": f"{_NOT_KEPT} Secrets in headers are replaced by short hashes. {left_out}".rstrip(),
        }
    }


def _entry(entry: JournalEntry, scheme: str) -> dict[str, Any]:
    wait = round(entry.duration * 1000, 3)
    query = f"?{entry.query}" if entry.query else ""
    return {
        "startedDateTime": _moment(entry.wall),
        "time": wait,
        "request": {
            "method": entry.method,
            "url": f"{scheme}://{_header(entry.headers, 'host') or 'localhost'}{entry.path}{query}",
            "httpVersion": _PROTOCOL,
            "cookies": [],
            "headers": _pairs(entry.headers),
            "queryString": _pairs(parameters(entry.query)),
            "headersSize": _UNKNOWN,
            "bodySize": length(_header(entry.headers, "content-length")),
            "comment": _NOT_KEPT,
        },
        "response": {
            "status": entry.status or 0,
            "statusText": _REASONS.get(entry.status or 0, ""),
            "httpVersion": _PROTOCOL,
            "cookies": [],
            "headers": _pairs(entry.answer_headers),
            "content": {
                "size": entry.size,
                "mimeType": _header(entry.answer_headers, "content-type"),
                "comment": _NOT_KEPT,
            },
            "redirectURL": entry.location or "",
            "headersSize": _UNKNOWN,
            "bodySize": entry.size,
        },
        "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": 0},
        "connection": entry.client,
        "comment": entry.hint or "",
        "_number": entry.number,
        "_requestId": entry.request_id,
        "_world": entry.world,
        "_at": _moment(entry.at),
        "_operation": entry.operation,
        "_plan": entry.plan,
        "_page": entry.page,
        "_state": entry.state,
        "_fault": entry.fault,
        "_gaveUp": entry.gave_up,
    }


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _pairs(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _header(headers: Headers, wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")
