"""The commands of a plan in the four forms that the vendor's documents allow."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from marshmallow import fields

from mock_oms.domain.lifecycle import State, Transition, commands_in
from mock_oms.wire.encoding import JsonObject, encode
from mock_oms.wire.shape import Shape


class CommandShape(Shape):
    """A transition as the vendor documents it for packages (a); that plans use the same is ours (c)."""

    id = fields.Integer()
    name = fields.String()
    slug = fields.String()
    command_code = fields.Function(lambda command: command.slug.replace("-", "_"))
    source_state = fields.String(attribute="source")
    destination_state = fields.String(attribute="target")


def _objects(commands: tuple[Transition, ...]) -> list[JsonObject]:
    rows: list[JsonObject] = CommandShape(many=True).dump(commands)
    return rows


def _json(commands: tuple[Transition, ...]) -> str:
    return encode(_objects(commands)).decode()


def _empty(commands: tuple[Transition, ...]) -> list[JsonObject]:  # noqa: ARG001 - whatever is legal, the samples say []
    return []


def _comma(commands: tuple[Transition, ...]) -> str:
    return ",".join(command.slug for command in commands)


#: The values of the switch `commands`.
_FORMS: Mapping[str, Callable[[tuple[Transition, ...]], object]] = MappingProxyType(
    {"objects": _objects, "empty": _empty, "json": _json, "comma": _comma}
)


def commands_by_state(form: str) -> dict[State, object]:
    """What `commands` holds in each state, in one of the four forms."""
    return {state: _FORMS[form](commands_in(state)) for state in State}
