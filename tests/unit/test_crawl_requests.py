"""What a crawl asks, of whom, and where its links lead: decided without a connection."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.conformance.crawl import Question, read_page
from mock_oms.conformance.crawler.crawler import (
    AGAIN,
    FIXED,
    LAST,
    PlanRow,
    budget_of,
    details,
    followed,
    formatted,
    missing,
    plan_rows,
    refused,
    sampled,
    sized,
    spread,
)
from mock_oms.conformance.crawler.session import Target, TargetError
from tests.exchanges import exchange
from tests.profiles import examples

LIST = "/api/v1/oms/orderexecutionplans/"


@pytest.mark.parametrize(
    "url",
    [
        *("", "ftp://oms.example.net", "oms.example.net", "http://", "http://oms example.net", "http://[::1"),
        *(f"http://oms.example.net{rest}" for rest in ("/api/", "?x=1", "#x", ":0", ":http", "\n")),
        "https://oms:geheim@oms.example.net",
    ],
)
def test_what_is_no_address_of_a_host_is_refused_with_what_is_accepted_and_without_a_password(url: str) -> None:
    with pytest.raises(TargetError, match="accepted: scheme, host and port alone") as refusal:
        Target(url=url)
    assert "geheim" not in str(refusal.value)


@pytest.mark.parametrize("token", ["", "two words", "line\n", "şifre-secret"])
def test_a_token_that_no_header_carries_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(TargetError) as refusal:
        Target(url="https://oms.example.net", token=token)
    assert not token or token not in str(refusal.value)


def test_a_target_does_not_show_its_token() -> None:
    assert "very-secret" not in repr(Target(url="https://oms.example.net", token="very-secret"))


HERE = ("http://127.0.0.1:8080", "http://localhost", "http://[::1]:8080")


@pytest.mark.parametrize(
    "url", [*HERE, "https://oms.example.net", "http://127.0.0.1.example.net", "http://192.168.1.4"]
)
def test_only_this_machine_is_loopback(url: str) -> None:
    assert Target(url=url).loopback is (url in HERE)


def test_a_file_of_authorities_that_is_missing_is_named() -> None:
    with pytest.raises(TargetError, match=r"missing\.pem is no file of authorities to trust: No such file"):
        Target(url="https://oms.example.net", ca=Path("missing.pem")).trust()


OMS = Target(url="https://oms.example.net")


@pytest.mark.parametrize(
    "link",
    [
        *(f"{start}?page=2" for start in ("", f"https://oms.example.net{LIST}", f"https://OMS.example.net:443{LIST}")),
        f"http://oms.example.net{LIST}?page=2",
        f"https://user@oms.example.net{LIST}?page=2",
    ],
)
def test_a_link_to_the_target_is_followed_by_its_path_and_another_scheme_is_told(link: str) -> None:
    remark = "Links to the next page begin with http://; they were followed with https://."
    assert followed(link, OMS) == (f"{LIST}?page=2", remark if link.startswith("http:") else "")


@pytest.mark.parametrize(
    ("link", "why"),
    [
        (f"https://elsewhere.example.net{LIST}?page=2", "another host"),
        (f"https://oms.example.net:8443{LIST}?page=2", "another host"),
        (f"//elsewhere.example.net{LIST}", "another host"),
        (f"https://oms.example.net@elsewhere.example.net{LIST}", "another host"),
        ("file:///etc/passwd", "another host"),
        ("https://oms.example.net/logout/", "something else than the list"),
        ("https://[::1", "no address"),
        (f"https://oms.example.net{LIST}?page=ş", "more in it than an address can hold"),
        (f"https://oms.example.net{LIST}?page={'2' * 5_000}", "more in it than an address can hold"),
    ],
)
def test_a_link_that_leads_elsewhere_is_not_followed(link: str, why: str) -> None:
    path, problem = followed(link, OMS)
    assert (path, why in problem) == ("", True)


def page_of(body: bytes) -> Any:
    return read_page(exchange(body).content)


def test_a_bare_array_is_a_page_without_a_next_one() -> None:
    page = page_of(b'[{"id": 3, "state": "start"}]')
    assert (plan_rows(page), page.next, page.count, page.is_array) == ((PlanRow(id=3, state="start"),), None, 1, True)


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"results": 1}', b"3", b"null", b"[" * 100_000])
def test_what_is_no_list_is_no_page(body: bytes) -> None:
    assert page_of(body) is None


def test_rows_without_a_usable_id_are_passed_over() -> None:
    rows = b'[{"id": true}, {"id": null}, {"id": ""}, {"state": "start"}, 7, {"id": "a", "state": {"x": 1}}]'
    assert [one.id for one in plan_rows(page_of(rows))] == ["a"]


def test_a_budget_of_200_covers_every_kind_of_question() -> None:
    share = budget_of(200)
    assert (share.pages > 50, share.details > 20, share.repeated > 5) == (True, True, True)


@examples(100)
@given(st.integers(FIXED + 20, 5_000))
def test_a_share_never_exceeds_its_budget(budget: int) -> None:
    assert budget_of(budget).all <= budget


def test_every_question_is_asked_and_the_fixed_ones_are_counted() -> None:
    fixed = [*sized(few=False), LAST, *formatted(7, few=False), *missing([7], few=False), *refused(7), AGAIN]
    assert len(fixed) == FIXED
    assert {one.question for one in (*fixed, *details([7]))} == set(Question) - {Question.WALK, Question.REPEATED}


@examples(100)
@given(st.lists(st.integers(), unique=True), st.integers(1, 50))
def test_a_spread_keeps_order_and_ends(values: list[int], number: int) -> None:
    found = spread(values, number)
    assert len(found) == min(number, len(values))
    assert list(found) == [one for one in values if one in set(found)]
    assert not values or found[0] == values[0]


@examples(100)
@given(st.lists(st.tuples(st.integers(0, 99), st.sampled_from("abcd")), unique_by=lambda one: one[0]))
def test_a_sample_has_a_plan_of_each_state_that_was_met(rows: list[tuple[int, str]]) -> None:
    states = dict(rows)
    found = sampled([PlanRow(id=one, state=state) for one, state in rows], 6)
    assert len(found) == len(set(found)) == min(6, len(rows))
    assert {states[int(one)] for one in found} == set(states.values())


def test_a_plan_that_the_list_shows_is_not_asked_for_as_a_missing_one() -> None:
    paths = [one.path for one in missing([0, 7], few=False) if one.question is Question.NO_PLAN]
    assert paths == [f"{LIST}1000007/", f"{LIST}no-plan/"]


def test_an_id_is_one_segment_of_a_path_whatever_is_in_it() -> None:
    assert [one.path for one in details(["../x?y"])] == [f"{LIST}..%2Fx%3Fy/"]
