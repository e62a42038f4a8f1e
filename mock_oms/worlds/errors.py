"""Errors about worlds as a whole, each with the way out in its sentence."""

from collections.abc import Iterable

from mock_oms.text import nearest_clause, shortened


class WorldManagerError(Exception):
    """A world that cannot be opened, found or closed."""


class UnknownWorldError(WorldManagerError):
    """There is no world of this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"There is no world {shortened(name)}{nearest_clause(name, known)}. POST /_mock/worlds opens one."
        )


class WorldExpiredError(WorldManagerError):
    """A world that nobody used for as long as its `ttl`."""


class NameTakenError(WorldManagerError):
    """Another world has the name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a world {name} already: choose another name, or close that one first.")


class TooManyWorldsError(WorldManagerError):
    """No further world can be opened."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"There are {limit} worlds, which is all that this server holds: close some, or let them expire."
        )


class TooManyStreamsError(Exception):
    """No further stream can be open."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"There are {limit} streams open, which is all that this server holds: end one of them.")


class DefaultWorldError(WorldManagerError):
    """The default world cannot be closed."""

    def __init__(self) -> None:
        super().__init__("The default world is always there: reset it instead.")
