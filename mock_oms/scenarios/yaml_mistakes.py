"""Mistakes in YAML: where each was made, and how it is mended. The parser says where it noticed, and what it expected."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import yaml

from mock_oms.scenarios.near_values import glued_clause

#: Where YAML ends a line.
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_COLON = re.compile(r":(?=\s|$)")
#: The sign before a text of several lines.
_TEXT_BELOW = re.compile(r"(?:^|\s)([|>])[-+0-9]*\s*(?:#.*)?$")
_SHOWN = 40
#: Lines in which a bracket is looked for.
_LOOKED_BACK = 1_000


class Mistake(NamedTuple):
    """Line and column count from 1; `reason` is a sentence without its full stop."""

    line: int
    column: int
    reason: str


class _Failure(NamedTuple):
    """Where the parser gave up, and where that begins which it was reading; both count from 0."""

    lines: list[str]
    line: int
    column: int
    opened_line: int
    opened_column: int

    @property
    def before(self) -> str:
        """What stands before the place in its line."""
        return self.text(self.line)[: self.column]

    @property
    def rest(self) -> str:
        """What stands at the place and behind it in its line."""
        return self.text(self.line)[self.column :].rstrip()

    @property
    def opener(self) -> str:
        """The sign with which that begins which was read."""
        return self.text(self.opened_line)[self.opened_column : self.opened_column + 1]

    def text(self, number: int) -> str:
        """A line; nothing behind the last one."""
        return self.lines[number] if number < len(self.lines) else ""

    def here(self, reason: str) -> Mistake:
        """A mistake where the parser gave up."""
        return Mistake(self.line + 1, self.column + 1, reason)

    def opened(self, reason: str) -> Mistake:
        """A mistake where that begins which was read."""
        return Mistake(self.opened_line + 1, self.opened_column + 1, reason)

    def above(self) -> Iterator[tuple[int, int, str]]:
        """The lines above with something in them, the nearest first: number, column of the first key, content."""
        for number in range(self.line - 1, -1, -1):
            content = self.text(number).lstrip(" ")
            if content.strip() and not content.startswith(("#", "---")):
                column = len(self.text(number)) - len(content)
                yield number, column + len(content) - len(re.sub("^(?:- +)+", "", content)), content


def explained(text: str, error: yaml.MarkedYAMLError) -> Mistake | None:
    """The mistake behind an error of the parser; None where the error says as much as there is to say."""
    at = error.problem_mark or error.context_mark
    if at is None:
        return None
    begin = error.context_mark or at
    lines = _BREAK.split(text.removeprefix("\ufeff"))
    failure = _Failure(lines, at.line, at.column, begin.line, begin.column)
    said = f"{error.context or ''} {error.problem or ''}"
    return next((found for words, explain in _EXPLANATIONS if words in said and (found := explain(failure))), None)


def _tab(at: _Failure) -> Mistake | None:
    line = at.text(at.line)
    column = at.column if at.rest.startswith("\t") else line.find("\t", 0, len(line) - len(line.lstrip()))
    return None if column < 0 else at._replace(column=column).here("a tab; YAML indents with spaces")


def _strange_beginning(at: _Failure) -> Mistake:
    return at.here(f"`{at.rest[:1]}` cannot begin a value; put the text in quotes")


def _open_quote(at: _Failure) -> Mistake:
    return at.opened(f"the quote {at.opener} opened here is not closed")


def _open_bracket(at: _Failure) -> Mistake:
    """A list or a mapping between brackets that does not go on as it should."""
    closer = {"[": "]", "{": "}"}.get(at.opener, "]")
    if at.rest[:1] in {"]", "}"}:
        since = f"line {at.opened_line + 1}, column {at.opened_column + 1}"
        return at.here(
            f"found `{at.rest[:1]}`, while the `{at.opener}` of {since} is open; accepted: `,` or `{closer}`"
        )
    if at.line > at.opened_line:
        there = f"line {at.line + 1}, column {at.column + 1}"
        return at.opened(f"the `{at.opener}` opened here is not closed before {there}, or a comma is missing there")
    wrong = "a comma is missing, or text with a colon in it needs quotes"
    return at.here(f"found {_shown(at.rest)}; accepted: `,` or `{closer}`: {wrong}")


def _no_value(at: _Failure) -> Mistake:
    """Nothing between brackets where a value must stand; at the end of the text, a bracket that nobody closed."""
    if at.rest:
        return at.here(f"a value is missing before {_shown(at.rest)}")
    closed = 0
    for number in range(min(at.line, len(at.lines) - 1), max(-1, at.line - _LOOKED_BACK), -1):
        for column in range(len(at.lines[number]) - 1, -1, -1):
            sign = at.lines[number][column]
            closed += (sign in "]}") - (sign in "[{")
            if closed < 0:
                return _open_bracket(at._replace(opened_line=number, opened_column=column))
    return at.here("a bracket above is not closed")


def _colon(at: _Failure) -> Mistake | None:
    """A colon where no key can stand: in a text, below a key that has a value already, or below one without a colon."""
    if _COLON.search(at.before):
        return at.here("a second `: ` in one line; put the text in quotes")
    for number, column, content in at.above():
        if not _COLON.search(content):
            return _no_colon(at._replace(opened_line=number, opened_column=column))
        return _indented(at, number, column)
    return None


def _no_colon(at: _Failure) -> Mistake:
    """A line that should be a key and has no colon, or no blank behind it."""
    content = at.text(at.opened_line)[at.opened_column :].strip()
    _, _, above = next(at._replace(line=at.opened_line).above(), (0, 0, ""))
    if text_below := _TEXT_BELOW.search(above):
        return at.opened(f"the text below `{text_below[1]}` must be indented")
    if glued := glued_clause(content):
        return at.opened(glued.removeprefix("; "))
    if content.startswith(("<<<<<<<", "=======", ">>>>>>>")):
        return at.opened("Git has left both sides of a conflict here; keep one")
    hint = "; a comment begins with #" if content.startswith("//") else ""
    return at.opened(f"a key needs a colon and a blank behind it; found {_shown(content)}{hint}")


def _indented(at: _Failure, number: int, column: int) -> Mistake:
    found = len(at.before) - len(at.before.lstrip(" "))
    reason = f"this line begins at column {found + 1}; expected column {column + 1}, as on line {number + 1}"
    return at._replace(column=found).here(reason)


def _beside(at: _Failure) -> Mistake:
    """A line that begins at a column where no other does, or something behind the end of a value."""
    if at.before.strip():
        return _behind(at)
    is_entry = at.rest.startswith("-")
    # The lines that this one could continue: each is further to the left than those below it.
    columns: dict[int, int] = {}
    for number, key, content in at.above():
        column = len(at.text(number)) - len(at.text(number).lstrip(" "))
        if is_entry == content.startswith("-") or not is_entry:
            wanted = column if is_entry else key
            if wanted < min(columns, default=wanted + 1):
                columns[wanted] = number
        if 0 in columns:
            break
    if not columns:
        return at.here("a list has an entry here, and what stands above it is none: `- ` is missing there")
    nearest = min(columns, key=lambda column: (abs(column - at.column), -column))
    return _indented(at, columns[nearest], nearest)


def _entry(at: _Failure) -> Mistake:
    """What stands between the entries of a list."""
    if at.before.strip() or at.column > at.opened_column or at.rest.startswith("-"):
        return _beside(at)
    list_at = f"the list of line {at.opened_line + 1}"
    keys = f"; the keys of its entries stand at column {at.opened_column + 3}"
    return at.here(f"this line begins no entry of {list_at}: `- ` is missing{keys}")


def _behind(at: _Failure) -> Mistake:
    """Something behind the end of a value."""
    rest, quote = at.rest, at.before.rstrip()[-1:]
    hint = ""
    if rest.startswith(("//", "#")):
        hint = "; a comment begins with a blank and #"
    elif rest.startswith((",", ";")):
        hint = "; nothing is needed there"
    elif rest.startswith(("]", "}")):
        hint = "; that is one bracket too many"
    elif quote in {"'", '"'}:
        doubled = "''" if quote == "'" else '\\"'
        hint = f"; inside such quotes a {quote} is written {doubled}"
        if at.before.count(quote) % 2:
            hint = "; this quote was opened on a line above"
    return at.here(f"found {_shown(rest)} behind the end of a value{hint}")


def _reference(at: _Failure) -> Mistake:
    """Text that begins with `*` or `&`, which YAML has for anchors."""
    sign = at.text(at.opened_line)[at.opened_column : at.opened_column + 1]
    if sign == "&":
        return at.opened("`&` begins an anchor; put text that begins with it in quotes")
    name = re.match(r"\*([^\s,\[\]{}]*)", at.text(at.opened_line)[at.opened_column :])
    missing = f", and no `&{name[1][:_SHOWN]}` is above" if name and name[1] else ""
    return at.opened(f"`*` refers to an anchor{missing}; put text that begins with it in quotes")


def _tag(at: _Failure) -> Mistake:
    return at.opened("`!` begins a tag; put text that begins with it in quotes")


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


#: What the parser says, and what explains it; the first that does counts.
_EXPLANATIONS: tuple[tuple[str, Callable[[_Failure], Mistake | None]], ...] = (
    ("found a tab character", _tab),
    ("cannot start any token", _tab),
    ("cannot start any token", _strange_beginning),
    ("while scanning a quoted scalar", _open_quote),
    ("did not find expected ',' or", _open_bracket),
    ("mapping values are not allowed", _colon),
    ("could not find expected ':'", _no_colon),
    ("did not find expected key", _beside),
    ("did not find expected '-' indicator", _entry),
    ("did not find expected <document start>", _beside),
    ("block sequence entries are not allowed", lambda at: at.here("a list begins below its key, or stands between [ and ]")),
    ("undefined alias", _reference),
    ("while scanning an alias", _reference),
    ("while scanning an anchor", _reference),
    ("unknown escape character", lambda at: at.here("a backslash between \" is written \\\\; between ' it is one")),
    ("a constructor for the tag", _tag),
    ("undefined tag handle", _tag),
    ("while scanning a tag", _tag),
    ("while scanning a directive", lambda at: at.opened("`%` begins a directive; put text that begins with it in quotes")),
    ("unexpected ':'", lambda at: at.here("a colon is here without a blank behind it; else put the text in quotes")),
    ("found another document", lambda at: at.here("a second document begins here; a file holds one")),
    ("did not find expected node content", _no_value),
    (
        "did not find expected comment or line break",
        lambda at: at.opened(f"the text of `{at.opener}` begins on the next line, indented; else put it in quotes"),
    ),
)  # fmt: skip
