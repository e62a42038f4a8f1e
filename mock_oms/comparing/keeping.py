"""A portrait as a document that can be kept in a file, and back."""

from collections.abc import Mapping
from typing import Any

from mock_oms.comparing.portrait import Field, Portrait, Situation

Document = dict[str, Any]
#: What the file is, and of which make.
KIND = "mock-oms portrait 2"


class PortraitError(ValueError):
    """A document that is no portrait; the message says what is wrong with it."""


def kept(portrait: Portrait) -> Document:
    """As JSON: shapes, counts, names of members, words of the vendor; no value of any plan, and no address."""
    situations = {name: _kept_situation(one) for name, one in portrait.situations.items()}
    shown, notes = dict(portrait.shown), list(portrait.notes)
    return {"kind": KIND, "target": portrait.host, "shown": shown, "notes": notes, "situations": situations}


def is_kept(document: object) -> bool:
    """Whether a document says that it is a portrait, of whichever make."""
    return isinstance(document, Mapping) and str(document.get("kind", "")).startswith("mock-oms portrait")


def recalled(document: Mapping[str, Any]) -> Portrait:
    """A portrait from its document.

    :raises PortraitError: it is of another make, or was changed by hand so that it cannot be read.
    """
    if document.get("kind") != KIND:
        raise PortraitError(f"it says kind: {document.get('kind')!r}; accepted: {KIND!r}. Make it anew with --save-a.")
    try:
        situations = {str(name): _situation(one) for name, one in document["situations"].items()}
        notes = tuple(map(str, document["notes"]))
        host, shown = str(document["target"]), dict(document["shown"])
        return Portrait(target=host, host=host, situations=situations, shown=shown, notes=notes)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"it cannot be read ({type(error).__name__}: {error}). Make it anew with --save-a."
        raise PortraitError(message) from error


def _kept_situation(situation: Situation) -> Document:
    return {
        "request": situation.request,
        "asked": situation.asked,
        "statuses": {str(status): count for status, count in situation.statuses.items()},
        "headers": {name: sorted(values) for name, values in situation.headers.items()},
        "wording": sorted(situation.wording),
        "fields": {place: _kept_field(one) for place, one in situation.fields.items()},
    }


def _kept_field(field: Field) -> Document:
    """Most places have neither formats nor values to tell."""
    more = {"formats": dict(field.formats), "values": sorted(field.values)}
    return {"seen": field.seen, "types": dict(field.types), **{name: said for name, said in more.items() if said}}


def _situation(document: Mapping[str, Any]) -> Situation:
    return Situation(
        request=str(document["request"]),
        asked=int(document["asked"]),
        statuses={int(status): int(count) for status, count in document["statuses"].items()},
        headers={str(name): frozenset(values) for name, values in document["headers"].items()},
        fields={str(place): _field(one) for place, one in document["fields"].items()},
        wording=frozenset(document["wording"]),
    )


def _field(document: Mapping[str, Any]) -> Field:
    return Field(
        seen=int(document["seen"]),
        types={str(name): int(count) for name, count in document["types"].items()},
        formats={str(name): int(count) for name, count in document.get("formats", {}).items()},
        values=frozenset(document.get("values", ())),
    )
