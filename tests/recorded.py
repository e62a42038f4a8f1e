"""What recordings and their tests are made of: plans with real names in them, and a fake OMS that answers with plans."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import getitem
from typing import Any

from hypothesis import strategies as st

from mock_oms.conformance.crawl import Exchange
from mock_oms.conformance.crawler.session import LIST, StoppedError
from mock_oms.conformance.recorder.allowed import RuleWalk, Unknown
from mock_oms.conformance.recorder.allowed import scrubbed as scrubbed_all
from mock_oms.conformance.recorder.pseudonyms import Pseudonyms
from mock_oms.conformance.recorder.reader import Reader
from mock_oms.conformance.recorder.scenario import Recording
from tests.worlds import later, opened, rendered, scenario

KEY = b"k" * 32
MADE = Pseudonyms(KEY)
TAG = "(?:[b-df-hj-np-tv-xz][0-9]){8}"
FINITE = st.floats(allow_nan=False, allow_infinity=False)
IDS = st.one_of(st.integers(), st.integers(1, 2**31), st.integers(2**31, 2**54), st.integers(2**120, 2**140))
NUMBERS = st.one_of(IDS, FINITE, st.floats(0, 200), st.floats(0, 1e-3))
DEGREES = st.builds("{}{}.{:06}".format, st.sampled_from(("", "-")), st.integers(0, 200), st.integers(0, 999_999))
#: Made from patterns, each of which has texts of its own form and of its neighbours.
WRITTEN = (
    r"-?\d{1,12}",
    r"-?\d{1,4}\.\d{1,20}",
    r"\d\.\d{0,17}e[+-]\d{1,3}",
    r"20\d\d-0\d-[0-2]\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z?)?",
    r"[a-z]{1,4}@[a-z]{1,4}\.com",
    r"[+]?[\d ()-]{7,14}",
    r"[A-Z]{1,3}[-_./]\d{1,3}",
    TAG,
    r"[a-zA-ZçğıİöşüÇĞÖŞÜ]{1,6}([ -][A-ZÇĞİÖŞÜ][a-zçğıöşü]{1,6}){0,5}",
)
TEXTS = st.one_of(
    st.text(),
    DEGREES,
    NUMBERS.map(json.dumps),
    *(st.from_regex(re.compile(one, re.ASCII), fullmatch=True) for one in WRITTEN),
)
#: The fields whose values may stay: written down here once more, for the code's own list may be wrong.
_KEPT = """
    state name enum_class enum_value slug command_code source_state destination_state price_currency currency code
    payment_type delivery_type language_code stock_location_type unit_type tax_rate quantity stock_count
    reservation_count"""
KEPT = frozenset(_KEPT.split())
_MONEY = "price net_amount retail_price tax_amount discount_amount amount shipping_amount"
MONEY = frozenset(_MONEY.split())
PEOPLE = (
    {"first_name": "İbrahim Işıl", "last_name": "Şahinoğlu", "email": "i.sahinoglu@dukkancim.com.tr"},
    {"first_name": "Ğülşen 🎁", "last_name": "Öztürk-Çağlar", "email": "gulsen+oms@posta.com.tr"},
)
SECTIONS: Mapping[str, Any] = {
    "locations": {"WH1": {}, "ANKARA-7": {"type": "store"}},
    "stock": {"TST-001-M": {"WH1": 5}, "ZEYTİN-42": {"WH1": 0}},
    "plans": [
        {"id": 41207, "items": ["TST-001-M", "ZEYTİN-42"]},
        {"id": 41208, "items": ["TST-001-M"]},
        {"id": 41209, "items": ["ZEYTİN-42"], "hold": True},
        {"id": 41210, "items": ["TST-001-M"]},
    ],
    "timeline": [{"at": "5m", "command": {"plan": 41210, "run": "plan-cancel"}}],
}


def real_plans(at: str = "1h") -> list[dict[str, Any]]:
    """Four plans in several states, whose customers have names that no mock made up; the newest first."""
    of = scenario(**SECTIONS)
    plans = [deepcopy(one) for _, one in sorted(rendered(later(opened(**SECTIONS), at), of).items(), reverse=True)]
    for number, plan in enumerate(plans):
        plan["order"]["customer"] |= PEOPLE[number % len(PEOPLE)] | {"phone_number": f"+90 532 111 22 3{number}"}
        plan["order"]["notes"] = f"Kapıcıya bırakın, zil {number} bozuk 🔔"
        plan["order"]["shipping_address"]["line"] = f"Çeşme Sokağı No: 1{number}"
    return plans


def _texts_not_to_be_seen(value: Any, name: str = "") -> Iterator[str]:
    """Texts in JSON that no field may keep, and the names of things and people, which share a field with states."""
    if isinstance(value, dict):
        if "enum_class" not in value and "slug" not in value and isinstance(value.get("name"), str) and len(value) > 1:
            yield value["name"]
        yield from value.get("stock_locations", {})  # whose keys are codes
        for key, one in value.items():
            yield from _texts_not_to_be_seen(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from _texts_not_to_be_seen(one, name)
    elif isinstance(value, str) and name not in KEPT | MONEY:
        yield value


def survivors(plans: Sequence[Any], text: str) -> list[str]:
    """What of four letters or more of these plans stands in a text; of digits alone only what is a value there."""
    secrets = {one for one in _texts_not_to_be_seen(list(plans)) if len(one) > 3}
    return [one for one in secrets if (f'"{one}"' if one.isdecimal() else one) in text]


def walk(unknown: Unknown = "stop", key: bytes = KEY, keep: str = "") -> RuleWalk:
    """A walk with pseudonyms of its own."""
    return RuleWalk(pseudonyms=Pseudonyms(key), unknown=unknown, keep=frozenset(keep.split()))


def scrubbed(plan: Any, how: RuleWalk | None = None) -> dict[str, Any]:
    """What is left of one plan."""
    (left,) = scrubbed_all([plan], how or walk())
    assert left is not None
    return left


def changed(plan: Any, value: Any, *places: Sequence[str | int]) -> Any:
    """A copy of a plan with another value at some places."""
    copy = deepcopy(plan)
    for *way, last in places:
        at(copy, way)[last] = value
    return copy


def at(plan: Any, place: Iterable[str | int]) -> Any:
    """What stands at a place."""
    return reduce(getitem, place, plan)


@dataclass(slots=True)
class FakeOms:
    """Answers for an OMS whose plans a test changes; after `most` requests it stops the crawl.

    `failing` are the requests, by their number, that it answers with 500; `link` stands in every page as the next one.
    """

    plans: list[dict[str, Any]]
    size: int = 2
    most: int = 1000
    extra: Mapping[str, Any] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    failing: frozenset[int] = frozenset()
    link: str | None = None
    missing: str = "Not found."
    seconds: float = 0.0

    def get(self, path: str, query: Sequence[tuple[str, str]]) -> Exchange:
        if len(self.requests) >= self.most:
            raise StoppedError("Enough.")
        page = dict(query).get("page", "")
        self.requests.append(f"{path}?{page}")
        self.seconds += 1
        status, body = (200, self._page(int(page or 1))) if path == LIST else self._plan(path)
        if len(self.requests) in self.failing:
            status, body = 500, {}
        return Exchange(
            number=len(self.requests),
            method="GET",
            target=path,
            operation=None,
            status=status,
            headers=(),
            body=json.dumps(body).encode(),
            sent_at=datetime(2024, 3, 5, tzinfo=UTC),
            took=timedelta(milliseconds=40),
        )

    def _page(self, number: int) -> dict[str, Any]:
        end = number * self.size
        link = f"http://oms.test{LIST}?page={number + 1}" if end < len(self.plans) else None
        rows = self.plans[end - self.size : end]
        return {"count": len(self.plans), "next": self.link or link, "previous": None, "results": rows}

    def _plan(self, path: str) -> tuple[int, dict[str, Any]]:
        wanted = path.removeprefix(LIST).strip("/")
        found = next((one for one in self.plans if str(one["id"]) == wanted), None)
        return (200, {**found, **self.extra}) if found else (404, {"detail": self.missing})

    def elapsed(self) -> timedelta:
        return timedelta(seconds=self.seconds)

    def read(self, recording: Recording | None = None, **more: Any) -> Reader:
        """The reader that has read it once."""
        new = Recording(begun="2022-07-02T10:00:51Z")
        given = {"get": self.get, "walk": walk(), "recording": recording or new, "elapsed": self.elapsed}
        reader = Reader(**{**given, **more})
        reader.read()
        return reader

    def watch(self, reader: Reader) -> None:
        """Let the reader read it once more."""

        def sleep(seconds: float) -> None:
            self.seconds += seconds

        reader.watch(self.elapsed() + timedelta(seconds=60), timedelta(seconds=60), sleep)
