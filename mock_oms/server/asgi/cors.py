"""CORS: pages of which origins may read the vendor's answers in a browser, where the setting `cors` names some."""

import re

from mock_oms.server.asgi.connection import Headers, Outgoing, Scope
from mock_oms.settings import origins_of

#: What a page may read of an answer beside its body and the few headers that browsers always show.
_EXPOSED = b"Allow, Location, Retry-After, WWW-Authenticate, X-Mock-Assumed, X-Mock-Hint, X-Mock-Oms, X-Request-Id"
_METHODS = b"GET, HEAD, OPTIONS, POST"
#: Seconds for which a browser need not ask again.
_REMEMBERED = b"600"
#: Names of headers, with commas between.
_NAMES = re.compile(rb"[\w!#$%&'*+.^`|~, -]{1,1000}", re.ASCII)
_ALL = b"*"


class Cors:
    """What answers say to browsers, by the setting. Nothing here lets anybody in: a page needs the token as all do.

    A browser may send cookies and the like along only to pages that are named, never to all.
    """

    def __init__(self, setting: str) -> None:
        self._origins = frozenset(one.encode() for one in origins_of(setting))

    def headers(self, scope: Scope) -> Headers:
        """What the answer to a request has beside its own headers."""
        exposed = (b"access-control-expose-headers", _EXPOSED)
        if _ALL in self._origins:
            return [(b"access-control-allow-origin", _ALL), exposed]
        vary, origin = (b"vary", b"Origin"), self._allowed(scope)
        if origin is None:
            return [vary]
        credentials = (b"access-control-allow-credentials", b"true")
        return [vary, (b"access-control-allow-origin", origin), credentials, exposed]

    def preflight(self, scope: Scope) -> Outgoing | None:
        """The answer to a browser that asks whether a page may ask; None where that is no such question, or it may not."""
        if scope["method"] != "OPTIONS" or self._allowed(scope) is None:
            return None
        sent = dict(scope["headers"])
        if b"access-control-request-method" not in sent:
            return None
        own = [(b"access-control-allow-methods", _METHODS), (b"access-control-max-age", _REMEMBERED)]
        wanted = sent.get(b"access-control-request-headers", b"")
        if _NAMES.fullmatch(wanted):  # `*` would not stand for Authorization
            own.append((b"access-control-allow-headers", wanted))
        vary = (b"vary", b"Access-Control-Request-Headers")
        return Outgoing(status=200, headers=[*self.headers(scope), vary, *own, (b"content-length", b"0")], body=b"")

    def _allowed(self, scope: Scope) -> bytes | None:
        """The origin of the page that asks, if it is one of those that may."""
        sent = [value for name, value in scope["headers"] if name == b"origin"]
        return sent[0] if len(sent) == 1 and not self._origins.isdisjoint((sent[0].lower(), _ALL)) else None
