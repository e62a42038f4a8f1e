"""What happened in a world, as lines for people; the last one makes the same world again."""

import json
import shlex
from datetime import UTC, datetime

from mock_oms.client.world import World
from mock_oms.contract.control_bodies import LoggedEvent, Transition
from mock_oms.text import pace
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.worlds.world_header import HEADER

#: Plans that are shown one by one, and requests: the newest.
FEW, REQUESTS = 10, 20


def failure_report(world: World) -> str:
    """The world's line, events, plans and requests, the transitions that this object caused, and how to make it again.

    The snapshot is taken after the line, so that `mock-oms replay` can show the one from the other.
    """
    facts, snapshot = world.facts(), world.snapshot()
    plans, requests = world.plans(limit=FEW), world.requests(limit=REQUESTS)
    earlier = requests.total - len(requests.requests)
    dropped = f", {requests.evicted:,} of them dropped from the journal" if requests.evicted else ""
    sections = {
        "plans": [
            *(
                f"{one.plan} {one.state}" + (f", next attempt {shown(one.next_attempt)}" if one.next_attempt else "")
                for one in plans.plans
            ),
            *([f"and {plans.count - len(plans.plans):,} more"] if plans.count > len(plans.plans) else []),
        ],
        "events": [
            f"{one.number}  {shown(one.at)}  {one.word} {json.dumps(one.said, ensure_ascii=False)}"
            for one in map(LoggedEvent.read, snapshot["log"])
        ],
        "requests": [*([f"{earlier:,} earlier{dropped}"] if earlier else []), *map(request_line, requests.requests)],
        "transitions": list(map(transition_line, world.transitions)),
    }
    what = f"world {facts.name}: scenario {facts.scenario}@{facts.digest}, seed {facts.seed}"
    server = "MOCK_OMS_URL names it; else http://127.0.0.1:8080"
    return "\n".join(
        [
            f"{what}, {shown(facts.clock.now)} ({pace(facts.clock.rate)})",
            f"{HEADER}: {facts.line}",
            *(
                line
                for title, lines in sections.items()
                for line in (f"{title}:", *(f"  {one}" for one in lines or ["none"]))
            ),
            f"Where a mock runs that knows the scenario {facts.scenario} ({server}):",
            f"Make it again: {restore_command(snapshot)}",
        ]
    )


def restore_command(snapshot: dict[str, object]) -> str:
    """The command that opens a world from a snapshot, in one line."""
    text = json.dumps(snapshot, ensure_ascii=False, separators=(",", ":"))
    return f"printf %s {shlex.quote(text)} | mock-oms world new --snapshot -"


def shown(moment: datetime) -> str:
    """A time as people read it, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def transition_line(one: Transition) -> str:
    """A transition in one line."""
    return f"{shown(one.at)}  plan {one.plan}: {one.from_ or 'new'} -> {one.to}, {one.cause}"


def request_line(one: JournalEntry) -> str:
    """A request in one line: what was answered, the fault that it met, and what was probably meant."""
    target = f"{one.path}?{one.query}" if one.query else one.path
    met = f", met the fault {one.fault}" if one.fault else ""
    hint = f" - {one.hint}" if one.hint else ""
    return f"{one.number}  {shown(one.at)}  {one.method} {target} -> {one.status or 'no status'}{met}{hint}"
