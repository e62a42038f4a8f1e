"""What a server says when it begins to answer: lines for people, the address last, or events for machines."""

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from mock_oms.domain.errors import counted, written
from mock_oms.door import Door
from mock_oms.exposure import real_tokens
from mock_oms.faults.limits import Limits
from mock_oms.log import event_line
from mock_oms.observed.age import last_checked
from mock_oms.scenario.fault_words import write_limits
from mock_oms.settings import Settings
from mock_oms.simulation import Simulation
from mock_oms.store import DEFAULT

if TYPE_CHECKING:
    from mock_oms.observed.document import Observed


def announce(
    settings: Settings, simulation: Simulation, door: Door, stream: IO[str], observed: "Observed | None" = None
) -> None:
    """Say what is served and where, in the form of the log; `observed` is what is known of a real OMS."""
    said = _events if settings.log == "json" else _lines
    stream.writelines(said(settings, simulation, door, observed))
    stream.flush()


def _lines(settings: Settings, simulation: Simulation, door: Door, observed: "Observed | None") -> Iterator[str]:
    yield from (f"{line}\n" for line in _sentences(settings, simulation, door, observed))


def _sentences(settings: Settings, simulation: Simulation, door: Door, observed: "Observed | None") -> Iterator[str]:
    """What a newcomer must know."""
    world = simulation.lease(DEFAULT).world
    scenario, reading, rate = world.origin.scenario, world.reading(), world.instant().clock.rate
    document = scenario.document
    pace = f"{rate:g} times real time" if rate else "frozen"
    yield f"mock-oms plays the scenario {scenario.name}: {' '.join(document.description.split())}"
    yield f"  {counted(reading.count, 'plan')}; its clock shows {reading.world.now:%Y-%m-%dT%H:%M:%SZ}, {pace}"
    if settings.token == Settings().token:
        yield f"  Authorization: Token {settings.token}"
    begins = [counted(len(document.faults), "fault"), counted(len(write_limits(document.limits)), "limit")]
    if document.faults or document.limits != Limits():
        yield f"  the scenario begins with {' and '.join(begins)}"
    if settings.state is not None:
        yield f"  {counted(len(simulation.leases()), 'world')} kept in {settings.state}"
    yield f"  {last_checked(observed, simulation.time())}"
    yield from door.lines()
    yield from (f"Warning: {one}" for one in real_tokens(settings, scenario))
    yield f"Serving on {door.url}"


def _events(settings: Settings, simulation: Simulation, door: Door, observed: "Observed | None") -> Iterator[str]:
    """The same, without the token, which people are shown where it is the default."""
    world = simulation.lease(DEFAULT).world
    scenario, instant = world.origin.scenario, world.instant()
    if door.made:
        token = door.settings.control_token
        yield event_line("control_token", "A control token was made for this run.", control_token=token)
    for one in real_tokens(settings, scenario):
        yield event_line("warning", one)
    yield event_line(
        "serving",
        f"Serving on {door.url}",
        url=door.url,
        ca=None if door.ca is None else str(door.ca),
        scenario=scenario.name,
        world=DEFAULT,
        plans=world.reading().count,
        now=written(instant.world.now),
        rate=instant.clock.rate,
        faults=len(scenario.document.faults),
        limits=len(write_limits(scenario.document.limits)),
        worlds=len(simulation.leases()),
        contract=last_checked(observed, simulation.time()),
        state=None if settings.state is None else str(settings.state),
    )
