"""All checks, in the order in which they are told."""

from mock_oms.diagnosis import house, knowledge, machine, reach
from mock_oms.diagnosis.finding import Check, Finding
from mock_oms.settings import Settings

CHECKS: tuple[Check, ...] = (
    machine.versions,
    machine.variables,
    house.scenarios,
    house.tokens,
    knowledge.observation,
    reach.processes,
    reach.port,
    reach.control,
    house.control_token,
    reach.tls,
    house.state,
    machine.faults,
    machine.memory,
    machine.open_files,
)


def examined(settings: Settings) -> tuple[Finding, ...]:
    """What every check finds under these settings."""
    return tuple(one for check in CHECKS for one in check(settings))
