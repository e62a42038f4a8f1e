"""`mock-oms record` and `scrub`, against the real project over a real socket."""

import json
import re
import socket
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

PLANS = real_plans()


def run(*words: str, **more: Any) -> Result:
    return CliRunner().invoke(main, list(words), env={"OMS_TOKEN": "mock-oms-token"}, **more)


def recorded(folder: Path, *words: str, plans: Any = PLANS, **switches: object) -> tuple[Result, Path]:
    """What recording a real OMS with these plans says, and the file."""
    out = folder / "recorded.yaml"
    with real_oms(folder, plans, **switches) as address:
        return run("record", address, "--out", str(out), "--rate", "100", *words), out


def test_a_real_oms_becomes_a_scenario_without_one_real_text_in_it(tmp_path: Path) -> None:
    done, out = recorded(tmp_path, page_size=2)
    assert (done.exit_code, done.output) == (0, f"{out}: 4 plans, 0 transitions.\n")
    text = out.read_text(encoding="utf-8")
    assert survivors(PLANS, text) == []
    assert not {
        word for one in PEOPLE for said in one.values() for word in said.split() if len(word) > 3 and word in text
    }
    scenario = load_scenario(out)
    assert check(scenario) == []
    assert scenario.answers.page_size == 2


def test_what_was_recorded_is_served_again(tmp_path: Path) -> None:
    _, out = recorded(tmp_path)
    wanted = {one.raw["id"]: one.raw for one in load_scenario(out).document.plans or ()}  # type: ignore[union-attr]
    with running_server(scenario=str(out)) as server:
        again = run("record", server.url, "--out", str(tmp_path / "again.yaml"), "--rate", "100")
    assert again.exit_code == 0
    assert len(wanted) == len(PLANS)


def test_what_was_recorded_of_a_customer_is_as_the_contract_says(tmp_path: Path) -> None:
    done, out = recorded(tmp_path, plans=customers_plans(), page_size=20, not_found="model")
    assert done.exit_code == 0, done.output
    with running_server(scenario=str(out)) as server:
        switches = ("--switch", "page_size=20", "--switch", "not_found=model")
        judged = run("contract", server.url, "--no-schemathesis", "--rate", "500", *switches)
    assert judged.exit_code == 0, judged.output


def test_a_key_file_makes_the_same_pseudonyms_in_each_run(tmp_path: Path) -> None:
    key = tmp_path / "pseudonyms.key"
    files = [recorded(tmp_path, "--key-file", str(key))[1].read_text(encoding="utf-8") for _ in range(2)]
    plans = [re.findall("raw: .*", text) for text in files]
    assert plans[0] == plans[1] != []
    assert key.stat().st_mode & 0o777 == 0o600


def test_without_a_key_file_the_pseudonyms_are_others_each_time(tmp_path: Path) -> None:
    files = [recorded(tmp_path)[1].read_text(encoding="utf-8") for _ in range(2)]
    assert not {*re.findall("raw: .*", files[0])} & {*re.findall("raw: .*", files[1])}


def test_a_recording_that_ended_early_goes_on_with_its_key(tmp_path: Path) -> None:
    key = ("--key-file", str(tmp_path / "pseudonyms.key"))
    first, out = recorded(tmp_path, *key, "--max-requests", "1", page_size=2)
    part = out.with_name("recorded.yaml.part")
    assert (first.exit_code, "budget of 1 requests is spent" in first.output) == (1, True)
    assert len(load_scenario(out).document.plans or ()) == 2
    assert survivors(PLANS, part.read_text(encoding="utf-8")) == []
    refused, _ = recorded(tmp_path)
    assert (refused.exit_code, "name its --key-file to go on" in refused.output) == (2, True)
    done, _ = recorded(tmp_path, *key, page_size=2)
    assert (done.exit_code, part.exists()) == (0, False)
    assert len(load_scenario(out).document.plans or ()) == 4


def test_an_unfinished_recording_is_not_mixed_with_another_key(tmp_path: Path) -> None:
    recorded(tmp_path, "--key-file", str(tmp_path / "one.key"), "--max-requests", "1", page_size=2)
    refused, _ = recorded(tmp_path, "--key-file", str(tmp_path / "other.key"))
    assert (refused.exit_code, "was begun with another key" in refused.output) == (2, True)


def test_an_unknown_field_stops_the_run_and_nothing_is_written(tmp_path: Path) -> None:
    key = tmp_path / "pseudonyms.key"
    plans = [{**plan, "order": {**plan["order"], "loyalty_card": "4111-İbrahim"}} for plan in PLANS]
    done, out = recorded(tmp_path, "--key-file", str(key), plans=plans)
    assert (done.exit_code, "order.loyalty_card" in done.output, "4111" in done.output) == (2, True, False)
    assert [one.name for one in tmp_path.iterdir() if one.suffix in {".yaml", ".part"}] == []
    done, out = recorded(tmp_path, "--unknown", "hash", plans=plans)
    assert (done.exit_code, "4111-İ" in out.read_text(encoding="utf-8")) == (0, False)


def test_skus_and_location_codes_are_kept_on_demand(tmp_path: Path) -> None:
    _, out = recorded(tmp_path, "--keep", "sku,erp_code")
    text = out.read_text(encoding="utf-8")
    assert ("ZEYTİN-42" in text, '"WH1"' in text, "Şahinoğlu" in text) == (True, True, False)


def test_an_oms_that_wants_bearer_is_asked_so_and_the_scenario_wants_it_too(tmp_path: Path) -> None:
    refused, _ = recorded(tmp_path, auth="bearer")
    assert (refused.exit_code, "answered 401" in refused.output) == (2, True)
    done, out = recorded(tmp_path, "--switch", "auth=bearer", auth="bearer")
    assert (done.exit_code, load_scenario(out).answers.auth) == (0, "bearer")


def test_what_was_said_of_a_switch_holds_against_what_was_seen(tmp_path: Path) -> None:
    _, out = recorded(tmp_path, "--switch", "page_size=50", page_size=2)
    assert load_scenario(out).answers.page_size == 50


def test_a_list_without_pages_is_recorded_as_one(tmp_path: Path) -> None:
    done, out = recorded(tmp_path, list="array")
    assert (done.exit_code, load_scenario(out).answers.list) == (0, "array")


def test_only_plans_since_a_date_are_recorded(tmp_path: Path) -> None:
    plans = [{**plan, "created_date": f"2024-03-0{4 - at}T00:00:00Z"} for at, plan in enumerate(PLANS)]
    _, out = recorded(tmp_path, "--since", "2024-03-04", plans=plans)
    assert len(load_scenario(out).document.plans or ()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("https://oms.invalid",), "say --yes if it is"),
        (("oms",), "is no address of an OMS"),
        (("http://127.0.0.1:1", "--keep", "names"), "accepted: sku, erp_code"),
        (("http://127.0.0.1:1", "--every", "0s"), "accepted: a duration from 1s on"),
        (("http://127.0.0.1:1", "--key-file", "missing/key"), "The key cannot be kept"),
        (("http://127.0.0.1:1", "--token-file", "missing"), "The token cannot be read"),
        (("https://127.0.0.1:1", "--ca", "missing"), "no file of authorities"),
    ],
)
def test_what_cannot_run_says_why(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = run("record", *words, "--out", str(tmp_path / "x.yaml"))
    assert (done.exit_code, said in done.output) == (2, True), done.output


def test_nobody_there_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unheard:
        address = f"http://127.0.0.1:{unheard.getsockname()[1]}"
    done = run("record", address, "--out", str(tmp_path / "x.yaml"))
    assert (done.exit_code, "gave no answer" in done.output) == (2, True)


def test_a_wrong_token_is_one_sentence_without_the_token(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("not-the-token-0123")
    done, out = recorded(tmp_path, "--token-file", str(token))
    assert (done.exit_code, "answered 401" in done.output, "not-the-token" in done.output) == (2, True, False)
    assert not out.exists()


def test_an_oms_that_asks_for_quiet_is_left_alone(tmp_path: Path) -> None:
    with running_server() as server, server.control.open_world(scenario="large") as world:
        world.limit(quota={"limit": 2, "window": "1h"})
        done = CliRunner().invoke(
            main,
            ["record", server.url, "--out", str(tmp_path / "x.yaml"), "--rate", "100"],
            env={"OMS_TOKEN": world.token},
        )
    assert (done.exit_code, "429" in done.output) == (1, True), done.output


def test_scrub_takes_a_file_and_writes_another(tmp_path: Path) -> None:
    file, out = tmp_path / "captured.json", tmp_path / "scrubbed.json"
    file.write_text(json.dumps(PLANS, ensure_ascii=False), encoding="utf-8")
    assert run("scrub", str(file), "--out", str(out)).exit_code == 0
    text = out.read_text(encoding="utf-8")
    assert (survivors(PLANS, text), len(json.loads(text))) == ([], 4)


def test_scrub_prints_what_is_left_and_joins_what_record_wrote(tmp_path: Path) -> None:
    key = ("--key-file", str(tmp_path / "pseudonyms.key"))
    _, out = recorded(tmp_path, *key)
    done = run("scrub", "-", *key, input=json.dumps(PLANS))
    raws = [one.raw for one in load_scenario(out).document.plans or ()]  # type: ignore[union-attr]
    assert json.loads(done.output) == raws


@pytest.mark.parametrize("text", ["Ayşe", "[1", "[NaN]", "\udcff", "[" * 100_000])
def test_what_is_no_json_is_not_repeated(text: str, tmp_path: Path) -> None:
    file = tmp_path / "captured.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    done = run("scrub", str(file))
    assert (done.exit_code, done.output) == (2, f"Error: {file} is no JSON.\n")
