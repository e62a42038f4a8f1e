"""Who may touch what lies under /_mock: loopback only or, where a token is set, whoever knows it; health is open."""

from hmac import compare_digest
from ipaddress import ip_address

from flask import Request

HEALTH = "/_mock/health/"
ONLY_LOOPBACK = "Only loopback may ask this: start the mock with a control token to let others in."
WRONG_TOKEN = "Send `Authorization: Bearer TOKEN` with the control token of this mock."  # noqa: S105  a sentence


def refusal(request: Request, control_token: str | None) -> str | None:
    """Why this request may not pass, as a sentence, or None if it may."""
    if request.path.startswith(HEALTH):
        return None
    if control_token is None:
        return None if _is_loopback(request.remote_addr) else ONLY_LOOPBACK
    given = request.headers.get("Authorization", "").encode("latin-1")
    return None if compare_digest(given, f"Bearer {control_token}".encode()) else WRONG_TOKEN


def _is_loopback(address: str | None) -> bool:
    """Whether a client is on this machine; one without an address came through a socket file or a test client."""
    if not address:
        return True
    try:
        client = ip_address(address)
    except ValueError:
        return False
    return (getattr(client, "ipv4_mapped", None) or client).is_loopback
