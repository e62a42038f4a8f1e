"""`mock-oms config`: the settings that are in force here, and where each comes from."""

from dataclasses import asdict
from typing import Any

import click

from mock_oms.cli.options import as_json, every_setting, print_json, print_table


@click.command(epilog="\b\nExamples:\n  mock-oms config\n  mock-oms config --port 0 --json")
@every_setting
@as_json
@click.pass_context
def config(context: click.Context, /, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401  the fields of Settings
    """Print the settings that `mock-oms serve` would have here, and where each comes from; secrets are not shown."""
    from mock_oms.cli.settings_file import CONFIGURATION, effective

    settings = effective(context, given)
    if as_json:
        file = context.meta[CONFIGURATION].file if CONFIGURATION in context.meta else None
        print_json({"file": None if file is None else str(file), "settings": list(map(asdict, settings))})
        return
    rows = [(one.name, "" if one.value is None else str(one.value), one.origin or one.source) for one in settings]
    print_table([("setting", "value", "from"), *rows])
