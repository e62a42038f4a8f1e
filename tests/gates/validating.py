"""Let openapi-core validate exchanges; run in the environment of the gates.

Reads lines of JSON: a contract begins those of its exchanges, and each objection is printed as a line.
"""

import json
import sys
from functools import lru_cache
from typing import Any


@lru_cache  # most scenarios have the same contract
def _made(document: str) -> Any:
    from openapi_core import OpenAPI  # noqa: PLC0415  the tests' own environment does not have it

    return OpenAPI.from_dict(json.loads(document))


def objections(openapi: Any, exchange: dict[str, Any]) -> list[str]:
    """What is wrong with a request, if it was answered with success, and with its answer."""
    from openapi_core.exceptions import OpenAPIError  # noqa: PLC0415
    from openapi_core.testing import MockRequest, MockResponse  # noqa: PLC0415

    sent, got = exchange["request"], exchange["response"]
    request = MockRequest(
        host_url=sent["host"], method=sent["method"], path=sent["path"], args=sent["args"], headers=sent["headers"],
        data=sent["body"].encode() if sent["body"] is not None else None, content_type="application/json",
    )  # fmt: skip
    answer = MockResponse(
        got["body"].encode(), status_code=got["status"], headers=got["headers"], content_type=got["type"]
    )
    found = []
    for validate, given in ((openapi.validate_request, (request,)), (openapi.validate_response, (request, answer))):
        if len(given) == 1 and got["status"] >= 300:
            continue
        try:
            validate(*given)
        except OpenAPIError as error:
            reasons = getattr(error.__cause__, "schema_errors", None) or [error.__cause__ or error]
            found += [
                f"{sent['method']} {sent['path']} {got['status']}: {str(one).splitlines()[0][:300]}" for one in reasons
            ]
    return found


def main() -> None:
    """Print every objection, then how many exchanges were looked at."""
    contract: dict[str, Any] = {}
    looked = 0
    for line in map(json.loads, sys.stdin):
        if "document" in line:
            contract = line
            continue
        looked += 1
        for one in objections(_made(contract["document"]), line):
            print(f"{contract['name']}: {one}")  # noqa: T201
    print(f"{looked} exchanges")  # noqa: T201


if __name__ == "__main__":
    main()
