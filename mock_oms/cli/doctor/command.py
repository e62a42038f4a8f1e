"""`mock-oms doctor`: whether the mock can do its work here, and what to change where it cannot."""

from dataclasses import asdict
from enum import StrEnum
from functools import partial
from typing import Any

import click

from mock_oms.cli.options import as_json, every_setting, examples
from mock_oms.cli.printing import print_counts, print_json, print_table, progress
from mock_oms.dataclass import dataclass
from mock_oms.settings import Settings


class Level(StrEnum):
    """How bad something is, the worst last: with a warning the mock works, with an error it does not."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """One finding of a check; where all is well, there is no `way_out`."""

    level: Level
    says: str
    way_out: str = ""


ok, warning, error = (partial(DoctorFinding, level) for level in Level)


@click.command(epilog=examples("doctor", "doctor --scenarios ./scenarios --json"))
@every_setting
@as_json
@click.pass_context
def doctor(context: click.Context, /, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401  the fields of Settings
    """Check versions, settings, scenarios, port, exposure, memory and more; exit code 1 if something is an error."""
    from mock_oms.cli.doctor.diagnosis import CHECKS
    from mock_oms.cli.settings_file import effective

    settings = effective(context, given)
    findings: list[tuple[str, DoctorFinding]] = []
    with progress("checking") as step:
        for number, (name, check) in enumerate(CHECKS.items()):
            step(number, len(CHECKS), name)
            findings += [(name, one) for one in check(Settings(**given))]
    levels = {one.level for _, one in findings}
    if as_json:
        worst = [level for level in Level if level in levels][-1]
        listed = [{"check": name, **asdict(one)} for name, one in findings]
        print_json({"level": worst, "checks": listed, "settings": settings})
    else:
        print_table([(one.level, name, f"{one.says} {one.way_out}".rstrip()) for name, one in findings])
        print_counts(one.level for _, one in findings)
        changed = [(one["name"], str(one["value"]), one["origin"]) for one in settings if one["source"] != "default"]
        click.echo()
        if changed:
            print_table([("setting", "value", "from"), *changed])
        click.echo("All other settings are their defaults." if changed else "Every setting is its default.")
    if Level.ERROR in levels:
        raise click.exceptions.Exit(1)
