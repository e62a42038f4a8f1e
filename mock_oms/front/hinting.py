"""What a hint is made from: a visit, its answer, and whom to ask."""

from urllib.parse import parse_qsl

from mock_oms.faults.standing import Met
from mock_oms.front.messages import Outgoing
from mock_oms.front.visit import Visit
from mock_oms.journal.filters import Filter
from mock_oms.journal.hints import Facts, hint
from mock_oms.operations import Operation
from mock_oms.web.pagination import page_size

_REDIRECT = 300
#: Digits that an id has at most; Python refuses to read numbers of many thousands.
_LONGEST_ID = 19


def hint_of(visit: Visit, answer: Outgoing, met: Met | None) -> str | None:
    """One sentence on what was probably meant; None where nothing went wrong and nothing was ignored."""
    if met is None and answer.status < _REDIRECT and not visit.scope["query_string"]:
        return None
    said = hint(_facts(visit, answer, met))
    return None if said is None else visit.record.redactor.without_known(said)


def _facts(visit: Visit, answer: Outgoing, met: Met | None) -> Facts:
    scope, aim, gate = visit.scope, visit.record.aim, visit.gate
    simulation, lease = gate.simulation, gate.lease
    return Facts(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=visit.body,
        status=answer.status,
        answer=answer.body,
        operation=aim.operation,
        plan=aim.plan,
        answers=gate.answers,
        known_token=lease is not None and lease.token == gate.token,
        worlds=[one.world.origin.name for one in simulation.leases()],
        pages=_pages(visit),
        fault=met.effect.name if met else None,
        fault_origin=_origin(visit, met),
        fault_id=met.id if met else None,
        limit=gate.limit,
        worlds_with=lambda plan: _worlds_with(visit, plan),
        plan_of_order=lambda text: _plan_of_order(visit, text),
        last_served=lambda page: _last_served(visit, page),
    )


def _origin(visit: Visit, met: Met | None) -> str:
    """Where the fault comes from, in words."""
    standing = visit.lease.traffic.faults if visit.lease and met else ()
    return next((f"the {one.origin}" for one in standing if met and one.id == met.id), "the token")


def _worlds_with(visit: Visit, plan: int) -> list[str]:
    others = (one.world for one in visit.gate.simulation.leases() if one is not visit.lease)
    return [world.origin.name for world in others if plan in world.glance(visit.record.arrived)[0]]


def _last_served(visit: Visit, page: int) -> int | None:
    """The number of the newest request that got this page of the list."""
    entries = visit.journal.page(Filter(operation=Operation.LIST, status=200), visit.journal.size).entries
    return next((one.number for one in reversed(entries) if one.page == page), None)


def _plan_of_order(visit: Visit, text: str) -> int | None:
    """The stored plan whose order has this id."""
    if visit.lease is None or not text.isdecimal() or len(text) > _LONGEST_ID:
        return None
    plans = visit.lease.world.glance(visit.record.arrived)[0].contents.plans.values()
    return next((plan.id for plan in plans if plan.order == int(text)), None)


def _pages(visit: Visit) -> int | None:
    """How many pages the list has, in the size that was asked for."""
    witness = visit.gate.witness
    if witness is None or visit.record.aim.operation is not Operation.LIST:
        return None
    parameters = dict(parse_qsl(visit.scope["query_string"].decode("latin-1")))
    return max(1, -(-witness.count // page_size(parameters, witness.answers)))
