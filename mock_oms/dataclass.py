"""The standard library's `dataclass`, except that a method is compiled when it is first called.

Compiling six methods for each of our 200 classes takes a sixth of a start; most of them are not called before it ends.
Who derives from such a class takes this decorator as well: to the standard library's a frozen one is not frozen.
"""

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, fields, make_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["dataclass"]

_T = TypeVar("_T")


def _dataclass(
    *,
    frozen: bool = False,
    slots: bool = False,
    kw_only: bool = False,
    eq: bool = True,
    repr: bool = True,  # noqa: A002  theirs
) -> Callable[[type[_T]], type[_T]]:
    """As `dataclasses.dataclass`, with those of its options that are used here."""

    def decorate(bare: type[_T]) -> type[_T]:
        made: type[_T] = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(bare)
        methods: dict[str, Any] = {**(_FROZEN if frozen else {}), **(_COPIED if frozen and slots else {})}
        methods["__init__"] = _Uncompiled(made, "__init__", _compiled_init)
        for wanted, name in ((repr, "__repr__"), (eq, "__eq__"), (eq and frozen, "__hash__")):
            if wanted:
                methods[name] = _Uncompiled(made, name, _compiled)
        if eq and not frozen:
            methods["__hash__"] = None
        for name, method in methods.items():
            # Python itself puts None beside an `__eq__` of the class.
            if vars(made).get(name) is None:
                setattr(made, name, method)
        return made

    return decorate


class _Uncompiled:
    """A method that is compiled when somebody looks for it, and then takes this one's place.

    Two threads may do so at once: either's result will do.
    """

    __slots__ = ("_compile", "_name", "_owner")

    def __init__(self, owner: type, name: str, compiled: Callable[[type, str], Any]) -> None:
        self._owner, self._name, self._compile = owner, name, compiled

    def __get__(self, instance: object, kind: type | None = None) -> Any:  # noqa: ANN401  a function or a method
        method = self._compile(self._owner, self._name)
        setattr(self._owner, self._name, method)
        return method.__get__(instance, kind)


def _compiled(kind: type, name: str) -> Any:  # noqa: ANN401  a function
    """A method that depends on the fields alone, as the standard library makes it."""
    if name == "__repr__":
        made = make_dataclass(kind.__name__, [(one.name, one.type, one) for one in fields(kind)], init=False, eq=False)
        return made.__repr__
    if name == "__hash__":
        counted = (one for one in fields(kind) if (one.compare if one.hash is None else one.hash))
        return _function(kind, name, "self", [f"return hash(({''.join(f'self.{one.name},' for one in counted)}))"], {})
    mine, theirs = (
        "".join(f"{whose}.{one.name}," for one in fields(kind) if one.compare) for whose in ("self", "other")
    )
    same = f"return ({mine}) == ({theirs}) if other.__class__ is self.__class__ else NotImplemented"
    return _function(kind, name, "self, other", [same], {})


def _compiled_init(kind: type, name: str) -> Any:  # noqa: ANN401  a function
    """An `__init__` as the standard library makes it, but that fields are set by their slots where others cannot set them."""
    is_frozen = vars(kind).get("__setattr__") is _refuse_to_set
    known: dict[str, Any] = {"MISSING": MISSING}
    arguments: dict[bool, list[str]] = {False: [], True: []}
    lines = []
    for one in fields(kind):
        value, default = one.name, ""
        if one.default_factory is not MISSING:
            known[f"_new_{one.name}"] = one.default_factory
            value, default = f"_new_{one.name}()", "=MISSING"
            if one.init:
                value = f"{value} if {one.name} is MISSING else {one.name}"
        elif one.default is not MISSING:
            known[f"_default_{one.name}"] = one.default
            value, default = one.name if one.init else f"_default_{one.name}", f"=_default_{one.name}"
        elif not one.init:
            continue
        if one.init:
            arguments[bool(one.kw_only)].append(f"{one.name}{default}")
        if is_frozen:
            known[f"_set_{one.name}"] = _setter(kind, one.name)
        lines.append(f"_set_{one.name}(self, {value})" if is_frozen else f"self.{one.name} = {value}")
    if hasattr(kind, "__post_init__"):
        lines.append("self.__post_init__()")
    named = ["*", *arguments[True]] if arguments[True] else []
    head = ", ".join(["self", *arguments[False], *named])
    method = _function(kind, name, head, lines or ["pass"], known)
    method.__annotations__ = {one.name: one.type for one in fields(kind) if one.init} | {"return": None}
    return method


def _setter(kind: type, name: str) -> Callable[[object, object], None]:
    slot = getattr(kind, name, None)
    return (
        slot.__set__ if inspect.ismemberdescriptor(slot) else lambda self, value: object.__setattr__(self, name, value)
    )


def _function(kind: type, name: str, head: str, lines: list[str], names: dict[str, Any]) -> Any:  # noqa: ANN401  it
    exec(f"def {name}({head}):\n " + "\n ".join(lines), names)  # noqa: S102  names of fields, nothing that was read
    method = names[name]
    method.__qualname__, method.__module__ = f"{kind.__qualname__}.{name}", kind.__module__
    return method


def _refuse_to_set(self: object, name: str, value: object) -> None:  # noqa: ARG001  Python's signature
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:  # noqa: ARG001  Python's signature
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:  # noqa: ANN401  a dataclass
    return [getattr(self, one.name) for one in fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:  # noqa: ANN401  a dataclass
    for one, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, one.name, value)


#: What every frozen class has; and one with slots, for copies.
_FROZEN = {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
_COPIED = {"__getstate__": _state, "__setstate__": _set_state}

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass
