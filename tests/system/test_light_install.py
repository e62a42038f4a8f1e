"""mock-oms-client: client, command and plugin in an environment without a server, for a mock that runs elsewhere."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mock_oms.client.errors import SERVER_MODULES
from tests.system.running import plain_environment, serving

ROOT = Path(__file__).parents[2]
LIGHT = ROOT / "packaging" / "client"
TEST = """
def test_it(oms):
    assert oms.plans().count
"""


def project(folder: Path) -> Any:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_it_needs_what_the_whole_needs_in_the_same_ranges_and_what_is_left_out_is_known_as_the_server() -> None:
    whole, light = (set(project(folder)["dependencies"]) for folder in (ROOT, LIGHT))
    assert light - whole == set()
    left_out = {re.match(r"[\w-]+", one)[0].replace("-", "_") for one in whole - light}  # type: ignore[index]
    assert left_out <= SERVER_MODULES
    same = ("scripts", "entry-points", "optional-dependencies", "requires-python")
    assert [key for key in same if project(ROOT)[key] != project(LIGHT)[key]] == []


def ran(*command: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    environment = plain_environment({"PYTHONPATH": "", "PYTEST_ADDOPTS": ""})
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of an environment that has the wheel and pytest."""
    folder = tmp_path_factory.mktemp("light")
    python = str(folder / "venv" / "bin" / "python")
    for command in (
        (sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(LIGHT)),
        (sys.executable, "-m", "venv", str(folder / "venv")),
        (python, "-m", "pip", "install", "--quiet", "--find-links", str(folder), "mock-oms-client", "pytest"),
    ):
        done = ran(*command, cwd=folder)
        assert done.returncode == 0, done.stderr
    (folder / "test_it.py").write_text(TEST, encoding="utf-8")
    return Path(python).parent


@pytest.mark.slow
def test_no_server_is_installed_and_the_same_files_are(light: Path) -> None:
    asked = "import importlib.util as u, sys; print([one for one in sys.argv[1:] if u.find_spec(one)])"
    assert ran(str(light / "python"), "-c", asked, *SERVER_MODULES, cwd=light).stdout == "[]\n"
    (wheel,) = light.parents[1].glob("mock_oms_client-*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("mock_oms/")}
    files = {f"mock_oms/{one.relative_to(ROOT / 'mock_oms')}" for one in (ROOT / "mock_oms").rglob("*.py")}
    assert files | {"mock_oms/py.typed", "mock_oms/shipped/openapi.yaml"} <= held
    assert [name for name in held if name.startswith("mock_oms/api/dashboard/")] == []


@pytest.mark.slow
def test_command_and_plugin_drive_a_mock_that_runs_elsewhere(light: Path) -> None:
    with serving() as running:
        listed = ran(str(light / "mock-oms"), "plan", "list", "--url", running.address, cwd=light)
        tested = ran(str(light / "pytest"), "-q", "--oms-url", running.address, cwd=light.parents[1])
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "1 passed" in tested.stdout, tested.stdout
    command = f"{sys.executable} -m mock_oms serve"
    tested = ran(str(light / "pytest"), "-q", "--oms-command", command, cwd=light.parents[1])
    assert "1 passed" in tested.stdout, tested.stdout


@pytest.mark.slow
def test_where_a_server_is_wanted_one_sentence_says_what_to_do(light: Path) -> None:
    said = [ran(str(light / "mock-oms"), *words.split(), cwd=light) for words in ("serve", "plans", "doctor")]
    tested = ran(str(light / "pytest"), "-q", cwd=light.parents[1])
    imported = ran(str(light / "python"), "-c", "from mock_oms.testing import running_server", cwd=light)
    assert {one.returncode for one in said} == {2}
    wanted = "pip install mock-oms), or use a mock that runs elsewhere: --url or MOCK_OMS_URL; in pytest --oms-url, or"
    texts = [*(one.stderr for one in said), tested.stdout, imported.stderr]
    assert [text for text in texts if wanted not in text] == []
    assert [text for text in texts[:-1] if "Traceback" in text] == []
