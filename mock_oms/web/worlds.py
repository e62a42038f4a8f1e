"""What the vendor's API asks of the simulation, and nothing more: `Simulation` and `Reading` offer it."""

from typing import Protocol

from mock_oms.answers import Answers
from mock_oms.line import Line


class ReadableWorld(Protocol):
    """One world at one instant: list, detail and line taken from the same reading always agree."""

    @property
    def answers(self) -> Answers:
        """The switches of this world's API."""

    @property
    def line(self) -> Line | None:
        """What names this instant; None where nothing does."""

    @property
    def count(self) -> int:
        """How many plans the list holds."""

    def page(self, number: int, size: int) -> list[bytes]:
        """Page `number` (from 1) of the list, `size` rows, each a plan as compact UTF-8 JSON."""

    def detail(self, plan_id: int) -> bytes | None:
        """One plan as compact UTF-8 JSON, or None where the world has no such id."""


class Worlds(Protocol):
    """All worlds, found by token."""

    def reading(self, token: str) -> ReadableWorld | None:
        """The world of this token, or None where no world has it."""

    def default(self) -> ReadableWorld:
        """The world for requests that name none."""

    def wait(self) -> int | None:
        """Seconds that this call's user must wait, where a quota is spent; asking counts the call."""

    def login_wait(self) -> int | None:
        """The same for logins."""

    def login(self, username: str, password: str) -> str | None:
        """The token of the world that this user reads, or None where the credentials are wrong."""
