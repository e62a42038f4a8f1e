"""uvicorn's control of the flow, within bounds: for requests that wait in a row, and for clients that read nothing."""

import asyncio
from collections import deque
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl

from mock_oms.front.threshold import Threshold


class BoundedFlow(FlowControl):
    """As uvicorn's own, which reads on while any number of requests wait, and waits for a reader for ever."""

    def __init__(self, transport: asyncio.Transport, pipeline: deque[Any], threshold: Threshold) -> None:
        super().__init__(transport)
        self._pipeline, self._threshold = pipeline, threshold
        self._timer: asyncio.TimerHandle | None = None

    def resume_reading(self) -> None:
        """Read on, unless enough is waiting."""
        if len(self._pipeline) < self._threshold.bounds.waiting:
            super().resume_reading()

    def pause_writing(self) -> None:
        """Wait until the client has read on."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Write on: the client has read, or has gone."""
        super().resume_writing()
        if self._timer is not None:
            self._timer.cancel()

    def _watch(self) -> None:
        left, seconds = self._transport.get_write_buffer_size(), self._threshold.bounds.unread_seconds
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look, left)

    def _look(self, before: int) -> None:
        """Hang up on a client that has read nothing since; a slow one has all the time it wants."""
        if self._transport.get_write_buffer_size() < before:
            self._watch()
            return
        self._threshold.closed_unread += 1
        self._transport.abort()
