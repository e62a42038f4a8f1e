"""The full loop of docs/full-loop.md, with the project of Django REST framework in the place of a customer's OMS."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

from tests.drf.customer import customers_plans, private_texts
from tests.drf.serving import real_oms
from tests.system.running import serving
from tests.typed import typed

PLANS = customers_plans(24)
#: Switches of this OMS that differ from the defaults.
UNKNOWN = {"page_size": 20, "not_found": "model"}
#: Requests enough for every question, with a few plans.
FEW = ("--max-requests", "45")


@pytest.fixture(scope="module")
def oms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real_oms(tmp_path_factory.mktemp("real"), PLANS, **UNKNOWN) as url:
        yield url


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    return typed(*words, "--rate", "1000")


def captured(answers: dict[str, Any]) -> str:
    """What the OMS serves, as a scenario that replays it without a change."""
    clock, plans = {"start": "2024-03-05T09:00:00Z", "rate": 0}, [{"raw": plan} for plan in PLANS]
    document = {"description": "As captured.", "clock": clock, "answers": answers, "plans": plans}
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def test_drift_finds_unknown_switches_and_its_patch_closes_the_gap(oms: str, tmp_path: Path) -> None:
    (tmp_path / "before.yaml").write_text(captured({}), encoding="utf-8")
    found = run("drift", "before.yaml", oms, "--patch", "patch.yaml", *FEW)
    assert found.exit_code == 1, found.stderr
    patch = yaml.safe_load((tmp_path / "patch.yaml").read_text(encoding="utf-8"))
    assert patch == {"answers": UNKNOWN, "contract": []}

    (tmp_path / "after.yaml").write_text(captured(patch["answers"]), encoding="utf-8")
    again = run("drift", oms, "after.yaml", *FEW)
    assert again.exit_code == 0, again.stdout + again.stderr


def test_what_drift_writes_and_says_has_no_text_of_a_person_in_it(oms: str, tmp_path: Path) -> None:
    reports = ("drift.xml", "drift.md", "drift.json")
    words = [word for name in reports for word in ("--report", name)]
    done = run("drift", "default", oms, "--save-b", "real.json", "--patch", "patch.yaml", *words, *FEW)
    assert done.exit_code == 1, done.stderr
    written = [(tmp_path / name).read_text(encoding="utf-8") for name in (*reports, "real.json", "patch.yaml")]
    everything = "\n".join((done.stdout, done.stderr, *written))
    assert sorted(text for text in private_texts(PLANS) if text in everything) == []


@pytest.mark.slow
def test_the_whole_loop_ends_without_a_difference_and_without_a_real_name(oms: str, tmp_path: Path) -> None:
    checked = run("contract", oms, "--no-schemathesis", "--observe", "oms-observed.yaml", "--json")
    assert checked.exit_code == 1, checked.stdout + checked.stderr
    assert "page_size" in checked.stdout
    assert "No OrderExecutionPlan matches" in checked.stdout

    recorded = run("record", oms, "--out", "recorded.yaml")
    assert recorded.exit_code == 0, recorded.stderr
    text = (tmp_path / "recorded.yaml").read_text(encoding="utf-8")
    assert sorted(one for one in private_texts(PLANS) if one in text) == []

    with serving("--scenario", "recorded.yaml", "--observed", "oms-observed.yaml", folder=tmp_path) as server:
        compared = run("drift", oms, server.address, "--save-a", "march.json")
    assert compared.exit_code == 0, compared.stdout + compared.stderr
    assert json.loads((tmp_path / "march.json").read_text(encoding="utf-8"))["host"] == "loopback"

    reports = ("--save-b", "april.json", "--report", "drift.xml", "--patch", "patch.yaml")
    for month in (("march.json", oms), ("recorded.yaml", oms, "--observed", "oms-observed.yaml")):
        later = run("drift", *month, "--yes", *reports)
        assert later.exit_code == 0, later.stdout + later.stderr
