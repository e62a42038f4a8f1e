"""The switches: what the vendor's documents leave open, each with its values, its default and the reason for it."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

PageSize = Annotated[int, (1, 1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """How the vendor's API answers where its documents contradict themselves; defaults are our best inference.

    Every field carries the reason (`why`) and how sure we are (`mark`: b inferred, c assumed) in its metadata.
    """

    list: Literal["envelope", "array"] = field(
        default="envelope",
        metadata={"mark": "b", "why": "every other OMS list whose JSON is visible is a page envelope"},
    )
    page_size: PageSize = field(
        default=10,
        metadata={
            "mark": "b",
            "why": "state logs: default 10; packages and transfers: 20",
            "range": (1, 1000),
        },
    )
    max_page_size: PageSize = field(
        default=100,
        metadata={"mark": "b", "why": "state logs: at most 100"},
    )
    page_size_parameter: Literal["limit", "page_size"] = field(
        default="limit",
        metadata={"mark": "b", "why": "most pages of the vendor say `limit`, one says `page_size`"},
    )
    order: Literal["-id", "id", "modified_date", "unstable"] = field(
        default="-id",
        metadata={
            "mark": "b",
            "why": "state logs sort by `-id`; `unstable` repeats and loses rows between pages",
        },
    )
    state: Literal["string", "object"] = field(
        default="string",
        metadata={"mark": "b", "why": "documented as a string; all other OMS objects carry the object form"},
    )
    commands: Literal["objects", "empty", "json", "comma"] = field(
        default="objects",
        metadata={
            "mark": "c",
            "why": "the table says string and describes a list; samples on sister objects are []",
        },
    )
    dates: Literal["datetime", "date"] = field(
        default="datetime",
        metadata={
            "mark": "b",
            "why": "documented as `date`; every visible sample is UTC with microseconds and Z",
        },
    )
    auth: Literal["token", "bearer", "both", "off"] = field(
        default="token",
        metadata={"mark": "b", "why": "documented as `Token`; newer OMS pages say Bearer"},
    )
    not_found: Literal["short", "model"] = field(
        default="short",
        metadata={
            "mark": "b",
            "why": "Django REST framework 3.15 began to name the model in the 404 of a missing id",
        },
    )
