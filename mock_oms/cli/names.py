"""The names of commands: groups of them, the words that people type instead, and what was probably meant."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

#: How much a word must be like another for a suggestion, 0 to 1: "foo" is not "follow".
_ALIKE = 0.75
#: Commands, and words that mean nothing else: they work, and no help shows them.
_ALIASES = {
    "serve": "start up server",
    "clock advance": "advance forward",
    "clock freeze": "freeze pause",
    "clock rate": "rate",
    "clock show": "time now",
    "world reset": "reset",
    "world snapshot": "snapshot",
    "world restore": "restore",
    "request list": "logs log journal",
    "request tail": "tail follow watch",
    "scenario check": "check validate lint",
    "healthcheck": "health ping ready",
    "config": "settings env variables",
    "why": "explain",
    "drift": "diff compare",
    "openapi": "spec swagger",
    "report": "clients",
    "verify": "assert expect",
    "assumptions": "switches",
}
#: Groups whose plural, alone or before an option, lists what there is, or shows it; before a command it is the group.
_COUNTABLE = {"clock", "event", "fault", "limit", "request", "scenario", "world"}
#: What one word may mean: it is not obeyed, and the error names these commands.
_MEANT = {
    "serve (Ctrl+C ends it)": "stop kill quit down shutdown restart exit",
    "serve, plan run": "run",
    "serve (it names the address)": "ui dashboard browser web url",
    "healthcheck, world show, doctor": "status info",
    "plan list, world list, scenario list, request list, fault list": "ls list ps",
    "plan show, world show, scenario show": "show get view",
    "world new, scenario new, fault add, event add": "new create add init open",
    "world rm, fault rm": "rm delete remove close",
    "request clear, fault clear": "clear clean",
    "event add, serve --scenario restock": "restock",
    "event add": "block unblock",
    "plan complete, plan cancel, plan reschedule": "complete cancel reschedule",
    "stock": "locations location inventory skus sku",
    "plan list, why": "order orders items",
    "world snapshot, world restore": "save load export dump backup",
    "scenario new, record": "import capture",
    "scenario list, serve --scenario": "demo example examples tutorial play",
    "why, request list, doctor": "debug trace",
    "serve --reload": "reload",
    "plan list --state, serve --state": "state states",
    "serve --seed, world new --seed": "seed",
    "report, healthcheck": "metrics stats",
    "contract, verify, scenario check": "test conformance",
    "world show": "token login",
    "fault add --profile": "profile profiles",
    "limit set": "quota throttle",
    "fault add --delay": "delay slow latency",
    "openapi, scenario schema": "schema docs api",
    "completion": "shell bash zsh fish",
    "clock advance": "skip wait sleep tick travel",
}
#: Other words for the commands of groups; one counts where the group has such a command and not the word itself.
_SYNONYMS = {
    "list": "ls",
    "show": "get view describe info",
    "rm": "remove delete del close",
    "new": "create open init add",
    "add": "new create set",
    "clear": "reset clean",
    "check": "validate verify lint test",
    "tail": "follow watch",
    "freeze": "pause stop",
    "advance": "forward skip by add tick",
    "snapshot": "save export dump",
    "restore": "load import",
}


def _by_word(table: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for meaning, words in table.items():
        for word in words.split():
            found.setdefault(word, []).append(meaning)
    return found


class Group(click.Group):
    """Commands that understand other words for them, name the nearest, and are listed with their whole sentence."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What was typed, in the words that we have for it; a shell completes one that is not among them yet."""
        return super().parse_args(ctx, self.meant([*args, "_"])[:-1] if ctx.resilient_parsing else self.meant(args))

    def meant(self, args: list[str]) -> list[str]:
        """These words, of which the first is understood: `help` is an option, a number is shown, a duration goes by."""
        if not args or args[0] in self.commands:
            return args
        word, *rest = args
        if word == "help":
            return self.meant([*rest, "--help"])
        if word.isdecimal() and "show" in self.commands:
            return ["show", *args]
        if re.fullmatch("([0-9]+[dhms])+", word) and "advance" in self.commands:
            return ["advance", *args]
        known = [name for name in _by_word(_SYNONYMS).get(word, ()) if name in self.commands]
        return [*known[:1], *rest] if known else args

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was typed; where there is none, an error with what was probably meant."""
        if args[0] in self.commands or args[0].startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        return ctx.fail(f"No such command {args[0]!r}. {self.suggestion(args[0])}")

    def suggestion(self, word: str) -> str:
        """What was probably meant by a word."""
        words = {**_by_word(_SYNONYMS), **{name: [name] for name in self.commands}}
        return _did_you_mean(word, {one: names for one, names in words.items() if names[0] in self.commands}) or (
            f"There are: {', '.join(sorted(self.commands))}."
        )

    def described(self) -> Iterable[tuple[str, str]]:
        """Every command that is shown, with its whole first sentence."""
        return [(name, one.get_short_help_str(1000)) for name, one in sorted(self.commands.items()) if not one.hidden]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's own
        """Write the list of commands; click would cut each sentence at the width."""
        with formatter.section("Commands"):
            formatter.write_dl([*self.described()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands and options that begin so."""
        named = [CompletionItem(name, help=text) for name, text in self.described() if name.startswith(incomplete)]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]


class Commands(Group):
    """The commands of the program: those of groups are understood without their group where that is clear."""

    def meant(self, args: list[str]) -> list[str]:
        """These words; a plural alone lists, and a word for one command is that command."""
        if not args or args[0] in self.commands:
            return args
        word, *rest = args
        singular = word.removesuffix("s")
        if word == "version":
            return ["--version", *rest]
        if word != singular and singular in _COUNTABLE:
            is_group = rest and (not rest[0].startswith("-") or rest[0] in {"-h", "--help"})
            listing = "show" if singular in {"clock", "limit"} else "list"
            return [singular, *rest] if is_group else [singular, listing, *rest]
        alias = _by_word(_ALIASES).get(word)
        return [*alias[0].split(), *rest] if alias else super().meant(args)

    def suggestion(self, word: str) -> str:
        """What was probably meant: of words that have several meanings each, else of all commands and aliases."""
        if word.isdecimal():
            return f"Did you mean plan show {word}, why {word}?"
        several = _by_word(_MEANT)
        plurals = {f"{name}s": [name] for name in _COUNTABLE}
        known = {**several, **plurals, **_by_word(_ALIASES), **{name: [name] for name in self.commands}}
        return _did_you_mean(word, known) or "`mock-oms --help` lists all."


def _did_you_mean(word: str, known: Mapping[str, Any]) -> str:
    from mock_oms.text import nearest

    near = nearest(word.casefold(), known, _ALIKE)
    return f"Did you mean {', '.join(known[near])}?" if near else ""
