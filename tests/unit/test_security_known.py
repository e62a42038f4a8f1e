"""A secret that the server knows is shown nowhere, wherever a client has put it."""

import logging
import re
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.server.log import JsonLines, Redacted
from mock_oms.settings import Settings
from mock_oms.tokens import MADE_FORM, made_token
from mock_oms.traffic.journal.redaction import Redactor
from mock_oms.worlds.manager import WorldManager
from tests.profiles import examples
from tests.worlds import scenario

CONTROL = 'c0ntrol"\\şecret'
REDACTOR = Redactor(b"a key", [CONTROL, "mock-oms-token", "short"])
HASH = "[0-9a-f]{8}"

MINE = "mock-Jx3k_9AbQz-7Lw2PdRt5VmYc8Hs"
on_the_wire = [CONTROL.encode().decode("latin-1"), "mock-oms-token", MINE]
#: Without the letters of a token: what stands beside them can make another one together with them.
around = st.text(st.characters(codec="latin-1", exclude_characters="%-_", exclude_categories=["L", "N"]), max_size=20)
beside = st.text("mock-osAx0_", max_size=30)


def every_octet(text: str) -> str:
    return "".join(f"%{octet:02x}" for octet in text.encode("latin-1"))


def once_more(text: str) -> str:
    return quote(quote(text.encode("latin-1"), safe=""), safe="")


DRESSES = pytest.mark.parametrize(
    "dress", [str, every_octet, once_more, lambda text: every_octet(text[0]) + text[1:]], ids=range(4)
)


@pytest.mark.parametrize("secret", on_the_wire)
@DRESSES
@examples(30)
@given(before=around, after=around)
def test_a_known_secret_is_replaced_and_all_around_it_stays(dress: Any, secret: str, before: str, after: str) -> None:
    shown = REDACTOR.without_known(f"{before}{dress(secret)}{after}")
    assert re.fullmatch(f"{re.escape(before)}{HASH}{re.escape(after)}", shown, re.DOTALL)


@DRESSES
@examples(60)
@given(before=beside, after=beside)
def test_no_part_of_a_secret_stays_whatever_stands_beside_it(dress: Any, before: str, after: str) -> None:
    shown = REDACTOR.without_known(f"{before}{dress(MINE)}{after}")
    hashes = re.finditer(f"(?={HASH})", shown)
    places = [(shown[: one.start()], shown[one.start() + 8 :]) for one in hashes]
    assert any(before.startswith(left) and after.endswith(right) for left, right in places)


def test_what_overlaps_is_replaced_as_one_and_the_longest_of_those_that_begin_together() -> None:
    for text in ("mock-" + MINE, "mock-abc" + MINE, "mock-oms-token" + "0" * 17 + "A", MINE + MINE):
        assert re.fullmatch(HASH, REDACTOR.without_known(text))
    for known in (MINE + "-and-more", MINE[:9], MINE[5:]):
        assert re.fullmatch(HASH, Redactor(b"a key", [known]).without_known(max(known, MINE, key=len)))


@pytest.mark.parametrize("secret", ["tok%41secret99", "abcdefgh%", "%41%42%43%44%45%46%47%48", "100%2541-secret"])
def test_a_secret_with_a_percent_sign_in_it_is_replaced(secret: str) -> None:
    redactor = Redactor(b"a key", [secret])
    dressed = [dress(secret) for dress in (str, every_octet, once_more, unquote)]
    shown = {redactor.without_known(f"ua {one}{after}") for one in dressed for after in ("", "41 y", "%41", "&x=1")}
    assert [one for one in shown if not re.fullmatch(f"ua {HASH}.*", one)] == []


def test_a_header_or_a_parameter_that_holds_no_secret_by_its_name_holds_none() -> None:
    for name in (b"user-agent", b"x-odd", b"accept"):
        ((_, value),) = REDACTOR.redacted([(name, b"poller/1 (mock-oms-token)")])
        assert re.fullmatch(rf"poller/1 \({HASH}\)", value)
    assert re.fullmatch(f"page={HASH}&x=1", REDACTOR.redacted_text("page=mock%2Doms-token&x=1"))
    ((_, value),) = REDACTOR.redacted([(b"authorization", b"Token mock-oms-token")])
    assert REDACTOR.without_known("/mock-oms-token/") == f"/{value.split()[1]}/"  # the hash that it has in its header


@pytest.mark.parametrize(
    "text", ["short", "mock-oms", "world=mock-oms-integration-tests-of-the-team", "100%", "%zz%2", "mock-", "", "a%20b"]
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert REDACTOR.without_known(text) == text


def test_every_token_that_is_made_has_the_form_that_is_known_to_those_who_were_told_none() -> None:
    assert all(re.fullmatch(MADE_FORM, made_token()) for _ in range(2_000))
    assert re.fullmatch(HASH, Redactor(b"a key").without_known(MINE))


def test_a_simulation_says_what_nobody_must_read_but_not_the_password_that_everybody_knows() -> None:
    simulation = WorldManager(scenario(plans=[]), token="chosen-token", password="chosen-password")
    assert set(simulation.confidential()) == {"chosen-token", "chosen-password"}
    assert Settings().password not in WorldManager(scenario(plans=[])).confidential()


@pytest.mark.parametrize("form", [logging.Formatter(), JsonLines()], ids=["text", "json"])
def test_a_traceback_in_the_log_holds_no_secret(form: logging.Formatter) -> None:
    error = LookupError(f"/{MINE}/ {CONTROL}")
    raised = (LookupError, error, None)
    what = logging.LogRecord("mock_oms", logging.ERROR, "", 1, "Exception on %s", (f"/{MINE}/",), raised)
    line = Redacted(form, REDACTOR.without_known).format(what)
    assert "LookupError" in line
    assert not re.search("mock-J|c0ntrol", line)
