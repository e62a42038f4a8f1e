"""Text for messages: shortened names, the nearest known name, counted nouns; and text read from files within bounds."""

import errno
import json
import os
import re
import stat
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches
from heapq import nlargest
from itertools import islice
from os.path import commonprefix
from pathlib import Path
from typing import TextIO

#: Characters of a name that messages show; the longest that people give are shorter.
_SHOWN = 200
#: Bytes of a file of certificates that are read at most: a wrong path may lead to anything.
_MOST_OF_CERTIFICATES = 10_000_000
#: Known names that are looked at for the nearest, those of them that are compared letter by letter, and how many letters.
_LOOKED_AT, _COMPARED, _LETTERS = 5_000, 100, 80
#: Errors of one file that say which known name is nearest; thousands would take minutes, and nobody would read them.
MAX_HINTS = 20


def words(text: str) -> list[str]:
    """The words of a text in lower case without accents: `Ayşe Işıl'ın` is `ayse`, `isil`, `in`."""
    # The Turkish dotless i is a letter of its own, so that no decomposition turns it into the other one.
    plain = unicodedata.normalize("NFKD", text.lower().replace("ı", "i")).encode("ascii", "ignore").decode()
    return re.findall("[a-z0-9]+", plain)


def time_text(moment: datetime) -> str:
    """A time as messages and headers show it."""
    return f"{moment.replace(tzinfo=None).isoformat()}Z"


def shortened(name: str | int) -> str:
    """A name as messages show it: the beginning of one that is too long."""
    text = str(name)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def nearest_clause(name: str | int, known: Iterable[str | int]) -> str:
    """A clause that names the nearest known name, or lists a few of them, to stand before a full stop.

    Where none is near, capitals and small letters count as the same. Numbers are not near each other by their digits.
    """
    there, wanted = list(islice(known, _LOOKED_AT)), shortened(name)
    names = list(map(str, there))
    words = [one for one in there if isinstance(one, str) and isinstance(name, str)]
    folded = {one.casefold(): one for one in words}
    close = nearest(wanted, words) or folded.get(nearest(wanted.casefold(), folded) or "")
    if close:
        return f"; the nearest is {close}"
    if not names:
        return ""
    return f"; known: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}"  # noqa: PLR2004


def nearest(name: str, known: Iterable[str], alike: float = 0.6) -> str | None:
    """The known name that resembles this one most, at least so much (0 to 1); None where none does.

    Of many, only those that begin most alike are compared with it.
    """
    wanted, names = name[:_LETTERS], list(islice(known, _LOOKED_AT))
    if len(names) > _COMPARED:
        names = nlargest(_COMPARED, names, key=lambda one: len(commonprefix([one, wanted])))  # noqa: RUF071  no paths
    beginnings = {one[:_LETTERS]: one for one in reversed(names)}
    found = get_close_matches(wanted, list(beginnings), n=1, cutoff=alike)
    return beginnings[found[0]] if found else None


def framework_json(value: object, indent: int | None = None) -> bytes:
    """JSON as Django REST framework writes it: UTF-8, compact or indented, letters unescaped, no final newline.

    :raises ValueError: a number is infinite or not a number.
    """
    separators = (",", ":" if indent is None else ": ")
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)
    # The framework keeps its JSON a subset of old JavaScript, where these two letters end a line.
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode()


def counted(count: int, noun: str) -> str:
    """A number of things, in words."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


#: How files are opened that somebody else may have put there: a pipe without O_NONBLOCK is waited for here already.
NO_WAIT = os.O_NONBLOCK | os.O_NOCTTY


def read_file(file: Path, most: int, *, follow: bool = True) -> bytes:
    """The first `most` bytes of an ordinary file; of the null device, which has none, nothing.

    :raises OSError: it cannot be read, or it is a folder, a pipe, a socket or another device, or a link that is not to
        be followed; `strerror` says so.
    """
    if not follow and file.is_symlink():
        raise OSError(errno.ELOOP, "it is a link")
    descriptor = os.open(file, os.O_RDONLY | NO_WAIT | (0 if follow else os.O_NOFOLLOW))
    try:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        is_null = stat.S_ISCHR(found.st_mode) and found.st_rdev == Path(os.devnull).stat().st_rdev
        if not stat.S_ISREG(found.st_mode) and not is_null:
            raise OSError(errno.EINVAL, "it is no ordinary file")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read(most)
    finally:
        os.close(descriptor)


def certificates_in(file: Path) -> str:
    """The text of a file of certificates, for `ssl`; OpenSSL would not find the first one behind a byte order mark.

    :raises OSError: it cannot be read.
    """
    with file.open("rb") as stream:
        return stream.read(_MOST_OF_CERTIFICATES).removeprefix(BOM_UTF8).decode("ascii", "backslashreplace") or "\n"


def ago(span: timedelta) -> str:
    """How long ago something was, in days, as messages say it."""
    if span < timedelta():
        return "not come yet"
    return f"{counted(span.days, 'day')} ago" if span.days else "today"


def printable(text: str) -> str:
    """A text for a terminal: control characters such as ESC are escaped; line breaks stay."""
    return "".join(one if one.isprintable() or one == "\n" else repr(one)[1:-1] for one in text)


def pace(rate: float) -> str:
    """How fast a clock runs, in words."""
    if rate == 0:
        return "frozen"
    return "in real time" if rate == 1 else f"{rate:g} times as fast as real time"


def wants_colour(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether text is coloured: on a terminal that is not dumb, unless NO_COLOR or FORCE_COLOR say otherwise; NO_COLOR wins.

    Either of them counts if it is not empty.
    """
    if environment.get("NO_COLOR"):
        return False
    return bool(environment.get("FORCE_COLOR")) or (stream.isatty() and environment.get("TERM") != "dumb")
