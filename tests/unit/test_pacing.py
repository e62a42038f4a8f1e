"""Long work in turns: all of it goes on, and nobody has two turns while another waits."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count, groupby
from threading import local

import pytest

from mock_oms.domain.world import Work, open_world, opening
from mock_oms.worlds.pacing import Pacer
from mock_oms.worlds.snapshot import Snapshot
from mock_oms.worlds.store import LogEntry
from tests.worlds import START, event, scenario

WORKERS = 3


def ticking() -> Callable[[], float]:
    """A clock of each thread's own, which goes on by one at each look."""
    of_thread = local()

    def look() -> float:
        of_thread.looks = getattr(of_thread, "looks", None) or count()
        return float(next(of_thread.looks))

    return look


def test_turns_go_round_and_the_results_come_to_those_who_asked() -> None:
    pacer, beats, counts = Pacer(turn=10, clock=ticking()), list[int](), Counter(dict.fromkeys(range(WORKERS), 0))

    def work(mine: int) -> Work[int]:
        yield from (None for _ in range(10))  # these wait for no turn
        while min(counts.values()) < 500:
            beats.append(mine)
            counts[mine] += 1
            yield
        return mine

    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(lambda mine: pacer.done(work(mine)), range(WORKERS)))
    assert results == list(range(WORKERS))
    last = [len(beats) - 1 - beats[::-1].index(one) for one in range(WORKERS)]
    turns = [one for one, _ in groupby(beats[: min(last)])]
    rounds = turns[max(turns.index(one) for one in range(WORKERS)) :]
    assert all(len(set(rounds[at : at + WORKERS])) == WORKERS for at in range(len(rounds) - WORKERS))
    assert len(rounds) > WORKERS


def test_an_error_is_raised_where_the_work_was_asked_for_and_the_turn_is_passed_on() -> None:
    pacer = Pacer(turn=2, clock=ticking())

    def failing() -> Work[None]:
        yield from (None for _ in range(20))
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            pacer.done(failing())


def test_a_world_lets_others_go_on_at_each_plan_attempt_line_and_event() -> None:
    many = scenario(
        stock={"A": {}},
        plans=[{"items": ["A"], "count": 20}],
        timeline=[{"at": "10m", "block": "WH001"}, {"at": "10m", "open": "WH001"}] * 20,
    )
    beginning = many.setup(seed=None, opened=START)
    log = tuple(
        LogEntry(number=number + 1, at=START + timedelta(days=2), event=event(block="WH001")) for number in range(30)
    )
    saved = Snapshot(scenario=many, seed=0, start=START, now=START + timedelta(days=2), rate=0, log=log)
    pauses = {
        "opening": sum(1 for _ in opening(beginning)),
        "advance": sum(1 for _ in open_world(beginning).advancing(START + timedelta(days=1))),
        "replay": sum(1 for _ in saved.replaying(open_world(beginning))),
    }
    assert pauses == {"opening": 20, "advance": 20 + 40 + 48 * 20, "replay": 20 + 40 + 96 * 20 + 30}
