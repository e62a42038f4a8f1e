"""Commands as people type them, run in this process."""

import inspect
import json
from typing import Any

from click.testing import CliRunner, Result

from mock_oms.cli.main import main


def runner() -> CliRunner:
    """A runner that keeps standard error apart, which click before 8.2 does only if it is told."""
    told: dict[str, Any] = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}
    return CliRunner(**told)


def typed(*arguments: object, text: str | None = None, **environment: str | None) -> Result:
    """What a command came to; `text` is its standard input."""
    words = [str(one) for one in arguments]
    return runner().invoke(main, words, input=text, env=environment, catch_exceptions=False)


def printed(*arguments: object, text: str | None = None, **environment: str | None) -> str:
    """The output of a command that must succeed."""
    result = typed(*arguments, text=text, **environment)
    assert result.exit_code == 0, result.output
    return result.stdout


def printed_json(*arguments: object, **environment: str | None) -> Any:
    """The document that a command prints with `--json`."""
    return json.loads(printed(*arguments, "--json", **environment))


def refused(*arguments: object, text: str | None = None, **environment: str | None) -> str:
    """The error of a command that cannot be run as it was typed: exit code 2, and nothing else printed."""
    result = typed(*arguments, text=text, **environment)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ") or "Usage: " in result.stderr
    return result.stderr.removeprefix("Error: ").rstrip("\n")
