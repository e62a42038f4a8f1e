"""The shapes of what the control API tells of faults, requests and clients."""

from typing import Any, get_args

from marshmallow import fields

from mock_oms.domain.lifecycle import State
from mock_oms.journal.findings import Judgement
from mock_oms.operations import Operation
from mock_oms.scenario.derive import Strict
from mock_oms.scenario.fault_words import FAULT_SCHEMA, LIMITS_SCHEMA
from mock_oms.scenario.fields import Choice, MapOf, Text, Whole, YesNo
from mock_oms.web.control.shapes import Shape
from mock_oms.web.control.values import Moment

_MANY = 2**53


def _count(**more: Any) -> Whole:
    return Whole(0, _MANY, required=True, **more)


def _many(schema: type[Strict]) -> fields.List[Any]:
    return fields.List(fields.Nested(schema), required=True)


def _headers() -> fields.List[Any]:
    return fields.List(fields.List(Text()), required=True)


#: A fault, and beside its own keys whose it is, since when, how many requests it was for and how many met it.
StandingFault = type(
    "StandingFault",
    (FAULT_SCHEMA,),
    {
        "id": Whole(1, _MANY, required=True),
        "origin": Text(required=True),
        "since": Moment(required=True),
        "seen": _count(),
        "met": _count(),
    },
)


class FaultList(Shape):
    """The faults of a world. `performed`: whether this server performs all of them."""

    performed = YesNo(required=True)
    faults = _many(StandingFault)


class Added(Shape):
    """The faults that were added, and the limits that were set with them."""

    faults = _many(StandingFault)
    limits = fields.Nested(LIMITS_SCHEMA, required=True)


class Request(Shape):
    """A vendor request with its answer, without secrets. `at` is world time, `wall` real time, `duration` in seconds.

    `request_id` is what `X-Request-Id` said, or made up. `status` null: no status line was sent. `world` null: nobody
    knows the token. `gave_up`: after so many seconds the client hung up on an answer that was held back.
    """

    number = Whole(1, _MANY, required=True)
    request_id = Text(required=True)
    world = Text(required=True, allow_none=True)
    at = Moment(required=True)
    wall = Moment(required=True)
    method = Text(required=True)
    path = Text(required=True)
    query = Text(required=True)
    operation = Choice(Operation, required=True, allow_none=True)
    plan = Whole(-(10**20), 10**20, required=True, allow_none=True)
    page = Whole(-(10**20), 10**20, required=True, allow_none=True)
    state = Choice(State, required=True, allow_none=True)
    status = Whole(100, 599, required=True, allow_none=True)
    fault = Text(required=True, allow_none=True)
    fault_id = _count(allow_none=True)
    duration = fields.Float(required=True)
    size = _count()
    client = Text(required=True)
    user_agent = Text(required=True)
    headers = _headers()
    answer_headers = _headers()
    retry_after = _count(allow_none=True)
    location = Text(required=True, allow_none=True)
    hint = Text(required=True, allow_none=True)
    gave_up = fields.Float(required=True, allow_none=True)


class RequestList(Shape):
    """Requests, the oldest first: the newest of the `matched` ones that are kept.

    `total` is how many there were since the journal was cleared, `evicted` how many of these are kept no longer.
    """

    total = _count()
    evicted = _count()
    matched = _count()
    requests = _many(Request)


class Near(Shape):
    """A request that is nearly the expected one, and what is different about it."""

    differs = fields.List(Text(), required=True)
    request = fields.Nested(Request, required=True)


class Verified(Shape):
    """Requests were made as expected. `found`: how many were of the kind that was said, or steps of the order."""

    ok = YesNo(required=True)
    reason = Text(required=True)
    found = _count()
    evicted = _count()


class Finding(Shape):
    """What a check of a client found, and the numbers of the requests that show it."""

    check = Text(required=True)
    verdict = Choice(get_args(Judgement), required=True)
    sentence = Text(required=True)
    numbers = fields.List(Whole(1, _MANY), required=True)


class Client(Shape):
    """A client: a user agent at an address, what it asked for how often, and how it behaves."""

    user_agent = Text(required=True)
    address = Text(required=True)
    requests = _count()
    operations = MapOf(keys=Text(), values=Whole(0, _MANY), required=True)
    findings = _many(Finding)


class Report(Shape):
    """Every client of a world, the busiest first; of requests that are `evicted` nobody knows whose they were."""

    evicted = _count()
    clients = _many(Client)
