"""Whether tests of the page run is never left to chance: skipped at a desk, in one line, and a failure under CI."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.browser.chromium import NAMES, NoChromiumError, chromium
from tests.system import forked
from tests.system.running import plain_environment

ROOT = Path(__file__).parents[2]


def ran(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    usual = ("-q", "-n", "0", "-p", "no:cacheprovider", "--color", "no")
    return forked.run("pytest", *usual, *words, environment=plain_environment(environment), folder=ROOT)


def test_without_a_chromium_they_are_skipped_and_one_line_says_why() -> None:
    done = ran("tests/browser/test_rules.py", CHROMIUM="/nonexistent", CI="")
    lines = [line for line in done.stdout.splitlines() if "SKIPPED" in line]
    assert done.returncode == 0, done.stdout
    assert len(lines) == 1
    assert re.fullmatch(
        r"SKIPPED \[\d+\] \S+: browser tests did not run: CHROMIUM names '/nonexistent', which is no program; .*",
        lines[0],
    )
    assert re.search(r"^\d+ skipped in", done.stdout, re.MULTILINE)


def test_without_a_chromium_they_fail_under_ci() -> None:
    done = ran("tests/browser/test_rules.py", CHROMIUM="/nonexistent", CI="true")
    assert done.returncode == 1, done.stdout
    assert "browser tests did not run: CHROMIUM names '/nonexistent'" in done.stdout
    assert not re.search(r"\d+ (passed|skipped)", done.stdout)


def test_a_run_without_any_of_them_fails() -> None:
    assert ran("tests/browser", "--collect-only", "-k", "nothing_is_called_so", CI="true").returncode == 5


def test_what_must_hold_before_a_change_lands_brings_a_browser_and_minds_that_its_tests_were_collected() -> None:
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    steps = [match[1] for line in lines if (match := re.match(r"make ([\w-]+)", line))]
    assert "export CI=true" in lines
    assert steps[:4] == ["gate-tools", "check", "test", "browser"]
    (browser,) = (line for line in lines if line.startswith("make browser "))
    assert "--collect-only" in browser


def test_the_first_of_the_usual_ones_on_path_is_used(tmp_path: Path) -> None:
    for name in NAMES[1:3]:
        (tmp_path / name).touch(mode=0o755)
    assert chromium({"PATH": str(tmp_path)}) == str(tmp_path / NAMES[1])
    assert chromium({"PATH": str(tmp_path), "CHROMIUM": NAMES[2]}) == str(tmp_path / NAMES[2])


def test_where_none_is_installed_the_message_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(NoChromiumError, match=r"no Chromium is on PATH.*apt-get install chromium\."):
        chromium({"PATH": str(tmp_path)})


@pytest.mark.slow
def test_a_test_whose_page_breaks_a_rule_fails(tmp_path: Path) -> None:
    try:
        chromium()
    except NoChromiumError as error:
        pytest.skip(f"browser tests did not run: {error}")
    (tmp_path / "test_page.py").write_text(
        "def test_it(browsing):\n    browsing.page('about:blank').evaluate('() => console.error(1)')\n"
    )
    done = ran(str(tmp_path), "-p", "tests.browser.conftest", "--rootdir", str(tmp_path), PYTHONPATH=str(ROOT))
    assert done.returncode == 1, done.stdout
    assert "What the pages did that none may do, or was expected in vain:\nE       console error: 1" in done.stdout
