"""Who may touch what lies under /_mock: loopback only or, where a token is set, whoever knows it; health is open."""

from hmac import compare_digest
from ipaddress import ip_address

from flask import Request

HEALTH = "/_mock/health/"


def refusal(request: Request, control_token: str | None) -> str | None:
    """Why this request may not pass, as a sentence, or None if it may."""
    if request.path.startswith(HEALTH):
        return None
    if control_token is None:
        return (
            None if _is_loopback(request.remote_addr) else "Without MOCK_OMS_CONTROL_TOKEN only loopback may ask this."
        )
    given = request.headers.get("Authorization", "")
    wanted = f"Bearer {control_token}"
    return None if compare_digest(given.encode(), wanted.encode()) else "Send `Authorization: Bearer <control token>`."


def _is_loopback(address: str | None) -> bool:
    """A client without an address came through a test client or a socket of this machine."""
    return address is None or ip_address(address).is_loopback
