"""Whether the names in a scenario file refer to something."""

from collections import Counter
from collections.abc import Callable, Collection, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_oms.domain.errors import nearest
from mock_oms.domain.events import HIGHEST_ID, PlaceOrder, Refuse, ReportNotFound, RunCommand, word_of
from mock_oms.domain.lifecycle import COMMANDS
from mock_oms.domain.setup import Setup
from mock_oms.scenario.document import Document, SimulatedSection
from mock_oms.scenario.problems import Place

Found = tuple[Place, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """Several collections of ids, asked as one and never listed."""

    parts: tuple[Container[int], ...]

    def __contains__(self, plan_id: object) -> bool:
        return any(plan_id in part for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a document's names may refer to. `skus` None: no stock is declared, so every SKU is plentiful."""

    locations: Collection[str]
    skus: Collection[str] | None
    plans: Container[int]

    def missing(self, kind: str, name: Any, place: Place) -> Iterator[Found]:
        """A problem, unless there is such a thing."""
        known: Mapping[str, Container[Any] | None] = {
            "location": self.locations,
            "sku": self.skus,
            "plan": self.plans,
        }
        names = known[kind]
        if name is None or names is None or name in names:
            return
        hint = nearest(name, names) if isinstance(names, Collection) else ""
        yield place, f"found {name}, which is no {kind} of this scenario{hint}."


def broken_references(document: Document, names: Names) -> Iterator[Found]:
    """Every name in the document that refers to nothing."""
    for find in _REFERENCES:
        yield from find(document, names)


def _in_stock(document: Document, names: Names) -> Iterator[Found]:
    for sku, cells in (document.stock or {}).items():
        for code in cells:
            yield from names.missing("location", code, ("stock", sku, code))


def _in_planner(document: Document, names: Names) -> Iterator[Found]:
    planner = document.planner
    yield from names.missing("location", planner.default_location, ("planner", "default_location"))
    for place, rule in (
        (("planner",), planner),
        *((("planner", "rules", n), one) for n, one in enumerate(planner.rules)),
    ):
        for key, codes in (("allow", rule.allow or ()), ("except", rule.exclude)):
            for code in sorted(codes):
                yield from names.missing("location", code, (*place, key))


def _in_plans(document: Document, names: Names) -> Iterator[Found]:
    for number, plan in enumerate(document.plans or ()):
        if isinstance(plan, SimulatedSection):
            for place, sku in enumerate(plan.items):
                yield from names.missing("sku", sku, ("plans", number, "items", place))


def _in_timeline(document: Document, names: Names) -> Iterator[Found]:
    for number, line in enumerate(document.timeline):
        place = ("timeline", number, word_of(line.event))
        for kind in ("sku", "location", "plan"):
            yield from names.missing(kind, getattr(line.event, kind, None), (*place, kind))
        for item, sku in enumerate(line.event.items if isinstance(line.event, PlaceOrder) else ()):
            yield from names.missing("sku", sku, (*place, "items", item))


def _in_commands(document: Document, _: Names) -> Iterator[Found]:
    slugs = dict.fromkeys(row.slug for row in COMMANDS)
    known = {*slugs, *(str(row.id) for row in COMMANDS)}
    for number, line in enumerate(document.timeline):
        if isinstance(line.event, RunCommand) and str(line.event.run) not in known:
            yield (
                ("timeline", number, "command", "run"),
                f"found {line.event.run}, which is no command{nearest(line.event.run, slugs)}.",
            )


def _in_expectations(document: Document, names: Names) -> Iterator[Found]:
    for number, one in enumerate(document.expect):
        place = ("expect", number)
        yield from names.missing("plan", one.plan, (*place, "plan"))
        for sku, code in (one.location or {}).items():
            yield from names.missing("location", code, (*place, "location", sku))
        for sku, cells in (one.stock or {}).items():
            yield from names.missing("sku", sku, (*place, "stock", sku))
            for code in cells:
                yield from names.missing("location", code, (*place, "stock", sku, code))


def _in_faults(document: Document, names: Names) -> Iterator[Found]:
    for number, one in enumerate(document.faults):
        own: Place = ("faults", number, "plan")
        place = ("profiles", document.profiles.index(one.profile)) if one.profile else own
        yield from names.missing("plan", one.fault.plan, place)


_REFERENCES: tuple[Callable[[Document, Names], Iterator[Found]], ...] = (
    _in_stock,
    _in_planner,
    _in_plans,
    _in_timeline,
    _in_commands,
    _in_expectations,
    _in_faults,
)


def born_later(document: Document) -> int:
    """How many plans the timeline may bring into the world without naming their ids."""
    return sum(isinstance(line.event, (PlaceOrder, Refuse, ReportNotFound)) for line in document.timeline)


def repeated_ids(setup: Setup) -> Iterator[Found]:
    """Plans that ask for an id which another plan has, or lead past the highest one."""
    ids = Counter(one for _, group in setup.numbered() for one in group)
    for number, (_, group) in enumerate(setup.numbered()):
        if group.stop > HIGHEST_ID + 1:
            yield ("plans", number), f"its ids go up to {group.stop - 1}; accepted: up to {HIGHEST_ID}."
        twice = next((one for one in group if ids[one] > 1), None)
        if twice is not None:
            yield ("plans", number), f"the id {twice} is used by more than one plan."
