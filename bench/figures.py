"""Measure what we claim: start-up, memory, cold pages, events. Prints a table; nothing is asserted."""

import asyncio
import os
import random
import resource
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from subprocess import DEVNULL
from typing import TYPE_CHECKING

import httpx
import psutil

from mock_oms.client import Control
from mock_oms.domain.events import Block, PlaceOrder, Restock, RunCommand, word_of
from mock_oms.scenarios.building import build_scenario
from mock_oms.scenarios.errors import Lines
from mock_oms.scenarios.library import Library
from mock_oms.testing import running_server
from mock_oms.worlds.leases import MAX_WORLDS
from mock_oms.worlds.view import view_of

if TYPE_CHECKING:
    from mock_oms.client.world import World

#: What starts are compared with.
YARDSTICK = "import flask, marshmallow"
STARTS = 9
PROGRAM = str(Path(sys.executable).with_name("mock-oms"))
#: Commands, and how long they may take.
COMMANDS = {
    "--help": "0.12 s, 0.35 x",
    "--version": "0.12 s, 0.35 x",
    "completion bash": "0.12 s, 0.35 x",
    "plans --scenario restock": "0.35 s, 1.2 x",
}
MB = 1e6


def main() -> None:
    """Run every measurement, each beside what it is compared with."""
    yardstick = median_seconds(lambda: subprocess.run([sys.executable, "-c", YARDSTICK], check=True), STARTS)
    show(f"the yardstick: {YARDSTICK}", f"{yardstick:.2f} s")
    default, large = started("default"), started("large")
    show(
        "ready with `default`", f"{default[0]:.2f} s ({default[0] / yardstick:.2f} x the yardstick); goal 0.40 s, 1.6 x"
    )
    show(
        "ready with `large` (a million plans)", f"{large[0]:.2f} s ({large[0] / default[0]:.2f} x default); goal 1.2 x"
    )
    show("  and its health check answered", f"{default[1]:.2f} s")
    for words, goal in COMMANDS.items():
        took = median_seconds(
            lambda words=words: subprocess.run([PROGRAM, *words.split()], stdout=DEVNULL, check=True), STARTS
        )
        show(f"mock-oms {words}", f"{took:.2f} s ({took / yardstick:.2f} x the yardstick); goal {goal}")
    show("memory with `default`", f"{default[2] / MB:.0f} MB; goal 55 MB")
    show("memory with `large`", f"{large[2] / MB:.0f} MB ({(large[2] - default[2]) / MB:+.1f} MB); goal +20 MB")
    first_requests()
    thousand_worlds()
    server_in_a_thread()
    thousand_delayed()
    cold_reads()
    event_on_a_full_world()


def show(what: str, figure: str) -> None:
    """One line of the table."""
    print(f"{what:<44} {figure}", flush=True)


def median_seconds(run: Callable[[], object], times: int) -> float:
    """The median wall time of several runs."""
    return statistics.median(seconds(run) for _ in range(times))


def seconds(run: Callable[[], object]) -> float:
    """The wall time of one run."""
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def started(scenario: str) -> tuple[float, float, float]:
    """Medians: seconds from starting the process to its first list, to the health check's "ready", and bytes resident then."""
    healthy, resident, ready = zip(*(_start_once(scenario) for _ in range(STARTS)), strict=True)
    return statistics.median(ready), statistics.median(healthy), statistics.median(resident)


def _start_once(scenario: str) -> tuple[float, float, float]:
    begun = time.perf_counter()
    with _serving(scenario) as (process, address):
        _get(address, "")
        ready = time.perf_counter() - begun
        resident = psutil.Process(process.pid).memory_info().rss
        urllib.request.urlopen(f"{address}/_mock/health/ready").read()  # noqa: S310
        return time.perf_counter() - begun, resident, ready


@contextmanager
def _serving(scenario: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and its address; it has just said it.

    Its modules are compiled, as they are wherever pip installed them, and from the second start on in a checkout.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [PROGRAM, "serve", "--port", "0", "--scenario", scenario]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr
        address = next(line for line in process.stderr if line.startswith("Serving on ")).split()[-1]
        yield process, address
        process.terminate()


def first_requests() -> None:
    """The first request of a process beside those after it, which are for plans as cold as its own.

    Each has a connection of its own, as the first one has; none asks for what was rendered before.
    """
    pages = ("?page=100", [f"?page={number}" for number in range(300, 5_000, 200)])
    plans = ("500100/", [f"{number}/" for number in range(510_000, 600_000, 3_300)])
    for what, (first, others) in {"list": pages, "detail": plans}.items():
        runs = [_first_and_others(first, others) for _ in range(STARTS)]
        one, later = (statistics.median(column) for column in zip(*runs, strict=True))
        show(f"the first {what} of a process", f"{1e3 * one:.1f} ms ({one / later:.2f} x the later ones); goal 1.5 x")


def _first_and_others(first: str, others: list[str]) -> tuple[float, float]:
    """Seconds for the first request, and the median of the others."""
    with _serving("large") as (_, address):
        one, *later = [seconds(lambda target=target: _get(address, target)) for target in (first, *others)]
    return one, statistics.median(later)


def _get(address: str, target: str) -> None:
    connection = HTTPConnection(address.removeprefix("http://"))
    headers = {"Authorization": "Token mock-oms-token"}
    connection.request("GET", f"/api/v1/oms/orderexecutionplans/{target}", headers=headers)
    answer = connection.getresponse()
    assert answer.status == 200, target  # noqa: PLR2004
    answer.read()
    connection.close()


def thousand_worlds() -> None:
    """As many worlds of `default` as a mock holds: opened, read, and moved."""
    with running_server() as server:
        me = psutil.Process()
        server.control.open_world().close()
        before = me.memory_info().rss
        opened: list[World] = []
        took = [seconds(lambda: opened.append(server.control.open_world())) for _ in range(MAX_WORLDS - 1)]
        show("opening one of 1,000 worlds of `default`", f"{1e3 * statistics.median(took):.1f} ms; goal 20 ms")
        show("  all of them", f"{(me.memory_info().rss - before) / MB:.0f} MB; goal 200 MB")
        with httpx.Client(base_url=server.url) as client:
            for world in opened:
                assert client.get("/api/v1/oms/orderexecutionplans/", headers=world.headers).is_success
        show("  after each was read", f"{(me.memory_info().rss - before) / MB:.0f} MB")
        for world in opened:
            world.advance("90m")
        show("  after each was turned by 90 minutes", f"{(me.memory_info().rss - before) / MB:.0f} MB")


def server_in_a_thread() -> None:
    """The server of the pytest plugin, once the process has imported what it needs."""
    starts, stops = [], []
    for _ in range(STARTS):
        context = running_server(scenario="restock")
        starts.append(seconds(context.__enter__))
        stops.append(seconds(lambda context=context: context.__exit__(None, None, None)))
    show("running_server starts", f"{1e3 * statistics.median(starts):.0f} ms; goal 100 ms")
    show("running_server stops", f"{1e3 * statistics.median(stops):.0f} ms; goal 100 ms")


def thousand_delayed() -> None:
    """A thousand requests at once, each of which meets a delay of a second."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_096, hard), hard))
    # The server in a process of its own: a thousand clients beside it would take half of its time.
    with _serving("restock") as (_, address), Control(address) as control, control.world("default").fault(delay="1s"):
        took = seconds(lambda: asyncio.run(_all_at_once(address, "mock-oms-token")))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    show("a thousand requests delayed by 1 s each", f"{took:.2f} s in all; goal 1.6 s")


async def _all_at_once(url: str, token: str) -> None:
    host, _, port = url.removeprefix("http://").partition(":")
    octets = f"GET /api/v1/oms/orderexecutionplans/ HTTP/1.1\r\nHost: x\r\nAuthorization: Token {token}\r\n"

    async def one() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"{octets}Connection: close\r\n\r\n".encode())
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")
        writer.close()

    await asyncio.gather(*(one() for _ in range(1_000)))


def cold_reads() -> None:
    """Pages and single plans of a backlog that nobody has asked for before."""
    reading = view_of(Library().load("large"), seed=None, after=timedelta())
    chance = random.Random(1)  # noqa: S311
    pages = [seconds(lambda n=n: reading.page(n, 50)) for n in chance.sample(range(2, 20_000), 40)]
    show(
        "a cold page of 50 of a million",
        f"{1e3 * statistics.median(pages):.0f} ms (worst {1e3 * max(pages):.0f}); goal 80 ms",
    )
    ids = chance.sample(range(1, 1_000_000), 1000)
    ones = [seconds(lambda n=n: reading.detail(n)) for n in ids]
    show(
        "any cold plan of a million", f"{1e3 * statistics.median(ones):.2f} ms (worst {1e3 * max(ones):.1f}); goal 5 ms"
    )
    again = [seconds(lambda n=n: reading.detail(n)) for n in ids]
    show(
        "the same plans again",
        f"{1e3 * statistics.median(again):.3f} ms ({statistics.median(ones) / statistics.median(again):.0f} x quicker)",
    )


def event_on_a_full_world() -> None:
    """One event on a world that stores 100,000 plans, most of them at their end."""
    document = {
        "description": "Full",
        "stock": {"TST-1": {"WH001": 1000}},
        "plans": [
            {"items": ["TST-1"], "count": 1000},
            {"state": "completed", "count": 95_000},
            {"state": "pending", "count": 4_000},
        ],
    }
    scenario = build_scenario(document, Lines(file=Path("full.yaml"), numbers={}))
    begun = time.perf_counter()
    world = view_of(scenario, seed=None, after=timedelta(minutes=2)).world
    show("opening a world of 100,000 stored plans", f"{time.perf_counter() - begun:.2f} s; goal 4 s")
    looked = statistics.median(seconds(lambda n=n: world.find(n)) for n in world.contents.ids[1_000:96_000:1_000])
    show("  the first look at a completed plan", f"{1e3 * looked:.2f} ms")
    events = [
        Restock(sku="TST-1", location="WH001", count=1),
        Block(location="STORE01"),
        PlaceOrder(items=("TST-1",)),
        RunCommand(plan=next(iter(sorted(world.contents.pending))), run="plan-cancel"),
    ]
    for event in events:
        took = statistics.median(seconds(lambda event=event: world.apply(event)) for _ in range(50))
        show(f"  {word_of(event)} on it", f"{1e3 * took:.2f} ms; goal 5 ms")
    tick = seconds(lambda: world.advance(world.now + timedelta(minutes=30)))
    show("  the retry of its 4,000 pending plans", f"{1e3 * tick:.0f} ms")


if __name__ == "__main__":
    main()
