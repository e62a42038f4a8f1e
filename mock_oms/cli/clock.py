"""`mock-oms clock`: the time of a world in a running mock."""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from mock_oms.cli.control_options import clock_line, plain, print_facts, print_transitions, when, with_world
from mock_oms.cli.options import DurationType, RefusedError, as_json, print_json

if TYPE_CHECKING:
    from mock_oms.client.world import Turned, World


@click.group()
def clock() -> None:
    """Show, advance, freeze or run the clock of a world."""


@clock.command(epilog="\b\nExample:\n  mock-oms clock show --world tour")
@as_json
@with_world
def show(world: "World", *, as_json: bool) -> None:
    """Show what the clock of a world shows, and how fast it runs."""
    if as_json:
        print_facts(world.clock)
    else:
        click.echo(clock_line(world))


class _Until(click.ParamType[tuple[int, str]]):
    """A plan and a state, as PLAN=STATE."""

    name = "plan=state"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, str]:
        """The plan's id and the state."""
        plan, found, state = str(value).partition("=")
        if not (plan.isdecimal() and found and state):
            self.fail(f"{value!r} is not of the form PLAN=STATE, such as 41207=completed.", param, ctx)
        return int(plan), state


@clock.command(
    epilog="\b\nExamples:\n  mock-oms clock advance 30m --world tour\n"
    "  mock-oms clock advance --until 41207=completed --within 2d"
)
@click.argument("by", type=DurationType(), required=False)
@click.option("--until", type=_Until(), help="Advance until a plan is in a state, such as 41207=completed.")
@click.option("--within", type=DurationType(), help="With --until: how far at most; without it 24h.")
@as_json
@with_world
def advance(
    world: "World",
    *,
    by: timedelta | None,
    until: tuple[int, str] | None,
    within: timedelta | None,
    as_json: bool,
) -> None:
    """Turn the clock of a world forward, and show what became of its plans."""
    if (by is None) == (until is None):
        raise RefusedError("Say by how much, as in `clock advance 30m`, or --until when; not both.")
    _print(world, world.advance(by, until=until, within=within), as_json=as_json)


@clock.command(epilog="\b\nExample:\n  mock-oms clock freeze")
@as_json
@with_world
def freeze(world: "World", *, as_json: bool) -> None:
    """Stop the clock of a world."""
    _print(world, world.freeze(), as_json=as_json)


@clock.command(epilog="\b\nExample:\n  mock-oms clock rate 60")
@click.argument("rate", type=float)
@as_json
@with_world
def rate(world: "World", *, rate: float, as_json: bool) -> None:
    """Let the clock of a world run: 1 is real time, 60 a minute a second, 0 stops it."""
    _print(world, world.run_at(rate), as_json=as_json)


def _print(world: "World", turned: "Turned", *, as_json: bool) -> None:
    if as_json:
        print_json({"now": when(turned.now), "rate": turned.rate, "transitions": plain(turned)})
    else:
        print_transitions(world, turned)
