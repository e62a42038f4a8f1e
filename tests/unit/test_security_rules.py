"""Rules on our own code that no linter knows."""

import ast
import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = sorted((ROOT / "mock_oms").rglob("*.py"))
NOQA = re.compile(r"# noqa: ?((?:[A-Z]+[0-9]+(?:, ?)?)+)(.*)")
SECRET = re.compile("token|passw|secret|credential", re.IGNORECASE)
NAMES = (ast.Name, ast.Attribute)

#: Comparisons of what is called like a secret that need not take the same time for every value, and why.
HARMLESS = {
    "name in SECRET": "names of settings are no secrets",
    "one.name in SECRET": "names of settings are no secrets",
    "name not in SECRET": "names of settings are no secrets",
    "settings.allow_real_tokens == 'on'": "a switch",
    "len(token) < _SECRET": "a number of letters",
    "len(token) >= SHORTEST": "a number of letters",
    "question in {Question.NO_TOKEN, Question.WRONG_TOKEN}": "kinds of questions",
    "len(f.words) == SCHEME_AND_TOKEN": "a number of words",
    "len(f.words) > SCHEME_AND_TOKEN": "a number of words",
    "origin.token in owners": "two files of one folder, at the start",
    "self.token in TOKENS": "magic tokens are public",
    "caller.token != SLOW": "magic tokens are public",
    "token in TOKENS": "magic tokens are public",
    "token == _FAIL_INACTIVE": "magic tokens are public",
    "self.token == SLOW": "magic tokens are public",
    "f.token in f.worlds": "names of worlds are no secrets",
    "f.token.strip(_QUOTES) != f.token": "a token with itself",
    "settings.token == Settings().token": "two settings of whoever started the mock",
    "self._password == Settings().password": "two settings of whoever started the mock",
    "token not in {self.lease.token, SLOW}": "the lease was found by this very token",
    "self.lease.token == self.token": "the lease was found by this very token",
    "lease.token == request.token": "the lease was found by this very token",
}


def comparisons() -> Iterator[tuple[str, str]]:
    """Every comparison by value in the package that has to do with a secret, by its name."""
    for file in PACKAGE:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and not all(isinstance(one, (ast.Is, ast.IsNot)) for one in node.ops):
                text = ast.unparse(node)
                if any(SECRET.search(ast.unparse(one)) for one in ast.walk(node) if isinstance(one, NAMES)):
                    yield file.name, text


def test_secrets_are_compared_in_constant_time_and_no_comparison_is_excused_that_is_not_there() -> None:
    """`hmac.compare_digest` is a call, and so is none of these."""
    found = list(comparisons())
    assert not [(file, text) for file, text in found if text not in HARMLESS]
    assert HARMLESS.keys() <= {text for _, text in found}


def test_the_guard_and_the_login_compare_in_constant_time() -> None:
    users = {
        file.name for file in PACKAGE if re.search(r"(?<!import )compare_digest\(", file.read_text(encoding="utf-8"))
    }
    assert {"guard.py", "manager.py"} <= users


def suppressions() -> list[tuple[str, str, str]]:
    """Every suppressed rule of bandit in the package: where, which, and what is said behind it."""
    lines = ((file, line) for file in PACKAGE for line in file.read_text(encoding="utf-8").splitlines())
    found = ((file.name, found) for file, line in lines if (found := NOQA.search(line)))
    return [(name, one[1], one[2]) for name, one in found if re.search(r"\bS\d", one[1])]


@pytest.mark.parametrize(("file", "rules", "reason"), suppressions())
def test_a_rule_of_bandit_is_suppressed_for_a_reason(file: str, rules: str, reason: str) -> None:
    assert len(reason.split()) > 1, f"{file}: say behind `noqa: {rules}` why it is safe here."


def test_the_rules_of_bandit_hold_for_the_whole_package_and_for_each_line() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    ours = [rules for folder, rules in lint["per-file-ignores"].items() if folder.startswith(("mock_oms", "*"))]
    assert "S" in lint["select"]
    assert not [rule for rule in (*lint["ignore"], *chain(*ours)) if re.fullmatch(r"S\d*", rule)]
    assert not [file.name for file in PACKAGE if re.search(r"# (noqa(?!: ?[A-Z])|ruff: noqa)", file.read_text("utf-8"))]


@pytest.mark.parametrize(
    "call", [r"\beval\(", r"\bexec\(", "pickle", r"yaml\.(unsafe|full)_", "render_template_string", "shell=True"]
)
def test_nothing_in_the_package_runs_what_it_reads(call: str) -> None:
    found = [file.name for file in PACKAGE if re.search(call, file.read_text(encoding="utf-8"))]
    # As the standard library does: the source of an `__init__`, from the names of the fields in our own source.
    assert found == (["dataclass.py"] if "exec" in call else [])
