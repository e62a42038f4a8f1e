"""What happens to a world from outside: its log, and more of it."""

from typing import Any

from mock_oms.domain.events import Event
from mock_oms.web.control import asked, facts, told
from mock_oms.web.control.routes import leased, routes

events = routes("events", "What happens to a world from outside, in the words of a timeline.")


@events.route("/worlds/<world:world>/events")
@events.response(200, told.Log)
@events.of_a_world
def show_log(world: str) -> dict[str, Any]:
    """Every event since the beginning, in its order."""
    return {"events": [facts.of_entry(entry) for entry in leased(world).world.instant().log]}


@events.route("/worlds/<world:world>/events", methods=["POST"])
@events.reads(asked.Event, {"block": "WH001"})
@events.response(201, told.EventTaken)
@events.of_a_world
@events.refuses(409, 429, 503)
def add_event(event: Event, world: str) -> dict[str, Any]:
    """Let an event happen now. One that contradicts the world is 409; one with a name it does not have, 422."""
    passage = leased(world).world.apply(event)
    return {"number": passage.world.events, "at": passage.world.now, "transitions": facts.of_passage(passage)}
