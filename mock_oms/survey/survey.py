"""A survey: the exchanges of one visit to an OMS in their order, and what kind of question each was."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mock_oms.survey.exchange import Exchange


class Question(StrEnum):
    """Why a request was made: what a check needs to find the exchanges that it is about."""

    WALK = "walk"  # the pages of the list from the first on, each after the `next` of the one before
    AGAIN = "again"  # the first page once more
    LAST = "last"  # the last page, by that name, as the walk may have ended before it
    SIZED = "sized"  # a page with a size of our own
    DETAIL = "detail"  # one plan whose id the list showed
    REPEATED = "repeated"  # the same plan once more, at the end of the visit
    NO_PLAN = "no plan"  # an id that the list did not show
    HUGE_ID = "huge id"
    NO_PAGE = "no page"  # a page past the last one, page 0, a page in words
    NO_TOKEN = "no token"  # noqa: S105  the name of a question
    WRONG_TOKEN = "wrong token"  # noqa: S105  the name of another question
    OTHER_MEDIA = "other media"  # an Accept that excludes JSON
    NO_SLASH = "no slash"  # the path without its final slash


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An exchange with the question that it answers."""

    question: Question
    exchange: Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """One visit. `ended` says why it stopped early (a 429, the end of the budget), None where it asked all it wanted.

    `cut_short`: it was something else than the budget, such as a 429 or a list that does not open. `whole`: the walk
    reached the end of the list. `notes` are what else is to be known of how it went.
    """

    target: str
    asked: tuple[Asked, ...]
    whole: bool
    ended: str | None = None
    cut_short: bool = False
    notes: tuple[str, ...] = ()

    def of(self, *questions: Question) -> Iterator[Exchange]:
        """The exchanges that answer these questions, in the order in which they were made."""
        return (one.exchange for one in self.asked if one.question in questions)
