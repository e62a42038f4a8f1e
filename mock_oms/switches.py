"""The switches: what the vendor's documents leave open, each with its values, its default and the reason for it."""

from dataclasses import field
from typing import Annotated, Any, Literal

from mock_oms.dataclass import dataclass

PageSize = Annotated[int, (1, 1000)]


def _switch(default: Any, mark: str, why: str) -> Any:  # noqa: ANN401  dataclasses.field is typed as its default
    return field(default=default, metadata={"mark": mark, "why": why})


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """How the vendor's API answers where its documents contradict themselves; defaults are our best inference.

    Every field carries the reason (`why`) and how sure we are (`mark`: b inferred, c assumed) in its metadata.
    """

    list: Literal["envelope", "array"] = _switch(
        "envelope", "b", "every other OMS list whose JSON is visible is a page envelope"
    )
    page_size: PageSize = _switch(10, "b", "state logs: default 10; packages and transfers: 20")
    max_page_size: PageSize = _switch(100, "b", "state logs: at most 100")
    page_size_parameter: Literal["limit", "page_size"] = _switch(
        "limit", "b", "most pages of the vendor say `limit`, one says `page_size`"
    )
    order: Literal["-id", "id", "modified_date", "unstable"] = _switch(
        "-id", "b", "state logs sort by `-id`; `unstable` repeats and loses rows between pages"
    )
    state: Literal["string", "object"] = _switch(
        "string", "b", "documented as a string; all other OMS objects carry the object form"
    )
    commands: Literal["objects", "empty", "json", "comma"] = _switch(
        "objects", "c", "the table says string and describes a list; samples on sister objects are []"
    )
    dates: Literal["datetime", "date"] = _switch(
        "datetime", "b", "documented as `date`; every visible sample is UTC with microseconds and Z"
    )
    order_amount: Literal["items", "with_shipping"] = _switch(
        "items", "c", "no sample shows an order with its items and a shipping amount"
    )
    auth: Literal["token", "bearer", "both", "off"] = _switch(
        "token", "b", "documented as `Token`; newer OMS pages say Bearer"
    )
    unauthenticated: Literal["detail", "empty"] = _switch(
        "detail", "b", "Django REST framework says why; one page of the vendor says that a 401 holds only its status"
    )
    not_found: Literal["short", "model"] = _switch(
        "short", "b", "Django REST framework 3.15 began to name the model in the 404 of a missing id"
    )
