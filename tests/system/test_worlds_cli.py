"""The commands that drive a running mock, as people and programs type them."""

import subprocess
from pathlib import Path

import pytest

from mock_oms.client import Control, World
from mock_oms.client.failure_report import failure_report
from mock_oms.domain.events import word_of
from mock_oms.scenarios.schema import EVENT_EXAMPLES, EVENT_SCHEMAS, event_needs, load_event
from mock_oms.scenarios.yaml_file import parse_yaml
from mock_oms.testing import running_server
from tests.system.running import plain_environment, program
from tests.typed import printed, printed_json, refused, typed

pytestmark = pytest.mark.oms(scenario="restock")

PLAN = "41207"
PENDING = {"at": "2024-03-05T09:01:00Z", "plan": 41207, "from": "start", "to": "pending", "cause": "attempt 1"}


@pytest.fixture(autouse=True)
def world(oms: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world that the environment names."""
    monkeypatch.setenv("MOCK_OMS_URL", oms.url)
    monkeypatch.setenv("MOCK_OMS_WORLD", oms.name)
    return oms


def rows(*command: str) -> list[list[str]]:
    return [line.split() for line in printed(*command).splitlines()]


# Worlds


def test_a_new_world_is_shown_with_its_token_and_opened_as_the_options_say(oms_control: Control) -> None:
    lines = printed("world", "new", "--name", "typed", "--seed", "3").splitlines()
    shown = dict(line.split(maxsplit=1) for line in lines)
    with oms_control.world("typed") as world:
        assert (shown["token"], shown["lives"]) == (world.token, "1h without use")
        assert shown["scenario"].endswith("seed 3")
    options = ["--scenario", "restock", "--start", "2025-01-01T00:00:00Z", "--rate", "0", "--keep"]
    opened = printed_json("world", "new", *options)
    with oms_control.world(opened["name"]):
        assert (opened["scenario"], opened["ttl"]) == ("restock", None)
        assert opened["clock"] == {"now": "2025-01-01T00:00:00Z", "rate": 0}


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["world", "new", "--ttl", "0s"], "ttl: found '0s'; accepted: "),
        (["world", "new", "--ttl", "1h", "--keep"], "Give --ttl or --keep"),
        (["world", "new", "--scenario", "RESTOCK"], "the nearest is restock"),
        (["world", "new", "--scenario", "nothing"], "GET /_mock/scenarios lists them."),
        (["world", "show", "--world", "nowhere"], "mock-oms world new opens one."),
        (["world", "show", "--world", ""], "world: found ''; accepted: 1 to 63 "),
        (["world", "rm", "--world", "default/clock"], "world: found 'default/clock'; accepted: 1 to 63 "),
        (["why", "1"], "mock-oms plan list --world "),
        (["plan", "run", PLAN, "plan-complete", "--json"], "plan-cancel"),
        (["plan", "complete", PLAN], "Not before the first attempt: mock-oms clock advance 60s first."),
        (["stock", "--sku", "TST-001"], "the nearest is TST-001-M"),
        (["clock", "advance"], "as in"),
        (["clock", "advance", "1m", "--until", "41207=pending"], "as in"),
        (["clock", "advance", "--until", "41207"], "PLAN=STATE"),
        (["clock", "rate", "nan"], "rate: found nan; accepted: "),
        (["world", "new", "--rate", "86401"], "to 86400."),
        (["event", "add", "restock"], "restock needs sku, location, count, such as `restock: {sku: TST-002-L, "),
        (["event", "add", "restock", "sku=A", "count"], "restock needs sku, location, count, such as "),
        (["event", "add", "restock:"], "restock: found nothing; restock needs sku, location, count, such as "),
        (["event", "add", "command: 41207"], "command: found 41207; command needs plan, run, such as "),
        (["event", "add", "restok"], "cancel_item, assign, refuse, not_found; the nearest is restock."),
        (["event", "add", "foo"], "There is no event 'foo'; accepted: restock, sell, block, "),
        (["event", "add", "{"], "EVENT"),
        (["event", "add", "restok: {}"], "the nearest is restock"),
        (["event", "add", "restock: {sku: A, count: .nan}"], "found nan"),
        (["event", "add", "block: !!set {a}"], "what JSON can write"),
        (["world", "list", "--url", "http://127.0.0.1:9"], "No mock-oms answers at http://127.0.0.1:9 ("),
        (
            ["world", "list", "--url", "http://127.0.0.1:9"],
            "Start one with: mock-oms serve. One elsewhere: --url or MOCK_OMS_URL",
        ),
        (["world", "list", "--url", "https://"], "'https://' is no address of a mock; accepted: one such as http://"),
        (["world", "list", "--url", "http://a..b"], "'http://a..b' is no address of a mock"),
        (["world", "list", "--url", f"http://{'a' * 300}"], "is no address of a mock"),
        (["world", "list", "--control-token", "gehéim"], "visible ASCII"),
        (["world", "list", "--control-token", ""], "--control-token"),
    ],
)
def test_a_refusal_is_a_sentence_whose_way_out_is_a_command(command: list[str], says: str) -> None:
    assert says in refused(*command)


def test_worlds_are_listed_without_their_tokens_and_one_is_shown_with_its_own_and_its_line(world: World) -> None:
    assert [row[0] for row in rows("world", "list")][:2] == ["world", "default"]
    listed = printed("world", "list")
    assert world.name in listed
    assert world.token not in listed + printed("world", "list", "--json")
    shown = printed("world", "show").splitlines()
    assert {f"token     {world.token}", f"line      {world.facts().line}"} <= set(shown)
    assert "world     default" in printed("world", "show", "--world", "default").splitlines()


def test_a_world_is_reset_and_closed(world: World) -> None:
    start = world.now
    world.advance("1h")
    printed("world", "reset")
    assert world.now == start
    assert printed("world", "rm") == f"world {world.name} is closed\n"
    assert f"There is no world {world.name}" in refused("world", "show")


@pytest.mark.smoke
def test_a_snapshot_makes_another_world_and_restores_this_one(
    world: World, oms_control: Control, tmp_path: Path
) -> None:
    world.advance("1m")
    saved = tmp_path / "saved.json"
    saved.write_text(printed("world", "snapshot"), encoding="utf-8")
    printed("world", "new", "--name", "again", "--snapshot", str(saved))
    with oms_control.world("again") as again:
        assert again.now == world.now
    then = world.now
    world.advance("1h")
    printed("world", "restore", str(saved))
    assert world.now == then


def test_a_file_that_is_no_snapshot_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "saved.json"
    for text in ("{", "[]", "[" * 100_000, '{"seed": ' + "9" * 10_000 + "}"):
        file.write_text(text, encoding="utf-8")
        for error in (refused("world", "restore", str(file)), refused("world", "new", "--snapshot", str(file))):
            assert "saved.json is no snapshot: " in error
            assert "set_int_max_str_digits" not in error


# Time


def test_the_clock_is_shown_and_advancing_it_shows_what_became_of_plans(world: World) -> None:
    assert printed("clock", "show") == f"world {world.name}: 2024-03-05T09:00:00Z, frozen\n"
    assert printed_json("clock", "show") == {"now": "2024-03-05T09:00:00Z", "rate": 0}
    assert printed("clock", "advance", "1m").splitlines() == [
        "time                  plan   from   to       cause",
        "2024-03-05T09:01:00Z  41207  start  pending  attempt 1",
        f"world {world.name}: 2024-03-05T09:01:00Z, frozen",
    ]
    world.reset()
    turned = printed_json("clock", "advance", "--until", "41207=pending", "--within", "2h")
    assert turned == {"now": "2024-03-05T09:01:00Z", "rate": 0, "transitions": [PENDING]}


def test_a_clock_runs_and_is_frozen_again(world: World) -> None:
    assert "60 times as fast as real time" in printed("clock", "rate", "60")
    assert printed("clock", "freeze").endswith("frozen\n")
    assert world.clock.rate == 0
    assert printed_json("clock", "rate", "60")["rate"] == 60
    assert (printed_json("clock", "freeze")["rate"], printed_json("clock", "freeze")["transitions"]) == (0, [])


# Plans


def test_plans_are_listed_with_their_next_attempt() -> None:
    printed("clock", "advance", "1m")
    header, plan, total = rows("plan", "list", "--state", "pending")
    assert plan == [PLAN, "pending", "2024-03-05T09:01:00Z", "2024-03-05T09:30:00Z"]
    assert (header[0], total) == ("plan", ["1", "plan"])


@pytest.mark.oms(scenario="default")
def test_a_long_list_says_how_many_there_are() -> None:
    assert printed("plan", "list", "--limit", "1").splitlines()[-1].startswith("1 of ")
    assert len(printed_json("plan", "list", "--limit", "1")["plans"]) == 1


def test_a_plan_is_shown_with_its_commands_of_which_one_is_run(world: World) -> None:
    shown = printed("plan", "show", PLAN).splitlines()
    assert "commands      plan-cancel (2)" in shown
    assert "TST-001-M  541207001   waiting  -         2024-03-05T09:00:00Z" in shown
    assert shown[-1] == "not tried yet; the first attempt is at 2024-03-05T09:01:00Z"
    assert printed_json("plan", "show", PLAN)["state"] == "start"
    assert "start  cancelled" in printed("plan", "run", PLAN, "plan-cancel")
    assert world.plan(int(PLAN)).state == "cancelled"
    world.reset()
    ran = printed_json("plan", "run", PLAN, "2")
    assert (ran["from"], ran["to"]) == ("start", "cancelled")


def test_plans_are_searched_by_id_order_and_sku_and_a_list_says_how_many_it_looked_at() -> None:
    number = printed_json("plan", "show", PLAN)["order_number"]
    for search in (PLAN, number, "tst-001"):
        assert [one["plan"] for one in printed_json("plan", "list", "--search", search)["plans"]] == [41207], search
    assert printed("plan", "list", "--search", "MCK").splitlines() == ["no plans"]
    assert "search: found ''; accepted: " in refused("plan", "list", "--search", "")


@pytest.mark.oms(scenario="large")
def test_a_list_says_of_how_many_plans_it_looked_at_the_newest() -> None:
    line = printed("plan", "list", "--search", "MCK", "--limit", "1").splitlines()[-1]
    assert line.endswith("more with --limit and --offset; looked at 2,002 of 1,000,002")


def test_the_attempts_of_a_plan_are_shown_the_newest_first_with_what_they_saw(world: World) -> None:
    assert printed("plan", "show", PLAN, "--attempts", "5") == "no attempts\n"
    world.stock_service("down")
    world.advance("1m")
    assert printed("plan", "show", PLAN, "--attempts", "5").splitlines() == ["saw nothing of the stock: 1", "1 attempt"]
    world.stock_service("up")
    world.advance("29m")
    shown = rows("plan", "show", PLAN, "--attempts", "1")
    assert shown[0] == ["attempt", "time", "location", "sku", "stock", "reserved", "quantity"]
    assert ["2", "2024-03-05T09:30:00Z", "STORE01", "TST-002-L", "1", "3", "-2"] in shown
    assert " ".join(shown[-1]) == "1 of 2 attempts; more with --attempts"
    assert [one["number"] for one in printed_json("plan", "show", PLAN, "--attempts", "9")["attempts"]] == [2, 1]


def test_the_vendors_json_of_a_plan_is_printed_and_not_together_with_attempts(world: World) -> None:
    assert printed_json("plan", "show", PLAN, "--vendor") == world.vendor_plan(int(PLAN))
    assert "Give --attempts or --vendor" in refused("plan", "show", PLAN, "--vendor", "--attempts", "1")


def test_the_lifecycle_of_a_world_is_shown_with_its_numbers(world: World) -> None:
    world.advance("1m")
    text = printed("lifecycle", world.name)
    assert [line.split() for line in text.splitlines()[1:5]] == [
        ["start", "0"],
        ["pending", "1"],
        ["cancelled", "0", "nothing", "leads", "out"],
        ["completed", "0", "nothing", "leads", "out"],
    ]
    assert ["11", "start", "pending", "1", "attempt-pending", "Some", "item", "has", "no", "place"] in rows("lifecycle")
    assert text.splitlines()[-1] == "0 new plans since the world began"
    assert printed_json("lifecycle")["states"][1] == {"name": "pending", "terminal": False, "plans": 1}
    assert "mock-oms world new opens one" in refused("lifecycle", "nowhere")


@pytest.mark.oms(scenario="large")
def test_the_lifecycle_of_a_backlog_says_that_it_is_an_estimate() -> None:
    assert "by its weights" in printed("lifecycle").splitlines()[-1]


def test_why_prints_history_and_what_is_missing() -> None:
    assert [step["from"] for step in printed_json("why", PLAN)["history"]] == [None]
    printed("clock", "advance", "1m")
    text = printed("why", PLAN)
    assert text.splitlines()[0] == f"plan {PLAN} is pending"
    assert "start  pending  attempt 1" in text
    assert "TST-002-L has no place: WH001 has 0" in text
    assert text.splitlines()[-1] == "1 of 2 items waits for a place; the next attempt is at 2024-03-05T09:30:00Z"
    printed("clock", "advance", "59m")
    lines = printed("why", PLAN).splitlines()
    assert "2024-03-05T10:00:00Z  pending  completed  attempt 3" in lines
    assert lines[-1] == "every item that is left in it has a place; it stays completed"


@pytest.mark.oms(scenario="many-locations")
def test_why_prints_many_locations_one_a_line() -> None:
    lines = printed("why", "53201").splitlines()
    place = lines.index("TST-001-M is not tried yet:")
    assert lines[place + 1 : place + 3] == ["  D001 has 0", "  M001 has 0"]


@pytest.mark.oms(scenario="default")
def test_stock_is_printed_with_its_locations_and_says_what_it_does_not_show(world: World) -> None:
    sku, code = world.stock().stock[0].sku, world.stock().locations[-1].code
    world.block(code)
    lines = printed("stock", "--sku", sku, "--limit", "2").splitlines()
    assert [line.split()[2] for line in lines if line.startswith(code)] == ["blocked"]
    assert [line.split()[0] for line in lines[-4:-2]] == [sku] * 2
    assert lines[-2] == "2 of 6; more with --limit and --offset"
    assert "not shown: the private stock of 16 seeded plans" in lines[-1]
    world.stock_service("down")
    assert "the stock service is down: attempts see nothing of this" in printed("stock")
    assert printed_json("stock", "--sku", sku, "--location", code)["count"] == 1


@pytest.mark.oms(scenario="raw")
def test_a_world_without_stock_says_so() -> None:
    assert printed("stock").splitlines()[-1] == "there is no SKU in the stock of this world"


def test_a_plan_is_completed_cancelled_or_rescheduled_by_one_word(world: World) -> None:
    printed("clock", "advance", "1m")
    for word, state in (("reschedule", "pending"), ("complete", "completed")):
        assert f"pending  {state}" in printed("plan", word, PLAN)
    world.reset()
    assert printed_json("plan", "cancel", PLAN)["to"] == "cancelled"


# Events


def test_every_event_has_an_example_that_can_be_read_and_names_what_it_needs() -> None:
    for word, example in EVENT_EXAMPLES.items():
        assert word_of(load_event(word, parse_yaml(example, Path("EVENT"))[0])) == word
        needed = [name for name, one in EVENT_SCHEMAS[word]().fields.items() if one.required]
        assert [name for name in needed if name not in event_needs(word)] == []
    assert EVENT_EXAMPLES.keys() == EVENT_SCHEMAS.keys()


def test_lines_of_the_timeline_that_were_refused_are_told_where_time_goes_on_and_in_the_report(
    oms_control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeline = [{"at": "1m", "command": {"plan": 7, "run": "plan-complete"}}]
    sent = {"description": "x", "plans": [{"id": 7, "items": ["A"]}], "timeline": timeline, "clock": {"rate": 0}}
    with oms_control.open_world(scenario=sent) as world:
        monkeypatch.setenv("MOCK_OMS_WORLD", world.name)
        said = typed("clock", "advance", "1h").stderr
        assert said == "Warning: 1 line of the timeline refused; `mock-oms world show` says why.\n"
        later = "Not before the first attempt, which comes after this at the same time: let it happen later."
        assert any(
            "timeline[0] of inline was refused: " in one and later in one for one in failure_report(world).splitlines()
        )


def test_a_world_may_be_named_as_an_argument_too(oms_control: Control) -> None:
    oms_control.open_world(scenario="restock", name="typed-name")
    assert "typed-name" in printed("world", "show", "typed-name")
    printed("world", "reset", "typed-name")
    assert "world: found ''; accepted: 1 to 63 " in refused("world", "rm", "")  # and not the world of the environment
    assert printed("world", "rm", "typed-name") == "world typed-name is closed\n"


def test_short_words_of_commands_and_lists_of_items_are_understood(world: World) -> None:
    printed("event", "add", "order", "items=TST-001-M,TST-001-M", "city=Rize")
    assert world.events()[-1].said["items"] == ["TST-001-M", "TST-001-M"]
    assert "start  cancelled" in printed("plan", "run", PLAN, "cancel")
    printed("fault", "add", "on=list", "status=503", "retry_after=3", "times=2")
    assert world.faults()[0].said == {"on": "list", "effect": {"status": 503, "retry_after": 3}, "times": 2}
    assert "asks no running mock; `mock-oms plan list`" in refused("plans", "--world", world.name)


def test_an_event_is_added_as_its_word_and_what_it_needs(world: World) -> None:
    for said in (["restock", "sku=TST-002-L", "location=WH001", "count=10"], ["block WH001"], ["open:", "WH001"]):
        printed("event", "add", *said)
    assert [(one.word, one.said) for one in world.events()] == [
        ("restock", {"sku": "TST-002-L", "location": "WH001", "count": 10}),
        ("block", {"location": "WH001"}),
        ("open", {"location": "WH001"}),
    ]


def test_an_event_is_added_as_a_timeline_has_it_shows_its_transitions_and_is_listed() -> None:
    printed("event", "add", "restock: {sku: TST-002-L, location: WH001, count: 10}")
    added = printed_json("event", "add", "block", "WH001")
    assert added == {"number": 2, "at": "2024-03-05T09:00:00Z", "transitions": []}
    assert [one["word"] for one in printed_json("event", "list")] == ["restock", "block"]
    assert rows("event", "list")[2] == ["2", "2024-03-05T09:00:00Z", "block", '{"location":', '"WH001"}']
    assert "start  cancelled" in printed("event", "add", f"command: {{plan: {PLAN}, run: plan-cancel}}")


def test_the_timeline_of_the_scenario_is_listed_with_what_became_of_its_lines(oms_control: Control) -> None:
    lines = [{"at": "5m", "confirm": 7}, {"at": "1h", "block": "WH001"}]
    plans = [{"id": 7, "items": ["A"], "hold": True}]
    document = {
        "description": "Two lines.",
        "clock": {"start": "2024-03-05T09:00:00Z", "rate": 0},
        "plans": plans,
        "timeline": lines,
    }
    told = oms_control.open_world(scenario=document, name="timeline")
    told.event(confirm=7)
    told.advance("5m")
    where = ("event", "timeline", "--world", "timeline")
    assert [one["word"] for one in printed_json(*where)["lines"]] == ["confirm", "block"]
    first, second = rows(*where)[1:3]
    assert first[:3] == ["2024-03-05T09:05:00Z", "refused", "confirm"]
    assert second[:3] == ["2024-03-05T10:00:00Z", "upcoming", "block"]
    assert "timeline[0] of inline was refused: " in printed(*where)
    assert "1 of 2 lines; more with --limit and --offset" in printed(*where, "--limit", "1")
    told.close()


# The server


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("command", [["clock", "show"], ["scenario", "schema"], ["--help"]])
def test_an_output_that_takes_no_more_is_one_sentence(world: World, command: list[str]) -> None:
    environment = plain_environment({"MOCK_OMS_URL": world.url, "MOCK_OMS_WORLD": world.name})
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [program(), *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environment
        )
    error = "Error: The output cannot be written: No space left on device.\n"
    assert (done.returncode, done.stderr) == (2, error)


def test_a_server_with_a_control_token_wants_it() -> None:
    with running_server(scenario="restock", control_token="secret") as server:
        address = ["--url", server.url, "--world", "default"]
        ways = "--control-token TOKEN, --control-token-file FILE, MOCK_OMS_CONTROL_TOKEN or MOCK_OMS_CONTROL_TOKEN_FILE"
        assert refused("clock", "show", *address) == (
            f"The mock at {server.url} wants its control token, and none was given: say {ways}."
        )
        assert refused("clock", "show", *address, "--control-token", "wrong-one") == (
            f"The control token that was given is not that of the mock at {server.url}: say its own by {ways}."
        )
        assert printed("clock", "show", *address, "--control-token", "secret")
