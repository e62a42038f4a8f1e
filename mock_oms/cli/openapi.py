"""`mock-oms openapi` and `mock-oms assumptions`: the contract, and how sure each of its claims is."""

import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mock_oms.cli.options import RefusedError, as_json, clear_errors, completes, setting
from mock_oms.cli.printing import print_json, print_table, print_utf8
from mock_oms.settings import Settings
from mock_oms.text import counted

if TYPE_CHECKING:
    from mock_oms.contract.observation import Observation
    from mock_oms.scenarios.library import Library


def observation(file: Path | None) -> "Observation | None":
    """What a file of an observation says, None where none is named.

    :raises mock_oms.cli.options.RefusedError: it cannot be used; a line for everything that is wrong with it.
    """
    from mock_oms.server.reload import open_observed

    with clear_errors():
        return open_observed(Settings(observed=file))


def library_of(scenarios: Path | None, observed: "Observation | None") -> "Library":
    """The scenarios as `mock-oms serve` has them: their own `answers:` count first, then what was observed."""
    from mock_oms.server.reload import open_library

    return open_library(Settings(scenarios=scenarios, reload="off"), observed)


_EXAMPLES = """\b
Examples:
  mock-oms openapi > openapi.yaml
  mock-oms openapi --scenario bare-array --json
  mock-oms openapi --observed oms-observed.yaml
  mock-oms openapi --control > control.yaml
"""


@click.command(epilog=_EXAMPLES)
@click.option(
    "--scenario", shell_complete=completes("scenario"), help="Change the contract as this scenario's switches do."
)
@setting("scenarios")
@setting("observed")
@click.option("--control", is_flag=True, help="Print what describes the control API, instead of the vendor's contract.")
@as_json
def openapi(
    scenario: str | None, scenarios: Path | None, observed: Path | None, *, control: bool, as_json: bool
) -> None:
    """Print the OpenAPI contract of the vendor's API, every field with its provenance."""
    if control:
        if scenario is not None or observed is not None:
            raise RefusedError("Give --control alone: the control API is the same for every scenario.")
        _print_control(as_json=as_json)
        return
    from mock_oms.contract.observation import observed_contract
    from mock_oms.switches import Switches

    seen = observation(observed)
    # A scenario's own switches, then those that were observed, then the defaults.
    switches = seen.switches if seen else Switches()
    if scenario is not None:
        with clear_errors():
            switches = library_of(scenarios, seen).load(scenario).answers
    found = observed_contract(switches, seen)
    if as_json:
        print_json(found.document)
    else:
        print_utf8(found.text)
    if found.made < found.proposed:
        click.echo(
            f"Note: {found.made} of {found.proposed} changes that the observation proposes are made; "
            "the others have no place in the contract under these switches.",
            err=True,
        )


def _print_control(*, as_json: bool) -> None:
    from mock_oms.api.app import create_app
    from mock_oms.api.control.pages import description_of
    from mock_oms.contract.openapi import as_yaml
    from mock_oms.scenarios.library import Library
    from mock_oms.worlds.manager import WorldManager

    # Plain dictionaries, which YAML writes as what they are.
    document = json.loads(json.dumps(description_of(create_app(WorldManager(Library().load("default"))).control)))
    if as_json:
        print_json(document)
    else:
        print_utf8(as_yaml(document))


@click.command(
    epilog="\b\nExamples:\n  mock-oms assumptions --open\n  mock-oms assumptions --switches\n"
    "  mock-oms assumptions --open --observed oms-observed.yaml --json"
)
@click.option("--open", "only_open", is_flag=True, help="Only what is inferred or assumed, and was not observed.")
@click.option("--switches", "only_switches", is_flag=True, help="Only the switches.")
@setting("observed")
@as_json
def assumptions(*, only_open: bool, only_switches: bool, observed: Path | None, as_json: bool) -> None:
    """List every field, rule, header and switch with its mark, its source and its date."""
    from mock_oms.api.state import last_checked
    from mock_oms.contract.ledger import ClaimKind, ledger
    from mock_oms.worlds.host_clock import wall_clock

    found = observation(observed)
    every = ledger(found.switches if found else None, found)
    kinds = {ClaimKind.SWITCH} if only_switches else set(ClaimKind)
    shown = [one for one in every if one.kind in kinds and (one.is_open or not only_open)]
    checked = last_checked(found, wall_clock())
    values = {f"switch.{name}": value for name, value in found.answers.items()} if found else {}
    if as_json:
        entries = [
            {
                "id": one.id,
                "kind": one.kind.value,
                "path": one.path,
                "mark": one.mark,
                "source": one.source,
                "date": one.day.isoformat(),
                "open": one.is_open,
                "observed": one.seen and {"seen": one.seen.seen, "unfit": one.seen.unfit},
                **({"value": values[one.id]} if one.id in values else {}),
            }
            for one in shown
        ]
        print_json({"contract": checked, "entries": entries})
        return
    for kind, group in groupby(shown, key=lambda one: one.kind):
        rows = [(kind.value, "mark", "date", "source")]
        for one in group:
            path = f"{one.path}: {values[one.id]}" if one.id in values else one.path
            rows.append((path, one.status, one.day.isoformat(), one.source))
        print_table(rows)
        click.echo()
    click.echo(f"{len(shown):,} of {counted(len(every), 'fact')}; {checked}")
