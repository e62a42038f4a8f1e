"""What a portrait keeps of texts: the words of the framework, of the contract and of HTTP; of all others the shape."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from typing import Any

from mock_oms.contract.openapi import contract_for
from mock_oms.contract.wording import is_sentence
from mock_oms.switches import Switches

#: Enough to tell that a text is another one; too little to find out which.
_DIGEST = 4
_NUMBER, _MASK = re.compile(r"\d+"), "{n}"
#: Headers that have a meaning for everybody.
_HEADERS = {
    "accept", "accept-encoding", "accept-language", "accept-ranges", "access-control-allow-credentials",
    "access-control-allow-headers", "access-control-allow-methods", "access-control-allow-origin",
    "access-control-expose-headers", "access-control-max-age", "allow", "authorization", "cache-control",
    "content-disposition", "content-language", "content-location", "content-security-policy", "content-type",
    "cookie", "cross-origin-embedder-policy", "cross-origin-opener-policy", "cross-origin-resource-policy",
    "deprecation", "expires", "last-modified", "link", "location", "origin", "permissions-policy", "pragma",
    "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "referrer-policy", "retry-after", "sunset", "vary",
    "warning", "www-authenticate", "x-content-type-options", "x-frame-options", "x-permitted-cross-domain-policies",
    "x-powered-by", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-robots-tag",
    "x-xss-protection",
}  # fmt: skip
#: What stands in the values of headers that are compared.
_IN_HEADERS = _HEADERS | {
    "*", "api", "application/json", "application/problem+json", "application/xml", "basic", "bearer", "boundary",
    "charset", "delete", "deny", "digest", "en", "en-gb", "en-us", "error", "get", "head", "immutable",
    "invalid_token", "iso-{n}-{n}", "max-age", "must-revalidate", "no-cache", "no-referrer",
    "no-referrer-when-downgrade", "no-store", "no-transform", "nosniff", "options", "origin-when-cross-origin",
    "patch", "post", "private", "proxy-revalidate", "public", "put", "realm", "s-maxage", "same-origin",
    "same-origin-allow-popups", "sameorigin", "strict-origin", "strict-origin-when-cross-origin", "text/html",
    "text/plain", "token", "tr", "tr-tr", "trace", "unsafe-none", "unsafe-url", "utf-{n}", "{n}",
}  # fmt: skip
_BETWEEN = re.compile(r"[\s,;=\"]+")
_ASIDE = re.compile(r"\s*\((?P<said>.*)\)", re.DOTALL)
_HARMLESS = re.compile(r"request \d+ was answered \d+|Retry-After: (?:none|\d+)")
_ADDRESS, _QUERY = re.compile(r"\w+://\S*\w"), re.compile(r"\?\S*\w")


def veiled(text: str) -> str:
    """The shape of a text, and a digest by which another one is noticed; numbers in it make no other one."""
    bare = _NUMBER.sub("0", text)
    return f"of {len(bare)} characters ({sha256(bare.encode(errors='backslashreplace')).hexdigest()[:_DIGEST]})"


def sentence(text: str) -> str:
    """What a refusal says, without its numbers: the framework's own sentences stay."""
    return _NUMBER.sub(_MASK, text) if is_sentence(text) else f"text {veiled(text)}"


def word(text: str) -> str:
    """A word that stands for a state or a kind: those of the contract stay."""
    return text if text in _contracted() else f"word {veiled(text)}"


def header_name(name: str) -> str:
    """The name of a header, in lower case: those that everybody uses stay."""
    return name if name in _HEADERS else veiled(name)


def header_value(value: str) -> str:
    """The value of a header, without its numbers: it stays where all its words are HTTP's or the framework's."""
    masked = _NUMBER.sub(_MASK, value)
    words = {one.lower() for one in _BETWEEN.split(masked) if one}
    return masked if words <= _IN_HEADERS else f"text {veiled(value)}"


def note(text: str) -> str:
    """What was said of a visit, without the addresses in it."""
    plain = _ASIDE.sub(lambda found: found[0] if _HARMLESS.fullmatch(found["said"]) else "", text)
    return _QUERY.sub("?…", _ADDRESS.sub("the address", plain))


@cache
def _contracted() -> frozenset[str]:
    """Every word that the contract enumerates, whichever form a state has."""
    documents = (contract_for(Switches(state=form)) for form in ("string", "object"))
    return frozenset(one for document in documents for one in _enumerated(document["components"]["schemas"]))


def _enumerated(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        said = (*schema.get("enum", ()), schema.get("const"))
        yield from (one for one in said if isinstance(one, str))
        for inner in schema.values():
            yield from _enumerated(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _enumerated(inner)
