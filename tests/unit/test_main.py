"""The table of commands: each is found, listed with its whole sentence, and imported only when it is wanted."""

import json
import subprocess
import sys

import click
from click.testing import CliRunner

from mock_oms.cli.main import _COMMANDS, Program, main

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


def test_the_help_shows_each_command_with_its_whole_sentence() -> None:
    shown = " ".join(CliRunner().invoke(main, ["--help"]).stdout.split())
    assert "..." not in shown.partition("Commands:")[2].partition("Examples:")[0]
    assert [name for name, (_, text) in _COMMANDS.items() if f" {name} {text}" not in shown] == []


def test_help_and_completion_import_no_command() -> None:
    done = subprocess.run([sys.executable, "-c", _ASKS], capture_output=True, text=True, check=True, timeout=60)
    *_, world, why, imported = done.stdout.splitlines()
    assert (world, why) == ("plain,why", "plain,world")
    assert set(json.loads(imported)) == {"mock_oms", "mock_oms.cli", "mock_oms.cli.main"}


def test_a_command_that_is_interrupted_has_found_nothing() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    done = CliRunner().invoke(Program(commands={"check": click.Command("check", callback=interrupted)}), ["check"])
    assert (done.exit_code, done.stderr) == (2, "Error: Interrupted before the end.\n")
