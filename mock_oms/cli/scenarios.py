"""`mock-oms scenarios`: what there is to play, and whether it holds together."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.options import RefusedError, as_json, clear_errors, print_json, print_table, setting

if TYPE_CHECKING:
    from mock_oms.scenarios.building import Scenario
    from mock_oms.scenarios.checking import ScenarioRun
    from mock_oms.scenarios.library import Library


@click.group()
def scenarios() -> None:
    """List, show, check and begin scenario files."""


@scenarios.command("list", epilog="\b\nExample:\n  mock-oms scenarios list --json")
@setting("scenarios")
@as_json
def list_(scenarios: Path | None, *, as_json: bool) -> None:
    """List the scenarios that can be played."""
    from mock_oms.scenarios.library import Library

    with clear_errors():
        library = Library(scenarios)
        files = library.files()
    found, broken = _loaded(library, files)
    if as_json:
        print_json([{"name": one.name, "description": _line(one)} for one in found])
    else:
        print_table([(one.name, _line(one)) for one in found])
    if broken:
        raise RefusedError("\n".join(["some scenarios cannot be played:", *broken]))


def _loaded(library: "Library", names: Iterable[str]) -> "tuple[list[Scenario], list[str]]":
    """The scenarios that hold together, and the problems of those that do not."""
    from mock_oms.scenarios.errors import ScenarioError

    found, broken = [], []
    for name in names:
        try:
            found.append(library.load(name))
        except ScenarioError as error:
            broken.append(str(error))
    return found, broken


def _line(scenario: "Scenario") -> str:
    return " ".join(scenario.document.description.split())


@scenarios.command(epilog="\b\nExample:\n  mock-oms scenarios show restock")
@click.argument("name")
@setting("scenarios")
@as_json
def show(name: str, scenarios: Path | None, *, as_json: bool) -> None:
    """Show what happens in a scenario: every transition of its plans, with its cause."""
    from mock_oms.scenarios.checking import run_scenario
    from mock_oms.scenarios.library import Library

    with clear_errors():
        scenario = Library(scenarios).load(name)
    story = run_scenario(scenario)
    if as_json:
        facts = {"name": name, "file": str(scenario.lines.file), "description": _line(scenario)}
        print_json({**facts, "until": _until(story), "story": story.steps})
        return
    click.echo(f"{name}: {_line(scenario)}\n")
    print_table([("time", "plan", "from", "to", "cause"), *(tuple(map(str, step.values())) for step in story.steps)])
    click.echo(f"\nShown up to {_until(story)}{_not_shown(story)}.")


def _until(story: "ScenarioRun") -> str:
    from mock_oms.scenarios.fields import write_duration

    return write_duration(story.until)


def _not_shown(story: "ScenarioRun") -> str:
    told = f"how {story.seeded:,} told plans came into their states" if story.seeded else ""
    backlog = f"a backlog of {story.backlog:,}" if story.backlog else ""
    return "; not shown: " + ", ".join(filter(None, (told, backlog))) if told or backlog else ""


@scenarios.command(epilog="\b\nExamples:\n  mock-oms scenarios check\n  mock-oms scenarios check mine.yaml")
@click.argument("files", nargs=-1, metavar="[FILE...]")
@setting("scenarios")
@as_json
def check(files: tuple[str, ...], scenarios: Path | None, *, as_json: bool) -> None:
    """Verify scenarios by simulation: format, names, timeline and every `expect`; exit code 1 if one fails."""
    from mock_oms.scenarios.library import Library

    with clear_errors():
        library = Library(scenarios)
        reports = [_report(library, name) for name in files or library.files()]
    if as_json:
        print_json(reports)
    else:
        _print_reports(reports)
    if any(report["problems"] for report in reports):
        raise click.exceptions.Exit(1)


def _report(library: Any, name: str) -> dict[str, Any]:  # noqa: ANN401  imported when it runs
    from mock_oms.scenarios.checking import check as verify
    from mock_oms.scenarios.checking import warnings_of
    from mock_oms.scenarios.errors import ScenarioError

    try:
        scenario = library.load(name)
        problems = verify(scenario)
    except ScenarioError as error:
        return {"name": name, "expectations": 0, "problems": list(map(str, error.problems)), "warnings": []}
    return {
        "name": name,
        "expectations": len(scenario.document.expect),
        "problems": list(map(str, problems)),
        "warnings": list(map(str, warnings_of(scenario.lines))),
    }


def _print_reports(reports: list[dict[str, Any]]) -> None:
    for report in reports:
        for warning in report["warnings"]:
            click.echo(f"Warning: {warning}", err=True)
        if report["problems"]:
            click.echo("\n".join(report["problems"]), err=True)
        else:
            click.echo(f"ok  {report['name']} ({report['expectations']} expectations)")


@scenarios.command(epilog="\b\nExample:\n  mock-oms scenarios schema > scenario.schema.json")
def schema() -> None:
    """Print the JSON Schema of a scenario file, for editors."""
    from mock_oms.scenarios.json_schema import json_schema

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))


@scenarios.command(epilog="\b\nExample:\n  mock-oms scenarios new mine.yaml")
@click.argument("file", type=click.Path(path_type=Path))
def new(file: Path) -> None:
    """Begin a scenario: write a small commented one that works; a file that exists is left alone."""
    from mock_oms.scenarios.checking import TEMPLATE

    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(TEMPLATE)
    except OSError as error:
        raise RefusedError(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"{file} is written; play it with: mock-oms serve --scenario {file}")
