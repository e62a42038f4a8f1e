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
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests import dockerfile
from tests.dockerfile import ROOT
from tests.system.running import Running, banner_of, plain_environment, serving

PLANS = "/api/v1/oms/orderexecutionplans/"
#: A control token, because both must have the same; the address, because nothing here listens beyond loopback.
SETTINGS = {"MOCK_OMS_SCENARIO": "restock", "MOCK_OMS_CONTROL_TOKEN": "given"}
#: The folders of the image that its commands name.
FOLDERS = re.compile(r"(?<![\w.])/(?=opt/mock-oms|scenarios|state|tls)")
Facts = dict[Path, tuple[int, int]]


class Image:
    """What the Dockerfile makes, under a folder instead of `/`."""

    def __init__(self, folder: Path) -> None:
        self.root, self._build, self._python = folder / "root", folder / "build", folder / "python"
        for one in (self.root / "opt", self._build):
            one.mkdir(parents=True)
        self._run(f"{sys.executable} -m venv {self._python}")
        for sources, target in dockerfile.copied():
            self._copy(sources, self._build / target)
        for line in dockerfile.instructions("RUN"):
            # The build stage forgets its downloads; here they are kept, for the next time.
            self._run(self.here(line).replace("--no-cache-dir ", ""))
        self._run(f"mkdir -p {self.root}/scenarios && chmod -R a-w {self.root}")

    def here(self, text: str) -> str:
        """A text that names the image's folders, with where they are."""
        return FOLDERS.sub(f"{self.root}/", text)

    def _copy(self, sources: list[str], target: Path) -> None:
        for source in sources:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, target)

    def _run(self, line: str) -> None:
        path = f"{self._python / 'bin'}:{os.environ['PATH']}"
        # What these tests may have on their path is not in the image.
        more = {"PATH": path, "PYTHONPATH": "", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        words, environment = ["/bin/sh", "-c", line], plain_environment(more)
        done = subprocess.run(words, cwd=self._build, env=environment, capture_output=True, text=True, check=False)
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

    def facts(self) -> Facts:
        """Every file, with its size and when it was last written."""
        files = (file for file in self.root.rglob("*") if file.is_file())
        return {file: (file.stat().st_size, file.stat().st_mtime_ns) for file in files}


def as_user() -> list[str]:
    """How root runs as the image's user: it may read everything, such as a Python in root's home, and write nothing."""
    if os.getuid() != 0:
        return []
    user, group = dockerfile.instructions("USER")[0].split(":")
    read = [f"--{one}=-all,+dac_read_search" for one in ("inh-caps", "ambient-caps", "bounding-set")]
    program = shutil.which("setpriv")
    assert program, "Root needs setpriv (of util-linux) to run as the image's user; or run the tests as somebody else."
    return [program, f"--reuid={user}", f"--regid={group}", "--clear-groups", *read]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that everybody may enter, unlike pytest's own."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder
        subprocess.run(["chmod", "-R", "u+w", made], check=True)  # noqa: S607  or else it cannot be removed


@pytest.fixture(scope="module")
def image(folder: Path) -> Image:
    return Image(folder)


@pytest.fixture(scope="module")
def container(image: Image) -> Iterator[Running]:
    command = image.command(dockerfile.command())
    folder = image.root / "scenarios"
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, env=image.environment()) as process:
        try:
            yield Running(process, banner_of(process))
        finally:
            process.kill()


@pytest.fixture(scope="module")
def local() -> Iterator[Running]:
    with serving(more=SETTINGS) as running:
        yield running


def answer(running: Running, path: str, *headers: str) -> bytes:
    """All that comes back, but for the date; an id that is not given would be made, by each process its own."""
    own = ("Host: mock-oms:8080", "Connection: close", "X-Request-Id: one")
    lines = [f"GET {path} HTTP/1.1", *own, *headers, "", ""]
    return re.sub(rb"\r\ndate: [^\r]*", b"", running.raw("\r\n".join(lines).encode()), flags=re.IGNORECASE)


TOKEN = "Authorization: Token mock-oms-token"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (PLANS, [TOKEN]),
        (f"{PLANS}?limit=1&page=1", [TOKEN]),
        (f"{PLANS}?page=99", [TOKEN]),
        (f"{PLANS}41207/", [TOKEN]),
        (f"{PLANS}1/", [TOKEN]),
        (PLANS, []),
        (PLANS, ["Authorization: Token wrong"]),
        ("/nothing/", [TOKEN]),
        ("/_mock/health/ready", []),
        ("/_mock/openapi.yaml", ["Authorization: Bearer given"]),
        ("/_mock/worlds", []),
    ],
)
def test_it_answers_as_the_local_mock_byte_for_byte(
    container: Running, local: Running, path: str, headers: list[str]
) -> None:
    here = answer(container, path, *headers)
    assert here.startswith(b"HTTP/1.1 ")
    assert here == answer(local, path, *headers)


def test_its_health_check_finds_it_ready(image: Image, container: Running) -> None:
    port = container.address.rsplit(":", 1)[1]
    assert json.loads(image.run(*dockerfile.health_check(), MOCK_OMS_PORT=port))["status"] == "ready"


def test_it_runs_as_the_images_user_and_ends_at_the_stop_signal(image: Image) -> None:
    before, command = image.facts(), image.command(dockerfile.command())
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=image.environment()) as process:
        running = Running(process, banner_of(process))
        if os.getuid() == 0:
            status = Path(f"/proc/{process.pid}/status").read_text()
            assert re.search(r"^Uid:\t10001\t10001\t10001\t10001$", status, re.MULTILINE)
        running.stopped()
    assert process.returncode == 0
    assert image.facts() == before


def test_it_needs_no_shell_and_no_pip(image: Image) -> None:
    only = str(image.root / "opt" / "mock-oms" / "bin")
    assert image.run("mock-oms", "--version", PATH=only).startswith("mock-oms, version ")
    assert not list(image.root.rglob("site-packages/pip"))


def test_a_scenario_of_ones_own_stands_beside_the_shipped_ones(image: Image, folder: Path) -> None:
    mounted = folder / "mounted"
    mounted.mkdir()
    shutil.copy(ROOT / "scenarios" / "restock.yaml", mounted / "mine.yaml")
    listed = json.loads(image.run("mock-oms", "scenarios", "list", "--json", MOCK_OMS_SCENARIOS=str(mounted)))
    assert {"mine", "restock"} <= {one["name"] for one in listed}
