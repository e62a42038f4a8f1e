"""The image without an engine: its tree, made by the Dockerfile's own commands, and its command as its user over it.

What only a container can show, such as a root file system that is mounted read-only, shows `make image-proof`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests import dockerfile
from tests.dockerfile import ROOT
from tests.system.running import Running, banner_of, plain_environment, serving

pytestmark = pytest.mark.slow

PLANS = "/api/v1/oms/orderexecutionplans/"
#: A control token, because both must have the same; the address, because nothing here listens beyond loopback.
SETTINGS = {"MOCK_OMS_SCENARIO": "restock", "MOCK_OMS_CONTROL_TOKEN": "given"}
#: The folders of the image that its commands name.
FOLDERS = re.compile(r"(?<![\w.])/(?=opt/mock-oms|scenarios|state|tls)")


def as_user() -> list[str]:
    """How root runs as the image's user: it may read everything, such as a Python in root's home, and write nothing."""
    if os.getuid() != 0:
        return []
    user, group = dockerfile.instructions("USER")[0].split(":")
    read = [f"--{one}=-all,+dac_read_search" for one in ("inh-caps", "ambient-caps", "bounding-set")]
    program = shutil.which("setpriv")
    assert program, "Root needs setpriv (of util-linux) to run as the image's user; or run the tests as somebody else."
    return [program, f"--reuid={user}", f"--regid={group}", "--clear-groups", *read]


class Image:
    """What the Dockerfile makes, under a folder instead of `/`."""

    def __init__(self, folder: Path) -> None:
        self.root, self._build, self._python = folder / "root", folder / "build", folder / "python"
        for one in (self.root / "opt", self._build):
            one.mkdir(parents=True)
        self._run(f"{sys.executable} -m venv {self._python}")
        for sources, target in dockerfile.copied():
            for source in sources:
                if (ROOT / source).is_dir():
                    ignored = shutil.ignore_patterns("__pycache__")
                    shutil.copytree(ROOT / source, self._build / target, ignore=ignored)
                else:
                    shutil.copy(ROOT / source, self._build / target)
        for line in dockerfile.instructions("RUN"):
            # The build stage forgets its downloads; here they are kept, for the next time.
            self._run(self.here(line).replace("--no-cache-dir ", ""))
        self._run(f"mkdir -p {self.root}/scenarios && chmod -R a-w {self.root}")

    def here(self, text: str) -> str:
        """A text that names the image's folders, with where they are."""
        return FOLDERS.sub(f"{self.root}/", text)

    def _run(self, line: str) -> None:
        # What these tests may have on their path is not in the image.
        more = {"PYTHONPATH": "", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        env = plain_environment({"PATH": f"{self._python / 'bin'}:{os.environ['PATH']}", **more})
        words = ["/bin/sh", "-c", line]
        done = subprocess.run(words, cwd=self._build, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"

    def run(self, *words: str, **more: str) -> str:
        """The output of a command of the image, which must succeed."""
        command, environment = self.command([*words]), self.environment(**more)
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    def environment(self, **more: str) -> dict[str, str]:
        """What a container's process finds, but for the address: nothing listens beyond loopback here."""
        said = {name: self.here(value) for name, value in dockerfile.environment().items() if name != "MOCK_OMS_HOST"}
        said["PATH"] = said["PATH"].replace("${PATH}", os.environ["PATH"])
        return plain_environment(said | SETTINGS | {"PYTHONPATH": "", "MOCK_OMS_PORT": "0"} | more)

    def command(self, arguments: list[str]) -> list[str]:
        """A command of the image as its user, found where the image finds it."""
        name, *rest = arguments
        return [*as_user(), str(self.root / "opt" / "mock-oms" / "bin" / name), *rest]

    def facts(self) -> dict[Path, tuple[int, int]]:
        """Every file, with its size and when it was last written."""
        files = (file for file in self.root.rglob("*") if file.is_file())
        return {file: (file.stat().st_size, file.stat().st_mtime_ns) for file in files}

    @contextmanager
    def running(self) -> Iterator[Running]:
        """Its command."""
        command, folder = self.command(dockerfile.command()), self.root / "scenarios"
        with subprocess.Popen(
            command, cwd=folder, stderr=subprocess.PIPE, text=True, env=self.environment()
        ) as process:
            try:
                yield Running(process, banner_of(process))
            finally:
                process.kill()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that everybody may enter, unlike pytest's own."""
    with TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)
        subprocess.run(["chmod", "-R", "u+w", made], check=True)  # noqa: S607  or else it cannot be removed


@pytest.fixture(scope="module")
def image(folder: Path) -> Image:
    return Image(folder)


@pytest.fixture(scope="module")
def both(image: Image) -> Iterator[tuple[Running, Running]]:
    """The image's mock and the local one."""
    with image.running() as container, serving(more=SETTINGS) as local:
        yield container, local


def answer(running: Running, path: str, *headers: str) -> bytes:
    """All that comes back, but for the date; an id that is not given would be made, by each process its own."""
    own = ("Host: mock-oms:8080", "Connection: close", "X-Request-Id: one")
    lines = [f"GET {path} HTTP/1.1", *own, *headers, "", ""]
    return re.sub(rb"\r\ndate: [^\r]*", b"", running.raw("\r\n".join(lines).encode()), flags=re.IGNORECASE)


TOKEN = "Authorization: Token mock-oms-token"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        *((f"{PLANS}{path}", [TOKEN]) for path in ("", "?limit=1&page=1", "?page=99", "41207/", "1/")),
        (PLANS, []),
        (PLANS, ["Authorization: Token wrong"]),
        ("/nothing/", [TOKEN]),
        ("/_mock/health/ready", []),
        ("/_mock/openapi.yaml", ["Authorization: Bearer given"]),
        ("/_mock/worlds", []),
    ],
)
def test_it_answers_as_the_local_mock_byte_for_byte(
    both: tuple[Running, Running], path: str, headers: list[str]
) -> None:
    container, local = (answer(one, path, *headers) for one in both)
    assert container.startswith(b"HTTP/1.1 ")
    assert container == local


def test_it_runs_as_the_images_user_its_health_check_finds_it_ready_and_it_ends_at_the_stop_signal(
    image: Image,
) -> None:
    before = image.facts()
    with image.running() as running:
        if os.getuid() == 0:
            status = Path(f"/proc/{running.process.pid}/status").read_text()
            assert re.search(r"^Uid:\t10001\t10001\t10001\t10001$", status, re.MULTILINE)
        port = running.address.rsplit(":", 1)[1]
        assert json.loads(image.run(*dockerfile.health_check(), MOCK_OMS_PORT=port))["status"] == "ready"
        running.stopped()
    assert (running.process.returncode, image.facts()) == (0, before)


def test_it_needs_no_shell_and_no_pip(image: Image) -> None:
    only = str(image.root / "opt" / "mock-oms" / "bin")
    assert image.run("mock-oms", "--version", PATH=only).startswith("mock-oms, version ")
    assert not list(image.root.rglob("site-packages/pip"))


def test_a_scenario_of_ones_own_stands_beside_the_shipped_ones(image: Image, folder: Path) -> None:
    mounted = folder / "mounted"
    mounted.mkdir()
    shutil.copy(ROOT / "scenarios" / "restock.yaml", mounted / "mine.yaml")
    listed = json.loads(image.run("mock-oms", "scenario", "list", "--json", MOCK_OMS_SCENARIOS=str(mounted)))
    assert {"mine", "restock"} <= {one["name"] for one in listed}
