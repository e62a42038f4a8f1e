"""What the commands share that take an observation: `setting("observed")` is its option, and here is how it is read."""

from pathlib import Path
from typing import TYPE_CHECKING

from mock_oms.cli.common import clear_errors
from mock_oms.settings import Settings

if TYPE_CHECKING:
    from mock_oms.observed.document import Observed
    from mock_oms.scenario.library import Library


def observation(file: Path | None) -> "Observed | None":
    """What a file of an observation says, None where none is named.

    :raises mock_oms.cli.common.RefusedError: it cannot be used; a line for everything that is wrong with it.
    """
    from mock_oms.watching import open_observed

    with clear_errors():
        return open_observed(Settings(observed=file))


def library_of(scenarios: Path | None, observed: "Observed | None") -> "Library":
    """The scenarios as `mock-oms serve` has them: their own `answers:` count first, then what was observed."""
    from mock_oms.watching import open_library

    return open_library(Settings(scenarios=scenarios, reload="off"), observed)
