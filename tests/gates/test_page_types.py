"""TypeScript finds what is wrong in a module of the page, and knows what the vendored files export."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gates.tools import ROOT, run, tool

pytestmark = pytest.mark.slow
_RIGHT = """
import { Component, h, render } from "./vendor/preact.mjs";
import htm from "./vendor/htm.mjs";
const html = htm.bind(h);
/** @extends {Component<{count: number}, {}>} */
export class Count extends Component {
  render() {
    return html`<p>${this.props.count.toFixed()}</p>`;
  }
}
/** @param {Element} where */
export const show = where => render(h(Count, { count: 1 }), where);
"""
#: One change of it each, and what is said of that.
_WRONG = {
    "a call with another type": ("{ count: 1 }", "{ count: 'one' }", "TS2769"),
    "a method that is not there": ("toFixed()", "toFix()", "TS2551"),
    "a name that the vendored file does not export": ("h, render }", "h, render, useState }", "TS2305"),
    "a call with too many arguments": ("htm.bind(h)", "htm.bind(h, h)", "TS2554"),
}


def checked(page: Path, source: str) -> subprocess.CompletedProcess[str]:
    tool("npm", made_by="make gate-tools installs it where root may")
    (page / "main.js").write_text(source)
    return run(sys.executable, "tools/page_types.py", str(page), cwd=ROOT)


def test_a_module_with_right_calls_is_well(tmp_path: Path) -> None:
    done = checked(tmp_path, _RIGHT)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("change", _WRONG)
def test_a_wrong_call_is_found(tmp_path: Path, change: str) -> None:
    right, wrong, code = _WRONG[change]
    assert _RIGHT.count(right) == 1
    done = checked(tmp_path, _RIGHT.replace(right, wrong))
    assert done.returncode == 1
    assert re.search(rf"/main\.js\(\d+,\d+\): error {code}: ", done.stdout), done.stdout


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_without_npm_one_line_says_that_nothing_was_checked_and_ci_fails(tmp_path: Path, ci: str, code: int) -> None:
    script = f"import tools.page_types as it; it.TOOL = it.Path({str(tmp_path)!r}); raise SystemExit(it.main(it.PAGE))"
    done = run(sys.executable, "-c", script, cwd=ROOT, CI=ci, PATH="")
    assert (done.returncode, done.stdout.count("\n")) == (code, 1)
    assert done.stdout.startswith("Left out: the types of the page's modules")
