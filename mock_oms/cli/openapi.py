"""`mock-oms openapi`: the contract, as it is or under the switches of a scenario."""

from pathlib import Path

import click

from mock_oms.cli.common import as_json, clear_errors, print_json, setting


@click.command(
    epilog="\b\nExamples:\n  mock-oms openapi > openapi.yaml\n  mock-oms openapi --scenario bare-array --json"
)
@click.option("--scenario", help="Change the contract as this scenario's switches do.")
@setting("scenarios")
@as_json
def openapi(scenario: str | None, scenarios: Path | None, *, as_json: bool) -> None:
    """Print the OpenAPI contract of the vendor's API, every field with its provenance."""
    from mock_oms.contract import contract_for, contract_text
    from mock_oms.scenario.library import Library

    with clear_errors():
        answers = Library(scenarios).load(scenario).answers if scenario else None
    if as_json:
        print_json(contract_for(answers))
    else:
        click.echo(contract_text(answers), nl=False)
