"""The plugin beside tools that replace what it needs: each tool really installed, in a pytest of its own.

The tools are in an environment of their own, which `tools/neighbours.sh` makes.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from mock_oms.testing import running_server
from tests.gates.tools import ROOT, tool
from tests.neighbours import texts

pytestmark = pytest.mark.slow

#: Seconds after which a run is taken to hang; each takes a few.
PATIENCE = 120
#: Nothing of ours may warn, whatever is looked at; what the tools themselves say is theirs.
STRICT = ("-bb", "-X", "dev", "-W", "error")
PYTHON = ROOT / ".venvs" / "neighbours" / "bin"
INI = """
[pytest]
addopts = -p no:cacheprovider -p mock_oms.pytest_plugin
pythonpath = .
oms_scenarios = .
filterwarnings =
    error
"""
SETTINGS = """
SECRET_KEY = "x"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
USE_TZ = True
"""


def ran(
    folder: Path, files: Mapping[str, str], *options: str, strict: bool = True, **more: str
) -> subprocess.CompletedProcess[str]:
    """A run of somebody's test files, with the plugins that are named in `options` and no other."""
    fixed = {"pytest.ini": INI, "using.py": texts.USING, "settings.py": SETTINGS, "urls.py": "urlpatterns = []\n"}
    fixed["today.yaml"] = "description: x\nclock: {start: now}\nplans: []\n"
    for name, text in {**fixed, **files}.items():
        (folder / name).write_text(text, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MOCK_OMS", "PYTEST", "COV"))}
    return subprocess.run(
        [
            tool("python", PYTHON, made_by="tools/neighbours.sh installs it, with the tools"),
            *(STRICT if strict else ()),
            "-m",
            "pytest",
            "-q",
            *options,
        ],
        cwd=folder,
        env={**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


ALONE = {"alone": "def test_it(oms):\n    used(oms)\n"}
#: Runs of neighbours that do not disturb each other: their test files, and the options.
RUNS: dict[str, tuple[Mapping[str, str], str]] = {
    "clients": (texts.CLIENTS, "-p pytest_httpx -p respx.plugin -p requests_mock.contrib._pytest_plugin"),
    "times": (texts.TIMES, "-p time_machine"),
    "files": (texts.FILES, "-p pyfakefs.pytest_plugin"),
    "sockets": (texts.SOCKETS, "-p pytest_socket"),
    "no sockets": (ALONE, "-p pytest_socket --disable-socket"),
    "loops": (
        texts.LOOPS,
        "-o asyncio_default_fixture_loop_scope=function -p pytest_asyncio.plugin -p pytest_trio.plugin -p pytest_randomly",
    ),
    "django": (texts.DJANGO, "-p pytest_django.plugin --ds settings"),
    "flask": (texts.FLASK, "-p pytest_flask.plugin"),
    "processes": (ALONE | {"as_well": ALONE["alone"]}, "-p xdist.plugin -n 2"),
    "no logging": (ALONE, "-p no:logging"),
}


@pytest.mark.parametrize("name", RUNS)
def test_the_mock_works_whatever_its_neighbours_pretend(name: str, tmp_path: Path) -> None:
    files, options = RUNS[name]
    done = ran(tmp_path, {f"test_{one}.py": texts.file_of(text) for one, text in files.items()}, *options.split())
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("text", [texts.GEVENT_BEFORE, texts.GEVENT_AFTER], ids=["before", "after"])
def test_where_gevent_replaces_threads_a_sentence_says_what_to_do(text: str, tmp_path: Path) -> None:
    done = ran(tmp_path, {"test_it.py": text}, strict=False)
    says = "Threads are replaced in this process, as by gevent's monkey.patch_all(), and the mock cannot serve"
    assert (done.returncode, says in done.stdout, "Traceback" in done.stdout) == (1, True, False), done.stdout
    assert done.stdout.splitlines()[-1].startswith(("1 error", "1 passed, 1 error"))


def test_beside_gevent_a_mock_elsewhere_does(tmp_path: Path) -> None:
    text = texts.GEVENT_BEFORE.replace("...", "used(oms)")
    with running_server() as server:
        done = ran(tmp_path, {"test_it.py": text}, strict=False, MOCK_OMS_URL=server.url)
    assert done.returncode == 0, done.stdout
