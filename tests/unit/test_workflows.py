"""The workflows cannot run here: their commands exist, they may do little, they end, and they know no secret."""

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from mock_oms import __version__

ROOT = Path(__file__).parents[2]
#: YAML 1.1 reads the key `on` as true.
WORKFLOWS: dict[str, dict[Any, Any]] = {
    file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in (ROOT / ".github/workflows").glob("*.yaml")
}
JOBS: dict[str, dict[str, Any]] = {
    f"{name}.{job}": said for name, one in WORKFLOWS.items() for job, said in one["jobs"].items()
}
STEPS: list[tuple[str, dict[str, Any]]] = [(name, step) for name, job in JOBS.items() for step in job["steps"]]


def test_every_target_of_make_that_a_workflow_runs_exists() -> None:
    targets = set(
        re.findall(r"^([a-z-]+)(?= ?[\w -]*:)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    run = {name for _, step in STEPS for name in re.findall(r"\bmake ([a-z-]+)", step.get("run", ""))}
    assert {"check", "test", "test-slow", "compat", "dist", "sbom", "image", "release-check"} <= run
    assert run - targets == set()


def test_a_workflow_may_do_nothing_but_what_a_job_asks_for_and_writes_nothing_but_a_release() -> None:
    assert {name: one["permissions"] for name, one in WORKFLOWS.items()} == {name: {} for name in WORKFLOWS}
    writes = {name: {what for what, how in job["permissions"].items() if how == "write"} for name, job in JOBS.items()}
    assert {name: what for name, what in writes.items() if what} == {
        "release.publish": {"id-token", "attestations"},
        "release.image": {"id-token", "attestations", "packages"},
    }


def test_every_job_ends_and_every_workflow_minds_those_that_run_already() -> None:
    assert [name for name, job in JOBS.items() if not 0 < job["timeout-minutes"] <= 60] == []
    assert [name for name, one in WORKFLOWS.items() if "group" not in one["concurrency"]] == []


def test_no_secret_is_named_and_no_checkout_keeps_its_token() -> None:
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / ".github").rglob("*.y*ml")]
    assert [text for text in texts if "secrets." in text] == []
    checkouts = [(name, step) for name, step in STEPS if step.get("uses", "").startswith("actions/checkout@")]
    assert [name for name, step in checkouts if step["with"]["persist-credentials"] is not False] == []


def test_only_tags_release_and_only_in_an_environment() -> None:
    assert WORKFLOWS["release"][True] == {"push": {"tags": ["v*"]}}
    protected = {name for name, job in JOBS.items() if "environment" in job}
    assert protected == {"release.publish", "release.image"}
    assert {JOBS[name]["needs"] for name in protected} == {"build"}


def test_the_tests_run_with_every_python_that_the_package_is_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    promised = [one.rpartition(" ")[2] for one in project["classifiers"] if re.search(r":: 3\.\d+$", one)]
    matrix = JOBS["ci.test"]["strategy"]["matrix"]
    assert matrix["python"] == promised
    assert project["requires-python"] == f">={promised[0]}"
    assert "macos-latest" in {one["os"] for one in matrix["include"]}


@pytest.fixture(scope="module")
def release_check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("release_check", ROOT / "tools/release_check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_tag_of_another_version_is_refused(release_check: ModuleType) -> None:
    assert len(release_check.disagreements("v9.9.9")) >= 4
    assert release_check.disagreements("main")[0].startswith("A tag is called")


def test_this_version_has_its_section_in_the_changelog(release_check: ModuleType) -> None:
    said = release_check.disagreements(f"v{__version__}")
    assert [one for one in said if "Unreleased" not in one] == []
