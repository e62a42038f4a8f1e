"""`mock-oms scenario`: what there is to play, and whether it holds together."""

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.names import Group
from mock_oms.cli.options import RefusedError, as_json, clear_errors, completes, examples, setting
from mock_oms.cli.printing import coloured, print_counts, print_json, print_list, print_table, progress, show
from mock_oms.cli.record import KEEP, KEY_FILE, UNKNOWN, rule_walk
from mock_oms.text import counted, printable

if TYPE_CHECKING:
    from mock_oms.conformance.recorder.allowed import Unknown
    from mock_oms.scenarios.building import Scenario
    from mock_oms.scenarios.library import Library


@click.group("scenario", cls=Group)
def scenarios() -> None:
    """List, show, check and begin scenario files."""


@scenarios.command("list", epilog=examples("scenario list --json"))
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
    with progress("reading scenarios") as step:
        for number, name in enumerate(names):
            step(number, len(names), name)
            try:
                scenario = library.load(name)
                rows.append((scenario.name, _description(scenario)))
            except ScenarioError as error:
                broken.append(str(error))
    facts = [{"name": name, "description": description} for name, description in rows]
    show(facts, lambda: print_list((), rows, "scenario"), as_json=as_json)
    if broken:
        raise RefusedError("\n".join(["some scenarios cannot be played:", *broken]))


def _description(scenario: "Scenario") -> str:
    return " ".join(scenario.document.description.split())


@scenarios.command("show", epilog=examples("scenario show restock"))
@click.argument("name", shell_complete=completes("scenario"))
@setting("scenarios")
@as_json
def show_scenario(name: str, scenarios: Path | None, *, as_json: bool) -> None:
    """Show what happens in a scenario: every transition of its plans, with its cause."""
    from mock_oms.scenarios.checking import run_scenario
    from mock_oms.scenarios.fields import write_duration
    from mock_oms.scenarios.library import Library

    with clear_errors(), progress(f"playing {name}"):
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
    for line in run.missed:
        click.echo(printable(f"Warning: {line}"), err=True)


@scenarios.command(epilog=examples("scenario check", "scenario check mine.yaml"))
@click.argument("files", nargs=-1, metavar="[FILE...]", shell_complete=completes("scenario"))
@setting("scenarios")
@as_json
def check(files: tuple[str, ...], scenarios: Path | None, *, as_json: bool) -> None:
    """Verify scenarios by simulation: format, names, timeline and every `expect`; exit code 1 if one fails."""
    from mock_oms.scenarios.library import Library

    with clear_errors():
        library = Library(scenarios)
        if not files and library.lacks_own:
            raise RefusedError(f"{scenarios} holds no scenario, so there is nothing to check; name the files.")
        names, reports = files or tuple(library.files()), list[dict[str, Any]]()
        with progress("checking scenarios") as step:
            for name in names:
                step(len(reports), len(names), name)
                reports.append(_report(library, name))
    if as_json:
        print_json(reports)
    else:
        for report in reports:
            for warning in report["warnings"]:
                click.echo(f"Warning: {warning}", err=True)
            if report["problems"]:
                click.echo("\n".join(report["problems"]), err=True)
            else:
                met = counted(report["expectations"], "expectation")
                click.echo(f"{coloured('ok')}  {printable(report['name'])} ({met})", color=True)
        if reports[1:]:
            print_counts("failed" if report["problems"] else "ok" for report in reports)
    if any(report["problems"] for report in reports):
        raise click.exceptions.Exit(1 if all(_is_readable(library, name) for name in names) else 2)


def _is_readable(library: "Library", name: str) -> bool:
    from mock_oms.scenarios.errors import ScenarioError
    from mock_oms.text import read_file

    try:
        read_file(library.file(name), 1)
    except (OSError, ScenarioError):
        return False
    return True


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


@scenarios.command(epilog=examples("scenario schema > scenario.schema.json"))
def schema() -> None:
    """Print the JSON Schema of a scenario file, for editors."""
    from mock_oms.scenarios.json_schema import json_schema

    print_json(json_schema())


@scenarios.command(epilog=examples("scenario new mine.yaml", "scenario new mine.yaml --from captured.json --scrub"))
@click.argument("files", nargs=-1, required=True, metavar="FILE")
@click.option(
    "--from",
    "sources",
    multiple=True,
    metavar="FILE...",
    help="Captured plans: one, a list, pages or an archive of requests (HAR); - is standard input.",
)
@click.option("--scrub", is_flag=True, help="Replace everybody's data in them by pseudonyms, as `record` does.")
@KEEP
@UNKNOWN
@KEY_FILE
def new(
    files: tuple[str, ...],
    sources: tuple[str, ...],
    *,
    scrub: bool,
    keep: str,
    unknown: "Unknown",
    key_file: Path | None,
) -> None:
    """Begin a scenario: a small commented one that works, or one of captured plans; a file that exists is left alone."""
    from mock_oms.cli.captured import captured_scenario, write_new
    from mock_oms.scenarios.json_schema import schema_line
    from mock_oms.scenarios.library import template

    out, more = _new_file(files, several=bool(sources))
    if out.exists() or out.is_symlink():
        raise RefusedError(f"{out} cannot be written: {os.strerror(errno.EEXIST)}.")
    if (keep or key_file or unknown != "stop") and not (scrub and sources):
        raise RefusedError("--keep, --unknown and --key-file are about what --from and --scrub replace.")
    if sources:
        captured_scenario((*sources, *more), out, rule_walk(keep, unknown, key_file) if scrub else None)
        return
    if scrub:
        raise RefusedError("--scrub is about captured plans; name them with --from.")
    write_new(out, f"{schema_line(out)}{template()}")
    click.echo(f"{out} is written; play it with: mock-oms serve --scenario {out}")


def _new_file(files: tuple[str, ...], *, several: bool) -> tuple[Path, tuple[str, ...]]:
    """The scenario to write, which alone ends in .yaml, and the other files; a name gets that ending."""
    from mock_oms.scenarios.yaml_file import SUFFIXES

    scenarios = [one for one in files if one.endswith(SUFFIXES)]
    if not scenarios and (not Path(files[-1]).suffix or not several):
        scenarios = [files[-1]]
    if len(scenarios) != 1 or (len(files) > 1 and not several):
        raise RefusedError(f"Name one scenario to write, which ends in .yaml; found {', '.join(files)}.")
    (name,) = scenarios
    more = tuple(one for one in files if one != name)
    return Path(name if Path(name).suffix else f"{name}.yaml"), more
