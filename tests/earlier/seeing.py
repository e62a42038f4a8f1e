"""What is looked at: each function answers with all that must stay as it was, as JSON."""

import json
import lzma
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mock_oms.testing import running_server
from tests.earlier.asking import LIST, LOGIN, TOKEN, Mock, printed, run
from tests.earlier.keeping import HERE
from tests.earlier.surfaces import unversioned

JSON = {"Content-Type": "application/json"}
SNAPSHOTS = ("version-1-restock", "version-1-default", "version-2-restock", "version-2-default", "version-2-rough-day")
#: A scenario, plans whose details are asked for, and how far the clock is turned before each look.
PLAYED: tuple[tuple[str, tuple[int, ...], tuple[str, ...]], ...] = (
    ("restock", (41207,), ("0s", "1m", "29m", "30m")),
    ("default", (41188, 41198, 41201, 41204, 41209), ("0s", "1m", "21m", "4h", "6h")),
    ("bare-array", (53401, 53414), ("0s", "1m")),
    ("state-object", (53501,), ("1m", "15h29m")),
    ("raw", (53301,), ("0s", "2h")),
    ("odd-data", (52901, 52902, 52903), ("0s", "1m", "29m")),
    ("drifting-pages", (1, 16, 1001), ("0s", "1m", "2m")),
    ("several-plans-one-order", (), ("0s", "1m", "1h")),
    ("store-refuses", (51601, 51602), ("0s", "20m", "1m")),
    ("not-found-basic", (51901,), ("1m", "30m")),
    ("transfer", (), ("1m",)),
    ("split", (), ("1m",)),
    ("quota-used-up", (51201, 51202), ("1m", "99m", "30m")),
    ("partial-cancellation", (50901,), ("9m", "1m", "31m")),
    ("cancelled-before-planning", (), ("0s", "1h")),
    ("manual-planning", (52001,), ("1m", "40m", "20m")),
    ("reopened", (), ("1m", "1h")),
    ("large", (1, 500), ("0s", "3h")),
)


def snapshot(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "snapshots" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def snapshots(_: Path) -> Any:
    """What worlds show that are opened from snapshots, then and two hours later."""
    seen = {}
    with running_server(scenario="restock") as server:
        mock = Mock(server.url)
        for name in SNAPSHOTS:
            world = server.control.open_world(snapshot=snapshot(name), name=name, ttl=None)
            seen[name] = {"told": mock.description(name), "list": list(mock.pages(world.token))}
            world.advance("2h")
            seen[name]["later"] = mock.description(name)
    return seen


def restored(_: Path) -> Any:
    """What a world shows that has faults and limits, and becomes a snapshot: these stay."""
    taken = snapshot("version-2-rough-day")
    with running_server(scenario="rough-day") as server:
        mock, world = Mock(server.url), server.control.world()
        world.restore(taken)
        return {"list": [mock.vendor(world.token) for _ in range(4)], "told": mock.description(world.name)}


def state(folder: Path) -> Any:
    """What a server shows that goes on with a folder of an earlier one."""
    copied = folder / "state"
    shutil.copytree(HERE / "state", copied)
    with running_server(scenario="restock", state=copied) as server:
        mock = Mock(server.url)
        worlds = {one["name"]: one["token"] for one in mock.control("GET", "/worlds")["worlds"]}
        return {
            name: {
                "token": token,
                "told": mock.description(name),
                "list": [mock.vendor(token, f"{LIST}?limit=100") for _ in range(5)],
                "details": [mock.vendor(token, f"{LIST}{plan}/") for plan in (41207, 52902, 53701)],
            }
            for name, token in worlds.items()
        }


def vendor(_: Path) -> Any:
    with running_server(scenario="restock") as server:
        mock = Mock(server.url)
        seen: dict[str, list[Any]] = {}
        for scenario, plans, turns in PLAYED:
            world = server.control.open_world(scenario=scenario, name=f"of-{scenario}", ttl=None, clock={"rate": 0})
            targets, seen[scenario] = (LIST, f"{LIST}?limit=5&page=2", *(f"{LIST}{plan}/" for plan in plans)), []
            for span in turns:
                world.advance(span)
                seen[scenario].append([mock.vendor(world.token, target) for target in targets])
        return seen


def refusals(_: Path) -> Any:
    with running_server(scenario="restock") as server:
        mock = Mock(server.url)
        limited = server.control.open_world(scenario="restock", name="limited", ttl=None)
        limited.fault(profile="rate-limited")
        bearer = server.control.open_world(scenario="bearer", name="bearer", ttl=None)
        seen = [mock.vendor(limited.token, f"{LIST}?limit=1") for _ in range(12)]
        seen += [mock.vendor(bearer.token), mock.ask("GET", LIST, {"Authorization": f"Bearer {bearer.token}"})]
        seen += [mock.vendor(TOKEN, target, method, **headers) for method, target, headers in _UNUSUAL]
        seen += [mock.vendor(token, target) for token in _TOKENS for target in (LIST, f"{LIST}41207/")]
        seen += [mock.ask("GET", LIST, it) for it in ({}, *({"Authorization": word} for word in _WORDS))]
        return seen + [mock.ask("POST", LOGIN, JSON, body) for body in _LOGINS]


_TOKENS = ("unheard-of", "fail-403", "fail-429", "fail-500", "fail-502", "fail-503", "fail-inactive")
_WORDS = ("Token", "Token a b", f"Bearer {TOKEN}", "Basic bW9jazpvbXM=")
_LOGINS = (*(b'{"username":"default","password":"%s"}' % word for word in (b"mock-oms", b"no")), b"{", b"[]", b"{}")
_UNUSUAL: tuple[tuple[str, str, dict[str, str]], ...] = (
    *((method, LIST, {}) for method in ("HEAD", "OPTIONS")),
    ("OPTIONS", f"{LIST}41207/", {}),
    ("POST", LIST, {}),
    *((method, f"{LIST}41207/", {}) for method in ("DELETE", "PATCH")),
    ("GET", LIST[:-1], {}),
    *(("GET", f"{LIST}{path}", {}) for path in ("41207?x=1", "9/", "nine/", "?page=2", "?page=x", "?limit=0")),
    *(("GET", f"{LIST}?format={name}", {}) for name in ("json", "xml")),
    *(("GET", LIST, {"Accept": kind}) for kind in ("text/html", "application/xml")),
    ("GET", LIST, {"Accept": "application/json; q=0.5, */*; q=0.1"}),
    *(("GET", path, {}) for path in (LOGIN, "/", "/nothing", "/%", "/api/v1/oms/")),
)


def replayed(_: Path) -> Any:
    """The bytes that `mock-oms replay` prints for the lines of answers."""
    seen = []
    for one in json.loads((HERE / "lines.json").read_text(encoding="utf-8")):
        taken = () if one["snapshot"] is None else ("--snapshot", HERE / "snapshots" / one["snapshot"])
        plan = () if one["plan"] is None else ("--plan", one["plan"])
        seen.append({"line": one["line"], "body": printed("replay", one["line"], *taken, *plan, "--json")})
    return seen


def recorded(folder: Path) -> Any:
    """What a recording of an earlier version is checked and served as, and what is recorded today with its key.

    `again` is not of version 0.1.0: it was made anew when every pseudonym became a digest.
    """
    file, key, out = folder / "recorded.yaml", folder / "pseudonyms.key", folder / "again.yaml"
    for one in (file, key):
        shutil.copy(HERE / one.name, one)
    key.chmod(0o600)
    with running_server(scenario="recorded", scenarios=folder) as server:
        mock = Mock(server.url)
        still = {"scenario": "recorded", "name": "still", "ttl": None, "clock": {"rate": 0}}
        served = list(mock.pages(mock.control("POST", "/worlds", still)["token"]))
    with running_server(scenario=str(HERE / "source.yaml")) as server:
        words = ("record", server.url, "--out", out, "--key-file", key, "--rate", "1000")
        done = run(*words, more={"OMS_TOKEN": server.token})
        assert done.exit_code == 0, done.output
    raw = [line for line in out.read_text(encoding="utf-8").splitlines() if "raw: " in line]
    return {
        "check": json.loads(printed("scenarios", "check", "--json", "recorded", "--scenarios", folder)),
        "list": served,
        "again": raw,
    }


def observed(_: Path) -> Any:
    """What an observation of an earlier version makes of answers, contract and assumptions."""
    file = HERE / "oms-observed.yaml"
    with running_server(scenario="restock", observed=file) as server:
        mock = Mock(server.url)
        large = {"scenario": "large", "name": "large", "ttl": None, "clock": {"rate": 0}}
        world = mock.control("POST", "/worlds", large)
        answered = [mock.vendor(world["token"]), mock.vendor(TOKEN, f"{LIST}9/")]
    # How long ago the contract was checked is another number each day.
    told = [printed("assumptions", *more, "--observed", file, "--json") for more in ((), ("--open",))]
    assumptions, still_open = (json.loads(re.sub(r"\d+ days ago", "318 days ago", one)) for one in told)
    return {
        "answered": answered,
        "openapi": unversioned(json.loads(printed("openapi", "--observed", file, "--json"))),
        "assumptions": assumptions,
        "open": still_open,
        "plans": printed("plans", "--scenario", "restock", "--observed", file),
    }


def drifted(folder: Path) -> Any:
    """What lies between what `drift` kept of an earlier mock and one that answers otherwise."""
    kept = folder / "kept.json"
    kept.write_bytes(lzma.decompress((HERE / "drift-kept.json.xz").read_bytes()))
    done = run("drift", kept, "state-object", "--json", "--patch", folder / "patch.yaml")
    told = json.loads(done.stdout)
    found = {one["check"]: sorted(str(each["place"]) for each in one["findings"]) for one in told["results"]}
    return {"exit": done.exit_code, "found": found, "patch": (folder / "patch.yaml").read_text(encoding="utf-8")}


#: Every look by its name; each is kept under it.
SEEN: Mapping[str, Callable[[Path], Any]] = {
    "vendor": vendor,
    "refusals": refusals,
    "state": state,
    "snapshots": snapshots,
    "restored": restored,
    "lines": replayed,
    "observed": observed,
    "recorded": recorded,
    "drifted": drifted,
}
