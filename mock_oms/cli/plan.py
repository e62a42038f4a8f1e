"""`mock-oms plan` and `mock-oms why`: plans of a running mock; `mock-oms plans`: plans without a server."""

import json
from datetime import timedelta
from itertools import chain, islice, repeat
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mock_oms.cli.names import Group
from mock_oms.cli.openapi import library_of, observation
from mock_oms.cli.options import (
    STATES,
    DurationType,
    RefusedError,
    as_json,
    clear_errors,
    completes,
    examples,
    setting,
    with_world,
)
from mock_oms.cli.printing import print_json, print_list, print_table, print_transitions, progress, show, when
from mock_oms.text import printable

if TYPE_CHECKING:
    from mock_oms.client.world import World
    from mock_oms.contract.control_bodies import Explanation, PlanPage


@click.command(
    epilog=examples(
        "plans --scenario restock --at 1h",
        "plans --state pending --limit 3 > pending.json",
        "plans --observed oms-observed.yaml --id 41207",
    )
)
@setting("scenario")
@setting("scenarios")
@setting("seed")
@setting("observed")
@click.option("--world", "--url", "elsewhere", hidden=True)
@click.option("--at", type=DurationType(), default="0s", show_default=True, help="World time after the start.")
@click.option("--state", type=click.Choice(STATES), help="Only plans in this state.")
@click.option("--id", "plan_id", type=int, help="Only this plan.")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="At most so many plans."
)
def plans(
    *,
    elsewhere: str | None,
    scenario: str,
    scenarios: Path | None,
    seed: int | None,
    observed: Path | None,
    at: timedelta,
    state: str | None,
    plan_id: int | None,
    limit: int,
) -> None:
    """Print plans as the vendor's API would serve them at a time of the scenario, in the order of the list.

    It asks no running mock: `mock-oms plan list` does.
    """
    from mock_oms.worlds.view import view_of

    if elsewhere:
        raise RefusedError(
            "`plans` plays a scenario, and asks no running mock; `mock-oms plan list` shows the plans of its worlds."
        )

    library = library_of(scenarios, observation(observed))
    with clear_errors(), progress(f"playing {scenario}"):
        view = view_of(library.load(scenario), seed=seed, after=at)
    if plan_id is not None and state is not None:
        raise RefusedError("Give --id or --state: one plan is in the state that it is in.")
    if plan_id is not None and plan_id not in view.world:
        raise RefusedError(f"This scenario has no plan {plan_id} at that time.")
    bodies = islice(view.bodies(state), limit) if plan_id is None else view.written([plan_id])
    found: list[object] = []
    with progress("making plans") as step:
        for body in bodies:
            step(len(found), min(limit, view.count))
            found.append(json.loads(body))
    print_json(found)


_PLAN = click.argument("plan", type=click.IntRange(min=1), shell_complete=completes("plan"))
#: Letters of a sentence that stand in one line.
_LONG = 80


@click.group(cls=Group)
def plan() -> None:
    """List and show the plans of a world, and run commands on them."""


@plan.command("list", epilog=examples("plan list --state pending --world tour"))
@click.option("--state", type=click.Choice(STATES), help="Only plans in this state.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many plans.")
@click.option("--offset", type=click.IntRange(min=0), default=0, show_default=True, help="Leave out so many first.")
@as_json
@with_world
def list_(world: "World", *, state: str | None, limit: int, offset: int, as_json: bool) -> None:
    """List plans in the order of the vendor's list, with the time of their next attempt."""
    page = world.plans(state=state, limit=limit, offset=offset)
    show(page, lambda: print_plans(page, "more with --limit and --offset"), as_json=as_json)


def print_plans(page: "PlanPage", more: str) -> None:
    """Print plans with the time of their next attempt; `more` says how to see those that are left out."""
    rows = [(str(one.plan), one.state, when(one.modified), when(one.next_attempt)) for one in page.plans]
    print_list(("plan", "state", "modified", "next attempt"), rows, "plan", page.count, more)


@plan.command("show", epilog=examples("plan show 41207 --json"))
@_PLAN
@as_json
@with_world
def show_plan(world: "World", *, plan: int, as_json: bool) -> None:
    """Show a plan: its state, what comes next, the commands that it takes now, and its items with their places."""
    found = world.plan(plan)
    rows = [
        ("plan", str(found.plan)),
        ("state", found.state),
        ("kind", found.kind),
        ("order", str(found.order)),
        ("created", when(found.created)),
        ("modified", when(found.modified)),
        ("next attempt", when(found.next_attempt) or "none"),
        ("commands", ", ".join(f"{one.slug} ({one.id})" for one in found.legal) or "none"),
    ]

    def text() -> None:
        print_table(rows)
        _print_items(found)
        click.echo(f"\n{found.summary}")

    show(found, text, as_json=as_json)


def _print_items(found: "Explanation") -> None:
    rows = [
        (one.sku or "?", str(one.order_item or "?"), one.state or "?", one.location or "-", when(one.since))
        for one in found.items
    ]
    if rows:
        click.echo()
        print_table([("sku", "order item", "state", "location", "since"), *rows])


@plan.command(epilog=examples("plan run 41207 plan-cancel --world tour"))
@_PLAN
@click.argument("command", shell_complete=completes("command"))
@as_json
@with_world
def run(world: "World", *, plan: int, command: str, as_json: bool) -> None:
    """Run a command on a plan, by slug or transition id; where it may not run now, say which may."""
    _run(world, plan, command, as_json=as_json)


@plan.command(epilog=examples("plan complete 41207 --world tour"))
@_PLAN
@as_json
@with_world
def complete(world: "World", *, plan: int, as_json: bool) -> None:
    """Complete a pending plan now, by manual planning: every item gets a place, in stock or not.

    Of a captured plan only the state changes.
    """
    _run(world, plan, "plan-complete", as_json=as_json)


@plan.command(epilog=examples("plan cancel 41207 --world tour"))
@_PLAN
@as_json
@with_world
def cancel(world: "World", *, plan: int, as_json: bool) -> None:
    """Cancel a plan now."""
    _run(world, plan, "plan-cancel", as_json=as_json)


@plan.command(epilog=examples("plan reschedule 41207 --world tour"))
@_PLAN
@as_json
@with_world
def reschedule(world: "World", *, plan: int, as_json: bool) -> None:
    """Try a pending plan again now, instead of at its next attempt."""
    _run(world, plan, "plan-reschedule", as_json=as_json)


def _run(world: "World", plan: int, command: str, *, as_json: bool) -> None:
    ran = world.run(plan, f"plan-{command}" if command in {"complete", "cancel", "reschedule"} else command)
    show(ran, lambda: print_transitions(world, ran.transitions), as_json=as_json)


@click.command(epilog=examples("why 41207 --world tour"))
@_PLAN
@as_json
@with_world
def why(world: "World", *, plan: int, as_json: bool) -> None:
    """Tell why a plan is where it is: every step with its cause, and what the next one waits for."""
    found = world.plan(plan)
    show(found, lambda: print_explanation(found), as_json=as_json)


def print_explanation(found: "Explanation") -> None:
    """Print why a plan is where it is."""
    click.echo(f"plan {found.plan} is {found.state}\n")
    rows = [(when(one.at), one.from_ or "", one.to, one.cause) for one in found.history]
    if rows:  # nobody knows what happened to a captured plan before
        print_table([("time", "from", "to", "cause"), *rows])
    _print_items(found)
    click.echo()
    waiting = ([*map(str, one.places)] for one in found.items if one.places)
    for sentence, places in zip(found.missing, chain(waiting, repeat([])), strict=False):
        click.echo(printable(_spread(sentence, places)))
    click.echo(found.summary)


def _spread(sentence: str, places: list[str]) -> str:
    """A sentence that ends with a list of places, with these one a line where it is long."""
    listed = ", ".join(places)
    if len(sentence) <= _LONG or not sentence.endswith(listed):
        return sentence
    return "\n  ".join([sentence.removesuffix(listed).rstrip(), *places])
