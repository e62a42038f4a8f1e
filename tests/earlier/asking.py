"""The public surface of mock-oms and nothing else: HTTP, and its command, in this process or in one of its own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from click.testing import CliRunner, Result

LIST = "/api/v1/oms/orderexecutionplans/"
LOGIN = "/api/v1/auth/login/"
TOKEN = "mock-oms-token"
#: Links in answers name the host that was asked; the port of a test is another one each time.
HOST = "oms.example.com"
_ADDRESS = re.compile(r"https?://\S+:\d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An answer as it was sent, but for `Date`."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: str

    def told(self) -> dict[str, Any]:
        """All of it as JSON."""
        return {"status": self.status, "reason": self.reason, "headers": self.headers, "body": self.body}


@dataclass(frozen=True, slots=True)
class Mock:
    """A mock at an address."""

    url: str

    def ask(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Asked:
        """Ask one thing over a connection of its own."""
        where = urlsplit(self.url).netloc
        connection = HTTPConnection(where, timeout=30)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            length = {} if body is None else {"Content-Length": str(len(body))}
            for name, value in {"Host": HOST, **length, **(headers or {})}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        return Asked(
            status=answer.status,
            reason=answer.reason,
            headers=[(name, value) for name, value in answer.getheaders() if name.lower() != "date"],
            body=content.decode(errors="surrogateescape"),
        )

    def vendor(self, token: str, target: str = LIST, method: str = "GET", **headers: str) -> dict[str, Any]:
        """What the vendor's API answers to a token."""
        asked = self.ask(method, target, {"Authorization": f"Token {token}", **headers})
        return {"asked": f"{method} {target}", **asked.told()}

    def login(self, username: str, password: str) -> str:
        """The token of a login."""
        body = json.dumps({"username": username, "password": password}).encode()
        return str(json.loads(self.ask("POST", LOGIN, {"Content-Type": "application/json"}, body).body)["key"])

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON that the control API answers under `/_mock`; None where there is none."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"Host": urlsplit(self.url).netloc, "Content-Type": "application/json"}
        asked = self.ask(method, f"/_mock{path}", headers, content)
        assert asked.status < 300, f"{method} {path}: {asked.status} {asked.body}"
        return json.loads(asked.body) if asked.body else None

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
            "clock": self.control("GET", f"{path}/clock"),
            "plans": plans,
            "explained": [self.control("GET", f"{path}/plans/{one['plan']}") for one in plans["plans"][:30]],
            "events": self.control("GET", f"{path}/events"),
            "faults": self.control("GET", f"{path}/faults"),
            "limits": self.control("GET", f"{path}/limits"),
            "snapshot": self.control("GET", f"{path}/snapshot"),
        }


def environment() -> dict[str, str | None]:
    """What is to be taken out of the environment: the developer's own settings."""
    return {name: None for name in os.environ if name.startswith(("MOCK_OMS_", "OMS_"))}


def plain_environment() -> dict[str, str]:
    """The environment without the developer's own settings."""
    return {name: value for name, value in os.environ.items() if name not in environment()}


def program() -> str:
    """The installed command, beside the Python that runs this."""
    return str(Path(sys.executable).with_name("mock-oms"))


@cache
def command() -> click.Group:
    """The group behind the installed command, wherever it is defined."""
    (found,) = entry_points(group="console_scripts", name="mock-oms")
    group = found.load()
    assert isinstance(group, click.Group)
    return group


def run(*words: object, text: str | None = None, more: Mapping[str, str] | None = None) -> Result:
    """What the command says, in this process."""
    arguments = [str(word) for word in words]
    return CliRunner().invoke(command(), arguments, input=text, env={**environment(), **(more or {})})


def printed(*words: object, text: str | None = None) -> str:
    """What a command prints that ends well."""
    done = run(*words, text=text)
    assert done.exit_code == 0, f"{words}: {done.output}"
    return done.stdout


@contextmanager
def serving(*words: object) -> Iterator[Mock]:
    """`mock-oms serve` in a process of its own, on a free port."""
    arguments = [program(), "serve", "--port", "0", *map(str, words)]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=plain_environment()) as process:
        try:
            yield Mock(_address(process.stderr or ()))
        finally:
            process.terminate()
            for _ in process.stderr or ():
                pass


def _address(lines: Iterator[str] | Sequence[str]) -> str:
    """The address, which is the end of the banner."""
    said = []
    for line in lines:
        said.append(line)
        if found := _ADDRESS.search(line.rstrip()):
            return found[0]
    raise AssertionError("".join(said))
