"""The table of commands: each is found, listed with its whole sentence, and imported only when it is wanted."""

import json
import subprocess
import sys

import click

from mock_oms.cli.main import _COMMANDS, _SECTIONS, Program, main
from mock_oms.cli.names import _ALIASES, _COUNTABLE, _MEANT, Group
from tests.typed import runner

#: It prints the help, completes `mock-oms w`, and at last which of our modules it needed for both.
_ASKS = """
import json, os, sys
from click.shell_completion import shell_complete
from mock_oms.cli.main import main
main(["--help"], standalone_mode=False)
os.environ.update(COMP_WORDS="mock-oms w", COMP_CWORD="1")
shell_complete(main, {}, "mock-oms", "_MOCK_OMS_COMPLETE", "bash_complete")
print(json.dumps([name for name in sys.modules if name.partition(".")[0] == "mock_oms"]))
"""


def test_each_name_leads_to_the_command_of_that_name_whose_help_begins_with_the_same_verb() -> None:
    assert [name for name, command in main.commands.items() if command.name != name] == []
    verbs = {name: (command.help or "").split()[0] for name, command in main.commands.items()}
    assert verbs == {name: text.split()[0] for name, (_, text) in _COMMANDS.items()}


def meant(*words: str) -> list[str]:
    """The words of a command as the group understands them that has it."""
    one: click.Command = main
    found, rest = [], [*words]
    while isinstance(one, Group) and rest:
        name, *rest = one.meant(rest)
        found.append(name)
        one = one.commands.get(name, click.Command(name))
    return [*found, *rest]


def test_the_help_shows_each_command_once_below_its_head_and_no_sentence_is_cut_off() -> None:
    shown = runner().invoke(main, ["--help"], env={"COLUMNS": "80"}).stdout
    listed = [line.split()[0] for line in shown.partition("Serve and look:")[2].splitlines() if line[:3].strip()]
    assert sorted({*listed} & {*_COMMANDS}) == sorted(name for names in _SECTIONS.values() for name in names.split())
    assert [name for name, (_, text) in _COMMANDS.items() if f" {name} {text}" not in " ".join(shown.split())] == []


def test_the_help_of_a_group_cuts_no_sentence_off() -> None:
    groups = [name for name, one in main.commands.items() if isinstance(one, Group)]
    shown = {name: runner().invoke(main, [name, "--help"], env={"COLUMNS": "80"}).stdout for name in groups}
    assert len(groups) > 7
    assert [name for name, text in shown.items() if "..." in text.partition("Commands:")[2]] == []
    assert [name for name, text in shown.items() if max(map(len, text.splitlines())) > 80] == []


#: What people type, and what it is.
TYPED = {
    "start --port 0": "serve --port 0",
    "advance 30m --world tour": "clock advance 30m --world tour",
    "worlds": "world list",
    "worlds --json": "world list --json",
    "worlds new --name x": "world new --name x",
    "worlds --help": "world --help",
    "limits": "limit show",
    "limits set --none": "limit set --none",
    "scenarios check mine.yaml": "scenario check mine.yaml",
    "requests tail": "request tail",
    "plan 41207": "plan show 41207",
    "request 17": "request show 17",
    "plans --limit 3": "plans --limit 3",
    "fault delete 3": "fault rm 3",
    "scenario ls": "scenario list",
    "clock 1h30m": "clock advance 1h30m",
    "logs --limit 3": "request list --limit 3",
    "help": "--help",
    "help advance": "clock advance --help",
    "help clock advance": "clock advance --help",
    "clock help rate": "clock rate --help",
    "version": "--version",
}


def test_what_people_type_instead_of_a_command_is_understood() -> None:
    found = {words: " ".join(meant(*words.split())) for words in TYPED}
    assert found == TYPED


def exists(line: str) -> bool:
    """Whether a command line begins with a command that there is, not with an alias."""
    one: click.Command = main
    for word in line.split():
        if not isinstance(one, click.Group):
            break
        if word not in one.commands:
            return False
        one = one.commands[word]
    return not isinstance(one, click.Group)


def test_every_alias_and_every_suggestion_leads_to_a_command_and_hides_none() -> None:
    lines = [*_ALIASES, *(one for several in _MEANT for one in several.split(", "))]
    assert [line for line in lines if not exists(line)] == []
    words = [word for table in (_ALIASES, _MEANT) for words in table.values() for word in words.split()]
    assert sorted({*words} & {*_COMMANDS}) == []
    assert len(words) == len({*words})
    assert {name for name, one in main.commands.items() if isinstance(one, Group)} - {"plan"} == _COUNTABLE


#: What nobody can obey, and what the error names.
MISTYPED = {
    "stop": "serve (Ctrl+C ends it)",
    "status": "healthcheck",
    "run": "serve, plan run",
    "41207": "plan show 41207",
    "advence 1m": "clock advance",
    "wrold": "world",
    "scenaros": "scenario",
    "scenario lst": "list",
    "fault clera": "clear",
    "serve --prot 1": "--port",
    "foo": "lists all",
    "scenario foo": "There are: check, list, new, schema, show.",
}


def test_an_unknown_word_is_answered_with_what_was_probably_meant() -> None:
    done = {words: runner().invoke(main, words.split()) for words in MISTYPED}
    assert {one.exit_code for one in done.values()} == {2}
    assert {words: one.stderr for words, one in done.items() if MISTYPED[words] not in one.stderr} == {}


def test_help_and_completion_import_no_command() -> None:
    done = subprocess.run([sys.executable, "-c", _ASKS], capture_output=True, text=True, check=True, timeout=60)
    *_, world, why, imported = done.stdout.splitlines()
    assert (world, why) == ("plain,why", "plain,world")
    assert set(json.loads(imported)) == {"mock_oms", "mock_oms.cli", "mock_oms.cli.main", "mock_oms.cli.names"}


def test_a_command_that_is_interrupted_has_found_nothing() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    done = runner().invoke(Program(commands={"check": click.Command("check", callback=interrupted)}), ["check"])
    assert (done.exit_code, done.stderr) == (2, "Error: Interrupted before the end.\n")
