"""HTTP/1.1 to one server, over the sockets of the interpreter itself.

Tests replace what talks to the network: the transports of httpx and requests, `http.client`, `socket.socket`. None of that
is used here, for a mock's control API must answer while its tests have everything else answered by others, or forbidden.
"""

import _socket
import ssl
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import TypeVar
from urllib.parse import quote, unquote, urlsplit

import h11

from mock_oms.dataclass import dataclass

#: Seconds to wait for a connection, and for it to take what is sent.
PATIENCE = 30.0
#: Bytes that are read at once.
_PIECE = 65_536
#: What may stand in a path beside letters, digits and what was quoted already.
_IN_PATH = "/%:@!$&'()*+,;=~"
_PORTS = {"http": 80, "https": 443}
Done = TypeVar("Done")


class LateError(Exception):
    """The server took the request, and has not answered in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The head of an answer; `pieces` are its body, read as they come."""

    status: int
    content_type: str
    pieces: Iterator[bytes]


class Transport:
    """Connections to the server of a URL, which is known to be one; idle ones are used again.

    Any thread may ask. `trust` is for a URL of https. Whatever hinders is an OSError or an `h11.ProtocolError`; that an
    answer takes longer than it may is a `LateError`.
    """

    def __init__(self, url: str, headers: Mapping[str, str], trust: ssl.SSLContext | None) -> None:
        place = urlsplit(url)
        host = unquote(place.hostname or "")
        self._path = quote(place.path, safe=_IN_PATH)
        self._server = host, place.port or _PORTS[place.scheme], trust
        name = place.netloc.rpartition("@")[2].encode("ascii" if ":" in host else "idna").decode("ascii")
        self._headers = {"Host": name, **headers}
        if place.username is not None and "Authorization" not in headers:
            user = f"{unquote(place.username)}:{unquote(place.password or '')}"
            self._headers["Authorization"] = f"Basic {b64encode(user.encode()).decode('ascii')}"
        self._idle: deque[_Wire] = deque()
        self._closed = False

    @contextmanager
    def exchange(
        self, method: str, target: str, *, seconds: float, body: bytes = b"", headers: Mapping[str, str]
    ) -> Iterator[Response]:
        """Ask for a `target` below the path of the URL; each piece of the answer may take so many `seconds`."""
        fields = {**self._headers, **headers}
        if body:
            fields["Content-Length"] = str(len(body))
        request = h11.Request(method=method, target=self._path + target, headers=list(fields.items()))
        wire = self._usable() or _Wire(*self._server)
        try:
            yield wire.answer(request, body, seconds)
        finally:
            if wire.is_free() and not self._closed:
                self._idle.append(wire)
            else:
                wire.close()

    def _usable(self) -> "_Wire | None":
        with suppress(IndexError):
            while True:
                wire = self._idle.pop()
                if wire.is_open():
                    return wire
                wire.close()
        return None

    def close(self) -> None:
        """Let go of the connections; one in use is let go when it has been used."""
        self._closed = True
        with suppress(IndexError):
            while True:
                self._idle.pop().close()


class _Wire:
    """One connection, for one exchange after the other."""

    def __init__(self, host: str, port: int, trust: ssl.SSLContext | None) -> None:
        self._socket = _connected(host, port)
        self._http = h11.Connection(h11.CLIENT)
        self._tls: ssl.SSLObject | None = None
        if trust is not None:
            # Not `wrap_socket`: it takes `socket.socket` alone, which may be somebody else's by now.
            self._arrived, self._leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
            self._tls = trust.wrap_bio(self._arrived, self._leaving, server_hostname=host)
            try:
                self._through_tls(self._tls.do_handshake)
            except BaseException:
                self.close()
                raise

    def __del__(self) -> None:
        if hasattr(self, "_socket"):
            self.close()  # without the complaint of one that was forgotten

    def answer(self, request: h11.Request, body: bytes, seconds: float) -> Response:
        """The answer to a request."""
        octets = [self._http.send(request), self._http.send(h11.Data(data=body)), self._http.send(h11.EndOfMessage())]
        self._socket.settimeout(PATIENCE)
        # A server that refuses a request before it has read all of it closes; its answer may be here all the same.
        with suppress(ConnectionError):
            self._send(b"".join(one for one in octets if one))
        self._socket.settimeout(seconds)
        while not isinstance(head := self._next(), h11.Response):
            pass  # 1xx
        kind = dict(head.headers).get(b"content-type", b"nothing")
        return Response(status=head.status_code, content_type=kind.decode("latin-1"), pieces=self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        while isinstance(data := self._next(), h11.Data):
            yield bytes(data.data)
        with suppress(h11.LocalProtocolError):  # the server closes after this answer
            self._http.start_next_cycle()

    def is_free(self) -> bool:
        """Whether the last answer was read to its end, and another may follow."""
        return self._http.our_state is h11.IDLE

    def is_open(self) -> bool:
        """Whether the server has not closed it meanwhile."""
        self._socket.settimeout(0)
        try:
            self._received()
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False  # it has, or says something unasked

    def close(self) -> None:
        """Let go of it."""
        self._socket.close()

    def _next(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            try:
                octets = self._received()
            except TimeoutError:
                raise LateError from None
            if not octets and self._http.their_state is h11.SEND_RESPONSE:
                raise ConnectionError("Server disconnected without sending a response.")
            self._http.receive_data(octets)
        return event

    def _send(self, octets: bytes) -> None:
        if self._tls is None:
            self._socket.sendall(octets)
        else:
            self._through_tls(partial(self._tls.write, octets))

    def _received(self) -> bytes:
        if self._tls is None:
            return self._socket.recv(_PIECE)
        try:
            return self._through_tls(partial(self._tls.read, _PIECE))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def _through_tls(self, act: Callable[[], Done]) -> Done:
        """What comes of an act of TLS, when all that it sends has left and all that it wants has come."""
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                self._flush()
                octets = self._socket.recv(_PIECE)
                if octets:
                    self._arrived.write(octets)
                else:
                    self._arrived.write_eof()
            finally:
                self._flush()

    def _flush(self) -> None:
        if octets := self._leaving.read():
            self._socket.sendall(octets)


def _connected(host: str, port: int) -> _socket.socket:
    """A socket that leads to one of the addresses of a host; raises the OSError of the last."""
    reason = OSError(f"{host} has no address.")
    for family, kind, protocol, _, address in _socket.getaddrinfo(host, port, 0, _socket.SOCK_STREAM):
        try:
            found = _socket.socket(family, kind, protocol)
        except OSError as error:  # this machine has no such addresses
            reason = error
            continue
        try:
            found.settimeout(PATIENCE)
            found.connect(address)
            found.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        except OSError as error:
            found.close()
            reason = error
        else:
            return found
    raise reason
