"""Cached answers: GETs of list and detail, answered from the bytes that Flask once answered to the very same request."""

from collections import OrderedDict
from datetime import datetime
from typing import NamedTuple

from mock_oms.dataclass import dataclass
from mock_oms.domain.contents import Contents
from mock_oms.server.asgi.connection import Headers, Scope
from mock_oms.server.asgi.request import HeaderFields, RequestTarget
from mock_oms.worlds.open_world import OpenWorld

#: Bytes of answers and their requests that are cached, over all worlds.
CACHED_BYTES = 32_000_000
#: What Python takes for the objects that an answer consists of, whatever their lengths.
_OVERHEAD = 2_000
#: The longest query that is cached: a client that makes up a new one each time shall not fill the memory with them.
_LONGEST_QUERY = 200
#: A request as it was parsed: its scope, the fields that decide about its answer, and the token in them.
Parsed = tuple[Scope, HeaderFields, str | None]
#: Requests that are known by their octets: some 3 kB each, and clients that number theirs send new ones without end.
_MOST_KNOWN = 1_000


class Key(NamedTuple):
    """Everything that the vendor's side looks at in a GET, beside the state of the world."""

    world: OpenWorld
    path: bytes
    query: bytes
    fields: HeaderFields


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedAnswer:
    """An answer, and what it was made from; it holds while the contents are the same object, from `since` up to `until`.

    Before `since` a world is after a reset: it may have the same contents then, but its orders have not come as far.

    `headers` are all but the one that names world and instant; `packed` are the same as HTTP sends them.
    """

    contents: Contents
    since: datetime
    until: datetime | None
    headers: Headers
    packed: bytes
    body: bytes
    target: RequestTarget
    state: str | None
    hint: str | None

    def size(self, key: Key) -> int:
        """Bytes that it takes with its request: the headers of the shortest outweigh its body thirty times."""
        fields = key.fields
        parts = (self.body, self.packed, key.path, key.query, fields.host, fields.authorization, fields.accept)
        return sum(len(one) for one in parts if one) + _OVERHEAD


def key_of(world: OpenWorld, scope: Scope, fields: HeaderFields) -> Key | None:
    """The key of a request that cached bytes may answer; None where something in it is for Flask alone to judge."""
    query: bytes = scope["query_string"]
    if fields.odd or scope["method"] != "GET" or len(query) > _LONGEST_QUERY:
        return None
    return Key(world, scope["raw_path"], query, fields)


class CachedAnswers:
    """Answers by their requests, the one that was used longest ago first. Only the event loop touches it."""

    def __init__(self, limit: int = CACHED_BYTES) -> None:
        self._limit = limit
        self._answers: OrderedDict[Key, CachedAnswer] = OrderedDict()
        self._size = 0
        #: Requests by their octets, so that the next one like it need not be parsed.
        self.known: dict[bytes, Parsed] = {}

    def learn(self, head: bytes, request: Parsed) -> None:
        """Know a request by its octets from now on; where too many are known, forget all the others."""
        if len(self.known) >= _MOST_KNOWN:
            self.known.clear()
        self.known[head] = request

    def find(self, key: Key, contents: Contents, now: datetime) -> CachedAnswer | None:
        """The answer to this request, if one is cached that the world would still give."""
        found = self._answers.get(key)
        if found is None or found.contents is not contents:
            return None
        if now < found.since or (found.until is not None and now >= found.until):
            return None
        self._answers.move_to_end(key)
        return found

    def store(self, key: Key, answer: CachedAnswer) -> None:
        """Cache an answer, instead of an older one to the same request; not one that would leave room for no other."""
        old = self._answers.pop(key, None)
        self._size -= old.size(key) if old else 0
        if answer.size(key) > self._limit:
            return
        self._answers[key] = answer
        self._size += answer.size(key)
        while self._size > self._limit:
            oldest, gone = self._answers.popitem(last=False)
            self._size -= gone.size(oldest)
