"""What a survey is judged by: the switches, and the contract as they change it."""

from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import Any, Self

from mock_oms.answers import Answers
from mock_oms.contract import contract_for
from mock_oms.contract.checks.masking import words_of
from mock_oms.contract.document import Node
from mock_oms.survey.exchange import Exchange

_PLANS = "orderexecutionplans"
_LIST = f"/api/v1/oms/{_PLANS}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The switches that are expected, with the contract's document under them, and the words that it knows.

    `show_values`: findings show whatever stands in an answer, customers' data among it.
    """

    answers: Answers
    document: Node
    words: frozenset[str]
    show_values: bool = False

    @classmethod
    def under(cls, answers: Answers, *, show_values: bool = False) -> Self:
        """The rules under these switches."""
        document = contract_for(answers)
        return cls(answers=answers, document=document, words=words_of(document), show_values=show_values)

    def statuses(self, exchange: Exchange) -> Node:
        """What the contract describes for the path of an exchange, by status as text."""
        path = self.document["paths"][described_path(exchange)]
        found: Node = path["get"]["responses"]
        return found

    def response(self, exchange: Exchange) -> Node | None:
        """What the contract says of this answer; None where it has no word on such a status."""
        found = self.statuses(exchange).get(str(exchange.status))
        return None if found is None else self.resolved(found)

    def resolved(self, node: Node) -> Node:
        """A node of the document, or what it refers to."""
        if "$ref" not in node:
            return node
        found: Any = reduce(getitem, node["$ref"].split("/")[1:], self.document)
        return self.resolved(found)


def described_path(exchange: Exchange) -> str:
    """The path under which the contract describes a request, wherever in a host the API begins."""
    after = exchange.path.partition(_PLANS)[2]
    if after in {"", "/"}:
        return _LIST.removesuffix("/") + after
    return f"{_LIST}{{id}}/" if after.endswith("/") else f"{_LIST}{{text}}"


def is_list(exchange: Exchange) -> bool:
    """Whether a request is about the list, not about one plan."""
    return "{" not in described_path(exchange)
