"""`mock-oms doctor`: whether the mock can do its work here, and what to change where it cannot."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.options import as_json, every_setting, examples
from mock_oms.cli.printing import print_json, print_table
from mock_oms.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


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


def checks() -> "Mapping[str, Callable[[Settings], Iterable[DoctorFinding]]]":
    """The checks by name; each looks at what the settings name, has one finding or more, and raises nothing."""
    from mock_oms.cli.doctor import machine, settings_checks

    return {
        "versions": machine.versions,
        "variables": machine.variables,
        "scenarios": settings_checks.scenarios,
        "tokens": settings_checks.tokens,
        "observed": settings_checks.observation,
        "processes": settings_checks.processes,
        "port": settings_checks.port,
        "control": settings_checks.control,
        "control-token-file": settings_checks.control_token,
        "tls": settings_checks.tls,
        "state": settings_checks.state,
        "faults": machine.faults,
        "memory": machine.memory,
        "open-files": machine.open_files,
    }


@click.command(epilog=examples("doctor", "doctor --scenarios ./scenarios --json"))
@every_setting
@as_json
@click.pass_context
def doctor(context: click.Context, /, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401  the fields of Settings
    """Check versions, settings, scenarios, port, exposure, memory and more; exit code 1 if something is an error."""
    from mock_oms.cli.settings_file import effective

    settings = effective(context, given)
    findings = [(name, one) for name, check in checks().items() for one in check(Settings(**given))]
    levels = {one.level for _, one in findings}
    if as_json:
        worst = [level for level in Level if level in levels][-1]
        listed = [{"check": name, **asdict(one)} for name, one in findings]
        print_json({"level": worst, "checks": listed, "settings": settings})
    else:
        print_table([(one.level, name, f"{one.says} {one.way_out}".rstrip()) for name, one in findings])
        changed = [(one["name"], str(one["value"]), one["origin"]) for one in settings if one["source"] != "default"]
        click.echo()
        if changed:
            print_table([("setting", "value", "from"), *changed])
        click.echo("All other settings are their defaults." if changed else "Every setting is its default.")
    if Level.ERROR in levels:
        raise click.exceptions.Exit(1)
