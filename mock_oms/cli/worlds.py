"""`mock-oms world`, `clock` and `event`: the worlds of a running mock, their time, and what happens to them."""

import json
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any

import click

from mock_oms.cli.names import Group
from mock_oms.cli.options import (
    SNAPSHOT,
    DurationType,
    RefusedError,
    as_json,
    completes,
    examples,
    mapping_in,
    snapshot_in,
    with_control,
    with_named_world,
    with_world,
)
from mock_oms.cli.printing import plain, print_clock, print_json, print_list, print_table, print_transitions, show, when
from mock_oms.text import pace

if TYPE_CHECKING:
    from mock_oms.client.control import Control
    from mock_oms.client.world import Turned, World
    from mock_oms.contract.control_bodies import LoggedEvent, TimelineLine, WorldFacts


@click.group(cls=Group)
def world() -> None:
    """Open, list, show, reset, save and close the worlds of a running mock."""


@world.command(
    epilog=examples(
        "world new --scenario restock --name tour",
        "world new --scenario ./busy.yaml",
        "world new --snapshot saved.json",
    )
)
@click.option(
    "--scenario",
    shell_complete=completes("playable scenario"),
    help="The scenario to play: a name that the mock knows, or a file of this machine, which is sent; without it: default.",
)
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
    ttl: timedelta | None,
    start: str | None,
    rate: float | None,
    snapshot: IO[str] | None,
    **given: Any,  # noqa: ANN401  scenario, seed, name
) -> None:
    """Open a world of a scenario or of a snapshot, and print the token that it is seen with."""
    if keep and ttl is not None:
        raise RefusedError("Give --ttl or --keep: a world that is kept has no end.")
    clock = {key: value for key, value in (("start", start), ("rate", rate)) if value is not None}
    opened = control.open_world(
        **given,
        ttl=None if keep else "1h" if ttl is None else ttl,
        clock=clock or None,
        snapshot=None if snapshot is None else snapshot_in(snapshot),
    )
    _show_world(opened.facts(), as_json=as_json)


def _show_world(facts: "WorldFacts", *, as_json: bool) -> None:
    rows = [
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
    show(facts, lambda: print_table(rows), as_json=as_json)


@world.command("list", epilog=examples("world list"))
@as_json
@with_control
def list_(control: "Control", *, as_json: bool) -> None:
    """List the worlds that are open, without their tokens."""
    worlds = control.worlds()
    rows = [(one.name, one.scenario, str(one.seed), when(one.clock.now), f"{one.plans:,}") for one in worlds]
    facts = [{key: value for key, value in plain(one).items() if key != "token"} for one in worlds]
    show(facts, lambda: print_list(("world", "scenario", "seed", "clock", "plans"), rows, "world"), as_json=as_json)


@world.command("show", epilog=examples("world show tour"))
@as_json
@with_named_world
def show_world(world: "World", *, as_json: bool) -> None:
    """Show a world: its token, line, scenario, seed, clock, and the lines of the timeline that it had to refuse."""
    _show_world(world.facts(), as_json=as_json)


@world.command(epilog=examples("world reset tour"))
@as_json
@with_named_world
def reset(world: "World", *, as_json: bool) -> None:
    """Return a world to its beginning: no event has happened, its faults and requests are gone, its clock is as it began."""
    _show_world(world.reset(), as_json=as_json)


@world.command(epilog=examples("world rm tour"))
@with_named_world
def rm(world: "World") -> None:
    """Close a world; its token is unknown from then on."""
    world.close()
    click.echo(f"world {world.name} is closed")


@world.command(epilog=examples("world snapshot tour > saved.json"))
@with_named_world
def snapshot(world: "World") -> None:
    """Print a world as JSON, from which the same world is made again, here or elsewhere."""
    print_json(world.snapshot())


@world.command(epilog=examples("world restore saved.json --world tour"))
@click.argument("file", type=SNAPSHOT)
@as_json
@with_world
def restore(world: "World", file: IO[str], *, as_json: bool) -> None:
    """Put a world back to what a snapshot of it says."""
    _show_world(world.restore(snapshot_in(file)), as_json=as_json)


@click.group(cls=Group)
def clock() -> None:
    """Show, advance or freeze the clock of a world, or set its rate."""


@clock.command("show", epilog=examples("clock show --world tour"))
@as_json
@with_world
def show_clock(world: "World", *, as_json: bool) -> None:
    """Show what the clock of a world shows, and how fast it runs."""
    if as_json:
        print_json(plain(world.clock))
    else:
        print_clock(world)


def _plan_and_state(text: str) -> tuple[int, str]:
    plan, found, state = text.partition("=")
    if not (plan.isdecimal() and found and state):
        raise click.BadParameter(f"{text!r} is not of the form PLAN=STATE, such as 41207=completed.")
    return int(plan), state


@clock.command(epilog=examples("clock advance 30m --world tour", "clock advance --until 41207=completed --within 2d"))
@click.argument("by", type=DurationType(), required=False)
@click.option(
    "--until",
    type=_plan_and_state,
    metavar="PLAN=STATE",
    help="Advance until a plan is in a state, such as 41207=completed.",
)
@click.option("--within", type=DurationType(), help="With --until: how far at most; without it 24h.")
@as_json
@with_world
def advance(world: "World", *, by: timedelta | None, as_json: bool, **given: Any) -> None:  # noqa: ANN401  until, within
    """Turn the clock of a world forward, and show what became of its plans."""
    if (by is None) == (given["until"] is None):
        raise RefusedError("Say by how much, as in `clock advance 30m`, or --until when; not both.")
    _show_turned(world, world.advance(by, **given), as_json=as_json)


@clock.command(epilog=examples("clock freeze"))
@as_json
@with_world
def freeze(world: "World", *, as_json: bool) -> None:
    """Stop the clock of a world."""
    _show_turned(world, world.freeze(), as_json=as_json)


@clock.command(epilog=examples("clock rate 60"))
@click.argument("rate", type=float)
@as_json
@with_world
def rate(world: "World", *, rate: float, as_json: bool) -> None:
    """Let the clock of a world run: 1 is real time, 60 a minute a second, 0 stops it."""
    _show_turned(world, world.run_at(rate), as_json=as_json)


def _show_turned(world: "World", turned: "Turned", *, as_json: bool) -> None:
    facts = {"now": when(turned.now), "rate": turned.rate, "transitions": plain(turned)}
    show(facts, lambda: print_transitions(world, turned), as_json=as_json)


@click.group(cls=Group)
def event() -> None:
    """Let events happen in a world, and list those that did or that its scenario brings."""


@event.command(
    epilog=examples(
        "event add restock sku=TST-002-L location=WH001 count=10 --world tour",
        "event add block WH001",
        "event add 'restock: {sku: TST-002-L, location: WH001, count: 10}'",
    )
)
@click.argument("words", nargs=-1, required=True, metavar="EVENT...")
@as_json
@with_world
def add(world: "World", *, words: tuple[str, ...], as_json: bool) -> None:
    """Let an event happen now, written as in a scenario's timeline, or as its word and what it needs."""
    happened = world.event(**_event_in(words))
    show(happened, lambda: print_transitions(world, happened.transitions), as_json=as_json)


#: What errors call an event that was typed, and one that is right.
_LIKE = ("EVENT", "block: WH001")


def _event_in(words: tuple[str, ...]) -> dict[str, Any]:
    from mock_oms.scenarios.schema import EVENT_SCHEMAS, event_needs
    from mock_oms.text import nearest

    if len(words) == 1 and ":" not in words[0]:
        words = tuple(words[0].split()) or words
    word, *keys = words
    if not word.replace("_", "").isalpha():  # there is a colon or a brace
        return mapping_in(" ".join(words), *_LIKE)
    if word not in EVENT_SCHEMAS:
        close = nearest(word, EVENT_SCHEMAS)
        hint = f"; the nearest is {close}" if close else ""
        raise RefusedError(f"There is no event {word!r}; accepted: {', '.join(EVENT_SCHEMAS)}{hint}.")
    pairs = [key.partition("=") for key in keys]
    if len(keys) == 1 and not pairs[0][1]:
        return mapping_in(f"{word}: {keys[0]}", *_LIKE)
    if not keys or not all(sign for _, sign, _ in pairs):
        raise RefusedError(f"{event_needs(word)}.")
    said = ", ".join(
        f"{name}: [{value.strip('[]')}]" if name == "items" else f"{name}: {value}" for name, _, value in pairs
    )
    return mapping_in(f"{word}: {{{said}}}", *_LIKE)


@event.command("list", epilog=examples("event list --world tour"))
@as_json
@with_world
def list_events(world: "World", *, as_json: bool) -> None:
    """List the events that happened to a world from outside, without the scenario's own timeline."""
    events = world.events()
    rows = [(str(one.number), when(one.at), one.word, _said(one)) for one in events]
    show(events, lambda: print_list(("number", "time", "event", "with"), rows, "event"), as_json=as_json)


@event.command("timeline", epilog=examples("event timeline --world tour"))
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="At most so many lines.")
@click.option("--offset", type=click.IntRange(min=0), default=0, show_default=True, help="Leave out so many first.")
@as_json
@with_world
def list_timeline(world: "World", *, limit: int, offset: int, as_json: bool) -> None:
    """List the lines of the scenario's own timeline: what has happened, was refused, or comes yet."""
    page = world.timeline(limit=limit, offset=offset)
    rows = [
        (
            when(one.at),
            "refused" if one.refused else "done" if one.done else "upcoming",
            one.word,
            _said(one),
            one.origin,
        )
        for one in page.lines
    ]
    head, more = ("time", "is", "event", "with", "origin"), "more with --limit and --offset"
    refused = [f"\n{one.origin} was refused: {one.refused}" for one in page.lines if one.refused]
    show(page, lambda: print_list(head, rows, "line", page.count, more, "".join(refused)), as_json=as_json)


def _said(event: "LoggedEvent | TimelineLine") -> str:
    return json.dumps(event.said, ensure_ascii=False)
