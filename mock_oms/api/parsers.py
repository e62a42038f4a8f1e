"""Request bodies as Django REST framework's three default parsers read them."""

import codecs
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import NoReturn

from mock_oms.api.django import BAD_REQUEST, charset_of, form_fields, media_range, parameters_of, split_header
from mock_oms.api.exchange import Call, Refused, ServerError, detail
from mock_oms.contract import wording
from mock_oms.contract.wording import DJANGO_MAX_BODY

_MAX_CONTENT_TYPE = 256
_MAX_PART_HEADER = 1_024
_BOUNDARY = re.compile(r"[ -~]{0,200}[!-~]")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a form, of which nobody here wants to know more than that it is no text."""

    name: str

    def __str__(self) -> str:
        return self.name


def parsed(call: Call) -> object:
    """The body of a call as data; refuses (400, 415) what the framework cannot read. No body is an empty form."""
    if call.content_length == 0:
        return {}
    if call.content_length > DJANGO_MAX_BODY:
        raise ServerError(BAD_REQUEST)
    return _parser(call.content_type)(call.body(), call.content_type, _charset(call.content_type))


def _charset(content_type: str) -> str:
    charset = charset_of(content_type)
    try:
        "".encode(charset)
    except (LookupError, UnicodeError):  # Python knows it, but as no encoding of text: `bz2`, say
        raise parse_error(wording.unsupported_charset(charset)) from None
    return charset


def _parser(content_type: str) -> Callable[[bytes, str, str], object]:
    if len(content_type) <= _MAX_CONTENT_TYPE:
        asked = media_range(content_type)
        for media_type, parser in _PARSERS:
            if asked.takes(media_type):
                return parser
    raise Refused(415, detail(wording.unsupported_media(content_type)))


def parse_error(text: str) -> Refused:
    """A 400 for a body that cannot be read."""
    return Refused(400, detail(text))


def _json(body: bytes, _content_type: str, charset: str) -> object:
    try:
        # Not `bytes.decode`: a reader forgives a letter that is cut off by the end of the body.
        text = codecs.getreader(charset)(BytesIO(body)).read()
        data: object = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as broken:
        raise parse_error(wording.broken_json(broken)) from broken
    return data


def _no_number(name: str) -> NoReturn:
    raise ValueError(wording.out_of_range(name))


def _form(body: bytes, _content_type: str, charset: str) -> dict[str, str]:
    return form_fields(body, charset)


def _multipart(body: bytes, content_type: str, charset: str) -> dict[str, str | Upload]:
    separator = b"--" + _boundary(content_type).encode()
    *parts, last = body.split(separator)
    fields: dict[str, str | Upload] = {}
    files: dict[str, str | Upload] = {}
    for part in (*(part.removesuffix(b"\n").removesuffix(b"\r") for part in parts), last):
        name, value = _part(part, charset)
        (files if isinstance(value, Upload) else fields)[name] = value
    fields.pop("", None)
    return fields | files


def _boundary(content_type: str) -> str:
    if not content_type.startswith("multipart/"):
        raise _multipart_error(wording.no_multipart(content_type))
    if not content_type.isascii():
        raise _multipart_error(wording.not_ascii(content_type))
    boundary = parameters_of(content_type).get("boundary")
    if not boundary or not _BOUNDARY.fullmatch(boundary):
        raise _multipart_error(wording.no_boundary(boundary))
    return boundary


def _multipart_error(text: str) -> Refused:
    return parse_error(wording.broken_form(text))


def _part(part: bytes, charset: str) -> tuple[str, str | Upload]:
    """The name and the value of one part; the name is empty where it is none of ours."""
    head, found, content = part.partition(b"\r\n\r\n")
    if len(head) + len(found) > _MAX_PART_HEADER or (not found and len(part) >= _MAX_PART_HEADER):
        raise _multipart_error(wording.HEADER_TOO_LARGE)
    disposition = _disposition(head) if found else {}
    name, file_name = disposition.get("name", "").strip(), disposition.get("filename")
    if file_name:
        return name, Upload(file_name)
    return name, content.decode(charset, "replace")


def _disposition(head: bytes) -> dict[str, str]:
    headers = {}
    for line in head.split(b"\r\n"):
        try:
            main, parameters = split_header(line.decode())
        except ValueError:
            continue
        name, colon, _ = main.partition(":")
        if colon:
            headers[name] = parameters
    return headers.get("content-disposition", {})


_PARSERS: tuple[tuple[str, Callable[[bytes, str, str], object]], ...] = (
    ("application/json", _json),
    ("application/x-www-form-urlencoded", _form),
    ("multipart/form-data", _multipart),
)
