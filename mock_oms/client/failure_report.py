"""What happened in a world, as lines for people; the last one makes the same world again."""

import json
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime

from mock_oms.client.traffic import RequestPage
from mock_oms.client.world import World
from mock_oms.contract.control_bodies import LoggedEvent, PlanPage, Transition, WorldFacts
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.worlds.world_header import HEADER

#: Plans that are shown one by one, and requests: the newest.
FEW, REQUESTS = 10, 20


def failure_report(world: World) -> str:
    """The world's line, events, plans and requests, the transitions that this object caused, and how to make it again.

    The snapshot is taken after the line, so that `mock-oms replay` can show the one from the other.
    """
    facts = world.facts()
    snapshot = world.snapshot()
    events = [LoggedEvent.read(one) for one in snapshot["log"]]
    parts = [
        [_headline(facts), f"{HEADER}: {facts.line}"],
        _section("plans", list(_plans(world.plans(limit=FEW)))),
        _section("events", list(map(_event, events))),
        _section("requests", list(_requests(world.requests(limit=REQUESTS)))),
        _section("transitions", list(map(transition_line, world.transitions))),
        [_needs(facts), f"Make it again: {restore_command(snapshot)}"],
    ]
    return "\n".join(line for part in parts for line in part)


def restore_command(snapshot: dict[str, object]) -> str:
    """The command that opens a world from a snapshot, in one line."""
    text = json.dumps(snapshot, ensure_ascii=False, separators=(",", ":"))
    return f"printf %s {shlex.quote(text)} | mock-oms world new --snapshot -"


def shown(moment: datetime) -> str:
    """A time as people read it, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pace(rate: float) -> str:
    """How fast a clock runs, in words."""
    return f"{rate:g} times real time" if rate else "frozen"


def transition_line(one: Transition) -> str:
    """A transition in one line."""
    return f"{shown(one.at)}  plan {one.plan}: {one.from_ or 'new'} -> {one.to}, {one.cause}"


def _headline(facts: WorldFacts) -> str:
    what = f"world {facts.name}: scenario {facts.scenario}@{facts.digest}, seed {facts.seed}"
    return f"{what}, {shown(facts.clock.now)} ({pace(facts.clock.rate)})"


def _needs(facts: WorldFacts) -> str:
    """What the command that follows needs."""
    server = "MOCK_OMS_URL names it; else http://127.0.0.1:8080"
    return f"Where a mock runs that knows the scenario {facts.scenario} ({server}):"


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"{title}:", *(f"  {line}" for line in lines or ["none"])]


def _plans(page: PlanPage) -> Iterator[str]:
    for one in page.plans:
        due = f", next attempt {shown(one.next_attempt)}" if one.next_attempt else ""
        yield f"{one.plan} {one.state}{due}"
    if page.count > len(page.plans):
        yield f"and {page.count - len(page.plans):,} more"


def request_line(one: JournalEntry) -> str:
    """A request in one line: what was answered, the fault that it met, and what was probably meant."""
    target = f"{one.path}?{one.query}" if one.query else one.path
    met = f", met the fault {one.fault}" if one.fault else ""
    hint = f" - {one.hint}" if one.hint else ""
    return f"{one.number}  {shown(one.at)}  {one.method} {target} -> {one.status or 'no status'}{met}{hint}"


def _requests(page: RequestPage) -> Iterator[str]:
    earlier = page.total - len(page.requests)
    if earlier:
        yield f"{earlier:,} earlier, of which {page.evicted:,} were evicted from the journal"
    yield from map(request_line, page.requests)


def _event(one: LoggedEvent) -> str:
    return f"{one.number}  {shown(one.at)}  {one.word} {json.dumps(one.said, ensure_ascii=False)}"
