"""Pseudonyms under one key: the same value always becomes the same, wherever and in whatever order it is met."""

import hmac
import math
import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation, localcontext

from mock_oms.recording.decimals import other_decimal
from mock_oms.recording.inventions import Inventions
from mock_oms.recording.moments import moved, other_date
from mock_oms.recording.permutation import permuted

KEY_BYTES = 32
#: Whole, so that sums still add up to the cent, and no round figure, so that prices do not look as they did.
_FACTORS = (11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)
_SHORTEST, _SPREAD = timedelta(days=400), timedelta(days=2000)
_MONEY = re.compile(r"-?\d{1,40}(\.\d{1,20})?", re.ASCII)
#: More than there is money, and soon more digits than Python writes.
_TOO_MUCH = 10**40
#: As many digits as Python reads.
_WHOLE = re.compile(r"-?[1-9]\d{0,4299}", re.ASCII)
#: Values that say nothing of anybody, and must not look as if they did.
_SILENT = frozenset({"", "0", "0.0", "-0.0"})


class Pseudonyms:
    """Everything that one key decides: words, numbers, one factor for money, one offset for dates.

    :raises ValueError: the key is shorter than 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"The key has {len(key)} bytes; accepted: {KEY_BYTES} or more.")
        self._key = key
        self._numbers, self._decimals, self._dates = (self._digest(one, "") for one in ("numbers", "decimals", "dates"))
        self._made = Inventions()
        self._texts: dict[str, str] = {}
        self._ids: dict[int, int] = {}
        self.factor = _FACTORS[self._number("factor") % len(_FACTORS)]
        # Whole seconds: a framework leaves out a fraction that is nothing, and spans between both forms hold, too.
        self.offset = -_SHORTEST - timedelta(seconds=self._number("offset") % (_SPREAD // timedelta(seconds=1)))

    @property
    def fingerprint(self) -> str:
        """What tells this key from others and nothing about it: 16 hexadecimal digits."""
        return self._digest("fingerprint", "").hex()[:16]

    def text(self, said: str) -> str:
        """The text that stands for this one, of a form that it alone decides; nothing stands for nothing."""
        if said in _SILENT:
            return said
        if said not in self._texts:
            self._texts[said] = self._other(said)
        return self._texts[said]

    def _other(self, said: str) -> str:
        if _WHOLE.fullmatch(said):
            return str(self.identifier(int(said)))
        return (
            other_date(said, self._dates)
            or other_decimal(said, self._decimals)
            or self._made.made_up(said, self._digest("text", said))
        )

    def identifier(self, number: int) -> int:
        """The number that stands for this one, in every place where it stands; its text stands for its text."""
        if number not in self._ids:
            self._ids[number] = permuted(self._numbers, number)
        return self._ids[number]

    def real(self, said: float) -> float | str:
        """The number that stands for this one, as its text for its text; one that JSON does not have becomes a text."""
        text = self.text(repr(said))
        return float(text) if math.isfinite(said) else text

    def moved(self, date: str) -> str | None:
        """The date by one offset into the past, in its own form; None where it is none that an OMS has written."""
        return moved(date, self.offset)

    def money(self, said: str) -> str | None:
        """An amount as text times the factor, with the decimals that it had; None where it is no amount."""
        if not _MONEY.fullmatch(said):
            return None
        with localcontext(prec=80):
            return f"{Decimal(said) * self.factor:f}"

    def amount(self, said: float) -> float | None:
        """An amount as a number times the factor; None where it is too large, or the result is no number."""
        if isinstance(said, int):
            return said * self.factor if abs(said) < _TOO_MUCH else None
        try:
            scaled = float(Decimal(repr(said)) * self.factor)
        except InvalidOperation:
            return None
        return scaled if math.isfinite(scaled) else None

    def _number(self, what: str) -> int:
        return int.from_bytes(self._digest(what, ""), "big")

    def _digest(self, what: str, said: str) -> bytes:
        return hmac.digest(self._key, f"{what}\0{said}".encode("utf-8", "surrogatepass"), "sha256")
