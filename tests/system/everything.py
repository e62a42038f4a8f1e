"""One of everything that a client can ask of a mock, and much that no honest one would."""

import json
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from tests.system.clients import EFFECTS

LIST = "/api/v1/oms/orderexecutionplans/"
LOGIN = "/api/v1/auth/login/"
WORLD = "everything"
#: Seconds after which nobody waits any longer for an answer; and for one that comes late or never ends.
_PATIENCE, _MOMENT = 20.0, 0.1
_PLACES = {"world": WORLD, "plan": "41207", "fault": "1", "number": "1", "scenario": "restock"}
_OUTSIDE = "outside"
#: Names that lead out of a folder wherever one of them is taken for a path.
_NAMES = rf"""../{_OUTSIDE} ../../{_OUTSIDE}.yaml ....//{_OUTSIDE} ..\{_OUTSIDE} /{_OUTSIDE} ~/{_OUTSIDE} . .. CON C:\x
/etc/passwd ../../../../etc/passwd /proc/self/environ file:///etc/passwd /dev/zero %2e%2e/x restock/../x profiles/slow"""
PATHS = [*_NAMES.split(), f"\0{_OUTSIDE}", f"{_OUTSIDE}\0.yaml", "a" * 5_000, ""]
TOKENS = [*(f"fail-{kind}" for kind in (403, 429, 500, 502, 503, "inactive")), "unheard-of"]


class Asked(NamedTuple):
    """A request as octets, and all that came back for it, headers and body."""

    sent: bytes
    answer: bytes

    @property
    def target(self) -> str:
        return self.sent.split(b" ", 2)[1].decode("latin-1")

    @property
    def is_control(self) -> bool:
        return self.target.startswith("/_mock")


@dataclass(slots=True)
class Client:
    """Asks a mock, with the control token if it has one; `asked` is all that it did."""

    address: str
    control_token: str | None = None

    def ask(
        self,
        method: str,
        target: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        patience: float = _PATIENCE,
    ) -> Asked:
        """Ask one thing over a connection of its own, and read until nothing more comes."""
        where = urlsplit(self.address)
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        known = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        every = {"Host": where.netloc, "Connection": "close", **(known if body is not None else {})}
        if target.startswith("/_mock") and self.control_token:
            every["Authorization"] = f"Bearer {self.control_token}"
        every |= headers or {}
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items()), "", ""]
        sent = "\r\n".join(lines).encode("latin-1", "replace") + content
        with socket.create_connection((where.hostname, where.port), timeout=_PATIENCE) as connection:
            connection.sendall(sent)
            connection.settimeout(patience)
            return Asked(sent, b"".join(_received(connection)))

    def vendor(self, token: str, target: str = LIST, method: str = "GET", **headers: str) -> Asked:
        return self.ask(method, target, None, {"Authorization": f"Token {token}", **headers})

    def answered(self, method: str, target: str, body: Any = None) -> Any:
        return json.loads(self.ask(method, target, body).answer.partition(b"\r\n\r\n")[2])


def _received(connection: socket.socket) -> Iterator[bytes]:
    with suppress(TimeoutError, ConnectionError):
        while more := connection.recv(65_536):
            yield more


def everything(client: Client, token: str) -> Iterator[Asked]:
    """One of everything; `token` is the default world's."""
    yield client.ask("POST", "/_mock/worlds", {"name": WORLD, "scenario": "restock"})
    mine = client.answered("GET", f"/_mock/worlds/{WORLD}")["token"]
    for one in (token, mine, *TOKENS):
        yield from _vendor(client, one)
    for part in (_logins(client), _faults(client, mine), _paths(client), _routes(client)):
        yield from part


def _vendor(client: Client, token: str) -> Iterator[Asked]:
    below = (f"{LIST}{rest}" for rest in ("", "", "?page=2&limit=1", "41207/", "9/"))
    for target in (*below, LIST[:-1], "/", "/static/x.js", "/%"):
        yield client.vendor(token, target)
    for method in ("HEAD", "OPTIONS", "POST", "DELETE", "PATCH"):
        yield client.vendor(token, LIST, method)
    yield client.vendor(token, f"{LIST}?format=api", Accept="text/html")


def _logins(client: Client) -> Iterator[Asked]:
    body: Any
    wrong = ({"username": WORLD, "password": "wrong"}, {"username": "../x", "password": "\0"})
    for body in (*wrong, [], None, b"{", b"\xff"):
        yield client.ask("POST", LOGIN, body)
    form = b'--x\r\nContent-Disposition: form-data; name="a"; filename="../x"\r\n\r\n\r\n--x--'
    yield client.ask("POST", LOGIN, form, {"Content-Type": "multipart/form-data; boundary=x"})


def _faults(client: Client, token: str) -> Iterator[Asked]:
    for effect in EFFECTS.values():
        yield client.ask("POST", f"/_mock/worlds/{WORLD}/faults", {"on": "list", "effect": effect, "times": 1})
        patience = _MOMENT if "delay" in effect or effect.get("connection") == "stall" else _PATIENCE
        yield client.ask("GET", LIST, headers={"Authorization": f"Token {token}"}, patience=patience)
    for profile in ("slow", "flaky", "down", "drifting", "rate-limited"):
        yield client.ask("POST", f"/_mock/worlds/{WORLD}/faults", {"profile": profile})
    yield client.ask("DELETE", f"/_mock/worlds/{WORLD}/faults")


def _paths(client: Client) -> Iterator[Asked]:
    """Every name that leads out of a folder, at every place where a name is asked for."""
    saved = client.answered("GET", f"/_mock/worlds/{WORLD}/snapshot")
    for path in PATHS:
        named = {**saved, "scenario": {**saved["scenario"], "name": path}}
        for body in ({"scenario": path}, {"name": path}, {"snapshot": named}):
            yield client.ask("POST", "/_mock/worlds", body)
        yield client.ask("PUT", f"/_mock/worlds/{WORLD}/snapshot", named)
        yield client.ask("POST", f"/_mock/worlds/{WORLD}/faults", {"profile": path})
        for before in ("/_mock/scenarios/", "/_mock/worlds/", "/_mock/", "/", LIST, "/static/"):
            yield client.ask("GET", before + quote(path, safe=""))
        yield client.ask("GET", f"/_mock/scenarios/{quote(path)}")
    yield client.ask("GET", "/../../../../etc/passwd")
    yield client.ask("GET", "/_mock/../../../../etc/passwd")


def _routes(client: Client) -> Iterator[Asked]:
    """Every method of every route, with the example of its body; what takes things away comes last."""
    paths = client.answered("GET", "/_mock/openapi.json")["paths"]
    found = [(method.upper(), path, one) for path, item in paths.items() for method, one in item.items()]
    for method, path, one in sorted(found, key=lambda route: (route[0] == "DELETE", -len(route[1]))):
        if not isinstance(one, dict) or "responses" not in one:
            continue
        target = re.sub(r"\{(\w+)\}", lambda name: _PLACES[name[1]], path)
        content = one.get("requestBody", {}).get("content", {}).get("application/json", {})
        patience = _MOMENT if target.endswith("/stream") else _PATIENCE
        yield client.ask(method, target, content.get("example"), {"Accept": "*/*"}, patience)
    for page in (
        "/_mock/",
        "/_mock/docs",
        "/_mock/page/main.js",
        "/_mock/openapi.yaml",
        "/_mock/openapi.json",
        "/_mock/nothing",
        "/_mock",
    ):
        yield client.ask("GET", page)
