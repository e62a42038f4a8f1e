"""YAML that nobody vouches for: what is read, what it is read as, and what is refused without harm."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mock_oms.scenarios.errors import ScenarioError
from mock_oms.scenarios.yaml_file import MAX_BYTES, MAX_DEPTH, parse_yaml, read_yaml, write_flow
from tests.profiles import examples

FILE = Path("test.yaml")
TOO_MUCH = "the file holds more than 500,000 values (what an alias stands for is counted each time)."


def read(text: str) -> Any:
    return parse_yaml(text, FILE)[0]


def refusal(text: str) -> str:
    with pytest.raises(ScenarioError) as refused:
        parse_yaml(text, FILE)
    return str(refused.value)


@pytest.mark.parametrize("word", [
    *("on", "off", "yes", "no", "On", "OFF", "y", "n", "007", "0123", "1:30", "0x1F", "1_000", "9" * 5000),
    *("2024-03-05", "2024-02-30", "2024-03-05T09:00:00Z", "2024-03-05 09:00:00", "İstanbul"),
])  # fmt: skip
def test_what_older_yaml_makes_something_of_is_text_as_a_value_and_as_a_key(word: str) -> None:
    assert read(f"key: {word}") == {"key": word}
    assert len(word) > 1000 or read(f"{word}: 1") == {word: 1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((f"key: {word}", {"key": value}) for word, value in (
            ("true", True), ("FALSE", False), ("0", 0), ("-7", -7), ("+7", 7), ("1.5", 1.5), ("~", None),
            ("null", None), ('"7"', "7"), ("9" * 640, int("9" * 640)),
        )),
        ("\ufeffkey: 1", {"key": 1}),
        ("", None),
        ("# a comment\n", None),
        ("a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}", {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1, "e": 2}}),
    ],
)  # fmt: skip
def test_plain_words_marks_aliases_and_merges_are_read(text: str, value: object) -> None:
    assert read(text) == value


def test_every_place_has_its_line_and_a_problem_stands_at_the_nearest() -> None:
    _, lines = parse_yaml("a:\n  - b: 1\n    c: 2\n  - 3\n", FILE)
    assert lines.numbers == {(): 1, ("a",): 1, ("a", 0): 2, ("a", 0, "b"): 2, ("a", 0, "c"): 3, ("a", 1): 4}
    _, lines = parse_yaml("a:\n  b: {}\n", FILE)
    assert str(lines.problem(("a", "b", "c", 4), "is missing.")) == "test.yaml:2: a.b.c[4]: is missing."
    assert str(lines.problem((), "is odd.")) == "test.yaml:1: is odd."


def bomb(first: str, line: str) -> str:
    """Lines that each name the one before ten times."""
    more = (line.format(n=n, inner=", ".join([f"*a{n - 1}"] * 10)) for n in range(1, 9))
    return "\n".join([f"a0: &a0 {first}", *more])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\nb: {c: 1,\n  c: 2}\n", "test.yaml:3:3: the key 'c' stands twice; it was first on line 2."),
        ("? [a, b]\n: 1", "test.yaml:1: a key must be a word, not a list or a mapping."),
        ("? {a: 1}\n: 1", "test.yaml:1: a key must be a word, not a list or a mapping."),
        (bomb("[x, x, x, x, x, x, x, x, x, x]", "a{n}: &a{n} [{inner}]"), TOO_MUCH),
        (bomb("{x: 1}", "a{n}: &a{n} {{<<: [{inner}]}}"), TOO_MUCH),
        pytest.param("- {a: b}\n" * 333_334 + "]", f"test.yaml:333334: {TOO_MUCH}", marks=pytest.mark.slow),
        ("a: &a [*a]", "aliases nest more than 50 levels deep."),
        ("[" * 100_000, "nested more than 50 levels deep."),
        ("{a: " * 100_000, "nested more than 50 levels deep."),
        ("a: 1\nb: [1, 2\nc: 3\n", "test.yaml:2:4: this is not YAML: the `[` opened here is not closed before line 3"),
        ("a: 1\n---\nb: 2\n", "test.yaml:2:1: this is not YAML: a second document begins here"),
    ],
    ids=["key twice", "list as key", "mapping as key", "alias bomb", "merge bomb", "too many values before they are composed",
         "alias of itself", "deep lists", "deep mappings", "a mistake with its line", "several documents"],
)  # fmt: skip
def test_what_cannot_be_trusted_is_refused(text: str, sentence: str) -> None:
    assert sentence in refusal(text)


@pytest.mark.parametrize("value", [
    *("!!python/object/apply:os.getcwd []", "!!python/name:os.getcwd", "!mine x", "!!timestamp soon"),
    *('!!int ""', "!!int many", "!!int [1]", '!!int "0xfff"', '!!float ""', "!!bool maybe", "!!binary ş"),
    *("!!set [a]", "=", '!!timestamp "2024-13-45"', '!!timestamp "2024-02-30T25:61:00Z"', "[", "*a"),
    *("a: b: c", '"\\ud800"', "\x00", "\t- x", "%", '!!int "' + "9" * 5000 + '"'),
])  # fmt: skip
def test_a_value_that_cannot_be_constructed_is_refused(value: str) -> None:
    assert "this is not YAML: " in refusal(f"key: {value}")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda _: None, "the file cannot be read: No such file or directory."),
        (Path.mkdir, "the file cannot be read: Is a directory."),
        (os.mkfifo, "the file cannot be read: it is no ordinary file."),
        (lambda file: file.write_bytes("şehir: İzmir".encode("iso8859-9")),
         "the file is not UTF-8: invalid start byte at byte 0; save it as UTF-8."),
        (lambda file: file.write_bytes("a: 1".encode("utf-16")),
         "the file is UTF-16, as PowerShell writes it; save it as UTF-8."),
        (lambda file: file.write_bytes(b"a: 1\n#" + b"x" * (MAX_BYTES - 5)),
         "the file is larger than 5 MB; a `backlog` needs no list."),
    ],
    ids=["missing", "a folder", "a pipe, which is not waited for", "another encoding", "UTF-16", "too large"],
)  # fmt: skip
def test_what_is_no_file_of_ours_is_refused(tmp_path: Path, make: Callable[[Path], object], sentence: str) -> None:
    file = tmp_path / "one.yaml"
    make(file)
    with pytest.raises(ScenarioError) as refused:
        read_yaml(file)
    assert str(refused.value) == f"{file}: {sentence}"


def test_nesting_and_files_up_to_the_limit_are_read(tmp_path: Path) -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    (tmp_path / "large.yaml").write_bytes(b"a: 1\n#" + b"x" * (MAX_BYTES - 6))
    assert read_yaml(tmp_path / "large.yaml")[0] == {"a": 1}


TAGS = "int float bool null timestamp binary set omap pairs str seq map merge"
VALUES = ('""', '"x"', '"0"', '"1:2"', '"-"', '"."', '"0x"', "[a, 1]", "{a: 1}", "[{a: 1}]", '"_"')
ANY_TEXT = st.text(st.sampled_from("ab:-[]{}#&*!|>'\"%@ \n\t?,=<~01.eşnullyt/x"), max_size=40)
ANY_TAG = st.builds("key: !!{} {}".format, st.sampled_from(TAGS.split()), st.sampled_from(VALUES))


@examples(250)
@given(ANY_TEXT | ANY_TAG)
def test_any_text_and_any_value_under_any_tag_is_read_or_refused(text: str) -> None:
    try:
        read(text)
    except ScenarioError as error:
        assert error.problems  # noqa: PT017


_TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["on", "0x1", "1e5", "=", "<<", "~", "", "2024-03-05"]
)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**100), 10**100)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=10,
)


@examples(150)
@given(_JSON)
@example({"x" * 2000: "x" * 2000 + "\n y", "\u2028\x85\x7f\ufeff": 1e20, "a": -0.0})
def test_whatever_json_says_is_read_again_as_it_was_written(document: Any) -> None:
    whole = {"plans": [document, document], "faults": document}
    again, _ = parse_yaml(write_flow(whole), FILE)
    assert json.dumps(again) == json.dumps(whole)
