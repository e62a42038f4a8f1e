"""Words that Faker makes up, of the form that a text has, and broken so that no name or word stands in them whole."""

import importlib
import re
from collections.abc import Callable, Iterator
from itertools import cycle

from mock_oms.generate.people import fold

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
