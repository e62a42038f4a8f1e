"""The real project on a real port, in a process of its own: it plays the OMS of a customer.

`python -m tests.drf.serving --plans plans.json --switch page_size=20` prints its address and serves until it is ended.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from mock_oms.switches import Switches
from tests.drf.fake_world import FULL, WORLDS

ANNOUNCED = "Serving on "
ROOT = Path(__file__).parents[2]


@contextmanager
def real_oms(folder: Path, plans: Sequence[Mapping[str, Any]], **switches: object) -> Iterator[str]:
    """Its address while it serves these plans under `FULL` as the token; `folder` is for its files."""
    file = folder / "plans-of-the-real-oms.json"
    file.write_text(json.dumps(list(plans)), encoding="utf-8")
    told = [word for name, value in switches.items() for word in ("--switch", f"{name}={value}")]
    command = [sys.executable, "-m", "tests.drf.serving", "--plans", str(file), *told]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield next(iter(process.stdout or ()), "").removeprefix(ANNOUNCED).strip()
        finally:
            process.kill()


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


def switch_of(text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    numbers = {one.name for one in fields(Switches) if isinstance(one.default, int)}
    return name, int(value) if name in numbers else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--switch", action="append", default=[], type=switch_of)
    given = parser.parse_args()
    WORLDS[FULL] = {int(one["id"]): one for one in json.loads(given.plans.read_text(encoding="utf-8"))}
    from tests.drf.project import django_app  # noqa: PLC0415  it reads the worlds when it begins

    application = django_app(Switches(**dict(given.switch)))
    with make_server("127.0.0.1", given.port, application, handler_class=Quiet) as server:
        sys.stdout.write(f"{ANNOUNCED}http://127.0.0.1:{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
