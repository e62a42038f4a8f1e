"""What happens in a world, as a stream of server-sent events."""

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Protocol

from flask import Response, request
from marshmallow import ValidationError

from mock_oms.api.control import bodies, schemas
from mock_oms.api.control.errors import InvalidFieldsError
from mock_oms.api.control.field_types import Since
from mock_oms.api.control.routes import Routes, leased
from mock_oms.api.state import STREAM
from mock_oms.text import time_text
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.worlds.event_stream import (
    NOW,
    EventStream,
    PlanMoved,
    RequestsLost,
    StreamItem,
    StreamPosition,
    WorldChanged,
)

_RESUME = "Last-Event-ID"
_TEXT = {
    "type": "string",
    "description": "Events `world`, `request`, `transition` and `lost`, each with its id and JSON.",
}
_AT_ONCE = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
#: Written out, because one of them is a header that browsers send by themselves.
_PARAMETERS = [
    {"name": "since", "in": "query", "schema": Since.shape, "description": "After what to begin."},
    {"name": _RESUME, "in": "header", "schema": Since.shape, "description": "The same; it wins over `since`."},
]
_EVERYTHING = 2**53
_WORLD = schemas.World()
_FIELDS = tuple(one.name for one in fields(JournalEntry))


class Slot(Protocol):
    """Where a server takes over to answer a request with a stream."""

    def take(self, stream: EventStream) -> None:
        """Stream this, instead of the body of the answer.

        :raises mock_oms.worlds.leases.TooManyStreamsError: no further stream can be open.
        """


streams = Routes("stream", "What happens in a world, as it happens.", of_a_world=True)


@streams.handles(
    "GET",
    "/stream",
    _TEXT,
    content_type="text/event-stream",
    query=schemas.StreamQuery,
    refuses=(422, 429),
    doc={"parameters": _PARAMETERS},
)
def follow(query: dict[str, Any], world: str) -> Response:
    """Every request and every transition: what there is, then each as it happens, until the world is closed.

    `world` is the world as `GET /_mock/worlds/{world}` shows it: at first, and again when its clock is set, or its
    events, plans, faults, limits or life change; not because time goes by. Its id is that of what was sent before it.
    `since=now` leaves out what there is. A request is shown when its answer leaves; that a client gave up on it is not
    known yet. A client that reads too slowly gets `lost`, with how many requests the journal has dropped meanwhile, and
    is cut off. Under another server than ours, the answer is what there is, and ends.
    """
    lease = leased(world)
    lease.world.instant()
    since = query.get("since")
    given = request.headers.get(_RESUME)  # browsers send it when a stream has broken off
    if given:
        try:
            since = Since().deserialize(given)
        except ValidationError as error:
            raise InvalidFieldsError.of({_RESUME: error.messages}, {_RESUME: given}) from error
    position = StreamPosition.parse(since) if since and since != NOW else None
    stream = EventStream.from_now(lease) if since == NOW else EventStream(lease, position)
    slot: Slot | None = request.environ.get(STREAM)
    text = ""
    if request.method == "GET" and slot is not None:
        slot.take(stream)
    elif request.method == "GET":
        text = text_of([*stream.changed(), *stream.next(_EVERYTHING)])
    return Response(text, content_type="text/event-stream", headers=_AT_ONCE)


def text_of(items: Iterable[StreamItem]) -> str:
    """Events as they stand in the stream: in ASCII, because readers disagree about where else a line ends."""
    text = ""
    for item in items:
        kind, data = _event(item.what)
        text += f"id: {item.place}\nevent: {kind}\ndata: {json.dumps(data, default=time_text)}\n\n"
    return text


def _event(what: JournalEntry | PlanMoved | RequestsLost | WorldChanged) -> tuple[str, dict[str, Any]]:
    if isinstance(what, JournalEntry):
        return "request", {name: getattr(what, name) for name in _FIELDS}
    if isinstance(what, WorldChanged):
        return "world", _WORLD.dump(bodies.world_body(what.lease, what.instant))
    if isinstance(what, RequestsLost):
        return "lost", {"requests": what.requests}
    step = what.step
    return "transition", {
        "at": step.at, "plan": what.plan, "from": step.source, "to": step.target, "cause": step.cause
    }  # fmt: skip
