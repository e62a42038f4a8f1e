"""What a mock in a test's own process costs, beside pytest-httpserver: CPU and wall time, each run in a fresh process.

`python -m bench.fixture`; nothing is asserted. Where pytest-httpserver is not installed, it is left out.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from statistics import median

RUNS, TESTS = 7, 200
#: Each prints how long it takes to import it, to have it ready, what one test makes of it, and its end, in milliseconds.
_FRAME = """
import json, time
def taken(act):
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return 1e3 * (time.perf_counter() - wall), 1e3 * (time.process_time() - cpu)
found = {}
def load():
    {load}
found["imported"] = taken(load)
{code}
print(json.dumps(found))
"""
_MOCK = """
from mock_oms.testing import running_server
context, got = running_server(), []
found["ready"] = taken(lambda: got.append(context.__enter__()))
def one():
    with got[0].control.open_world(clock={"rate": 0}):
        pass
found["the first test"] = taken(one)
found["a test"] = [part / TESTS for part in taken(lambda: [one() for _ in range(TESTS)])]
def frozen():
    with got[0].control.open_world() as world:
        world.freeze()
found["a test that freezes"] = [part / TESTS for part in taken(lambda: [frozen() for _ in range(TESTS)])]
found["ended"] = taken(lambda: context.__exit__(None, None, None))
"""
_PEER = """
from pytest_httpserver import HTTPServer
server = HTTPServer()
found["ready"] = taken(server.start)
def one():
    server.expect_request("/").respond_with_json({})
    server.clear()
found["the first test"] = taken(one)
found["a test"] = [part / TESTS for part in taken(lambda: [one() for _ in range(TESTS)])]
found["ended"] = taken(server.stop)
"""
GOALS = {"ready": "goal 100 ms", "a test": "goal 3 ms", "a test that freezes": "goal 3 ms"}
Figures = Mapping[str, tuple[float, float]]


def measured(module: str, code: str) -> Figures:
    """Medians of wall and CPU milliseconds over several processes."""
    text = _FRAME.replace("{load}", f"import {module}").replace("{code}", code).replace("TESTS", str(TESTS))
    runs = [
        json.loads(subprocess.run([sys.executable, "-c", text], check=True, capture_output=True).stdout)
        for _ in range(RUNS)
    ]
    return {what: (median(run[what][0] for run in runs), median(run[what][1] for run in runs)) for what in runs[0]}


def main() -> None:
    """Print a line for each figure."""
    ours = measured("mock_oms.testing", _MOCK)
    there = find_spec("pytest_httpserver") is not None
    peers = measured("pytest_httpserver", _PEER) if there else {}
    for what, (wall, cpu) in ours.items():
        line = f"{wall:.1f} ms (CPU {cpu:.1f})"
        if what in peers:
            line += "; pytest-httpserver {:.1f} ms (CPU {:.1f})".format(*peers[what])
        print(f"{f'a mock in this process, {what}':<44} {line}; {GOALS.get(what, 'no goal')}")


if __name__ == "__main__":
    main()
