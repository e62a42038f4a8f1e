"""Scenario files of a test's own: written, broken and mended."""

from pathlib import Path

#: One of everything that a file may hold; all its names refer to something.
FULL = """\
description: Everything.
seed: 7
locale: tr_TR
clock: {start: now, rate: 60}
locations:
  WH1: {name: Depo, type: warehouse, priority: 10, city: Bursa, active: true}
  ST1: {type: store, max_quota: 40, quota: 3}
stock:
  A: {WH1: 5, ST1: {count: 1, reserved: 3}}
  B: {}
planner:
  first: 1m
  every: 30m
  default_location: WH1
  not_found: basic
  replan: reopen
  rules:
    - {when: {channel: web, payment_type: cash, delivery_type: fast}, type: store, allow: [WH1], except: [ST1]}
    - {same_city: true, sort: [priority, stock, density, same_city], select_by_quota: true, transfer: true}
plans:
  - {id: 41207, items: [A, B], count: 2, city: Bursa, channel: web, payment_type: x, delivery_type: y, created: -5m}
  - {state: completed, count: 3, id: 50}
  - {raw: {id: 9, state: pending, odd: [1, {x: null}]}}
timeline:
  - {at: 45m, restock: {sku: B, location: WH1, count: 10}}
  - {at: 45m, sell: {sku: B, location: WH1, count: 1}}
  - {at: 1h, block: WH1}
  - {at: 1h, open: {location: WH1}}
  - {at: 1h, quota: {location: ST1, quota: 1, max_quota: null}}
  - {at: 1h, stock_service: down}
  - {at: 1h, order: {items: [A], id: 60000, hold: true}}
  - {at: 1h, confirm: 60000}
  - {at: 2h, command: {plan: 41207, run: plan-cancel}}
  - {at: 2h, cancel_item: {plan: 41208, sku: B}}
  - {at: 2h, assign: {plan: 41208, sku: B, location: WH1}}
  - {at: 2h, refuse: {plan: 41208, location: WH1}}
  - {at: 2h, not_found: {plan: 41208, sku: A}}
backlog: {count: 5, states: {completed: 9, pending: 1}}
faults:
  - {on: list, effect: {status: 503}, times: 2, skip: 1}
  - {on: detail, plan: 41207, when: {state: pending}, effect: {delay: 300ms, shape: null-field}, probability: 0.5}
  - {on: any, effect: {delay: {lognormal: {median: 800ms, sigma: 0.6, max: 10s}, place: between}}, ttl: 1h, ramp: 10m}
  - {on: list, when: {page: 2}, effect: {delay: {uniform: [1s, 3s]}, connection: dribble, bytes_per_second: 50}}
  - {on: any, effect: {connection: truncate, fraction: 0.3, delay: {fixed: 1s, max: 2s, place: between}}}
  - {on: login, effect: {body: html, delay: {normal: {mean: 1s, deviation: 300ms, max: 5s}}}}
limits: {quota: {limit: 100, window: 1m}, token: {requests: 3}, login: {limit: 5, window: 1h}}
profiles: [slow, drifting]
answers: {list: envelope, page_size: 10, max_page_size: 100, state: string, commands: objects, auth: token}
expect:
  - {at: 1m, plan: 41207, state: pending, attempts: 1, location: {A: WH1, B: null}, items: {A: planned}}
  - {at: 1m, count: {pending: 3}, stock: {A: {WH1: 4}}}
"""
BROKEN = "description: Broken.\nplanz: []\n"
#: A section of a scenario.
FAULTS = "faults:\n  - {on: list, effect: {status: 503}}\n"


def text_of(plans: int, *, seed: int = 7, more: str = "") -> str:
    """A scenario with so many plans, at a time that stands still."""
    return (
        f"description: A test with {plans} plans.\nseed: {seed}\n"
        f"clock: {{start: 2024-03-05T09:00:00Z, rate: 0}}\nplans:\n  - {{items: [A], count: {plans}}}\n{more}"
    )


def written(folder: Path, name: str, text: str) -> Path:
    """A file with this text, put in the place of the one before as editors do: all at once."""
    file = folder / f"{name}.yaml"
    beside = folder / f"{name}.new"
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)
    return file
