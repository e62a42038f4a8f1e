"""What is shipped is what is tested: the built wheel, in a fresh environment, outside the checkout."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.system.running import plain_environment, serving

ROOT = Path(__file__).parents[2]


def run(*command: str, cwd: Path) -> str:
    """The standard output of a command that must succeed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=plain_environment())
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT), cwd=folder)
    (built,) = folder.glob("mock_oms-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", str(folder / "venv"), cwd=folder)
    python = folder / "venv" / "bin" / "python"
    run(str(python), "-m", "pip", "install", "--quiet", str(wheel), cwd=folder)
    return python.with_name("mock-oms")


def test_the_wheel_holds_the_contract_and_every_scenario_and_profile(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    files = (file.relative_to(ROOT) for file in (ROOT / "scenarios").rglob("*.yaml"))
    wanted = {f"mock_oms/shipped/{file.as_posix()}" for file in files}
    assert wanted | {"mock_oms/shipped/openapi.yaml", "mock_oms/py.typed"} <= held


def test_the_installed_wheel_serves_the_list(installed: Path) -> None:
    with serving("--scenario", "restock", program=str(installed)) as running:
        status, body = running.get("/api/v1/oms/orderexecutionplans/")
    assert (status, json.loads(body)["count"]) == (200, 1)


def test_the_installed_wheel_prints_the_contract_of_the_checkout(installed: Path) -> None:
    assert run(str(installed), "openapi", cwd=installed.parent) == (ROOT / "openapi.yaml").read_text(encoding="utf-8")


def test_the_installed_wheel_knows_its_scenarios(installed: Path) -> None:
    listed = json.loads(run(str(installed), "scenarios", "list", "--json", cwd=installed.parent))
    assert {one["name"] for one in listed} == {file.stem for file in (ROOT / "scenarios").glob("*.yaml")}
