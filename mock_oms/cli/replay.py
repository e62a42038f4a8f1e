"""`mock-oms replay`: the world at the time that the header of an answer names, without a server."""

from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from mock_oms.cli.openapi import library_of, observation
from mock_oms.cli.options import SNAPSHOT, RefusedError, clear_errors, examples, setting, snapshot_in
from mock_oms.cli.plan import print_explanation, print_plans
from mock_oms.cli.printing import progress

if TYPE_CHECKING:
    from mock_oms.scenarios.library import Library
    from mock_oms.worlds.view import WorldView


@click.command(
    epilog=examples(
        "replay 'world=tour scenario=restock@… seed=7 now=2024-03-05T09:30:00Z event=0'",
        "replay 'X-Mock-Oms: world=tour … event=2' --snapshot saved.json --plan 41207",
    )
)
@click.argument("line")
@click.option("--snapshot", type=SNAPSHOT, help="A later snapshot of the world (- is standard input).")
@setting("scenarios")
@setting("observed")
@click.option("--plan", "plan_id", type=click.IntRange(min=1), help="Why this plan is where it is, instead of a list.")
@click.option("--json", "as_json", is_flag=True, help="Print the plans, or the plan, byte for byte as answered.")
def replay(
    *,
    line: str,
    snapshot: IO[str] | None,
    scenarios: Path | None,
    observed: Path | None,
    plan_id: int | None,
    as_json: bool,
) -> None:
    """Show the world of an answer as it was then, by the answer's X-Mock-Oms line."""
    from mock_oms.domain.errors import WorldError
    from mock_oms.worlds.snapshot import ReplayError, SnapshotError
    from mock_oms.worlds.world_header import WorldHeaderError

    try:
        with progress("replaying"):
            view = _view(line, snapshot, library_of(scenarios, observation(observed)))
    except (WorldHeaderError, ReplayError, SnapshotError) as error:
        raise RefusedError(str(error)) from None
    except WorldError as error:
        raise RefusedError(f"The snapshot's log does not fit its scenario: {error}") from None
    if plan_id is not None and plan_id not in view.world:
        raise RefusedError(f"There is no plan {plan_id} in this world at that time; without --plan, plans are listed.")
    if not as_json:
        click.echo(f"{view.line}\n")
        _print(view, plan_id)
    elif plan_id is not None:
        click.echo(view.detail(plan_id), nl=False)
    else:  # as the API answers where its list is an array
        click.echo(b"[", nl=False)
        for row, one in enumerate(view.rows(1, view.count)):
            click.echo((b"," if row else b"") + view.cached.written(view.world, one), nl=False)
        click.echo(b"]", nl=False)


def _view(text: str, snapshot: IO[str] | None, library: "Library") -> "WorldView":
    """The world of the line, from what the line says alone or from a snapshot."""
    from marshmallow import ValidationError

    from mock_oms.api.control.schemas import Snapshot
    from mock_oms.scenarios.errors import as_path
    from mock_oms.scenarios.library import UnknownScenarioError
    from mock_oms.scenarios.schema import sentences
    from mock_oms.text import nearest_clause
    from mock_oms.worlds.snapshot import replayed, scenario_in, snapshot_command
    from mock_oms.worlds.world_header import WorldHeader

    document = None if snapshot is None else snapshot_in(snapshot)
    line = WorldHeader.parse(text)
    try:
        document = None if document is None else Snapshot().load(document)
    except ValidationError as error:
        found = [f"{as_path(place)}: {said}" for place, said in sentences(error.messages_dict, document)]
        raise RefusedError("\n".join(["This is no snapshot:", *found])) from None
    with clear_errors():
        try:
            whole = None if document is None else scenario_in(document, library)
            scenario = whole or library.named(line.scenario)
        except UnknownScenarioError:
            near = nearest_clause(line.scenario, library.files())
            way_out = (
                "Name the folder that holds it with --scenarios. Of one that was sent, a snapshot holds it: "
                f"{snapshot_command(line.world)}, then --snapshot saved.json."
            )
            raise RefusedError(f"There is no scenario {line.scenario}{near}. {way_out}") from None
    return replayed(line, scenario, document)


def _print(view: "WorldView", plan_id: int | None) -> None:
    from mock_oms.api.control import bodies, schemas
    from mock_oms.client.failure_report import FEW
    from mock_oms.contract.control_bodies import Explanation, PlanPage
    from mock_oms.worlds.explanation import explanation_of

    if plan_id is None:
        page = bodies.plan_bodies(view.world, view.answers.order, limit=FEW, offset=0)
        shown = PlanPage.read(schemas.PlanList().dump(page))
        print_plans(shown, "one of them with --plan, all of them with --json")
    elif (found := explanation_of(view.world, plan_id)) is not None:
        explained = schemas.PlanDetail().dump(bodies.explanation_body(view.world, found))
        print_explanation(Explanation.read(explained))
