"""`mock-oms doctor` as people and programs read it, and tokens of real customers where they are met."""

import json
from pathlib import Path

import pytest

from mock_oms.cli.doctor.diagnosis import CHECKS
from mock_oms.settings import environment_variable, helps
from tests.system.running import refused, serving
from tests.typed import printed, printed_json, typed

REAL = "3f9ac0de" * 5
ANYWHERE = "0.0.0.0"  # noqa: S104  nothing listens there for long
DOCTOR = ("doctor", "--port", "0")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without settings, and an environment without any."""
    for name in (*helps(), "config"):
        monkeypatch.delenv(environment_variable(name), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.smoke
def test_the_doctor_fails_where_something_is_an_error() -> None:
    text = printed(*DOCTOR)
    assert ("error" in text, "port     0      --port" in text) == (False, True)
    result = typed(*DOCTOR, "--workers", "2")
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("error ")]
    assert (result.exit_code, line.split()[1:4]) == (1, ["processes", "2", "workers"])


def test_json_has_a_stable_shape_and_a_warning_does_not_fail() -> None:
    Path("token").write_text("hush", encoding="utf-8")
    document = printed_json(*DOCTOR, "--tls-names", "a.example", "--control-token-file", "token")
    assert (list(document), document["level"]) == (["level", "checks", "settings"], "warning")
    assert list(dict.fromkeys(one["check"] for one in document["checks"])) == list(CHECKS)
    assert {tuple(one) for one in document["checks"]} == {("check", "level", "says", "way_out")}
    assert {tuple(one) for one in document["settings"]} == {("name", "value", "source", "origin")}
    assert len(document["settings"]) == len(helps())


def test_what_is_wrong_names_a_way_out() -> None:
    Path("bad.yaml").write_text("x: 1\n", encoding="utf-8")
    words = f"--workers 2 --scenario bad.yaml --tls on --token {REAL} --control-token-file none --state bad.yaml --json"
    wrong_names = ("--host", "192.0.2.1", "--tls-names", "a b")
    found = json.loads(typed(*DOCTOR, *words.split(), *wrong_names).stdout)["checks"]
    wrong = [one for one in found if one["level"] != "ok"]
    assert len({one["check"] for one in wrong}) == 6
    assert all(one["way_out"] for one in wrong)


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_the_doctor_shows_no_secret(more: list[str]) -> None:
    Path("mock-oms.toml").write_text('token = "hush-one"\ncontrol-token-file = "file"\n', encoding="utf-8")
    Path("file").write_text("hush-two", encoding="utf-8")
    result = typed(*DOCTOR, "--control-token", "hush-four", *more, MOCK_OMS_PASSWORD="hush-three")
    assert (result.exit_code, "hush" in result.output) == (1, False)


def test_serve_refuses_a_real_looking_token_beyond_loopback_unless_it_is_allowed(tmp_path: Path) -> None:
    code, error = refused("--host", ANYWHERE, "--port", "0", "--token", REAL)
    assert (code, "Or say --allow-real-tokens" in error, REAL[:5] in error) == (2, True, False)
    (tmp_path / "other.yaml").write_text(f"description: {REAL}\nplans: []\n", encoding="utf-8")
    allowed = ("--host", ANYWHERE, "--allow-real-tokens")
    with serving("--token", REAL, "--scenarios", str(tmp_path), *allowed) as running:
        banner = "\n".join(running.banner)
    assert "Warning: token: 3f9a… looks like a real customer's token" in banner
    assert f"Warning: {tmp_path}/other.yaml:1: 3f9a… looks" in banner
    assert REAL[:5] not in banner


def test_scenarios_check_warns_and_passes() -> None:
    Path("mine.yaml").write_text(f"description: x\nplans: [] # {REAL}\n", encoding="utf-8")
    result = typed("scenario", "check", "mine.yaml")
    assert (result.exit_code, result.stdout) == (0, "ok  mine.yaml (0 expectations)\n")
    assert result.stderr.startswith("Warning: mine.yaml:2: 3f9a… looks like a real customer's token")
    (report,) = printed_json("scenario", "check", "mine.yaml")
    assert (len(report["warnings"]), report["problems"]) == (1, [])
