"""The command `mock-oms`. Each command is imported when it is wanted, so that `--help` and completion are quick."""

import errno
import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import Any, TextIO

import click
from click.shell_completion import get_completion_class

from mock_oms.cli.names import Commands

# Importing makes a hundred thousand objects that stay: looking for waste among them takes a fifth of a start's time.
gc.set_threshold(100_000)

#: Every command, as `module.function` below this package, and what a list of commands says of it.
_COMMANDS = {
    "assumptions": ("openapi.assumptions", "List every fact of the contract with its mark and source."),
    "clock": ("worlds.clock", "Show, advance or freeze the clock of a world, or set its rate."),
    "completion": ("main.completion", "Print the script that completes mock-oms in a shell."),
    "config": ("settings_file.config", "Print the settings in force, and where each comes from."),
    "contract": ("contract.contract", "Compare what answers at a URL with the contract."),
    "doctor": ("doctor.command.doctor", "Check versions, settings, scenarios, port and more."),
    "drift": ("drift.drift", "Compare two OMS: A, which clients were written for, and B."),
    "event": ("worlds.event", "Let events happen in a world, and list those that did."),
    "fault": ("fault.fault", "Let the answers of a world be late, broken or refused."),
    "healthcheck": ("serve.healthcheck", "Ask a running mock whether it is ready."),
    "lifecycle": ("plan.lifecycle", "Show the states of a world's plans and their transitions."),
    "limit": ("fault.limits", "Show and set what a world allows."),
    "openapi": ("openapi.openapi", "Print the OpenAPI contract of the vendor's API."),
    "plan": ("plan.plan", "List and show the plans of a world, and run commands."),
    "plans": ("plan.plans", "Print plans as the vendor's API would serve them."),
    "record": ("record.record", "Record the plans of an OMS as a scenario."),
    "replay": ("replay.replay", "Show the world of an answer by its X-Mock-Oms line."),
    "report": ("requests.report", "Report how each client of a world behaves."),
    "request": ("requests.requests", "List, show and forget the requests of a world."),
    "scenario": ("scenarios.scenarios", "List, show, check and begin scenario files."),
    "scrub": ("record.scrub", "Take everybody's data out of captured answers."),
    "serve": ("serve.serve", "Serve the vendor's API until Ctrl+C."),
    "stock": ("stock.stock", "Show the locations of a world and its stock."),
    "verify": ("requests.verify", "Verify that requests were made."),
    "why": ("plan.why", "Tell why a plan is where it is."),
    "world": ("worlds.world", "Open, list, show, reset, save and close worlds."),
}
#: In which order help shows them, and under which heads.
_SECTIONS = {
    "Serve and look": "serve scenario plans replay",
    "Drive a world": "world clock plan stock why lifecycle event",
    "Traffic": "request verify report fault limit",
    "Conformance": "contract drift record scrub openapi assumptions",
    "Set-up": "config doctor healthcheck completion",
}
#: Errors of a disk, a quota or a device that takes no more, or never took anything.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}


class _UnreadFile(FileIO):
    """Standard error, which takes everything: whether somebody reads it decides about nothing."""

    def write(self, data: Any) -> int:  # noqa: ANN401  whatever has bytes
        """Write as much as the file takes now; what it refuses is lost."""
        with suppress(OSError):
            return super().write(data) or len(data)
        return len(data)


def _mend_streams() -> None:
    """Let nothing break that is written to the standard streams, be they closed, full, or of few letters."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number, which is this one
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stdout is sys.__stdout__:  # and not what a test has put there
        sys.stdout = _text(FileIO(1, "w", closefd=False), sys.stdout, "replace")
    if sys.stderr is sys.__stderr__:
        sys.stderr = _text(_UnreadFile(2, "w", closefd=False), sys.stderr, "backslashreplace")


def _text(raw: FileIO, before: TextIO | None, errors: str) -> TextIO:
    buffer, encoding = BufferedWriter(raw), before.encoding if before else "utf-8"
    return TextIOWrapper(buffer, encoding, errors, line_buffering=before is sys.__stderr__ or raw.isatty())


class _Table(Mapping[str, click.Command]):
    """The commands by their names; one is imported when it is looked up."""

    def __getitem__(self, name: str) -> click.Command:
        module, _, function = _COMMANDS[name][0].rpartition(".")
        command: click.Command = getattr(import_module(f"mock_oms.cli.{module}"), function)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(_COMMANDS)

    def __len__(self) -> int:
        return len(_COMMANDS)


@contextmanager
def _no_unwritten_output() -> Iterator[None]:
    """End with exit code 2 where the output takes no more: in a sentence, or in silence if whoever read it has left."""
    try:
        yield
    except OSError as error:
        if error.errno not in {*_FULL, errno.EPIPE} or error.filename is not None:
            raise
        # Python flushes its buffer at the end, and would fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if error.errno != errno.EPIPE:
            click.echo(f"Error: The output cannot be written: {error.strerror}.", err=True)
        sys.exit(2)


class Program(Commands):
    """Every command; where the output takes no more, that is one sentence."""

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  click's own
        """Run what was typed, and leave."""
        _mend_streams()
        with _no_unwritten_output():
            return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  click's own
        """Run a command; click would say 1 where nobody reads on, and at Ctrl+C, which stands for findings."""
        try:
            with _no_unwritten_output():
                return super().invoke(ctx)
        except click.UsageError as error:
            options = [one.name for one in error.ctx.command.params] if error.ctx else []
            if "world" in options and "unexpected extra argument" in error.message:  # `world rm tour`
                raise click.UsageError(f"{error.message}. A world is named by --world NAME.", error.ctx) from None
            raise
        except ModuleNotFoundError as error:
            from mock_oms.cli.options import RefusedError
            from mock_oms.client.errors import ServerNotInstalledError, server_wanted

            try:
                with server_wanted():
                    raise error  # noqa: TRY201  its name says what is missing
            except ServerNotInstalledError as missing:
                raise RefusedError(str(missing)) from None
        except (KeyboardInterrupt, click.Abort):
            click.echo("Error: Interrupted before the end.", err=True)
            ctx.exit(2)

    def described(self) -> Iterator[tuple[str, str]]:
        """Every command with what the table says of it: none is imported."""
        return ((name, text) for name, (_, text) in _COMMANDS.items())

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's own
        """Write the commands section by section."""
        width = max(map(len, _COMMANDS))
        for head, names in _SECTIONS.items():
            with formatter.section(head):
                formatter.write_dl([(name.ljust(width), _COMMANDS[name][1]) for name in names.split()])


_EXAMPLES = """\b
Examples:
  mock-oms serve
  mock-oms serve --scenario restock --port 0
  mock-oms scenario list
  mock-oms plans --scenario restock --at 1h
  mock-oms world new --scenario restock --name tour
  mock-oms clock advance 1m --world tour
  mock-oms why 41207 --world tour
  mock-oms fault add --on list --status 503 --times 2 --world tour
"""


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001  click's own
    if value and not ctx.resilient_parsing:
        from mock_oms.cli.release import release

        click.echo(f"mock-oms, version {release()}")
        ctx.exit()


@click.group(
    cls=Program,
    commands=_Table(),
    epilog=_EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
def main() -> None:
    """Stand in for Akinon's OMS: a stateful, simulated mock of its order execution plans."""


@click.command(epilog='\b\nExample:\n  eval "$(mock-oms completion bash)"')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes mock-oms in a shell."""
    kind = get_completion_class(shell)
    if kind:
        click.echo(kind(main, {}, "mock-oms", "_MOCK_OMS_COMPLETE").source())
