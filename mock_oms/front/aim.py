"""What a vendor request is after, as far as its path and query say: operation, plan and page."""

from dataclasses import dataclass
from urllib.parse import parse_qs

from mock_oms.front.messages import Scope
from mock_oms.operations import Operation
from mock_oms.web.vendor import DETAIL, LIST, LOGIN, View, resolve

_OPERATIONS = {LIST: Operation.LIST, DETAIL: Operation.DETAIL, LOGIN: Operation.LOGIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """`view` and `operation` None: the path leads nowhere; `page` is the first where the query names none.

    `word` is what the request is counted as, one of `mock_oms.meters.OPERATIONS`.
    """

    view: View | None = None
    operation: Operation | None = None
    plan: int | None = None
    page: int | None = None
    word: str = "other"


#: What a request for the control API is after.
CONTROL_AIM = Aim(word="control")


def aim_of(scope: Scope) -> Aim:
    """Read a request's path and query; whatever cannot be read is None, for the framework to refuse."""
    found = resolve(scope["path"])
    if found is None:
        return Aim()
    view, said = found
    operation = _OPERATIONS[view]
    plan = _number(said.get("pk", "")) if operation is Operation.DETAIL else None
    page = _page(scope["query_string"].decode("latin-1")) if operation is Operation.LIST else None
    return Aim(view=view, operation=operation, plan=plan, page=page, word=operation.value)


def _page(query: str) -> int | None:
    return _number(parse_qs(query).get("page", ["1"])[-1])


def _number(text: str) -> int | None:
    """As `int`, but nothing for what is none, or for so many digits that it names nothing."""
    try:
        return int(text[:20]) if len(text) <= 20 else None  # noqa: PLR2004  more digits than any id has
    except ValueError:
        return None
