"""Whether the names in a scenario file refer to something, and its sections go together."""

from collections import Counter
from collections.abc import Callable, Collection, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_oms.domain.errors import nearest
from mock_oms.domain.events import PlaceOrder, Refuse, ReportNotFound, word_of
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ITEM_IDS
from mock_oms.domain.setup import Setup
from mock_oms.scenario.document import Document, RawSection, SimulatedSection
from mock_oms.scenario.problems import Place

Found = tuple[Place, str]

MAX_STORED_PLANS = 100_000
MAX_BACKLOG_TO_SORT = 10_000


@dataclass(frozen=True, slots=True)
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


_REFERENCES: tuple[Callable[[Document, Names], Iterator[Found]], ...] = (
    _in_stock,
    _in_planner,
    _in_plans,
    _in_timeline,
    _in_expectations,
)


def born_later(document: Document) -> int:
    """How many plans the timeline may bring into the world without naming their ids."""
    return sum(isinstance(line.event, (PlaceOrder, Refuse, ReportNotFound)) for line in document.timeline)


def contradictions(document: Document) -> Iterator[Found]:
    """Sections that do not go together."""
    for find in _CONTRADICTIONS:
        yield from find(document)


def _nothing_to_serve(document: Document) -> Iterator[Found]:
    if document.plans is None and document.backlog is None:
        yield (), "a scenario needs `plans` (an empty list will do) or a `backlog`."


def _too_many(document: Document) -> Iterator[Found]:
    total = sum(getattr(one, "count", 1) for one in document.plans or ())
    if total > MAX_STORED_PLANS:
        yield ("plans",), f"found {total} plans; accepted: up to {MAX_STORED_PLANS}, a `backlog` holds more."
    for number, one in enumerate(document.plans or ()):
        if isinstance(one, SimulatedSection) and len(one.items) >= ITEM_IDS:
            yield ("plans", number, "items"), f"found {len(one.items)} items; accepted: up to {ITEM_IDS - 1}."


def _captured(document: Document) -> Iterator[Found]:
    for number, one in enumerate(document.plans or ()):
        if isinstance(one, RawSection):
            place = ("plans", number, "raw")
            if not _has_id(one):
                yield (*place, "id"), "a captured plan needs its `id`, a whole number from 1."
            if not _has_state(one):
                yield (*place, "state"), f"a captured plan needs its `state`, one of {', '.join(State)}."


def is_usable(captured: RawSection) -> bool:
    """Whether a captured plan says what the simulation must know of it."""
    return _has_id(captured) and _has_state(captured)


def _has_id(captured: RawSection) -> bool:
    plan_id = captured.raw.get("id")
    return isinstance(plan_id, int) and not isinstance(plan_id, bool) and 0 < plan_id < 2**31


def _has_state(captured: RawSection) -> bool:
    return captured.raw.get("state") in list(State)


def _rules_twice(document: Document) -> Iterator[Found]:
    planner = document.planner
    short = (planner.type, planner.allow, planner.exclude or None, planner.same_city or None, planner.transfer or None)
    if planner.rules and any(one is not None for one in short):
        yield ("planner", "rules"), "a planner has either `rules` or the keys of its only rule, not both."


def _weightless_backlog(document: Document) -> Iterator[Found]:
    if document.backlog and not sum(document.backlog.states.values()):
        yield ("backlog", "states"), "all weights are 0; give at least one state a weight."


def _unsortable_backlog(document: Document) -> Iterator[Found]:
    if document.backlog and document.backlog.count > MAX_BACKLOG_TO_SORT:
        for key, value in (("list", "array"), ("order", "modified_date")):
            if getattr(document.answers, key) == value:
                yield ("answers", key), f"{value} needs every plan at once: a backlog of {MAX_BACKLOG_TO_SORT} at most."


def _page_sizes(document: Document) -> Iterator[Found]:
    if document.answers.page_size > document.answers.max_page_size:
        yield ("answers", "page_size"), f"is above `max_page_size`, which is {document.answers.max_page_size}."


_CONTRADICTIONS: tuple[Callable[[Document], Iterator[Found]], ...] = (
    _nothing_to_serve,
    _too_many,
    _captured,
    _rules_twice,
    _weightless_backlog,
    _unsortable_backlog,
    _page_sizes,
)


def repeated_ids(setup: Setup) -> Iterator[Found]:
    """Plans that ask for an id which another plan has."""
    ids = Counter(one for _, group in setup.numbered() for one in group)
    for number, (_, group) in enumerate(setup.numbered()):
        twice = next((one for one in group if ids[one] > 1), None)
        if twice is not None:
            yield ("plans", number), f"the id {twice} is used by more than one plan."
