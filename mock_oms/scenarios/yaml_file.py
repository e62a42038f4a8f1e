"""Reading YAML that nobody vouches for: safe types only, no duplicate keys, bounded size, depth and aliases."""

import json
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from mock_oms.scenarios.errors import Lines, Place, Problem, ScenarioError
from mock_oms.text import read_file

#: How the names of scenario files and profiles end.
SUFFIXES = (".yaml", ".yml")
MAX_BYTES = 5_000_000
MAX_DEPTH = 50
MAX_NODES = 500_000
_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep."
_TOO_MUCH = f"the file holds more than {MAX_NODES:,} values (what an alias stands for is counted each time)."

if TYPE_CHECKING:
    from yaml import SafeLoader as _SafeLoader
else:
    _SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_BOOL, _INT, _DATE = (f"tag:yaml.org,2002:{kind}" for kind in ("bool", "int", "timestamp"))


class _Loader(_SafeLoader):
    """The safe loader with YAML 1.2's idea of plain words: `on` is no truth, 0123 no octal, 1:30 no number.

    Dates and numbers of more than 640 digits, which Python may refuse to convert, are text: their field refuses them
    where they stand, together with all else that is wrong.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012  the base class names no ClassVar
        first: [(tag, pattern) for tag, pattern in rules if tag not in {_BOOL, _INT, _DATE}]
        for first, rules in _SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver(_BOOL, re.compile("(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(_INT, re.compile("[-+]?(0|[1-9][0-9]{0,639})$"), list("-+0123456789"))
# An explicit `!!int` too is decimal: of a hexadecimal one Python bounds no digits, and then cannot print it.
_Loader.add_constructor(_INT, lambda loader, node: int(loader.construct_scalar(node)))  # type: ignore[arg-type]


def _refuse(
    file: Path, line: int | None, message: str, cause: Exception | None = None, *, column: int | None = None
) -> NoReturn:
    raise ScenarioError([Problem(file=str(file), line=line, path="", message=message, column=column)]) from cause


#: What YAML reads in no file, or as the end of a line; JSON escapes what is below a blank itself.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
#: A text, and whether it is a key; or the whole part of a number before an e: YAML takes `1e+16` for a text.
_TEXT_OR_NUMBER = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")(: )?|(?<![\d.])(\d+)(?=e)')
#: Letters of a key from which on YAML wants a question mark before it (1024), with room for what is escaped.
_LONG_KEY = 150


def _as_yaml(found: re.Match[str]) -> str:
    text, is_key, whole = found.groups()
    if whole:
        return f"{whole}.0"
    return f"? {found[0]}" if is_key and len(text) > _LONG_KEY else found[0]


def flow(value: Any) -> str:
    """A value that JSON has, on one line of YAML.

    :raises ValueError: a number is infinite or not a number.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    text = _TEXT_OR_NUMBER.sub(_as_yaml, text)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def write_flow(document: Mapping[str, Any]) -> str:
    """A document as a text that `parse_yaml` reads again: a line for each key, and for each of its `plans`.

    :raises ValueError: a number is infinite or not a number.
    """
    lines = []
    for key, value in document.items():
        rows = [f"  - {flow(one)}" for one in value] if key == "plans" and isinstance(value, list) else []
        lines += [f"{key}:", *rows] if rows else [f"{key}: {flow(value)}"]
    return "".join(f"{line}\n" for line in lines)


def measured(document: Any) -> Iterator[tuple[int, int]]:
    """How many values there are down to each level (from 0) of what JSON has, level by level: a deep one breaks no stack."""
    level, values = [document], 0
    for depth in count():
        if not level:
            return
        values += len(level)
        yield values, depth
        collections = (
            one.values() if isinstance(one, Mapping) else one if isinstance(one, list) else () for one in level
        )
        level = [inner for one in collections for inner in one]


def refuse_excess_in(document: Any, file: Path) -> None:
    """A `ScenarioError` where a document that no file holds goes beyond the bounds of one."""
    for values, depth in measured(document):
        if values > MAX_NODES:
            _refuse(file, None, f"holds more than {MAX_NODES:,} values.")
        if depth > MAX_DEPTH:
            _refuse(file, None, _TOO_DEEP)


def yaml_files(folder: Path) -> list[Path]:
    """The files of scenarios, or of profiles, in a folder, sorted.

    Names that begin with a dot are what editors and other systems leave beside a file, such as `._mine.yaml`.

    :raises OSError: the folder cannot be read.
    """
    found = {one.name: one for one in folder.iterdir()}  # names are compared a good deal sooner than paths
    return [found[name] for name in sorted(found) if name.endswith(SUFFIXES) and not name.startswith(".")]


def read_yaml(file: Path) -> tuple[Any, Lines]:
    """The document in a file and the lines of its places; a `ScenarioError` where it cannot be trusted or parsed."""
    return parse_yaml(read_text(file), file)


def read_text(file: Path) -> str:
    """The text in a file; a `ScenarioError` where it cannot be read."""
    try:
        content = read_file(file, MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            _refuse(file, None, f"the file is larger than {MAX_BYTES // 1_000_000} MB; a `backlog` needs no list.")
        if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            _refuse(file, None, "the file is UTF-16, as PowerShell writes it; save it as UTF-8.")
        return content.decode()
    except OSError as error:
        _refuse(file, None, f"the file cannot be read: {error.strerror}.", error)
    except UnicodeDecodeError as error:
        _refuse(file, None, f"the file is not UTF-8: {error.reason} at byte {error.start}; save it as UTF-8.", error)


def parse_yaml(text: str, file: Path) -> tuple[Any, Lines]:
    """Parse a text that was read from `file`; see `read_yaml`."""
    try:
        _refuse_excess(text, file)
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
            numbers: dict[Place, int] = {}
            if root:
                _number_lines(root, (), root.start_mark.line + 1, file, numbers, count(1))
            return (loader.construct_document(root) if root else None), Lines(file=file, numbers=numbers, text=text)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        _refuse_mistake(text, file, error)
    except (LookupError, AttributeError) as error:  # how PyYAML fails on `!!bool maybe` and `!!timestamp soon`
        _refuse(file, None, "this is not YAML: a value is not what its tag says.", error)
    except yaml.reader.ReaderError as error:
        before, _, _ = text.partition(chr(error.character))
        reason = f"this is not YAML: U+{error.character:04X} is a control character; delete it."
        _refuse(file, before.count("\n") + 1, reason, error, column=len(before) - before.rfind("\n"))
    except (yaml.YAMLError, ValueError) as error:
        _refuse(file, None, f"this is not YAML: {error}.", error)


def _refuse_mistake(text: str, file: Path, error: yaml.MarkedYAMLError) -> NoReturn:
    from mock_oms.scenarios.yaml_mistakes import explained  # noqa: PLC0415  nobody needs it who makes none

    said = " ".join(filter(None, (error.context, error.problem)))
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
    # From 0.2.6 on libyaml bounds the depth too, and reads so far ahead that it may be there before us.
    if said.endswith("maximum nesting depth"):
        _refuse(file, line, _TOO_DEEP, error)
    found = explained(text, error)
    line, column, reason = found or (line, column, said)
    _refuse(file, line, f"this is not YAML: {reason}.", error, column=column)


def _refuse_excess(text: str, file: Path) -> None:
    """Look at the events first: composing what is nested too deeply exhausts the stack, and what is long takes long."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_Loader):
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        # A key is a node too, and no value has more than one.
        excess = _TOO_MUCH if nodes > 2 * MAX_NODES else _TOO_DEEP if depth > MAX_DEPTH else ""
        if excess:
            _refuse(file, event.start_mark.line + 1 if event.start_mark else None, excess)


def _number_lines(
    node: yaml.Node, place: Place, line: int, file: Path, numbers: dict[Place, int], walked: Iterator[int]
) -> None:
    """Note the line of each place. An alias is walked again wherever it stands, so that its cost is counted."""
    if next(walked) > MAX_NODES:
        _refuse(file, line, _TOO_MUCH)
    if len(place) > MAX_DEPTH:
        _refuse(file, line, f"aliases nest more than {MAX_DEPTH} levels deep.")
    numbers[place] = line
    if isinstance(node, yaml.SequenceNode):
        for number, child in enumerate(node.value):
            _number_lines(child, (*place, number), child.start_mark.line + 1, file, numbers, walked)
    seen: dict[str, int] = {}
    for key, child in node.value if isinstance(node, yaml.MappingNode) else ():
        at = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            unfilled = isinstance(key, yaml.MappingNode) and getattr(node, "flow_style", False)
            hint = "; a `{{…}}` of a template was not filled in, or needs quotes" if unfilled else ""
            _refuse(file, at, f"a key must be a word, not a list or a mapping{hint}.")
        if key.value in seen:
            twice = f"the key {key.value!r} stands twice; it was first on line {seen[key.value]}."
            _refuse(file, at, twice, column=key.start_mark.column + 1)
        seen[key.value] = at
        _number_lines(child, (*place, key.value), at, file, numbers, walked)
