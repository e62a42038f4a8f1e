"""Findings tell what is wrong with an answer, and nothing of the people in it."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mock_oms.cli.main import main
from mock_oms.conformance.checks import judged
from mock_oms.conformance.checks.check import legible_to_all
from mock_oms.conformance.crawl import Question
from mock_oms.contract.document import words_of
from mock_oms.contract.openapi import contract_for
from mock_oms.switches import Switches
from mock_oms.urls import Operation
from tests.crawls import PLANS, crawl_of, exchange
from tests.drf.customer import customers_plans, private_texts
from tests.drf.serving import real_oms
from tests.system.running import plain_environment
from tests.typed import runner

WORDS = words_of(contract_for(Switches()))
PLAN = dict[str, Any]


def masked(value: object, place: str = "order.notes") -> str:
    return legible_to_all(value, place=place, words=WORDS)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Caferağa Mah. Şifa Sok. No: 12", "text of 30 characters"),
        ("+905321170042", "text of 13 characters"),
        ("4400917731", "text of 10 characters"),
        ("a", "text of 1 character"),
        (905321170042, "number of 12 characters"),
        ({"first_name": "Ali", "Ali Veli": 1}, "{first_name: text of 3 characters, a name of 8 characters: 1}"),
        (["Ali", None], "[text of 3 characters, None]"),
        ({"slug": "Ali"}, "{slug: text of 3 characters}"),
        ("53212345", "text of 8 characters"),
        (53212345, "number of 8 characters"),
        ("41.008212", "text of 9 characters"),
        (41.008212, "number of 9 characters"),
        ({"12345678901": 1, "7": 2}, "{a name of 11 characters: 1, 7: 2}"),
        ({"ayse_5321": 1}, "{a name of 9 characters: 1}"),
        ({"currency": "AY-YIL", "state": "AYSE"}, "{currency: text of 6 characters, state: text of 4 characters}"),
        ({"currency": "TRY", "commands": "plan-cancel, halted"}, "{currency: TRY, commands: plan-cancel, halted}"),
        ("No Musteri_Ayse matches the given query.", "No a name of 12 characters matches the given query."),
    ],
)
def test_what_may_be_somebodys_is_shown_by_its_shape(value: object, shown: str) -> None:
    assert masked(value) == shown


@pytest.mark.parametrize(
    "text",
    [
        *("", "pending", "plan-cancel", "Invalid token.", "No OrderExecutionPlan matches the given query."),
        *("2024-03-05", "2024-03-05T09:00:00.000000Z", "1299.90", "-3", "page 2"),
        f"http://127.0.0.1:8080{PLANS}?page=2",
    ],
)
def test_what_tells_of_nobody_is_shown_as_it_is(text: str) -> None:
    assert masked(text) == text


def test_a_word_is_shown_where_a_program_put_it() -> None:
    assert masked("halted", "results[3].state") == "halted"
    assert masked("Halil", "results[3].state") == "text of 5 characters"


# The whole way


def spoilt(plans: Sequence[PLAN]) -> list[PLAN]:
    """Plans with a customer's texts where numbers, states, dates and amounts belong, and the other way round."""
    return [_spoilt(json.loads(json.dumps(plan)), number) for number, plan in enumerate(plans)]


def _spoilt(plan: PLAN, number: int) -> PLAN:
    order = plan["order"]
    first, address = order["customer"]["first_name"], order["shipping_address"]["line"]
    phone, orders_number = order["customer"]["phone_number"], order["number"]
    changes: tuple[Callable[[], object], ...] = (
        lambda: plan.update(state=first, commands=[address]),
        lambda: plan.update(created_date=phone, context={"1": first}),
        lambda: order.update(currency=first, amount=orders_number),
        lambda: order.update(notes=[order["notes"]], number={"a": orders_number}, customer=first),
        lambda: order["customer"].update(phone_number=None, email=7, first_name=[first], id=phone),
        lambda: [one.update(price=orders_number, tax_rate=phone) for one in order["orderitem_set"]],
        lambda: order.update(extra=address, customer={**order["customer"], address: 1}),
        lambda: order.update(shipping_address=[address, phone], date_placed=first),
    )
    changes[number % len(changes)]()
    return plan


@pytest.mark.parametrize(
    "more", [("--no-schemathesis",), pytest.param((), marks=pytest.mark.slow)], ids=["ours", "all"]
)
def test_no_report_on_a_real_oms_shows_a_text_of_its_customers(tmp_path: Path, more: tuple[str, ...]) -> None:
    plans = customers_plans(8)
    files = [tmp_path / f"report.{kind}" for kind in ("xml", "md", "json")]
    words = [*more, *(word for file in files for word in ("--report", str(file)))]
    with real_oms(tmp_path, spoilt(plans), page_size=20) as url:
        printed = run(url, *words)
        shown = run(url, "--show-values", "--json", "--no-schemathesis")
    texts = [printed, *(file.read_text(encoding="utf-8") for file in files)]
    private = private_texts(plans)
    assert json.loads(texts[-1])["findings"]["breaking"] > 20
    assert [one for one in private for text in texts if one in text or json.dumps(one)[1:-1] in text] == []
    assert [one for one in private if one in shown or json.dumps(one)[1:-1] in shown]


def run(*words: str) -> str:
    result = runner().invoke(main, ["contract", *words, "--rate", "1000"], env=plain_environment())
    assert result.exit_code == 1, result.output
    return result.output


def test_two_answers_that_differ_show_neither_text() -> None:
    plan = customers_plans(1)[0]
    other = json.loads(json.dumps(plan))
    other["order"]["notes"] = "Başka bir not"
    page = {"count": 1, "next": None, "previous": None, "results": [plan]}
    detail = exchange(f"{PLANS}{plan['id']}/", other, operation=Operation.DETAIL)
    crawl = crawl_of((Question.WALK, exchange(PLANS, page)), (Question.DETAIL, detail))
    (found,) = [one.findings for one in judged(crawl, Switches()) if one.check == "list-and-detail-agree"]
    assert [text for text in ("Başka", plan["order"]["notes"]) if text in str(found)] == []
    assert found[0].expected.startswith("{")
