"""The contract under every switch: it is whole, and the server answers as it says."""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import yaml
from click.testing import CliRunner
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from mock_oms.api.app import create_app
from mock_oms.cli.main import main
from mock_oms.contract.document import reword
from mock_oms.contract.openapi import contract_for, contract_text
from mock_oms.scenarios.building import build_scenario
from mock_oms.scenarios.errors import Lines
from mock_oms.switches import Switches
from mock_oms.worlds.manager import WorldManager
from tests.contract.judging import Node, faults, faults_of, flaws
from tests.drifts import PLANS
from tests.profiles import examples

LIST = "/api/v1/oms/orderexecutionplans/"
DETAIL = "/api/v1/oms/orderexecutionplans/{id}/"

#: Thirteen plans, in all four states; one is simulated, waits for stock, and was attempted before.
IDS = (7, *range(1001, 1013))
OF_EACH_STATE = (7, 1001, 1004, 1007, 1010)

#: The numbers that are tried where a switch is no choice of words.
NUMBERS = {"page_size": (1, 7, 100), "max_page_size": (10, 12, 1000)}
DEFAULT = Switches()
SWITCHES = [one.name for one in fields(Switches)]


def values(switch: str) -> tuple[Any, ...]:
    return NUMBERS.get(switch, get_args(get_type_hints(Switches)[switch]))


def name_of(turn: Node) -> str:
    return ",".join(f"{switch}={value}" for switch, value in turn.items()) or "defaults"


TURNED = [{switch: value} for switch in SWITCHES for value in values(switch) if value != getattr(DEFAULT, switch)]
#: The defaults, and every other value of each switch.
EACH: list[Node] = [{}, *TURNED]
#: Every other value of each switch once, in as few mocks as may be: an array has no pages, so it stands by itself.
TOGETHER: list[Node] = [
    {"page_size": 1, "max_page_size": 10, "page_size_parameter": "page_size", "order": "id", "state": "object",
     "commands": "empty", "dates": "date", "order_amount": "with_shipping", "auth": "bearer", "unauthenticated": "empty",
     "not_found": "model"},
    {"page_size": 7, "max_page_size": 12, "order": "modified_date", "commands": "json", "auth": "both"},
    {"page_size": 100, "max_page_size": 1000, "order": "unstable", "commands": "comma", "auth": "off"},
    {"list": "array"},
]  # fmt: skip
#: No schema can tell these from the default; a test of its own looks at what they do.
INVISIBLE = {"page_size", "max_page_size", "page_size_parameter", "order", "order_amount"}
VISIBLE = [turn for turn in TURNED if not INVISIBLE & set(turn) and turn not in ({"auth": "both"}, {"auth": "off"})]
COMBINED = st.fixed_dictionaries({switch: st.sampled_from(values(switch)) for switch in SWITCHES}).filter(
    lambda turn: turn["page_size"] <= turn["max_page_size"]
)


#: For the defaults and for all other values, a few at a time; the slow tests take each of them by itself.
turned = pytest.mark.parametrize(
    "turn",
    [{}, *TOGETHER, *(pytest.param(turn, marks=pytest.mark.slow) for turn in TURNED if turn not in TOGETHER)],
    ids=name_of,
)


def each(*switches: str) -> list[Node]:
    """The defaults, and every other value of these switches."""
    return [turn for turn in EACH if not turn or set(turn) & set(switches)]


def client_for(turn: Node) -> FlaskClient:
    data = {"description": "Plans in all four states.", **PLANS, "answers": turn}
    scenario = build_scenario(data, Lines(file=Path("switches.yaml"), numbers={}))
    return create_app(WorldManager(scenario)).test_client()


def keywords(document: Node) -> list[str]:
    """The words before the key that the contract tells of."""
    schemes = document["components"].get("securitySchemes", {})
    needed = [name for alternative in document.get("security", []) for name in alternative]
    return ["Bearer" if schemes[name].get("scheme") == "bearer" else "Token" for name in needed]


def credentials(document: Node, key: str = "mock-oms-token") -> dict[str, str]:
    words = keywords(document)
    return {"Authorization": f"{words[0]} {key}"} if words else {}


def answers(client: FlaskClient, document: Node) -> Iterator[tuple[str, TestResponse]]:
    """What the server says to every kind of question, with the path that the contract has for it."""
    known = credentials(document)
    for plan in (*OF_EACH_STATE, "999999", "none", "7.5"):
        yield DETAIL, client.get(f"{LIST}{plan}/", headers=known)
    for query in ("", "?page=2", "?page=last&limit=3&page_size=3", "?page=0", "?format=xml"):
        yield LIST, client.get(LIST + query, headers=known)
    for path, url in ((LIST, LIST), (DETAIL, f"{LIST}7/")):
        yield path, client.get(url)
        yield path, client.get(url, headers={**known, "Accept": "text/html"})
        for key in ("unknown", "", "a b", "fail-inactive", "fail-403", "fail-429") if known else ():
            yield path, client.get(url, headers=credentials(document, key))


def all_faults(turn: Node, judged_by: Node) -> Iterator[str]:
    """Where the server under some switches is not as a contract says, which need not be theirs."""
    for path, response in answers(client_for(turn), contract_for(Switches(**turn))):
        for fault in faults_of(judged_by, path, response):
            yield f"{response.request.full_path}: {fault}"


def test_the_defaults_change_nothing() -> None:
    assert contract_for(None) == contract_for(Switches()) == yaml.safe_load(contract_text())


def test_all_other_values_of_all_switches_are_tried_together() -> None:
    assert sorted(str({name: value}) for turn in TOGETHER for name, value in turn.items()) == sorted(map(str, TURNED))


def test_a_switch_changes_more_than_the_sentence_about_it() -> None:
    default = {**contract_for(None), "info": None}
    for turn in TURNED:
        changed = contract_for(Switches(**turn))
        assert {**changed, "info": None} != default, turn
        ((switch, value),) = turn.items()
        assert f"Here `{switch}` is `{value}`; every other" in changed["info"]["description"]


@turned
def test_the_contract_is_whole_and_the_server_answers_as_it_says(turn: Node) -> None:
    document = contract_for(Switches(**turn))
    assert flaws(document) == []
    assert list(all_faults(turn, document)) == []


def test_an_answer_of_another_shape_does_not_fit_the_contract_of_the_defaults() -> None:
    assert [turn for turn in VISIBLE if next(all_faults(turn, contract_for(None)), None) is None] == []


@pytest.mark.slow
@examples(10)
@given(turn=COMBINED)
def test_switches_go_together(turn: Node) -> None:
    document = contract_for(Switches(**turn))
    assert flaws(document) == []
    assert list(all_faults(turn, document)) == []


@pytest.mark.parametrize(
    ("state", "commands"), [("string", "objects"), ("object", "json"), ("string", "comma"), ("object", "empty")]
)
def test_every_rule_is_about_some_states_and_refuses_the_commands_of_another(state: str, commands: str) -> None:
    turn: Node = {"state": state, "commands": commands}
    client, document = client_for(turn), contract_for(Switches(**turn))
    plans = [client.get(f"{LIST}{plan}/", headers=credentials(document)).get_json() for plan in OF_EACH_STATE]
    described, (pending, *_, ended) = document["components"]["schemas"]["OrderExecutionPlan"], plans
    for rule in described["allOf"]:
        assert len({not faults(document, rule["if"], plan) for plan in plans}) == 2
    for plan, other in ((pending, ended), (ended, pending)):
        assert faults(document, described, plan) == []
        changed = faults(document, described, {**plan, "commands": other["commands"]})
        assert bool(changed) is (commands != "empty")


@pytest.mark.parametrize("turn", each("page_size", "max_page_size", "page_size_parameter"), ids=name_of)
def test_a_page_is_as_long_as_the_contract_says(turn: Node) -> None:
    client, document = client_for(turn), contract_for(Switches(**turn))
    size = next(one for name, one in document["components"]["parameters"].items() if name in {"limit", "page_size"})
    default, maximum = (
        size["schema"]["default"],
        document["components"]["schemas"]["PlanPage"]["properties"]["results"]["maxItems"],
    )
    for query, rows in (({}, default), ({size["name"]: 2}, 2), ({size["name"]: 2000}, maximum)):
        page = client.get(LIST, query_string=query, headers=credentials(document)).get_json()
        assert len(page["results"]) == min(rows, len(IDS))


@pytest.mark.parametrize("turn", each("auth"), ids=name_of)
def test_those_keywords_are_accepted_that_the_contract_names(turn: Node) -> None:
    client, document = client_for(turn), contract_for(Switches(**turn))
    for word in ("Token", "Bearer"):
        status = client.get(LIST, headers={"Authorization": f"{word} mock-oms-token"}).status_code
        assert status == (200 if word in keywords(document) or "security" not in document else 401)
    assert client.get(LIST).status_code == (401 if "security" in document else 200)


def test_each_order_is_told_in_other_words() -> None:
    documents = [contract_for(Switches(order=order)) for order in values("order")]
    assert len({document["paths"][LIST]["get"]["description"] for document in documents}) == len(values("order"))


def test_a_text_that_the_contract_does_not_have_cannot_be_reworded() -> None:
    with pytest.raises(LookupError, match="no longer says 'pages'"):
        reword({"description": "No page."}, "pages", "rows")


def test_the_command_prints_the_contract_with_its_comments_and_that_of_a_scenario(tmp_path: Path) -> None:
    def printed(*arguments: str) -> str:
        return CliRunner().invoke(main, ["openapi", *arguments], catch_exceptions=False).stdout

    file, changed = tmp_path / "array.yaml", contract_for(Switches(list="array"))
    file.write_text(yaml.safe_dump({"description": "Other switches.", "plans": [], "answers": {"list": "array"}}))
    assert printed() == contract_text()
    assert json.loads(printed("--json")) == contract_for(None)
    assert yaml.safe_load(printed("--scenario", str(file))) == changed
    assert json.loads(printed("--scenario", str(file), "--json")) == changed
