"""The first request of all, which nobody makes: it takes the time that every first one takes, before a client waits."""

from dataclasses import replace
from time import perf_counter

from mock_oms.front.aim import aim_of
from mock_oms.front.answering import Answering
from mock_oms.front.gate import Gate
from mock_oms.front.messages import Scope
from mock_oms.front.record import Record
from mock_oms.front.request import fields_of
from mock_oms.front.visit import Visit
from mock_oms.journal.redaction import Redactor
from mock_oms.simulation import Simulation
from mock_oms.store import DEFAULT
from mock_oms.traffic import Traffic
from mock_oms.web.vendor import PLANS

_SCHEMES = {"bearer": "Bearer"}


async def warm(answering: Answering, simulation: Simulation, redactor: Redactor) -> None:
    """Have an answer made about one plan of the default world, in a list and alone.

    It meets a journal, faults and limits of its own, and nobody writes it down; what is answered does not matter.
    """
    lease = simulation.lease(DEFAULT)
    lease = replace(lease, traffic=Traffic(lease.world.origin))
    reading = lease.world.reading()
    scheme = _SCHEMES.get(reading.answers.auth, "Token")
    asked = [(f"{PLANS}/", f"{reading.answers.page_size_parameter}=1")]
    for path, query in (*asked, *((f"{PLANS}/{plan}/", "") for plan in reading.rows(1, 1))):
        scope, now = _scope(path, query, f"{scheme} {lease.token}"), simulation.time()
        record = Record(redactor, scope, None, lease.traffic.journal.next_number(), now, "")
        record.aim = aim_of(scope)
        gate = Gate(simulation, lease.token, lease, now)
        visit = Visit(scope=scope, fields=fields_of(scope), body=b"", gate=gate, record=record, started=perf_counter())
        await answering.made(visit, None)


def _scope(path: str, query: str, authorization: str) -> Scope:
    """A request with a field that keeps its answer from being kept."""
    headers = [
        (b"host", b"localhost"),
        (b"accept", b"*/*"),
        (b"authorization", authorization.encode("latin-1")),
        (b"content-length", b"0"),
    ]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": headers,
    }
