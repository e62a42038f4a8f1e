"""Exchanges that nobody made, for what looks at exchanges."""

from datetime import UTC, datetime, timedelta

from mock_oms.conformance.crawl import Exchange

NOW = datetime(2024, 3, 5, 9, tzinfo=UTC)


def exchange(body: bytes, status: int = 200, target: str = "/api/v1/oms/orderexecutionplans/") -> Exchange:
    """An answer with this body."""
    return Exchange(
        number=1,
        method="GET",
        target=target,
        operation=None,
        status=status,
        headers=(("content-type", "application/json"),),
        body=body,
        sent_at=NOW,
        took=timedelta(milliseconds=3),
    )
