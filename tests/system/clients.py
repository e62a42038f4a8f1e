"""What requests, httpx and aiohttp raise for each effect: asked of a real server, and written as docs/clients.md.

`python -m tests.system.clients > docs/clients.md` writes it anew.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import aiohttp
import httpx
import requests

from mock_oms.traffic.faults.fault import STATUSES, BrokenBody, Connection, Shape
from tests.system.wired import LIST, Wired, wired

#: Seconds that a client waits, for the next octets in requests and httpx, for everything in aiohttp: where an answer is
#: slow, and where it is not (there the machine alone may be).
SHORT, LONG = 0.4, 10.0
NOTHING = "nothing"

Effect = dict[str, Any]
#: Every effect in the words of a scenario, with what the table calls it.
EFFECTS: Mapping[str, Effect] = {
    **{f"status: {status}": {"status": status} for status in STATUSES},
    "delay: 2s": {"delay": "2s"},
    "delay: {fixed: 600ms, place: between}": {"delay": {"fixed": "600ms", "place": "between"}},
    **{f"connection: {kind}": {"connection": kind} for kind in Connection},
    "connection: dribble": {"connection": "dribble", "bytes_per_second": 100_000},
    **{f"body: {kind}": {"body": kind} for kind in BrokenBody},
    **{f"shape: {kind}": {"shape": kind} for kind in Shape},
}


def said(error: Exception) -> str:
    """The class of an error, by the name under which a client would catch it."""
    kind = type(error)
    return f"`{kind.__module__.partition('.')[0]}.{kind.__name__}`".replace("builtins.", "")


def _with_requests(url: str, token: str, patience: float) -> str:
    with requests.Session() as session:
        session.trust_env = False
        return _read(lambda: session.get(url, headers={"Authorization": token}, timeout=patience))


def _with_httpx(url: str, token: str, patience: float) -> str:
    with httpx.Client(trust_env=False, timeout=patience) as client:
        return _read(lambda: client.get(url, headers={"Authorization": token}))


def _read(get: Callable[[], requests.Response | httpx.Response]) -> str:
    step = "get"
    try:
        answer = get()
        step = "raise_for_status"
        answer.raise_for_status()
        step = "json"
        return NOTHING if answer.json() else "nothing, and the answer is empty"
    except (requests.RequestException, httpx.HTTPError, ValueError) as error:
        return f"{said(error)} from `{step}`"


async def _asked_with_aiohttp(url: str, token: str, patience: float) -> str:
    step = "get"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience)) as session,
            session.get(url, headers={"Authorization": token}) as answer,
        ):
            step = "raise_for_status"
            answer.raise_for_status()
            step = "json"
            return NOTHING if await answer.json() else "nothing, and the answer is `None`"
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return f"{said(error)} from `{step}`"


def _with_aiohttp(url: str, token: str, patience: float) -> str:
    return asyncio.run(_asked_with_aiohttp(url, token, patience))


CLIENTS = {"requests": _with_requests, "httpx": _with_httpx, "aiohttp": _with_aiohttp}


def met(server: Wired, effect: Effect) -> Iterator[str]:
    """What each client meets, in a world of its own."""
    slow = "delay" in effect or effect.get("connection") in {"stall", "dribble"}
    for ask in CLIENTS.values():
        world = server.world({"on": "any", "effect": effect})
        url = "http://{}:{}".format(*world.address) + LIST
        yield ask(url, f"Token {world.token}", SHORT if slow else LONG)


def _rows(server: Wired) -> Iterator[str]:
    yield f"| effect | {' | '.join(CLIENTS)} |"
    yield f"|---|{'---|' * len(CLIENTS)}"
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, effect in EFFECTS.items():
        alike.setdefault(tuple(met(server, effect)), []).append(f"`{name}`")
    for results, names in alike.items():
        yield f"| {', '.join(names)} | {' | '.join(results)} |"


_ABOVE = """\
# What clients raise

Made by `python -m tests.system.clients > docs/clients.md`, which asks a real server; a test compares it.

Each client reads the list with `get`, then `raise_for_status`, then `json`, over a new connection. It waits 0.4 s, less
than the slow effects take: requests and httpx (`timeout=0.4`) for the next octets, aiohttp (`ClientTimeout(total=0.4)`)
for the whole answer. The table names the first error and the call that raises it.

"""
_BELOW = """
What raises nothing is left to your own code. A body that dribbles, or comes in late chunks, never exceeds a time-out
that begins anew with every octet: only aiohttp's `total` ends it. A missing `next` looks like the last page; a bare
array, a null or a text where a number was fails later, where you reach into it.
"""


def document(server: Wired) -> str:
    return _ABOVE + "\n".join(_rows(server)) + "\n" + _BELOW


if __name__ == "__main__":
    with wired() as running:
        sys.stdout.write(document(running))
