"""What is written about the surfaces themselves, and looked at in structure: words may change, what is accepted not."""

import inspect
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from mock_oms.cli.names import Group
from mock_oms.testing import running_server
from tests.earlier.asking import Mock, command, plain_environment, printed, run
from tests.earlier.keeping import HERE, expected

#: What is said about a contract in words, or is a name that nobody outside meets.
_WORDS = frozenset({"description", "summary", "title", "example", "examples", "operationId", "tags"})
#: Keys whose values are mappings by names of somebody else's, which may be such a word.
_NAMED = frozenset({"properties", "responses", "headers", "content", "paths", "patternProperties"})
#: Members of answers, and parameters of methods, that are younger than that version.
_YOUNGER = ("under_way", "allow", "waiting", "scenario_name", "profiles", "document", "limited", "misbehaved")
_PLACE = re.compile(r"(?P<file>[\w-]+\.yaml)(?::(?P<line>\d+))?(?::\d+)?: (?:(?P<path>[a-z_]+(?:[.\[][^\s:]*)?): )?")
#: Of the classes that the client offers, those that users make, and how it makes the others.
_MADE_BY_USERS, _MAKERS = frozenset({"Control", "MockOmsContainer"}), frozenset({"read", "from_problem"})
_ROOT = Path(__file__).parents[2]


def contracts(_: Path) -> Any:
    """The contract of the vendor's API under several switches, exactly."""
    names = ("default", "state-object", "bare-array", "bearer")
    words = {**{name: ("--scenario", name) for name in names}, "usual": ()}
    return {name: unversioned(json.loads(printed("openapi", "--json", *more))) for name, more in words.items()}


def unversioned(document: Mapping[str, Any]) -> dict[str, Any]:
    """A contract without the version of the package that prints it."""
    return {**document, "info": {key: value for key, value in document["info"].items() if key != "version"}}


def control_api(_: Path) -> Any:
    with running_server(scenario="restock") as server:
        document = Mock(server.url).control("GET", "/openapi.json")
    told = structure(document, document)
    verify = told["paths"]["/_mock/worlds/{world}/verify"]["post"]["requestBody"]["content"]["application/json"]
    verify["schema"]["properties"]["count"]["not"]["anyOf"].pop(0)  # since then a count that always holds is refused
    opening = told["paths"]["/_mock/worlds"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    opening["properties"]["scenario"] = opening["properties"]["scenario"][
        "anyOf"
    ].pop()  # since then it may be sent whole
    return {path: told["paths"][path] for path in sorted(told["paths"])}


def structure(part: Any, document: Mapping[str, Any], within: tuple[str, ...] = ()) -> Any:
    """A part of a contract without words, and with what it refers to in the place of names."""
    if isinstance(part, list):
        found = [structure(one, document, within) for one in part if one not in _YOUNGER]
        return sorted(found, key=lambda one: json.dumps(one, sort_keys=True))
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        name = part["$ref"]
        if name in within:
            return f"the same as {len(within) - within.index(name)} above"
        target: Any = document
        for step in name.removeprefix("#/").split("/"):
            target = target[step]
        beside = {key: value for key, value in part.items() if key != "$ref"}
        return structure({**target, **beside}, document, (*within, name))
    kept = {key: value for key, value in part.items() if key not in _WORDS and not key.startswith("x-")}
    return {key: _named(key, value, document, within) for key, value in kept.items()}


def _named(key: str, value: Any, document: Mapping[str, Any], within: tuple[str, ...]) -> Any:
    if key in _NAMED and isinstance(value, dict):
        return {name: structure(one, document, within) for name, one in value.items() if name not in _YOUNGER}
    return structure(value, document, within)


def commands(_: Path) -> Any:
    """What every command and sub-command accepts, in a process of its own: other tests use the same click objects."""
    code = "import json; from tests.earlier.surfaces import all_commands as a; print(json.dumps(a(), default=str))"
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def all_commands() -> dict[str, Any]:
    """What each command of that version accepts now, under the names that it had then."""
    return {path: _accepted(path.split()[1:]) for path in expected("commands")}


def _accepted(words: list[str]) -> dict[str, Any]:
    one: click.Command = command()
    context = click.Context(one, info_name="mock-oms", **one.context_settings)
    while isinstance(one, Group) and words:
        name, *words = one.meant([*words, "--help"])[:-1]
        one = one.commands[name]
        context = click.Context(one, info_name=name, parent=context, **one.context_settings)
    parameters = [_parameter(each, context) for each in one.get_params(context) if each.name not in _SINCE]
    arguments, options = ([each for each in parameters if each["kind"] == kind] for kind in ("argument", "option"))
    return {"arguments": arguments, "options": sorted(options, key=lambda each: each["names"])}


def _parameter(one: click.Parameter, context: click.Context) -> dict[str, Any]:
    is_flag = bool(getattr(one, "is_flag", False))
    return {
        "kind": one.param_type_name,
        "names": [] if one.param_type_name == "argument" else [*sorted(one.opts), *sorted(one.secondary_opts)],
        "metavar": None if is_flag else one.make_metavar(context),
        "choices": list(one.type.choices) if isinstance(one.type, click.Choice) else None,
        "values": one.nargs,
        "flag": is_flag,
        "multiple": one.multiple,
        "required": one.required,
        "variable": one.envvar,
        "default": one.default if isinstance(one.default, str | int | float) and not is_flag else None,
    }


#: Settings that are younger than that version.
_SINCE = frozenset({"cors"})
#: A value for each setting that is not its default.
_SETTINGS = """
host=127.0.0.2 port=8099 scenario=restock scenarios=folder seed=3 token=another-token password=another-word
control_token=a-control-token-of-a-test control_token_file=token-file allow_real_tokens=on tls=on tls_ca=ca.pem
tls_names=oms.test workers=2 store=memory state=folder world_header=off hints=on observed=seen.yaml reload=off log=json
"""


def settings(folder: Path) -> Any:
    """Which settings a file and the environment are obeyed in, however they are spelt."""
    values = dict(pair.split("=") for pair in _SETTINGS.split())
    tables = {
        "mock-oms.toml": ("", "-"),
        "underlined.toml": ("", "_"),
        "a/pyproject.toml": ("[tool.mock_oms]\n", "-"),
        "b/pyproject.toml": ("[tool.mock-oms]\n", "_"),
    }
    seen: dict[str, Any] = {
        "environment": _sources([], {f"MOCK_OMS_{key.upper()}": text for key, text in values.items()})
    }
    for name, (head, sign) in tables.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        said = [
            f"{key.replace('_', sign)} = {it if it.isdecimal() else json.dumps(it)}\n" for key, it in values.items()
        ]
        file.write_text(head + "".join(said), encoding="utf-8")
        seen[name] = _sources(["--config", str(file)], {})
    (folder / "strange.toml").write_text("prot = 1\n", encoding="utf-8")
    strange = run("config", "--config", folder / "strange.toml").exit_code
    usual = json.loads(printed("config", "--json", "--config", "/dev/null"))["settings"]
    defaults = {one["name"]: one["value"] for one in usual if one["name"] not in _SINCE}
    return {**seen, "an unknown key": strange, "defaults": defaults}


def _sources(options: list[str], more: Mapping[str, str]) -> Any:
    done = run("config", "--json", *(options or ["--config", "/dev/null"]), more=more)
    assert done.exit_code == 0, done.output
    return {one["name"]: one["source"] for one in json.loads(done.stdout)["settings"] if one["name"] not in _SINCE}


def scenarios(_: Path) -> Any:
    """That every shipped scenario is in order, and where the broken ones are not."""
    shipped = json.loads(printed("scenarios", "check", "--json"))
    return {
        "shipped": {one["name"]: [one["expectations"], one["problems"], one["warnings"]] for one in shipped},
        "broken": {file.name: _broken(file) for file in sorted((HERE / "broken").glob("*.yaml"))},
    }


def _broken(file: Path) -> Any:
    done = run("scenarios", "check", "--json", file)
    (told,) = json.loads(done.stdout)
    # Of a file's errors the order is not promised.
    places = sorted(_place(str(one)) for one in told["problems"])
    return {"exit": done.exit_code, "places": places, "plans": run("plans", "--scenario", file).exit_code}


def _place(problem: str) -> list[str]:
    found = _PLACE.search(problem)
    assert found is not None, problem
    return [found["line"] or "", found["path"] or ""]


def exits(folder: Path) -> Any:
    """The codes that commands end with where something is wrong."""
    for name, content in (("broken.json", b"{"), ("empty.json", b"{}"), ("bytes.json", b"\xff\xfe")):
        (folder / name).write_bytes(content)
    with running_server(scenario="restock") as server:
        more = {"MOCK_OMS_URL": server.url, "OMS_TOKEN": "mock-oms-token"}
        cases = [shlex.split(each) for each in _CASES.split(" ;")]
        places = {"FOLDER": str(folder), "HERE": str(HERE), "URL": server.url}
        placed = [[re.sub("FOLDER|HERE|URL", lambda it: places[it[0]], one) for one in each] for each in cases]
        serving = iter(_server_exits([words for words in placed if words[:1] == ["serve"]]))
        ends = [next(serving) if words[:1] == ["serve"] else run(*words, more=more).exit_code for words in placed]
        return [[" ".join(words), end] for words, end in zip(cases, ends, strict=True)]


#: The codes that the command ends with for each of the lists of words on standard input.
_EXITS = """
import json, sys
from tests.earlier.asking import run
print(json.dumps([run(*words).exit_code for words in json.load(sys.stdin)]))
"""


def _server_exits(cases: list[list[str]]) -> list[int]:
    """Of a process of their own: a server sets up logging, and one that starts after all would not end by itself."""
    done = subprocess.run(
        [sys.executable, "-c", _EXITS],
        input=json.dumps(cases),
        cwd=_ROOT,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    codes: list[int] = json.loads(done.stdout)
    return codes


#: One command line after the other, each up to " ; "; the first is empty.
_CASES = """ ;
--version ; nothing ; serve --port 70000 ; serve --prot 1 ; serve --port 0 --scenario restok ;
serve --port 0 --scenario HERE/broken/unknown-key.yaml ; serve --port 0 --state HERE/source.yaml ;
serve --port 0 --observed FOLDER/none.yaml ; serve --port 0 --config FOLDER/none.toml ;
serve --port 0 --store disk ; serve --port 0 --workers 2 ; config --config FOLDER/none.toml ;
healthcheck --port 1 ; scenarios check restock ; scenarios check FOLDER/none.yaml ; scenarios show restok ;
scenarios show restock ; scenarios new FOLDER/new.yaml ; scenarios new FOLDER/new.yaml ; plans --scenario restok ;
plans --scenario restock --at soon ; plans --scenario restock --id 9 ; openapi --scenario restok ;
openapi --observed FOLDER/empty.json ; assumptions --observed FOLDER/none.yaml ; completion tcsh ; world list ;
world list --url http://127.0.0.1:1 ; world show --world nobody ; world new --scenario restok ;
world new --name UPPER ; world rm --world nobody ; world rm ; world restore FOLDER/broken.json ;
world restore FOLDER/empty.json ; world restore FOLDER/none.json ;
world restore HERE/snapshots/version-2-default.json ; clock advance soon ;
clock advance 1m --url http://127.0.0.1:1 ; clock advance --until 9=completed ;
clock advance --until 41207=cancelled --within 1h ; clock rate -1 ; plan show 9 ; plan run 41207 plan-fly ;
plan list --state complete ; why 9 ; why 41207 --url nonsense ; event add '{' ; event add '{"restok": {}}' ;
event add '{"block": "WH9"}' ; event add '{"confirm": 41207}' ; fault add ; fault add --profile slowly ;
fault rm 99 ; limits set --quota many ; requests show 999 ; verify ; verify detail ; verify list --exactly 7 ;
replay nonsense ; replay world=none ;
replay 'world=x scenario=restock@000000000000 seed=7 now=2024-03-05T09:00:00Z event=0' ;
replay 'world=x scenario=restock@4f64d6298716 seed=7 now=2024-03-05T09:00:00Z event=3' ;
scrub FOLDER/broken.json ; scrub FOLDER/bytes.json ; contract http://127.0.0.1:1 --no-schemathesis ;
contract nonsense ; contract URL --switch colour=red ; contract URL --report FOLDER/report.pdf ;
contract URL --observed FOLDER/none.yaml ; record http://127.0.0.1:1 --out FOLDER/out.yaml ; record URL ;
record URL --out FOLDER/none/out.yaml ; drift restok restock ; drift FOLDER/broken.json restock ;
drift FOLDER/none.json restock ; doctor --port 0 --scenario restok ; doctor --port 0 --observed FOLDER/none.yaml
"""


def for_pytest(folder: Path) -> Any:
    """What the plugin adds to pytest, and the names that users import."""
    (folder / "pytest.toml").write_text("[pytest]\n", encoding="utf-8")
    said, shown = (_said(word, folder) for word in ("--help", "--fixtures"))
    return {
        "options": sorted(set(re.findall(r"--oms-[a-z-]+", said))),
        "keys": sorted(set(re.findall(r"^  (oms_[a-z_]+) \(", said, flags=re.MULTILINE))),
        "fixtures": sorted(set(re.findall(r"^(oms\w*|mock_oms\w*)\b", shown, flags=re.MULTILINE))),
        "modules": {name: _names(name) for name in ("mock_oms.testing", "mock_oms.client")},
    }


def _said(word: str, folder: Path) -> str:
    unused = [
        f"-pno:{name}" for name in ("cacheprovider", "randomly", "schemathesis", "hypothesispytest", "faker", "anyio")
    ]
    words, kept = [sys.executable, "-m", "pytest", *unused, word], plain_environment()
    return subprocess.run(words, cwd=folder, env=kept, capture_output=True, text=True, check=False, timeout=60).stdout


def _names(module: str) -> dict[str, Any]:
    """What a module offers: each name with its parameters, and those of its methods."""
    found = import_module(module)
    return {name: _shape(getattr(found, name)) for name in sorted(found.__all__)}


def _shape(offered: Any) -> Any:
    if not inspect.isclass(offered):
        return _parameters(offered) if callable(offered) else "a type"
    own = {name for one in offered.__mro__ if one.__module__ != "builtins" for name in vars(one)}
    public = (name for name in sorted(own - _MAKERS) if not name.startswith("_") and name not in _YOUNGER)
    members = [(name, getattr(offered, name)) for name in public]
    made = {"": _parameters(offered)} if offered.__name__ in _MADE_BY_USERS else {}
    return made | {name: _parameters(one) if callable(one) else "a value" for name, one in members}


def _parameters(function: Callable[..., Any]) -> Any:
    try:
        told = inspect.signature(function)
    except ValueError:
        return "a function"
    return [f"{one.kind.description} {one.name}" for one in told.parameters.values() if one.name not in _YOUNGER]


#: Every look by its name; each is kept under it.
SURFACES: Mapping[str, Callable[[Path], Any]] = {
    "contracts": contracts,
    "control-api": control_api,
    "commands": commands,
    "settings": settings,
    "scenarios": scenarios,
    "exits": exits,
    "for-pytest": for_pytest,
}
