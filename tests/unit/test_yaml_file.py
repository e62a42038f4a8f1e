"""YAML that nobody vouches for: what is read, what it is read as, and what is refused without harm."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_oms.scenarios.errors import ScenarioError
from mock_oms.scenarios.yaml_file import MAX_BYTES, MAX_DEPTH, parse_yaml, read_yaml

FILE = Path("test.yaml")
TOO_MUCH = "the file holds more than 500,000 values (what an alias stands for is counted each time)."


def read(text: str) -> Any:
    return parse_yaml(text, FILE)[0]


def refusal(text: str) -> str:
    with pytest.raises(ScenarioError) as refused:
        parse_yaml(text, FILE)
    return str(refused.value)


def refusal_of(file: Path) -> str:
    with pytest.raises(ScenarioError) as refused:
        read_yaml(file)
    return str(refused.value)


# What plain words are


@pytest.mark.parametrize(
    "word", ["on", "off", "yes", "no", "On", "OFF", "y", "n", "007", "0123", "1:30", "0x1F", "1_000"]
)
def test_a_word_that_older_yaml_makes_something_of_is_text(word: str) -> None:
    assert read(f"key: {word}") == {"key": word}


@pytest.mark.parametrize("date", ["2024-03-05", "2024-02-30", "2024-03-05T09:00:00Z", "2024-03-05 09:00:00"])
def test_a_date_is_text_as_it_was_written(date: str) -> None:
    assert read(f"key: {date}") == {"key": date}


def test_a_number_of_thousands_of_digits_is_text() -> None:
    assert read(f"key: {'9' * 5000}") == {"key": "9" * 5000}


@pytest.mark.parametrize("word", ["on", "yes", "007", "1:30", "2024-03-05"])
def test_such_a_word_is_text_as_a_key(word: str) -> None:
    assert read(f"{word}: 1") == {word: 1}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True),
        ("FALSE", False),
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("1.5", 1.5),
        ("~", None),
        ("null", None),
        ('"7"', "7"),
        ("9" * 640, int("9" * 640)),
    ],
)
def test_a_plain_word_is_what_it_looks_like(word: str, value: object) -> None:
    assert read(f"key: {word}") == {"key": value}


def test_letters_are_read_as_they_are() -> None:
    assert read("şehir: İstanbul") == {"şehir": "İstanbul"}


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read("\ufeffkey: 1") == {"key": 1}


def test_an_empty_file_is_nothing() -> None:
    assert read("") is None
    assert read("# a comment\n") is None


def test_aliases_and_merges_are_read() -> None:
    assert read("a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}") == {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1, "e": 2}}


# Where it stands


def test_every_place_has_its_line() -> None:
    _, lines = parse_yaml("a:\n  - b: 1\n    c: 2\n  - 3\n", FILE)
    assert lines.numbers == {
        (): 1,
        ("a",): 1,
        ("a", 0): 2,
        ("a", 0, "b"): 2,
        ("a", 0, "c"): 3,
        ("a", 1): 4,
    }


def test_a_problem_stands_at_the_nearest_place_that_has_a_line() -> None:
    _, lines = parse_yaml("a:\n  b: {}\n", FILE)
    assert str(lines.problem(("a", "b", "c", 4), "is missing.")) == "test.yaml:2: a.b.c[4]: is missing."
    assert str(lines.problem((), "is odd.")) == "test.yaml:1: is odd."


# What is refused


def test_a_key_that_stands_twice_is_refused_with_both_lines() -> None:
    assert refusal("a: 1\nb: {c: 1,\n  c: 2}\n") == "test.yaml:3: the key 'c' stands twice; it was first on line 2."


@pytest.mark.parametrize("key", ["? [a, b]\n: 1", "? {a: 1}\n: 1"])
def test_a_key_that_is_no_word_is_refused(key: str) -> None:
    assert refusal(key).endswith("a key must be a word, not a list or a mapping.")


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert refusal("\n".join(lines)).endswith(TOO_MUCH)


def test_a_merge_bomb_is_refused() -> None:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 9)]
    assert refusal("\n".join(lines)).endswith(TOO_MUCH)


def test_a_file_of_too_many_values_is_refused_before_it_is_composed() -> None:
    assert refusal("- {a: b}\n" * 333_334 + "]") == f"test.yaml:333334: {TOO_MUCH}"


def test_an_alias_of_itself_is_refused() -> None:
    assert refusal("a: &a [*a]").endswith("aliases nest more than 50 levels deep.")


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_deep_nesting_is_refused_before_it_is_composed(opening: str) -> None:
    assert refusal(opening * 100_000).endswith("nested more than 50 levels deep.")


def test_nesting_up_to_the_limit_is_read() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH)


@pytest.mark.parametrize(
    "value",
    [
        "!!python/object/apply:os.getcwd []",
        "!!python/name:os.getcwd",
        "!mine x",
        "!!timestamp soon",
        '!!int ""',
        "!!int many",
        "!!int [1]",
        '!!int "0xfff"',
        '!!float ""',
        "!!bool maybe",
        "!!binary ş",
        "!!set [a]",
        "=",
        '!!timestamp "2024-13-45"',
        '!!timestamp "2024-02-30T25:61:00Z"',
        '!!int "' + "9" * 5000 + '"',
        "[",
        "&a",
        "*a",
        "a: b: c",
        '"\\ud800"',
        "\0",
        "\t- x",
        "%",
    ],
)
def test_a_value_that_cannot_be_constructed_is_refused(value: str) -> None:
    if value == "&a":
        assert read(f"key: {value}") == {"key": None}
    else:
        assert "this is not YAML: " in refusal(f"key: {value}")


def test_a_mistake_stands_at_its_line() -> None:
    assert refusal("a: 1\nb: [1, 2\nc: 3\n").startswith("test.yaml:3: this is not YAML: ")


def test_several_documents_are_refused() -> None:
    assert "this is not YAML: expected a single document" in refusal("a: 1\n---\nb: 2\n")


# Files


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "none.yaml"
    assert refusal_of(file) == f"{file}: the file cannot be read: No such file or directory."


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert refusal_of(tmp_path) == f"{tmp_path}: the file cannot be read: Is a directory."


def test_a_file_of_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes("şehir: İzmir".encode("iso8859-9"))
    assert refusal_of(file) == f"{file}: the file is not UTF-8: invalid start byte at byte 0."


@pytest.mark.parametrize("more", [0, 1])
def test_a_file_is_read_up_to_five_megabytes(tmp_path: Path, more: int) -> None:
    file = tmp_path / "large.yaml"
    file.write_bytes(b"a: 1\n#" + b"x" * (MAX_BYTES - 6 + more))
    if more:
        assert refusal_of(file) == f"{file}: the file is larger than 5 MB; a `backlog` needs no list."
    else:
        assert read_yaml(file)[0] == {"a": 1}


@settings(max_examples=150, deadline=None, database=None)
@given(st.text(st.sampled_from("ab:-[]{}#&*!|>'\"%@ \n\t?,=<~01.eşnullyt/x"), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text)
    except ScenarioError as error:
        assert error.problems  # noqa: PT017


TAGS = ("int", "float", "bool", "null", "timestamp", "binary", "set", "omap", "pairs", "str", "seq", "map", "merge")


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.sampled_from(TAGS), st.sampled_from(("", "x", "0", "1:2", "-", ".", "0x", "[a, 1]", "{a: 1}", "[{a: 1}]", "_"))
)
def test_any_value_under_any_tag_is_read_or_refused(tag: str, value: str) -> None:
    given_as = f'"{value}"' if value[:1] not in {"[", "{"} else value
    try:
        read(f"key: !!{tag} {given_as}")
    except ScenarioError as error:
        assert error.problems  # noqa: PT017


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert refusal_of(tmp_path / "pipe.yaml").endswith("pipe.yaml: the file cannot be read: it is no ordinary file.")
