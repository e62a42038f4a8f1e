"""The line that names one instant of one world: vendor answers carry it as a header, and `mock-oms replay` reads it."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mock_oms.dataclass import dataclass
from mock_oms.text import nearest_clause, time_text

if TYPE_CHECKING:
    from mock_oms.domain.world import World
    from mock_oms.scenarios.building import Scenario

HEADER = "X-Mock-Oms"
#: What the header says where a call names no world.
NO_WORLD = "world=none"

#: The names that worlds can have, as a pattern and in words.
WORLD = "[a-z0-9][a-z0-9-]{0,62}"
WORLD_ACCEPTED = "1 to 63 lower-case letters, digits and hyphens, no hyphen first"

_FORM = "world=NAME scenario=NAME@DIGEST seed=NUMBER now=TIME event=NUMBER"
#: Keys that a line need not have.
_OPTIONAL = frozenset({"start", "seeding"})


class WorldHeaderError(Exception):
    """A text that is no line, or the line of no world; the message says what was found and what is accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldHeader:
    """One instant of one world; `event` counts the events in its log.

    `start` is None where the world began when its scenario says so. Otherwise it began when it was opened, or at a
    time that was given, which nobody could know from the rest. `seeding` is said where it is that of an earlier version.
    """

    world: str
    scenario: str
    digest: str
    seed: int
    start: datetime | None = None
    now: datetime
    event: int
    seeding: int | None = None

    def __str__(self) -> str:
        return line_text(self.origin, self.now, self.event)

    @property
    def origin(self) -> str:
        """The part of the line that stays the same as long as the world is open."""
        # Nothing in a name may end a word or a header; the names of files may hold anything, even lone surrogates.
        scenario = re.sub(
            "[^A-Za-z0-9._-]",
            lambda found: "".join(f"%{octet:02X}" for octet in found[0].encode(errors="surrogatepass")),
            self.scenario,
        )
        start = f" start={time_text(self.start)}" if self.start else ""
        seeding = f" seeding={self.seeding}" if self.seeding else ""
        return f"world={self.world} scenario={scenario}@{self.digest} seed={self.seed}{start}{seeding}"

    @classmethod
    def of(cls, name: str, scenario: "Scenario", world: "World") -> "WorldHeader":
        """The line of a world as it is, by the name that it is open under and the scenario that it plays."""
        start = world.setup.start
        return cls(
            world=name,
            scenario=scenario.name,
            digest=scenario.digest,
            seed=world.setup.seed,
            start=None if start == scenario.document.clock.start else start,
            now=world.now,
            event=world.events,
            seeding=1 if world.setup.seeding == 1 else None,
        )

    @classmethod
    def parse(cls, text: str) -> "WorldHeader":
        """Read a line, with the header's name before it or without.

        :raises WorldHeaderError: it is none, or it names no world.
        """
        found: dict[str, str] = {}
        for word in re.sub(rf"^\s*{HEADER}\s*:", "", text, flags=re.IGNORECASE).split():
            key, sign, value = word.partition("=")
            if not sign:
                raise WorldHeaderError(f"The line: found {word!r}; accepted: {_FORM}.")
            if key not in _KEYS:
                raise WorldHeaderError(f"The line has an unknown key, {key}{nearest_clause(key, _KEYS)}.")
            if key in found:
                raise WorldHeaderError(f"The line says {key} twice; accepted: {_FORM}.")
            found[key] = value
        if found == {"world": "none"}:
            raise WorldHeaderError(
                f"The line says {NO_WORLD}: the mock did not know whom it answered. "
                "Take the line of an answer to a world's token."
            )
        missing = [key for key in _KEYS if key not in found and key not in _OPTIONAL]
        if missing:
            raise WorldHeaderError(f"The line does not say {', '.join(missing)}; accepted: {_FORM}.")
        values = {key: _value(key, given) for key, given in found.items()}
        values["scenario"], values["digest"] = values["scenario"]
        return cls(**values)


def line_text(origin: str, now: datetime, event: int) -> str:
    """A line, from the part that stays the same and the instant."""
    return f"{origin} now={time_text(now)} event={event}"


def _value(key: str, given: str) -> Any:  # noqa: ANN401  each key has a type of its own
    pattern, accepted, read = _KEYS[key]
    try:
        if re.fullmatch(pattern, given):
            return read(given)
    except ValueError:  # such as the 30th of February
        pass
    raise WorldHeaderError(f"The line's {key}: found {given!r}; accepted: {accepted}.")


def _scenario(given: str) -> tuple[str, str]:
    quoted, _, digest = given.rpartition("@")
    name = re.sub(b"%([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), quoted.encode())
    return name.decode(errors="surrogatepass"), digest


_TIME = (
    "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?Z",
    "a time such as 2024-03-05T09:00:00Z",
    datetime.fromisoformat,
)
#: The keys of a line: the pattern of the value, what is accepted in words, and how it is read.
_KEYS: Mapping[str, tuple[str, str, Callable[[str], Any]]] = {
    "world": ("[a-z0-9][a-z0-9-]*", "the name of a world", str),
    "scenario": (
        "([A-Za-z0-9._-]|%[0-9A-F]{2})+@[0-9a-f]{12}",
        "a name with its digest, as restock@f4fb78904cae",
        _scenario,
    ),
    "seed": ("[0-9]{1,19}", "a whole number of 0 or more", int),
    "start": _TIME,
    "now": _TIME,
    "seeding": ("1", "1, for the seeded plans of version 0.1", int),
    "event": ("[0-9]{1,9}", "how many events had happened, 0 or more", int),
}
