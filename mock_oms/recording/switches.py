"""The switches that a recording gives away: how the list, its pages and its values are written, and what is missing."""

from typing import Any

from mock_oms.answers import Answers
from mock_oms.survey.exchange import Exchange
from mock_oms.survey.reading import Contents, contents_of_bodies, missing_in
from mock_oms.survey.showing import Counts, counted, shown, with_maximum
from mock_oms.survey.survey import Question


def of_answer(body: Any) -> Counts:
    """What one answer says about the switches: a list, wherever in the whole it is, or a plan."""
    return counted(contents_of_bodies((body,), Question.AGAIN))


def of_refusal(exchange: Exchange) -> Counts:
    """What the refusal of a missing plan says about the switch of its words."""
    said = missing_in(exchange)
    return {} if said is None else counted(Contents(missing=(said,)))


def answers_of(counts: Counts) -> dict[str, Any]:
    """The `answers:` of a scenario: what differs from the defaults, with a maximum that lets the page size in."""
    usual = Answers()
    return {name: value for name, value in with_maximum(shown(counts)).items() if value != getattr(usual, name)}
