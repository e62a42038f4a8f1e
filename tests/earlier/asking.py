"""The public surface of mock-oms and nothing else: HTTP, and its command."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection
from importlib.metadata import entry_points
from typing import Any
from urllib.parse import urlsplit

import click
from click.testing import Result

from tests.typed import runner

LIST = "/api/v1/oms/orderexecutionplans/"
LOGIN = "/api/v1/auth/login/"
TOKEN = "mock-oms-token"
#: Links in answers name the host that was asked; the port of a test is another one each time.
HOST = "oms.example.com"


@dataclass(frozen=True, slots=True)
class Mock:
    """A mock at an address."""

    url: str

    def ask(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> dict[str, Any]:
        """An answer as it was sent, but for `Date`, over a connection of its own."""
        with closing(HTTPConnection(urlsplit(self.url).netloc, timeout=30)) as connection:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            length = {} if body is None else {"Content-Length": str(len(body))}
            for name, value in {"Host": HOST, **length, **(headers or {})}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read().decode(errors="surrogateescape")
        sent = [(name, value) for name, value in answer.getheaders() if name.lower() != "date"]
        return {"status": answer.status, "reason": answer.reason, "headers": sent, "body": content}

    def vendor(self, token: str, target: str = LIST, method: str = "GET", **headers: str) -> dict[str, Any]:
        """What the vendor's API answers to a token."""
        asked = self.ask(method, target, {"Authorization": f"Token {token}", **headers})
        return {"asked": f"{method} {target}", **asked}

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON that the control API answers under `/_mock`; None where there is none."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"Host": urlsplit(self.url).netloc, "Content-Type": "application/json"}
        asked = self.ask(method, f"/_mock{path}", headers, content)
        assert asked["status"] < 300, f"{method} {path}: {asked}"
        return json.loads(asked["body"]) if asked["body"] else None

    def pages(self, token: str, size: int = 10) -> Iterator[dict[str, Any]]:
        """Every page of the list, by its links."""
        target: str | None = f"{LIST}?limit={size}"
        while target is not None:
            page = self.vendor(token, target)
            yield page
            found = json.loads(page["body"]) if page["status"] == 200 else None
            following = found.get("next") if isinstance(found, dict) else None
            target = following and following.partition(HOST)[2]

    def description(self, world: str) -> dict[str, Any]:
        """A world as the control API tells it, without its token, which is another one each time."""
        path = f"/worlds/{world}"
        facts = self.control("GET", path)
        facts.pop("token")
        plans = self.control("GET", f"{path}/plans?limit=1000")
        return {
            "world": facts,
            "plans": plans,
            "explained": [self.control("GET", f"{path}/plans/{one['plan']}") for one in plans["plans"][:30]],
            **{it: self.control("GET", f"{path}/{it}") for it in ("clock", "events", "faults", "limits", "snapshot")},
        }


def plain_environment() -> dict[str, str]:
    """The environment without the developer's own settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MOCK_OMS_", "OMS_"))}


@cache
def command() -> click.Group:
    (found,) = entry_points(group="console_scripts", name="mock-oms")
    group = found.load()
    assert isinstance(group, click.Group)
    return group


def run(*words: object, more: Mapping[str, str] | None = None) -> Result:
    out = dict.fromkeys(os.environ.keys() - plain_environment().keys())
    return runner().invoke(command(), [str(word) for word in words], env={**out, **(more or {})})


def printed(*words: object) -> str:
    done = run(*words)
    assert done.exit_code == 0, f"{words}: {done.output}"
    return done.stdout
