"""The sentences in which Django REST framework refuses, each of them once, and how one is told from any other text."""

import re
from functools import cache

NOT_PROVIDED = "Authentication credentials were not provided."
INCORRECT = "Incorrect authentication credentials."
NO_CREDENTIALS = "Invalid token header. No credentials provided."
SPACES = "Invalid token header. Token string should not contain spaces."
INVALID_CHARACTERS = "Invalid token header. Token string should not contain invalid characters."
INVALID_TOKEN = "Invalid token."  # noqa: S105 - a text
INACTIVE = "User inactive or deleted."
FORBIDDEN = "You do not have permission to perform this action."
NOT_FOUND = "Not found."
NO_MATCH = "No OrderExecutionPlan matches the given query."
INVALID_PAGE = "Invalid page."
NOT_ACCEPTABLE = "Could not satisfy the request Accept header."
MALFORMED = "Malformed request."
SERVER_ERROR = "A server error occurred."
THROTTLED = "Request was throttled."

# Of a serializer, about the fields of a login.
NO_DATA = "No data provided"
REQUIRED = "This field is required."
NULL = "This field may not be null."
BLANK = "This field may not be blank."
NOT_TEXT = "Not a valid string."
NUL = "Null characters are not allowed."
WRONG_LOGIN = "Unable to log in with provided credentials."

# Where Django itself refuses, with a page: bytes of a body, fields of a query or a form, letters of a redirect.
DJANGO_MAX_BODY, DJANGO_MAX_FIELDS, DJANGO_MAX_REDIRECT = 2_621_440, 1_000, 16_384
#: Bytes of a body that vendor paths take, by any method; nothing that a client has to say there is longer. What the
#: gateway in front of the vendor's Django allows is not documented: it is ours.
GATEWAY_MAX_BODY = 65_536

_FIXED = frozenset(
    {
        *(NOT_PROVIDED, INCORRECT, NO_CREDENTIALS, SPACES, INVALID_CHARACTERS, INVALID_TOKEN, INACTIVE, FORBIDDEN),
        *(NOT_FOUND, NO_MATCH, INVALID_PAGE, NOT_ACCEPTABLE, MALFORMED, SERVER_ERROR, THROTTLED),
        *(NO_DATA, REQUIRED, NULL, BLANK, NOT_TEXT, NUL, WRONG_LOGIN),
    }
)

# Sentences with a gap, each with the call that fills it where the mock says it.
_METHOD = 'Method "{}" not allowed.'
_MATCH = NO_MATCH.replace("OrderExecutionPlan", "{}")
_WAIT = f"{THROTTLED} Expected available in {{}} second{{}}."
_MEDIA = 'Unsupported media type "{}" in request.'
_JSON = "JSON parse error - {}"
_MULTIPART = "Multipart form parse error - {}"
_BOUNDARY = "Invalid boundary in multipart: {}"
_OUT_OF_RANGE = "Out of range float values are not JSON compliant: '{}'"
_NO_DICTIONARY = "Invalid data. Expected a dictionary, but got {}."
_SURROGATE = "Surrogate characters are not allowed: U+{}."

not_allowed = _METHOD.format  # 405: the method
unsupported_media = _MEDIA.format  # 415: what the request calls its body
no_dictionary = _NO_DICTIONARY.format  # 400: what the fields are instead of an object, such as `list`
no_match = _MATCH.format  # 404: the model of the row that is missing
broken_json = _JSON.format  # 400: why a body is no JSON, such as the next
out_of_range = _OUT_OF_RANGE.format  # a number that JSON does not have
broken_form = _MULTIPART.format  # 400: why the parts of a form cannot be told apart, such as the next
no_boundary = _BOUNDARY.format  # nothing usable separates the parts


def wait(seconds: int) -> str:
    """A 429 that says in how many seconds to come back."""
    return _WAIT.format(seconds, "" if seconds == 1 else "s")


def surrogate(letter: str) -> str:
    """A 400 for half a letter in a field."""
    return _SURROGATE.format(f"{ord(letter):X}")


#: Places in a body, and how long to wait: longer numbers may be somebody's.
_NUMBER, _SECONDS = r"\d{1,7}", r"\d{1,6}"
#: Of RFC 9110, and PATCH of RFC 5789. Any other may be somebody's own word.
_METHODS = "(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH)"
#: What a request is usually said to hold. Any other type may be somebody's own word.
_TYPES = (
    r"(?:(?:application/(?:json|octet-stream|pdf|x-www-form-urlencoded|x-yaml|xml|yaml)|multipart/form-data"
    r"|text/(?:csv|html|json|plain|xml))(?:; ?charset=(?:ascii|iso-8859-\d{1,2}|latin-?1|utf-?\d{1,2}))?)?"
)
#: Encodings that Python knows and that are none of text.
_NO_CHARSETS = "(?:base64|bz2|hex|quopri|rot_?13|uu|zip|zlib)(?:_codec)?"
#: What Python says of JSON and of text that it cannot read, in each of its releases from 3.11 on.
_BROKEN = (
    r"(?:Expecting (?:value|'[:,]' delimiter|property name enclosed in double quotes)|Extra data|Invalid control "
    r"character at|Invalid \\(?:escape|uXXXX escape)|Unterminated string starting at|Illegal trailing comma before end "
    rf"of (?:array|object)): line {_NUMBER} column {_NUMBER} \(char {_NUMBER}\)"
    r"|Unexpected UTF-8 BOM \(decode using utf-8-sig\): line 1 column 1 \(char 0\)"
    r"|maximum recursion depth exceeded(?: while decoding a JSON (?:array|object) from a unicode string)?"
    rf"|Exceeds the limit \({_NUMBER} digits\) for integer string conversion: value has {_NUMBER} digits; use "
    r"sys\.set_int_max_str_digits\(\) to increase the limit"
    rf"|'(?:ascii|charmap|utf-?\d{{1,2}}(?:-[bl]e)?)' codec can't decode bytes? (?:0x[0-9a-f]{{2}} )?in position "
    rf"{_NUMBER}(?:-{_NUMBER})?: (?:invalid (?:start|continuation) byte|unexpected end of data|truncated data"
    r"|illegal (?:encoding|UTF-16 surrogate)|ordinal not in range\(128\)|character maps to <undefined>)"
    r"|UTF-(?:16|32) stream does not start with BOM"
)


def is_sentence(text: str) -> bool:
    """Whether a text is one whole sentence of the framework's that holds nothing of anybody's.

    Short numbers and the methods of HTTP may stand in it. Some sentences repeat what a request said: they count where
    that is a usual word, such as a well-known media type. A missing row of another model than that of plans does not
    count either.
    """
    return text in _FIXED or _forms().fullmatch(text) is not None


def model_in(text: str) -> str | None:
    """The model of which a text says that a row is missing; None where it says no such thing."""
    found = re.fullmatch(_filled(_MATCH, r"(\w{1,40})"), text)
    return found[1] if found else None


# Compiled when first asked: a server at its start needs none of it.
@cache
def _forms() -> re.Pattern[str]:
    """The sentences with something in them, each with what may stand there."""
    broken = "|".join((_BROKEN, _filled(_OUT_OF_RANGE, "(?:NaN|-?Infinity)")))
    header_too_large = re.escape("Request max total header size exceeded.")
    content_type, boundary = _filled("Invalid Content-Type: {}", _TYPES), _filled(_BOUNDARY, "(?:None)?")
    forms = (
        _filled(_METHOD, _METHODS),
        _filled(_WAIT, _SECONDS, "s?"),
        _filled(_MEDIA, _TYPES),
        _filled('Unsupported charset "{}" in request Content-Type header.', _NO_CHARSETS),
        _filled(_JSON, f"(?:{broken})"),
        _filled(_MULTIPART, f"(?:{header_too_large}|{content_type}|{boundary})"),
        _filled(_NO_DICTIONARY, "(?:bool|float|int|list|str)"),
        _filled(_SURROGATE, "D[89A-F][0-9A-F]{2}"),
    )
    return re.compile("|".join(forms), re.ASCII)


def _filled(template: str, *fields: str) -> str:
    """A pattern of a sentence whose gaps hold these patterns."""
    return re.escape(template).replace(r"\{\}", "{}").format(*fields)
