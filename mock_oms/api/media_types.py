"""Media types in `Accept` and `Content-Type`, read as Django REST framework reads them."""

import codecs
from dataclasses import dataclass
from email.message import Message
from email.utils import collapse_rfc2231_value

_JSON = "application/json"
#: The bounds within which the framework looks at an `Accept` header at all.
_MAX_HEADER, _MAX_RANGES, _MAX_RANGE = 8_192, 64, 256


def split_header(line: str) -> tuple[str, dict[str, str]]:
    """A header value as its lower-case main part and its parameters; ValueError where one names a foreign charset."""
    if ";" not in line:
        return line.strip().lower(), {}
    message = Message()
    message["content-type"] = line
    (main, _), *rest = message.get_params(failobj=[(line, "")])
    return main.lower(), {name: _plain(value) for name, value in rest if name}


def _plain(value: str | tuple[str | None, str | None, str]) -> str:
    if isinstance(value, str):
        return value
    try:
        codecs.lookup(value[0] or "ascii")
    except LookupError as unknown:
        raise ValueError(f"{value[0]!r} is no charset that a parameter can be in.") from unknown
    return collapse_rfc2231_value(value)


def parameters_of(line: str) -> dict[str, str]:
    """The parameters of a header value."""
    return split_header(line)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRange:
    """One range of an `Accept` header, or the one media type of a `Content-Type`."""

    text: str
    main: str
    sub: str
    parameters: dict[str, str]

    @property
    def precedence(self) -> int:
        """From 0 (`*/*`) to 3 (type, subtype and parameters); `q` alone is no parameter, and else has no effect."""
        if self.main == "*":
            return 0
        if self.sub == "*":
            return 1
        return 2 if list(self.parameters) in ([], ["q"]) else 3

    def takes(self, media_type: str) -> bool:
        """Whether this range allows a plain media type such as `application/json`."""
        main, _, sub = media_type.partition("/")
        return self.main in {"*", main} and self.sub in {"*", sub}

    @property
    def accepted(self) -> str:
        """The media type to answer with: the caller's own words, or JSON with his parameters for a wildcard."""
        if self.precedence >= 2:  # noqa: PLR2004 - as specific as the renderer itself
            return self.text
        return ";".join((_JSON, *(f"{name}={value}" for name, value in self.parameters.items())))


def media_range(text: str) -> MediaRange:
    """Read one range; what cannot be read becomes a range that allows nothing."""
    try:
        full, parameters = split_header(text)
    except ValueError:
        full, parameters = "", {}
    main, _, sub = full.partition("/")
    return MediaRange(text=text, main=main, sub=sub, parameters=parameters)


def accepted_json(accept: str | None) -> str | None:
    """The JSON media type that this `Accept` header agrees to, or None where it agrees to none."""
    if accept in {None, "*/*", _JSON}:
        return _JSON
    ranges = sorted(map(media_range, _ranges(accept or "")), key=lambda each: -each.precedence)
    return next((each.accepted for each in ranges if each.takes(_JSON)), None)


def _ranges(header: str) -> list[str]:
    if len(header) > _MAX_HEADER:
        header = header[: header.rfind(",", 0, _MAX_HEADER) + 1]
    texts = (text.strip() for text in header.split(","))
    return [text for text in texts if 0 < len(text) <= _MAX_RANGE][:_MAX_RANGES]


def indent_of(media_type: str) -> int | None:
    """The indentation asked for by `indent=`, at most 8; None (0 as well) for compact JSON."""
    if ";" not in media_type:
        return None
    try:
        return max(min(int(parameters_of(media_type)["indent"]), 8), 0) or None
    except (KeyError, ValueError):
        return None
