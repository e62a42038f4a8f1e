"""The fast lane: GETs of list and detail, answered from the bytes that Flask once answered to the very same request."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from mock_oms.domain.contents import Contents
from mock_oms.server.asgi.connection import Headers, Outgoing, Scope
from mock_oms.server.asgi.request import HeaderFields, RequestTarget
from mock_oms.worlds.open_world import OpenWorld

#: Bytes of answers and their requests that are kept, over all worlds.
CACHED_BYTES = 32_000_000
#: What Python takes for the objects that an answer consists of, whatever their lengths.
_OVERHEAD = 2_000
#: The longest query that is kept: a client that makes up a new one each time shall not fill the memory with them.
_LONGEST_QUERY = 200


class Key(NamedTuple):
    """Everything that the vendor's side looks at in a GET, beside the state of the world."""

    world: OpenWorld
    path: bytes
    query: bytes
    host: bytes | None
    authorization: bytes | None
    accept: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedAnswer:
    """An answer, and what it was made from; it holds while the contents are the same object, up to `until`.

    `headers` are all but the one that names world and instant; `packed` are the same as they stand on the wire.
    """

    contents: Contents
    until: datetime | None
    headers: Headers
    packed: bytes
    body: bytes
    aim: RequestTarget
    state: str | None
    hint: str | None

    def holds(self, contents: Contents, now: datetime) -> bool:
        """Whether the world would give the same answer."""
        return contents is self.contents and (self.until is None or now < self.until)

    def answer(self, named: Headers) -> Outgoing:
        """The answer with the header that names world and instant."""
        return Outgoing(status=200, headers=self.headers + named, body=self.body)


def key_of(world: OpenWorld, scope: Scope, fields: HeaderFields) -> Key | None:
    """The key of a request that kept bytes may answer; None where something in it is for Flask alone to judge."""
    query: bytes = scope["query_string"]
    if fields.odd or scope["method"] != "GET" or len(query) > _LONGEST_QUERY:
        return None
    return Key(world, scope["raw_path"], query, fields.host, fields.authorization, fields.accept)


class CachedAnswers:
    """Answers that are kept, the one that was used longest ago first. Only the event loop touches it."""

    def __init__(self, limit: int = CACHED_BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[Key, CachedAnswer] = OrderedDict()
        self._size = 0

    def find(self, key: Key, contents: Contents, now: datetime) -> CachedAnswer | None:
        """The answer to this request, if one is kept that still holds."""
        kept = self._kept.get(key)
        if kept is None or not kept.holds(contents, now):
            return None
        self._kept.move_to_end(key)
        return kept

    def keep(self, key: Key, kept: CachedAnswer) -> None:
        """Keep an answer, instead of an older one to the same request; not one that would leave room for no other."""
        old = self._kept.pop(key, None)
        self._size -= _size(key, old) if old else 0
        if _size(key, kept) > self._limit:
            return
        self._kept[key] = kept
        self._size += _size(key, kept)
        while self._size > self._limit:
            self._size -= _size(*self._kept.popitem(last=False))


def _size(key: Key, kept: CachedAnswer) -> int:
    """Bytes that an answer takes with its request: the headers of the shortest outweigh its body thirty times."""
    asked = (key.path, key.query, key.host, key.authorization, key.accept)
    return len(kept.body) + len(kept.packed) + sum(len(one) for one in asked if one) + _OVERHEAD
