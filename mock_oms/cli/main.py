"""The command `mock-oms`. Each command imports what it needs when it runs, so that `--help` is quick."""

import errno
import os
import sys
from importlib.metadata import version
from typing import Any

import click

from mock_oms.cli.contract import contract
from mock_oms.cli.doctor.command import doctor
from mock_oms.cli.drift import drift
from mock_oms.cli.fault import fault, limits
from mock_oms.cli.openapi import assumptions, openapi
from mock_oms.cli.options import examples
from mock_oms.cli.plan import plan, plans, why
from mock_oms.cli.record import record, scrub
from mock_oms.cli.replay import replay
from mock_oms.cli.requests import report, requests, verify
from mock_oms.cli.scenarios import scenarios
from mock_oms.cli.serve import healthcheck, serve
from mock_oms.cli.settings_file import config
from mock_oms.cli.worlds import clock, event, world

#: Errors of a disk, a quota or a device that takes no more.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class Program(click.Group):
    """Every command; where the output takes no more, that is one sentence."""

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  click's own
        """Run what was typed, and leave."""
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            if error.errno not in _FULL or error.filename is not None:
                raise
            # Python flushes its buffer at the end, and would fail once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            click.echo(f"Error: The output cannot be written: {error.strerror}.", err=True)
            sys.exit(1)


@click.group(
    cls=Program,
    epilog=examples(
        "serve",
        "serve --scenario restock --port 0",
        "scenarios list",
        "plans --scenario restock --at 1h",
        "world new --scenario restock --name tour",
        "clock advance 1m --world tour",
        "why 41207 --world tour",
        "fault add --on list --status 503 --times 2 --world tour",
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(version("mock-oms"), prog_name="mock-oms")
def main() -> None:
    """Stand in for Akinon's OMS: a stateful, simulated mock of its order execution plans."""


@click.command(epilog='\b\nExample:\n  eval "$(mock-oms completion bash)"')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes mock-oms in a shell."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind:
        click.echo(kind(main, {}, "mock-oms", "_MOCK_OMS_COMPLETE").source())


_RUNNING_MOCK = (world, clock, plan, event, why, fault, limits, requests, verify, report)
_ANY_OMS = (contract, record, scrub, drift)
_OFFLINE = (replay, plans, openapi, assumptions)
for command in (serve, scenarios, *_RUNNING_MOCK, *_ANY_OMS, *_OFFLINE, healthcheck, config, doctor, completion):
    main.add_command(command)
