"""What is shipped is what is tested: wheel and sdist, each in a fresh environment, outside the checkout.

`DISTRIBUTIONS` names a folder that holds both already, as `make dist` makes them; without it they are made here.
"""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from mock_oms import __version__
from tests.documents.pages import blocks, read
from tests.system.running import plain_environment, serving

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
#: What tests and builds from the sdist need, beside the package.
SHIPPED = "Makefile Dockerfile compose.yaml .dockerignore openapi.yaml scenarios tests docs bench examples packaging requirements tools"


def run(*command: str, cwd: Path) -> str:
    """The standard output of a command that must succeed; modules on our own path are not the environment's."""
    environment = plain_environment({"PYTHONPATH": ""})
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = os.environ.get("DISTRIBUTIONS")
    if given:
        return Path(given)
    folder = tmp_path_factory.mktemp("distributions")
    # The wheel is built from the sdist, so that it holds nothing that the sdist lacks.
    run(sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT), cwd=folder)
    return folder


@pytest.fixture(scope="module", params=["whl", "tar.gz"])
def installed(request: pytest.FixtureRequest, distributions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    (distribution,) = distributions.glob(f"mock_oms-*.{request.param}")
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", str(folder / "venv"), cwd=folder)
    python = folder / "venv" / "bin" / "python"
    run(str(python), "-m", "pip", "install", "--quiet", str(distribution), cwd=folder)
    return python.with_name("mock-oms")


def test_the_wheel_holds_the_contract_and_every_scenario_and_profile(distributions: Path) -> None:
    (wheel,) = distributions.glob("mock_oms-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    files = (file.relative_to(ROOT) for file in (ROOT / "scenarios").rglob("*.yaml"))
    wanted = {f"mock_oms/shipped/{file.as_posix()}" for file in files}
    assert wanted | {"mock_oms/shipped/openapi.yaml", "mock_oms/py.typed"} <= held


def test_the_wheel_holds_every_file_of_the_dashboard(distributions: Path) -> None:
    (wheel,) = distributions.glob("mock_oms-*.whl")
    files = [
        file.relative_to(ROOT).as_posix() for file in (ROOT / "mock_oms/api/dashboard").rglob("*") if file.is_file()
    ]
    assert "mock_oms/api/dashboard/index.html" in files
    assert [name for name in files if name not in zipfile.ZipFile(wheel).namelist()] == []


def test_the_sdist_holds_what_its_own_tests_and_builds_need(distributions: Path) -> None:
    (sdist,) = distributions.glob("mock_oms-*.tar.gz")
    with tarfile.open(sdist) as archive:
        held = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert [name for name in SHIPPED.split() if name not in held] == []


def test_the_install_lines_of_the_readme_are_true_where_an_index_has_what_was_built(
    distributions: Path, tmp_path: Path
) -> None:
    copied = [one.text for one in blocks(read("README.md")) if "pip install" in one.text]
    assert len(copied) == 2
    variables = plain_environment({"PYTHONPATH": "", "PIP_FIND_LINKS": str(distributions), "no_proxy": "127.0.0.1"})
    for number, text in enumerate(copied):
        folder = tmp_path / str(number)
        folder.mkdir()
        words = ["/bin/sh", "-ec", text]
        done = subprocess.run(words, cwd=folder, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    said = run(str(tmp_path / "0" / ".venv" / "bin" / "mock-oms"), "--version", cwd=tmp_path)
    assert said.startswith(f"mock-oms, version {__version__}")


def test_what_is_installed_serves_and_prints_what_the_checkout_has(installed: Path) -> None:
    with serving("--scenario", "restock", program=str(installed), more={"PYTHONPATH": ""}) as running:
        status, body = running.get("/api/v1/oms/orderexecutionplans/")
        pages = [running.get(path)[0] for path in ("/_mock/", "/_mock/page/main.js")]
        health = json.loads(
            run(str(installed), "healthcheck", "--timeout", "60", "--url", running.address, cwd=installed.parent)
        )
    assert (status, json.loads(body)["count"], health["status"], pages) == (200, 1, "ready", [200, 200])
    assert run(str(installed), "openapi", cwd=installed.parent) == (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    listed = json.loads(run(str(installed), "scenario", "list", "--json", cwd=installed.parent))
    assert {one["name"] for one in listed} == {file.stem for file in (ROOT / "scenarios").glob("*.yaml")}
