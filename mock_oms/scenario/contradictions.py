"""Whether the sections of a scenario file go together."""

from collections.abc import Callable, Iterator
from dataclasses import fields

from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ITEM_IDS
from mock_oms.domain.rules import Rule
from mock_oms.domain.setup import Captured
from mock_oms.scenario.document import Document, RawSection, SimulatedSection
from mock_oms.scenario.references import Found

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
        if isinstance(one, RawSection):
            place = ("plans", number, "raw")
            captured = Captured(raw=one.raw)
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
