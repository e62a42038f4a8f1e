"""The same scenario and seed give the same bytes: in another process, with other hashes, and as they were yesterday."""

import subprocess
from hashlib import sha256

import pytest

from tests.system.running import plain_environment, program

#: What a scenario shows after a time. A digest changes when its scenario, the simulation or what is generated changes;
#: then users see other bytes for the same seed, which the CHANGELOG has to say.
GOLDEN = {
    "default --at 0s": "8bdf0e8f38f5b055",
    "default --at 9h": "8633484715cb33c5",
    "default --at 2h --seed 5": "32d7140b18793dac",
    "large --at 3h --limit 40": "fc92845da9a2807e",
    "odd-data --at 1h": "cb59dec6e5ec7cd7",
}


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
@pytest.mark.parametrize("arguments", GOLDEN)
def test_the_bytes_are_those_that_were_written_down(arguments: str, hash_seed: str) -> None:
    command = [program(), "plans", "--scenario", *arguments.split()]
    environment = plain_environment({"PYTHONHASHSEED": hash_seed})
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    assert sha256(done.stdout).hexdigest()[:16] == GOLDEN[arguments]
