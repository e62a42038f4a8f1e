"""The life of a plan, drawn in letters for terminals and package indexes, and in Mermaid; the words are the table's."""

from collections import defaultdict

from mock_oms.domain.lifecycle import TERMINAL, TRANSITIONS, State, Trigger

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

#: Which arrow carries which arrows of the table.
_CARRIED = {
    (State.START, State.PENDING): "waits",
    (State.PENDING, State.PENDING): "stays",
    **{(source, State.COMPLETED): "completed" for source in (State.START, State.PENDING)},
    **{(source, State.CANCELLED): "cancelled" for source in (State.START, State.PENDING)},
    (State.COMPLETED, State.PENDING): "returns",
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
        name = row.name[0].lower() + row.name[1:]
        of_event = f"{name} ({row.trigger})" if row.trigger is Trigger.ITEM_RETURNED else name
        labels[_CARRIED[row.source, row.target]][row.slug if row.trigger is Trigger.COMMAND else of_event] = None
    return f"```text\n{_DRAWING.format(**{name: ', '.join(texts) for name, texts in labels.items()})}```"


def diagram() -> str:
    """The table of a plan's life as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.START}"]
    for row in TRANSITIONS:
        label = row.slug if row.trigger is Trigger.COMMAND else f"{row.name} ({row.trigger})"
        lines.append(f"    {row.source} --> {row.target}: {label}")
    return "\n".join([*lines, *(f"    {state} --> [*]" for state in State if state in TERMINAL)])
