"""Settings from `mock-oms.toml` or `[tool.mock_oms]` in `pyproject.toml`, and `mock-oms config`, which shows those in force."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from mock_oms.cli.options import KINDS, RefusedError, as_json, every_setting, print_json, print_table
from mock_oms.settings import SECRET, environment_variable, helps, shown
from mock_oms.text import read_file

OWN, SHARED = Path("mock-oms.toml"), Path("pyproject.toml")
#: Where a command finds the file that it obeys, in click's `meta`.
CONFIGURATION = "mock_oms.configuration"
#: Bytes of a file that are read at most.
_MOST = 1_000_000
#: How the table of a `pyproject.toml` may be spelt.
_TABLES = ("mock_oms", "mock-oms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a file says: values by the names of their settings, every path in them as seen from the current folder."""

    file: Path
    values: Mapping[str, Any]
    unread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """A setting as it is in force: `source` is flag, environment, file or default, `origin` names it."""

    name: str
    value: Any
    source: str
    origin: str


def configuration(named: Path | None) -> Configuration | None:
    """The file that was named, or that of the current folder; None where there is none.

    :raises RefusedError: it cannot be read, or something in it is no setting.
    """
    if named is not None:
        return _checked(named, _own_table(named))
    shared = _table(SHARED) if SHARED.is_file() and _speaks_of_us(SHARED) else None
    if OWN.exists():
        unread = f"{OWN} is read, [tool.mock_oms] of {SHARED} is not; keep one of them."
        return _checked(OWN, _own_table(OWN), unread="" if shared is None else unread)
    return None if shared is None else _checked(SHARED, shared)


def effective(context: click.Context, given: Mapping[str, Any]) -> list[Effective]:
    """Every setting among the options that a command was given, and where each came from; secrets are not shown."""
    return [_effective(context, name, given[name]) for name in helps()]


def _effective(context: click.Context, name: str, value: Any) -> Effective:  # noqa: ANN401  of any setting
    found: Configuration | None = context.meta.get(CONFIGURATION)
    sources = {
        ParameterSource.COMMANDLINE: ("flag", f"--{name.replace('_', '-')}"),
        ParameterSource.ENVIRONMENT: ("environment", environment_variable(name)),
        ParameterSource.DEFAULT_MAP: ("file", str(found.file) if found else ""),
    }
    given = context.get_parameter_source(name) or ParameterSource.DEFAULT
    source, origin = sources.get(given, ("default", ""))
    public = shown(name, value)
    return Effective(name=name, value=str(public) if isinstance(public, Path) else public, source=source, origin=origin)


def _own_table(file: Path) -> Mapping[str, Any]:
    """The settings of a file that is there for them."""
    found = _table(file)
    if found is None:
        raise RefusedError(f"{file}: there is no table [tool.mock_oms] in it.")
    return found


def _table(file: Path) -> Mapping[str, Any] | None:
    """What a file says about us; None where it is a `pyproject.toml` that says nothing."""
    document = _document(file)
    if file.name != SHARED.name:
        return document
    tools = document.get("tool", {})
    tables = [tools[name] for name in _TABLES if name in tools] if isinstance(tools, Mapping) else []
    if not all(isinstance(one, Mapping) for one in tables):
        raise RefusedError(f"{file}: tool.mock_oms: found a single value; accepted: a table of settings.")
    if len(tables) > 1:
        raise RefusedError(f"{file}: [tool.mock_oms] and [tool.mock-oms] are the same; keep one of them.")
    return tables[0] if tables else None


def _speaks_of_us(file: Path) -> bool:
    """A broken `pyproject.toml` that never names us is not our business."""
    return any(name in _text(file) for name in _TABLES)


def _document(file: Path) -> Mapping[str, Any]:
    import tomllib

    text = _text(file)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error).replace("at end of document", f"at the end, line {text.count(chr(10)) + 1}")
        raise RefusedError(f"{file} is not TOML: {said}.") from None
    except ValueError:  # Python's own sentence tells how to let longer numbers in
        raise RefusedError(f"{file} is not TOML: a number in it has thousands of digits.") from None
    except RecursionError:
        raise RefusedError(f"{file} is not TOML: it is nested too deeply.") from None


def _text(file: Path) -> str:
    try:
        content = read_file(file, _MOST + 1)
    except OSError as error:
        raise RefusedError(f"{file} cannot be read: {error.strerror}.") from None
    if len(content) > _MOST:
        raise RefusedError(
            f"{file} is longer than {_MOST // 1_000_000} MB: it holds more than settings. "
            f"Name another with --config; {os.devnull} holds none."
        )
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise RefusedError(f"{file} is not UTF-8: {error.reason} at byte {error.start}.") from None


def _checked(file: Path, table: Mapping[str, Any], *, unread: str = "") -> Configuration:
    wrong = list(_objections(table))
    if wrong:
        raise RefusedError("\n".join(f"{file}: {key}: {said}" for key, said in wrong))
    values = {_name(key): _placed(_name(key), value, file.parent) for key, value in table.items()}
    return Configuration(file=file, values=values, unread=unread)


def _objections(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with each key, as the key and a sentence."""
    from mock_oms.text import nearest_clause, shortened

    for key, value in table.items():
        name = _name(key)
        if name not in helps():
            yield shortened(key), f"unknown key{nearest_clause(key, helps())}."
        elif key != name and name in table:
            yield shortened(key), f"stands twice, because {name} is the same; keep one of them."
        elif said := _objection(name, _meant(name, value)):
            yield key, said


def _objection(name: str, value: Any) -> str | None:  # noqa: ANN401  whatever TOML can say
    kind = KINDS.get(name, click.STRING)
    wanted = int if isinstance(kind, click.IntRange) else str
    if type(value) is not wanted or (value == "" and name != "tls_names"):
        return f"found {_found(name, value)}; accepted: {_accepted(kind)}."
    if "\0" in str(value):  # which the names of files cannot have
        return f"found {_found(name, value)}; accepted: text without the character NUL."
    try:
        kind.convert(value, None, None)
    except click.BadParameter as error:
        # Click shows the whole of it.
        return error.message.replace(repr(value), _found(name, value))
    return None


def _accepted(kind: click.ParamType[Any]) -> str:
    if isinstance(kind, click.IntRange):
        return f"a whole number from {kind.min} to {kind.max}"
    return f"one of {', '.join(kind.choices)}" if isinstance(kind, click.Choice) else "text in quotes, not empty"


def _found(name: str, value: Any) -> str:  # noqa: ANN401  as above
    from mock_oms.scenarios.fields import shown as of_yaml

    return "something else (not shown, for it is a secret)" if name in SECRET and value != "" else of_yaml(value)


def _name(key: str) -> str:
    return key.replace("-", "_")


def _meant(name: str, value: Any) -> Any:  # noqa: ANN401  as above
    """TOML's truth values stand for `on` and `off`, where a setting knows these."""
    kind = KINDS.get(name)
    if isinstance(value, bool) and isinstance(kind, click.Choice) and "on" in kind.choices:
        return "on" if value else "off"
    return value


def _placed(name: str, value: Any, folder: Path) -> Any:  # noqa: ANN401  as above
    """A checked value, and where it is a path, as seen from the current folder."""
    if isinstance(KINDS.get(name), click.Path):
        return folder / value
    if name == "scenario" and (value.endswith((".yaml", ".yml")) or "/" in value):
        return str(folder / value)
    return _meant(name, value)


@click.command(epilog="\b\nExamples:\n  mock-oms config\n  mock-oms config --port 0 --json")
@every_setting
@as_json
@click.pass_context
def config(context: click.Context, /, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401  the fields of Settings
    """Print the settings that `mock-oms serve` would have here, and where each comes from; secrets are not shown."""
    settings = effective(context, given)
    if as_json:
        file = context.meta[CONFIGURATION].file if CONFIGURATION in context.meta else None
        print_json({"file": None if file is None else str(file), "settings": list(map(asdict, settings))})
        return
    rows = [(one.name, "" if one.value is None else str(one.value), one.origin or one.source) for one in settings]
    print_table([("setting", "value", "from"), *rows])
