"""Which names carry secrets, and whether a text hides such a name with its value, however it is encoded."""

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from html import unescape
from unicodedata import combining, normalize

from mock_oms.traffic.journal.entry import decoded

#: Words that stand for a secret wherever they are in a name, also beside other letters: `mytoken`, `x-csrftoken`.
_ANYWHERE = re.compile(
    "authori[sz]ation|authentication|cookie|token|jwt|bearer|passw|pwd|passphrase|passcode|passkey|secret|credential"
    "|session|signature|assertion|saml|csrf|xsrf|2fa|sifre|parola|anahtar"
)
#: Words that do so only when they stand alone between hyphens, capitals or digits: they are parts of too many others. Any
#: word that ends in `key` is one, but for these; so is `oauth`, `xauth` or `authcode`, but neither authors nor authorities.
_ALONE = re.compile(
    "(?!(?:mon|tur|turn|don|hoc|joc|whis|hot|sort|order|partition|primary|foreign|public|idempotency)key)[a-z]*keys?(?:id)?"
    "|(?:new|old|user|my|db|admin|root)?pass|psw|creds?|tok|tickets?|sess|[a-z]*sessid|sig|sid|[th]?otps?|otpcode|[tm]?pins?|pincode|mfa|hmac|cvv|cvc|[a-z]*auth|auth(?!or|entic)[a-z]*"
)
#: A code is a secret under its own name, and after a word that says so: others name countries, currencies and products.
_CODE = re.compile(
    r"(?:access|activation|confirmation|device|invite|login|pairing|recovery|reset|security|sms|time|user|verification"
    r"|verify)-?code|code-?verifier"
)
#: Codes that are as short as this name a status or a country.
_SHORT_CODE = 3
#: Names that hold such a word and no secret.
_PUBLIC = frozenset(
    f"{word}-key" for word in ("idempotency", "sort", "order", "partition", "primary", "foreign", "public")
)
#: Headers that are shown as they are, though they look like credentials.
_SHOWN = frozenset(
    ("www-authenticate", "proxy-authenticate", "access-control-allow-credentials", "clear-site-data", "x-mock-hint")
)
#: Headers with the name of a host and a port, which otherwise looks like the name of a secret with its value.
_HOSTS, _HOST = frozenset(("host", "x-forwarded-host")), re.compile(r"[\w.:\[\]-]*", re.ASCII)
_IN_WORD = re.compile("[a-z]+")
_CAPITAL = re.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
#: Longer names are not remembered: a client shall not fill the memory with them.
_REMEMBERED = 64


def is_public(name: str, value: str) -> bool:
    """Whether a header is shown as it is, though its name or its value begins like a secret's."""
    lowered = name.strip().lower()
    return lowered in _SHOWN or (lowered in _HOSTS and _HOST.fullmatch(value) is not None)


def is_secret(name: str, value: str | None = None) -> bool:
    """Whether a header or a parameter of this name carries a secret; under some names only such a `value` is one."""
    found = _kind(name) if len(name) <= _REMEMBERED else _kind.__wrapped__(name)
    return found if found is not None else value is None or len(value) > _SHORT_CODE


@lru_cache(1_024)
def _kind(name: str) -> bool | None:
    """Whether a name is a secret's; None where it depends on the value."""
    if not name.isascii():  # letters of full width, and those with accents
        name = "".join(one for one in normalize("NFKD", name) if not combining(one))
    lowered, parted = name.strip().lower(), _CAPITAL.sub("-", name.strip()).lower()
    whole = "-".join(_IN_WORD.findall(parted))
    if whole in _PUBLIC | _SHOWN:
        return False
    if whole in {"code", "x-code"}:
        return None
    words = {*_IN_WORD.findall(parted), *_IN_WORD.findall(lowered)}
    return any(map(_ALONE.fullmatch, words)) or bool(_ANYWHERE.search(lowered) or _CODE.search(whole))


#: So many encodings around each other are looked into, and so many names; what has more of them is taken for a secret.
_DEEPEST, _MOST_NAMES = 5, 500
#: A name, what separates it from its value, and how that begins: as queries, headers, JSON, YAML and XML write them.
_NAMED = re.compile(
    r"""(?<![\w.-])([\w.-]++)["'\\\]]*+[\s+]*+([:=>])[\s+"'\\\[({]*+(?=([^\s"'\\&<>,;(){}\[\]]{1,8}))"""
)
#: A name and its value in two members, as archives write them.
_MEMBERS = re.compile(r"""name["'\\]*+\s*+[:=]\s*+["'\\]*+([\w.-]++)["'\\]*+\s*+,\s*+["'\\]*+value["'\\]*+\s*+[:=]""")
#: What is a port, behind the name of a host.
_PORT = re.compile(r"[0-9]{1,5}(?![^/?#])")
#: A user, perhaps with a password, before the host of an address; and what `Authorization` should have held.
USER = re.compile(r"//([^/?#\s]+)@")
_USER_OF_HOST = re.compile(r"""(?<![^\s"'=,;(])[^\s"'=,;(/@:]++:[^\s"'=,;(/@]++@""")
CREDENTIALS = re.compile(
    r"""(?:^|["'=:,/])[\s+]*+(?:token|bearer|basic|digest|jwt|api-?key|negotiate|ntlm|hawk|oauth)[\s+]++[^\s+"']""",
    re.IGNORECASE,
)
#: How JSON writes a character; a word that may be base64, and bytes that no text has.
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_BASE64 = re.compile(r"(?<![\w+/-])[A-Za-z0-9_+/-]{10,}+={0,2}+(?![\w+=-])")
_SHORTEST = 10
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def hides_secret(text: str) -> bool:
    """Whether a secret stands in a text under its name, as credentials, or encoded in any way; or a user, encoded."""
    layer = [text]
    for depth in range(_DEEPEST):
        if any(_shows_secret(one) or (depth and USER.search(one)) for one in layer):
            return True
        layer = [inner for one in layer for inner in _inside(one)]
        if not layer:
            return False
    return True


def _shows_secret(text: str) -> bool:
    if CREDENTIALS.search(text) or _USER_OF_HOST.search(text):
        return True
    if any(map(is_secret, _MEMBERS.findall(text))):
        return True
    for number, found in enumerate(_NAMED.finditer(text)):
        name, separator, value = found.groups()
        is_port = separator == ":" and text.endswith("//", 0, found.start()) and _PORT.match(value)
        if number >= _MOST_NAMES or (is_secret(name, value) and not is_port):
            return True
    return False


def _inside(text: str) -> Iterator[str]:
    """What a text becomes when it is decoded once; the texts in its base64, where nothing else is encoded."""
    plain = decoded(text)
    if "\\" in plain:
        plain = _ESCAPED.sub(lambda found: found[3] or chr(int(found[1] or found[2], 16)), plain)
    if "&" in plain:
        plain = unescape(plain)
    if plain != text:
        yield plain
        return
    for whole in _BASE64.findall(text):
        for word in {whole, *whole.split("/")}:
            if len(word) < _SHORTEST:
                continue
            with suppress(ValueError):
                inner = base64.b64decode(f"{word.rstrip('=')}==", "-_" if "-" in word or "_" in word else None).decode()
                if not _BINARY.search(inner):
                    yield inner
