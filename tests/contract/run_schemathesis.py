"""Start a server, let Schemathesis compare it with what describes it, and stop it; exit as Schemathesis does.

`vendor` compares it with openapi.yaml, `control` with the /_mock/openapi.json that it serves; without a word, both.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import httpx

from mock_oms.testing import running_server

HERE = Path(__file__).resolve().parent
#: For each API, its description, its configuration, and checks of our own; /_mock/... is the server's own description.
APIS: dict[str, tuple[str, str, dict[str, str]]] = {
    "vendor": (
        str(HERE.parents[1] / "openapi.yaml"),
        "schemathesis.toml",
        {"SCHEMATHESIS_HOOKS": str(HERE / "paging_checks.py")},
    ),
    "control": ("/_mock/openapi.json", "schemathesis_control.toml", {}),
}
REQUESTS = 20


def judge(address: str, api: str, options: list[str]) -> int:
    """Run Schemathesis in a folder that is thrown away, for it and Hypothesis leave files where they run."""
    description, config, hooks = APIS[api]
    described = f"{address}{description}" if description.startswith("/_mock") else description
    program = shutil.which("schemathesis", path=sysconfig.get_path("scripts"))
    if program is None:
        sys.exit(f"schemathesis is not installed beside {sys.executable}. Run `make test`, which installs it.")
    command = [program, "--config-file", str(HERE / config), "run", described, "--url", address, *options]
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(command, cwd=folder, env={**os.environ, **hooks}, check=False).returncode


def judged(api: str, options: list[str]) -> int:
    """Judge a fresh server, after a few vendor requests, without which the control API has none to describe."""
    with running_server() as server, httpx.Client(timeout=30, trust_env=False) as client:
        headers = {"Authorization": f"Token {server.token}"}
        for _ in range(REQUESTS):
            client.get(f"{server.url}/api/v1/oms/orderexecutionplans/", headers=headers).raise_for_status()
        return judge(server.url, api, options)


def main() -> int:
    """Judge what is named first, or everything; what follows is for Schemathesis."""
    named = [word for word in sys.argv[1:2] if word in APIS]
    options = sys.argv[1 + len(named) :]
    return max(judged(api, options) for api in named or APIS)


if __name__ == "__main__":
    sys.exit(main())
