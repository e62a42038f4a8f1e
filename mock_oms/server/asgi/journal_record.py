"""What the journal gets of a request: written before its answer leaves, made an entry only when somebody reads it."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from mock_oms.server.asgi.connection import Headers, Outgoing, Scope
from mock_oms.server.asgi.request import RequestTarget
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.traffic.journal.redaction import Redactor

if TYPE_CHECKING:
    from mock_oms.traffic.faults.active import MetFault

#: Visible ASCII without blanks.
_REQUEST_ID = re.compile("[!-~]{1,128}")


class JournalRecord:
    """A request and what was answered, without the body: the ring of a busy world would hold hundreds of megabytes.

    Thousands are written each second, so it only holds on to what there is anyway. `status` None: no status line is
    sent. `at` is world time, `arrived` wall time, `duration` in seconds. `given` is the id that the client gave, as
    sent and until somebody looks at it, `made` the one that holds where this is none.
    """

    __slots__ = (
        "aim", "arrived", "at", "duration", "given", "headers", "hint", "made", "met", "number", "redactor", "scope",
        "size", "state", "status", "world",
    )  # fmt: skip

    def __init__(
        self, redactor: Redactor, scope: Scope, world: str | None, number: int, arrived: datetime, made: str
    ) -> None:
        self.redactor, self.scope, self.world, self.number, self.arrived = redactor, scope, world, number, arrived
        self.made = made
        self.given: bytes | None = None
        self.at = arrived
        self.aim = _NOWHERE
        self.state: str | None = None
        self.status: int | None = None
        self.headers: Headers = []
        self.size = 0
        self.met: MetFault | None = None
        self.hint: str | None = None
        self.duration = 0.0

    def answered(self, answer: Outgoing) -> None:
        """Write down what is answered."""
        self.status, self.headers, self.size = answer.status, answer.headers, len(answer.body)

    @property
    def request_id(self) -> str:
        """The id of the request, without a secret."""
        given = self.given
        if given is not None:
            # Several threads may do it at once: each comes to the same, and none sees less than all of it.
            text = given.decode("latin-1")
            if _REQUEST_ID.fullmatch(text):
                self.made = self.redactor.redacted_id(text, self.scope["headers"])
            self.given = None
        return self.made

    @property
    def fault(self) -> str | None:
        """The name of the fault that was met."""
        return None if self.met is None else self.met.effect.name

    def entry(self) -> JournalEntry:
        """Everything about the request, without a secret."""
        scope, (headers, answered) = self.scope, map(self.redactor.redacted, (self.scope["headers"], self.headers))
        return JournalEntry(
            number=self.number,
            request_id=self.request_id,
            world=self.world,
            at=self.at,
            wall=self.arrived,
            method=scope["method"],
            path=self.redactor.without_known(scope["raw_path"].decode("latin-1")),
            query=self.redactor.redacted_query(scope["query_string"].decode("latin-1")),
            operation=self.aim.operation,
            plan=self.aim.plan,
            page=self.aim.page,
            state=self.state,
            status=self.status,
            fault=self.fault,
            fault_id=self.met.id if self.met else None,
            duration=self.duration,
            size=self.size,
            client=client_of(scope),
            user_agent=dict(headers).get("user-agent", ""),
            headers=headers,
            answer_headers=answered,
            retry_after=_seconds(dict(answered).get("retry-after", "")),
            location=dict(answered).get("location"),
            hint=self.hint,
            gave_up=None,
        )


def _seconds(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def client_of(scope: Scope) -> str:
    """The client's address and port."""
    address = scope.get("client")
    return f"{address[0]}:{address[1]}" if address else ""


_NOWHERE = RequestTarget()
