"""Pseudonyms under one key: equal values become equal ones wherever they stand, different values never share one."""

import hmac
import importlib
import math
import re
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from itertools import count, cycle
from typing import Any

from mock_oms.rendering.fake_data.people import fold


class RecordingError(Exception):
    """Something cannot be recorded or scrubbed; nothing of it was written."""


#: As many digits as Python reads.
_WHOLE = re.compile(r"-?[1-9]\d{0,4299}", re.ASCII)
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ](?P<clock>(?!24)\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
#: A number with a point, and the two forms in which JSON writes very large and very small ones.
_DECIMAL = re.compile(r"(-?)\d+(?:\.(\d+)(?:e[+-]\d{1,3})?|e[+-]\d{1,3})", re.ASCII)
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")
_PHONE = re.compile(r"(?=(?:\D*\d){7})[\d\s()+-]+", re.ASCII)
#: One word with a digit in it, or with what stands between the parts of a code.
_MARKED = re.compile(r"(?=\S*[\d_./-])\S+")
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_WORDS = re.compile(rf"{_WORD}(?: {_WORD}){{0,3}}")
#: Values that say nothing about anybody, and must not look as if they did.
_SILENT = frozenset({"", "0", "0.0", "-0.0"})

#: From, and below: a plan of a scenario needs an id below 2**31, and JavaScript reads whole numbers below 2**53.
_IDS, _LARGE = (1, 2**31), (2**31, 2**53)
#: From, and below: a latitude stays one, and a longitude. None begins at 0: JSON writes numbers below 0.0001 with an e.
_SIZES = ((1, 90), (90, 180), (180, 1000))
#: Decimals: with fewer there are too few numbers; with more, a text and the number that it says would differ.
_FEWEST, _MOST = 4, 12

#: When an OMS may have written something. Any other year stands for "never", and would tell the offset if it were
#: moved, or is that of a birthday.
_YEARS = range(1990, 2100)
#: Without a zone: that of a text stays as it is.
_FIRST, _LAST = datetime.min, datetime.max  # noqa: DTZ901
_SPAN = (_LAST - _FIRST) // timedelta.resolution

#: Letters without vowels, as many as fit: alternating with digits they spell nothing.
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
#: After what a digit comes: three letters of more, and the first of a word that has no more than three.
_BROKEN_AFTER = re.compile(r"[^\W\d_]{3}(?=[^\W\d_])|(?<![^\W_])[^\W\d_](?=[^\W\d_]{1,2}(?![^\W_]))")

#: Whole, so that sums still add up to the cent, and no round figure, so that prices do not look as they did.
_FACTORS = (11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)
_SHORTEST, _SPREAD = timedelta(days=400), timedelta(days=2000)
_MONEY = re.compile(r"-?\d{1,40}(\.\d{1,20})?", re.ASCII)
#: More than there is money, and soon more digits than Python writes.
_TOO_MUCH = 10**40


def tag_of(digest: bytes) -> str:
    """Sixteen letters and digits in turn out of sixteen bytes: 200**8 different ones, or 61 bits.

    No run of letters or digits is in it: no word, no postcode and no telephone number can be read there.
    """
    number = int.from_bytes(digest, "big")
    pairs = (number // 200**place % 200 for place in range(8))
    return "".join(f"{_CONSONANTS[pair // 10]}{pair % 10}" for pair in pairs)


def broken(words: str, tag: str) -> str:
    """The words with digits in them: Faker may say the name of somebody in the data."""
    digits = cycle(tag[1::2])
    return _BROKEN_AFTER.sub(lambda found: found[0] + next(digits), words)


def _moment_in(text: str) -> datetime | None:
    found = _DATE.fullmatch(text)
    try:
        return datetime.fromisoformat(f"{text[:10]}T{found['clock'] or '00:00'}") if found else None
    except ValueError:
        return None


def _written(moment: datetime, like: str) -> str:
    """A moment in the form of another date, cut to what that shows: a day stays a day, milliseconds milliseconds."""
    found = _DATE.fullmatch(like)
    clock = f"{moment:%H:%M:%S.%f}"[: len(found["clock"] or "") if found else 0]
    return f"{moment.date().isoformat()}{like[10:11]}{clock}{like[11 + len(clock) :]}"


class Pseudonyms:
    """Everything that one key decides: texts and numbers, one factor for money, one offset for dates."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._made: dict[str, str] = {}
        self._taken: set[str] = set()
        # Faker is slow to import.
        self._faker = importlib.import_module("mock_oms.rendering.fake_data.names").name_generator("tr_TR")
        factor, offset = (int.from_bytes(self._digest(what, ""), "big") for what in ("factor", "offset"))
        self.factor = _FACTORS[factor % len(_FACTORS)]
        # Whole seconds: a framework leaves out a fraction of zero, and spans between both forms hold, too.
        self.offset = -_SHORTEST - timedelta(seconds=offset % (_SPREAD // timedelta(seconds=1)))

    @property
    def fingerprint(self) -> str:
        """Tells this key, and how pseudonyms are made, from others; says nothing about it: 16 hexadecimal digits."""
        return self._digest("fingerprint of version 3", "").hex()[:16]

    def text(self, value: str) -> str:
        """The text that stands for this one, in a form that it alone decides; nothing stands for nothing.

        It is made of a digest of the value. Where another value has that pseudonym already, the next digest is taken.
        """
        if value in _SILENT:
            return value
        if value not in self._made:
            candidates = (self._candidate(value, self._digest(f"text {counter}", value)) for counter in count())
            made = next(one for one in candidates if one != value and one not in self._taken)
            self._made[value] = made
            self._taken.add(made)
        return self._made[value]

    def of(self, value: Any) -> Any:
        """The pseudonym of a text or of a number, which has that of its text; truths and null stay."""
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool):
            return value
        made = self.text(repr(value))
        # A number that JSON does not have becomes a text.
        return made if isinstance(value, float) and not math.isfinite(value) else type(value)(made)

    def moved(self, date: str) -> str | None:
        """The date by the offset earlier, in its own form; None where no OMS has written it."""
        moment = _moment_in(date)
        return _written(moment + self.offset, date) if moment and moment.year in _YEARS else None

    def scaled(self, amount: str | float) -> str | float | None:
        """An amount times the factor, as text with the decimals that it had; None where it is none, or too large."""
        if isinstance(amount, str):
            with localcontext(prec=80):
                return f"{Decimal(amount) * self.factor:f}" if _MONEY.fullmatch(amount) else None
        if isinstance(amount, int):
            return amount * self.factor if abs(amount) < _TOO_MUCH else None
        scaled = float(Decimal(repr(amount)) * self.factor)
        return scaled if math.isfinite(scaled) else None

    def _candidate(self, value: str, digest: bytes) -> str:
        """Another text of the form that this one has."""
        number, tag = int.from_bytes(digest, "big"), tag_of(digest[4:20])
        if _WHOLE.fullmatch(value):
            low, high = _IDS if abs(int(value)) < _IDS[1] else _LARGE
            return f"{value[: value.startswith('-')]}{low + number % (high - low)}"
        if _moment_in(value):
            return _written(_FIRST + number % _SPAN * timedelta.resolution, value)
        if found := _DECIMAL.fullmatch(value):
            places = len(found[2] or "")
            places = places if _FEWEST <= places <= _MOST else _MOST
            low, high = next((one for one in _SIZES if abs(float(value)) < one[1]), _SIZES[-1])
            whole, rest = divmod(number, 9 * 10 ** (places - 1))
            # No zero at the end, or the text and the number that it says would differ.
            return f"{found[1]}{low + whole % (high - low)}.{rest // 9:0{places - 1}d}{1 + rest % 9}"
        if _PHONE.fullmatch(value):  # no subscriber's number begins with 0 after +90, and none is so long
            digits = f"{number % 10**19:019d}"
            return " ".join(("+90 000", *(digits[at : at + 3] for at in range(0, len(digits), 3))))
        self._faker.seed_instance(int.from_bytes(digest[:4], "big"))
        if _MAIL.fullmatch(value):  # reaches nobody (RFC 2606)
            return f"{broken(fold(broken(self._faker.first_name(), tag)), tag)}.{tag}@example.com"
        if _is_code(value):
            return tag
        if _WORDS.fullmatch(value):
            return f"{broken(self._faker.first_name(), tag)} {broken(self._faker.last_name(), tag)} {tag}"
        return f"{broken(self._faker.sentence(), tag)} {tag}"

    def _digest(self, kind: str, value: str) -> bytes:
        return hmac.digest(self._key, f"{kind}\0{value}".encode("utf-8", "surrogatepass"), "sha256")


def _is_code(text: str) -> bool:
    """Whether this is one word in capitals, or with digits or marks; `Öztürk-Çağlar` is a name."""
    marked = _MARKED.fullmatch(text) and not (text.istitle() and _WORDS.fullmatch(text))
    return bool(marked) or (text.isalpha() and text.isupper())
