"""`python -m bench.load`: six crowds press on a server, one after the other, while somebody else is answered.

It ends by itself after a few minutes, and talks to nobody but the server that it starts on this machine.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from urllib.parse import urlsplit

import psutil

LIST = "/api/v1/oms/orderexecutionplans/"
TOKEN = {"Authorization": "Token mock-oms-token"}
MB = 1_000_000
#: Seconds that the quiet server is asked, that an open crowd stays, and after which its connections are given up.
QUIET, STAY, SETTLE = 5.0, 3.0, 7.0
#: Seconds between two questions of the one who is watched.
PAUSE = 0.004
#: Seconds after which a crowd is called off, whatever it has done by then.
PATIENCE = 240.0
#: What is wanted: how many times slower the slowest of a hundred answers may come, how much memory may stay, and how much
#: of those whose worlds have lived through years: what they held lies scattered, and not all of it goes back.
SLOWER, KEPT, KEPT_OF_YEARS = 10, 20, 400

Where = tuple[str, int]
Crowd = Callable[[Where], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many there are of each crowd."""

    idle: int = 10_000
    slow: int = 1_000
    worlds: int = 100_000
    bodies: int = 2_000
    advancing: int = 8
    days: int = 366


def main() -> None:
    """Run every crowd, and print what the others noticed of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of each crowd")
    sizes = Sizes(1_000, 100, 10_000, 200, 8, 60) if parser.parse_args().quick else Sizes()
    # So that the server is stopped too: this signal alone would end us on the spot.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with serving() as (where, process):
        wait(where, seconds=1.0)
        quiet = watched(where, nobody)[0]
        print(f"{'quiet':<44} {told(quiet)}", flush=True)
        for name, crowd in crowds(sizes).items():
            press(where, process, name, crowd, quiet)


def crowds(sizes: Sizes) -> Mapping[str, Crowd]:
    """Everybody who comes, by what the table calls them."""
    return {
        f"{sizes.idle:,} connections left idle": partial(idle, sizes.idle),
        f"{sizes.slow:,} senders of a byte at a time": partial(slow, sizes.slow),
        f"{sizes.worlds:,} worlds asked for": partial(worlds, sizes.worlds),
        f"{sizes.bodies:,} bodies of 10 MB to unknown paths": partial(bodies, sizes.bodies),
        f"{sizes.advancing} worlds advanced by {sizes.days} days": partial(advances, sizes.advancing, sizes.days),
        f"8 readers of a world advanced by {sizes.days // 12} days": partial(readers, 8, sizes.days // 12),
    }


def press(where: Where, process: psutil.Process, name: str, crowd: Crowd, quiet: list[float]) -> None:
    """Let one crowd come and go, and print a line about it."""
    before = process.memory_info().rss
    begun = time.perf_counter()
    found, said = watched(where, crowd)
    took, peak = time.perf_counter() - begun, process.memory_info().rss
    time.sleep(SETTLE)
    close_worlds(where)
    kept = (process.memory_info().rss - before) / MB
    slower = percentile(found, 99) / percentile(quiet, 99)
    most = KEPT_OF_YEARS if "advanced" in name else KEPT
    good = "ok" if slower <= SLOWER and abs(kept) <= most else "NOT AS WANTED"
    memory = f"memory {(peak - before) / MB:+.0f} MB, then {kept:+.0f} MB"
    print(f"{name:<44} {told(found)} ({slower:.1f} x); {memory}; {said}; {took:.0f} s: {good}", flush=True)


def told(found: list[float]) -> str:
    """What the one who is watched has met."""
    return f"p50 {1e3 * statistics.median(found):5.2f} ms, p99 {1e3 * percentile(found, 99):6.2f} ms of {len(found):,}"


def percentile(found: list[float], rank: int) -> float:
    """The value that so many of a hundred do not exceed."""
    return sorted(found)[min(len(found) - 1, len(found) * rank // 100)]


@contextmanager
def serving() -> Iterator[tuple[Where, psutil.Process]]:
    """A server as users start it, with its log in a file that nobody reads."""
    command = [str(Path(sys.executable).with_name("mock-oms")), "serve", "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCK_OMS_")}
    with TemporaryDirectory() as folder, TemporaryFile() as log:
        for name, count in _WAITING.items():
            text = f"description: Waits for ever.\nstock: {{A: {{}}}}\nplans:\n  - {{items: [A], count: {count}}}\n"
            Path(folder, f"{name}.yaml").write_text(text, encoding="utf-8")
        yield from _serving([*command, "--scenarios", folder], environment, log.fileno())


def _serving(command: list[str], environment: Mapping[str, str], log: int) -> Iterator[tuple[Where, psutil.Process]]:
    with subprocess.Popen(command, stderr=log, env=environment) as child:
        try:
            yield _address(child, log), psutil.Process(child.pid)
        finally:
            child.terminate()


def _address(child: subprocess.Popen[bytes], log: int) -> Where:
    while child.poll() is None:
        said = os.pread(log, 10_000, 0).decode()
        if "Serving on " in said and said.endswith("\n"):
            found = urlsplit(said.partition("Serving on ")[2].split()[0])
            return str(found.hostname), int(found.port or 0)
        time.sleep(0.01)
    raise SystemExit(f"The server ended with code {child.returncode}.")


def watched(where: Where, crowd: Callable[[Where], Awaitable[str]]) -> tuple[list[float], str]:
    """Ask for lists and plans while a crowd of another process is there; the seconds of each answer, and its word."""
    mine, its = multiprocessing.Pipe()
    pressing = multiprocessing.get_context("spawn").Process(target=crowded, args=(where, crowd, its))
    pressing.start()
    mine.recv()
    mine.send("go")
    found = ask_on(where, mine.poll)
    said: str = mine.recv()
    pressing.join()
    return found, said


def crowded(where: Where, crowd: Callable[[Where], Awaitable[str]], told_by: Connection) -> None:
    """Be a crowd, then say what came of it. It leaves the machine to those whom it presses upon."""
    os.nice(10)
    told_by.send("ready")
    told_by.recv()
    told_by.send(asyncio.run(_within(partial(crowd, where))))


async def _within(crowd: Callable[[], Awaitable[object]]) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            return str(await crowd())
    except TimeoutError:
        return f"called off after {PATIENCE:g} s"


def ask_on(where: Where, is_over: Callable[[], bool]) -> list[float]:
    """Ask until it is over; how long each answer took."""
    found, number = [], 0
    connection = HTTPConnection(*where, timeout=30)
    while not is_over():
        number += 1
        target = LIST if number % 2 else f"{LIST}{_PLANS[number // 2 % len(_PLANS)]}/"
        begun = time.perf_counter()
        connection.request("GET", target, headers=TOKEN)
        answer = connection.getresponse()
        answer.read()
        found.append(time.perf_counter() - begun)
        assert answer.status == 200, answer.status  # noqa: PLR2004
        time.sleep(PAUSE)
    return found


def wait(where: Where, seconds: float) -> None:
    """Ask for everything once, that the server is warm, and wait a moment."""
    connection = HTTPConnection(*where, timeout=30)
    for target in (LIST, *(f"{LIST}{plan}/" for plan in _PLANS)):
        connection.request("GET", target, headers=TOKEN)
        connection.getresponse().read()
    time.sleep(seconds)


async def nobody(_: Where) -> str:
    """No crowd at all."""
    await asyncio.sleep(QUIET)
    return "nobody"


async def idle(many: int, where: Where) -> str:
    """Connect and say nothing."""
    opened = []
    for first in range(0, many, 25):
        new = await asyncio.gather(*(asyncio.open_connection(*where) for _ in range(min(25, many - first))))
        opened += new
    await asyncio.sleep(STAY)
    still = sum(not reader.at_eof() for reader, _ in opened)
    for _, writer in opened:
        writer.transport.abort()
    return f"{len(opened):,} connected, {still:,} still open {STAY:g} s later"


async def slow(many: int, where: Where) -> str:
    """Send a request so slowly that it never ends."""
    found: Counter[str] = Counter(await asyncio.gather(*(_drip(where, number / many) for number in range(many))))
    return ", ".join(f"{count:,} x {answer}" for answer, count in found.most_common(3))


async def _drip(where: Where, late: float) -> str:
    await asyncio.sleep(late)
    reader, writer = await asyncio.open_connection(*where)
    with suppress(OSError):
        for octet in b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 1_000:
            writer.write(bytes([octet]))
            with suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    answer = await reader.read(100)
                    writer.close()
                    return answer[:12].decode() or "closed"
    return "reset"


async def worlds(many: int, where: Where) -> str:
    """Ask for worlds, whatever the answer is."""
    left, found = iter(range(many)), Counter[int]()
    await asyncio.gather(*(_ask_for_worlds(where, left, found) for _ in range(8)))
    return ", ".join(f"{count:,} x {status}" for status, count in sorted(found.items()))


async def _ask_for_worlds(where: Where, left: Iterator[int], found: Counter[int]) -> None:
    reader, writer = await asyncio.open_connection(*where)
    until = time.monotonic() + PATIENCE - STAY
    for number in left:
        if time.monotonic() > until:
            break
        body = json.dumps({"name": f"w{number}"}).encode()
        head = f"{_OPEN}Content-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(length)
        found[int(answer[9:12])] += 1
    writer.close()


def close_worlds(where: Where) -> None:
    """Close every world but the default one."""
    connection = HTTPConnection(*where, timeout=30)
    connection.request("GET", "/_mock/worlds")
    for world in json.loads(connection.getresponse().read())["worlds"]:
        if world["name"] != "default":
            connection.request("DELETE", f"/_mock/worlds/{world['name']}")
            connection.getresponse().read()


async def bodies(many: int, where: Where) -> str:
    """Send large bodies to where nobody wants them, eight at a time."""
    found: Counter[str] = Counter()
    left = iter(range(many))
    await asyncio.gather(*(_send_bodies(where, left, found) for _ in range(8)))
    return ", ".join(f"{count:,} x {answer}" for answer, count in found.most_common(3))


async def _send_bodies(where: Where, left: Iterator[int], found: Counter[str]) -> None:
    for number in left:
        reader, writer = await asyncio.open_connection(*where)
        writer.write(f"POST /nowhere/{number}/ HTTP/1.1\r\nHost: x\r\nContent-Length: {10 * MB}\r\n\r\n".encode())
        answer = b""
        with suppress(OSError):
            writer.write(b"x" * (10 * MB))
            answer = await reader.read(100)
        found[answer[:12].decode() or "reset"] += 1
        writer.transport.abort()


async def advances(many: int, days: int, where: Where) -> str:
    """Advance many worlds at once; the first and the last to be done tell whether they shared the time."""
    opened = [await _asked(where, "POST", "/_mock/worlds", {"scenario": "some-wait"}) for _ in range(many)]
    names = [json.loads(body)["name"] for body, _ in opened]
    took = [took for _, took in await asyncio.gather(*(_advanced(where, name, days) for name in names))]
    return f"done after {min(took):.1f} to {max(took):.1f} s"


async def readers(many: int, days: int, where: Where) -> str:
    """Read a world with a hundred waiting plans while its clock is advanced."""
    body, _ = await _asked(where, "POST", "/_mock/worlds", {"scenario": "many-wait"})
    world = json.loads(body)
    advance = asyncio.create_task(_advanced(where, world["name"], days))
    waited: list[float] = []
    while not advance.done():
        pages = [f"{LIST}?limit={number + 1}" for number in range(many)]
        found = await asyncio.gather(*(_asked(where, "GET", one, token=world["token"]) for one in pages))
        waited += [took for _, took in found]
        await asyncio.sleep(0.05)
    _, took = await advance
    return f"the advance took {took:.1f} s, the slowest of {len(waited):,} reads of the world {max(waited):.2f} s"


async def _advanced(where: Where, name: str, days: int) -> tuple[bytes, float]:
    return await _asked(where, "POST", f"/_mock/worlds/{name}/clock/advance", {"by": f"{days}d"})


async def _asked(where: Where, method: str, target: str, body: object = None, token: str = "") -> tuple[bytes, float]:
    """Body and seconds of one request on a connection of its own."""
    begun = time.perf_counter()
    reader, writer = await asyncio.open_connection(*where)
    sent = b"" if body is None else json.dumps(body).encode()
    more = f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n" if sent else ""
    more += f"Authorization: Token {token}\r\n" if token else ""
    writer.write(f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{more}\r\n".encode() + sent)
    head, _, answer = (await reader.read(-1)).partition(b"\r\n\r\n")
    writer.close()
    assert head[9:12] in {b"200", b"201"}, head + answer[:1_000]
    return answer, time.perf_counter() - begun


#: Scenarios, and how many plans wait in them for ever.
_WAITING = {"some-wait": 2, "many-wait": 100}
_OPEN = "POST /_mock/worlds HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
_PLANS = range(41_207, 41_213)

if __name__ == "__main__":
    main()
