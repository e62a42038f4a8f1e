"""`mock-oms event`: what happens to a world in a running mock."""

import json
from typing import TYPE_CHECKING

import click

from mock_oms.cli.control_options import print_facts, print_transitions, when, with_world
from mock_oms.cli.options import as_json, mapping_in, print_table

if TYPE_CHECKING:
    from mock_oms.client.world import World


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
def list_(world: "World", *, as_json: bool) -> None:
    """List the events that happened to a world from outside, without the scenario's own timeline."""
    events = world.events()
    if as_json:
        print_facts(events)
        return
    rows = [(str(one.number), when(one.at), one.word, json.dumps(one.said, ensure_ascii=False)) for one in events]
    print_table([("number", "time", "event", "with"), *rows])
