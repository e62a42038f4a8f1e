"""`mock-oms plan`, `why` and `lifecycle`: plans of a running mock; `mock-oms plans`: plans without a server."""

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
    with_named_world,
    with_world,
)
from mock_oms.cli.printing import print_json, print_list, print_table, print_transitions, progress, show, when
from mock_oms.text import counted, printable

if TYPE_CHECKING:
    from mock_oms.client.world import World
    from mock_oms.contract.control_bodies import AttemptPage, Explanation, PlanPage, WorldLifecycle


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


@plan.command("list", epilog=examples("plan list --state pending --world tour", "plan list --search TST-002"))
@click.option("--state", type=click.Choice(STATES), help="Only plans in this state.")
@click.option(
    "--search", help="Only the plan with this id, plans of the order with this id or number, or of such a SKU."
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many plans.")
@click.option("--offset", type=click.IntRange(min=0), default=0, show_default=True, help="Leave out so many first.")
@as_json
@with_world
def list_(world: "World", *, state: str | None, search: str | None, limit: int, offset: int, as_json: bool) -> None:
    """List plans in the order of the vendor's list, with the time of their next attempt.

    Of a backlog, --state and --search look at the newest 2,000 plans.
    """
    page = world.plans(state=state, search=search, limit=limit, offset=offset)
    every = page.looked_at if state is search is None or as_json else world.facts().plans
    notes = f"; looked at {page.looked_at:,} of {every:,}" if page.looked_at < every else ""
    show(page, lambda: print_plans(page, "more with --limit and --offset", notes), as_json=as_json)


def print_plans(page: "PlanPage", more: str, notes: str = "") -> None:
    """Print plans with the time of their next attempt; `more` says how to see those that are left out."""
    rows = [(str(one.plan), one.state, when(one.modified), when(one.next_attempt)) for one in page.plans]
    print_list(("plan", "state", "modified", "next attempt"), rows, "plan", page.count, more, notes)


@plan.command("show", epilog=examples("plan show 41207 --json", "plan show 41207 --attempts 5"))
@_PLAN
@click.option("--attempts", type=click.IntRange(1, 1000), help="Show its newest attempts, so many, with what they saw.")
@click.option("--vendor", is_flag=True, help="Print the JSON that the vendor's API would answer now.")
@as_json
@with_world
def show_plan(world: "World", *, plan: int, attempts: int | None, vendor: bool, as_json: bool) -> None:
    """Show a plan: its state, what comes next, the commands that it takes now, and its items with their places."""
    if vendor and attempts is not None:
        raise RefusedError("Give --attempts or --vendor: the vendor's JSON has the attempts in its context.")
    if vendor:
        print_json(world.vendor_plan(plan))
    elif attempts is not None:
        page = world.attempts(plan, limit=attempts)
        show(page, lambda: _print_attempts(page), as_json=as_json)
    else:
        _show_plan(world, plan, as_json=as_json)


def _show_plan(world: "World", plan: int, *, as_json: bool) -> None:
    found = world.plan(plan)
    rows = [
        ("plan", str(found.plan)),
        ("state", found.state),
        ("kind", found.kind),
        ("order", str(found.order)),
        ("number", found.order_number or "unknown"),
        ("items", f"{found.placed_count} of {found.item_count} placed"),
        ("attempts", str(found.attempts)),
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


def _print_attempts(page: "AttemptPage") -> None:
    rows = [
        (
            *(str(attempt.number), when(attempt.at), one.location, one.sku),
            *(f"{figure:,}" for figure in (one.stock_count, one.reservation_count, one.quantity)),
        )
        for attempt in page.attempts
        for one in attempt.seen
    ]
    if rows:
        print_table([("attempt", "time", "location", "sku", "stock", "reserved", "quantity"), *rows])
    blind = [str(attempt.number) for attempt in page.attempts if not attempt.seen]
    if blind:
        click.echo(f"saw nothing of the stock: {', '.join(blind)}")
    more = f"{len(page.attempts):,} of {counted(page.count, 'attempt')}; more with --attempts"
    click.echo(
        more if page.count > len(page.attempts) else counted(page.count, "attempt") if page.count else "no attempts"
    )


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


@click.command(epilog=examples("lifecycle tour", "lifecycle --json"))
@as_json
@with_named_world
def lifecycle(world: "World", *, as_json: bool) -> None:
    """Show how many plans of a world are in each state, and how often each transition was taken since it began."""
    found = world.lifecycle()
    show(found, lambda: _print_lifecycle(found), as_json=as_json)


def _print_lifecycle(found: "WorldLifecycle") -> None:
    states = [(one.name, f"{one.plans:,}", "nothing leads out" if one.terminal else "") for one in found.states]
    print_table([("state", "plans", ""), *states])
    rows = [(str(one.id), one.from_, one.to, f"{one.taken:,}", one.slug, one.name) for one in found.transitions]
    click.echo()
    print_table([("id", "from", "to", "taken", "slug", "name"), *rows])
    click.echo(f"{counted(found.new, 'new plan')} since the world began")
    if found.estimated:
        click.echo(
            "plans of the backlog that nothing has happened to are counted by its weights, and their steps are not"
        )
