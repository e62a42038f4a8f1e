"""Who is measured, as a table: each peer's command, its files, what it needs and what it promises."""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.peers import configured
from bench.peers.sample import DETAIL, LIST, WORLD, Likeness

MODULES = Path(__file__).parents[1] / "node_modules"
#: Where a system keeps its servers' programs, though not every user's path leads there.
_MORE_PATH = ("/usr/local/sbin", "/usr/sbin", "/sbin")
_SETUP = "`make bench-setup` installs it, or says what must be installed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One server to measure.

    `command` starts it after its `program` (a name on the path), with `{port}`, `{folder}` (its own, where its `files`
    are), `{script}` and `{world}` filled in. `package` is its npm package, and `script` a pattern for the file of it
    that runs. `forget` is a method and a path that make it drop what it has recorded. `note` says how it is set up.
    """

    name: str
    program: str
    command: tuple[str, ...]
    files: configured.Files = configured.nothing
    package: str | None = None
    script: str | None = None
    likeness: Likeness = Likeness.BYTES
    detail: str = DETAIL
    page: str = LIST
    forget: tuple[str, str] | None = None
    note: str

    def missing(self) -> str | None:
        """Why it cannot be started on this machine, or None if it can."""
        if which(self.program) is None:
            return f"`{self.program}` is not on the path; {_SETUP}."
        if self.package and not self._script():
            return f"the npm package `{self.package}` is not installed in `bench/`; {_SETUP}."
        return None

    def words(self, *, port: int, folder: Path) -> list[str]:
        """The whole command."""
        known = {"port": port, "folder": folder, "script": self._script(), "world": WORLD}
        return [which(self.program) or self.program, *(word.format(**known) for word in self.command)]

    def _script(self) -> Path | None:
        return next(MODULES.glob(self.script), None) if self.script else None


def which(program: str) -> str | None:
    """Where a program is; our own stands beside the interpreter that runs us."""
    own = str(Path(sys.executable).parent)
    return shutil.which(program, path=os.pathsep.join((own, os.environ.get("PATH", ""), *_MORE_PATH)))


def package_version(package: str) -> str:
    """The version of an npm package in `bench/`, or `missing`."""
    described = MODULES / package / "package.json"
    return str(json.loads(described.read_text())["version"]) if described.exists() else "missing"


_WIREMOCK = ("-jar", "{script}", "--port", "{port}", "--bind-address", "127.0.0.1", "--root-dir", "{folder}")
_WIREMOCK_JAR = "wiremock/build/wiremock-standalone-*.jar"

OURS = Peer(
    name="mock-oms",
    program="mock-oms",
    command=("serve", "--port", "{port}", "--scenario", "{world}"),
    note="as installed; its access log is written, to nowhere",
)
NGINX = Peer(
    name="nginx",
    program="nginx",
    command=("-e", "stderr", "-p", "{folder}", "-c", "{folder}/nginx.conf"),
    files=configured.nginx,
    detail="/detail.json",
    page="/page.json",
    note="static files, one worker, no access log: the limit",
)
WIREMOCK = Peer(
    name="WireMock",
    program="java",
    command=_WIREMOCK,
    files=configured.wiremock,
    package="wiremock",
    script=_WIREMOCK_JAR,
    forget=("DELETE", "/__admin/requests"),
    note="as installed; its journal, which has no bound, is emptied before each measurement",
)
TUNED = Peer(
    name="WireMock, tuned",
    program="java",
    command=(*_WIREMOCK, "--no-request-journal", "--disable-request-logging"),
    files=configured.wiremock,
    package="wiremock",
    script=_WIREMOCK_JAR,
    note="`--no-request-journal --disable-request-logging`",
)
PRISM = Peer(
    name="Prism",
    program="node",
    command=("{script}", "mock", "--port", "{port}", "--verboseLevel", "silent", "{folder}/openapi.json"),
    files=configured.prism,
    package="@stoplight/prism-cli",
    script="@stoplight/prism-cli/dist/index.js",
    likeness=Likeness.JSON,
    note="`--verboseLevel silent`; a contract without rules, with the bodies as its examples",
)
JSON_SERVER = Peer(
    name="json-server",
    program="node",
    command=(
        *("{script}", "--quiet", "--host", "127.0.0.1", "--port", "{port}"),
        *("--routes", "{folder}/routes.json", "{folder}/db.json"),
    ),
    files=configured.json_server,
    package="json-server",
    script="json-server/lib/cli/bin.js",
    likeness=Likeness.ROWS,
    note="`--quiet`; it indents its JSON, so its bodies are larger",
)
MOCKOON = Peer(
    name="Mockoon",
    program="node",
    command=("{script}", "start", "--data", "{folder}/environment.json", "--repair", "--disable-log-to-file"),
    files=configured.mockoon,
    package="@mockoon/cli",
    script="@mockoon/cli/bin/run.js",
    note="`--disable-log-to-file`; bodies inside, without templating",
)

#: In the order of the tables.
PEERS = (OURS, NGINX, TUNED, WIREMOCK, PRISM, JSON_SERVER, MOCKOON)
