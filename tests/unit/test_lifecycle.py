"""The lifecycle's table: what leads where, what is offered, and what is refused with the way out."""

from typing import Any

import pytest

from mock_oms.domain.errors import IllegalCommandError, IllegalEventError
from mock_oms.domain.lifecycle import (
    COMMANDS,
    TERMINAL,
    TRANSITIONS,
    State,
    Transition,
    Trigger,
    commands_in,
    find_command,
)
from mock_oms.domain.planner import move
from mock_oms.domain.world import World
from tests.worlds import event, happened, later, opened, plan_of

SLUGS = ("plan-reschedule", "plan-cancel", "plan-complete")
LEGAL = {State.START: ("plan-cancel",), State.PENDING: SLUGS, State.COMPLETED: (), State.CANCELLED: ()}
KINDS = ("simulated", "seeded", "captured", "backlog")


def a_plan(state: State, kind: str) -> World:
    """A world whose plan 7 is in this state: simulated, seeded, captured, or in the backlog."""
    if kind == "seeded":
        return opened(plans=[{"id": 7, "state": state}])
    if kind == "captured":
        return opened(plans=[{"raw": {"id": 7, "state": state}}])
    if kind == "backlog":
        return opened(plans=[], backlog={"count": 9, "states": {state: 1}})
    count = 1 if state is State.COMPLETED else 0
    world = opened(stock={"A": {"WH001": count}}, plans=[{"id": 7, "items": ["A"], "hold": state is State.START}])
    world = later(world, "2m")
    return world.apply(event(command={"plan": 7, "run": "plan-cancel"})) if state is State.CANCELLED else world


@pytest.mark.parametrize("state", State)
def test_a_state_offers_the_commands_that_lead_out_of_it(state: State) -> None:
    assert tuple(row.slug for row in commands_in(state)) == LEGAL[state]


def test_no_command_leads_out_of_a_terminal_state_and_no_two_transitions_share_an_id() -> None:
    assert {State.CANCELLED, State.COMPLETED} == TERMINAL
    assert not any(row.source in TERMINAL for row in COMMANDS)
    assert len({row.id for row in TRANSITIONS}) == len(TRANSITIONS)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda row: str(row.id))
def test_a_command_is_found_by_slug_by_number_and_by_digits(command: Transition) -> None:
    assert {find_command(command.source, run) for run in (command.slug, command.id, str(command.id))} == {command}


@pytest.mark.parametrize("run", ["attempt-pending", 11, "", "Cancel", 0, -2, "2 "])
def test_only_commands_can_be_run(run: str | int) -> None:
    assert find_command(State.START, run) is None


def test_a_plan_moves_only_along_the_arrows_of_the_table() -> None:
    plan = plan_of(a_plan(State.COMPLETED, "seeded"), 7)
    with pytest.raises(IllegalEventError) as refusal:
        move(plan, State.CANCELLED, Trigger.COMMAND, plan.modified, "a mistake")
    assert str(refusal.value) == "Plan 7 is completed: command does not lead from there to cancelled."


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", State)
def test_a_command_leads_where_the_table_says_or_names_the_legal_ones(kind: str, state: State) -> None:
    world = a_plan(state, kind)
    assert plan_of(world, 7).state is state
    for slug in SLUGS:
        row = find_command(state, slug)
        if slug in LEGAL[state]:
            assert row is not None
            assert plan_of(world.apply(event(command={"plan": 7, "run": slug})), 7).state is row.target
        else:
            with pytest.raises(IllegalCommandError) as refusal:
                world.apply(event(command={"plan": 7, "run": slug}))
            assert refusal.value.legal == LEGAL[state]


@pytest.mark.parametrize(
    ("state", "run", "sentence"),
    [
        ("start", "plan-complete", "'plan-complete' cannot run on plan 7, which is start; legal now: plan-cancel."),
        ("completed", 3, "3 cannot run on plan 7, which is completed; no command is legal in this state."),
        (
            "completed",
            "plan-cancle",
            "There is no command 'plan-cancle'; the nearest is plan-cancel. Plan 7 is completed; no c",
        ),
        ("pending", "x", f"There is no command 'x'; known: {', '.join(SLUGS)}. Plan 7 is pending; legal "),
    ],
)
def test_a_command_is_refused_with_the_state_and_the_way_out(state: str, run: str | int, sentence: str) -> None:
    with pytest.raises(IllegalCommandError) as refusal:
        a_plan(State(state), "simulated").apply(event(command={"plan": 7, "run": run}))
    assert str(refusal.value).startswith(sentence)


def test_a_command_that_comes_too_early_says_what_comes_first() -> None:
    plan: dict[str, Any] = {"id": 7, "items": ["A"]}
    said = []
    for one, at in (
        (plan, "0s"),
        (plan, "59s"),
        ({**plan, "hold": True}, "0s"),
        ({"raw": {"id": 7, "state": "start"}}, "0s"),
    ):
        with pytest.raises(IllegalCommandError) as refusal:
            happened(opened(stock={"A": {}}, plans=[one]), at, command={"plan": 7, "run": "plan-reschedule"})
        said.append(str(refusal.value).partition("plan-cancel.")[2])
    first = " Not before the first attempt: "
    assert said == [
        *(f"{first}advance the clock by {seconds}s first." for seconds in (60, 1)),
        f"{first}confirm plan 7 first.",
        "",
    ]


def test_the_seconds_until_the_first_attempt_are_enough() -> None:
    """That of a seeded plan comes between two of them."""
    world = opened(plans=[{"id": 7, "state": "start"}])
    with pytest.raises(IllegalCommandError) as refusal:
        happened(world, "0s", command={"plan": 7, "run": "plan-complete"})
    wait = str(refusal.value).partition("advance the clock by ")[2].partition(" ")[0]
    assert plan_of(later(world, wait), 7).state is not State.START
