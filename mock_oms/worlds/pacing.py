"""Long work on worlds, such as an advance by a year, done in turns: whoever has more to do waits for all others."""

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from mock_oms.domain.world import Work
from mock_oms.worlds.host_clock import elapsed

T = TypeVar("T")
#: Seconds of a turn. What is done within the first waits for nobody.
TURN = 0.005


class Pacer:
    """Lets work be done; threads share one, so that of all that takes longer than a turn only one is done at a time.

    Turns are given in the order in which they were asked for: eight advances get an eighth of the time each.
    """

    def __init__(self, turn: float = TURN, clock: Callable[[], float] = elapsed) -> None:
        self._turn, self._clock = turn, clock
        self._lock, self._waiting, self._is_taken = Lock(), deque[Lock](), False

    def done(self, work: Work[T]) -> T:
        """The result of the work, in the thread of the caller."""
        try:
            self._work_on(work)
            self._wait_for_turn()
            try:
                while True:
                    self._work_on(work)
                    self._let_others()
            finally:
                self._pass_on()
        except StopIteration as end:
            result: T = end.value
            return result

    def _work_on(self, work: Work[T]) -> None:
        until = self._clock() + self._turn
        while self._clock() < until:
            next(work)

    def _wait_for_turn(self) -> None:
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return
            mine = self._queue_up()
        mine.acquire()  # until the turn is passed on

    def _let_others(self) -> None:
        """Let everybody who waits have a turn first."""
        with self._lock:
            if not self._waiting:
                return
            mine = self._queue_up()
            self._waiting.popleft().release()
        mine.acquire()

    def _queue_up(self) -> Lock:
        mine = Lock()
        mine.acquire()
        self._waiting.append(mine)
        return mine

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False
