"""What stands in addresses and headers as text: percent-encoded words, query strings, lengths."""

import re

_LONGEST_NUMBER = 18
_OCTET = re.compile(rb"%([0-9A-Fa-f]{2})")


def decoded(text: str) -> str:
    """Percent-encoded text (latin-1, as sent) as people read it; octets that are no UTF-8 become question marks."""
    if "%" not in text and text.isascii():
        return text
    raw = text.encode("latin-1", "replace")
    return _OCTET.sub(lambda found: bytes.fromhex(found[1].decode()), raw).decode("utf-8", "replace")


def parameters(query: str) -> tuple[tuple[str, str], ...]:
    """The names and values of a query string in their order; a name without `=` has an empty value."""
    parts = (part.partition("=") for part in query.replace("+", " ").split("&") if part)
    return tuple((decoded(name), decoded(value)) for name, _, value in parts)


def length(text: str) -> int:
    """The number of bytes that a `Content-Length` announces; 0 where it says none."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else 0
