"""No secret stands in anything that a full run of the mock puts out, wherever a client has put it."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.streams import STREAM, Reader
from tests.system import forked
from tests.system.everything import LIST, LOGIN, WORLD, Asked, Client, everything
from tests.system.running import plain_environment, serving

CONTROL, TOKEN, PASSWORD = "Kc0ntrol-Qx7Z", "Tdefault-Vb3N", "Ppass-Wm9K-word"
#: Nobody has this token: it is a secret of somebody else's, known by its form alone, and not inside a longer word.
NAMED = "Snamed-Rt5Lp-99"  # it is known by where it stands alone
UNKNOWN = "9f8e7d6c5b4a39281706f5e4d3c2b1a098765432"
#: Where a worlds' token is shown because somebody asks for it.
_TOLD = re.compile(r'"token": ?"[^"]*"')
COMMANDS = [
    *(["request", "list"], ["requests", "list", "--json"], ["requests", "show", "3"], ["report"], ["world", "list"]),
    *(["world", "snapshot"], ["world", "list", "--json"], ["fault", "list"], ["why", "41207"], ["why", "1"]),
    *(["plan", "show", "1"], ["clock", "show"], ["request", "tail", "--help"]),
    *(["verify", "--operation", "list", "--exactly", "99"], ["event", "list"], ["limit", "show"]),
]


@dataclass(frozen=True, slots=True)
class Run:
    """All that a run has put out: the log, what was answered, what commands and streams said, and what is kept."""

    secrets: dict[str, str]
    log: str
    asked: list[Asked]
    printed: dict[str, str]
    stream: str
    kept: dict[str, str]

    def shown(self, text: str) -> list[str]:
        """The secrets that are in a text, as they are or encoded."""
        plain = re.sub("%([0-9A-Fa-f]{2})", lambda one: chr(int(one[1], 16)), text)
        return [name for name, secret in self.secrets.items() if secret in text or secret in plain]


SECRETS = {"TOKEN": TOKEN, "CONTROL_TOKEN": CONTROL, "PASSWORD": PASSWORD}
VARIABLES = {f"MOCK_OMS_{name}": value for name, value in SECRETS.items()}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A mock that was asked for everything, by clients who put secrets wherever something can be put."""
    state, secrets = tmp_path_factory.mktemp("run") / "state", {**SECRETS}
    with serving("--hints", "on", "--state", str(state), more=VARIABLES) as running:
        client = Client(running.address, CONTROL)
        asked = list(everything(client, TOKEN))
        client.ask("POST", "/_mock/worlds", {"name": "mine", "scenario": "restock"})
        client.ask("POST", "/_mock/worlds", {"name": WORLD, "scenario": "restock"})
        mine = client.answered("GET", "/_mock/worlds/mine")["token"]
        secrets["mine"] = mine
        asked += [one for secret in (*secrets.values(), UNKNOWN, NAMED) for one in _careless(client, secret, mine)]
        asked += [client.ask("GET", f"/_mock{path}") for path in _views(client)]
        har = {"Accept": "application/har+json"}
        asked += [
            client.ask("GET", f"/_mock/{of}requests", headers=har) for of in ("", "worlds/mine/", "worlds/default/")
        ]
        printed = {" ".join(command): _printed(running.address, command) for command in COMMANDS}
        stream = _stream(client)
        kept = {str(one.relative_to(state)): one.read_text() for one in state.rglob("*") if one.is_file()}
        log = "\n".join([*running.banner, *running.stopped()])
    return Run({**secrets, "UNKNOWN": UNKNOWN, "NAMED": NAMED}, log, asked, printed, stream, kept)


def _careless(client: Client, secret: str, mine: str) -> Iterator[Asked]:
    """Requests of clients who put a secret where it belongs, and where it does not."""
    for name, value in (
        *(("Authorization", f"Token {secret}"), ("Authorization", f"Bearer {secret}"), ("Authorization", secret)),
        ("Authorization", f"Basic {base64.b64encode(f'a:{secret}'.encode()).decode()}"),
        *(
            (name, secret)
            for name in ("X-Auth", "X-Key", "X-Access-Key", "Ocp-Apim-Subscription-Key", "X-Jwt-Assertion", "X-Otp")
        ),
        *(
            ("Referer", f"http://h/#access_token={secret}"),
            ("X-Odd", f'{{"token":"{secret}"}}'),
            ("X-Odd", f"Bearer {secret}"),
        ),
        *(("X-Api-Key", secret), ("Cookie", f"sessionid={secret}; token={secret}"), ("Proxy-Authorization", secret)),
    ):
        yield client.ask("GET", LIST, headers={name: value})
    nested = ('data={"token":"{}"}', "redirect=http%3A%2F%2Fh%2F%3Ftoken%3D{}", "x=%2574oken%253D{}")
    for query in (
        "jwt={}",
        "otp={}",
        "pin={}",
        "code={}",
        *nested,
        "token={}",
        "access_token={}",
        "password={}",
        "api_key={}",
        "x=Token%20{}",
        "a=1;token={}",
    ):
        yield client.vendor(mine, f"{LIST}?{query.replace('{}', secret)}")
        yield client.ask("GET", f"{LIST}?{query.replace('{}', secret)}")
    for said in ({"username": "mine", "password": secret}, {"username": "mine", "password": secret, "x": secret}):
        yield client.ask("POST", LOGIN, said)
    yield client.vendor(mine, f"/token={secret}/")
    if secret == NAMED:
        return
    encoded = "".join(f"%{ord(letter):02X}" for letter in secret)
    for one in (secret, encoded, encoded.replace("%", "%25"), f"x{'-' if secret == UNKNOWN else ''}{secret}-y"):
        for target in (
            f"/{one}/",
            f"{LIST}{one}/",
            f"{LIST}{one}",
            f"{LIST}?x={one}",
            f"{LIST}?page={one}",
            f"{LIST}?{one}",
        ):
            yield client.vendor(mine, target)
            yield client.ask("GET", target)
        yield client.ask("GET", f"/_mock/{one}")
        yield client.ask("GET", f"/_mock/worlds/{one}")
        yield client.ask("GET", f"/_mock/worlds/mine/plans?state={one}")
    for name in ("User-Agent", "X-Request-Id", "Referer", "Accept", "X-Odd", "Content-Type", "Accept-Language"):
        yield client.vendor(mine, **{name: f"a/{secret}"})
        yield client.ask("GET", "/_mock/scenarios", headers={name: secret})
    yield client.ask("POST", LOGIN, {"username": secret, "password": secret})
    yield client.ask("POST", "/_mock/worlds", {"name": secret, "scenario": secret, secret: secret})
    yield client.ask("GET", "/_mock/worlds", headers={"Authorization": f"Bearer {secret}x"})


def _views(client: Client) -> Iterator[str]:
    for of in ("mine", "default"):
        for view in (
            "",
            "/snapshot",
            "/requests?limit=1000",
            "/client-report",
            "/plans",
            "/faults",
            "/limits",
            "/events",
        ):
            yield f"/worlds/{of}{view}"
    yield from ("/worlds", "/requests?limit=1000", "/metrics", "/docs", "/openapi.json", "/openapi.yaml", "/scenarios")
    known = client.answered("GET", "/_mock/worlds/mine/requests?limit=1000")["requests"]
    yield from (f"/worlds/mine/requests/{one['number']}" for one in known[:20])


def _printed(address: str, command: list[str]) -> str:
    more = {"MOCK_OMS_URL": address, "MOCK_OMS_CONTROL_TOKEN": CONTROL, "MOCK_OMS_WORLD": "mine"}
    environment = {**plain_environment(more), "COLUMNS": "400"}
    done = forked.run("mock-oms", *command, environment=environment)
    return done.stdout + done.stderr


def _stream(client: Client) -> str:
    with Reader(client.address, STREAM.format("mine"), {"Authorization": f"Bearer {CONTROL}"}) as reader:
        return json.dumps([event.data for event in reader.events(60)], ensure_ascii=False)


def test_the_run_said_enough_for_this_to_mean_something(run: Run) -> None:
    assert len(run.log.splitlines()) > 300
    assert set(run.shown(" ".join(one.sent.decode("latin-1") for one in run.asked))) == set(run.secrets)
    assert {one.answer[9:12] for one in run.asked if one.is_control} >= {b"200", b"401", b"404", b"422"}
    assert len(run.stream) > 20_000


def test_the_log_holds_no_secret(run: Run) -> None:
    assert not [line for line in run.log.splitlines() if run.shown(line)]


def test_a_json_log_holds_no_secret() -> None:
    with serving("--log", "json", more=VARIABLES) as running:
        client = Client(running.address, CONTROL)
        mine = client.answered("POST", "/_mock/worlds", {"name": "mine"})["token"]
        secrets = (*SECRETS.values(), mine, UNKNOWN, NAMED)
        for secret in secrets:
            assert list(_careless(client, secret, mine))
        log = [*running.banner, *running.stopped()]
    found = Run({secret: secret for secret in secrets}, "", [], {}, "", {})
    assert len(log) > 300
    assert [line for line in log if found.shown(line)] == []


def test_no_answer_of_the_control_api_holds_a_secret_but_the_token_of_a_world_that_is_shown(run: Run) -> None:
    answers = [(one.target, _body(one)) for one in run.asked if one.is_control]
    assert not [(target, run.shown(body), body[:300]) for target, body in answers if run.shown(body)]


def test_no_answer_of_the_vendors_holds_a_secret_that_its_client_did_not_send(run: Run) -> None:
    """What a client sends stands in links and sentences of the vendor's, as it does there. A login answers a token."""
    answers = [one for one in run.asked if not one.is_control and not one.target.startswith(LOGIN)]
    known = [(one, set(run.shown(one.sent.decode("latin-1")))) for one in answers]
    assert not [
        one for one, sent in known if set(run.shown(one.answer.decode("latin-1"))) - sent and "%25" not in one.target
    ]


def test_no_header_of_ours_holds_a_secret(run: Run) -> None:
    heads = [one.answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n") for one in run.asked]
    ours = [line for head in heads for line in head if line.lower().startswith(("x-mock-oms", "x-mock-hint"))]
    assert any(line.lower().startswith("x-mock-hint") for line in ours)
    assert not [line for line in ours if run.shown(line)]


def test_no_command_prints_a_secret(run: Run) -> None:
    assert not [(command, run.shown(text)) for command, text in run.printed.items() if run.shown(_TOLD.sub("", text))]
    assert not [command for command, text in run.printed.items() if not text]


def test_the_stream_tells_no_secret(run: Run) -> None:
    assert run.shown(run.stream) == []


def test_what_is_kept_holds_the_tokens_of_its_worlds_and_nothing_else(run: Run) -> None:
    assert not [name for name, text in run.kept.items() if run.shown(_TOLD.sub("", text))]
    assert f'"token": "{run.secrets["mine"]}"' in run.kept[str(Path("worlds/mine.jsonl"))]


def _body(asked: Asked) -> str:
    return _TOLD.sub("", asked.answer.partition(b"\r\n\r\n")[2].decode("utf-8", "replace"))
