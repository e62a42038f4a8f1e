"""What a check has found: how bad it is, one sentence, and the way out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from mock_oms.settings import Settings


class Level(StrEnum):
    """How bad something is, the worst last: with a warning the mock works, with an error it does not."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorFinding:
    """One finding of a check; where all is well, there is no `way_out`."""

    check: str
    level: Level = Level.OK
    says: str
    way_out: str = ""


#: A check looks at what the settings speak of, and has one finding or more; it raises nothing.
DoctorCheck = Callable[[Settings], Iterable[DoctorFinding]]


def worst(findings: Iterable[DoctorFinding]) -> Level:
    """The worst level of all."""
    order = list(Level)
    return max((one.level for one in findings), key=order.index, default=Level.OK)
