"""Where a scenario's file holds what looks like a real customer's token: in a captured plan, or in a comment."""

from mock_oms.scenarios.errors import Lines, Problem
from mock_oms.tokens import real_looking

TEMPLATE = """\
# A world to test against. Check it: mock-oms scenarios check THIS-FILE
description: One plan that waits for stock and is completed after a restock.
seed: 1
clock: {start: 2024-03-05T09:00:00Z, rate: 0}   # rate 0: frozen, 1: real time, 60: a minute a second
locations:
  WH001: {type: warehouse, priority: 10}
  STORE01: {type: store, priority: 20}
stock:                                          # SKU, location, count (or {count, reserved})
  SHIRT-M: {WH001: 5}
  SHOES-42: {WH001: 0, STORE01: {count: 1, reserved: 1}}
plans:
  - {id: 41207, items: [SHIRT-M, SHOES-42]}     # simulated: planned against the stock above
  - {state: completed, count: 3}                # told: made up so that it is truly in this state
timeline:
  - {at: 45m, restock: {sku: SHOES-42, location: WH001, count: 10}}
expect:                                         # what `scenarios check` verifies
  - {at: 1m, plan: 41207, state: pending, attempts: 1, location: {SHIRT-M: WH001, SHOES-42: null}}
  - {at: 1h, plan: 41207, state: completed, attempts: 3, location: {SHOES-42: WH001}}
"""


def warnings_of(lines: Lines) -> list[Problem]:
    """One warning for each such token; the scenario can be played all the same."""
    return [Problem(file=str(lines.file), line=line, path="", message=said) for line, said in real_looking(lines.text)]
