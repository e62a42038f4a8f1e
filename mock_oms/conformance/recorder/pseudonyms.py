"""Pseudonyms under one key: the same value always becomes the same, wherever and in whatever order it is met."""

import hmac
import importlib
import math
import re
import struct
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation, localcontext
from itertools import cycle, pairwise

from mock_oms.rendering.fake_data.generator import fold


class RecordingError(Exception):
    """What was asked for cannot be recorded or scrubbed, and nothing was kept of it."""


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


_FORM = re.compile("[0-9a-f]{64}")


def key_in(text: str, place: str) -> bytes:
    """The key that a file holds; white space around it is none of it.

    :raises RecordingError: it holds none.
    """
    if not _FORM.fullmatch(text.strip()):
        raise RecordingError(f"{place} holds no key; accepted: 64 hexadecimal digits, as `record` writes them there.")
    return bytes.fromhex(text.strip())


_MOMENTS_FORM = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ](?P<clock>(?!24)\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)


#: When an OMS may have written something. Any other year stands for "never", or is a birthday's.
_LIVED = range(1990, 2100)
_FIRST, _LAST = datetime.min, datetime.max  # noqa: DTZ901  the zone of a text stays as it is, and outside
#: What one step is of the last thing that a text shows, in microseconds, by the length of its time of day.
_STEPS = {0: 86_400_000_000, 5: 60_000_000, 8: 1_000_000, **{9 + digits: 10 ** (6 - digits) for digits in range(1, 7)}}


def moved(text: str, offset: timedelta) -> str | None:
    """The date `offset` later, cut to what the text shows: a day stays a day, milliseconds milliseconds.

    None: it is no date, or of a year in which nothing happened, such as 9999: moved, it would tell the offset.
    Where the offset is whole seconds all spans hold exactly, but for those from a day or a minute to something finer.
    """
    moment = _read(text)
    if moment is None or moment.year not in _LIVED:
        return None
    try:
        return _written(moment + offset, text)
    except OverflowError:
        return None


def other_date(text: str, key: bytes) -> str | None:
    """Another date of the same form, of any year, and for different ones different ones; None where this is none."""
    moment = _read(text)
    if moment is None:
        return None
    step = timedelta(microseconds=_STEPS[len(_clock(text))])
    size = (_LAST - _FIRST) // step + 1
    place = permuted_within(key, (moment - _FIRST) // step, (0, size))
    return _written(_FIRST + place * step, text)


def _read(text: str) -> datetime | None:
    if not _MOMENTS_FORM.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(f"{text[:10]}T{_clock(text) or '00:00'}")
    except ValueError:
        return None


def _clock(text: str) -> str:
    found = _MOMENTS_FORM.fullmatch(text)
    return (found and found["clock"]) or ""


def _written(moment: datetime, text: str) -> str:
    clock = f"{moment:%H:%M:%S.%f}"[: len(_clock(text))]
    between, zone = text[10:11], text[11 + len(clock) :]
    return f"{moment.date().isoformat()}{between}{clock}{zone}"


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


#: Letters without vowels, as many as fit: alternating with digits they spell nothing.
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
_PAIRS = 8
#: After what a digit comes: three letters of more, and the first of a word that has no more than three.
_BROKEN_AFTER = re.compile(r"[^\W\d_]{3}(?=[^\W\d_])|(?<![^\W_])[^\W\d_](?=[^\W\d_]{1,2}(?![^\W_]))")

_MAIL = re.compile(r"[^\s@]+@[^\s@]+")
_PHONE = re.compile(r"(?=(?:\D*\d){7})[\d\s()+-]+", re.ASCII)
#: One word with a digit in it, or with what stands between the parts of a code.
_MARKED = re.compile(r"(?=\S*[\d_./-])\S+")
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_WORDS = re.compile(rf"{_WORD}(?: {_WORD}){{0,3}}")


class Inventions:
    """Faker's words by a seed; one thread at a time."""

    def __init__(self) -> None:
        # As in `generate.people`: Faker is slow to import, and so are its providers.
        self._faker = importlib.import_module("faker.generator").Generator()
        for name in ("person.tr_TR", "lorem.la"):
            self._faker.add_provider(importlib.import_module(f"faker.providers.{name}").Provider)

    def made_up(self, said: str, digest: bytes) -> str:
        """Another text of the form that this one has; 20 bytes of its digest decide."""
        self._faker.seed_instance(int.from_bytes(digest[:4], "big"))
        made = next(made for fits, made in _FORMS if fits(said))
        return made(self, tag_of(digest[4:20]))

    def words(self, draw: str, tag: str) -> str:
        """What one of Faker's methods says, broken."""
        return broken(getattr(self._faker, draw)(), tag)


def tag_of(digest: bytes) -> str:
    """Sixteen letters and digits in turn out of sixteen bytes: 200**8 of them, or 61 bits.

    Among a million texts two become the same once in five million keys.

    There is no run of letters or digits in it: no word, no postcode and no telephone number can be read there.
    """
    number = int.from_bytes(digest, "big") % 200**_PAIRS
    pairs = (number // 200**place % 200 for place in range(_PAIRS))
    return "".join(f"{_CONSONANTS[pair // 10]}{pair % 10}" for pair in pairs)


def broken(words: str, tag: str) -> str:
    """The words with digits in them: Faker may say the name of somebody else in the data.

    One stands after each third letter, and after the first of a word of two or three.
    """
    digits: Iterator[str] = cycle(tag[1::2])
    return _BROKEN_AFTER.sub(lambda found: found[0] + next(digits), words)


def _is_code(said: str) -> bool:
    """Whether this is one word in capitals, or with digits or marks; `Öztürk-Çağlar` is a name."""
    marked = _MARKED.fullmatch(said) and not (said.istitle() and _WORDS.fullmatch(said))
    return bool(marked) or (said.isalpha() and said.isupper())


def _words(*draws: str) -> Callable[[Inventions, str], str]:
    return lambda made, tag: " ".join((*(made.words(draw, tag) for draw in draws), tag))


def _mail(made: Inventions, tag: str) -> str:
    """An address that reaches nobody (RFC 2606)."""
    return f"{broken(fold(made.words('first_name', tag)), tag)}.{tag}@example.com"


def _digits(tag: str) -> str:
    """All that a tag says, in nineteen digits."""
    return f"{tag[1::2]}{sum(_CONSONANTS.index(letter) * 20**place for place, letter in enumerate(tag[::2])):011d}"


def _phone(_: Inventions, tag: str) -> str:
    """No subscriber's number begins with 0 after +90, and none is so long; in groups of three, as people write them."""
    number = _digits(tag)
    return " ".join(("+90 000", *(number[at : at + 3] for at in range(0, len(number), 3))))


#: The first that a text fits says what it becomes. No two of them make the same, for each says the tag in its own way.
_FORMS: tuple[tuple[Callable[[str], object], Callable[[Inventions, str], str]], ...] = (
    (_MAIL.fullmatch, _mail),
    (_PHONE.fullmatch, _phone),
    (_is_code, lambda _, tag: tag),
    (_WORDS.fullmatch, _words("first_name", "last_name")),
    (lambda _: True, _words("sentence")),
)


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
