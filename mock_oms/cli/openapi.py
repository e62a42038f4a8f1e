"""`mock-oms openapi`: the contract, as it is, under the switches of a scenario, or as it was observed."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mock_oms.cli.common import as_json, clear_errors, print_json, setting
from mock_oms.cli.observing import library_of, observation

if TYPE_CHECKING:
    from mock_oms.answers import Answers
    from mock_oms.observed.amending import Amended
    from mock_oms.observed.document import Observed

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
    from mock_oms.observed.amending import amended

    seen = observation(observed)
    found = amended(_answers(scenario, scenarios, seen), seen)
    if as_json:
        print_json(found.document)
    else:
        click.echo(found.text, nl=False)
    _tell_left_out(found)


def _answers(scenario: str | None, scenarios: Path | None, observed: "Observed | None") -> "Answers":
    """The switches in force: a scenario's own, then those that were observed, then the defaults."""
    from mock_oms.answers import Answers

    if scenario is None:
        return observed.switches if observed else Answers()
    with clear_errors():
        return library_of(scenarios, observed).load(scenario).answers


def _tell_left_out(found: "Amended") -> None:
    if found.made < found.proposed:
        click.echo(
            f"Note: {found.made} of {found.proposed} changes that the observation proposes are made; "
            "the others have no place in the contract under these switches.",
            err=True,
        )
