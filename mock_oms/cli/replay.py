"""`mock-oms replay`: the world at the instant that the header of an answer names, without a server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from mock_oms.cli.common import SNAPSHOT, RefusedError, clear_errors, setting, snapshot_in
from mock_oms.cli.live_plans import print_plans, tell
from mock_oms.cli.observing import library_of, observation

if TYPE_CHECKING:
    from mock_oms.client.facts import Explanation, PlanPage
    from mock_oms.line import Line
    from mock_oms.reading import Reading
    from mock_oms.scenario.building import Scenario
    from mock_oms.scenario.library import Library

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
        tell(explanation)


@contextmanager
def _clear_misfits() -> Iterator[None]:
    from mock_oms.domain.errors import WorldError
    from mock_oms.line import LineError
    from mock_oms.replay import ReplayError
    from mock_oms.snapshot import SnapshotError

    try:
        yield
    except (LineError, ReplayError, SnapshotError) as error:
        raise RefusedError(str(error)) from None
    except WorldError as error:
        raise RefusedError(f"The snapshot's log does not fit its scenario: {error}") from None


def _replayed(text: str, document: Mapping[str, Any] | None, library: "Library") -> "Reading":
    from mock_oms.line import Line
    from mock_oms.replay import from_document, replayed, without_snapshot

    line = Line.parse(text)
    scenario = _scenario(line, library)
    if document is None:
        return replayed(line, without_snapshot(line, scenario))
    return replayed(line, from_document(line, scenario, _checked(document)))


def _scenario(line: "Line", library: "Library") -> "Scenario":
    from mock_oms.domain.errors import nearest
    from mock_oms.scenario.library import UnknownScenarioError

    try:
        return library.named(line.scenario)
    except UnknownScenarioError:
        near = nearest(line.scenario, library.files())
        raise RefusedError(
            f"There is no scenario {line.scenario}{near}. Name the folder that holds it with --scenarios."
        ) from None


def _checked(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document, if it is a snapshot by the schema of the control API."""
    from marshmallow import ValidationError

    from mock_oms.scenario.problems import as_path
    from mock_oms.scenario.sentences import sentences
    from mock_oms.web.control.shapes import Snapshot

    try:
        checked: Mapping[str, Any] = Snapshot().load(document)
    except ValidationError as error:
        found = [f"{as_path(place)}: {said}" for place, said in sentences(error.messages_dict, document)]
        raise RefusedError("\n".join(["This is no snapshot:", *found])) from None
    return checked


def _bodies(reading: "Reading", plan_id: int | None) -> Iterator[bytes]:
    """The plan as the API answers with it; without one, all plans as it answers where its list is an array."""
    if plan_id is not None:
        yield _found(reading.detail(plan_id), plan_id)
        return
    from mock_oms.domain.listing import window

    yield b"["
    for row, one in enumerate(window(reading.world, reading.answers.order, 0, reading.count)):
        yield (b"," if row else b"") + reading.scribe.written(reading.world, one)
    yield b"]"


def _page(reading: "Reading") -> "PlanPage":
    from mock_oms.client.account import FEW
    from mock_oms.client.facts import PlanPage
    from mock_oms.web.control import facts, told

    some = facts.plans_of(reading.world, reading.answers.order, None, FEW, 0)
    return PlanPage.read(told.PlanList().dump(some))


def _explanation(reading: "Reading", plan_id: int) -> "Explanation":
    from mock_oms.client.facts import Explanation
    from mock_oms.web.control import facts, told
    from mock_oms.why import explained

    found = _found(explained(reading.world, plan_id), plan_id)
    return Explanation.read(told.PlanDetail().dump(facts.of_explanation(reading.world, found)))


def _found(found: T | None, plan_id: int) -> T:
    if found is None:
        raise RefusedError(f"There is no plan {plan_id} in this world at that time; without --plan, plans are listed.")
    return found
