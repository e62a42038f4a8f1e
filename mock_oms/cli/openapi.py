"""`mock-oms openapi`: the contract, as it is or under the switches of a scenario."""

import json
from pathlib import Path

import click

from mock_oms.cli.common import as_json, clear_errors, setting


@click.command(
    epilog="\b\nExamples:\n  mock-oms openapi > openapi.yaml\n  mock-oms openapi --scenario bare-array --json"
)
@click.option("--scenario", help="Change the contract as this scenario's switches do.")
@setting("scenarios")
@as_json
def openapi(scenario: str | None, scenarios: Path | None, *, as_json: bool) -> None:
    """Print the OpenAPI contract of the vendor's API, every field with its provenance."""
    import yaml

    from mock_oms.contract import contract_for, contract_text
    from mock_oms.scenario.library import Library

    if scenario is None and not as_json:
        click.echo(contract_text(), nl=False)
        return
    with clear_errors():
        answers = Library(scenarios).load(scenario).answers if scenario else None
    document = contract_for(answers)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        click.echo(yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110), nl=False)
