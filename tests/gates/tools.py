"""Tools that nobody here wrote, in environments of their own: `make gate-tools` installs them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: pip's and npm's; what they need contradicts what the tests of this project need.
PYTHON_TOOLS, NODE_TOOLS, BRUNO = (ROOT / ".venvs" / name for name in ("gates", "spectral", "bruno"))
#: Seconds that one run of a tool may take; each takes a tenth of it.
PATIENCE = 300


def tool(
    name: str, folder: Path | None = None, *, made_by: str = "make gate-tools installs all but Java and Node.js"
) -> str:
    """The program of this name. Where it is missing a test is skipped, and fails under CI."""
    found = shutil.which(name, path=None if folder is None else str(folder))
    if found is None:
        missing = f"{name} is not installed: {made_by}."
        if os.environ.get("CI") == "true":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    return found


def python_tool(name: str) -> str:
    """A program that pip has installed for the gates."""
    return tool(name, PYTHON_TOOLS / "bin")


def run(*command: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a tool prints; it reaches a server on this machine without a proxy."""
    without_coverage = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return subprocess.run(
        command,
        cwd=cwd,
        env={**without_coverage, "NO_PROXY": "*", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
