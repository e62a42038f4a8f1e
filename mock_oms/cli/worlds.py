"""`mock-oms world` and `mock-oms event`: the worlds of a running mock, and what happens to them."""

import json
from typing import IO, TYPE_CHECKING, Any

import click

from mock_oms.cli.control_options import plain, print_facts, print_transitions, when, with_control, with_world
from mock_oms.cli.options import (
    SNAPSHOT,
    DurationType,
    RefusedError,
    as_json,
    mapping_in,
    print_json,
    print_table,
    snapshot_in,
)

if TYPE_CHECKING:
    from datetime import timedelta

    from mock_oms.client.control import Control
    from mock_oms.client.world import World
    from mock_oms.contract.control_bodies import WorldFacts


@click.group()
def event() -> None:
    """Let events happen in a world, and list those that did."""


@event.command(
    epilog="\b\nExamples:\n  mock-oms event add 'restock: {sku: TST-002-L, location: WH001, count: 10}'\n"
    "  mock-oms event add 'block: WH001' --world tour"
)
@click.argument("event")
@as_json
@with_world
def add(world: "World", *, event: str, as_json: bool) -> None:
    """Let an event happen now, written as in a scenario's timeline."""
    happened = world.event(**mapping_in(event, "EVENT", "block: WH001"))
    if as_json:
        print_facts(happened)
    else:
        print_transitions(world, happened.transitions)


@event.command("list", epilog="\b\nExample:\n  mock-oms event list --world tour")
@as_json
@with_world
def list_events(world: "World", *, as_json: bool) -> None:
    """List the events that happened to a world from outside, without the scenario's own timeline."""
    events = world.events()
    if as_json:
        print_facts(events)
        return
    rows = [(str(one.number), when(one.at), one.word, json.dumps(one.said, ensure_ascii=False)) for one in events]
    print_table([("number", "time", "event", "with"), *rows])


@click.group()
def world() -> None:
    """Open, list, show, reset, save and close the worlds of a running mock."""


@world.command(
    epilog="\b\nExamples:\n  mock-oms world new --scenario restock --name tour\n"
    "  mock-oms world new --snapshot saved.json"
)
@click.option("--scenario", help="The scenario to play; without it and without a snapshot: default.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="The seed, instead of the scenario's.")
@click.option("--name", help="The name of the world; without it one is made up.")
@click.option("--ttl", type=DurationType(), help="How long it lives without use; without it 1h.")
@click.option("--keep", is_flag=True, help="Keep it until it is closed, used or not.")
@click.option("--start", help="What its clock shows at first, such as 2024-03-05T09:00:00Z.")
@click.option("--rate", type=float, help="How fast its clock runs: 0 is frozen, 60 a minute a second.")
@click.option("--snapshot", type=SNAPSHOT, help="Open what this file holds (- is standard input).")
@as_json
@with_control
def new(
    control: "Control",
    *,
    as_json: bool,
    keep: bool,
    ttl: "timedelta | None",
    start: str | None,
    rate: float | None,
    snapshot: IO[str] | None,
    **wishes: Any,  # noqa: ANN401  scenario, seed, name
) -> None:
    """Open a world of a scenario or of a snapshot, and print the token that it is seen with."""
    clock = {key: value for key, value in (("start", start), ("rate", rate)) if value is not None}
    opened = control.open_world(
        **wishes,
        ttl=_life(ttl, keep=keep),
        clock=clock or None,
        snapshot=None if snapshot is None else snapshot_in(snapshot),
    )
    _show(opened.facts(), as_json=as_json)


def _life(ttl: "timedelta | None", *, keep: bool) -> "timedelta | str | None":
    if keep and ttl is not None:
        raise RefusedError("Give --ttl or --keep: a world that is kept has no end.")
    return None if keep else "1h" if ttl is None else ttl


def _show(facts: "WorldFacts", *, as_json: bool) -> None:
    if as_json:
        print_facts(facts)
        return
    from mock_oms.client.failure_report import pace

    print_table(
        [
            ("world", facts.name),
            ("token", facts.token),
            ("line", facts.line),
            ("scenario", f"{facts.scenario}@{facts.digest}, seed {facts.seed}"),
            ("clock", f"{when(facts.clock.now)}, {pace(facts.clock.rate)}"),
            ("plans", f"{facts.plans:,}"),
            ("events", f"{facts.events:,}"),
            ("faults", f"{facts.faults:,}"),
            ("requests", f"{facts.requests:,}"),
            ("lives", f"{facts.ttl} without use" if facts.ttl else "for ever"),
            *([("renewed", "its scenario has changed, and this is the new version")] if facts.renewed else []),
            *(("missed", f"{when(one.at)}  {one.origin}: {one.reason}") for one in facts.missed),
        ]
    )


@world.command("list", epilog="\b\nExample:\n  mock-oms world list")
@as_json
@with_control
def list_(control: "Control", *, as_json: bool) -> None:
    """List the worlds that are open, without their tokens."""
    worlds = control.worlds()
    if as_json:
        print_json([{key: value for key, value in plain(one).items() if key != "token"} for one in worlds])
        return
    rows = [(one.name, one.scenario, str(one.seed), when(one.clock.now), f"{one.plans:,}") for one in worlds]
    print_table([("world", "scenario", "seed", "clock", "plans"), *rows])


@world.command(epilog="\b\nExample:\n  mock-oms world show --world tour")
@as_json
@with_world
def show(world: "World", *, as_json: bool) -> None:
    """Show a world: its token, line, scenario, seed, clock, and the lines of the timeline that it had to refuse."""
    _show(world.facts(), as_json=as_json)


@world.command(epilog="\b\nExample:\n  mock-oms world reset --world tour")
@as_json
@with_world
def reset(world: "World", *, as_json: bool) -> None:
    """Return a world to its beginning: no event has happened, and its clock shows the start."""
    _show(world.reset(), as_json=as_json)


@world.command(epilog="\b\nExample:\n  mock-oms world rm --world tour")
@with_world
def rm(world: "World") -> None:
    """Close a world; its token is unknown from then on."""
    world.close()
    click.echo(f"world {world.name} is closed")


@world.command(epilog="\b\nExample:\n  mock-oms world snapshot --world tour > saved.json")
@with_world
def snapshot(world: "World") -> None:
    """Print a world as JSON, from which the same world is made again, here or elsewhere."""
    print_json(world.snapshot())


@world.command(epilog="\b\nExample:\n  mock-oms world restore saved.json --world tour")
@click.argument("file", type=SNAPSHOT)
@as_json
@with_world
def restore(world: "World", file: IO[str], *, as_json: bool) -> None:
    """Put a world back to what a snapshot of it says."""
    _show(world.restore(snapshot_in(file)), as_json=as_json)
