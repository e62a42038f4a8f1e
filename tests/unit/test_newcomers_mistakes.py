"""What somebody reads who writes his first scenario: each mistake of `mistakes.txt`, with all that is said of it.

There, `## ` begins a mistake and `>> ` what is said, without the name of the file; HEAD stands for five right lines.
"""

from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mock_oms.scenarios.near_values import near_spans, near_whole
from tests.profiles import examples
from tests.unit.test_scenario_errors import problems

HEAD = "description: A test.\nlocations:\n  WH001: {}\nstock:\n  SHOE-42: {WH001: 3}\n"
SIGNS = {r"\t": "\t", r"\r": "\r", r"\0": "\0", r"\e": "\x1b", r"\_": "\u00a0", r"\b": "\ufeff", r"\\": "\\"}

#: Spans as people write them, of any length.
SPANS = st.lists(st.tuples(st.integers(0, 10**9 - 1), st.sampled_from("wdhms")), min_size=1, max_size=5).map(
    lambda parts: "".join(f"{number}{unit}" for number, unit in parts)
)


def mistakes() -> dict[str, tuple[str, list[str]]]:
    """The text of each mistake, and what is said of it."""
    found = {}
    for block in Path(__file__).with_name("mistakes.txt").read_text(encoding="utf-8").split("\n## "):
        name, *lines = block.removeprefix("## ").rstrip("\n").split("\n")
        text = "".join(f"{line}\n" for line in lines if not line.startswith(">> "))
        text = HEAD + text.removeprefix("HEAD\n") if text.startswith("HEAD\n") else text
        for sign, written in SIGNS.items():
            text = text.replace(sign, written)
        found[name] = (text, [line.removeprefix(">> ") for line in lines if line.startswith(">> ")])
    return found


def test_each_mistake_of_a_newcomer_is_explained() -> None:
    rows = mistakes()
    assert len(rows) > 100
    told = {name: (problems(text), said) for name, (text, said) in rows.items()}
    assert {name: pair for name, pair in told.items() if pair[0] != pair[1]} == {}


@examples(300)
@given(SPANS | st.text("0123456789 .,:_+dhmswpPTDan", max_size=60) | st.floats() | st.integers() | st.text(max_size=60))
def test_whatever_is_written_for_a_span_or_a_number_is_no_reason_to_fail(value: float | str) -> None:
    spans = [*near_spans(value)]
    assert all(one >= timedelta() for one in spans)
    assert isinstance(near_whole(value), int | None)
