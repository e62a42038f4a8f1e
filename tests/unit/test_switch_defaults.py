"""Switches that were observed count before the defaults, and a scenario's own word before them."""

from pathlib import Path
from typing import Any

import pytest

from mock_oms.scenarios.building import Scenario, load_scenario
from mock_oms.scenarios.library import Library
from mock_oms.switches import Switches
from mock_oms.worlds.state_folder import StoredScenarios

TURNED: dict[str, str | int] = {"page_size": 20, "state": "object", "not_found": "model"}


def loaded(folder: Path, text: str, **adopted: Any) -> Scenario:
    file = folder / "mine.yaml"
    file.write_text(f"description: Mine.\nplans: [{{state: pending}}]\n{text}", encoding="utf-8")
    return load_scenario(file, adopted=adopted)


@pytest.mark.parametrize(("text", "adopted", "answers"), [
    ("", TURNED, Switches(page_size=20, state="object", not_found="model")),
    (
        "answers: {state: string, list: array}",
        TURNED,
        Switches(page_size=20, state="string", not_found="model", list="array"),
    ),
    # What contradicts the scenario is left out.
    ("answers: {max_page_size: 15}", {"page_size": 20}, Switches(max_page_size=15)),
    ("answers: {page_size: 50}", {"max_page_size": 20}, Switches(page_size=50)),
    ("answers: {page_size: 5}", {"page_size": 20, "max_page_size": 20}, Switches(page_size=5, max_page_size=20)),
    ("backlog: {count: 20000}", {"list": "array", "dates": "date"}, Switches(dates="date")),
    ("backlog: {count: 20}", {"list": "array"}, Switches(list="array")),
])  # fmt: skip
def test_the_scenario_counts_first_then_what_was_observed_then_the_default(
    tmp_path: Path, text: str, adopted: dict[str, Any], answers: Switches
) -> None:
    assert loaded(tmp_path, text, **adopted).answers == answers


@pytest.mark.parametrize("text", ["answers: 7", "answers: {state: objekt}"])
def test_a_broken_scenario_is_refused_as_before(tmp_path: Path, text: str) -> None:
    with pytest.raises(Exception, match="answers") as plain:
        loaded(tmp_path, text)
    with pytest.raises(type(plain.value)) as adopting:
        loaded(tmp_path, text, **TURNED)
    assert str(adopting.value) == str(plain.value)


def test_the_digest_differs_only_where_answers_look_otherwise_and_every_shipped_scenario_can_be_kept(
    tmp_path: Path,
) -> None:
    plain, same = loaded(tmp_path, ""), loaded(tmp_path, "", page_size=10, list="envelope")
    assert (same.digest, same.lines.text) == (plain.digest, plain.lines.text)
    assert plain.digest != loaded(tmp_path, "", **TURNED).digest
    library = Library(adopted=TURNED)
    for name in library.files():
        scenario = library.load(name)
        StoredScenarios(tmp_path).store(scenario)
        assert StoredScenarios(tmp_path).load(f"{name}.yaml", scenario.digest).answers == scenario.answers
