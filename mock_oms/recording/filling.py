"""How much of a scenario file plans take: one that is larger than its bound cannot be read again."""

from collections.abc import Mapping
from typing import Any

from mock_oms.recording.errors import RecordingError
from mock_oms.recording.flow import flow
from mock_oms.recording.sightings import Recording
from mock_oms.scenario.yaml_file import MAX_BYTES

#: Bytes for plans; the rest is for what stands around them.
ROOM = MAX_BYTES - 200_000
_AROUND = 16


class FullError(RecordingError):
    """A file has no room for another plan; what was seen until then holds."""

    def __init__(self, filled: str) -> None:
        super().__init__(
            f"The file is full with {filled}: a scenario has at most {MAX_BYTES // 1_000_000} MB, and nothing more was "
            "asked. --since leaves out older plans."
        )


def weight(body: Mapping[str, Any]) -> int:
    """Bytes that a plan takes in a scenario file."""
    return len(flow(dict(body)).encode()) + _AROUND


def room_in(recording: Recording) -> int:
    """Bytes that are left for plans that were not seen yet."""
    return ROOM - sum(weight(sightings[-1].body) for sightings in recording.plans.values())
