"""`make image` takes the builder that is there, gives it what the image is made from, and says what is missing."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.dockerfile import ROOT, instructions
from tests.system.running import plain_environment

NEEDED = ("bash", "cat", "dirname", "git", "grep", "mktemp", "rm", "sed")
#: A builder that only says what it was given, and shows the file that it would build from.
ECHO = '#!{bash}\n# {knows}\nprintf "%s\\n" "$@"\nwhile [ $# -gt 0 ]; do [ "$1" != --file ] || cat "$2"; shift; done\n'


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder with the few programs that the script needs, and no builder."""
    for name in NEEDED:
        found = shutil.which(name)
        assert found
        (tmp_path / name).symlink_to(found)
    return tmp_path


def install(folder: Path, name: str, knows: str = "") -> None:
    program = folder / name
    program.write_text(ECHO.format(bash=folder / "bash", knows=knows), encoding="utf-8")
    program.chmod(0o755)


def made(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    words, environment = [folder / "bash", ROOT / "tools" / "image.sh"], plain_environment(variables)
    environment["PATH"] = str(folder)
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)


def test_a_builder_that_is_missing_or_unknown_is_refused(bare: Path) -> None:
    done = made(bare)
    assert done.returncode == 1
    assert "reaches no Docker engine, and there is no buildah" in done.stderr
    assert "BUILDER is podman; accepted: docker, buildah." in made(bare, BUILDER="podman").stderr


def test_docker_is_taken_where_its_engine_answers(bare: Path) -> None:
    install(bare, "docker")
    install(bare, "buildah")
    words = made(bare, PYTHON_VERSION="3.12", TAG="ours", BASE="mirror/python:3.12-slim").stdout.split("\n")
    versions = {one for one in instructions("ARG") if one.startswith("VERSION=")}
    assert words[0] == "build"
    assert {"PYTHON_VERSION=3.12", "BASE=mirror/python:3.12-slim", "ours", ".", *versions} <= set(words)


def test_buildah_builds_in_dockers_format_or_the_health_check_would_be_lost(bare: Path) -> None:
    install(bare, "buildah", "start-interval")
    words = made(bare, BUILD_OPTIONS="--volume /a:/b").stdout
    assert words.startswith("bud\n--isolation\nchroot\n--format\ndocker\n")
    assert "--volume\n/a:/b\n" in words
    assert (ROOT / "Dockerfile").read_text() in words


def test_an_old_buildah_builds_without_the_start_interval_and_says_so(bare: Path) -> None:
    install(bare, "buildah")
    done = made(bare)
    assert (ROOT / "Dockerfile").read_text().replace(" --start-interval=0.5s", "") in done.stdout
    assert "knows no --start-interval" in done.stderr
