"""Reading YAML that nobody vouches for: safe types only, no duplicate keys, bounded size, depth and aliases."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from mock_oms.scenario.problems import Lines, Place, Problem, ScenarioError

MAX_BYTES = 5_000_000
MAX_DEPTH = 50
MAX_NODES = 500_000

if TYPE_CHECKING:
    from yaml import SafeLoader as _SafeLoader
else:
    _SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_BOOL, _INT = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int"


class _Loader(_SafeLoader):
    """The safe loader with YAML 1.2's idea of plain words: `on` is no truth, 0123 no octal and 1:30 no number."""

    yaml_implicit_resolvers = {  # noqa: RUF012  the base class names no ClassVar
        first: [(tag, pattern) for tag, pattern in rules if tag not in {_BOOL, _INT}]
        for first, rules in _SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver(_BOOL, re.compile("(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(_INT, re.compile("[-+]?(0|[1-9][0-9]*)$"), list("-+0123456789"))


def _decimal(loader: _Loader, node: yaml.ScalarNode) -> int:
    """An explicit `!!int` too is decimal: of a hexadecimal one Python bounds no digits, and then cannot print it."""
    return int(loader.construct_scalar(node))


_Loader.add_constructor(_INT, _decimal)


def read_yaml(file: Path) -> tuple[Any, Lines]:
    """The document in a file and the lines of its places; a `ScenarioError` where it cannot be trusted or parsed."""
    return parse_yaml(_text(file), file)


def parse_yaml(text: str, file: Path) -> tuple[Any, Lines]:
    """As `read_yaml`, for a text that was read from `file`."""
    try:
        _refuse_deep_nesting(text, file)
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
            lines = Lines(file=file, numbers=_Walk(file).lines(root) if root else {})
            return (loader.construct_document(root) if root else None), lines
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = " ".join(filter(None, (error.context, error.problem)))
        raise _refusal(file, mark.line + 1 if mark else None, f"this is not YAML: {reason}.") from error
    except (LookupError, AttributeError) as error:  # how PyYAML fails on `!!bool maybe` and `!!timestamp soon`
        raise _refusal(file, None, "this is not YAML: a value is not what its tag says.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise _refusal(file, None, f"this is not YAML: {error}.") from error


def _refusal(file: Path, line: int | None, message: str) -> ScenarioError:
    return ScenarioError([Problem(file=str(file), line=line, path="", message=message)])


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise _refusal(
                file, None, f"the file is larger than {MAX_BYTES // 1_000_000} MB; a `backlog` needs no list."
            )
        return content.decode()
    except OSError as error:
        raise _refusal(file, None, f"the file cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise _refusal(file, None, f"the file is not UTF-8: {error.reason} at byte {error.start}.") from error


def _refuse_deep_nesting(text: str, file: Path) -> None:
    """Look at the events first: composing a document that is nested too deeply would exhaust the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else None
            raise _refusal(file, line, f"nested more than {MAX_DEPTH} levels deep.")


class _Walk:
    """One walk over the composed nodes; an alias is walked again wherever it stands, so that its cost is counted."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._numbers: dict[Place, int] = {}
        self._walked = 0

    def lines(self, root: yaml.Node) -> dict[Place, int]:
        self._visit(root, (), root.start_mark.line + 1)
        return self._numbers

    def _visit(self, node: yaml.Node, place: Place, line: int) -> None:
        self._walked += 1
        if self._walked > MAX_NODES:
            raise _refusal(self._file, line, f"aliases blow the file up to more than {MAX_NODES:,} values.")
        if len(place) > MAX_DEPTH:
            raise _refusal(self._file, line, f"aliases nest more than {MAX_DEPTH} levels deep.")
        self._numbers[place] = line
        if isinstance(node, yaml.MappingNode):
            self._visit_mapping(node, place)
        elif isinstance(node, yaml.SequenceNode):
            for number, child in enumerate(node.value):
                self._visit(child, (*place, number), child.start_mark.line + 1)

    def _visit_mapping(self, node: yaml.MappingNode, place: Place) -> None:
        seen: dict[str, int] = {}
        for key, child in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise _refusal(self._file, line, "a key must be a word, not a list or a mapping.")
            if key.value in seen:
                raise _refusal(
                    self._file, line, f"the key {key.value!r} stands twice; it was first on line {seen[key.value]}."
                )
            seen[key.value] = line
            self._visit(child, (*place, key.value), line)
