"""`python sampled.py FILE serve ...`: the mock, which looks every few milliseconds of CPU what it is doing.

At its end it writes to FILE how often it was found at each part of its work, as JSON.
"""

import atexit
import json
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

from mock_oms.cli.main import main

#: Seconds of CPU between two looks.
_STEP = 0.004
#: Which part of the work a function belongs to, by the end of its file; no name: all of the file. A signal waits for the
#: next step of Python: what uvloop does to read counts for what follows, the call that writes for who calls it.
_PARTS = (
    ("writing", "asyncio/selector_events.py", "write"),
    ("writing", "asgi/connection.py", "write_ok"),
    ("reading, and recognising the head", "asgi/http_protocol.py", ""),
    ("whether the answer still holds", "asgi/cached_answers.py", ""),
    ("whether the answer still holds", "asgi/answering.py", ""),
    ("whether the answer still holds", "worlds/manager.py", ""),
    ("whether the answer still holds", "worlds/open_world.py", ""),
    ("metrics and log", "mock_oms/metrics.py", ""),
    ("metrics and log", "asgi/access_log.py", ""),
    ("the journal's record", "asgi/application.py", ""),
    ("the journal's record", "journal/journal.py", ""),
    ("reading, and recognising the head", "asyncio/selector_events.py", ""),
    ("reading, and recognising the head", "asyncio/base_events.py", ""),
    ("reading, and recognising the head", "asyncio/runners.py", ""),
)


def part_of(frame: FrameType | None) -> str | None:
    """The part of the work that the innermost known function belongs to; None before there is an event loop."""
    while frame is not None:
        file, name = frame.f_code.co_filename, frame.f_code.co_name
        for part, ending, function in _PARTS:
            if file.endswith(ending) and function in {"", name}:
                return part
        frame = frame.f_back
    return None


if __name__ == "__main__":
    found: Counter[str] = Counter()

    def end() -> None:
        """Stop to look, and write down what was found."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        Path(sys.argv[1]).write_text(json.dumps(found))

    atexit.register(end)
    signal.signal(signal.SIGPROF, lambda _, frame: found.update(filter(None, (part_of(frame),))))
    signal.setitimer(signal.ITIMER_PROF, _STEP, _STEP)
    main(sys.argv[2:])
