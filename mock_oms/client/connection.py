"""One connection to the control API: JSON out, JSON in, and every refusal an exception."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx

from mock_oms.client.errors import ControlError, UnreachableError
from mock_oms.scenario.fields import parse_duration, write_duration

#: Seconds to wait for an answer.
PATIENCE = 30.0
_ERROR = 400


class Connection:
    """A pool of connections to one mock. `url` is the address of the mock, `token` its control token, if it has one."""

    def __init__(self, url: str, token: str | None) -> None:
        self.url = url.rstrip("/")
        headers = {"Accept": "application/json"} | ({} if token is None else {"Authorization": f"Bearer {token}"})
        # Without the proxies of the environment: none of them leads to a mock on this machine or in this network.
        # Without TLS where it is not spoken: to read the machine's certificates takes longer than to start a server.
        secure = self.url.startswith("https:")
        self._http = httpx.Client(headers=headers, timeout=PATIENCE, trust_env=False, verify=secure)

    def ask(self, method: str, *path: str | int, query: Mapping[str, Any] | None = None, body: object = None) -> Any:  # noqa: ANN401  JSON enters
        """The JSON that the control API answers, None where it answers without a body.

        :raises UnreachableError: nobody answered.
        :raises ControlError: the control API refused.
        """
        address = "/".join([self.url, "_mock", *(quote(str(part), safe="") for part in path)])
        try:
            answer = self._http.request(method, address, params=query, json=body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnreachableError(self.url, str(error) or type(error).__name__) from None
        return self._content(answer)

    def _content(self, answer: httpx.Response) -> Any:  # noqa: ANN401  as above
        if answer.status_code == httpx.codes.NO_CONTENT:
            return None
        try:
            content = answer.json()
        except ValueError:
            raise self._strange(answer) from None
        if answer.status_code < _ERROR:
            return content
        raise ControlError.from_problem(answer.status_code, content)

    def _strange(self, answer: httpx.Response) -> ControlError:
        kind = answer.headers.get("Content-Type", "nothing")
        return ControlError(
            answer.status_code,
            f"{self.url} answered {answer.status_code} with {kind} instead of JSON: is it a mock-oms of this version?",
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()


def duration(span: str | timedelta) -> str:
    """A duration as the control API reads it.

    :raises ValueError: it is none, or has parts of a second.
    """
    if isinstance(span, timedelta):
        if span.microseconds:
            raise ValueError(f"{span} has parts of a second; a world's clock is turned by whole seconds.")
        return write_duration(span)
    if parse_duration(span) is None:
        raise ValueError(f"{span!r} is no duration; accepted: 90s, 30m, 1h30m, 2d.")
    return span
