"""Making the answer to a visit: from kept bytes, by Flask, or by the fault that it meets."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from flask import Flask

from mock_oms.contract.showing import Shown
from mock_oms.faults.fault import Effect
from mock_oms.faults.spoiling import reshaped, spoiled
from mock_oms.faults.standing import Met
from mock_oms.front.bodies import CLOSE
from mock_oms.front.gate import Witness
from mock_oms.front.hinting import hint_of
from mock_oms.front.lane import FastLane, Kept, Key, key_of
from mock_oms.front.messages import Headers, Outgoing, on_the_wire
from mock_oms.front.protocol import packed
from mock_oms.front.visit import Visit
from mock_oms.front.wsgi import FlaskSide
from mock_oms.line import HEADER, NO_WORLD, line_text
from mock_oms.meters import Tally
from mock_oms.operations import Operation
from mock_oms.web.failing import TOO_LARGE, failing_answer
from mock_oms.web.rest_framework import indented
from mock_oms.web.state import WORLDS
from mock_oms.web.vendor import LIST

_NAME = HEADER.lower().encode()
_ASSUMED = b"x-mock-assumed"
_OK = 200
_READS = frozenset({"GET", "HEAD"})
#: How an answer begins that is not compact.
_INDENT = re.compile(rb"[\[{]\n( +)")


@dataclass(frozen=True, slots=True)
class Made:
    """An answer. `performed`: the fault that wanted to spoil it could, because it was a success."""

    answer: Outgoing
    hint: str | None = None
    performed: bool = True
    kept: Kept | None = None


class Answering:
    """Answers vendor requests. `says_world`: answers name in a header their world and instant.

    `shown` knows what they show that is assumed, which another header tells (None: it does not).
    """

    def __init__(self, app: Flask, *, says_world: bool, shown: Shown | None = None) -> None:
        self.flask, self.lane = FlaskSide(app), FastLane()
        self._says_world, self._shown = says_world, shown

    def named(self, line: str | None, now: datetime, events: int) -> Headers:
        """The header that names an instant of a world, whose `line` was read before it; None: it is of no world."""
        if not self._says_world:
            return []
        text = NO_WORLD if line is None else line_text(line, now, events)
        return [(_NAME, text.encode())]

    async def made(self, visit: Visit, met: Met | None) -> Made:
        """The answer to a visit that meets a fault, or none."""
        effect = met.effect if met else None
        if effect is not None and effect.status is not None:
            answer = self._failing(visit, effect.status, effect.retry_after)
            return Made(answer, hint_of(visit, answer, met))
        key = None if visit.lease is None else key_of(visit.lease.world, visit.scope, visit.fields)
        if key is not None and not (effect and _spoils(effect)):
            kept = self._kept(key, visit)
            visit.gate.simulation.meters.count(Tally.CACHE, "lane", "hit" if kept else "miss")
            if kept is not None:
                return kept
        made = await self.flask.run(partial(self._asked, visit, met, key))
        if key is not None and made.kept is not None:
            self.lane.keep(key, made.kept)
        return made

    def _assumed(self, visit: Visit, status: int) -> Headers:
        """The header that names what an answer of this status shows and nobody has seen in a real OMS."""
        asked = visit.record.aim.operation
        if self._shown is None or asked is None:
            return []
        said = self._shown.of(visit.gate.answers, asked, status)
        return [(_ASSUMED, said.encode())] if said else []

    def _kept(self, key: Key, visit: Visit) -> Made | None:
        line, (world, now) = key.world.line, key.world.glance(visit.record.arrived)
        kept = self.lane.find(key, world.contents, now)
        if kept is None or not visit.gate.passes():
            return None
        visit.record.state, visit.record.at = kept.state, now
        return Made(kept.answer(self.named(line, now, world.events)), kept.hint)

    def too_large(self, visit: Visit) -> Made:
        """The answer to a request whose body is refused unread; its connection ends."""
        headers = [*on_the_wire(TOO_LARGE.headers), *self._named(visit), CLOSE]
        answer = Outgoing(status=TOO_LARGE.status, headers=headers, body=TOO_LARGE.body)
        return Made(answer, hint_of(visit, answer, None))

    def _failing(self, visit: Visit, status: int, wait: int) -> Outgoing:
        view = visit.record.aim.view or LIST
        lease = visit.lease
        auth = "token" if lease is None else lease.world.origin.scenario.answers.auth
        answer = failing_answer(status, allow=view.allow_header, auth=auth, retry_after=wait)
        headers = on_the_wire(answer.headers) + self._named(visit) + self._assumed(visit, status)
        return Outgoing(status=status, headers=headers, body=answer.body)

    def _named(self, visit: Visit) -> Headers:
        """The header of an answer that nobody behind us has made."""
        lease = visit.lease
        line = lease.world.line if lease else None
        events = lease.world.glance(visit.record.arrived)[0].events if lease else 0
        return self.named(line, visit.record.at, events)

    def _asked(self, visit: Visit, met: Met | None, key: Key | None) -> Made:
        """What Flask answers, spoilt as the fault wants it; in a thread."""
        answer = self.flask.answer(visit.scope, visit.body, {WORLDS: visit.gate})
        if self._shown is not None:  # before it is kept, so that what is kept has it
            answer = replace(answer, headers=answer.headers + self._assumed(visit, answer.status))
        witness = visit.gate.witness
        if witness is not None:
            _note(visit, witness, answer)
        if met is not None and _spoils(met.effect):
            if not _can_be_spoilt(visit, answer, met.effect):
                return Made(answer, hint_of(visit, answer, None), performed=False)
            whole = self._with_body(visit, answer)
            return Made(_spoilt(whole, met.effect, visit.gate.witness), hint_of(visit, answer, met))
        made = Made(answer, hint_of(visit, answer, met))
        # What is said of a fault is not true of the next request.
        if met is not None or key is None or witness is None or answer.status != _OK:
            return made
        return replace(made, kept=_kept(made, visit, witness))

    def _with_body(self, visit: Visit, answer: Outgoing) -> Outgoing:
        """The answer to GET instead of that to HEAD, whose headers must fit the body that it does not have."""
        if visit.scope["method"] != "HEAD":
            return answer
        return self.flask.answer({**visit.scope, "method": "GET"}, visit.body, {WORLDS: visit.gate})


def _spoils(effect: Effect) -> bool:
    return effect.body is not None or effect.shape is not None


def _can_be_spoilt(visit: Visit, answer: Outgoing, effect: Effect) -> bool:
    """Whether it is a success, and shows plans if they shall have another shape."""
    return answer.status == _OK and (effect.shape is None or visit.scope["method"] in _READS)


def _note(visit: Visit, witness: Witness, answer: Outgoing) -> None:
    """Write down of which instant the answer is, and in which state it shows its plan."""
    world = witness.reading.world
    visit.record.at = world.now if visit.lease else visit.record.arrived
    if answer.status == _OK and visit.record.aim.operation is Operation.DETAIL:
        visit.record.state = next((found[0].state for found in map(world.find, witness.rows) if found), None)


def _kept(made: Made, visit: Visit, witness: Witness) -> Kept | None:
    """The answer as it may be kept, if it is one of list or detail and its order cannot change by itself."""
    if not witness.rows and visit.record.aim.operation is not Operation.LIST:
        return None
    if not witness.reading.is_steady:
        return None
    headers = [one for one in made.answer.headers if one[0] != _NAME]
    return Kept(
        contents=witness.reading.world.contents,
        until=witness.reading.lasts(witness.rows),
        headers=headers,
        packed=packed(headers),
        body=made.answer.body,
        aim=visit.record.aim,
        state=visit.record.state,
        hint=made.hint,
    )


def _spoilt(answer: Outgoing, effect: Effect, witness: Witness | None) -> Outgoing:
    body, content_type = answer.body, answer.value(b"content-type") or ""
    if effect.body is not None:
        body, content_type = spoiled(effect.body, body, content_type)
    elif effect.shape is not None:
        body = _indented_as(body, reshaped(effect.shape, body, previous=witness.last_row_before() if witness else None))
    changed = {b"content-type": content_type.encode("latin-1"), b"content-length": str(len(body)).encode()}
    headers = [(name, changed.get(name, value)) for name, value in answer.headers]
    return Outgoing(status=answer.status, headers=headers, body=body)


def _indented_as(before: bytes, body: bytes) -> bytes:
    found = _INDENT.match(before)
    return indented(body, len(found[1])) if found else body
