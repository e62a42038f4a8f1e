"""Tokens that look like a real customer's: what does, what does not, and what is then said."""

from pathlib import Path
from typing import Literal

import pytest

from mock_oms.scenarios.building import Scenario, load_scenario
from mock_oms.scenarios.checking import warnings_of
from mock_oms.scenarios.library import Library
from mock_oms.server.security import real_tokens, refusal_of_real_tokens
from mock_oms.settings import Settings, shipped
from mock_oms.tokens import lines_with_real_tokens, looks_like_real_token

REAL = "3f9ac0de" * 5
ANYWHERE = "0.0.0.0"  # noqa: S104  nothing listens there


def scenario_in(folder: Path, line: str = "") -> Scenario:
    file = folder / "mine.yaml"
    file.write_text(f"description: x\nplans: []\n{line}\n", encoding="utf-8")
    return load_scenario(file)


def test_a_token_looks_real_if_it_has_40_hexadecimal_characters() -> None:
    tokens = (REAL, REAL.upper(), REAL[1:], f"{REAL}0", "g" * 40, "")
    assert [looks_like_real_token(token) for token in tokens] == [True, True, *[False] * 4]


def test_a_real_looking_token_is_found_in_a_text_where_it_is_a_word_and_four_characters_of_it_told() -> None:
    words = (f"Token {REAL}", f'"{REAL}"', f"a={REAL}&b", f"x\n{REAL}")
    parts = (f"{REAL}{REAL}", f"{REAL}cafe1234", f"z{REAL}", REAL[:-1])
    found = [[line for line, _ in lines_with_real_tokens(text)] for text in (*words, *parts)]
    assert found == [[1], [1], [1], [2], *[[]] * 4]
    ((_, said),) = lines_with_real_tokens(REAL)
    assert said.startswith("3f9a… looks like a real customer's token")
    assert REAL[:5] not in said


@pytest.mark.parametrize(("line", "where"), [
    (f"plans: [{{raw: {{id: 1, state: start, token: {REAL}}}}}]", 2),
    (f"plans: [] # {REAL}", 2),
    (f"plans: []\nlocations: {{{REAL}: {{}}}}", 3),
], ids=["captured plan", "comment", "key"])  # fmt: skip
def test_a_scenario_is_warned_of_with_the_line_of_its_token(tmp_path: Path, line: str, where: int) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(f"description: x\n{line}\n", encoding="utf-8")
    (warning,) = warnings_of(load_scenario(file))
    assert (warning.file, warning.line) == (str(file), where)


def test_files_beside_the_scenario_are_looked_at_and_none_of_ours_has_a_real_looking_token(tmp_path: Path) -> None:
    files = sorted(shipped("scenarios").rglob("*.yaml"))
    assert len(files) > 30
    assert [file.name for file in files if list(lines_with_real_tokens(file.read_text(encoding="utf-8")))] == []
    (tmp_path / "profiles").mkdir()
    for name in ("other.yaml", "profiles/rough.yml"):
        (tmp_path / name).write_text(f"# {REAL}\n", encoding="utf-8")
    scenario_in(tmp_path, f"# {REAL}")
    found = real_tokens(Settings(scenarios=tmp_path), Library(tmp_path).load("mine"))
    names = ("mine.yaml:3", "other.yaml:1", "profiles/rough.yml:1")
    assert sorted(one.partition(": ")[0] for one in found) == [f"{tmp_path}/{name}" for name in names]


@pytest.mark.parametrize(("host", "allow", "token", "refused"), [
    (ANYWHERE, "off", REAL, True), ("oms.example", "off", REAL, True), (ANYWHERE, "on", REAL, False),
    ("127.0.0.1", "off", REAL, False), ("::1", "off", REAL, False), (ANYWHERE, "off", "made-up", False),
])  # fmt: skip
def test_a_real_looking_token_is_refused_beyond_loopback_unless_allowed(
    host: str, allow: Literal["on", "off"], token: str, refused: bool, tmp_path: Path
) -> None:
    settings = Settings(host=host, token=token, allow_real_tokens=allow)
    assert (refusal_of_real_tokens(settings, scenario_in(tmp_path)) is not None) is refused


def test_the_refusal_names_the_places_and_the_ways_out(tmp_path: Path) -> None:
    scenario = scenario_in(tmp_path, f"# {REAL}")
    said = refusal_of_real_tokens(Settings(host=ANYWHERE, token=REAL), scenario) or ""
    assert [line.partition(": ")[0] for line in said.splitlines()[1:3]] == ["token", f"{tmp_path}/mine.yaml:3"]
    assert said.endswith("Or say --allow-real-tokens, or listen on 127.0.0.1.")
    assert REAL[:5] not in said
