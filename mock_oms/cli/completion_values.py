"""The values that a shell completes: names of files, and what a running mock has, unless it does not answer at once."""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import click
from click.shell_completion import CompletionItem

from mock_oms.settings import environment_variable, shipped
from mock_oms.tokens import ControlTokenError, given_token

#: What gives the values of a parameter that begin so.
Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
#: Seconds that a mock has to answer, bytes that are read of it, and rows that are asked for.
_PATIENCE, _MOST, _ROWS = 0.3, 1_000_000, 200
#: Names that mean nothing else to a shell: it puts them into the line as they are.
_SAFE = re.compile(r"[\w.,:@+-]+")


def _completer(values: Callable[[click.Context], Iterable[Any]], *, or_file: bool = False) -> Completer:
    """Completes by these values; where none begins so, perhaps by a file."""

    def complete(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        found: list[CompletionItem] = []
        with suppress(KeyError, TypeError, AttributeError):  # nobody answered, or somebody else
            names = dict.fromkeys(map(str, values(context)))
            found = [CompletionItem(name) for name in names if name.startswith(incomplete) and _SAFE.fullmatch(name)]
        return found or [CompletionItem(incomplete, type="file")] * or_file

    return complete


def _names(context: click.Context, folder: str = "") -> Iterator[str]:
    """The names of scenario files, or of the files in a folder beside them: the user's own, and those that we ship."""
    own = context.params.get("scenarios") or os.environ.get(environment_variable("scenarios"))
    for place in filter(None, (own, shipped("scenarios"))):
        with suppress(OSError):  # the library itself takes longer to import than a completion may last
            files = [one for one in (Path(place) / folder).iterdir() if one.suffix in {".yaml", ".yml"}]
            yield from sorted(one.stem for one in files if not one.name.startswith("."))


def _asked(context: click.Context, *path: str) -> Any:  # noqa: ANN401  JSON enters
    """What the mock that the options name answers about a path of the control API; None where it does not, or not at once."""
    found: list[Any] = []
    # The time-out of a connection is for each of its steps, and a host that sends drop by drop takes many.
    asking = Thread(target=lambda: found.extend(_answers(context.params, "/".join(["/_mock", *path]))), daemon=True)
    asking.start()
    asking.join(_PATIENCE)
    return found[0] if found else None


def _answers(given: Mapping[str, Any], path: str) -> Iterator[Any]:
    from http.client import HTTPConnection, HTTPException, HTTPSConnection
    from urllib.parse import urlsplit

    with suppress(OSError, HTTPException, ValueError, RecursionError, ControlTokenError):
        url = urlsplit(given["url"])
        host = url.netloc.rpartition("@")[2]
        token = given_token(given.get("control_token"), given.get("control_token_file"))
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connection = HTTPConnection(host, timeout=_PATIENCE)
        if url.scheme == "https":
            from ssl import create_default_context

            connection = HTTPSConnection(
                host, timeout=_PATIENCE, context=create_default_context(cafile=given.get("ca"))
            )
        with closing(connection):
            connection.request("GET", f"{url.path.rstrip('/')}{path}", headers=headers)
            yield json.loads(connection.getresponse().read(_MOST))


def _of_world(context: click.Context, *path: str) -> Any:  # noqa: ANN401  as above
    return _asked(context, "worlds", quote(context.params["world"], safe=""), *path)


def _commands(context: click.Context) -> Iterable[str]:
    """Those that the plan takes now; where no mock tells, all that there are."""
    plan = _of_world(context, "plans", str(context.params["plan"]))
    return [one["slug"] for one in plan["legal"]] if plan else ["plan-cancel", "plan-complete", "plan-reschedule"]


def _of_fault(name: str) -> Callable[[click.Context], Iterable[Any]]:
    def values(_: click.Context) -> Iterable[Any]:
        from mock_oms.traffic.faults import fault

        known: Mapping[str, Iterable[Any]] = {
            "status": fault.STATUSES,
            "connection": fault.Connection,
            "body": fault.BrokenBody,
            "shape": fault.Shape,
        }
        return known[name]

    return values


#: By the names of what is completed.
VALUES: Mapping[str, Completer] = {
    "scenario": _completer(_names, or_file=True),
    "playable scenario": _completer(
        lambda context: [one["name"] for one in _asked(context, "scenarios")["scenarios"]], or_file=True
    ),
    "profile": _completer(partial(_names, folder="profiles")),
    "world": _completer(lambda context: [one["name"] for one in _asked(context, "worlds")["worlds"]]),
    "plan": _completer(lambda context: [one["plan"] for one in _of_world(context, f"plans?limit={_ROWS}")["plans"]]),
    "command": _completer(_commands),
    "fault": _completer(lambda context: [one["id"] for one in _of_world(context, "faults")["faults"]]),
    "request": _completer(
        lambda context: [one["number"] for one in reversed(_of_world(context, f"requests?limit={_ROWS}")["requests"])]
    ),
    **{name: _completer(_of_fault(name)) for name in ("status", "connection", "body", "shape")},
}
