"""`mock-oms record` and `scrub`, against the real project over a real socket."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mock_oms.cli.main import main
from mock_oms.scenarios.building import load_scenario
from mock_oms.scenarios.checking import check
from mock_oms.testing import running_server
from tests.drf.customer import customers_plans
from tests.drf.serving import real_oms
from tests.recorded import PEOPLE, real_plans, survivors
from tests.strange_oms import Answering, as_json, strange_oms

PLANS = real_plans()


def run(*words: str, **more: Any) -> Result:
    return CliRunner(env={"OMS_TOKEN": "mock-oms-token"}).invoke(main, list(words), **more)


def record(address: str, folder: Path, *words: str, **more: Any) -> tuple[Result, Path]:
    """What recording an OMS says, and the file."""
    out = folder / "recorded.yaml"
    return run("record", address, "--out", str(out), "--rate", "1000", *words, **more), out


@pytest.fixture(scope="module")
def oms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real OMS with the plans, two on each page."""
    with real_oms(tmp_path_factory.mktemp("real"), PLANS, page_size=2) as address:
        yield address


def showing(plans: list[Any]) -> Answering:
    """An OMS that shows these on one page, and each by itself."""
    page = as_json({"count": len(plans), "next": None, "previous": None, "results": plans})
    details = {str(plan["id"]): as_json(plan) for plan in plans}
    return lambda asked: details.get(asked.target.split("/")[-2], page)


def raws_in(file: Path) -> list[str]:
    return re.findall("raw: .*", file.read_text(encoding="utf-8"))


@pytest.mark.smoke
def test_a_real_oms_becomes_a_scenario_without_one_real_text_in_it(oms: str, tmp_path: Path) -> None:
    done, out = record(oms, tmp_path)
    assert (done.exit_code, done.output) == (0, f"{out}: 4 plans, 0 transitions.\n")
    text = out.read_text(encoding="utf-8")
    assert survivors(PLANS, text) == []
    assert [word for one in PEOPLE for said in one.values() for word in said.split() if word[3:] and word in text] == []
    scenario = load_scenario(out)
    assert (check(scenario), scenario.answers.page_size) == ([], 2)


def test_what_was_recorded_of_a_customer_is_served_as_the_contract_says(tmp_path: Path) -> None:
    with real_oms(tmp_path, customers_plans(21), page_size=20, not_found="model") as address:
        done, out = record(address, tmp_path)
    assert done.exit_code == 0, done.output
    with running_server(scenario=str(out)) as server:
        switches = ("--switch", "page_size=20", "--switch", "not_found=model")
        judged = run("contract", server.url, "--no-schemathesis", "--rate", "1000", "--max-requests", "45", *switches)
    assert judged.exit_code == 0, judged.output


def test_the_pseudonyms_of_each_run_are_the_same_with_a_key_file_and_others_without(oms: str, tmp_path: Path) -> None:
    key = ("--key-file", str(tmp_path / "pseudonyms.key"))
    first, second, other = (raws_in(record(oms, tmp_path, *words)[1]) for words in (key, key, ()))
    assert first == second != []
    assert not {*first} & {*other}
    assert Path(key[1]).stat().st_mode & 0o777 == 0o600
    scrubbed = json.loads(run("scrub", "-", *key, input=json.dumps(PLANS)).output)
    assert [f"raw: {json.dumps(one, ensure_ascii=False)}" for one in scrubbed] == first


def test_a_recording_that_ended_early_goes_on_with_its_key_and_no_other(oms: str, tmp_path: Path) -> None:
    key, other = (("--key-file", str(tmp_path / name)) for name in ("pseudonyms.key", "other.key"))
    done, out = record(oms, tmp_path, *key, "--max-requests", "1")
    part = out.with_name("recorded.yaml.part")
    assert (done.exit_code, "budget of 1 requests is spent" in done.output) == (1, True)
    assert "The same command goes on from here." in done.output
    assert (len(raws_in(out)), survivors(PLANS, part.read_text(encoding="utf-8"))) == (2, [])
    for words, sentence in (((), "name its --key-file to go on"), (other, "was begun with another key")):
        done, _ = record(oms, tmp_path, *words)
        assert (done.exit_code, sentence in done.output) == (2, True)
    done, _ = record(oms, tmp_path, *key)
    assert (done.exit_code, part.exists(), len(raws_in(out))) == (0, False, 4)
    part.write_text("[]")
    done, _ = record(oms, tmp_path, *key)
    assert (done.exit_code, "is no unfinished recording" in done.output) == (2, True)


def test_an_unknown_field_stops_the_run_and_nothing_is_written(tmp_path: Path) -> None:
    key = tmp_path / "pseudonyms.key"
    plans = [{**plan, "order": {**plan["order"], "loyalty_card": "4111-İbrahim"}} for plan in PLANS]
    with strange_oms(showing(plans)) as oms:
        done, out = record(oms.url, tmp_path, "--key-file", str(key))
        assert (done.exit_code, "order.loyalty_card" in done.output, "4111" in done.output) == (2, True, False)
        assert [one.name for one in tmp_path.iterdir() if one.suffix in {".yaml", ".part"}] == []
        done, out = record(oms.url, tmp_path, "--unknown", "hash")
        assert (done.exit_code, "4111-İ" in out.read_text(encoding="utf-8")) == (0, False)


@pytest.mark.parametrize("rows", [[], [{"id": 7, "state": "lost"}]])
def test_a_recording_without_a_plan_is_none_and_leaves_an_earlier_one_alone(rows: list[Any], tmp_path: Path) -> None:
    (tmp_path / "recorded.yaml").write_text("an earlier one")
    with strange_oms(showing(rows)) as oms:
        done, out = record(oms.url, tmp_path, "--key-file", str(tmp_path / "pseudonyms.key"))
    assert (done.exit_code, "No plan was recorded" in done.output, out.read_text()) == (2, True, "an earlier one")
    assert not out.with_name("recorded.yaml.part").exists()


def test_what_is_said_of_switches_and_dates_is_how_it_is_asked_and_recorded(tmp_path: Path) -> None:
    plans = [{**plan, "created_date": f"2024-03-0{4 - at}T00:00:00Z"} for at, plan in enumerate(PLANS)]
    words = ("--switch", "auth=bearer", "--switch", "page_size=50", "--since", "2024-03-04", "--keep", "sku,erp_code")
    token = tmp_path / "token"
    token.write_text("not-the-token-0123")
    with real_oms(tmp_path, plans, auth="bearer", page_size=2) as address:
        for wrong in ((), ("--switch", "auth=bearer", "--token-file", str(token))):
            done, out = record(address, tmp_path, *wrong)
            assert (done.exit_code, "answered 401" in done.output, out.exists()) == (2, True, False)
            assert "not-the-token" not in done.output
        done, out = record(address, tmp_path, *words)
    answers, text = load_scenario(out).answers, out.read_text(encoding="utf-8")
    assert (done.exit_code, answers.auth, answers.page_size, len(raws_in(out))) == (0, "bearer", 50, 1)
    assert ("TST-001-M" in text, '"WH1"' in text, "Şahinoğlu" in text) == (True, True, False)


HERE = "http://127.0.0.1:1"
CANNOT = {
    "https://oms.invalid": "say --yes if it is",
    "oms": "is no address of an OMS",
    HERE: "gave no answer",
    f"{HERE} --keep names": "accepted: sku, erp_code",
    f"{HERE} --every 0s": "accepted: a duration from 1s on",
    f"{HERE} --key-file missing/key": "The key cannot be kept",
    f"{HERE} --token-file missing": "The token cannot be read",
    "https://127.0.0.1:1 --ca missing": "no file of authorities",
}


@pytest.mark.parametrize("words", CANNOT)
def test_what_cannot_run_says_why(words: str, tmp_path: Path) -> None:
    address, *more = words.split()
    done, _ = record(address, tmp_path, *more)
    assert (done.exit_code, CANNOT[words] in done.output) == (2, True), done.output


def test_an_oms_that_asks_for_quiet_is_left_alone(tmp_path: Path) -> None:
    with running_server() as server, server.control.open_world(scenario="large") as world:
        world.limit(quota={"limit": 2, "window": "1h"})
        done, _ = record(server.url, tmp_path, env={"OMS_TOKEN": world.token})
    assert (done.exit_code, "429" in done.output) == (1, True), done.output


def test_scrub_takes_a_file_and_writes_another(tmp_path: Path) -> None:
    file, out = tmp_path / "captured.json", tmp_path / "scrubbed.json"
    file.write_text(json.dumps(PLANS, ensure_ascii=False), encoding="utf-8")
    assert run("scrub", str(file), "--out", str(out)).exit_code == 0
    text = out.read_text(encoding="utf-8")
    assert (survivors(PLANS, text), len(json.loads(text))) == ([], 4)
    assert "cannot be written" in run("scrub", str(file), "--out", str(tmp_path / "missing" / "x.json")).output


def test_what_is_no_json_is_not_repeated_and_what_is_no_key_is_refused(tmp_path: Path) -> None:
    file, key = tmp_path / "captured.json", tmp_path / "pseudonyms.key"
    for text in ("Ayşe", "[1", "[NaN]", "\udcff", "[" * 100_000):
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
        done = run("scrub", str(file))
        assert (done.exit_code, done.output) == (2, f"Error: {file} is no JSON.\n")
    for text in ("", "ab" * 31, "AB" * 32, "xy" * 32):
        key.write_text(text)
        done = run("scrub", "-", "--key-file", str(key), input="[]")
        assert (done.exit_code, f"{key} holds no key" in done.output) == (2, True)
