"""`mock-oms replay`: the world at the instant that the header of an answer names, without a server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from mock_oms.cli.openapi import library_of, observation
from mock_oms.cli.options import SNAPSHOT, RefusedError, clear_errors, setting, snapshot_in
from mock_oms.cli.plan import print_explanation, print_plans

if TYPE_CHECKING:
    from mock_oms.contract.control_bodies import Explanation, PlanPage
    from mock_oms.scenarios.building import Scenario
    from mock_oms.scenarios.library import Library
    from mock_oms.worlds.view import WorldView
    from mock_oms.worlds.world_header import WorldHeader

T = TypeVar("T")


@click.command(
    epilog="\b\nExamples:\n"
    "  mock-oms replay 'world=tour scenario=restock@… seed=7 now=2024-03-05T09:30:00Z event=0'\n"
    "  mock-oms replay 'X-Mock-Oms: world=tour … event=2' --snapshot saved.json --plan 41207"
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
    document = None if snapshot is None else snapshot_in(snapshot)
    library = library_of(scenarios, observation(observed))
    with clear_errors(), _clear_misfits():
        reading = _replayed(line, document, library)
    if as_json:
        for part in _bodies(reading, plan_id):
            click.echo(part, nl=False)
        return
    explanation = None if plan_id is None else _explanation(reading, plan_id)
    click.echo(f"{reading.line}\n")
    if explanation is None:
        print_plans(_page(reading), "one of them with --plan, all of them with --json")
    else:
        print_explanation(explanation)


@contextmanager
def _clear_misfits() -> Iterator[None]:
    from mock_oms.domain.errors import WorldError
    from mock_oms.worlds.replay import ReplayError
    from mock_oms.worlds.snapshot import SnapshotError
    from mock_oms.worlds.world_header import WorldHeaderError

    try:
        yield
    except (WorldHeaderError, ReplayError, SnapshotError) as error:
        raise RefusedError(str(error)) from None
    except WorldError as error:
        raise RefusedError(f"The snapshot's log does not fit its scenario: {error}") from None


def _replayed(text: str, document: Mapping[str, Any] | None, library: "Library") -> "WorldView":
    from mock_oms.worlds.replay import from_document, replayed, without_snapshot
    from mock_oms.worlds.world_header import WorldHeader

    line = WorldHeader.parse(text)
    scenario = _scenario(line, library)
    if document is None:
        return replayed(line, without_snapshot(line, scenario))
    return replayed(line, from_document(line, scenario, _checked(document)))


def _scenario(line: "WorldHeader", library: "Library") -> "Scenario":
    from mock_oms.scenarios.library import UnknownScenarioError
    from mock_oms.text import nearest_clause

    try:
        return library.named(line.scenario)
    except UnknownScenarioError:
        near = nearest_clause(line.scenario, library.files())
        raise RefusedError(
            f"There is no scenario {line.scenario}{near}. Name the folder that holds it with --scenarios."
        ) from None


def _checked(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document, if it is a snapshot by the schema of the control API."""
    from marshmallow import ValidationError

    from mock_oms.api.control.schemas import Snapshot
    from mock_oms.scenarios.errors import as_path
    from mock_oms.scenarios.schema import sentences

    try:
        checked: Mapping[str, Any] = Snapshot().load(document)
    except ValidationError as error:
        found = [f"{as_path(place)}: {said}" for place, said in sentences(error.messages_dict, document)]
        raise RefusedError("\n".join(["This is no snapshot:", *found])) from None
    return checked


def _bodies(reading: "WorldView", plan_id: int | None) -> Iterator[bytes]:
    """The plan as the API answers with it; without one, all plans as it answers where its list is an array."""
    if plan_id is not None:
        yield _found(reading.detail(plan_id), plan_id)
        return
    from mock_oms.domain.listing import window

    yield b"["
    for row, one in enumerate(window(reading.world, reading.answers.order, 0, reading.count)):
        yield (b"," if row else b"") + reading.cached.written(reading.world, one)
    yield b"]"


def _page(reading: "WorldView") -> "PlanPage":
    from mock_oms.api.control import bodies, schemas
    from mock_oms.client.failure_report import FEW
    from mock_oms.contract.control_bodies import PlanPage

    some = bodies.plan_bodies(reading.world, reading.answers.order, None, FEW, 0)
    return PlanPage.read(schemas.PlanList().dump(some))


def _explanation(reading: "WorldView", plan_id: int) -> "Explanation":
    from mock_oms.api.control import bodies, schemas
    from mock_oms.contract.control_bodies import Explanation
    from mock_oms.worlds.explanation import explanation_of

    found = _found(explanation_of(reading.world, plan_id), plan_id)
    return Explanation.read(schemas.PlanDetail().dump(bodies.explanation_body(reading.world, found)))


def _found(found: T | None, plan_id: int) -> T:
    if found is None:
        raise RefusedError(f"There is no plan {plan_id} in this world at that time; without --plan, plans are listed.")
    return found
