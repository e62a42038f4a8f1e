"""Chance without state: the same seed and the same key always draw the same number, on every Python and machine."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def draw(seed: int, *key: str | int, below: int) -> int:
    """A uniform whole number, 0 <= n < `below` (at most 2**32; the bias is then below one in 2**32)."""
    text = "\x1f".join(map(str, (seed, *key)))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) % below


def pick(seed: int, *key: str | int, among: Sequence[T]) -> T:
    """One of a sequence that is not empty."""
    return among[draw(seed, *key, below=len(among))]


def pick_weighted(seed: int, *key: str | int, weights: Mapping[T, int]) -> T:
    """One of the keys, each as likely as its weight (whole numbers, their sum above 0), in the mapping's order."""
    rest = draw(seed, *key, below=sum(weights.values()))
    for choice, weight in weights.items():
        if rest < weight:
            return choice
        rest -= weight
    raise AssertionError("a draw below the sum of the weights always meets a weight")
