"""What happens in a world, as its driver reads it: requests and transitions, one by one."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mock_oms.client.facts import Json, Transition
from mock_oms.client.journal import read_entry
from mock_oms.journal.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A vendor request was answered; `id` is where a stream goes on after it."""

    id: str
    request: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A plan went from one state to another."""

    id: str
    transition: Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """So many requests cannot be told: the journal had dropped them already."""

    id: str
    requests: int


Streamed = Requested | Moved | Lost


def streamed(lines: Iterable[str]) -> Iterator[Streamed]:
    """The events that the lines of a stream make; kinds of event that are not known here are left out."""
    said: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        if name:
            said[name] = value.removeprefix(" ")
        elif not line:
            read = _KINDS.get(said.get("event", ""))
            if read is not None:
                yield read(said["id"], json.loads(said["data"]))
            said = {}


_KINDS: Mapping[str, Callable[[str, Json], Streamed]] = {
    "request": lambda place, json: Requested(id=place, request=read_entry(json)),
    "transition": lambda place, json: Moved(id=place, transition=Transition.read(json)),
    "lost": lambda place, json: Lost(id=place, requests=json["requests"]),
}
