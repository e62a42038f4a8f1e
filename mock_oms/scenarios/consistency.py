"""Whether a scenario file is consistent: its names refer to something, and its sections go together."""

from collections import Counter
from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import fields
from itertools import chain
from typing import Any

from mock_oms.domain.events import HIGHEST_ID, PlaceOrder, Refuse, ReportNotFound, RunCommand, word_of
from mock_oms.domain.lifecycle import COMMANDS, State
from mock_oms.domain.plan import ITEM_IDS
from mock_oms.domain.planner import Rule
from mock_oms.domain.setup import CapturedPlan, Setup
from mock_oms.scenarios.document import Document, SimulatedSection
from mock_oms.scenarios.errors import Place
from mock_oms.text import MAX_HINTS, nearest_clause

Found = tuple[Place, str]

MAX_STORED_PLANS = 100_000
MAX_BACKLOG_TO_SORT = 10_000
#: Switches that need every plan at once, which a larger backlog does not allow.
NEEDS_EVERY_PLAN = (("list", "array"), ("order", "modified_date"))


def too_many_plans(document: Document) -> Iterator[Found]:
    """More plans than a world stores. Ask first: thousands of groups of 100,000 have more ids than memory can list."""
    total = sum(getattr(one, "count", 1) for one in document.plans or ())
    if total > MAX_STORED_PLANS:
        yield ("plans",), f"found {total} plans; accepted: up to {MAX_STORED_PLANS}, a `backlog` holds more."


def inconsistencies(document: Document, setup: Setup) -> Iterator[Found]:
    """Sections that contradict each other, names that refer to nothing, and ids that two plans have."""
    yield from _contradictions(document)
    yield from _vain_expectations(document)
    yield from _unknown_names(document, setup)
    yield from _repeated_ids(setup)


def _contradictions(document: Document) -> Iterator[Found]:
    planner, backlog, answers = document.planner, document.backlog, document.answers
    if document.plans is None and backlog is None:
        yield (), "a scenario needs `plans` (an empty list will do) or a `backlog`."
    for number, one in enumerate(document.plans or ()):
        if isinstance(one, SimulatedSection) and len(one.items) >= ITEM_IDS:
            yield ("plans", number, "items"), f"found {len(one.items)} items; accepted: up to {ITEM_IDS - 1}."
        if isinstance(one, CapturedPlan) and one.wanted_id is None:
            yield ("plans", number, "raw", "id"), "a captured plan needs its `id`, a whole number from 1."
        if isinstance(one, CapturedPlan) and one.state is None:
            needs = f"a captured plan needs its `state`, one of {', '.join(State)} (or an object of it)."
            yield ("plans", number, "raw", "state"), needs
    for member in fields(Rule) if planner.rules else ():
        if getattr(planner, member.name) != getattr(Rule(), member.name):
            key = member.metadata.get("key", member.name)
            where = "belongs into one of the `rules`: a planner has either these or the keys of its only rule."
            yield ("planner", key), where
    if backlog and not sum(backlog.states.values()):
        yield ("backlog", "states"), "all weights are 0; give at least one state a weight."
    if backlog and backlog.count > MAX_BACKLOG_TO_SORT:
        for key, value in NEEDS_EVERY_PLAN:
            if getattr(answers, key) == value:
                yield ("answers", key), f"{value} needs every plan at once: a backlog of {MAX_BACKLOG_TO_SORT} at most."
    if answers.page_size > answers.max_page_size:
        yield ("answers", "page_size"), f"is above `max_page_size`, which is {answers.max_page_size}."


def _vain_expectations(document: Document) -> Iterator[Found]:
    """Expectations that could not fail."""
    for number, one in enumerate(document.expect):
        facts = [key for key in ("state", "attempts", "location", "items") if getattr(one, key) not in (None, {})]
        if one.plan is None and facts:
            yield ("expect", number, facts[0]), "is a fact about one plan: say of which `plan`."
        if not facts and not one.count and not any((one.stock or {}).values()):
            yield ("expect", number), "expects nothing; add state, attempts, location, items, count or stock."
        if one.count and document.backlog and document.backlog.count > MAX_BACKLOG_TO_SORT:
            yield ("expect", number, "count"), f"counts every plan: a backlog of {MAX_BACKLOG_TO_SORT} at most."


def _unknown_names(document: Document, setup: Setup) -> Iterator[Found]:
    """Every name in the document that refers to nothing."""
    ids = {one for _, group in setup.numbered() for one in group}
    ids |= {line.event.id for line in document.timeline if isinstance(line.event, PlaceOrder) and line.event.id}
    born = sum(isinstance(line.event, (PlaceOrder, Refuse, ReportNotFound)) for line in document.timeline)
    later = range(setup.first_id, max([setup.first_id - 1, *ids]) + 1 + born)  # ids that a timeline may give
    skus = dict.fromkeys(sku for sku, _ in setup.stock)
    known: Mapping[str, tuple[Container[Any], ...]] = {
        "location": (setup.locations,),
        "sku": () if document.stock is None else (skus,),  # no stock is declared, so every SKU is plentiful
        "plan": (ids, setup.backlog_ids, later),
    }
    hints: Mapping[str, Collection[str]] = {"location": setup.locations, "sku": skus, "plan": ()}
    hinted = iter(range(MAX_HINTS))
    for kind, name, place in chain(_names_of_the_beginning(document), _names_of_the_story(document)):
        if name is not None and known[kind] and not any(name in one for one in known[kind]):
            is_told = hints[kind] and next(hinted, None) is not None
            near = nearest_clause(name, hints[kind]) if is_told else ""
            yield place, f"found {name}, which is no {kind} of this scenario{near}."
    slugs = dict.fromkeys(row.slug for row in COMMANDS)
    commands = {*slugs, *(str(row.id) for row in COMMANDS)}
    for number, line in enumerate(document.timeline):
        if isinstance(line.event, RunCommand) and str(line.event.run) not in commands:
            near = "" if next(hinted, None) is None else nearest_clause(line.event.run, slugs)
            yield ("timeline", number, "command", "run"), f"found {line.event.run}, which is no command{near}."


def _names_of_the_beginning(document: Document) -> Iterator[tuple[str, Any, Place]]:
    """The names in stock, planner, plans and faults: what each names, itself, and its place."""
    planner = document.planner
    for sku, cells in (document.stock or {}).items():
        yield from (("location", code, ("stock", sku, code)) for code in cells)
    yield "location", planner.default_location, ("planner", "default_location")
    rules: dict[Place, Rule] = {
        ("planner",): planner,
        **{("planner", "rules", n): one for n, one in enumerate(planner.rules)},
    }
    for place, rule in rules.items():
        for key, codes in (("allow", rule.allow or ()), ("except", rule.exclude)):
            yield from (("location", code, (*place, key)) for code in sorted(codes))
    for number, plan in enumerate(document.plans or ()):
        if isinstance(plan, SimulatedSection):
            yield from (("sku", sku, ("plans", number, "items", at)) for at, sku in enumerate(plan.items))
    for number, one in enumerate(document.faults):
        _, _, profile = one.origin.partition("profile ")
        place = ("profiles", document.profiles.index(profile)) if profile else ("faults", number, "plan")
        yield "plan", one.fault.plan, place


def _names_of_the_story(document: Document) -> Iterator[tuple[str, Any, Place]]:
    """The same for the timeline and the expectations."""
    for number, line in enumerate(document.timeline):
        place: Place = ("timeline", number, word_of(line.event))
        for kind in ("sku", "location", "plan"):
            yield kind, getattr(line.event, kind, None), (*place, kind)
        for item, sku in enumerate(line.event.items if isinstance(line.event, PlaceOrder) else ()):
            yield "sku", sku, (*place, "items", item)
    for number, one in enumerate(document.expect):
        place = ("expect", number)
        yield "plan", one.plan, (*place, "plan")
        for sku, code in (one.location or {}).items():
            yield "location", code, (*place, "location", sku)
        for sku, cells in (one.stock or {}).items():
            yield "sku", sku, (*place, "stock", sku)
            yield from (("location", code, (*place, "stock", sku, code)) for code in cells)


def _repeated_ids(setup: Setup) -> Iterator[Found]:
    """Plans that ask for an id which another plan has, or lead past the highest one."""
    ids = Counter(one for _, group in setup.numbered() for one in group)
    for number, (_, group) in enumerate(setup.numbered()):
        if group.stop > HIGHEST_ID + 1:
            yield ("plans", number), f"its ids go up to {group.stop - 1}; accepted: up to {HIGHEST_ID}."
        twice = next((one for one in group if ids[one] > 1), None)
        if twice is not None:
            yield ("plans", number), f"the id {twice} is used by more than one plan."
