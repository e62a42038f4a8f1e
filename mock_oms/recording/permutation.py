"""Whole numbers in another order, under a key: a bijection, so that different numbers can never become the same."""

import hmac
from collections.abc import Callable

#: From, and below. Plans must have ids below 2**31 in a scenario, and JavaScript reads numbers below 2**53.
_DOMAINS = ((1, 2**31), (2**31, 2**53), (2**53, 2**127))
_ROUNDS = 8


def permuted(key: bytes, number: int) -> int:
    """The number that stands for this one, in the same domain and with the same sign; 0 stays 0.

    A number from 2**127 on has no domain: it becomes one of 257 bits by its hash alone.
    """
    if number <= 0:
        return -permuted(key, -number) if number else 0
    for bounds in _DOMAINS:
        if number < bounds[1]:
            return permuted_within(key, number, bounds)
    size = number.bit_length() // 8 + 1
    return 1 << 256 | int.from_bytes(hmac.digest(key, number.to_bytes(size, "big"), "sha256"), "big")


def permuted_within(
    key: bytes, number: int, bounds: tuple[int, int], fits: Callable[[int], bool] = lambda _: True
) -> int:
    """The number that stands for one from the first bound on and below the second, out of those there that fit.

    It walks until it is among them again: the walk runs along a cycle, which leads back in at last.
    """
    low, size = bounds[0], bounds[1] - bounds[0]
    half = (size.bit_length() + 1) // 2
    place = _feistel(key, number - low, half)
    while place >= size or not fits(low + place):
        place = _feistel(key, place, half)
    return low + place


def _feistel(key: bytes, number: int, half: int) -> int:
    """A Feistel network of two halves: whatever its round function is, it can be run backwards."""
    mask, size = (1 << half) - 1, half // 8 + 1
    left, right = number >> half, number & mask
    for turn in range(_ROUNDS):
        mixed = hmac.digest(key, bytes((half, turn)) + right.to_bytes(size, "big"), "sha256")
        left, right = right, left ^ (int.from_bytes(mixed[:8], "big") & mask)
    return left << half | right
