"""From a scenario's text to a `Scenario`: value by value, then name by name, every problem at once."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError

from mock_oms.domain.events import PlaceOrder
from mock_oms.domain.planner import Key, Planner, Rule
from mock_oms.domain.setup import Backlog, CapturedPlan, SeededPlan, Setup, SimulatedPlan, TimedEvent
from mock_oms.domain.stock import Figures, Location
from mock_oms.rendering.fake_data.locales import cities
from mock_oms.scenarios.consistency import (
    MAX_BACKLOG_TO_SORT,
    Found,
    Ids,
    KnownNames,
    born_later,
    broken_references,
    contradictions,
    repeated_ids,
    too_many,
)
from mock_oms.scenarios.document import (
    START,
    CapturedSection,
    Document,
    LocationSection,
    PlannerSection,
    SeededSection,
    SimulatedSection,
)
from mock_oms.scenarios.errors import Lines, ScenarioError
from mock_oms.scenarios.profiles import Profile, Profiles, joined
from mock_oms.scenarios.schema import DocumentSchema, sentences
from mock_oms.scenarios.yaml_file import read_yaml
from mock_oms.switches import Switches

#: What counts before the defaults, by the names of switches.
SwitchDefaults = Mapping[str, str | int]

_NOTE = "# Written anew with the switches under `answers` that were observed.\n"
_SIZES = ("page_size", "max_page_size")
#: What needs every plan at once, which a large backlog does not allow.
_EVERY_PLAN = {("list", "array"), ("order", "modified_date")}


def with_switch_defaults(data: Any, lines: Lines, adopted: SwitchDefaults) -> tuple[Any, Lines]:
    """A parsed scenario with these switches where it names no others: its own word counts first, the defaults last.

    What would contradict its own word is left out, and what is the default anyway. The text that goes with it is
    written anew, so that the digest, a world that is kept, and what its file says agree.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("answers", {}), Mapping):
        return data, lines
    said = data.get("answers", {})
    more = {name: value for name, value in _fitting(data, said, adopted).items() if value != _default(name)}
    if not more:
        return data, lines
    whole = {**data, "answers": {**more, **said}}
    return whole, replace(lines, text=_NOTE + yaml.safe_dump(whole, allow_unicode=True, sort_keys=False))


def _default(name: str) -> Any:
    return getattr(Switches(), name)


def _fitting(data: Mapping[str, Any], said: Mapping[str, Any], adopted: SwitchDefaults) -> SwitchDefaults:
    more = {name: value for name, value in adopted.items() if name not in said}
    if _is_large(data):
        more = {name: value for name, value in more.items() if (name, value) not in _EVERY_PLAN}
    size, most = (said.get(name, more.get(name, _default(name))) for name in _SIZES)
    if isinstance(size, int) and isinstance(most, int) and size > most:
        more = {name: value for name, value in more.items() if name not in _SIZES}
    return more


def _is_large(data: Mapping[str, Any]) -> bool:
    backlog = data.get("backlog")
    count = backlog.get("count") if isinstance(backlog, Mapping) else None
    return isinstance(count, int) and count > MAX_BACKLOG_TO_SORT


#: The locations of a scenario that names none.
_LOCATIONS: Mapping[str, LocationSection] = {
    "WH001": LocationSection(priority=10),
    "STORE01": LocationSection(priority=20),
    "STORE02": LocationSection(priority=30),
}
_PLENTY = Figures(count=1000)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scenario:
    """A scenario that holds together. It becomes a world with a seed and, if its clock starts `now`, a time.

    `profiles` are those that it has; what they say is in `document` already.
    """

    name: str
    lines: Lines
    document: Document
    blueprint: Setup
    digest: str
    profiles: tuple[Profile, ...] = field(default=(), repr=False)

    def __hash__(self) -> int:
        return hash((self.lines.file.name, self.digest))

    def __eq__(self, other: object) -> bool:
        # By the file's whole name, which its worlds tell as a cause: mine.yml is not mine.yaml.
        mine = (self.lines.file.name, self.digest)
        return isinstance(other, Scenario) and mine == (other.lines.file.name, other.digest)

    def starts(self, opened: datetime) -> datetime:
        """When a world of it begins that is opened now."""
        return self.document.clock.start or opened

    @property
    def text(self) -> str:
        """What its file says."""
        return self.lines.text

    @property
    def answers(self) -> Switches:
        """The switches of the vendor's API."""
        return self.document.answers

    def setup(self, *, seed: int | None, opened: datetime) -> Setup:
        """The beginning of a world: the file's seed where none is given, `opened` where its clock starts now."""
        return replace(
            self.blueprint,
            seed=self.document.seed if seed is None else seed,
            start=self.starts(opened),
        )


def load_scenario(file: Path, profiles: Profiles | None = None, adopted: SwitchDefaults | None = None) -> Scenario:
    """Read and check a scenario file; a `ScenarioError` names everything that is wrong with it.

    Its profiles are looked for beside it, then where `profiles` says, then among those that we ship. Switches that it
    does not name are those that are `adopted`.
    """
    data, lines = with_switch_defaults(*read_yaml(file), adopted or {})
    return build_scenario(data, lines, profiles)


def build_scenario(data: Any, lines: Lines, profiles: Profiles | None = None) -> Scenario:
    """Build a scenario from a document that was parsed already; see `load_scenario`."""
    try:
        document: Document = DocumentSchema().load(data)
    except ValidationError as error:
        found_in = sentences(error.messages_dict, data)
        raise ScenarioError(lines.problem(place, message) for place, message in found_in) from None
    _refuse(too_many(document), lines)
    whole = joined(document, (profiles or Profiles()).beside(lines.file))
    document = whole.document
    setup = _blueprint(document, lines.file.name)
    broken = broken_references(document, _names(document, setup))
    _refuse(chain(contradictions(document), whole.found, broken, repeated_ids(setup)), lines)
    return Scenario(
        name=lines.file.stem,
        lines=lines,
        document=document,
        blueprint=setup,
        digest=_digest(data, *(one.data for one in whole.used)),
        profiles=whole.used,
    )


def _digest(*said: Any) -> str:
    """Twelve hexadecimal digits of what files say; their comments, spaces and the order of their keys do not matter."""
    text = "".join(json.dumps(one, sort_keys=True, default=str) for one in said)
    return sha256(text.encode()).hexdigest()[:12]


def _refuse(found: Iterable[Found], lines: Lines) -> None:
    problems = [lines.problem(place, message) for place, message in found]
    if problems:
        raise ScenarioError(problems)


def _names(document: Document, setup: Setup) -> KnownNames:
    ids = {one for _, group in setup.numbered() for one in group}
    ids |= {line.event.id for line in document.timeline if isinstance(line.event, PlaceOrder) and line.event.id}
    later = range(setup.first_id, max([setup.first_id - 1, *ids]) + 1 + born_later(document))
    return KnownNames(
        locations=setup.locations,
        skus=None if document.stock is None else dict.fromkeys(sku for sku, _ in setup.stock),
        plans=Ids(parts=(ids, setup.backlog_ids, later)),
    )


def _blueprint(document: Document, file: str) -> Setup:
    """The setup that every world of the scenario begins with, but for its seed and its time."""
    locations = _locations(document)
    stock = _stock(document, tuple(locations))
    backlog = document.backlog
    return Setup(
        seed=document.seed,
        start=document.clock.start or START,
        planner=_planner(document.planner, next(iter(locations))),
        locations=locations,
        stock=stock,
        cities=cities(document.locale),
        plans=tuple(
            one for one in map(_plan, document.plans or ()) if not isinstance(one, CapturedPlan) or one.is_usable
        ),
        timeline=_timeline(document, file),
        backlog=Backlog(count=backlog.count, states=backlog.states) if backlog else None,
        skus=frozenset(sku for sku, _ in stock),
    )


def _locations(document: Document) -> dict[str, Location]:
    known = cities(document.locale)
    sections = document.locations or _LOCATIONS
    return {
        code: Location(
            id=number + 1,
            code=code,
            type=one.type,
            priority=one.priority,
            active=one.active,
            city=one.city or known[number % len(known)],
            name=one.name,
            max_quota=one.max_quota,
            quota=one.quota,
        )
        for number, (code, one) in enumerate(sections.items())
    }


def _stock(document: Document, codes: tuple[str, ...]) -> dict[Key, Figures]:
    """The declared stock; where none is declared, plenty of everything that is ordered, everywhere."""
    if document.stock is not None:
        return {(sku, code): cells.get(code, Figures()) for sku, cells in document.stock.items() for code in codes}
    orders = [*(document.plans or ()), *(line.event for line in document.timeline)]
    skus = dict.fromkeys(sku for one in orders if isinstance(one, PlaceOrder) for sku in one.items)
    return {(sku, code): _PLENTY for sku in skus for code in codes}


def _planner(section: PlannerSection, first_location: str) -> Planner:
    only = Rule(**{one.name: getattr(section, one.name) for one in fields(Rule)})
    return Planner(
        first=section.first,
        every=section.every,
        default_location=section.default_location or first_location,
        rules=section.rules or (only,),
        not_found=section.not_found,
        replan=section.replan,
    )


def _plan(section: SimulatedSection | SeededSection | CapturedSection) -> SimulatedPlan | SeededPlan | CapturedPlan:
    if isinstance(section, CapturedSection):
        return CapturedPlan(raw=section.raw)
    if isinstance(section, SeededSection):
        return SeededPlan(state=section.state, count=section.count, wanted_id=section.id)
    order = PlaceOrder(**{one.name: getattr(section, one.name) for one in fields(PlaceOrder)})
    return SimulatedPlan(order=order, count=section.count)


def _timeline(document: Document, file: str) -> tuple[TimedEvent, ...]:
    """The lines in the order of their times; lines of one time stay in the order of the file.

    Their origins name the file without its folder: a world must tell the same wherever its scenario lies.
    """
    lines = [
        TimedEvent(at=line.at, event=line.event, origin=f"timeline[{number}] of {file}")
        for number, line in enumerate(document.timeline)
    ]
    return tuple(sorted(lines, key=lambda line: line.at))
