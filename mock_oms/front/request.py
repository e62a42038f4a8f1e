"""What the front knows of a vendor request before anybody answers it."""

from typing import NamedTuple

from mock_oms.front.messages import Scope
from mock_oms.web.rest_framework import presented_token

#: Paths under which the control API lies, decoded.
CONTROL = "/_mock"
#: The fields of a request that decide whether kept bytes may answer it, and its id.
_SEEN = frozenset(
    {b"authorization", b"accept", b"host", b"content-length", b"transfer-encoding", b"content-type", b"x-request-id"}
)


class Fields(NamedTuple):
    """Header fields that the front looks at, as sent; `odd`: one of them is repeated, or there is a body.

    `request_id` decides about no answer; one that is repeated is none.
    """

    authorization: bytes | None
    accept: bytes | None
    host: bytes | None
    odd: bool
    request_id: bytes | None

    @property
    def token(self) -> str | None:
        """The token that names the world, read as the vendor's framework reads it."""
        return None if self.authorization is None else presented_token(self.authorization.split())


def fields_of(scope: Scope) -> Fields:
    """The fields of a request."""
    authorization = accept = host = request_id = None
    odd = False
    for name, value in scope["headers"]:
        if name not in _SEEN:
            continue
        if name == b"authorization":
            odd |= authorization is not None
            authorization = value if authorization is None else authorization + b"," + value
        elif name == b"accept":
            odd |= accept is not None
            accept = value
        elif name == b"host":
            odd |= host is not None
            host = value
        elif name == b"x-request-id":
            request_id = value if request_id is None else b""
        else:
            odd = True
    return Fields(authorization, accept, host, odd, request_id)


def is_control(scope: Scope) -> bool:
    """Whether a request is for the control API."""
    path: str = scope["path"]
    return path.startswith(CONTROL) and path[len(CONTROL) : len(CONTROL) + 1] in {"", "/"}
