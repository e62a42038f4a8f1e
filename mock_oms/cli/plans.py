"""`mock-oms plans`: plans as JSON without a server, for static fixtures."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.openapi import library_of, observation
from mock_oms.cli.options import STATES, DurationType, RefusedError, clear_errors, print_json, setting

if TYPE_CHECKING:
    from mock_oms.worlds.view import WorldView


@click.command(
    epilog="\b\nExamples:\n  mock-oms plans --scenario restock --at 1h\n"
    "  mock-oms plans --state pending --limit 3 > pending.json\n"
    "  mock-oms plans --observed oms-observed.yaml --id 41207"
)
@setting("scenario")
@setting("scenarios")
@setting("seed")
@setting("observed")
@click.option("--at", type=DurationType(), default="0s", show_default=True, help="World time after the start.")
@click.option("--state", type=click.Choice(STATES), help="Only plans in this state.")
@click.option("--id", "plan_id", type=int, help="Only this plan.")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="At most so many plans."
)
def plans(
    *,
    scenario: str,
    scenarios: Path | None,
    seed: int | None,
    observed: Path | None,
    at: timedelta,
    **choice: Any,  # noqa: ANN401  the options of `_chosen`
) -> None:
    """Print plans as the vendor's API would serve them at a time of the scenario, in the order of the list."""
    from mock_oms.worlds.view import view_of

    library = library_of(scenarios, observation(observed))
    with clear_errors():
        reading = view_of(library.load(scenario), seed=seed, after=at)
    print_json([json.loads(body) for body in _chosen(reading, **choice)])


def _chosen(reading: "WorldView", state: str | None, plan_id: int | None, limit: int) -> Iterator[bytes]:
    if plan_id is not None and state is not None:
        raise RefusedError("Give --id or --state: one plan is in the state that it is in.")
    if plan_id is None:
        yield from islice(reading.bodies(state), limit)
        return
    body = reading.detail(plan_id)
    if body is None:
        raise RefusedError(f"This scenario has no plan {plan_id} at that time.")
    yield body
