"""The tables of the documents, made from the code: commands, settings, switches, words of the timeline."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import get_args, get_type_hints

import click

from mock_oms.cli.main import main
from mock_oms.domain.events import WORDS
from mock_oms.settings import Settings, environment_variable, helps
from mock_oms.switches import Switches

_SETTINGS = {"--config", *(f"--{one.name.replace('_', '-')}" for one in fields(Settings))}
_DRIVING = {"--url", "--config", "--control-token", "--control-token-file", "--ca"}


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; a bar within a cell is escaped."""
    heads = list(heads)
    every = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in every)


def listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def switches() -> str:
    rows, hints = [], get_type_hints(Switches, include_extras=True)
    for one in fields(Switches):
        choices = get_args(hints[one.name])
        values = f"{one.default} (1 to 1000)" if choices[0] is int else listed(choices)
        rows.append((f"`{one.name}`", values, one.metadata["why"]))
    return table(("switch", "values", "why the first is the default"), rows)


def settings() -> str:
    rows = []
    for one in fields(Settings):
        default = "" if one.default in {None, ""} else f"`{one.default}`"
        flag = f"`--{one.name.replace('_', '-')}`"
        rows.append((flag, f"`{environment_variable(one.name)}`", default, helps()[one.name]))
    return table(("flag", "variable", "default", "what it says"), rows)


def words() -> str:
    rows = []
    for word, kind in WORDS.items():
        keys = listed(one.name for one in fields(kind) if one.name != "created")
        rows.append((f"`{word}`", keys, (kind.__doc__ or "").partition("\n")[0]))
    return table(("word", "keys", "what happens"), rows)


def commands() -> str:
    """Every command, with its flags: first those that drive a running mock."""
    rows: dict[bool, list[tuple[str, ...]]] = {True: [], False: []}
    for name, one in leaves(main):
        names = [it.make_metavar(click.Context(one)) for it in one.params if isinstance(it, click.Argument)]
        row = f"`{' '.join(['mock-oms', name, *names])}`", _flags(one), one.get_short_help_str(120)
        rows[_drives(one)].append(row)
    driving, others = (table(("command", "flags", "what it does"), rows[drives]) for drives in (True, False))
    head = "These drive [a running mock](#a-running-mock) and take its flags too:"
    return f"{head}\n\n{driving}\n\nThe others:\n\n{others}"


def _drives(command: click.Command) -> bool:
    return {opt for one in command.params for opt in one.opts} >= _DRIVING


def _flags(command: click.Command) -> str:
    """The flags of a command; those that many commands share are left out or are a link."""
    flags = [(one.secondary_opts or one.opts)[0] for one in command.params if isinstance(one, click.Option)]
    shared = _SETTINGS if set(flags) >= _SETTINGS else {*_DRIVING, "--world"} if _drives(command) else set()
    shown = [f"`{one}`" for one in flags if one not in shared]
    return ", ".join([*shown, "[settings](configuration.md#settings)"] if shared is _SETTINGS else shown)


def leaves(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """The commands of a group and of the groups in it, by their full names."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command
