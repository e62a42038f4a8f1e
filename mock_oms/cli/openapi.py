"""`mock-oms openapi`: the contract, as it is, under the switches of a scenario, or as it was observed."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mock_oms.cli.options import as_json, clear_errors, print_json, setting
from mock_oms.settings import Settings

if TYPE_CHECKING:
    from mock_oms.contract.amended import Amended
    from mock_oms.contract.observation import Observed
    from mock_oms.scenarios.library import Library
    from mock_oms.switches import Switches


def observation(file: Path | None) -> "Observed | None":
    """What a file of an observation says, None where none is named.

    :raises mock_oms.cli.options.RefusedError: it cannot be used; a line for everything that is wrong with it.
    """
    from mock_oms.server.reload import open_observed

    with clear_errors():
        return open_observed(Settings(observed=file))


def library_of(scenarios: Path | None, observed: "Observed | None") -> "Library":
    """The scenarios as `mock-oms serve` has them: their own `answers:` count first, then what was observed."""
    from mock_oms.server.reload import open_library

    return open_library(Settings(scenarios=scenarios, reload="off"), observed)


_EXAMPLES = """\b
Examples:
  mock-oms openapi > openapi.yaml
  mock-oms openapi --scenario bare-array --json
  mock-oms openapi --observed oms-observed.yaml
"""


@click.command(epilog=_EXAMPLES)
@click.option("--scenario", help="Change the contract as this scenario's switches do.")
@setting("scenarios")
@setting("observed")
@as_json
def openapi(scenario: str | None, scenarios: Path | None, observed: Path | None, *, as_json: bool) -> None:
    """Print the OpenAPI contract of the vendor's API, every field with its provenance."""
    from mock_oms.contract.amended import amended

    seen = observation(observed)
    found = amended(_answers(scenario, scenarios, seen), seen)
    if as_json:
        print_json(found.document)
    else:
        click.echo(found.text, nl=False)
    _tell_left_out(found)


def _answers(scenario: str | None, scenarios: Path | None, observed: "Observed | None") -> "Switches":
    """The switches in force: a scenario's own, then those that were observed, then the defaults."""
    from mock_oms.switches import Switches

    if scenario is None:
        return observed.switches if observed else Switches()
    with clear_errors():
        return library_of(scenarios, observed).load(scenario).answers


def _tell_left_out(found: "Amended") -> None:
    if found.made < found.proposed:
        click.echo(
            f"Note: {found.made} of {found.proposed} changes that the observation proposes are made; "
            "the others have no place in the contract under these switches.",
            err=True,
        )
