"""`mock-oms scenarios new --from`: what it makes of captured answers, what it points out, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mock_oms.cli.main import main
from mock_oms.conformance.recorder.personal import personal_fields, personal_summary
from mock_oms.domain.setup import START
from mock_oms.domain.world import open_world
from mock_oms.scenarios.building import Scenario, load_scenario
from tests.recorded import real_plans, survivors
from tests.worlds import rendered

PLANS = real_plans()
URL = "https://oms.example.com/api/v1/oms/orderexecutionplans/?page=1"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(*words: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["scenarios", "new", *words], input=given)


def served(scenario: Scenario) -> list[Any]:
    world = open_world(scenario.setup(seed=None, opened=START))
    return [json.loads(json.dumps(one)) for one in rendered(world, scenario).values()]


def page(plans: list[Any], number: int) -> bytes:
    link = f"{URL[:-1]}{number + 1}" if number < 2 else None
    return json.dumps({"count": 4, "next": link, "previous": None, "results": plans}).encode()


def test_several_files_make_one_scenario_that_serves_the_plans_as_they_were(folder: Path) -> None:
    (folder / "one.json").write_bytes(page(PLANS[:2], 1))
    (folder / "two.json").write_bytes(page(PLANS[2:], 2))
    found = new("--from", "one.json", "two.json", "mine.yaml")
    assert found.exit_code == 0, found.output
    assert "mine.yaml is written with 4 plans; play it with: mock-oms serve --scenario mine.yaml" in found.output
    scenario = load_scenario(folder / "mine.yaml")
    by_id = sorted(PLANS, key=lambda one: int(one["id"]))
    assert sorted(served(scenario), key=lambda one: int(one["id"])) == by_id
    assert scenario.document.answers.page_size == 2
    assert str(scenario.document.clock.start) == "2024-03-05 10:00:00+00:00"  # when a plan was changed last


def test_standard_input_archives_and_a_name_without_an_ending_are_taken(folder: Path) -> None:
    answer = {"status": 200, "content": {"text": json.dumps(PLANS)}}
    (folder / "session.har").write_text(
        json.dumps({"log": {"entries": [{"request": {"method": "GET", "url": URL}, "response": answer}]}})
    )
    assert new("--from", "session.har", "mine").exit_code == 0
    assert load_scenario(folder / "mine.yaml").document.answers.list == "array"
    assert new("other.yaml", "--from", "-", given=json.dumps(PLANS).encode()).exit_code == 0
    assert served(load_scenario(folder / "other.yaml")) == served(load_scenario(folder / "mine.yaml"))


def test_a_plan_that_stands_there_twice_is_kept_as_it_was_last(folder: Path) -> None:
    older = {**PLANS[0], "modified_date": "2000-01-01T00:00:00Z"}
    found = new("--from", "-", "mine.yaml", given=json.dumps([PLANS[0], older]).encode())
    assert "Found again: 1 plan; of each, the one with the latest modified_date is kept." in found.output
    assert served(load_scenario(folder / "mine.yaml")) == [PLANS[0]]


def test_a_size_that_the_client_had_asked_for_is_not_taken_for_the_default(folder: Path) -> None:
    for query, found in (("?limit=2&page=2", 10), ("?page=2", 2)):
        plans = [{**one, "id": 70 + number} for number, one in enumerate([*PLANS, *PLANS][:2])]
        page = {"count": 4, "next": f"http://oms/{query}", "previous": None, "results": plans}
        assert new("--from", "-", f"of-{found}.yaml", given=json.dumps(page).encode()).exit_code == 0
        assert load_scenario(folder / f"of-{found}.yaml").document.answers.page_size == found


@pytest.mark.usefixtures("folder")
def test_a_capture_that_lacks_pages_says_so() -> None:
    page = {"count": 25, "next": "http://oms/?page=2", "previous": None, "results": PLANS}
    found = new("--from", "-", "mine.yaml", given=json.dumps(page).encode())
    assert f"Note: the list counts 25 plans, and {len(PLANS)} are in these files." in found.output
    whole = new("--from", "-", "other.yaml", given=json.dumps({**page, "count": len(PLANS)}).encode())
    assert "Note" not in whole.output


def test_personal_data_is_pointed_out_and_scrubbed_where_that_is_wanted(folder: Path) -> None:
    (folder / "captured.json").write_text(json.dumps(PLANS))
    found = new("--from", "captured.json", "mine.yaml")
    told = "Warning: 4 plans hold personal data: order.customer.email (4), order.customer.first_name (4),"
    assert told in found.output
    assert "--scrub replaces it." in found.output
    assert (folder / "mine.yaml").stat().st_mode & 0o777 == 0o600
    found = new("--from", "captured.json", "--scrub", "scrubbed.yaml")
    assert "personal" not in found.output
    assert survivors(PLANS, (folder / "scrubbed.yaml").read_text()) == []
    assert len(served(load_scenario(folder / "scrubbed.yaml"))) == 4


def test_a_field_that_nobody_knows_stops_the_scrubbing_until_it_is_said_what_becomes_of_it(folder: Path) -> None:
    given = json.dumps({**PLANS[0], "loyalty": "gold"}).encode()
    found = new("--from", "-", "--scrub", "mine.yaml", given=given)
    assert (found.exit_code, "not in the allow-list" in found.output, (folder / "mine.yaml").exists()) == (
        2,
        True,
        False,
    )
    assert new("--from", "-", "--scrub", "--unknown", "drop", "mine.yaml", given=given).exit_code == 0


def test_plans_that_no_scenario_can_have_are_left_out_and_counted(folder: Path) -> None:
    given = json.dumps([PLANS[0], {"id": "x", "state": "start"}, {"id": 5, "state": "shipped"}]).encode()
    found = new("--from", "-", "mine.yaml", given=given)
    assert (found.exit_code, "Left out: 2 plans without an id from 1" in found.output) == (1, True)
    assert served(load_scenario(folder / "mine.yaml")) == [PLANS[0]]


def test_plans_for_which_there_is_no_room_are_left_out_and_counted(folder: Path) -> None:
    given = json.dumps([{"id": number, "state": "start", "note": "x" * 900_000} for number in range(1, 8)]).encode()
    found = new("--from", "-", "mine.yaml", given=given)
    said = "Left out: 2 plans for which there is no room: a scenario has at most 5 MB."
    assert (found.exit_code, said in found.output, "with 5 plans;" in found.output) == (1, True, True)
    assert (folder / "mine.yaml").exists()


#: The words, what is given, and how the error begins.
REFUSED: list[tuple[str, bytes, str]] = [
    ("--from - mine.yaml", b"<html>", "standard input holds HTML or XML"),
    ("--from - mine.yaml", b'{"detail": "Invalid token."}', "standard input holds what an OMS says to a request"),
    ("--from - mine.yaml", b'[{"id": 5, "state": "shipped"}]', "None of 1 plan has an id from 1 to 2147483647 and a state"),
    ("--from none.json mine.yaml", b"", "none.json cannot be read: No such file or directory."),
    ("--from . mine.yaml", b"", ". cannot be read: Is a directory."),
    ("--from - a.yaml b.yaml", b"", "Name one scenario to write, which ends in .yaml; found a.yaml, b.yaml."),
    ("--from - a.json b.json", b"", "Name one scenario to write, which ends in .yaml; found a.json, b.json."),
    ("--from - a.json", b"", "Name one scenario to write, which ends in .yaml; found a.json."),
    ("a.yaml b.yaml", b"", "Name one scenario to write, which ends in .yaml; found a.yaml, b.yaml."),
    ("--scrub mine.yaml", b"", "--scrub is about captured plans; name them with --from."),
    ("--from - --keep sku mine.yaml", b"", "--keep, --unknown and --key-file are about what --from and --scrub replace."),
    ("--from - there.yaml", b"[]", "there.yaml cannot be written: File exists."),
    ("there.yaml", b"", "there.yaml cannot be written: File exists."),
    ("none/mine.yaml", b"", "none/mine.yaml cannot be written: No such file or directory."),
]  # fmt: skip


def test_what_is_no_capture_or_no_place_for_a_scenario_is_refused(folder: Path) -> None:
    (folder / "there.yaml").write_text("mine")
    found = [(row[2], new(*row[0].split(), given=row[1])) for row in REFUSED]
    assert [
        (said, one.output) for said, one in found if (one.exit_code, one.output[7 : 7 + len(said)]) != (2, said)
    ] == []
    assert [file.name for file in folder.iterdir() if file.suffix == ".yaml"] == ["there.yaml"]


def test_an_editor_finds_the_schema_beside_a_new_scenario(folder: Path) -> None:
    assert new("mine.yaml").exit_code == 0
    first, _, _ = (folder / "mine.yaml").read_text().partition("\n")
    assert first == "# yaml-language-server: $schema=./scenario.schema.json"
    schema = folder / "scenario.schema.json"
    wanted = json.loads(CliRunner().invoke(main, ["scenarios", "schema"]).output)
    assert json.loads(schema.read_text()) == wanted
    schema.write_text(json.dumps({**wanted, "properties": {}}))  # of another version
    new("second.yaml")
    assert json.loads(schema.read_text()) == wanted
    schema.write_text("{}")
    new("third.yaml")
    assert schema.read_text() == "{}"


def test_only_fields_that_tell_of_somebody_are_personal() -> None:
    holding, fields = personal_fields([
        {"id": 1, "order": {
            "customer": {"id": 5, "first_name": "Ayşe", "is_active": True, "last_name": " ", "email": None},
            "shipping_address": {"id": 7, "line": "Gül Sok. 5", "city": {"pk": 1, "name": "Bursa"}, "is_active": True},
            "extra_field": {"contact": "ayse@example.com", "call": "+90 532 111 22 33", "gsm": 5321112233},
            "channel": {"name": "web"}, "number": "1905153493308", "notes": "",
        }, "orderexecutionplanitem_set": [
            {"stock_location": {"name": "Depo", "address": {"line": "Depo Cad. 1"}, "daytime_phone": "0212 000 00 00"}},
            {"order_item": {"product": {"barcode": "8690000000013", "name": "Gömlek"}}},
        ]},
        {"id": 2, "state": "start"},
    ])  # fmt: skip
    assert (holding, sorted(fields)) == (1, [
        "order.customer.first_name", "order.extra_field.call", "order.extra_field.contact", "order.extra_field.gsm",
        "order.shipping_address.line", "orderexecutionplanitem_set[].stock_location.daytime_phone",
    ])  # fmt: skip
    assert personal_summary([{"id": 2}]) == ""


def test_a_scenario_that_cannot_be_read_was_not_checked(folder: Path) -> None:
    (folder / "broken.yaml").write_text("plans: 5\n")
    (folder / "good.yaml").write_text("description: Good.\nplans: []\n")
    codes = {
        words: CliRunner().invoke(main, ["scenarios", "check", *words.split()]).exit_code
        for words in ("good.yaml", "broken.yaml", "none.yaml", "nothing-like-it", "broken.yaml none.yaml", ".")
    }
    assert codes == {
        "good.yaml": 0, "broken.yaml": 1, "none.yaml": 2, "nothing-like-it": 2, "broken.yaml none.yaml": 2, ".": 2,
    }  # fmt: skip
