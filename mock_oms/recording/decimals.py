"""Numbers with a point, as text, that stand for others: wherever one stands for a JSON number, it is one as well."""

import hmac
import math
import re
import struct
from itertools import pairwise

from mock_oms.recording.permutation import permuted_within

_DECIMAL = re.compile(r"(-?)(\d+)\.(\d+)", re.ASCII)
#: With so many decimals that no small number of places is in question; fewer become a longer number.
_DEGREES = re.compile(r"(-?)(0|[1-9]\d{0,2})\.(\d{4,15})", re.ASCII)
_REAL = re.compile(r"-?\d{1,310}(\.\d{1,20})?(e[+-]\d{1,3})?", re.ASCII)
_QUARTER, _HALF = 90, 180
#: Real numbers stay between two of these: written with an e, degrees of any kind, larger ones, written with an e again.
_BOUNDS = (5e-324, 1e-4, float(_HALF), 1e16, math.inf)
#: From, and below: latitudes stay latitudes, and longitudes longitudes.
_SIZES = ((1, _QUARTER), (_QUARTER, _HALF), (_HALF, 1000))
_DIGITS = 19


def other_decimal(said: str, key: bytes) -> str | None:
    """Another number with a point, different ones for different ones; None where this is none.

    Three forms, none of which ever becomes one of another: degrees, what JSON writes of a real number, all else.
    """
    return _elsewhere(said, key) or _other_real(said, key) or _rewritten(said, key)


def _elsewhere(said: str, key: bytes) -> str | None:
    """Other degrees with as many decimals, on the same side of the equator; those of a latitude stay below 90."""
    found = _degrees(said)
    if found is None:
        return None
    sign, whole, decimals = found.groups()
    quarter, places = _QUARTER * 10 ** len(decimals), len(decimals)
    low = 0 if int(whole) < _QUARTER else quarter
    real = _is_real(f"{whole}.{decimals}")
    number = permuted_within(
        _key(key, f"degrees {places}"),
        int(whole + decimals),
        (low, low + quarter),
        lambda one: _is_real(_pointed(one, places)) is real,
    )
    return f"{sign}{_pointed(number, places)}"


def _degrees(said: str) -> re.Match[str] | None:
    found = _DEGREES.fullmatch(said)
    return found if found and int(found[2]) < _HALF else None


def _pointed(number: int, places: int) -> str:
    digits = f"{number:0{places + 1}d}"
    return f"{digits[:-places]}.{digits[-places:]}"


def _is_real(said: str) -> bool:
    """Whether JSON writes a real number so, which then is this text and the number at once."""
    return bool(_REAL.fullmatch(said)) and repr(float(said)) == said


def _other_real(said: str, key: bytes) -> str | None:
    """Another real number, out of all that are as large and are no degrees, as JSON writes it."""
    if not _is_real(said):
        return None
    sign, size = said[: said.startswith("-")], float(said.removeprefix("-"))
    bounds = next((low, high) for low, high in pairwise(_BOUNDS) if low <= size < high)
    number = permuted_within(
        _key(key, "real"),
        _place(size),
        (_place(bounds[0]), _place(bounds[1])),
        lambda one: _degrees(repr(_at(one))) is None,
    )
    return f"{sign}{_at(number)!r}"


def _place(size: float) -> int:
    """The place of a real number from 0 on among all of them (IEEE 754): they are in the order of their bits."""
    return int(struct.unpack(">q", struct.pack(">d", size))[0])


def _at(place: int) -> float:
    return float(struct.unpack(">d", struct.pack(">q", place))[0])


def _rewritten(said: str, key: bytes) -> str | None:
    """A number of so many digits that it is neither degrees nor what JSON writes."""
    found = _DECIMAL.fullmatch(said)
    if found is None:
        return None
    size = abs(float(said))
    low, high = next((bounds for bounds in _SIZES if size < bounds[1]), _SIZES[-1])
    number = int.from_bytes(_key(key, f"decimal {said}")[:16], "big")
    return f"{found[1]}{low + number % (high - low)}.{number // 1000 % 10**_DIGITS:0{_DIGITS}d}"


def _key(key: bytes, what: str) -> bytes:
    return hmac.digest(key, what.encode(), "sha256")
