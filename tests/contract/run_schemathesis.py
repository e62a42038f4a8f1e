"""Start a real server, let Schemathesis compare it with what describes it, and stop it; exit as Schemathesis does.

`vendor` compares it with openapi.yaml, `control` with the /_mock/openapi.json that it serves; without a word, both.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread, Timer
from typing import IO
from urllib.request import ProxyHandler, build_opener

HERE = Path(__file__).resolve().parent
#: For each API, its description and how it is judged; a path that begins with /_mock is the server's own.
APIS = {
    "vendor": (str(HERE.parents[1] / "openapi.yaml"), "schemathesis.toml"),
    "control": ("/_mock/openapi.json", "schemathesis_control.toml"),
}
#: Checks of our own, for the vendor's API.
HOOKS: dict[str, dict[str, str]] = {
    "vendor": {"SCHEMATHESIS_HOOKS": str(HERE / "paging_checks.py")},
    "control": {},
}
ANNOUNCEMENT = "Serving on "
#: Seconds to start and to stop. Nothing is waited out: they only bound what would else hang.
PATIENCE = 30.0
VISITS = 20


def program(name: str) -> str:
    """A program of the environment that runs this script, whether or not it is on the PATH."""
    found = shutil.which(name, path=sysconfig.get_path("scripts"))
    if found is None:
        sys.exit(f"{name} is not installed beside {sys.executable}. Run `make test`, which installs it.")
    return found


def plain_environment() -> dict[str, str]:
    """The environment without the mock's own settings, so that a developer's token or store changes nothing here."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MOCK_OMS_")}


def address_in(log: IO[str]) -> str | None:
    """Read the banner up to the line that names the address; None where it ends without one."""
    for line in log:
        if line.startswith(ANNOUNCEMENT):
            return line.removeprefix(ANNOUNCEMENT).strip()
        sys.stderr.write(line)
    return None


@contextmanager
def server() -> Iterator[tuple[str, deque[str]]]:
    """A mock on a free port: its address, and the last lines that it wrote after its banner."""
    command = [program("mock-oms"), "serve", "--port", "0", "--scenario", "default"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=plain_environment()) as process:
        try:
            yield started(process)
        finally:
            stop(process)


def started(process: subprocess.Popen[str]) -> tuple[str, deque[str]]:
    """Wait for the address, then keep reading: a full pipe would stop the server in the middle of a log line."""
    assert process.stderr is not None
    deadline = Timer(PATIENCE, process.kill)
    deadline.start()
    address = address_in(process.stderr)
    deadline.cancel()
    if address is None:
        sys.exit("The server ended, or was ended, before it said where it serves; its own words stand above.")
    last_lines: deque[str] = deque(maxlen=50)
    Thread(target=last_lines.extend, args=(process.stderr,), daemon=True).start()
    return address, last_lines


def stop(process: subprocess.Popen[str]) -> None:
    """Ask the server to end, and end it where it does not."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()


def judge(address: str, api: str, options: list[str]) -> int:
    """Run Schemathesis in a folder that is thrown away, for it and Hypothesis leave files where they run."""
    description, config = APIS[api]
    described = f"{address}{description}" if description.startswith("/_mock") else description
    command = [program("schemathesis"), "--config-file", str(HERE / config), "run", described, "--url", address]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **HOOKS[api]}
        return subprocess.run([*command, *options], cwd=folder, env=environment, check=False).returncode


def visit(address: str) -> None:
    """Make a few vendor requests: the control API tells of those that were made, and it would have none to tell of."""
    opener = build_opener(ProxyHandler({}))
    opener.addheaders = [("Authorization", "Token mock-oms-token")]
    for _ in range(VISITS):
        opener.open(f"{address}/api/v1/oms/orderexecutionplans/", timeout=PATIENCE).close()


def judged(api: str, options: list[str]) -> int:
    """Judge a fresh server; where it fails, show what the server wrote."""
    with server() as (address, last_lines):
        visit(address)
        code = judge(address, api, options)
    if code:
        sys.stderr.writelines(["\nThe last lines of the server:\n", *last_lines])
    return code


def main() -> int:
    """Judge what is named first, or everything; what follows is for Schemathesis."""
    named = [word for word in sys.argv[1:2] if word in APIS]
    options = sys.argv[1 + len(named) :]
    return max(judged(api, options) for api in named or APIS)


if __name__ == "__main__":
    sys.exit(main())
