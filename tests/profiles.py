"""How many examples Hypothesis tries: `TEST_PROFILE` is smoke, test, ci or soak; without it `test`, or `ci` where CI is set."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

#: Examples of each profile, as multiples of what a test asks for.
FACTORS = {"smoke": 0.25, "test": 1.0, "ci": 3.0, "soak": 50.0}
PROFILE = os.environ.get("TEST_PROFILE") or ("ci" if os.environ.get("CI") else "test")
if PROFILE not in FACTORS:
    pytest.exit(f"TEST_PROFILE: found {PROFILE!r}; accepted: {', '.join(FACTORS)}", returncode=4)


def examples(count: int, **more: Any) -> settings:
    """So many examples in `make test`, none of them timed; worlds are large, which is no fault of a strategy."""
    checks = (HealthCheck.too_slow, HealthCheck.data_too_large)
    number = max(1, round(count * FACTORS[PROFILE]))
    return settings(
        **{"deadline": None, "database": None, "suppress_health_check": checks, **more}, max_examples=number
    )
