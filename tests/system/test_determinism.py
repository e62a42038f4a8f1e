"""The same scenario and seed give the same bytes: in another process, with other hashes, and as they were yesterday."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.system.running import plain_environment
from tests.typed import typed

ROOT = Path(__file__).parents[2]
#: What a scenario shows after a time. A digest changes when its scenario, the simulation or what is generated changes;
#: then users see other bytes for the same seed, which the CHANGELOG has to say.
GOLDEN = {
    "default --at 0s": "41daee25096cc683",
    "default --at 9h": "59ac106c3373df81",
    "default --at 2h --seed 5": "7fbdd749d9ce12d1",
    "large --at 3h --limit 40": "13fe8d67729df4ae",
    "odd-data --at 1h": "b6650654d6381b00",
}


def digests() -> dict[str, str]:
    """The same of the bytes that are printed now."""
    shown = {each: typed("plans", "--scenario", *each.split()).stdout_bytes for each in GOLDEN}
    return {each: sha256(text).hexdigest()[:16] for each, text in shown.items()}


@pytest.mark.smoke
def test_the_bytes_are_those_that_were_written_down() -> None:
    assert digests() == GOLDEN


def test_another_process_with_other_hashes_shows_the_same() -> None:
    command = [sys.executable, "-c", "from tests.system.test_determinism import *; assert digests() == GOLDEN"]
    done = subprocess.run(command, check=False, cwd=ROOT, env=plain_environment({"PYTHONHASHSEED": "4711"}))
    assert done.returncode == 0
