"""A small Docker engine: it knows one image, and its containers are processes of the local mock."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from tests.system.running import ANNOUNCED, plain_environment, program

ID = "c0ffee"


@dataclass
class Engine:
    """`created` is what was asked for, `process` what runs, `said` its log, `removed` how many containers were."""

    url: str = ""
    created: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    said: list[str] = field(default_factory=list)
    removed: int = 0

    def start(self) -> None:
        """Start the mock with the environment of the container, but on this machine's loopback."""
        given = dict(pair.split("=", 1) for pair in self.created["Env"])
        environment = plain_environment(given | {"MOCK_OMS_HOST": "127.0.0.1", "MOCK_OMS_PORT": "0"})
        for bind in self.created["HostConfig"].get("Binds") or ():
            environment["MOCK_OMS_SCENARIOS"] = bind.split(":")[0]
        self.process = subprocess.Popen([program(), "serve"], stderr=subprocess.PIPE, text=True, env=environment)
        for line in self.process.stderr or ():
            self.said.append(line)
            if line.startswith(ANNOUNCED):
                break
        else:
            self.process.wait()

    def remove(self) -> None:
        self.removed += 1
        if self.process is not None:
            with self.process as process:
                process.kill()

    def facts(self) -> dict[str, Any]:
        """What `docker inspect` tells of the container."""
        runs = self.process is not None and self.process.poll() is None
        port = urlsplit(self.said[-1].removeprefix(ANNOUNCED).strip()).port if runs else 1
        return {
            "Id": ID,
            "Config": {"Tty": False},
            "State": {"Status": "running" if runs else "exited", "Running": runs},
            "NetworkSettings": {"Ports": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]}},
        }

    def logs(self) -> bytes:
        """What the container said to standard error, in the frames of Docker's log."""
        text = "".join(self.said).encode()
        return b"\x02\0\0\0" + len(text).to_bytes(4) + text


class _Conversation(BaseHTTPRequestHandler):
    engine: Engine

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        *_, noun, last = ["", *urlsplit(self.path).path.split("/")]
        status, answer = self._done(f"{self.command} {noun if last == ID else last}", body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _done(self, act: str, body: bytes) -> tuple[int, object]:
        match act:
            case "GET version":
                return 200, {"ApiVersion": "1.44", "MinAPIVersion": "1.24", "Os": "linux", "Arch": "amd64"}
            case "POST create":
                self.engine.created = json.loads(body)
                return 201, {"Id": ID, "Warnings": []}
            case "POST start":
                self.engine.start()
                return 204, b""
            case "GET json":
                return 200, self.engine.facts()
            case "GET logs":
                return 200, self.engine.logs()
            case "DELETE containers":
                self.engine.remove()
                return 204, b""
            case _:
                return 501, {"message": f"This engine does not know {self.command} {self.path}"}

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815  the names that http.server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def docker_engine() -> Iterator[Engine]:
    """An engine that listens at `url`, as `DOCKER_HOST` wants it, until the end."""
    engine = Engine()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("_Here", (_Conversation,), {"engine": engine})) as server:
        engine.url = f"tcp://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield engine
        finally:
            server.shutdown()
            thread.join()
            if engine.process is not None:
                engine.process.kill()
