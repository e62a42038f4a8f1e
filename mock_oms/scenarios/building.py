"""From the text of a scenario file to a `Scenario`, and from that to the setup of a world."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import field, fields, replace
from datetime import datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from mock_oms.dataclass import dataclass
from mock_oms.domain.events import PlaceOrder
from mock_oms.domain.planner import Planner, Rule
from mock_oms.domain.setup import SEEDING, START, Backlog, CapturedPlan, SeededPlan, Setup, SimulatedPlan, TimedEvent
from mock_oms.domain.stock import Figures, Key, Location
from mock_oms.rendering.fake_data.locales import cities
from mock_oms.scenarios.consistency import MAX_BACKLOG_TO_SORT, NEEDS_EVERY_PLAN, Found, inconsistencies, too_many_plans
from mock_oms.scenarios.document import Document, LocationSection, SeededSection, SimulatedSection
from mock_oms.scenarios.errors import Lines, ScenarioError
from mock_oms.scenarios.profiles import Profile, Profiles, with_profiles
from mock_oms.scenarios.schema import DocumentSchema, load_document
from mock_oms.scenarios.yaml_file import read_yaml, write_flow
from mock_oms.switches import Switches

#: Values for switches that a scenario does not name, by their names.
SwitchDefaults = Mapping[str, str | int]

#: The locations of a scenario that names none, and its stock where none is declared.
_LOCATIONS: Mapping[str, LocationSection] = {
    "WH001": LocationSection(priority=10),
    "STORE01": LocationSection(priority=20),
    "STORE02": LocationSection(priority=30),
}
_PLENTY = Figures(count=1000)
#: Digests of shipped scenarios that have changed since in nothing but what they expect, and those that they have now.
SAME_BUT_FOR_EXPECT: Mapping[str, str] = {"ba4bf35f0221": "89886ea263bd", "dd53b92eb5e5": "b80cffbc0022"}
#: Snapshots and files of worlds of earlier versions are of worlds whose seeded plans are made by the first rules.
FIRST_OF_SEEDING_2 = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scenario:
    """A consistent scenario. It becomes the setup of a world with a seed and, if its clock starts `now`, a time.

    `data` is what its file holds, `document` what this means; the latter holds what its `profiles` say too. An `inline`
    one was sent, and there is no file: its name is all that is known of where it is from.
    """

    name: str
    lines: Lines
    data: Any = field(repr=False)
    document: Document
    blueprint: Setup
    digest: str
    profiles: tuple[Profile, ...] = field(default=(), repr=False)
    inline: bool = False

    def __hash__(self) -> int:
        return hash(self._identity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scenario) and self._identity == other._identity

    @property
    def _identity(self) -> tuple[str, str, tuple[str, ...]]:
        # By the file's whole name, which its worlds show as a cause: mine.yml is not mine.yaml. The digest is the same
        # where locations have another order, but then they have other ids.
        return self.lines.file.name, self.digest, tuple(self.document.locations)

    def starts(self, opened: datetime) -> datetime:
        """When a world of it begins that is opened now."""
        return self.document.clock.start or opened

    @property
    def text(self) -> str:
        """How it is written; of an inline one, how a file would be."""
        return self.lines.text or write_flow(self.data)

    @property
    def answers(self) -> Switches:
        """The switches of the vendor's API."""
        return self.document.answers

    def setup(self, *, seed: int | None, opened: datetime, seeding: int = SEEDING) -> Setup:
        """The beginning of a world: the file's seed where none is given, `opened` where its clock starts now."""
        seed = self.document.seed if seed is None else seed
        return replace(self.blueprint, seed=seed, start=self.starts(opened), seeding=seeding)

    def has_digest(self, digest: str) -> bool:
        """Whether this is the digest of the scenario, or of another version of it that makes the same world."""
        mine, other = (SAME_BUT_FOR_EXPECT.get(one, one) for one in (self.digest, digest))
        return mine == other

    def seeding(self, version: int) -> int:
        """By which rules a world that was written down in this version makes its seeded plans, if it has any."""
        return 1 if version < FIRST_OF_SEEDING_2 and self.blueprint.is_seeded else SEEDING


def load_scenario(file: Path, profiles: Profiles | None = None, adopted: SwitchDefaults | None = None) -> Scenario:
    """Read and check a scenario file; a `ScenarioError` names everything that is wrong with it.

    Its profiles are looked for beside it, then where `profiles` says, then among those that we ship. Switches that it
    does not name are those that are `adopted`.
    """
    data, lines = read_scenario(file)
    whole = with_switch_defaults(data, adopted or {})
    try:
        scenario = build_scenario(whole, lines, profiles)
    except ScenarioError as error:
        raise ScenarioError(error.problems, captured=lines.captured) from None
    if whole is data and not lines.captured:
        return scenario
    # Written again, so that digest, stored text and answers of a world agree.
    note = "# Written anew with the switches that were observed, and the captured plans, in it.\n"
    return replace(scenario, lines=replace(lines, text=note + write_flow(whole)))


def read_scenario(file: Path) -> tuple[Any, Lines]:
    """The document in a scenario file, complete: with the plans of each captured file that it names.

    :raises ScenarioError: the file, or one that it names, cannot be used.
    """
    data, lines = read_yaml(file)
    plans = data.get("plans") if isinstance(data, Mapping) else None
    if isinstance(plans, list) and any(isinstance(one, Mapping) and isinstance(one.get("raw"), str) for one in plans):
        from mock_oms.scenarios.captured_files import with_captured_plans  # noqa: PLC0415  few scenarios name one

        return with_captured_plans(data, lines)
    return data, lines


def with_switch_defaults(data: Any, adopted: SwitchDefaults) -> Any:
    """A parsed scenario with these switches where it names no others, and as far as they do not contradict it."""
    answers = data.get("answers", {}) if isinstance(data, Mapping) else None
    if not isinstance(answers, Mapping):
        return data
    defaults = Switches()
    more = {name: value for name, value in adopted.items() if name not in answers and value != getattr(defaults, name)}
    backlog = data.get("backlog")
    count = backlog.get("count") if isinstance(backlog, Mapping) else None
    if isinstance(count, int) and count > MAX_BACKLOG_TO_SORT:
        more = {name: value for name, value in more.items() if (name, value) not in NEEDS_EVERY_PLAN}
    sizes = ("page_size", "max_page_size")
    size, most = (answers.get(name, more.get(name, getattr(defaults, name))) for name in sizes)
    if isinstance(size, int) and isinstance(most, int) and size > most:
        more = {name: value for name, value in more.items() if name not in sizes}
    return {**data, "answers": {**more, **answers}} if more else data


def build_scenario(data: Any, lines: Lines, profiles: Profiles | None = None, *, inline: bool = False) -> Scenario:
    """Build a scenario from a document that was parsed already; see `load_scenario`. An `inline` one has no profiles beside it."""
    document: Document = load_document(DocumentSchema(), data, lines)
    _refuse(too_many_plans(document), lines)
    known = profiles or Profiles()
    document, used, found = with_profiles(document, known if inline else known.beside(lines.file))
    setup = _setup(document, lines.file.name)
    _refuse(chain(found, inconsistencies(document, setup)), lines)
    # Of what the files say; their comments, spaces and the order of their keys do not matter.
    said = "".join(json.dumps(one, sort_keys=True, default=str) for one in (data, *(one.data for one in used)))
    digest = sha256(said.encode()).hexdigest()[:12]
    name = lines.file.name if inline else lines.file.stem
    return Scenario(
        name=name,
        lines=lines,
        data=data,
        document=document,
        blueprint=setup,
        digest=digest,
        profiles=used,
        inline=inline,
    )


def _refuse(found: Iterable[Found], lines: Lines) -> None:
    problems = [lines.problem(place, message) for place, message in found]
    if problems:
        raise ScenarioError(problems)


def _made(kind: type[T], section: object, **more: Any) -> T:
    """One of a kind, with the fields of a section that have the same names, but for `more`."""
    names = [one.name for one in fields(kind) if one.name not in more and hasattr(section, one.name)]  # type: ignore[arg-type]
    return kind(**{name: getattr(section, name) for name in names}, **more)


def _setup(document: Document, file: str) -> Setup:
    """The setup that every world of the scenario begins with, but for its seed and its time."""
    known = cities(document.locale)
    locations = {
        code: _made(Location, one, id=number + 1, code=code, city=one.city or known[number % len(known)])
        for number, (code, one) in enumerate((document.locations or _LOCATIONS).items())
    }
    section = document.planner
    default, rules = section.default_location or next(iter(locations)), section.rules or (_made(Rule, section),)
    planner = _made(Planner, section, default_location=default, rules=rules)
    # Lines of one time stay in the order of the file, whose folder is not named: a world is the same wherever it lies.
    timeline = [
        TimedEvent(at=line.at, event=line.event, origin=f"timeline[{number}] of {file}")
        for number, line in enumerate(document.timeline)
    ]
    plans = map(_plan, document.plans or ())
    stock = _stock(document, tuple(locations))
    return Setup(
        seed=document.seed,
        start=document.clock.start or START,
        planner=planner,
        locations=locations,
        stock=stock,
        cities=known,
        plans=tuple(one for one in plans if not isinstance(one, CapturedPlan) or one.is_usable),
        timeline=tuple(sorted(timeline, key=lambda line: line.at)),
        backlog=_made(Backlog, document.backlog) if document.backlog else None,
        skus=frozenset(sku for sku, _ in stock),
    )


def _stock(document: Document, codes: tuple[str, ...]) -> dict[Key, Figures]:
    """The declared stock; where none is declared, plenty of everything that is ordered, everywhere."""
    if document.stock is not None:
        return {(sku, code): cells.get(code, Figures()) for sku, cells in document.stock.items() for code in codes}
    orders = [*(document.plans or ()), *(line.event for line in document.timeline)]
    skus = dict.fromkeys(sku for one in orders if isinstance(one, PlaceOrder) for sku in one.items)
    return {(sku, code): _PLENTY for sku in skus for code in codes}


def _plan(section: SimulatedSection | SeededSection | CapturedPlan) -> SimulatedPlan | SeededPlan | CapturedPlan:
    if isinstance(section, CapturedPlan):
        return section
    if isinstance(section, SeededSection):
        return _made(SeededPlan, section, wanted_id=section.id)
    return _made(SimulatedPlan, section, order=_made(PlaceOrder, section))
