"""What happened in a world, as lines for people; the last one makes the same world again."""

import json
import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from mock_oms.client import arguments
from mock_oms.client.world import World
from mock_oms.contract.control_bodies import LoggedEvent, PlanFacts, Transition
from mock_oms.domain.lifecycle import State
from mock_oms.text import counted, pace
from mock_oms.traffic.faults.active import BY_HAND
from mock_oms.traffic.faults.fault import flat
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.worlds.world_header import HEADER

#: Plans that are shown one by one; requests, and faults that were added: the newest.
FEW, REQUESTS = 10, 20
#: Items of one plan that are said to wait.
_WAITING = 3
#: Characters of a scenario that is shown whole in the command that makes its world again.
_MOST = 20_000


def failure_report(world: World) -> str:
    """The world's line, plans, events, faults and requests, the transitions that this object caused, and how to make it again.

    The snapshot is taken after the line, so that `mock-oms replay` can show the one from the other.
    """
    facts, snapshot = world.facts(), world.snapshot()
    plans, requests = world.plans(limit=FEW), world.requests(limit=REQUESTS)
    earlier = requests.total - len(requests.requests)
    dropped = f", {requests.evicted:,} of them dropped from the journal" if requests.evicted else ""
    faults, commands = _misbehaviour(world)
    sections = {
        "plans": [
            *(line for one in plans.plans for line in _plan_lines(world, one)),
            *([f"and {plans.count - len(plans.plans):,} more"] if plans.count > len(plans.plans) else []),
        ],
        "events": [
            *(
                f"{one.number}  {shown(one.at)}  {one.word} {json.dumps(one.said, ensure_ascii=False)}"
                for one in map(LoggedEvent.read, snapshot["log"])
            ),
            *([] if snapshot["log"] else ["none from outside; the scenario's own timeline is not listed"]),
            *(f"{shown(one.at)}  {one.origin} was refused: {one.reason}" for one in facts.missed),
        ],
        "faults": faults,
        "requests": [*([f"{earlier:,} earlier{dropped}"] if earlier else []), *map(request_line, requests.requests)],
        "transitions": list(map(transition_line, world.transitions)),
    }
    what = f"world {facts.name}: scenario {facts.scenario}@{facts.digest}, seed {facts.seed}"
    server = "MOCK_OMS_URL names it; else http://127.0.0.1:8080"
    knows, scenario = f" that knows the scenario {facts.scenario}", dict(snapshot["scenario"])
    if len(json.dumps(scenario)) > _MOST:
        knows, snapshot["scenario"] = (
            f"{knows}, which is too long to stand here",
            {key: scenario[key] for key in ("name", "digest")},
        )
    elif "document" in scenario:
        knows = ""
    return "\n".join(
        [
            f"{what}, {shown(facts.clock.now)} ({pace(facts.clock.rate)})",
            f"{HEADER}: {facts.line}",
            *(
                line
                for title, lines in sections.items()
                for line in (f"{title}:", *(f"  {one}" for one in lines or ["none"]))
            ),
            f"Where a mock runs{knows} ({server}):",
            f"Make it again: {restore_command(snapshot)}",
            *(["Then add what no snapshot holds to the world that this opens:"] if commands else []),
            *(f"  {one} --world NAME" for one in commands),
        ]
    )


def _misbehaviour(world: World) -> tuple[list[str], list[str]]:
    """The faults that were added, and the commands that add them and the limits again."""
    now = {one.id: one for one in world.faults()}
    own = {one.id: one for added in world.misbehaved for one in added.added}
    others = {number: one for number, one in now.items() if number not in own and one.origin == BY_HAND}
    lines = [
        f"{number}  {shown(one.since)}  {_text(one.said)}, "
        + (
            f"met by {now[number].met} of {counted(now[number].seen, 'request')}"
            if number in now
            else "taken away since"
        )
        for number, one in sorted({**own, **others}.items())
    ]
    asked = [arguments.body(flat(one.said)).decode() for one in world.misbehaved]
    asked += [_text(one.said) for one in others.values()]
    commands = [f"mock-oms fault add {shlex.quote(one)}" for one in asked[-REQUESTS:]]
    if world.limited is not None:
        said = {key: f"{one['limit']}/{one['window']}" for key, one in world.limited.items() if key != "token"}
        said |= {key: next(iter(one.values())) for key, one in world.limited.items() if key == "token"}
        options = [f"--{key} {value}" for key, value in said.items()] or ["--none"]
        commands.append(f"mock-oms limit set {' '.join(options)}")
    return lines[-REQUESTS:], commands


def _plan_lines(world: World, one: PlanFacts) -> Iterator[str]:
    """A plan with its next attempt, and what it waits for."""
    yield f"{one.plan} {one.state}" + (f", next attempt {shown(one.next_attempt)}" if one.next_attempt else "")
    if one.state == State.PENDING:
        yield from (f"  {sentence}" for sentence in world.plan(one.plan).missing[:_WAITING])


def _text(fault: Mapping[str, Any]) -> str:
    return json.dumps(flat(fault), ensure_ascii=False)


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
