"""Words that Faker makes up, broken so that no name, place or word of a language stands in them whole."""

import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from itertools import cycle
from types import MappingProxyType

from mock_oms.generate.people import fold

#: Letters without vowels, as many as fit: alternating with digits they spell nothing.
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
_PAIRS = 8
_LONG = re.compile(r"[^\W\d_]{3}(?=[^\W\d_])")


class Kind(StrEnum):
    """What a text is: the same text of another kind becomes another one."""

    FIRST_NAME = "first name"
    LAST_NAME = "last name"
    NAME = "name"
    MAIL = "e-mail"
    PHONE = "telephone"
    ADDRESS = "address"
    DEGREES = "degrees"
    TEXT = "text"
    CODE = "code"
    SKU = "sku"
    ERP_CODE = "erp_code"


class Inventions:
    """Faker's words by a seed; one thread at a time."""

    def __init__(self) -> None:
        # As in `generate.people`: Faker is slow to import, and so are its providers.
        self._faker = importlib.import_module("faker.generator").Generator()
        for name in ("person.tr_TR", "lorem.la"):
            self._faker.add_provider(importlib.import_module(f"faker.providers.{name}").Provider)

    def made_up(self, kind: Kind, digest: bytes) -> str:
        """A text of this kind; 20 bytes of the digest decide."""
        self._faker.seed_instance(int.from_bytes(digest[:4], "big"))
        return _FORMS[kind](self, tag_of(digest[4:20]))

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
    """The words with a digit after each third letter: Faker may say the name of somebody else in the data."""
    digits: Iterator[str] = cycle(tag[1::2])
    return _LONG.sub(lambda found: found[0] + next(digits), words)


def _words(draw: str) -> Callable[[Inventions, str], str]:
    return lambda made, tag: f"{made.words(draw, tag)} {tag}"


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


def _degrees(_: Inventions, tag: str) -> str:
    """Degrees below 90, somewhere on earth."""
    number = _digits(tag)
    return f"{int(number[:2]) % 90}.{number}"


_FORMS: Mapping[Kind, Callable[[Inventions, str], str]] = MappingProxyType(
    {
        Kind.FIRST_NAME: _words("first_name"),
        Kind.LAST_NAME: _words("last_name"),
        Kind.NAME: _words("last_name"),
        Kind.MAIL: _mail,
        Kind.PHONE: _phone,
        Kind.ADDRESS: _words("last_name"),
        Kind.DEGREES: _degrees,
        Kind.TEXT: _words("sentence"),
        Kind.CODE: lambda _, tag: tag,
        Kind.SKU: lambda _, tag: f"SKU-{tag}",
        Kind.ERP_CODE: lambda _, tag: f"LOC-{tag}",
    }
)
