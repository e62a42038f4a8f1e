"""What a turn of the clock led to."""

from datetime import datetime

from mock_oms.client.facts import Json, Transition, moment, transitions_in


class Turned(tuple[Transition, ...]):  # noqa: SLOT001  a tuple's slots must be empty
    """The transitions that a turn of the clock caused, oldest first; the clock has shown `now`, at `rate`, since."""

    now: datetime
    rate: float

    @classmethod
    def read(cls, json: Json) -> "Turned":
        """From JSON."""
        turned = cls(transitions_in(json))
        turned.now, turned.rate = moment(json["now"]), json["rate"]
        return turned
