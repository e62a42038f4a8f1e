"""Captured plans in files of JSON and in archives (HAR), and scenarios that name such files."""

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.domain.setup import START
from mock_oms.domain.world import open_world
from mock_oms.scenarios.building import build_scenario, load_scenario, read_scenario
from mock_oms.scenarios.captured_files import CaptureError, answers_in, captures_in, latest, plans_in
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.scenarios.library import Library
from mock_oms.scenarios.yaml_file import MAX_BYTES, parse_yaml
from mock_oms.worlds.state_folder import StoredScenarios
from tests.profiles import examples
from tests.worlds import rendered

PLANS: list[dict[str, Any]] = [
    {"id": 8, "state": "pending", "modified_date": "2024-03-05T09:00:00Z", "price": 1e16, "odd": {"<<": [None, "ş\u2028", ""]}},
    {"id": 7, "state": {"enum_value": "completed"}, "modified_date": "2024-03-05T10:00:00Z", "on": "0123"},
]  # fmt: skip
PAGE = {"count": 2, "next": None, "previous": None, "results": PLANS}
URL = "https://oms.example.com/api/v1/oms/orderexecutionplans/"
RAW = "description: Captured.\nplans:\n  - raw: {}\n  - {{state: start}}\n"


def entry(
    text: str | None, *, url: str = URL, status: int = 200, method: str = "GET", **content: Any
) -> dict[str, Any]:
    body = {"mimeType": "application/json", **({} if text is None else {"text": text}), **content}
    return {"request": {"method": method, "url": url}, "response": {"status": status, "content": body}}


def archive(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"log": {"version": "1.2", "entries": list(entries)}}


def found_in(content: bytes) -> list[dict[str, Any]]:
    return latest(plans_in(answers_in(captures_in(content))))


def encoded(*documents: Any) -> bytes:
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in documents).encode()


TWO_PAGES = ({**PAGE, "results": PLANS[:1]}, {**PAGE, "results": PLANS[1:]})
OTHERS = (entry("<html>", url="https://oms.example.com/"), entry("{", status=401), entry("{", method="OPTIONS"))
CAPTURES = {
    "a list": encoded(PLANS),
    "a page": encoded(PAGE),
    "pages in a list": encoded([*TWO_PAGES]),
    "pages one after the other": encoded(*TWO_PAGES),
    "pages of which one is empty": encoded(*TWO_PAGES, {**PAGE, "results": []}),
    "plans one a line": encoded(*PLANS),
    "an archive with other requests in it": encoded(archive(*OTHERS, entry(json.dumps(PAGE), url=f"{URL}?page=1"))),
    "base64": encoded(archive(entry(base64.b64encode(encoded(PLANS)).decode(), encoding="base64"))),
    "list and details": encoded(archive(entry(json.dumps(PAGE)), entry(json.dumps(PLANS[0]), url=f"{URL}8/"))),
    "a byte order mark": b"\xef\xbb\xbf" + encoded(PLANS),
    "UTF-16, as PowerShell writes it": json.dumps(PLANS, indent=2).replace("\n", "\r\n").encode("utf-16"),
}


def test_plans_are_found_in_whatever_holds_an_answer() -> None:
    assert {name: found_in(content) for name, content in CAPTURES.items()} == dict.fromkeys(CAPTURES, PLANS)
    assert found_in(encoded(PLANS[0])) == PLANS[:1]


def test_of_a_plan_the_latest_counts_and_of_equal_ones_the_last() -> None:
    older, newer = ({**PLANS[0], "modified_date": f"2024-03-05T09:00:00{more}Z", "n": more} for more in ("", ".5"))
    last = {**older, "n": "last"}
    assert latest([newer, older]) == latest([older, newer]) == [newer]
    assert latest([older, last, {"id": 8, "modified_date": "yesterday"}, {"id": 8}]) == [last]
    assert latest([{"id": "8"}, {"id": "8"}]) == [{"id": "8"}, {"id": "8"}]


#: What a file holds, and what is said of it after its name.
REFUSED = {
    b"": "is empty.",
    b" \n": "is empty.",
    b"\xef\xbb\xbf": "is empty.",
    b"<!DOCTYPE html><p>Log in": "holds HTML or XML, perhaps a login or an error; save what answers GET /api/v1/oms/",
    b"HTTP/1.1 200 OK\r\n\r\n[]": "begins with the head of an answer; save its body alone (curl without -i).",
    b'{"id": 7, "state"': "ends too early, at line 1, column 18: it was cut off; save it again.",
    b'[{"id": 7},\n {"note": "Ay': "ends within the text that begins at line 2, column 11: it was cut off; save it again.",
    b'{"id": 7 "state": 1}': "is no JSON: Expecting ',' delimiter at line 1, column 10.",
    b"plans: []": "is no JSON: Expecting value at line 1, column 1.",
    b'{"id": NaN}': "is no JSON: NaN is no number that a scenario can have.",
    b'{"id": 1e999}': "is no JSON: 1e999 is no number that a scenario can have.",
    b'{"id": ' + b"9" * 5000 + b"}": "is no JSON: 99999999999999999999… is no number that a scenario can have.",
    b"[" * 100_000: "is no JSON: it is nested too deeply.",
    b"[" * 60 + b"]" * 60: "is nested more than 46 levels deep.",
    b"\xff\x00\xfe": "is neither UTF-8 nor UTF-16; save it as UTF-8.",
    b"\x1f\x8b\x08": "is compressed with gzip; unpack it first.",
    b'{"id": 7, "note": "\\ud83d"}': r"has half a letter in it, such as \ud83d alone.",
    encoded(*[{**PAGE, "results": []}] * 2): "holds a list without plans; save one that has some.",
    b"1 " * 20_000: "holds more than 10,000 documents of JSON.",
    b"[]": "holds a list without plans; save one that has some.",
    encoded({**PAGE, "results": []}): "holds a list without plans; save one that has some.",
    encoded({**PAGE, "results": ["x"]}): "has a page with something in it that is no plan.",
    b"[7]": "holds neither a plan, a list of plans, a page of it nor an archive of requests (HAR).",
    b"null": "holds neither a plan,",
    b'{"swagger": "2.0"}': "holds neither a plan,",
    encoded(
        {"detail": "Invalid token."}
    ): "holds what an OMS says to a request that it refuses ('Invalid token.'); save",
    encoded(
        archive(*OTHERS)
    ): "is an archive (HAR) of 3 requests, and none is GET /api/v1/oms/orderexecutionplans/ or one",
    encoded({"log": {"entries": 5}}): "is an archive (HAR) of 0 requests",
    encoded(archive(entry(None))): "is an archive (HAR) whose answers have no bodies; save it again with content.",
    encoded(archive(entry("<html>"))): "is an archive (HAR), and an answer in it holds HTML",
    encoded(archive(entry("x", encoding="base64"))): "has an answer whose base64 cannot be read.",
}


def test_a_file_without_plans_is_refused_with_the_way_out() -> None:
    said = {}
    for content in REFUSED:
        try:
            said[content] = str(found_in(content))
        except CaptureError as error:
            said[content] = str(error)
    assert {content[:50]: one for content, one in said.items() if not one.startswith(REFUSED[content])} == {}


@examples(100)
@given(st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=3) | st.just("base64"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(("log", "entries", "request", "response", "status", "content", "text", "results", "id", "detail")),
        inner, max_size=4,
    ), max_leaves=10,
))  # fmt: skip
def test_any_json_has_plans_or_is_refused(value: Any) -> None:
    try:
        plans = found_in(json.dumps(value).encode())
    except CaptureError as error:
        assert str(error).endswith(".")  # noqa: PT017
    else:
        assert plans


# Scenarios that name a file


def file_with(folder: Path, content: bytes, *, name: str = "captured.json") -> Path:
    """A scenario in this folder, and a captured file that it names."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    scenario = folder / "mine.yaml"
    scenario.write_text(RAW.format(name))
    return scenario


def refusal(file: Path) -> str:
    with pytest.raises(ScenarioError) as refused:
        load_scenario(file)
    return str(refused.value).removeprefix(str(file))


@pytest.mark.parametrize("name", ["captured.json", "below/captured.har"])
def test_a_scenario_serves_the_plans_of_the_file_that_it_names(tmp_path: Path, name: str) -> None:
    scenario = load_scenario(file_with(tmp_path, encoded(PAGE), name=name))
    world = open_world(scenario.setup(seed=None, opened=START))
    served = rendered(world, scenario)
    assert [json.dumps(served[one["id"]]) for one in PLANS] == [json.dumps(one) for one in PLANS]


def test_a_document_with_captured_plans_is_complete_and_its_text_too(tmp_path: Path) -> None:
    file = file_with(tmp_path, encoded(PAGE))
    data, _ = read_scenario(file)
    assert data["plans"] == [{"raw": PLANS[0]}, {"raw": PLANS[1]}, {"state": "start"}]
    scenario = load_scenario(file)
    assert parse_yaml(scenario.lines.text, file)[0] == data
    stored = StoredScenarios(tmp_path / "state")
    stored.store(scenario)
    (tmp_path / "captured.json").unlink()
    assert stored.load("mine.yaml", scenario.digest) == scenario


def test_switches_that_were_observed_stand_in_the_text_too(tmp_path: Path) -> None:
    scenario = load_scenario(file_with(tmp_path, encoded(PAGE)), None, {"page_size": 20})
    data, _ = parse_yaml(scenario.lines.text, tmp_path / "mine.yaml")
    assert (data["answers"], len(data["plans"])) == ({"page_size": 20}, 3)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5) | st.text("0123456789.e+-:#<=~", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@examples(60)
@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), st.booleans())
def test_whatever_a_captured_plan_holds_is_in_the_text_as_it_is(more: dict[str, Any], escaped: bool) -> None:
    plan = {**more, "id": 5, "state": "start"}
    with TemporaryDirectory() as folder:
        content = json.dumps(plan, ensure_ascii=escaped).encode()
        scenario = load_scenario(file_with(Path(folder), content))
        data, _ = parse_yaml(scenario.lines.text, Path("mine.yaml"))
    assert json.dumps(data["plans"]) == json.dumps([{"raw": plan}, {"state": "start"}])


def test_what_follows_a_captured_file_keeps_its_line(tmp_path: Path) -> None:
    file = file_with(tmp_path, encoded(PAGE))
    file.write_text(f"{RAW.format('captured.json')}  - {{state: begin}}\n  - {{raw: captured.json, id: 5}}\n")
    first, second = refusal(file).splitlines()
    assert first.startswith(":5: plans[3].state: found 'begin'")
    assert ":6: plans[4].id: unknown key" in second


def outside(folder: Path) -> Path:
    (folder / "outside.json").write_bytes(encoded(PAGE))
    inner = folder / "inner"
    inner.mkdir()
    return inner


OUT = " is not in the scenario's folder; copy it there, and name it relative to the scenario."
#: The name of the captured file, how it is made beside the scenario, and what is said.
NO_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "captured.json": (lambda _: None, " cannot be read: No such file or directory."),
    "folder": (Path.mkdir, " cannot be read: Is a directory."),
    "pipe.json": (os.mkfifo, " cannot be read: it is no ordinary file."),
    "../outside.json": (lambda _: None, OUT),
    "/etc/hostname": (lambda _: None, OUT),
    "link.json": (lambda file: file.symlink_to("../outside.json"), OUT),
    '"a\\0b"': (lambda _: None, " cannot be read: it is no name of a file."),
    "empty.json": (Path.touch, " is empty."),
    "orders.json": (lambda file: file.write_bytes(encoded([{"id": 1}])),
                    " has a plan (number 1 of 1) with no `state` that the mock knows."),
    "ids.json": (lambda file: file.write_bytes(encoded([*PLANS, {"id": "7", "state": "start"}])),
                 " has a plan (number 3 of 3) with no `id`, a whole number from 1 to 2147483647."),
    "large.json": (lambda file: file.write_bytes(encoded({**PLANS[0], "note": "x" * MAX_BYTES})),
                   " makes the scenario larger than 5 MB, or 500,000 values; keep fewer plans."),
    "many.json": (lambda file: file.write_bytes(encoded({**PLANS[0], "note": [0] * 500_000})),
                  " makes the scenario larger than 5 MB, or 500,000 values; keep fewer plans."),
}  # fmt: skip


def test_a_file_that_a_scenario_cannot_have_is_refused_where_it_is_named(tmp_path: Path) -> None:
    inner = outside(tmp_path)
    said = {}
    for name, (make, _) in NO_FILES.items():
        if "/" not in name:
            make(inner / name.replace('"', "").replace("\\0", ""))
        file = inner / "mine.yaml"
        file.write_text(RAW.format(name))
        said[name] = refusal(file)
    spoken = {
        name: f":3: plans[0].raw: {name}{sentence}".replace('"a\\0b"', "a\0b")
        for name, (_, sentence) in NO_FILES.items()
    }
    assert said == spoken


def test_a_name_in_what_is_no_file_is_refused() -> None:
    said = r"plans\[0\].raw: found 'captured.json'; accepted: a plan as JSON; in a file also the name of another"
    with pytest.raises(ScenarioError, match=said):
        build_scenario(*parse_yaml("description: x\nplans: [{raw: captured.json}]\n", Path("mine.yaml")))


def test_a_change_of_a_captured_file_is_a_change_of_its_scenario(tmp_path: Path) -> None:
    captured = file_with(tmp_path, encoded(PLANS), name="below/captured.json").parent / "below/captured.json"
    library = Library(tmp_path, tell=lambda _: None)
    first = library.load("mine").digest
    captured.write_bytes(encoded(PLANS[0]))
    second = library.load("mine").digest
    captured.unlink()
    assert library.look().broken
    assert library.load("mine").digest == second != first
    captured.write_bytes(encoded(PLANS))
    assert (library.look().broken, library.load("mine").digest) == ({}, first)
