"""`mock-oms scenarios`: what there is to play, and whether it holds together."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.options import RefusedError, as_json, clear_errors, examples, setting
from mock_oms.cli.printing import print_json, print_table, show
from mock_oms.text import printable

if TYPE_CHECKING:
    from mock_oms.scenarios.building import Scenario
    from mock_oms.scenarios.library import Library


@click.group()
def scenarios() -> None:
    """List, show, check and begin scenario files."""


@scenarios.command("list", epilog=examples("scenarios list --json"))
@setting("scenarios")
@as_json
def list_(scenarios: Path | None, *, as_json: bool) -> None:
    """List the scenarios that can be played."""
    from mock_oms.scenarios.errors import ScenarioError
    from mock_oms.scenarios.library import Library

    with clear_errors():
        library = Library(scenarios)
        names = library.files()
    rows, broken = [], []
    for name in names:
        try:
            scenario = library.load(name)
            rows.append((scenario.name, _description(scenario)))
        except ScenarioError as error:
            broken.append(str(error))
    facts = [{"name": name, "description": description} for name, description in rows]
    show(facts, lambda: print_table(rows), as_json=as_json)
    if broken:
        raise RefusedError("\n".join(["some scenarios cannot be played:", *broken]))


def _description(scenario: "Scenario") -> str:
    return " ".join(scenario.document.description.split())


@scenarios.command("show", epilog=examples("scenarios show restock"))
@click.argument("name")
@setting("scenarios")
@as_json
def show_scenario(name: str, scenarios: Path | None, *, as_json: bool) -> None:
    """Show what happens in a scenario: every transition of its plans, with its cause."""
    from mock_oms.scenarios.checking import run_scenario
    from mock_oms.scenarios.fields import write_duration
    from mock_oms.scenarios.library import Library

    with clear_errors():
        scenario = Library(scenarios).load(name)
    run = run_scenario(scenario)
    description, until = _description(scenario), write_duration(run.until)
    if as_json:
        file = str(scenario.lines.file)
        print_json({"name": name, "file": file, "description": description, "until": until, "story": run.steps})
        return
    seeded = f"how {run.seeded:,} seeded plans came into their states" if run.seeded else ""
    backlog = f"a backlog of {run.backlog:,}" if run.backlog else ""
    hidden = "; not shown: " + ", ".join(filter(None, (seeded, backlog))) if seeded or backlog else ""
    click.echo(printable(f"{name}: {description}\n"))
    print_table([("time", "plan", "from", "to", "cause"), *(tuple(map(str, step.values())) for step in run.steps)])
    click.echo(f"\nShown up to {until}{hidden}.")


@scenarios.command(epilog=examples("scenarios check", "scenarios check mine.yaml"))
@click.argument("files", nargs=-1, metavar="[FILE...]")
@setting("scenarios")
@as_json
def check(files: tuple[str, ...], scenarios: Path | None, *, as_json: bool) -> None:
    """Verify scenarios by simulation: format, names, timeline and every `expect`; exit code 1 if one fails."""
    from mock_oms.scenarios.library import Library

    with clear_errors():
        library = Library(scenarios)
        if not files and library.lacks_own:
            raise RefusedError(f"{scenarios} holds no scenario, so there is nothing to check; name the files.")
        reports = [_report(library, name) for name in files or library.files()]
    if as_json:
        print_json(reports)
    else:
        for report in reports:
            for warning in report["warnings"]:
                click.echo(f"Warning: {warning}", err=True)
            if report["problems"]:
                click.echo("\n".join(report["problems"]), err=True)
            else:
                click.echo(f"ok  {report['name']} ({report['expectations']} expectations)")
    if any(report["problems"] for report in reports):
        raise click.exceptions.Exit(1)


def _report(library: "Library", name: str) -> dict[str, Any]:
    from mock_oms.scenarios.checking import check, warnings_of
    from mock_oms.scenarios.errors import ScenarioError

    try:
        scenario = library.load(name)
        problems = check(scenario)
    except ScenarioError as error:
        return {"name": name, "expectations": 0, "problems": list(map(str, error.problems)), "warnings": []}
    return {
        "name": name,
        "expectations": len(scenario.document.expect),
        "problems": list(map(str, problems)),
        "warnings": list(map(str, warnings_of(scenario))),
    }


@scenarios.command(epilog=examples("scenarios schema > scenario.schema.json"))
def schema() -> None:
    """Print the JSON Schema of a scenario file, for editors."""
    from mock_oms.scenarios.json_schema import json_schema

    print_json(json_schema())


@scenarios.command(epilog=examples("scenarios new mine.yaml"))
@click.argument("file", type=click.Path(path_type=Path))
def new(file: Path) -> None:
    """Begin a scenario: write a small commented one that works; a file that exists is left alone."""
    from mock_oms.scenarios.library import template

    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(template())
    except OSError as error:
        raise RefusedError(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"{file} is written; play it with: mock-oms serve --scenario {file}")
