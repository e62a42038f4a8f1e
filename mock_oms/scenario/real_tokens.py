"""Where a scenario's file holds what looks like a real customer's token: in a captured plan, or in a comment."""

from mock_oms.scenario.problems import Lines, Problem
from mock_oms.tokens import real_looking


def warnings_of(lines: Lines) -> list[Problem]:
    """One warning for each such token; the scenario can be played all the same."""
    return [Problem(file=str(lines.file), line=line, path="", message=said) for line, said in real_looking(lines.text)]
