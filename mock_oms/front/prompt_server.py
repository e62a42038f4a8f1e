"""A server that stops at once, and lets the answers under way leave before."""

import asyncio
import logging
import socket
from contextlib import suppress

import uvicorn

from mock_oms.domain.errors import counted

#: Seconds that a stop waits for answers under way.
PATIENCE = 2
#: Seconds between two looks whether the last answers have left.
_GLANCE = 0.002
_LOG = logging.getLogger(__name__)


class PromptServer(uvicorn.Server):
    """A uvicorn server that stops at once: the original waits in steps of a tenth of a second, and then complains."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002  uvicorn's signature
        """Close what is idle, wait a moment for the answers under way, and break off the rest."""
        for server in self.servers:
            server.close()
        state = self.server_state
        for connection in list(state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while state.connections or state.tasks:  # noqa: ASYNC110  uvicorn tells nobody
                    await asyncio.sleep(_GLANCE)
        if state.tasks:
            _LOG.warning("%s still under way when the server stopped.", counted(len(state.tasks), "answer"))
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # until they know it
