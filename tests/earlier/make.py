"""Makes the fixtures: `python -m tests.earlier.make` in the root of a checkout.

It was run once with version 0.1.0, before the package was reorganised: its files are what that version wrote, and what
it answered. No test runs it. Running it anew overwrites both what is read and what is expected, and so forgets what
the fixtures are there to remember; it is kept to tell where they come from.
"""

import json
import lzma
import re
import shutil
import tempfile
from pathlib import Path
from time import monotonic
from typing import Any

from mock_oms.client import World
from mock_oms.testing import running_server
from tests.earlier.asking import LIST, Mock, run
from tests.earlier.keeping import HERE, keep
from tests.earlier.seeing import SEEN, SNAPSHOTS
from tests.earlier.surfaces import SURFACES, helped

#: The key of the recording's pseudonyms: of no use to anybody, for the data behind them is made up.
KEY = HERE / "pseudonyms.key"


def main() -> None:
    """Make the files first, and then look at what they say."""
    _make_snapshots()
    _make_lines()
    _make_state()
    _make_recording()
    _make_observation()
    keep("help", helped())
    for name, see in {**SEEN, **SURFACES}.items():
        if name == "lines":
            continue  # kept with the bodies that they came with
        with tempfile.TemporaryDirectory() as folder:
            begun = monotonic()
            keep(name, see(Path(folder)))
            print(f"{name}: {monotonic() - begun:.1f} s")  # noqa: T201


def _lived(world: World) -> None:
    """Let all that can happen to the scenario `restock` happen to it."""
    world.advance("1m")
    world.event(quota={"location": "STORE01", "quota": 3, "max_quota": 4})
    world.event(sell={"sku": "TST-001-M", "location": "WH001", "count": 1})
    world.block("STORE01")
    world.advance("4m")
    world.event(order={"items": ["TST-001-M", "TST-002-L"], "city": "Rize", "channel": "mobile", "id": 42000})
    world.event(order={"items": ["TST-001-M"], "hold": True, "id": 42001, "payment_type": "transfer"})
    world.event(order={"items": ["TST-002-L"], "id": 42002})
    world.open("STORE01")
    world.event(quota={"location": "STORE01", "max_quota": 9})
    world.stock_service("down")
    world.advance("5m")
    world.stock_service("up")
    world.event(confirm={"plan": 42001})
    world.restock("TST-002-L", "STORE01", 4)
    world.event(assign={"plan": 42000, "sku": "TST-002-L", "location": "STORE01"})
    world.advance("2m")
    world.cancel_item(41207, "TST-002-L")
    world.not_found(42001, "TST-001-M")
    world.run(42002, "plan-cancel")
    world.advance("20m")
    world.order(["TST-002-L"], id=42010)
    world.advance("1h")


def _make_snapshots() -> None:
    folder = HERE / "snapshots"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in SNAPSHOTS:
        scenario = name.partition("-")[2].partition("-")[2]
        with running_server(scenario=scenario) as server:
            world = server.control.open_world(scenario=scenario, name="taken", ttl=None, clock={"rate": 0})
            _live(scenario, world)
            taken = world.snapshot()
        if name.startswith("version-1"):
            taken = _of_version_1(taken)
        _write(folder / f"{name}.json", taken)


def _live(scenario: str, world: World) -> None:
    if scenario == "restock":
        _lived(world)
        return
    world.advance("50m")
    if scenario == "default":
        world.event(quota={"location": "M034", "quota": 20})
        world.event(quota={"location": "M034", "max_quota": 25})
        world.run(41201, "plan-reschedule")
        world.event(refuse={"plan": 41204, "location": "M035"})
        world.order(["24Y-40117-M"], city="Van")
        world.advance("90m")
    else:
        world.restock("TST-001-M", "WH001", 3)
        world.order(["TST-001-M"])
        world.advance("5m")


def _of_version_1(taken: dict[str, Any]) -> dict[str, Any]:
    """As version 1 was: what an event of `quota` leaves out is a value of its own, and an order may have no items."""
    log, now = taken["log"], taken["clock"]["now"]
    last = {"number": len(log) + 1, "at": now, "order": {"items": [], "id": 42099}}
    return {**taken, "version": 1, "log": [*log, last]}


def _make_lines() -> None:
    """Lines of answers with their bodies: before any event, and after some, with a later snapshot."""
    lines: list[dict[str, Any]] = []
    with running_server(scenario="restock") as server:
        mock = Mock(server.url)
        for scenario, plan in (("restock", 41207), ("odd-data", 52902), ("raw", 53301), ("state-object", 53501)):
            world = server.control.open_world(scenario=scenario, name=f"of-{scenario}", ttl=None, clock={"rate": 0})
            for turn in ("0s", "1m", "2h"):
                world.advance(turn)
                lines += [_line(mock, world, None, plan), _line(mock, world, None, None)]
        lines += _lines_after_events(server.control.open_world(scenario="restock", name="eventful", ttl=None), mock)
        later = server.control.open_world(
            scenario="restock", name="later", seed=99, ttl=None, clock={"start": "2031-01-02T03:04:05Z", "rate": 0}
        )
        later.advance("1m")
        later.block("WH001")
        lines.append(_line(mock, later, "line-later.json", 41207))
        later.open("WH001")
        later.advance("1h")
        lines.append(_line(mock, later, "line-later.json", None))
        _write(HERE / "snapshots" / "line-later.json", later.snapshot())
    _write(HERE / "lines.json", [{key: one[key] for key in ("line", "snapshot", "plan")} for one in lines])
    keep("lines", [{key: one[key] for key in ("line", "body")} for one in lines])


def _lines_after_events(world: World, mock: Mock) -> list[dict[str, Any]]:
    name, lines = "line-eventful.json", []
    for happens in (
        lambda: world.restock("TST-002-L", "WH001", 10),
        lambda: world.order(["TST-001-M", "TST-002-L"], id=42000),
        lambda: world.block("STORE01"),
        lambda: world.order(["TST-002-L"], id=42003, hold=True),
        lambda: world.run(42003, "plan-cancel"),
    ):
        world.advance("50s")
        happens()
        lines += [_line(mock, world, name, 41207), _line(mock, world, name, None)]
    world.advance("3h")
    lines.append(_line(mock, world, name, 42000))
    _write(HERE / "snapshots" / name, world.snapshot())
    return lines


def _line(mock: Mock, world: World, snapshot: str | None, plan: int | None) -> dict[str, Any]:
    answer = mock.vendor(world.token, f"{LIST}?limit=100" if plan is None else f"{LIST}{plan}/")
    line = dict(answer["headers"])["x-mock-oms"]
    body = answer["body"] if plan else answer["body"].partition('"results":')[2].removesuffix("}")
    return {"line": line, "snapshot": snapshot, "plan": plan, "body": body}


def _make_state() -> None:
    shutil.rmtree(HERE / "state", ignore_errors=True)
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept) / "state"
        with running_server(scenario="restock", state=folder) as server:
            control = server.control
            _lived(control.world())
            control.open_world(scenario="restock", name="untouched", ttl=None)
            seeded = control.open_world(scenario="restock", name="seeded", seed=4711, ttl="366d")
            seeded.advance("45m")
            elsewhere = control.open_world(scenario="odd-data", name="elsewhere", ttl=None)
            elsewhere.order(["000042"], city="Iğdır")
            elsewhere.advance("1h")
            faulty = control.open_world(scenario="rough-day", name="faulty", ttl=None, clock={"rate": 0})
            faulty.clear_faults()
            faulty.fault(on="list", effect={"status": 503, "retry_after": 2}, times=2)
            faulty.fault(on="list", effect={"shape": "unknown-state"}, skip=1, times=1)
            faulty.fault(on="list", effect={"body": "invalid-json"}, times=1)
            faulty.fault(on="detail", plan=53701, effect={"status": 500})
            limited = control.open_world(scenario="restock", name="limited", ttl=None)
            limited.limit(
                quota={"limit": 3, "window": "1m"}, token={"requests": 50}, login={"limit": 2, "window": "1h"}
            )
            limited.advance("1m")
            reset = control.open_world(scenario="restock", name="reset", ttl=None)
            _lived(reset)
            reset.reset()
            reset.restock("TST-002-L", "WH001", 1)
            torn = control.open_world(
                scenario="restock", name="torn", ttl=None, clock={"start": "2030-06-01T00:00:00Z", "rate": 0}
            )
            torn.block("WH001")
            torn.advance("2h")
            torn.open("WH001")
        shutil.copytree(folder, HERE / "state", ignore=shutil.ignore_patterns("*lock*"))
    file = HERE / "state" / "worlds" / "torn.jsonl"
    file.write_bytes(file.read_bytes()[:-20])


def _make_recording() -> None:
    KEY.write_text("5eed" * 16 + "\n", encoding="utf-8")
    KEY.chmod(0o600)
    with running_server(scenario=str(HERE / "source.yaml")) as server:
        words = ("record", server.url, "--out", HERE / "recorded.yaml", "--key-file", KEY, "--rate", "1000")
        _must(0, *words, more={"OMS_TOKEN": server.token})


def _make_observation() -> None:
    """Of a mock that gives no sign of being one, and answers otherwise than the defaults."""
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "other.yaml"
        other.write_text(OTHER, encoding="utf-8")
        with running_server(scenario=str(other), world_header="off") as server:
            out = HERE / "oms-observed.yaml"
            token = {"OMS_TOKEN": server.token}
            _must(1, "contract", server.url, "--observe", out, "--no-schemathesis", "--rate", "1000", more=token)
        # A day that has passed whatever the clock of a machine says.
        text = re.sub("(?m)^date: .*$", "date: '2026-01-15T09:30:00Z'", out.read_text(encoding="utf-8"))
        out.write_text(text, encoding="utf-8")
        _must(0, "drift", "restock", "restock", "--save-a", Path(folder) / "kept.json")
        content = (Path(folder) / "kept.json").read_bytes()
        (HERE / "drift-kept.json.xz").write_bytes(lzma.compress(content, preset=9))


#: An OMS that answers otherwise.
OTHER = """
description: An OMS that answers otherwise than the defaults of the mock.
clock: {start: 2024-03-05T09:00:00Z, rate: 0}
plans:
  - {id: 41207, items: [TST-001-M]}
  - {state: completed, count: 24}
  - {state: cancelled, count: 3}
  - {state: pending, count: 3}
  - {state: start, count: 2}
answers: {page_size: 20, not_found: model, dates: date}
"""


def _must(code: int, *words: object, more: dict[str, str] | None = None) -> None:
    done = run(*words, more=more)
    if done.exit_code != code:
        raise SystemExit(f"{words} ended with {done.exit_code}: {done.output}")


def _write(file: Path, document: Any) -> None:
    file.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
