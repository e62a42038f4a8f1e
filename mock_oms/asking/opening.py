"""Why a first answer ends a visit: a list that does not open tells nothing about plans."""

from collections.abc import Mapping

from mock_oms.asking.target import Target
from mock_oms.survey.exchange import Exchange
from mock_oms.urls import without_query

_TOKEN = "is the token right, and may it read plans? Where it is sent as Bearer, say {bearer}"  # noqa: S105  a sentence, no secret
#: What the first answer means, by its status.
_MEANS: Mapping[int, str] = {
    400: "is the host right?",
    401: f"{_TOKEN}.",
    403: f"{_TOKEN}.",
    404: "is this the address of an OMS?",
}
_OK, _REDIRECTS, _CHOICES = 200, 400, 300
_THROTTLED = 429


def why_closed(first: Exchange, target: Target) -> str | None:
    """Why nothing more is asked after the first answer, None where more is."""
    if first.status in {_OK, _THROTTLED}:  # what 429 means the session says
        return None
    if _CHOICES <= first.status < _REDIRECTS:
        place = without_query(first.header("location") or "nowhere")
        return f"{target.url} redirects to {place}, and no redirect is followed; name the address that is meant."
    means = _MEANS.get(first.status, "is the OMS in order?")
    return f"{target.url} answered {first.status} to the first page of the list: {means.format(bearer=target.bearer)}"
