"""Where settings come from: flag, environment, file, default; and what a file may say."""

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest
from click.core import ParameterSource

from mock_oms.cli.main import main
from mock_oms.cli.options import KINDS
from mock_oms.settings import HIDDEN, Settings, environment_variable, environment_variables
from tests.system.running import serving
from tests.typed import typed

ALL = [one.name for one in fields(Settings)]


def values_of(name: str) -> tuple[Any, Any, Any]:
    """Values of a setting for its file, its variable and its flag; each differs from the one before."""
    kind, default = KINDS.get(name), getattr(Settings(), name)
    if isinstance(kind, click.IntRange):
        return 2, 3, 4
    if isinstance(kind, click.Choice):
        other = next(one for one in kind.choices if one != default)
        return other, default, other
    words = ("http://file", "http://variable", "http://flag") if name == "cors" else ("file", "variable", "flag")
    return tuple(map(Path, words)) if isinstance(kind, click.Path) else words  # type: ignore[return-value]


VALUES = {name: values_of(name) for name in ALL}
SOURCES = (
    *(ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP),
    *(ParameterSource.ENVIRONMENT, ParameterSource.COMMANDLINE),
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without settings, and an environment without any."""
    for name in (*ALL, "config"):
        monkeypatch.delenv(environment_variable(name), raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(name: str, *arguments: str) -> tuple[Any, ParameterSource | None]:
    """What a setting is, and where it comes from, for whoever types these arguments."""
    context = main.commands["serve"].make_context("serve", list(arguments))
    return context.params[name], context.get_parameter_source(name)


def write(text: str, file: str = "mock-oms.toml") -> None:
    Path(file).write_text(text, encoding="utf-8")


def line_of(name: str) -> str:
    value = VALUES[name][0]
    return f"{name} = {json.dumps(str(value) if isinstance(value, Path) else value)}\n"


# Precedence


def test_a_flag_wins_over_the_environment_that_over_a_file_and_that_over_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = []
    for name, (file, variable, flag) in VALUES.items():
        write("")
        answers = [found(name)]
        write(line_of(name))
        answers.append(found(name))
        monkeypatch.setenv(environment_variable(name), str(variable))
        answers += [found(name), found(name, f"--{name.replace('_', '-')}", str(flag))]
        monkeypatch.delenv(environment_variable(name))
        said = [getattr(Settings(), name), file, variable, flag]
        if answers != list(zip(said, SOURCES, strict=True)):
            wrong.append((name, answers))
    assert wrong == []


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ALL:
        monkeypatch.setenv(environment_variable(name), "")
    write("".join(map(line_of, ALL)))
    assert [found(name) for name in ALL] == [(VALUES[name][0], ParameterSource.DEFAULT_MAP) for name in ALL]


def test_a_flag_that_stands_alone_wins_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("allow_real_tokens", "tls", "reload"):
        write(f"{name} = false\n")
        monkeypatch.setenv(environment_variable(name), "off")
        assert found(name, f"--{name.replace('_', '-')}") == ("on", ParameterSource.COMMANDLINE)


def every_leaf(group: click.Group) -> list[click.Command]:
    nested = (every_leaf(one) if isinstance(one, click.Group) else [one] for one in group.commands.values())
    return [one for some in nested for one in some]


def test_the_doctor_knows_every_variable_of_every_command() -> None:
    variables = {str(one.envvar) for command in every_leaf(main) for one in command.params if one.envvar}
    assert set(environment_variables()) == variables


def test_every_command_with_a_setting_takes_a_file() -> None:
    settings = {environment_variable(name) for name in ALL}
    taking = [one for one in every_leaf(main) if settings & {str(param.envvar) for param in one.params}]
    assert len(taking) >= 30
    assert [one.name for one in taking if "config" not in {param.name for param in one.params}] == []


# Which file


def test_a_table_of_pyproject_holds_settings() -> None:
    for table in ("[tool.mock_oms]", "[tool.mock-oms]"):
        write(f"[project]\nname = 'x'\n{table}\nworld-header = 'off'\n", "pyproject.toml")
        assert found("world_header")[0] == "off"
    write("[tool.other\n", "pyproject.toml")  # which does not speak of us, and is not judged
    assert found("port")[0] == 8080


def test_our_own_file_wins_over_pyproject_and_says_so() -> None:
    write("port = 1\n")
    write("[tool.mock_oms]\nport = 2\nseed = 3\n", "pyproject.toml")
    result = typed("config", "--json")
    settings = {one["name"]: one["value"] for one in json.loads(result.stdout)["settings"]}
    assert (settings["port"], settings["seed"]) == (1, None)
    assert result.stderr.startswith("Note: mock-oms.toml is read, [tool.mock_oms] of pyproject.toml is not;")


def test_a_file_that_is_named_is_the_only_one_that_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    write("port = 1\n")
    write("seed = 2\n", "other.toml")
    write("seed = 3\n", "third.toml")
    monkeypatch.setenv("MOCK_OMS_CONFIG", "other.toml")
    assert (found("port")[0], found("seed")[0]) == (8080, 2)
    assert found("seed", "--config", "third.toml")[0] == 3


def test_a_path_in_a_file_is_relative_to_it_and_the_name_of_a_scenario_is_none() -> None:
    Path("inner").mkdir()
    for name, written, path in (
        *(("scenario", "mine.yaml", "inner/mine.yaml"), ("scenario", "restock", "restock")),
        *(("scenarios", ".", "inner"), ("state", "/kept", "/kept"), ("tls_ca", "ca.pem", "inner/ca.pem")),
        ("control_token_file", "../t", "inner/../t"),
    ):
        write(f'{name} = "{written}"\n', "inner/other.toml")
        assert str(found(name, "--config", "inner/other.toml")[0]) == path


def test_a_truth_value_stands_for_on_or_off() -> None:
    for said, value in (("true", "on"), ("false", "off"), ('"auto"', "auto")):
        write(f"reload = {said}\n")
        assert found("reload")[0] == value


# Who obeys


@pytest.mark.smoke
def test_serve_healthcheck_and_the_commands_for_a_running_mock_obey_a_file() -> None:
    write('scenario = "restock"\ntoken = "mine"\ncontrol-token = "hush"\n')
    with serving("--config", str(Path("mock-oms.toml").absolute())) as running:
        assert running.get("/api/v1/oms/orderexecutionplans/", {"Authorization": "Token mine"})[0] == 200
        write(f"control-token = 'hush'\nport = {running.address.rpartition(':')[2]}\n")
        assert typed("healthcheck", "--timeout", "60").exit_code == 0
        assert typed("world", "list", "--url", running.address).exit_code == 0
        assert typed("world", "list", "--url", running.address, "--config", "/dev/null").exit_code == 2


def test_commands_about_scenarios_obey_a_file() -> None:
    Path("mine").mkdir()
    write("description: Mine.\nplans: [{id: 7, items: [A]}]\n", "mine/own.yaml")
    write('scenarios = "mine"\nscenario = "own"\n')
    assert "own" in typed("scenario", "list").stdout
    assert [plan["pk"] if "pk" in plan else plan["id"] for plan in json.loads(typed("plans").stdout)] == [7]


def test_options_that_are_called_like_a_setting_do_not_obey_a_file() -> None:
    write('state = "kept"\nscenario = "bare-array"\n')
    assert typed("plans", "--scenario", "restock").exit_code == 0
    assert typed("openapi").stdout == typed("openapi", "--config", "/dev/null").stdout


# What is wrong

OWN, SHARED = "mock-oms.toml", "pyproject.toml"


def refused(*arguments: str) -> str:
    """The errors of `mock-oms config`, without a secret and without what a terminal would obey."""
    result = typed("config", *arguments)
    assert (result.exit_code, result.stdout, "5417" in result.stderr) == (2, "", False)
    assert all(line.isprintable() for line in result.stderr.splitlines())
    assert len(result.stderr) < 900
    return result.stderr.removeprefix("Error: ")


WRONG = [
    ("prot = 1", "prot: unknown key; the nearest is port."),
    ("[serve]\nport = 1", "serve: unknown key"),
    ("port = '1'", "port: found '1'; accepted: a whole number from 0 to 65535."),
    ("port = 99999", "port: 99999 is not in the range 0<=x<=65535."),
    ("port = true", "port: found true; accepted: a whole number from 0 to 65535."),
    ("host = true", "host: found true; accepted: text in quotes, not empty."),
    ("host = ''", "host: found ''; accepted: text in quotes, not empty."),
    ("state = ''", "state: found ''; accepted: text in quotes, not empty."),
    ("hints = 'yes'", "hints: 'yes' is not one of 'on', 'off'."),
    ("hints = 1", "hints: found 1; accepted: one of on, off."),
    ("seed = [1]", "seed: found a list of 1; accepted: a whole number from 0 to"),
    ("seed = 2024-01-01", "seed: found 2024-01-01; accepted: a whole number from 0 to"),
    ("tls-ca = 'a'\ntls_ca = 'b'", "tls-ca: stands twice, because tls_ca is the same"),
    ("token = 5417", "token: found something else (not shown"),
    ("token = 'a 5417'", "token: The token has blanks"),
    ("token = 'fail-5417'", "token: The token is one of those that always fail"),
    ("token = 'é5417'", "token: The token has blanks"),
    ("password = ['hush5417']", "password: found something else (not shown"),
    ("password = 'a 5417'", "password: The password is empty or has blanks"),
    ("control-token = 'a 5417'", "control-token: The control token has blanks"),
    (r'"k\u001b[2J" = 1', r"k\x1b[2J: unknown key"),
    (r'state = "a\u0000b"', r"state: found 'a\x00b'; accepted: text without the character NUL."),
    (r'scenario = "a\u0000b"', r"scenario: found 'a\x00b'; accepted: text without the character NUL."),
    (r'log = "a\u001b[2J"', r"log: 'a\x1b[2J' is not one of"),
    (r'host = "a\u009b2J"', r"host: 'a\x9b2J' is empty or has blanks"),
    (f"{'k' * 100_000} = 1", "kkk"),
    (f"log = '{'v' * 100_000}'", "log: 'vvv"),
    (f"host = '{'v v' * 50_000}'", "host: 'v vv"),
    (f"seed = {'9' * 4000}", "seed: 999"),
]


def test_a_key_or_value_that_is_wrong_is_one_clear_sentence() -> None:
    for text, says in WRONG:
        write(text)
        assert refused().startswith(f"mock-oms.toml: {says}"), text[:80]


UNUSABLE = [
    (OWN, "port = 1\nseed =\n", " is not TOML: Invalid value (at line 2, column 7)."),
    (OWN, "port = 1\nseed = [", " is not TOML: Invalid value (at the end, line 2)."),
    (OWN, f"port = {'9' * 5000}", " is not TOML: a number in it has thousands of digits."),
    (OWN, f"port = {'[' * 5000}", " is not TOML: it is nested too deeply."),
    (OWN, "# more\n" * 200_000, " is longer than 1 MB: "),
    (SHARED, "[tool.mock_oms]\nprot = 1", ": prot: unknown key; the nearest is port."),
    (SHARED, "[tool]\nmock_oms = 1", ": tool.mock_oms: found a single value; accepted: a table of settings."),
    (SHARED, "[tool.mock_oms]\n[tool.mock-oms]", ": [tool.mock_oms] and [tool.mock-oms] are the same"),
]


def test_a_file_that_cannot_be_used_is_one_clear_sentence() -> None:
    for file, text, says in UNUSABLE:
        write(text, file)
        assert refused().startswith(f"{file}{says}"), text[:80]
        Path(file).unlink()


def test_a_named_file_that_cannot_be_used_is_one_clear_sentence_and_every_wrong_key_is_reported_at_once() -> None:
    Path("latin.toml").write_bytes(b"token = '\xff'")
    write("[project]\n", "pyproject.toml")
    for file, says in {
        "none.toml": " cannot be read: No such file or directory.",
        ".": " cannot be read: Is a directory.",
        "latin.toml": " is not UTF-8: ",
        "pyproject.toml": ": there is no table [tool.mock_oms] in it.",
    }.items():
        assert refused("--config", file).startswith(file + says)
    write("prot = 1\nseed = 'x'\n")
    assert len(refused().splitlines()) == 2


def test_a_pipe_in_place_of_a_file_is_not_waited_for() -> None:
    os.mkfifo("mock-oms.toml")
    for arguments in ([], ["--config", "mock-oms.toml"]):
        assert refused(*arguments) == "mock-oms.toml cannot be read: it is no ordinary file.\n"


def test_a_value_is_shown_with_what_a_terminal_would_obey_escaped_and_help_whatever_is_in_the_file() -> None:
    write(r'state = "a\u001b[2J"')
    for command in ("config", "doctor"):
        result = typed(command, "--port", "0")
        assert (r"a\x1b[2J" in result.stdout, "\x1b" in result.stdout) == (True, False)
    write("port =")
    assert typed("serve", "--help").exit_code == 0


# mock-oms config


def test_config_prints_each_setting_with_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    write("seed = 5\n")
    monkeypatch.setenv("MOCK_OMS_HINTS", "on")
    rows = [line.split() for line in typed("config", "--port", "1").stdout.splitlines()]
    assert [row[0] for row in rows] == ["setting", *ALL]
    wanted = [["port", "1", "--port"], ["seed", "5", "mock-oms.toml"], ["hints", "on", "MOCK_OMS_HINTS"]]
    assert [row for row in rows[1:] if row[-1] != "default"] == wanted
    Path("mock-oms.toml").unlink()
    document = json.loads(typed("config", "--json").stdout)
    told = [one for one in document["settings"] if one["name"] in {"host", "hints"}]
    assert (document["file"], [[*one.values()] for one in told]) == (
        None,
        [["host", "127.0.0.1", "default", ""], ["hints", "on", "environment", "MOCK_OMS_HINTS"]],
    )
    assert [*told[0]] == ["name", "value", "source", "origin"]


def test_a_port_that_kubernetes_wrote_says_nothing_and_any_other_that_is_no_number_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for file, known in (("", (8080, ParameterSource.DEFAULT)), ("port = 81\n", (81, ParameterSource.DEFAULT_MAP))):
        write(file)
        for link in ("tcp://10.0.0.1:8080", "udp://[fd00::1]:53"):
            monkeypatch.setenv("MOCK_OMS_PORT", link)
            assert found("port") == known
    for given in ("tcp://", "tcp://10.0.0.1", "http://10.0.0.1:8080", "x"):
        monkeypatch.setenv("MOCK_OMS_PORT", given)
        result = typed("config")
        assert (result.exit_code, "MOCK_OMS_PORT" in result.stderr) == (2, True)


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_config_shows_no_secret_but_the_token_that_everybody_knows(
    more: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "mock-oms-token" in typed("config", *more).stdout
    write('token = "hush-one"\ncontrol-token-file = "file"\n')
    write("hush-two", "file")
    monkeypatch.setenv("MOCK_OMS_PASSWORD", "hush-three")
    result = typed("config", "--control-token", "hush-four", *more)
    assert ("hush" in result.output, result.output.count(HIDDEN)) == (False, 3)
    assert "hush" not in repr(Settings(token="hush", password="hush", control_token="hush"))
