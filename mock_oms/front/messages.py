"""What passes between a server and the front, in ASGI's words, and an answer that is complete before it leaves."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
#: Header names in lower case and values, as they stand on the wire.
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An answer as it will leave."""

    status: int
    headers: Headers
    body: bytes

    def value(self, name: bytes) -> str | None:
        """The first value of a header, or None."""
        return next((value.decode("latin-1") for one, value in self.headers if one == name), None)


def on_the_wire(headers: Iterable[tuple[str, str]]) -> Headers:
    """Headers as ASGI wants them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
