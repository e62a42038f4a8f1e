"""Whether a scenario file is consistent: its names refer to something, and its sections go together."""

from collections import Counter
from collections.abc import Callable, Collection, Container, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from mock_oms.domain.events import HIGHEST_ID, PlaceOrder, Refuse, ReportNotFound, RunCommand, word_of
from mock_oms.domain.lifecycle import COMMANDS, State
from mock_oms.domain.plan import ITEM_IDS
from mock_oms.domain.planner import Rule
from mock_oms.domain.setup import CapturedPlan, Setup
from mock_oms.scenarios.document import CapturedSection, Document, SimulatedSection
from mock_oms.scenarios.errors import Place
from mock_oms.text import nearest_clause

Found = tuple[Place, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """Several collections of ids, asked as one and never listed."""

    parts: tuple[Container[int], ...]

    def __contains__(self, plan_id: object) -> bool:
        return any(plan_id in part for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNames:
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
        hint = nearest_clause(name, names) if isinstance(names, Collection) else ""
        yield place, f"found {name}, which is no {kind} of this scenario{hint}."


def broken_references(document: Document, names: KnownNames) -> Iterator[Found]:
    """Every name in the document that refers to nothing."""
    for find in _REFERENCES:
        yield from find(document, names)


def _in_stock(document: Document, names: KnownNames) -> Iterator[Found]:
    for sku, cells in (document.stock or {}).items():
        for code in cells:
            yield from names.missing("location", code, ("stock", sku, code))


def _in_planner(document: Document, names: KnownNames) -> Iterator[Found]:
    planner = document.planner
    yield from names.missing("location", planner.default_location, ("planner", "default_location"))
    for place, rule in (
        (("planner",), planner),
        *((("planner", "rules", n), one) for n, one in enumerate(planner.rules)),
    ):
        for key, codes in (("allow", rule.allow or ()), ("except", rule.exclude)):
            for code in sorted(codes):
                yield from names.missing("location", code, (*place, key))


def _in_plans(document: Document, names: KnownNames) -> Iterator[Found]:
    for number, plan in enumerate(document.plans or ()):
        if isinstance(plan, SimulatedSection):
            for place, sku in enumerate(plan.items):
                yield from names.missing("sku", sku, ("plans", number, "items", place))


def _in_timeline(document: Document, names: KnownNames) -> Iterator[Found]:
    for number, line in enumerate(document.timeline):
        place = ("timeline", number, word_of(line.event))
        for kind in ("sku", "location", "plan"):
            yield from names.missing(kind, getattr(line.event, kind, None), (*place, kind))
        for item, sku in enumerate(line.event.items if isinstance(line.event, PlaceOrder) else ()):
            yield from names.missing("sku", sku, (*place, "items", item))


def _in_commands(document: Document, _: KnownNames) -> Iterator[Found]:
    slugs = dict.fromkeys(row.slug for row in COMMANDS)
    known = {*slugs, *(str(row.id) for row in COMMANDS)}
    for number, line in enumerate(document.timeline):
        if isinstance(line.event, RunCommand) and str(line.event.run) not in known:
            yield (
                ("timeline", number, "command", "run"),
                f"found {line.event.run}, which is no command{nearest_clause(line.event.run, slugs)}.",
            )


def _in_expectations(document: Document, names: KnownNames) -> Iterator[Found]:
    for number, one in enumerate(document.expect):
        place = ("expect", number)
        yield from names.missing("plan", one.plan, (*place, "plan"))
        for sku, code in (one.location or {}).items():
            yield from names.missing("location", code, (*place, "location", sku))
        for sku, cells in (one.stock or {}).items():
            yield from names.missing("sku", sku, (*place, "stock", sku))
            for code in cells:
                yield from names.missing("location", code, (*place, "stock", sku, code))


def _in_faults(document: Document, names: KnownNames) -> Iterator[Found]:
    for number, one in enumerate(document.faults):
        own: Place = ("faults", number, "plan")
        place = ("profiles", document.profiles.index(one.profile)) if one.profile else own
        yield from names.missing("plan", one.fault.plan, place)


_REFERENCES: tuple[Callable[[Document, KnownNames], Iterator[Found]], ...] = (
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


MAX_STORED_PLANS = 100_000
MAX_BACKLOG_TO_SORT = 10_000


def too_many(document: Document) -> Iterator[Found]:
    """More plans than a world stores. Ask first: thousands of groups of 100,000 have more ids than memory can list."""
    total = sum(getattr(one, "count", 1) for one in document.plans or ())
    if total > MAX_STORED_PLANS:
        yield ("plans",), f"found {total} plans; accepted: up to {MAX_STORED_PLANS}, a `backlog` holds more."


def contradictions(document: Document) -> Iterator[Found]:
    """Sections that do not go together."""
    for find in _CONTRADICTIONS:
        yield from find(document)


def _nothing_to_serve(document: Document) -> Iterator[Found]:
    if document.plans is None and document.backlog is None:
        yield (), "a scenario needs `plans` (an empty list will do) or a `backlog`."


def _too_many_items(document: Document) -> Iterator[Found]:
    for number, one in enumerate(document.plans or ()):
        if isinstance(one, SimulatedSection) and len(one.items) >= ITEM_IDS:
            yield ("plans", number, "items"), f"found {len(one.items)} items; accepted: up to {ITEM_IDS - 1}."


def _captured(document: Document) -> Iterator[Found]:
    for number, one in enumerate(document.plans or ()):
        if isinstance(one, CapturedSection):
            place = ("plans", number, "raw")
            captured = CapturedPlan(raw=one.raw)
            if captured.wanted_id is None:
                yield (*place, "id"), "a captured plan needs its `id`, a whole number from 1."
            if captured.state is None:
                yield (
                    (*place, "state"),
                    f"a captured plan needs its `state`, one of {', '.join(State)} (or an object of it).",
                )


def _rules_twice(document: Document) -> Iterator[Found]:
    planner = document.planner
    plain = Rule()
    for one in fields(Rule) if planner.rules else ():
        if getattr(planner, one.name) != getattr(plain, one.name):
            key = one.metadata.get("key", one.name)
            yield (
                ("planner", key),
                "belongs into one of the `rules`: a planner has either these or the keys of its only rule.",
            )


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


def _vain_expectations(document: Document) -> Iterator[Found]:
    """Expectations that could not fail."""
    for number, one in enumerate(document.expect):
        facts = [key for key in ("state", "attempts", "location", "items") if getattr(one, key) is not None]
        if one.plan is None and facts:
            yield ("expect", number, facts[0]), "is a fact about one plan: say of which `plan`."
        if not facts and one.count is None and one.stock is None:
            yield ("expect", number), "expects nothing; add state, attempts, location, items, count or stock."
        if one.count and document.backlog and document.backlog.count > MAX_BACKLOG_TO_SORT:
            yield ("expect", number, "count"), f"counts every plan: a backlog of {MAX_BACKLOG_TO_SORT} at most."


_CONTRADICTIONS: tuple[Callable[[Document], Iterator[Found]], ...] = (
    _nothing_to_serve,
    _too_many_items,
    _captured,
    _rules_twice,
    _weightless_backlog,
    _unsortable_backlog,
    _page_sizes,
    _vain_expectations,
)
