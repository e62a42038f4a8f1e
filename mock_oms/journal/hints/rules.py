"""What a table of hints consists of."""

from collections.abc import Callable

from mock_oms.journal.hints.facts import Facts

Condition = Callable[[Facts], object]
#: When a hint applies, and its sentence, or what makes it. Of a table the first rule that applies is taken.
Rule = tuple[Condition, str | Callable[[Facts], str]]
Rules = tuple[Rule, ...]


def said(rules: Rules, facts: Facts) -> str | None:
    """The sentence of the first rule that applies, or None where none does."""
    sentence = next((sentence for applies, sentence in rules if applies(facts)), None)
    return sentence(facts) if callable(sentence) else sentence


def where(condition: Condition, rules: Rules) -> Rules:
    """The same rules under one more condition, which is asked first."""
    return tuple((_both(condition, applies), sentence) for applies, sentence in rules)


def _both(first: Condition, second: Condition) -> Condition:
    return lambda facts: first(facts) and second(facts)


def met(status: int) -> Condition:
    """The condition that the answer has this status."""
    return lambda facts: facts.status == status


def reads(facts: Facts) -> bool:
    """The condition that the method is one by which clients read."""
    return facts.method.upper() in {"GET", "HEAD"}


def always(_: Facts) -> bool:
    """The condition of the last rule of a table."""
    return True
