"""The documents say what is: commands, flags, switches, settings, the diagram, the scenario, and every output shown."""

import doctest
import http.client
import inspect
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import get_args, get_type_hints
from urllib.parse import urlsplit

import click
import pytest

from mock_oms.answers import Answers
from mock_oms.cli.main import main
from mock_oms.domain.events import WORDS
from mock_oms.domain.lifecycle import diagram
from mock_oms.pytest_plugin import pytest_addoption
from mock_oms.scenario.building import load_scenario
from mock_oms.scenario.checking import check
from mock_oms.settings import Settings, environment_variable, helps
from tests.system.running import Running, plain_environment, program, serving

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BROKEN = "description: x\nplans:\n  - {state: complete}\nsede: 1\n"


def blocks(language: str) -> list[str]:
    """The fenced blocks of the README in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


# Tables


def switch_rows() -> Iterator[str]:
    hints = get_type_hints(Answers, include_extras=True)
    for one in fields(Answers):
        choices = get_args(hints[one.name])
        values = f"{one.default} (1 to 1000)" if choices[0] is int else ", ".join(f"`{value}`" for value in choices)
        yield f"| `{one.name}` | {values} | {one.metadata['why']} |"


def setting_rows() -> Iterator[str]:
    for one in fields(Settings):
        flag, default = one.name.replace("_", "-"), "" if one.default is None else f"`{one.default}`"
        yield f"| `--{flag}` | `{environment_variable(one.name)}` | {default} | {helps()[one.name]} |"


def word_rows() -> Iterator[str]:
    for word, kind in WORDS.items():
        keys = [f"`{one.name}`" for one in fields(kind) if one.name != "created"]
        first_line = (kind.__doc__ or "").partition("\n")[0]
        yield f"| `{word}` | {', '.join(keys)} | {first_line} |"


def command_rows() -> Iterator[str]:
    for name, command in leaves(main, ""):
        names = [one.make_metavar(click.Context(command)) for one in command.params if isinstance(one, click.Argument)]
        call = " ".join(["mock-oms", name, *names]).replace("|", "\\|")
        options = [one.opts[0] for one in command.params if isinstance(one, click.Option)]
        flags = "see below" if name == "serve" else ", ".join(f"`{one}`" for one in options)
        yield f"| `{call}` | {flags} | {command.get_short_help_str(120)} |"


def leaves(group: click.Group, before: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, f"{name} ")
        else:
            yield f"{before}{name}", command


@pytest.mark.parametrize(
    "rows", [switch_rows, word_rows, setting_rows, command_rows], ids=["switches", "words", "settings", "commands"]
)
def test_a_table_of_the_readme_is_what_the_code_says(rows: object) -> None:
    assert callable(rows)
    expected = list(rows())
    assert "\n".join(expected) in README


def test_every_flag_in_the_readme_exists() -> None:
    options = {one for _, command in leaves(main, "") for param in command.params for one in param.opts}
    options |= set(re.findall(r'"(--oms-[a-z-]+)"', inspect.getsource(pytest_addoption)))
    ours = re.sub(r"`docker [^`]*`", "", README)
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", ours)) <= options | {"--version", "--help"}


def test_every_command_in_the_readme_exists() -> None:
    known = {name for name, _ in leaves(main, "")}
    named = re.findall(r"(?:`|^\$ )mock-oms ([a-z]+(?: [a-z]+)?)", README, re.MULTILINE)
    assert len(named) > len(known)
    assert [words for words in named if words not in known and words.split()[0] not in known] == []


def test_the_readme_counts_the_scenarios_that_are_shipped() -> None:
    assert f"shows {len(list((ROOT / 'scenarios').glob('*.yaml')))} files to copy from" in README


# The life of a plan


def test_the_diagram_in_the_architecture_is_the_one_that_the_table_prints() -> None:
    architecture = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert re.findall(r"```mermaid\n(.*?)\n```", architecture, re.DOTALL) == [diagram()]


# What is shown


def test_the_readmes_scenario_does_what_it_expects(tmp_path: Path) -> None:
    (text,) = blocks("yaml")[:1]
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    assert check(load_scenario(file)) == []


@pytest.fixture(scope="module")
def restock() -> Iterator[Running]:
    with serving("--scenario", "restock") as running:
        yield running


def shown() -> list[tuple[str, str]]:
    """Every command in the README's consoles with the output that it shows."""
    found = []
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, output = split_at_the_end_of_the_command(part)
            found.append((command, output))
    return found


def split_at_the_end_of_the_command(part: str) -> tuple[str, str]:
    """A command ends with its line, or with the line that closes its quotation."""
    lines = part.splitlines(keepends=True)
    for number in range(1, len(lines) + 1):
        try:
            shlex.split("".join(lines[:number]))
        except ValueError:
            continue
        return "".join(lines[:number]).strip(), "".join(lines[number:])
    raise AssertionError(f"a quotation is never closed: {part}")


def test_the_readme_shows_what_really_comes_out(restock: Running, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    assert len(shown()) >= 7
    for command, wanted in shown():
        actual = output_of(command, restock, tmp_path)
        assert doctest.OutputChecker().check_output(wanted, actual, doctest.ELLIPSIS), f"$ {command}\n{actual}"


def output_of(command: str, running: Running, folder: Path) -> str:
    if command.startswith("make serve"):
        return "\n".join([*running.banner[:-1], "Serving on http://127.0.0.1:8080", ""])
    if command.startswith("curl "):
        return fetched(command, running).removesuffix("\n") + "\n"
    path = f"{Path(program()).parent}:/usr/local/bin:/usr/bin:/bin"
    modules = f"{ROOT / 'examples' / 'poller'}:{os.environ.get('PYTHONPATH', '')}"
    environment = plain_environment({"PATH": path, "MOCK_OMS_URL": running.address, "PYTHONPATH": modules})
    here = command.replace("http://127.0.0.1:8080", running.address)
    done = subprocess.run(
        ["/bin/sh", "-c", here], cwd=folder, capture_output=True, text=True, check=False, env=environment
    )
    return done.stdout + done.stderr


def fetched(command: str, running: Running) -> str:
    """What curl would print; the request is sent from here, so that a machine without curl can run this."""
    *options, url = shlex.split(command)[1:]
    headers = dict(one.split(": ", 1) for one in options if ": " in one)
    data = dict(pairwise(options)).get("-d")
    target = urlsplit(url)._replace(scheme="", netloc="").geturl()
    connection = http.client.HTTPConnection(urlsplit(running.address).netloc, timeout=10)
    connection.request("POST" if data else "GET", target, data, headers)
    body = connection.getresponse().read().decode()
    connection.close()
    return body


def test_the_readmes_tests_pass(pytester: pytest.Pytester) -> None:
    example, calls, _, faults = blocks("python")
    restock = 'import pytest\npytestmark = pytest.mark.oms(scenario="restock")\n'
    pytester.makepyfile(
        test_of_the_readme=example, test_calls_of_the_readme=restock + calls, test_faults_of_the_readme=faults
    )
    without = ["-p", "no:randomly", "-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:cacheprovider"]
    done = pytester.runpytest_subprocess(*without, "-o", f"pythonpath={ROOT / 'examples' / 'poller'}")
    done.assert_outcomes(passed=3)


def test_the_readmes_script_without_pytest_works(pytester: pytest.Pytester) -> None:
    *_, script, _ = blocks("python")
    done = pytester.run(sys.executable, pytester.makepyfile(script=script))
    assert (done.ret, done.stdout.lines) == (0, ["attempt 3"])
