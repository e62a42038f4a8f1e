"""What the image installs is pinned, with hashes, and is what pyproject.toml asks for."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {"runtime.txt": PYPROJECT["project"]["dependencies"], "build.txt": PYPROJECT["build-system"]["requires"]}


def entries(name: str) -> dict[str, str]:
    """What is pinned: name of a package to what follows it, continuation lines joined."""
    text = (ROOT / "requirements" / name).read_text()
    joined = re.sub(r" \\\n\s*", " ", text)
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(line.split("==")[0]): line for line in lines}


@pytest.mark.parametrize("name", LOCKS)
def test_every_dependency_is_pinned_to_a_release_that_it_may_have(name: str) -> None:
    pinned, wanted = entries(name), [Requirement(one) for one in LOCKS[name]]
    assert wanted
    for one in wanted:
        release = re.match(r"[\w.-]+==(\S+)", pinned[canonicalize_name(one.name)])
        assert release
        assert release[1] in one.specifier, f"{one} is pinned to {release[1]}; make it anew: make lock"


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_is_one_release_with_hashes_and_no_address(name: str) -> None:
    line = r"[a-z0-9.-]+==[\w.]+(?: ; [^:/]+?)?(?: --hash=sha256:[0-9a-f]{64})+"
    assert [text for text in entries(name).values() if not re.fullmatch(line, text)] == []


def test_a_dependency_of_some_platforms_stays_one_of_theirs() -> None:
    marked = {canonicalize_name(one.name): one.marker for one in map(Requirement, LOCKS["runtime.txt"]) if one.marker}
    assert marked
    for name, marker in marked.items():
        assert str(marker) in entries("runtime.txt")[name].replace("'", '"')


@pytest.mark.parametrize("package", ["cryptography", "pyyaml", "rpds-py", "uvloop", "watchfiles"])
def test_what_is_compiled_is_pinned_for_every_platform_at_once(package: str) -> None:
    assert entries("runtime.txt")[package].count("--hash=") > 20


def test_the_recipes_count_the_packages_of_the_image() -> None:
    page = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    assert f"mock-oms and {len(entries('runtime.txt'))} packages" in page
