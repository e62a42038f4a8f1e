"""Events written down in the words of a timeline, and read again: for logs, snapshots and other processes."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from mock_oms.domain.events import Event, word_of
from mock_oms.scenario.schema import EVENT_SCHEMAS, spelled_out


def write_event(event: Event) -> dict[str, Any]:
    """An event as JSON, `{word: {key: value}}`, without the keys that have their default."""
    given = {one.name: getattr(event, one.name) for one in fields(event) if getattr(event, one.name) != one.default}
    return {word_of(event): {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()}}


def read_event(written: Mapping[str, Any]) -> Event:
    """The event that was written down.

    :raises marshmallow.ValidationError: it is none of the vocabulary.
    """
    ((word, given),) = written.items()
    schema = EVENT_SCHEMAS[word]()
    event: Event = schema.load(spelled_out(schema, given))
    return event
