"""The life of a plan as a drawing in letters, for terminals and package indexes; its labels come from the table."""

from collections import defaultdict

from mock_oms.domain.lifecycle import TRANSITIONS, State, Transition, Trigger

#: Where the arrows are drawn, by hand; what is written on them is not.
_DRAWING = """\
an order ──> start ─────> pending ◄─┐
               │             ├──────┘   {stays}
               │             │
               ├─────────────┼──> completed   {completed}
               └─────────────┴──> cancelled   {cancelled}

start ──> pending: {waits}
completed ──> pending: {returns}
"""

_START, _PENDING, _COMPLETED, _CANCELLED = State.START, State.PENDING, State.COMPLETED, State.CANCELLED

#: Which arrow carries which arrows of the table.
_CARRIED = {
    (_START, _PENDING): "waits",
    (_PENDING, _PENDING): "stays",
    (_START, _COMPLETED): "completed",
    (_PENDING, _COMPLETED): "completed",
    (_START, _CANCELLED): "cancelled",
    (_PENDING, _CANCELLED): "cancelled",
    (_COMPLETED, _PENDING): "returns",
}


def picture() -> str:
    """The drawing, as a block.

    :raises LookupError: the table has an arrow that is not drawn, or no longer has one that is: draw it anew.
    """
    drawn, told = set(_CARRIED), {(row.source, row.target) for row in TRANSITIONS}
    if drawn != told:
        raise LookupError(f"the drawing and the table differ in {sorted(drawn ^ told)}: draw it anew.")
    labels: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in TRANSITIONS:
        labels[_CARRIED[row.source, row.target]][_label(row)] = None
    return f"```text\n{_DRAWING.format(**{name: ', '.join(texts) for name, texts in labels.items()})}```"


def _label(row: Transition) -> str:
    if row.trigger is Trigger.COMMAND:
        return row.slug
    name = row.name[0].lower() + row.name[1:]
    return f"{name} ({row.trigger})" if row.trigger is Trigger.ITEM_RETURNED else name
