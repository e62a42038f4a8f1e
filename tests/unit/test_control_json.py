"""The JSON of the control API: that of Flask, and never much of it at once."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.json.provider import DefaultJSONProvider
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.api.control import api
from tests.profiles import examples

APP = Flask(__name__)
LEAF = st.none() | st.booleans() | st.integers() | st.text()
VALUES = st.recursive(
    LEAF, lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner), max_leaves=30
)


@examples(50)
@given(VALUES, st.sampled_from([{}, {"separators": (",", ":")}, {"indent": 2}]))
def test_it_is_the_text_that_flask_writes(value: Any, more: dict[str, Any]) -> None:
    flasks = DefaultJSONProvider(APP)
    flasks.sort_keys = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "_PIECE", 2)
        assert api.Json(APP).dumps(value, **more) == flasks.dumps(value, **more)


def test_of_a_long_list_only_a_piece_becomes_text_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths, write = list[int](), DefaultJSONProvider.dumps

    def noted(self: DefaultJSONProvider, value: Any, **more: Any) -> str:
        lengths.append(len(value) if isinstance(value, list) else 0)
        return write(self, value, **more)

    monkeypatch.setattr(DefaultJSONProvider, "dumps", noted)
    many = {"now": 1, "steps": {"transitions": [{"plan": number} for number in range(10_000)]}}
    assert json.loads(api.Json(APP).dumps(many, separators=(",", ":"))) == many
    assert max(lengths) <= 1_000 < sum(lengths)
