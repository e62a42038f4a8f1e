"""What somebody reads who writes his first scenario: each mistake of `mistakes.txt`, with all that is said of it.

There, `## ` begins a mistake and `>> ` what is said, without the name of the file; HEAD stands for five right lines.
"""

from pathlib import Path

from tests.unit.test_scenario_errors import problems

HEAD = "description: A test.\nlocations:\n  WH001: {}\nstock:\n  SHOE-42: {WH001: 3}\n"
SIGNS = {r"\t": "\t", r"\r": "\r", r"\0": "\0", r"\e": "\x1b", r"\_": "\u00a0", r"\b": "\ufeff", r"\\": "\\"}


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
