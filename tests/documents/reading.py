"""A reader who does all that a page shows, in its order, in a folder of their own."""

import doctest
import json
import os
import re
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from mock_oms.scenarios.building import load_scenario
from mock_oms.scenarios.checking import check
from mock_oms.settings import environment_variables
from tests.documents.commands import SHOWN, Serve, Simple, as_serve, as_simple, console, fetched, is_plain_curl, script
from tests.documents.life import diagram, picture
from tests.documents.pages import ROOT, Block
from tests.gates.tools import tool
from tests.system import forked
from tests.system.running import Running, plain_environment, program, serving

_BIN = Path(program()).parent
#: The plugins of our own tests, which a reader does not have.
_WITHOUT = ("randomly", "schemathesis", "hypothesispytest", "cacheprovider", "xdist", "pytest_cov")


@dataclass(slots=True)
class Reader:
    """Who reads in `folder`; a server that a page starts runs until it starts another, or `servers` is closed."""

    folder: Path
    servers: ExitStack
    running: Running | None = None
    tests: list[str] = field(default_factory=list)

    def follow(self, block: Block) -> None:
        """Do what a block shows.

        :raises AssertionError: it does not happen.
        """
        if "not run" in block.marks:
            other = block.marks["not run"].rpartition("see ")[2]
            assert (ROOT / other).exists(), f"line {block.line}: 'not run' must name what checks it: … see FILE"
            return
        if "file" in block.marks:
            assert block.text == (ROOT / block.marks["file"]).read_text(encoding="utf-8"), f"line {block.line}"
        if "as" in block.marks:
            (self.folder / block.marks["as"]).write_text(block.text, encoding="utf-8")
        assert block.language in READINGS, f"line {block.line}: nobody knows how to run '{block.language}'"
        READINGS[block.language](self, block)

    def finish(self) -> None:
        """Run the tests of the page, all at once: a pytest for each would take longer than the rest of the page."""
        if self.tests:
            self.succeed(f"pytest {' '.join(self.tests)}", 1)

    def succeed(self, command: str, line: int) -> None:
        """Run a command that must succeed; `line` is that of its block."""
        done = self.shell(command)
        assert done.returncode == 0, f"line {line}:\n{done.stdout}{done.stderr}"

    def start(self, serve: Serve) -> str:
        """Start a server in place of the one that runs; what it says."""
        self.servers.close()
        server = serving(*serve.arguments, more=serve.variables, folder=self.folder)
        self.running = self.servers.enter_context(server)
        return "".join(f"{line}\n" for line in self.running.banner)

    def output_of(self, command: str) -> str:
        serve = as_serve(command)
        if serve is not None:
            return self._as_shown(self.start(serve))
        if self.running is not None and is_plain_curl(command):
            return self._as_shown(fetched(command, self.running.address, self.folder))
        done = self.shell(command)
        return self._as_shown(done.stdout + done.stderr)

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a reader would, whose server is ours; it sees the folders of the checkout that it names.

        What needs no shell is forked, which is quicker.
        """
        for name in ("examples", "scenarios", "docs"):
            if f"{name}/" in command and not (self.folder / name).exists():
                (self.folder / name).symlink_to(ROOT / name)
        here = command if self.running is None else command.replace(SHOWN, self._place())
        more = {"PATH": f"{_BIN}:/usr/local/bin:/usr/bin:/bin", "COLUMNS": "80"}
        more["PYTHONPATH"] = f"{ROOT / 'examples' / 'poller'}:{os.environ.get('PYTHONPATH', '')}"
        more["PYTEST_ADDOPTS"] = " ".join(f"-p no:{name}" for name in _WITHOUT)
        if self.running is not None and "mock-oms " in command:
            more["MOCK_OMS_URL"] = self.running.address  # it would ask the port that is shown; pytest would not
        variables = plain_environment(more) | {"no_proxy": "*"}
        simple = as_simple(here)
        if simple is not None:
            return self._forked(simple, variables | simple.variables)
        words = ["/bin/sh", "-c", here]
        return subprocess.run(
            words, cwd=self.folder, capture_output=True, text=True, check=False, env=variables, timeout=120
        )

    def _forked(self, simple: Simple, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        done = forked.run(*simple.words, environment=variables, folder=self.folder)
        if simple.file:
            (self.folder / simple.file).write_text(done.stdout, encoding="utf-8")
            done.stdout = ""
        if simple.says_code:
            done.stderr += f"{done.returncode}\n"
        return done

    def _place(self) -> str:
        assert self.running is not None
        return self.running.address.partition("://")[2]

    def _as_shown(self, text: str) -> str:
        return text if self.running is None else text.replace(self._place(), SHOWN)


def _console(reader: Reader, block: Block) -> None:
    """Each command prints what is shown; where nothing is shown of a server's start, anything may be said."""
    for command, wanted in console(block.text):
        actual = reader.output_of(command)
        silent = as_serve(command) is not None and not wanted
        same = silent or doctest.OutputChecker().check_output(wanted, actual, doctest.ELLIPSIS)
        assert same, f"line {block.line}: $ {command}\n{actual}"


def _script(reader: Reader, block: Block) -> None:
    """A block to be copied: every command succeeds."""
    rest, installs = [], re.compile("pip install|make install")
    for command in script(block.text):
        if as_serve(command) or (reader.running is not None and is_plain_curl(command)):
            assert "Error" not in reader.output_of(command), f"line {block.line}: {command}"
        else:
            # What would install things takes what is installed here; tests/system/test_distributions.py installs.
            rest.append(f"mkdir -p .venv && ln -sfn {_BIN} .venv/bin" if installs.search(command) else command)
    reader.succeed("\n".join(["set -e", *rest]), block.line)


def _python(reader: Reader, block: Block) -> None:
    """What has a name is a module, for the consoles of the page; tests wait for the page's end; a script runs."""
    name = block.marks.get("as", f"test_of_line_{block.line}.py")
    (reader.folder / name).write_text(block.text, encoding="utf-8")
    if "as" in block.marks:
        compile(block.text, name, "exec")
    elif "def test_" in block.text:
        reader.tests.append(name)
    else:
        reader.succeed(f"python {name}", block.line)


def _module(_: Reader, block: Block) -> None:
    """A module in another language, which a console of the page runs; without Node.js nobody can."""
    assert "as" in block.marks, f"line {block.line}: it must become a file that the page uses: <!-- as: NAME -->"
    tool("node")


def _yaml(reader: Reader, block: Block) -> None:
    """A scenario does what it expects; a compose file names settings and services that exist."""
    found = yaml.safe_load(block.text)
    kind = next((name for name in YAMLS if name in found), None)
    assert kind, f"line {block.line}: YAML must be one of: a file with {', '.join(YAMLS)}"
    YAMLS[kind](reader, block)


def _scenario(reader: Reader, block: Block) -> None:
    file = reader.folder / block.marks.get("as", f"of-line-{block.line}.yaml")
    file.write_text(block.text, encoding="utf-8")
    assert check(load_scenario(file)) == []


def _compose(_: Reader, block: Block) -> None:
    services = yaml.safe_load(block.text)["services"]
    for one in services.values():
        named = {name for name in one.get("environment", {}) if name.startswith("MOCK_OMS_")}
        assert named <= set(environment_variables())
        assert set(one.get("depends_on", {})) <= set(services), f"line {block.line}"


def _scrape(reader: Reader, block: Block) -> None:
    """What Prometheus is told to ask for, the server of the page answers with metrics."""
    assert reader.running is not None, f"line {block.line}: no server runs that could be asked"
    for job in yaml.safe_load(block.text)["scrape_configs"]:
        status, body = reader.running.get(job["metrics_path"], {})
        assert (status, body[:6]) == (200, b"# HELP"), f"line {block.line}: {job['metrics_path']}"


def _toml(reader: Reader, block: Block) -> None:
    assert tomllib.loads(block.text)
    (reader.folder / block.marks.get("as", "pyproject.toml")).write_text(block.text, encoding="utf-8")


def _json(_: Reader, block: Block) -> None:
    assert json.loads(block.text)
    assert block.marks, f"line {block.line}: JSON must become a file that the page uses: <!-- as: NAME -->"


def _drawing(_: Reader, block: Block) -> None:
    """Drawings are made from the table of a plan's life, and there are no others."""
    assert block.text.strip() in (diagram(), picture().removeprefix("```text\n").removesuffix("```").strip())


READINGS: Mapping[str, Callable[[Reader, Block], None]] = {
    "console": _console,
    "sh": _script,
    "python": _python,
    "js": _module,
    "yaml": _yaml,
    "toml": _toml,
    "json": _json,
    "mermaid": _drawing,
    "text": _drawing,
}
YAMLS = {"services": _compose, "description": _scenario, "scrape_configs": _scrape}
