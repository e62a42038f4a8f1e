"""The one door to the simulation: worlds by token."""

from dataclasses import dataclass

from mock_oms.answers import Answers


@dataclass(frozen=True, slots=True)
class Reading:
    """One world at one instant: list and detail taken from the same reading always agree."""

    answers: Answers

    @property
    def count(self) -> int:
        """How many plans the list holds."""
        raise NotImplementedError

    def page(self, number: int, size: int) -> list[bytes]:
        """Page `number` (from 1) of the list, `size` rows, each a plan as compact UTF-8 JSON, in the order of the switch."""
        raise NotImplementedError

    def detail(self, plan_id: int) -> bytes | None:
        """One plan as compact UTF-8 JSON, or None where the world has no such id (any integer may be asked for)."""
        raise NotImplementedError


class Simulation:
    """All worlds of this process, found by token."""

    def reading(self, token: str) -> Reading | None:
        """The world of this token as it is now, or None where no world has it."""
        raise NotImplementedError

    def default(self) -> Reading:
        """The default world as it is now: for requests that name no world."""
        raise NotImplementedError

    def login(self, username: str, password: str) -> str | None:
        """The token of the world that this user reads, or None where the credentials are wrong."""
        raise NotImplementedError
