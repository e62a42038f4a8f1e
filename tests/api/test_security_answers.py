"""What the control API answers is safe to show: in a browser, in a log, and whatever a scenario or a client says."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from mock_oms.scenarios.library import Library
from tests.api.control import LIST, server
from tests.api.test_control_guard import NOWHERE, ROUTES

#: The dashboard, which runs its own scripts, and which a browser may keep: tests/api/test_dashboard.py.
PAGE = {"/_mock/", "/_mock/docs"}
NOTHING_AT_ALL = {"default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"}
SECRET = "control-token-7"
#: What template languages, formats and shells would make something of.
TEMPLATES = [
    *("{{7*7}}", "{%print(7*7)%}", "${7*7}", "$HOME", "%(x)s", "{0}", "{x.__class__}", "#{7*7}", "<b>&amp;</b>", "`id`")
]


@pytest.fixture(scope="module")
def answers() -> dict[tuple[str, str, str], TestResponse]:
    """What every method of every path answers to who may ask, and to who may not, by its `Host`."""
    client = server().client
    return {
        (method, path, host): client.open(path, method=method, headers={"Host": host})
        for method, path in (*ROUTES, *NOWHERE)
        for host in ("localhost", "elsewhere.example.com")
    }


def test_every_answer_but_the_dashboard_is_kept_by_nobody_and_guessed_by_nobody(
    answers: dict[tuple[str, str, str], TestResponse],
) -> None:
    assert {200, 404, 421, 422} <= {answer.status_code for answer in answers.values()}
    kept = {path for (_, path, _), answer in answers.items() if answer.headers.get("Cache-Control") != "no-store"}
    assert kept == PAGE
    for name, value in {
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }.items():
        assert {answer.headers.get(name) for answer in answers.values()} == {value}


def test_no_answer_but_the_dashboard_lets_anything_run_load_or_frame(
    answers: dict[tuple[str, str, str], TestResponse],
) -> None:
    policies = {
        answer.headers["Content-Security-Policy"]
        for (_, path, _), answer in answers.items()
        if path not in PAGE or answer.status_code != 200
    }
    for policy in policies:
        assert set(policy.split("; ")) >= NOTHING_AT_ALL
        assert not re.search(r"unsafe|\*|http|data:|script", policy)


def test_the_dashboard_alone_is_html(answers: dict[tuple[str, str, str], TestResponse]) -> None:
    assert {path for (_, path, _), answer in answers.items() if answer.mimetype == "text/html" and answer.data} == PAGE


def test_the_vendors_answers_carry_nothing_of_this() -> None:
    answer = server().vendor("mock-oms-token")
    assert not {"Content-Security-Policy", "Cross-Origin-Resource-Policy", "Cache-Control"} & set(answer.headers.keys())


@pytest.mark.parametrize("text", TEMPLATES)
def test_what_a_path_or_a_body_says_is_shown_as_it_was_sent(text: str) -> None:
    mock = server()
    answer = mock.client.get("/_mock/" + text.replace("%", "%25").replace("#", "%23"))
    assert (answer.status_code, text in answer.get_json()["detail"]) == (404, True)
    status, problem = mock.refused("POST", "/worlds", {"name": text})
    assert (status, text in json.dumps(problem["errors"], ensure_ascii=False)) == (422, True)


@pytest.mark.parametrize("text", TEMPLATES)
def test_what_a_scenario_says_is_text(text: str, tmp_path: Path) -> None:
    scenario = {
        "description": text,
        "locations": {"WH1": {"name": text, "city": text}},
        "stock": {"SKU": {"WH1": 5}},
        "plans": [{"id": 41207, "items": ["SKU"]}],
    }
    (tmp_path / "mine.yaml").write_text(json.dumps(scenario), encoding="utf-8")
    mock = server("mine", library=Library(tmp_path))
    mock.done("POST", "/worlds/default/clock/advance", {"by": "2m"})
    assert mock.done("GET", "/scenarios/mine")["description"] == text
    assert text in _texts(mock.vendor("mock-oms-token", f"{LIST}41207/").get_json())


def _texts(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) else []


ERRORS = [
    ("GET", "/worlds/{}", None, 404),
    ("GET", "/{}", None, 404),
    ("GET", "/{}%2f", None, 404),
    ("PUT", "/worlds/{}/snapshot/{}", None, 404),
    ("GET", "/scenarios/{}", None, 404),
    ("POST", "/worlds", {"name": "{}!"}, 422),
    ("POST", "/worlds", {"scenario": "{}"}, 422),
    ("POST", "/worlds", {"{}": 1}, 422),
    ("POST", "/worlds/default/plans/41207/commands", {"run": "{}"}, 409),
    ("POST", "/worlds/default/events", {"block": "{}"}, 422),
    ("GET", "/worlds/default/plans?state={}", None, 422),
    ("GET", "/worlds/default/plans?{}=1", None, 422),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), ERRORS)
@pytest.mark.parametrize("secret", [SECRET, "mock-oms-token", "made"])
def test_a_refusal_repeats_no_secret(method: str, path: str, body: object, status: int, secret: str) -> None:
    mock = server(control_token=SECRET)
    authorized = {"Authorization": f"Bearer {SECRET}"}
    if secret == "made":
        secret = mock.client.post("/_mock/worlds", json={"name": "mine"}, headers=authorized).get_json()["token"]
    sent = {} if body is None else {"json": json.loads(json.dumps(body).replace("{}", secret))}
    answer = mock.client.open("/_mock" + path.replace("{}", secret), method=method, headers=authorized, **sent)
    assert (answer.status_code, secret in answer.text) == (status, False)
    assert int(answer.headers["Content-Length"]) == len(answer.data)
