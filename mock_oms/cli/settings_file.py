"""Settings from `mock-oms.toml` or `[tool.mock_oms]` in `pyproject.toml`, and `mock-oms config`, which shows those in force."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from mock_oms.cli.options import KINDS, RefusedError, as_json, every_setting, examples, why_unreadable
from mock_oms.cli.printing import print_json, print_table
from mock_oms.dataclass import dataclass
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
    """Values by the names of their settings, paths relative to the current folder; `unread` names a file left out."""

    file: Path
    values: Mapping[str, Any]
    unread: str = ""


def configuration(named: Path | None) -> Configuration | None:
    """The file that was named, or that of the current folder; None where there is none."""
    # A broken `pyproject.toml` that never names us is not our business.
    is_ours = named is None and SHARED.is_file() and any(name in _text(SHARED) for name in _TABLES)
    shared = _table(SHARED) if is_ours else None
    file = OWN if named is None and OWN.exists() else named
    if file is None:
        return None if shared is None else _checked(SHARED, shared)
    table = _table(file)
    if table is None:
        raise RefusedError(f"{file}: there is no table [tool.mock_oms] in it.")
    unread = f"{OWN} is read, [tool.mock_oms] of {SHARED} is not; keep one of them."
    return _checked(file, table, unread="" if shared is None else unread)


def effective(context: click.Context, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every setting of a command with its `name`, `value`, `source` and `origin`; secrets are not shown.

    The source is flag, environment, file or default; the origin names it.
    """
    found: Configuration | None = context.meta.get(CONFIGURATION)
    settings = []
    for name in helps():
        source, origin = {
            ParameterSource.COMMANDLINE: ("flag", f"--{name.replace('_', '-')}"),
            ParameterSource.ENVIRONMENT: ("environment", environment_variable(name)),
            ParameterSource.DEFAULT_MAP: ("file", str(found.file) if found else ""),
        }.get(context.get_parameter_source(name) or ParameterSource.DEFAULT, ("default", ""))
        value = shown(name, given[name])
        value = str(value) if isinstance(value, Path) else value
        settings.append({"name": name, "value": value, "source": source, "origin": origin})
    return settings


def _table(file: Path) -> Mapping[str, Any] | None:
    """The settings in a file; None where it is a `pyproject.toml` that has none."""
    import tomllib

    text = _text(file)
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        why = why_unreadable(error).replace("at end of document", f"at the end, line {text.count(chr(10)) + 1}")
        raise RefusedError(f"{file} is not TOML: {why}.") from None
    if file.name != SHARED.name:
        return document
    tools = document.get("tool", {})
    tables = [tools[name] for name in _TABLES if name in tools] if isinstance(tools, Mapping) else []
    if not all(isinstance(one, Mapping) for one in tables):
        raise RefusedError(f"{file}: tool.mock_oms: found a single value; accepted: a table of settings.")
    if len(tables) > 1:
        raise RefusedError(f"{file}: [tool.mock_oms] and [tool.mock-oms] are the same; keep one of them.")
    return tables[0] if tables else None


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
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError(f"{file} is not UTF-8: {error.reason} at byte {error.start}.") from None


def _checked(file: Path, table: Mapping[str, Any], *, unread: str = "") -> Configuration:
    from mock_oms.text import MAX_HINTS, nearest_clause, shortened

    values: dict[str, Any] = {}
    errors: list[str] = []
    for key, written in table.items():
        name = key.replace("-", "_")
        kind = KINDS.get(name, click.STRING)
        value = written
        if isinstance(value, bool) and isinstance(kind, click.Choice) and "on" in kind.choices:
            value = "on" if value else "off"
        if name not in helps():
            near = nearest_clause(key, helps()) if len(errors) < MAX_HINTS else ""
            errors.append(f"{file}: {shortened(key)}: unknown key{near}.")
        elif key != name and name in table:
            errors.append(f"{file}: {shortened(key)}: stands twice, because {name} is the same; keep one of them.")
        elif error := _error_of(name, kind, value):
            errors.append(f"{file}: {key}: {error}")
        elif isinstance(kind, click.Path):
            values[name] = file.parent / value
        elif name == "scenario" and (value.endswith((".yaml", ".yml")) or "/" in value):
            values[name] = str(file.parent / value)
        else:
            values[name] = value
    if errors:
        raise RefusedError("\n".join(errors))
    return Configuration(file=file, values=values, unread=unread)


def _error_of(name: str, kind: Any, value: Any) -> str | None:  # noqa: ANN401  whatever TOML can say
    """What is wrong with the value of a setting; None where it can be used."""
    from mock_oms.scenarios.fields import shown as of_yaml

    is_number = isinstance(kind, click.IntRange)
    is_hidden = name in SECRET and value != ""
    found = "something else (not shown, for it is a secret)" if is_hidden else of_yaml(value)
    if type(value) is not (int if is_number else str) or (value == "" and name != "tls_names"):
        accepted = "text in quotes, not empty"
        if is_number:
            accepted = f"a whole number from {kind.min} to {kind.max}"
        elif isinstance(kind, click.Choice):
            accepted = f"one of {', '.join(kind.choices)}"
        return f"found {found}; accepted: {accepted}."
    if "\0" in str(value):  # which the names of files cannot have
        return f"found {found}; accepted: text without the character NUL."
    try:
        kind.convert(value, None, None)
    except click.BadParameter as error:
        return error.message.replace(repr(value), found)  # click shows the whole value
    return None


@click.command(epilog=examples("config", "config --port 0 --json"))
@every_setting
@as_json
@click.pass_context
def config(context: click.Context, /, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401  the fields of Settings
    """Print the settings that `mock-oms serve` would have here, and where each comes from; secrets are not shown."""
    settings = effective(context, given)
    if as_json:
        file = context.meta[CONFIGURATION].file if CONFIGURATION in context.meta else None
        print_json({"file": None if file is None else str(file), "settings": settings})
        return
    texts = ["" if one["value"] is None else str(one["value"]) for one in settings]
    rows = [(one["name"], text, one["origin"] or one["source"]) for one, text in zip(settings, texts, strict=True)]
    print_table([("setting", "value", "from"), *rows])
