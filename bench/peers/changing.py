"""A world that changes: an event every 10 ms by the control API, for as long as something is measured."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from mock_oms.client.control import Control
from mock_oms.client.world import World

#: Seconds between two events.
EVERY = 0.01
#: Threads that take turns: where the mock is busy, an event waits for its answer longer than 10 ms.
_POSTERS = 4


@contextmanager
def changing(url: str) -> Iterator[list[int]]:
    """Restock a shelf of the default world again and again; what is yielded grows by the number of each event.

    A thread whose event is refused ends with a traceback, and the number of events tells.
    """
    happened: list[int] = []
    done = Event()
    with Control(url) as control:
        world = control.world()
        posters = [Thread(target=_post, args=(world, turn, happened, done)) for turn in range(_POSTERS)]
        for poster in posters:
            poster.start()
        try:
            yield happened
        finally:
            done.set()
            for poster in posters:
                poster.join()


def _post(world: World, turn: int, happened: list[int], done: Event) -> None:
    """Every fourth event. One that comes late delays those after it: none is made up for."""
    due = time.monotonic() + turn * EVERY
    while not done.wait(max(0.0, due - time.monotonic())):
        happened.append(world.restock("TST-001-M", "WH001", 1).number)
        due = max(due + _POSTERS * EVERY, time.monotonic())
