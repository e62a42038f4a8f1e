"""`mock-oms doctor`: whether the mock can do its work here, and what to change where it cannot."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.doctor import machine, network, settings_checks
from mock_oms.cli.doctor.finding import DoctorCheck, DoctorFinding
from mock_oms.cli.options import as_json, every_setting, print_json, print_table
from mock_oms.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mock_oms.cli.settings_file import Effective


CHECKS: tuple[DoctorCheck, ...] = (
    machine.versions,
    machine.variables,
    settings_checks.scenarios,
    settings_checks.tokens,
    settings_checks.observation,
    network.processes,
    network.port,
    network.control,
    settings_checks.control_token,
    network.tls,
    settings_checks.state,
    machine.faults,
    machine.memory,
    machine.open_files,
)


def run_checks(settings: Settings) -> tuple[DoctorFinding, ...]:
    """What every check finds under these settings."""
    return tuple(one for check in CHECKS for one in check(settings))


@click.command(epilog="\b\nExamples:\n  mock-oms doctor\n  mock-oms doctor --scenarios ./scenarios --json")
@every_setting
@as_json
@click.pass_context
def doctor(context: click.Context, /, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401  the fields of Settings
    """Check versions, settings, scenarios, port, exposure, memory and more; exit code 1 if something is an error."""
    from mock_oms.cli.doctor.finding import Level, worst
    from mock_oms.cli.settings_file import effective

    settings, findings = effective(context, given), run_checks(Settings(**given))
    level = worst(findings)
    if as_json:
        checks, said = list(map(asdict, findings)), list(map(asdict, settings))
        print_json({"level": level, "checks": checks, "settings": said})
    else:
        _print(settings, findings)
    if level is Level.ERROR:
        raise click.exceptions.Exit(1)


def _print(settings: "Iterable[Effective]", findings: "Iterable[DoctorFinding]") -> None:
    print_table([(one.level, one.check, " ".join(filter(None, (one.says, one.way_out)))) for one in findings])
    changed = [(one.name, str(one.value), one.origin) for one in settings if one.source != "default"]
    click.echo()
    if changed:
        print_table([("setting", "value", "from"), *changed])
    click.echo("Every setting is its default." if not changed else "All other settings are their defaults.")
