"""The plans that the contract shows, made by the mock; run it as a module to write them into openapi.yaml."""

import json
from datetime import timedelta
from pathlib import Path

import yaml

from mock_oms.api.app import create_app
from mock_oms.scenarios.library import Library
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.view import view_of
from tests.drf.wire import Received, Sent, call

CONTRACT = Path(__file__).parents[2] / "openapi.yaml"
MARKER = "  # --- Plans as the mock makes them; written by tests/contract/examples.py ---\n"
TOKEN = {"Authorization": "Token mock-oms-token", "Host": "127.0.0.1:8080"}


def asked(target: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b"") -> Received:
    """The answer of the mock playing `restock`, its clock frozen at the start."""
    app = create_app(WorldManager(Library().load("restock")))
    return call(app.wsgi_app, Sent(method=method, target=target, headers=TOKEN | (headers or {}), body=body))


def written() -> str:
    """The section of the contract that holds the plans."""
    page = json.loads(asked("/api/v1/oms/orderexecutionplans/").body)
    (plan,) = view_of(Library().load("restock"), seed=None, after=timedelta(hours=1)).page(1, 10)
    examples = {
        "PageAtTheStart": {"summary": "The scenario `restock` at its start", "value": page},
        "PlanAfterAnHour": {"summary": "Its plan an hour later", "value": json.loads(plan)},
    }
    text = yaml.safe_dump({"examples": examples}, allow_unicode=True, sort_keys=False, width=110)
    return MARKER + "".join(f"  {line}\n" for line in text.splitlines())


if __name__ == "__main__":
    by_hand = CONTRACT.read_text(encoding="utf-8").partition(MARKER)[0]
    CONTRACT.write_text(by_hand.rstrip("\n") + "\n\n" + written(), encoding="utf-8")
