"""The faults and limits of a world."""

from collections.abc import Iterable
from dataclasses import fields
from http import HTTPStatus
from typing import Any

from flask import Response

from mock_oms.api.control import schemas
from mock_oms.api.control.errors import InvalidFieldsError, ProblemError
from mock_oms.api.control.routes import Routes, leased, world_time
from mock_oms.api.state import current_state
from mock_oms.scenarios.schema import LIMITS_SCHEMA, without_defaults
from mock_oms.text import nearest_clause
from mock_oms.traffic.faults.active import BY_HAND, ActiveFault, UnknownFaultError
from mock_oms.traffic.faults.fault import Fault
from mock_oms.traffic.faults.limits import Limits
from mock_oms.worlds.leases import Lease

_FAULT = {"on": "list", "status": 503, "retry_after": 3, "times": 2}
_LIMITS = {"quota": {"limit": 100, "window": "1m"}}

faults = Routes("faults", "The faults and limits of a world.", of_a_world=True)


@faults.handles("GET", "/faults", schemas.FaultList)
def list_faults(world: str) -> dict[str, Any]:
    """The active faults, in the order in which requests are compared with them."""
    active = _active(leased(world))
    performs = current_state().performs
    performed = bool(performs) and all(one.fault.effect.kinds <= performs for one in active)
    return {"performed": performed, "faults": list(map(_fault_body, active))}


@faults.handles("POST", "/faults", schemas.Added, status=201, body=(schemas.Addition, _FAULT), refuses=(409, 429, 503))
def add_fault(wanted: Fault | str, world: str) -> dict[str, Any]:
    """Add a fault as a scenario has it, or the faults and limits of a profile.

    Limits that the profile does not name stay. One that this server cannot perform is 409.
    """
    lease = leased(world)
    if isinstance(wanted, Fault):
        found, limits, origin = [wanted], Limits(), BY_HAND
    else:
        profiles = current_state().library.profiles_of(lease.world.origin.scenario)
        profile = profiles.load([wanted]).get(wanted)
        if profile is None:
            sentence = f"there is no profile {wanted[:80]}{nearest_clause(wanted, profiles.names())}."
            raise InvalidFieldsError({"profile": [sentence]})
        found, limits = [one.fault for one in profile.faults], profile.document.limits
        origin = f"profile {profile.name}"
    _refuse_unperformed(found, limits)
    before = lease.traffic.limits
    merged = Limits(**{one.name: getattr(limits, one.name) or getattr(before, one.name) for one in fields(Limits)})
    added = lease.traffic.add(found, world_time(lease), origin, None if limits == Limits() else merged)
    return {"faults": list(map(_fault_body, added)), "limits": without_defaults(limits)}


@faults.handles("DELETE", "/faults", status=204, refuses=(503,))
def clear_faults(world: str) -> Response:
    """Take all faults away; limits stay."""
    leased(world).traffic.clear()
    return Response(status=204)


@faults.handles("GET", "/faults/<number:fault>", schemas.StandingFault)
def show_fault(world: str, fault: int) -> dict[str, Any]:
    """A fault, with how many requests it was for and how many met it."""
    active = _active(leased(world))
    found = next((one for one in active if one.id == fault), None)
    if found is None:
        raise UnknownFaultError(fault, (one.id for one in active))
    return _fault_body(found)


@faults.handles("DELETE", "/faults/<number:fault>", status=204, refuses=(503,))
def remove_fault(world: str, fault: int) -> Response:
    """Take a fault away; its id is not given again."""
    leased(world).traffic.remove(fault)
    return Response(status=204)


@faults.handles("GET", "/limits", LIMITS_SCHEMA)
def show_limits(world: str) -> dict[str, Any]:
    """The quota, the life of the token and the logins that are allowed; what is not there is not limited."""
    return without_defaults(leased(world).traffic.limits)


@faults.handles("PUT", "/limits", LIMITS_SCHEMA, optional_body=(LIMITS_SCHEMA, _LIMITS), refuses=(409, 503))
def set_limits(wanted: Limits, world: str) -> dict[str, Any]:
    """Let these limits hold instead of those before, and count again; `{}` lifts all."""
    lease = leased(world)
    _refuse_unperformed([], wanted)
    lease.traffic.limit(wanted, world_time(lease))
    return without_defaults(lease.traffic.limits)


def _active(lease: Lease) -> tuple[ActiveFault, ...]:
    return lease.traffic.active(world_time(lease))


def _refuse_unperformed(found: Iterable[Fault], limits: Limits) -> None:
    performs = current_state().performs
    missing = {kind for one in found for kind in one.effect.kinds - performs}
    missing |= {"limits"} if limits != Limits() and not performs else set()
    if missing:
        why = f"it performs {', '.join(sorted(performs))}" if performs else "there is no front before this app"
        raise ProblemError(
            HTTPStatus.CONFLICT,
            f"This server cannot perform {', '.join(sorted(missing))}: {why}; start the mock with mock-oms serve.",
        )


def _fault_body(one: ActiveFault) -> dict[str, Any]:
    beside = {"id": one.id, "origin": one.origin, "since": one.since, "seen": one.seen, "met": one.met}
    return {**beside, **without_defaults(one.fault)}
